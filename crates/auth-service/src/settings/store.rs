//! The table `site_settings`: one row.

use common::identity::Role;
use sqlx::{PgExecutor, PgTransaction};

use super::Given;
use crate::registration::Mode;

/// What was set.
pub async fn find(db: impl PgExecutor<'_>) -> sqlx::Result<Given> {
    let row = sqlx::query!("select site_name, registration, registration_role from site_settings");
    let row = row.fetch_one(db).await?;
    Ok(given(row.site_name, row.registration.as_deref(), row.registration_role.as_deref()))
}

/// The same; nobody else changes it until the transaction ends.
pub async fn lock(transaction: &mut PgTransaction<'_>) -> sqlx::Result<Given> {
    let row = sqlx::query!("select site_name, registration, registration_role from site_settings for update");
    let row = row.fetch_one(&mut **transaction).await?;
    Ok(given(row.site_name, row.registration.as_deref(), row.registration_role.as_deref()))
}

/// Sets it; every process hears of that when the transaction commits.
pub async fn update(db: impl PgExecutor<'_>, given: &Given) -> sqlx::Result<()> {
    sqlx::query!(
        "update site_settings set site_name = $1, registration = $2, registration_role = $3, updated_at = now()",
        given.name.as_deref(),
        given.mode.map(Mode::as_str),
        given.role.map(Role::as_str)
    )
    .execute(db)
    .await
    .map(drop)
}

fn given(name: Option<String>, mode: Option<&str>, role: Option<&str>) -> Given {
    Given {
        name,
        mode: mode.and_then(|word| word.parse().ok()),
        role: role.and_then(|word| word.parse().ok()),
    }
}
