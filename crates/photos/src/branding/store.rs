//! Brands in the database.

use imaging::{Emblem, Tone};
use sqlx::PgExecutor;

use super::{ACCENTS, Brand, Change, Logo};
use crate::identity::AccountId;

/// What a photographer chose; the usual look where nothing was chosen.
pub async fn find(db: impl PgExecutor<'_>, photographer: Option<AccountId>) -> sqlx::Result<Brand> {
    let row = sqlx::query!(
        "select name, accent, logo_key, logo_width, logo_height, logo_tone, logo_is_gray
         from brands where photographer_id = $1",
        photographer.map(|account| account.0)
    );
    let Some(row) = row.fetch_optional(db).await? else { return Ok(Brand::default()) };
    let logo = row.logo_key.zip(row.logo_width).zip(row.logo_height).map(|((key, width), height)| Logo {
        key,
        width,
        height,
        tone: match row.logo_tone.as_deref() {
            Some("dark") => Tone::Dark,
            Some("light") => Tone::Light,
            _ => Tone::Any,
        },
        is_gray: row.logo_is_gray.unwrap_or_default(),
    });
    let accent = ACCENTS.into_iter().find(|known| *known == row.accent).unwrap_or(ACCENTS[0]);
    Ok(Brand { name: row.name, accent, logo })
}

/// What clients read as this account's name.
pub async fn find_shown_name(db: impl PgExecutor<'_>, photographer: AccountId) -> sqlx::Result<String> {
    sqlx::query_scalar!(r#"select coalesce(shown_name($1), '') as "name!""#, photographer.0)
        .fetch_one(db)
        .await
}

/// The file behind an address.
pub async fn find_logo(db: impl PgExecutor<'_>, key: &str) -> sqlx::Result<Option<Vec<u8>>> {
    let file = sqlx::query_scalar!(r#"select logo as "logo!" from brands where logo_key = $1"#, key);
    file.fetch_optional(db).await
}

/// The file of a photographer.
pub async fn find_own_logo(
    db: impl PgExecutor<'_>,
    photographer: AccountId,
) -> sqlx::Result<Option<Vec<u8>>> {
    let file = sqlx::query_scalar!(
        r#"select logo as "logo!" from brands where photographer_id = $1 and logo is not null"#,
        photographer.0
    );
    file.fetch_optional(db).await
}

/// Changes name and colour; what is `None` stays.
pub async fn update(db: impl PgExecutor<'_>, photographer: AccountId, change: &Change) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into brands (photographer_id, name, accent) values ($1, $2, coalesce($4, 'teal'))
         on conflict (photographer_id) do update set
            name = case when $3 then excluded.name else brands.name end, accent = coalesce($4, brands.accent)",
        photographer.0,
        change.name.as_ref().and_then(Option::as_deref),
        change.name.is_some(),
        change.accent
    )
    .execute(db)
    .await
    .map(drop)
}

/// Gives a photographer another logo, under a key of its own.
pub async fn update_logo(
    db: impl PgExecutor<'_>,
    photographer: AccountId,
    key: &str,
    emblem: &Emblem,
) -> sqlx::Result<()> {
    let edge = |length| i32::try_from(length).unwrap_or(i32::MAX);
    let tone = match emblem.tone {
        Tone::Any => "any",
        Tone::Dark => "dark",
        Tone::Light => "light",
    };
    sqlx::query!(
        "insert into brands (photographer_id, logo, logo_key, logo_width, logo_height, logo_tone, logo_is_gray)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (photographer_id) do update set logo = excluded.logo, logo_key = excluded.logo_key,
            logo_width = excluded.logo_width, logo_height = excluded.logo_height, logo_tone = excluded.logo_tone,
            logo_is_gray = excluded.logo_is_gray",
        photographer.0,
        &emblem.png,
        key,
        edge(emblem.size.width),
        edge(emblem.size.height),
        tone,
        emblem.is_gray
    )
    .execute(db)
    .await
    .map(drop)
}

/// Takes the logo away.
pub async fn delete_logo(db: impl PgExecutor<'_>, photographer: AccountId) -> sqlx::Result<()> {
    sqlx::query!(
        "update brands set logo = null, logo_key = null, logo_width = null, logo_height = null, logo_tone = null,
            logo_is_gray = null where photographer_id = $1",
        photographer.0
    )
    .execute(db)
    .await
    .map(drop)
}
