//! What comes out of a decoder.

use anyhow::Context;
use imaging::{Emblem, Rendered};

use super::{deaths::Death, process::Failure};

/// What came out.
pub enum Outcome<T = Box<Rendered>> {
    /// What was wished for: all renditions, or a logo.
    Rendered(T),
    /// The file itself is at fault.
    Failed(Failure),
    /// The decoder did not survive the photo.
    Died(Death),
}

/// What a decoder made.
pub(super) enum Made {
    Renditions(Box<Rendered>),
    Emblem(Emblem),
}

impl Outcome<Made> {
    /// What was made, where it is what was wished for.
    pub(super) fn only<T>(self, wished: impl FnOnce(Made) -> Option<T>) -> anyhow::Result<Outcome<T>> {
        Ok(match self {
            Self::Rendered(made) => {
                Outcome::Rendered(wished(made).context("the decoder made something else")?)
            }
            Self::Failed(failure) => Outcome::Failed(failure),
            Self::Died(death) => Outcome::Died(death),
        })
    }
}
