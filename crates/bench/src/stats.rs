//! A year of a million events: how fast the figures of a dashboard are told.

use std::time::Duration;

use anyhow::Context;
use sqlx::PgPool;

use crate::{
    figures::{aim, milliseconds, say},
    load::{self, Manner},
    processes::{ACCOUNT, create_account, get},
    upload::{
        Arguments, fresh_folder,
        services::{Person, Services},
    },
};

/// The photographer's galleries, photos and links. Each photo is a row with a file of its own.
const OWNED: &str = "
    insert into gallery (user_id, name) select $1, 'Event ' || n from generate_series(1, 50) n;";
const PHOTOS: &str = "
    with stored as (
        insert into files (owner_id, storage_key, media_type, size_bytes, sha256, crc32)
        select $1, 'bench/' || n, 'image/jpeg', 5000000 + n * 37 % 6000000, sha256(n::text::bytea), 0
        from generate_series(1, $2) n returning id
    )
    insert into photo (photographer_id, gallery_id, file_id, filename, status, width, height)
    select $1, (select min(id) from gallery) + stored.id % 50, stored.id, stored.id || '.jpg', 'ready', 6000, 4000
    from stored";
const LINKS: &str = "
    insert into share_links (gallery_id, sender_id, token, token_sealed, access_level, recipient_email)
    select gallery.id, $1, encode(sha256((gallery.id || '/' || n)::bytea), 'hex'), '', 'full', 'client' || n || '@example.org'
    from gallery cross join generate_series(1, 4) n";
/// All of them within the last year, more of them lately; a tenth downloads.
const EVENTS: &str = "
    insert into statistics_events (happened_at, kind, visitor_kind, owner_id, gallery_id, share_link_id, photos)
    select now() - power(random(), 1.5) * interval '364 days', case when n % 10 = 0 then 'download' else 'view' end,
        'link', $1, share_links.gallery_id, share_links.id, case when n % 10 = 0 then 12 else 0 end
    from generate_series(1, $2) n join (select *, row_number() over (order by id) as place from share_links) share_links
        on share_links.place = 1 + n % (select count(*) from share_links)";
/// The sums as the writer makes them.
const SUMS: &str = "
    insert into daily_statistics (scope, subject_id, day, views, visitors, downloads)
    select scope, subject_id, (happened_at at time zone 'utc')::date, count(*) filter (where kind = 'view'),
        count(*) filter (where kind = 'view') / 2, sum(photos)
    from statistics_events cross join lateral (values
        ('site', 0), ('owner', owner_id), ('gallery', gallery_id), ('link', share_link_id)) kinds (scope, subject_id)
    group by 1, 2, 3";

/// Measures and prints everything.
pub async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let (events, photos, seconds) =
        if arguments.quick { (20_000, 1_000, 1) } else { (1_000_000, 20_000, 10) };
    let storage = fresh_folder(&arguments.folder.join("storage"))?;
    let services = Services::start(arguments, &storage).await?;
    create_account(&arguments.auth, &arguments.auth_database_url)?;
    let person = Person::sign_in(&services).await?;
    let db = PgPool::connect(&arguments.photos_database_url).await?;
    fill(&db, photos, events).await?;

    say(format_args!(
        "\n{events} events of a year, {photos} photos, 50 galleries, 200 links; one connection"
    ));
    let duration = Duration::from_secs(seconds);
    measure(&services, &person, "a photographer", duration).await?;
    let auth = PgPool::connect(&arguments.auth_database_url).await?;
    sqlx::query("update users set user_type = 'admin' where username = $1")
        .bind(ACCOUNT.0)
        .execute(&auth)
        .await?;
    let admin = Person::sign_in(&services).await?;
    measure(&services, &admin, "an administrator", duration).await
}

async fn fill(db: &PgPool, photos: i32, events: i32) -> anyhow::Result<()> {
    let owner: i32 =
        sqlx::query_scalar("select id from users where username = $1").bind(ACCOUNT.0).fetch_one(db).await?;
    sqlx::query(OWNED).bind(owner).execute(db).await?;
    sqlx::query(PHOTOS).bind(owner).bind(photos).execute(db).await.context("photos")?;
    sqlx::query(LINKS).bind(owner).execute(db).await.context("links")?;
    sqlx::query(EVENTS).bind(owner).bind(events).execute(db).await.context("events")?;
    sqlx::query(SUMS).execute(db).await.context("sums")?;
    sqlx::query("vacuum analyze").execute(db).await?;
    Ok(())
}

async fn measure(services: &Services, person: &Person, who: &str, duration: Duration) -> anyhow::Result<()> {
    let cookies = format!("Cookie: {}\r\n", person.cookies);
    let manner = |duration| Manner { connections: 1, duration, every: None };
    for (path, limit) in [
        ("/api/stats?days=365", 100.0),
        ("/api/galleries/1/stats?days=365", 100.0),
        ("/dashboard?days=365", 200.0),
    ] {
        let requests = std::sync::Arc::new(vec![get(path, &cookies)]);
        load::run(services.photos.port, &requests, 200, manner(duration / 5)).await?;
        let load = load::run(services.photos.port, &requests, 200, manner(duration)).await?;
        let what = format!("{path} of {who}");
        say(format_args!(
            "  {what:<52} {:>8.2} ms p50 of {}",
            milliseconds(load.percentile(50)),
            load.latencies.len()
        ));
        aim("  p99", milliseconds(load.percentile(99)), "ms", limit, false);
    }
    Ok(())
}
