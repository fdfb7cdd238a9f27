//! Watermarks in the database.

use chrono::{DateTime, Utc};
use imaging::{Mark, Place};
use sqlx::{PgExecutor, PgTransaction};

use super::{ImageSize, Shown, Watermark, place_named};
use crate::{identity::AccountId, settings::store::hold_mark};

/// A watermark as it is stored.
pub struct Stored {
    /// What it looks like.
    pub watermark: Watermark,
    /// The PNG, where one was given.
    pub png: Option<Vec<u8>>,
    /// Its number.
    pub version: i64,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
}

/// The watermark of those who chose none.
pub struct Usual {
    /// Their name, or a text of the site.
    pub watermark: Watermark,
    /// Its number; 0 for the name.
    pub version: i64,
}

impl Stored {
    /// What is drawn over the photos of a photographer who chose this or nothing, and its number.
    pub fn mark(stored: Option<Self>, usual: &Usual, photographer: &str) -> (Mark, i64) {
        match stored {
            Some(Self { watermark, png, version, .. }) => (watermark.mark(photographer, png), version),
            None => (usual.watermark.mark(photographer, None), usual.version),
        }
    }
}

/// What a photographer chose, if anything.
pub async fn find(db: impl PgExecutor<'_>, owner: AccountId) -> sqlx::Result<Option<Stored>> {
    let row = sqlx::query!(
        "select kind, text, image as png, image_width, image_height, position, size,
            opacity, angle, margin, version, updated_at
         from watermarks where owner_id = $1",
        owner.0
    );
    Ok(row.fetch_optional(db).await?.map(|row| Stored {
        watermark: Watermark {
            shown: Shown::named(&row.kind).unwrap_or(Shown::Name),
            text: row.text,
            image: row.image_width.zip(row.image_height).map(|(width, height)| ImageSize { width, height }),
            position: place_named(&row.position).unwrap_or(Place::Tiled),
            size: row.size,
            opacity: row.opacity,
            angle: row.angle,
            margin: row.margin,
        },
        png: row.png,
        version: row.version,
        updated_at: row.updated_at,
    }))
}

/// The watermark of those who chose none.
pub async fn find_usual(db: impl PgExecutor<'_>) -> sqlx::Result<Usual> {
    let row = sqlx::query!("select mark_text, mark_version from site_settings").fetch_one(db).await?;
    Ok(Usual { watermark: Watermark::usual(row.mark_text), version: row.mark_version })
}

/// The number of what is drawn over the photos of an owner.
pub async fn find_version(db: impl PgExecutor<'_>, owner: AccountId) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select coalesce((select version from watermarks where owner_id = $1), mark_version) as "version!"
         from site_settings"#,
        owner.0
    )
    .fetch_one(db)
    .await
}

/// Until the transaction ends nobody else changes this photographer's watermark, and no photo is finished with it.
pub async fn lock(transaction: &mut PgTransaction<'_>, owner: AccountId) -> sqlx::Result<()> {
    sqlx::query_scalar!("select id from users where id = $1 for no key update", owner.0)
        .fetch_optional(&mut **transaction)
        .await
        .map(drop)
}

/// Until the transaction ends nobody changes this photographer's watermark or that of those who chose none; any number
/// of photos may be finished.
pub async fn hold(transaction: &mut PgTransaction<'_>, owner: AccountId) -> sqlx::Result<()> {
    hold_mark(transaction).await?;
    sqlx::query_scalar!("select id from users where id = $1 for share", owner.0)
        .fetch_optional(&mut **transaction)
        .await
        .map(drop)
}

/// Keeps a PNG without drawing it: nothing is made again.
pub async fn update_image(
    db: impl PgExecutor<'_>,
    owner: AccountId,
    watermark: &Watermark,
    size: ImageSize,
    png: &[u8],
) -> sqlx::Result<()> {
    let Watermark { shown, text, position, size: share, opacity, angle, margin, .. } = watermark;
    sqlx::query!(
        // The number of what is drawn already, where nothing was chosen before.
        "insert into watermarks (owner_id, kind, text, image, image_width, image_height, position, size, opacity, angle,
            margin, version)
         values ($1, $2, $11, $3, $4, $5, $6, $7, $8, $9, $10, (select mark_version from site_settings))
         on conflict (owner_id) do update set image = excluded.image, image_width = excluded.image_width,
            image_height = excluded.image_height, updated_at = now()",
        owner.0,
        shown.as_str(),
        png,
        size.width,
        size.height,
        position.name(),
        share,
        opacity,
        angle,
        margin,
        text.as_deref()
    )
    .execute(db)
    .await
    .map(drop)
}

/// Forgets what a photographer chose.
pub async fn delete(db: impl PgExecutor<'_>, owner: AccountId) -> sqlx::Result<bool> {
    let done = sqlx::query!("delete from watermarks where owner_id = $1", owner.0).execute(db).await?;
    Ok(done.rows_affected() > 0)
}

/// Another watermark, with a number of its own. A PNG that is given replaces the one that is there; without `image` in
/// the watermark there is none afterwards.
pub async fn update(
    db: impl PgExecutor<'_>,
    owner: AccountId,
    watermark: &Watermark,
    png: Option<&[u8]>,
) -> sqlx::Result<()> {
    let Watermark { shown, text, image, position, size, opacity, angle, margin } = watermark;
    sqlx::query!(
        "insert into watermarks (owner_id, kind, text, image, image_width, image_height, position, size, opacity,
            angle, margin)
         values ($1, $2, $3,
            -- Also a row that only takes the place of another one must be whole.
            case when $5::integer is not null
                then coalesce($4::bytea, (select image from watermarks where owner_id = $1)) end,
            $5, $6, $7, $8, $9, $10, $11)
         on conflict (owner_id) do update set kind = excluded.kind, text = excluded.text, image = excluded.image,
            image_width = excluded.image_width, image_height = excluded.image_height, position = excluded.position,
            size = excluded.size, opacity = excluded.opacity, angle = excluded.angle, margin = excluded.margin,
            version = excluded.version, updated_at = now()",
        owner.0,
        shown.as_str(),
        text.as_deref(),
        png,
        image.map(|image| image.width),
        image.map(|image| image.height),
        position.name(),
        size,
        opacity,
        angle,
        margin
    )
    .execute(db)
    .await
    .map(drop)
}
