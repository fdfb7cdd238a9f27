//! How much room a photographer has for originals: what everybody has, or a quota of their own.

pub mod store;

use common::Result;
use sqlx::PgTransaction;

use crate::{app::App, identity::AccountId, statistics::chart::bytes_text, upload::Refused};

/// The reason of a file that does not fit.
pub const REASON: &str = "quota_exceeded";

const GIGABYTE: f64 = 1_000_000_000.0;

/// Room and what of it is in use, in bytes of originals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// In use, the trash included.
    pub used: i64,
    /// All of it; `None` without a limit.
    pub quota: Option<i64>,
}

/// An owner's own quota, else that of everybody; 0 means without a limit.
pub fn in_force(own: Option<i64>, usual: Option<i64>) -> Option<i64> {
    own.or(usual).filter(|bytes| *bytes > 0)
}

/// The room that an owner has.
pub async fn find(app: &App, owner: AccountId) -> Result<Room> {
    let own = store::find(&app.db, owner).await?;
    let quota = in_force(own, app.settings.current().quota_bytes);
    Ok(Room { used: store::sum_used(&app.db, owner).await?, quota })
}

/// The room, if a file that was just added to it in this transaction is too much. Whoever adds one meanwhile waits until
/// the transaction ends, so that what is in use never is more than the quota.
pub async fn find_exceeded(
    app: &App,
    transaction: &mut PgTransaction<'_>,
    owner: AccountId,
) -> Result<Option<Room>> {
    let own = store::find(&mut **transaction, owner).await?;
    let Some(quota) = in_force(own, app.settings.current().quota_bytes) else { return Ok(None) };
    store::lock(transaction, owner).await?;
    let used = store::sum_used(&mut **transaction, owner).await?;
    Ok((used > quota).then_some(Room { used, quota: Some(quota) }))
}

impl Room {
    /// Why a file of so many bytes is not taken, to the owner or to somebody who may upload for them.
    pub fn refusal(self, filename: String, size: u64, is_own: bool) -> Refused {
        let before = self.used.saturating_sub(i64::try_from(size).unwrap_or(i64::MAX)).max(0);
        let detail = if is_own {
            format!(
                "There is no room for this file: {} of your {} are in use. Delete photos and empty the trash, or ask \
                 an administrator for more room.",
                bytes_text(before),
                bytes_text(self.quota.unwrap_or_default())
            )
        } else {
            "The owner of this gallery has no room left for this file. Please tell them.".to_owned()
        };
        Refused { filename, reason: REASON, detail }
    }
}

/// What is said of a number of gigabytes that is none.
pub const NO_GIGABYTES: &str = "Please give gigabytes, such as 50 or 2.5, or leave this empty.";

/// The bytes of so many gigabytes (10⁹ bytes), with a point or a comma.
#[expect(clippy::cast_possible_truncation, reason = "in bounds, and a fraction of a byte is none")]
pub fn gigabytes(text: &str) -> Option<i64> {
    let number: f64 = text.trim().replace(',', ".").parse().ok()?;
    (0.0..=1e6).contains(&number).then_some((number * GIGABYTE) as i64)
}

/// As it is typed.
#[expect(clippy::cast_precision_loss, reason = "a number of gigabytes for people")]
pub fn gigabytes_text(bytes: i64) -> String {
    (bytes as f64 / GIGABYTE).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_of_ones_own_goes_before_that_of_everybody() {
        let cases = [
            ((None, None), None),
            ((None, Some(5)), Some(5)),
            ((Some(7), Some(5)), Some(7)),
            ((Some(0), Some(5)), None),
            ((Some(7), None), Some(7)),
        ];
        for ((own, usual), quota) in cases {
            assert_eq!(in_force(own, usual), quota, "{own:?} and {usual:?}");
        }
    }

    #[test]
    fn gigabytes_are_read_as_people_write_them() {
        for (text, bytes) in [
            ("50", Some(50_000_000_000)),
            ("2,5", Some(2_500_000_000)),
            ("0", Some(0)),
            ("-1", None),
            ("x", None),
        ] {
            assert_eq!(gigabytes(text), bytes, "{text}");
        }
        assert_eq!(gigabytes_text(2_500_000_000), "2.5");
    }
}
