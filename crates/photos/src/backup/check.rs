//! After both databases are restored: every file that a row names is there with the right bytes, and the secrets fit.

use std::path::Path;

use common::secrets::{Digest, Secrets};
use futures_util::{StreamExt, stream};
use sqlx::PgPool;

use super::{AT_ONCE, Named, copying::sum_of, store, sums::Sums};
use crate::{shares, storage::Storage};

/// Rows that are read together.
const BATCH: i64 = 5000;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Checked {
    pub files: u64,
    pub wrong: u64,
    /// Whether share links can be copied again; none where there are no links.
    pub secrets_fit: Option<bool>,
}

/// Reads every file that a row of the restored database names. Tells a line about each that is not as it was.
pub(super) async fn check(
    (place, name): (&Path, &str),
    db: &PgPool,
    storage: &Storage,
    secrets: &Secrets,
    mut tell: impl FnMut(String),
) -> anyhow::Result<Checked> {
    let sums = Sums::read(place, name)?;
    let mut checked = Checked::default();
    let mut after = String::new();
    loop {
        let rows = store::list_named(db, &after, BATCH).await?;
        let Some(last) = rows.last() else { break };
        after.clone_from(&last.key);
        let work = stream::iter(rows).map(async |named| (fault(&sums, storage, &named).await, named.key));
        let mut work = std::pin::pin!(work.buffer_unordered(AT_ONCE));
        while let Some((fault, key)) = work.next().await {
            checked.files += 1;
            if let Some(fault) = fault {
                checked.wrong += 1;
                let photo = store::find_photo(db, &key).await?;
                let photo = photo.map(|(id, name)| format!(", photo {id} “{name}”")).unwrap_or_default();
                tell(format!("{fault}: {key}{photo}"));
            }
        }
    }
    let sealed = store::list_sealed(db).await?;
    let opened = sealed.iter().any(|sealed| shares::can_open(secrets, sealed));
    checked.secrets_fit = (!sealed.is_empty()).then_some(opened);
    store::delete_holds(db).await?;
    Ok(checked)
}

async fn fault(sums: &Sums, storage: &Storage, named: &Named) -> Option<String> {
    let copied = sums.0.get(&Sums::path_of(&named.key));
    let is_right = |found: Digest| {
        copied.is_none_or(|sum| *sum == found) && named.sha256.is_none_or(|known| known == found)
    };
    match sum_of(storage, &named.key).await {
        Ok(Some(found)) if is_right(found) => None,
        Ok(Some(_)) => Some("altered".to_owned()),
        Ok(None) => Some("missing".to_owned()),
        Err(error) => Some(format!("unreadable ({error})")),
    }
}
