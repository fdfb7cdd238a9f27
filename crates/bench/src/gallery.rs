//! Galleries of 100, 1,000 and 10,000 photos as a client sees them: the time of the first and of the last screen, and
//! how much is sent.

use std::time::Instant;

use anyhow::{Context, ensure};
use sqlx::PgPool;

use crate::{
    figures::{aim, median, milliseconds, say},
    imaging::photos::Focus,
    load::Connection,
    processes::{create_account, get},
    upload::{
        Arguments,
        batch::Batch,
        fresh_folder,
        services::{Person, Services},
        until_ready,
    },
};

/// Photos on one page, as the product shows them; 400 screens of a desk are about 25 photos each.
const PAGE: usize = 50;
/// So much may a client's first page weigh.
const MOST_KB: f64 = 100.0;
/// So much slower may the last screen of the largest gallery be than the first one of the smallest.
const MOST_TIMES: f64 = 1.3;

/// Photos that were uploaded, over and over: rows of their own on the same stored files.
const COPIES: &str = "
    with base as (
        select photo.*, row_number() over (order by id) - 1 as place, count(*) over () as all_of_them
        from photo where gallery_id = $1
    ), made as (
        insert into photo (photographer_id, gallery_id, file_id, filename, title, status, width, height, upload_date,
            taken_at, thumbhash, dominant_colour, processed_at, recipe, mark_version, described_at)
        select photographer_id, $2, file_id, 'copy ' || n || '.jpg', 'Photo ' || n, 'ready', width, height, upload_date,
            timestamp '2026-06-01' + n * interval '7 seconds', thumbhash, dominant_colour, processed_at, recipe,
            mark_version, described_at
        from generate_series(1, $3) n join base on base.place = n % base.all_of_them
        returning id, file_id
    )
    insert into renditions (photo_id, kind, marked, encoding, width, height, size_bytes, storage_key, recipe)
    select made.id, kind, marked, encoding, renditions.width, renditions.height, size_bytes, storage_key, renditions.recipe
    from made join base on base.file_id = made.file_id join renditions on renditions.photo_id = base.id";

/// Fills a gallery with so many copies of the photos of another one.
pub async fn fill(db: &PgPool, base: i64, gallery: i64, photos: usize) -> anyhow::Result<()> {
    let numbers = (i32::try_from(base)?, i32::try_from(gallery)?, i32::try_from(photos)?);
    sqlx::query(COPIES).bind(numbers.0).bind(numbers.1).bind(numbers.2).execute(db).await?;
    Ok(())
}

/// A gallery with its client.
struct Shown {
    photos: usize,
    token: String,
    cookies: String,
    /// Where the last page begins.
    last: String,
}

/// What one page took, and how much it was.
#[derive(Default)]
struct Asked {
    times: Vec<f64>,
    bytes: usize,
}

/// Measures and prints everything.
pub async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let (sizes, rounds) = if arguments.quick { ([100, 300, 1_000], 5) } else { ([100, 1_000, 10_000], 60) };
    let batch = Batch::new(&arguments.folder.join("photos"), (1500, 1000), Focus::All, 4)?;
    let storage = fresh_folder(&arguments.folder.join("storage"))?;
    let services = Services::start(arguments, &storage).await?;
    create_account(&arguments.auth, &arguments.auth_database_url)?;
    let person = Person::sign_in(&services).await?;
    let db = PgPool::connect(&arguments.photos_database_url).await?;
    let base = person.create_gallery(&services, "Base").await?;
    let status = batch.send(services.photos.port, &person, base, 0..4).await?;
    ensure!(status == 201, "the photos were answered with {status}");
    until_ready(&db, base, 4).await?;

    let mut all = Vec::new();
    for photos in sizes {
        let gallery = person.create_gallery(&services, &format!("Of {photos}")).await?;
        fill(&db, base, gallery, photos).await?;
        all.push((photos, gallery));
    }
    sqlx::query("vacuum analyze").execute(&db).await?;
    let mut shown = Vec::new();
    for (photos, gallery) in all {
        shown.push(Shown::open(&services, &person, gallery, photos).await?);
    }
    measure(&services, &shown, rounds).await
}

impl Shown {
    /// Shares the gallery, opens the link as a client does and turns pages until the last one.
    async fn open(services: &Services, person: &Person, gallery: i64, photos: usize) -> anyhow::Result<Self> {
        let token = person.share(services, gallery, "preview").await?;
        let mut connection = Connection::open(services.photos.port).await?;
        let status = connection.ask(&client_page(&token, "", "")).await?;
        ensure!(status == 200, "a client's page was answered with {status}");
        let cookies = crate::upload::services::cookies(&connection.text()).join("; ");
        let (mut last, mut seen) = (String::new(), 0);
        loop {
            let path = format!("/api/view/{token}{}", query(&last));
            let status = connection.ask(&get(&path, &format!("{AGENT}Cookie: {cookies}\r\n"))).await?;
            ensure!(status == 200, "a page of the client's was answered with {status}");
            let document = connection.document();
            ensure!(!document.contains("original"), "a client's page names an original");
            let body: serde_json::Value = serde_json::from_str(&document)?;
            seen += body["items"].as_array().context("items")?.len();
            match body["next"].as_str() {
                Some(next) => next.clone_into(&mut last),
                None => break,
            }
        }
        ensure!(seen == photos, "{seen} of {photos} photos were shown");
        Ok(Self { photos, token, cookies, last })
    }
}

/// Without it a client is taken for a robot.
const AGENT: &str = "User-Agent: Mozilla/5.0 (bench)\r\n";

fn query(after: &str) -> String {
    if after.is_empty() { String::new() } else { format!("?after={after}") }
}

fn client_page(token: &str, after: &str, cookies: &str) -> Vec<u8> {
    let cookies = if cookies.is_empty() { String::new() } else { format!("Cookie: {cookies}\r\n") };
    let path = format!("/view/{token}{}", query(after));
    format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\n{AGENT}{cookies}\r\n")
        .into_bytes()
}

/// Everything in turn, round after round, so that whatever the machine does meanwhile is shared.
async fn measure(services: &Services, shown: &[Shown], rounds: usize) -> anyhow::Result<()> {
    let mut connection = Connection::open(services.photos.port).await?;
    let mut asked: Vec<(Asked, Asked)> = shown.iter().map(|_| (Asked::default(), Asked::default())).collect();
    for round in 0..rounds + 2 {
        for (gallery, (first, last)) in shown.iter().zip(&mut asked) {
            for (page, after) in [(first, ""), (last, gallery.last.as_str())] {
                let request = client_page(&gallery.token, after, &gallery.cookies);
                let begun = Instant::now();
                let status = connection.ask(&request).await?;
                let took = begun.elapsed();
                ensure!(status == 200, "a client's page was answered with {status}");
                let document = connection.document();
                ensure!(!document.contains("/original"), "a client's page names an original");
                page.bytes = document.len();
                // The first rounds fill caches.
                if round >= 2 {
                    page.times.push(milliseconds(took));
                }
            }
        }
    }
    print(shown, &asked);
    json_weight(&mut connection, shown).await
}

fn print(shown: &[Shown], asked: &[(Asked, Asked)]) {
    say(format_args!(
        "\nthe client's view, {PAGE} photos a page, medians of {} rounds",
        asked[0].0.times.len()
    ));
    let smallest = median(asked[0].0.times.clone());
    for (gallery, (first, last)) in shown.iter().zip(asked) {
        let (one, other) = (median(first.times.clone()), median(last.times.clone()));
        say(format_args!("  {} photos: first page {one:.2} ms, last page {other:.2} ms", gallery.photos));
        aim("    first page, times that of the smallest", one / smallest, "", MOST_TIMES, false);
        aim("    last page, times the first of the smallest", other / smallest, "", MOST_TIMES, false);
    }
    let heaviest = asked.iter().map(|(first, _)| kilobytes(first.bytes)).fold(0.0, f64::max);
    aim("HTML of the first page, as it is", heaviest, "kB", MOST_KB, false);
    say("  addresses of originals on any page                       0 (else this would have failed)");
}

async fn json_weight(connection: &mut Connection, shown: &[Shown]) -> anyhow::Result<()> {
    let mut heaviest: f64 = 0.0;
    for gallery in shown {
        let headers = format!("{AGENT}Cookie: {}\r\n", gallery.cookies);
        let status = connection.ask(&get(&format!("/api/view/{}", gallery.token), &headers)).await?;
        ensure!(status == 200, "the document was answered with {status}");
        heaviest = heaviest.max(kilobytes(connection.document().len()));
    }
    aim("JSON of the first page, as it is", heaviest, "kB", MOST_KB, false);
    Ok(())
}

fn kilobytes(bytes: usize) -> f64 {
    f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / 1000.0
}
