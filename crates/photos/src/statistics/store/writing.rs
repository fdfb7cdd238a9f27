//! What the writer adds to the statistics, a batch at a time, and what is forgotten in time.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgExecutor, PgPool, PgTransaction};

use crate::{
    galleries::GalleryId,
    identity::AccountId,
    photos::PhotoId,
    statistics::tally::{Counted, Deed, Mark, PhotoCounts, Tally},
};

/// Open pages hear on it whose figures changed.
pub const CHANNEL: &str = "statistics_changed";

/// The salt of a day; this one, if the day has none yet. All processes get the same.
pub async fn find_or_create_salt(
    transaction: &mut PgTransaction<'_>,
    day: NaiveDate,
    salt: &[u8],
) -> sqlx::Result<Vec<u8>> {
    sqlx::query_scalar!(
        "insert into visitor_salts (day, salt) values ($1, $2)
         on conflict (day) do update set salt = visitor_salts.salt returning salt",
        day,
        salt
    )
    .fetch_one(&mut **transaction)
    .await
}

/// Whose these galleries are; one that is gone is not in the answer.
pub async fn list_owners(
    db: impl PgExecutor<'_>,
    galleries: &[GalleryId],
) -> sqlx::Result<HashMap<GalleryId, Option<AccountId>>> {
    let ids: Vec<i32> = galleries.iter().map(|gallery| gallery.0).collect();
    let rows = sqlx::query!("select id, user_id from gallery where id = any($1)", &ids);
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| (row.id, row.user_id)).collect())
}

/// Notes who was where on which day; returns what was not noted before.
pub async fn create_marks(db: impl PgExecutor<'_>, marks: &BTreeSet<Mark>) -> sqlx::Result<BTreeSet<Mark>> {
    let days: Vec<NaiveDate> = marks.iter().map(|mark| mark.0).collect();
    let scopes: Vec<String> = marks.iter().map(|mark| mark.1.to_owned()).collect();
    let subjects: Vec<i32> = marks.iter().map(|mark| mark.2).collect();
    let visitors: Vec<String> = marks.iter().map(|mark| mark.3.clone()).collect();
    let rows = sqlx::query!(
        "insert into daily_visitors (day, scope, subject_id, visitor)
         select * from unnest($1::date[], $2::text[], $3::integer[], $4::text[])
         on conflict do nothing returning day, scope, subject_id, visitor",
        &days,
        &scopes,
        &subjects,
        &visitors
    );
    let known: HashMap<&str, &'static str> = marks.iter().map(|mark| (mark.1, mark.1)).collect();
    let rows = rows.fetch_all(db).await?.into_iter();
    Ok(rows
        .filter_map(|row| Some((row.day, *known.get(row.scope.as_str())?, row.subject_id, row.visitor)))
        .collect())
}

/// Adds a batch: its sums, what is told of it, and the word to open pages.
pub async fn add(transaction: &mut PgTransaction<'_>, batch: &[Counted], tally: &Tally) -> sqlx::Result<()> {
    add_days(transaction, tally).await?;
    add_photos(transaction, &tally.photos).await?;
    add_link_photos(transaction, tally).await?;
    let told: Vec<&Counted> = tally.told.iter().map(|place| &batch[*place]).collect();
    create_events(transaction, &told).await?;
    let owners: BTreeSet<i32> = told.iter().filter_map(|event| event.owner).map(|owner| owner.0).collect();
    let owners: Vec<i32> = owners.into_iter().collect();
    sqlx::query!("select pg_notify($1, owner::text) from unnest($2::integer[]) as owner", CHANNEL, &owners)
        .execute(&mut **transaction)
        .await
        .map(drop)
}

async fn add_days(transaction: &mut PgTransaction<'_>, tally: &Tally) -> sqlx::Result<()> {
    let scopes: Vec<String> = tally.days.keys().map(|key| key.0.to_owned()).collect();
    let subjects: Vec<i32> = tally.days.keys().map(|key| key.1).collect();
    let days: Vec<NaiveDate> = tally.days.keys().map(|key| key.2).collect();
    let views: Vec<i32> = tally.days.values().map(|counts| counts.views).collect();
    let visitors: Vec<i32> = tally.days.values().map(|counts| counts.visitors).collect();
    let downloads: Vec<i32> = tally.days.values().map(|counts| counts.downloads).collect();
    sqlx::query!(
        "insert into daily_statistics (scope, subject_id, day, views, visitors, downloads)
         select * from unnest($1::text[], $2::integer[], $3::date[], $4::integer[], $5::integer[], $6::integer[])
         on conflict (scope, subject_id, day) do update set views = daily_statistics.views + excluded.views,
            visitors = daily_statistics.visitors + excluded.visitors,
            downloads = daily_statistics.downloads + excluded.downloads",
        &scopes,
        &subjects,
        &days,
        &views,
        &visitors,
        &downloads
    )
    .execute(&mut **transaction)
    .await
    .map(drop)
}

async fn add_photos(
    transaction: &mut PgTransaction<'_>,
    photos: &BTreeMap<PhotoId, PhotoCounts>,
) -> sqlx::Result<()> {
    let ids: Vec<i32> = photos.keys().map(|photo| photo.0).collect();
    let views: Vec<i32> = photos.values().map(|counts| counts.views).collect();
    let downloads: Vec<i32> = photos.values().map(|counts| counts.downloads).collect();
    sqlx::query!(
        "insert into photo_statistics (photo_id, views, downloads)
         select counted.photo_id, counted.views, counted.downloads
         from unnest($1::integer[], $2::integer[], $3::integer[]) as counted (photo_id, views, downloads)
         join photo on photo.id = counted.photo_id order by counted.photo_id
         on conflict (photo_id) do update set views = photo_statistics.views + excluded.views,
            downloads = photo_statistics.downloads + excluded.downloads",
        &ids,
        &views,
        &downloads
    )
    .execute(&mut **transaction)
    .await
    .map(drop)
}

async fn add_link_photos(transaction: &mut PgTransaction<'_>, tally: &Tally) -> sqlx::Result<()> {
    let links: Vec<i32> = tally.link_photos.keys().map(|key| key.0).collect();
    let photos: Vec<i32> = tally.link_photos.keys().map(|key| key.1.0).collect();
    let views: Vec<i32> = tally.link_photos.values().map(|counts| counts.views).collect();
    let downloads: Vec<i32> = tally.link_photos.values().map(|counts| counts.downloads).collect();
    sqlx::query!(
        "insert into link_photo_statistics (share_link_id, photo_id, views, downloads)
         select counted.link_id, counted.photo_id, counted.views, counted.downloads
         from unnest($1::integer[], $2::integer[], $3::integer[], $4::integer[])
            as counted (link_id, photo_id, views, downloads)
         join photo on photo.id = counted.photo_id join share_links on share_links.id = counted.link_id
         order by counted.link_id, counted.photo_id
         on conflict (share_link_id, photo_id) do update set views = link_photo_statistics.views + excluded.views,
            downloads = link_photo_statistics.downloads + excluded.downloads",
        &links,
        &photos,
        &views,
        &downloads
    )
    .execute(&mut **transaction)
    .await
    .map(drop)
}

async fn create_events(transaction: &mut PgTransaction<'_>, told: &[&Counted]) -> sqlx::Result<()> {
    let times: Vec<DateTime<Utc>> = told.iter().map(|event| event.at).collect();
    let kinds: Vec<String> = told.iter().map(|event| kind(&event.deed).to_owned()).collect();
    let visitors: Vec<String> = told.iter().map(|event| event.visitor_kind().to_owned()).collect();
    let owners: Vec<Option<i32>> = told.iter().map(|event| event.owner.map(|owner| owner.0)).collect();
    let galleries: Vec<i32> = told.iter().map(|event| event.gallery.0).collect();
    let links: Vec<Option<i32>> = told.iter().map(|event| event.link.map(|link| link.0)).collect();
    let photos: Vec<i32> = told.iter().map(|event| count(&event.deed)).collect();
    sqlx::query!(
        "insert into statistics_events (happened_at, kind, visitor_kind, owner_id, gallery_id, share_link_id, photos)
         select told.at, told.kind, told.visitor, told.owner, gallery.id, told.link, told.photos
         from unnest($1::timestamptz[], $2::text[], $3::text[], $4::integer[], $5::integer[], $6::integer[],
            $7::integer[]) as told (at, kind, visitor, owner, gallery, link, photos)
         join gallery on gallery.id = told.gallery order by told.at",
        &times,
        &kinds,
        &visitors,
        &owners as &[Option<i32>],
        &galleries,
        &links as &[Option<i32>],
        &photos
    )
    .execute(&mut **transaction)
    .await
    .map(drop)
}

fn kind(deed: &Deed) -> &'static str {
    if matches!(deed, Deed::Download(_)) { "download" } else { "view" }
}

fn count(deed: &Deed) -> i32 {
    match deed {
        Deed::Download(photos) => i32::try_from(photos.len()).unwrap_or(i32::MAX),
        Deed::View | Deed::PhotoView(_) => 0,
    }
}

/// Forgets salts and hashes of days that are over (yesterday's late events still need theirs), old events, and the sums
/// of galleries and links that are gone.
pub async fn purge(db: &PgPool, event_days: i32) -> sqlx::Result<()> {
    sqlx::query!("delete from visitor_salts where day < (now() at time zone 'utc')::date - 1")
        .execute(db)
        .await?;
    sqlx::query!("delete from daily_visitors where day < (now() at time zone 'utc')::date - 1")
        .execute(db)
        .await?;
    sqlx::query!(
        "delete from statistics_events where happened_at < now() - make_interval(days => $1)",
        event_days
    )
    .execute(db)
    .await?;
    sqlx::query!(
        "delete from daily_statistics
         where scope = 'gallery' and not exists (select from gallery where gallery.id = subject_id)
            or scope = 'link' and not exists (select from share_links where share_links.id = subject_id)"
    )
    .execute(db)
    .await
    .map(drop)
}
