//! How galleries look, in the database.

use sqlx::PgExecutor;

use super::{Appearance, accent};
use crate::{galleries::GalleryId, identity::AccountId};

/// How a gallery looks.
pub async fn find(db: impl PgExecutor<'_>, gallery: GalleryId) -> sqlx::Result<Option<Appearance>> {
    sqlx::query_as!(Appearance, "select layout, shows_camera from gallery where id = $1", gallery.0)
        .fetch_optional(db)
        .await
}

/// Changes how a gallery looks.
pub async fn update(db: impl PgExecutor<'_>, gallery: GalleryId, appearance: Appearance) -> sqlx::Result<()> {
    sqlx::query!(
        "update gallery set layout = $2, shows_camera = $3, updated_at = now() at time zone 'utc' where id = $1",
        gallery.0,
        appearance.layout.as_str(),
        appearance.shows_camera
    )
    .execute(db)
    .await
    .map(drop)
}

/// The colour of a photographer; the usual one where none was chosen.
pub async fn find_accent(
    db: impl PgExecutor<'_>,
    photographer: Option<AccountId>,
) -> sqlx::Result<&'static str> {
    let chosen = sqlx::query_scalar!(
        "select accent from brands where photographer_id = $1",
        photographer.map(|account| account.0)
    );
    Ok(accent(&chosen.fetch_optional(db).await?.unwrap_or_default()))
}

/// Chooses the colour of a photographer.
pub async fn update_accent(
    db: impl PgExecutor<'_>,
    photographer: AccountId,
    accent: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into brands (photographer_id, accent) values ($1, $2)
         on conflict (photographer_id) do update set accent = excluded.accent",
        photographer.0,
        accent
    )
    .execute(db)
    .await
    .map(drop)
}
