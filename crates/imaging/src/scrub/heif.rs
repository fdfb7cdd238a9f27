//! HEIC and AVIF have no clean form yet.

use super::{Unclean, plan::Clean};

pub(super) fn announced(_bytes: &[u8]) -> bool {
    false
}

pub(super) fn plan(_bytes: &[u8]) -> Result<Clean, Unclean> {
    Err(Unclean::Damaged)
}
