//! Links of the earlier system go on working: their tokens stood there in clear, and are hashed and sealed at the start.

use common::secrets::{Secrets, sha256_hex};
use sqlx::PgPool;

use super::{SEAL, store};

/// So many rows are read at a time.
const BATCH: i64 = 500;

/// Converts every token that stands in clear; how many there were. Killed in between, it goes on at the next start; of
/// several processes each row is one's.
pub async fn adopt(db: &PgPool, secrets: &Secrets) -> sqlx::Result<u64> {
    let mut converted = 0;
    loop {
        let rows = store::list_in_clear(db, BATCH).await?;
        if rows.is_empty() {
            return Ok(converted);
        }
        for (link, token) in rows {
            let sealed = secrets.seal(SEAL, &token);
            converted += store::update_token(db, link, &token, &sha256_hex(&token), &sealed).await?;
        }
    }
}
