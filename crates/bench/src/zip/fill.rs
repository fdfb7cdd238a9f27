//! Galleries of photos that nobody uploaded: files and rows as an upload and the worker leave them.

use std::{fs, path::Path};

use aws_lc_rs::digest::{SHA256, digest};
use imaging::scrub::SCRUB_VERSION;
use serde_json::{Value, json};
use sqlx::PgPool;

/// Rows a statement.
const BATCH: usize = 500;
/// What a clean form leaves out: so many zeros behind the first kilobyte.
const BLANK: std::ops::Range<usize> = 1_000..1_500;

/// How many photos of which size.
#[derive(Clone, Copy)]
pub struct Extent {
    /// So many.
    pub photos: usize,
    /// Bytes of each.
    pub bytes: usize,
}

/// The columns of some rows.
#[derive(Default)]
struct Rows {
    names: Vec<String>,
    keys: Vec<String>,
    hashes: Vec<Vec<u8>>,
    checksums: Vec<i64>,
    clean_hashes: Vec<Vec<u8>>,
    clean_checksums: Vec<i64>,
}

/// Fills a gallery with ready photos whose clean originals are planned.
pub async fn fill(db: &PgPool, storage: &Path, gallery: i64, extent: Extent) -> anyhow::Result<()> {
    let folder = format!("bench-{gallery}");
    fs::create_dir_all(storage.join(&folder))?;
    let noise = noise(extent.bytes);
    for from in (0..extent.photos).step_by(BATCH) {
        let mut rows = Rows::default();
        for number in from..(from + BATCH).min(extent.photos) {
            let mut bytes = noise.clone();
            bytes[..8].copy_from_slice(&number.to_le_bytes());
            let key = format!("{folder}/{number}.jpg");
            fs::write(storage.join(&key), &bytes)?;
            rows.names.push(format!("IMG_{number:05}.JPG"));
            rows.keys.push(key);
            rows.hashes.push(digest(&SHA256, &bytes).as_ref().to_vec());
            rows.checksums.push(crc32fast::hash(&bytes).into());
            bytes[BLANK].fill(0);
            rows.clean_hashes.push(digest(&SHA256, &bytes).as_ref().to_vec());
            rows.clean_checksums.push(crc32fast::hash(&bytes).into());
        }
        insert(db, gallery, i64::try_from(extent.bytes)?, &plan(extent.bytes), &rows).await?;
    }
    // As the database does by itself a while after so much was added.
    sqlx::query("analyze").execute(db).await?;
    Ok(())
}

/// What can't be compressed, the same at every run.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let words = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    words.take(length.div_ceil(8)).flatten().take(length).collect()
}

fn plan(length: usize) -> Value {
    let (start, end) = (BLANK.start, BLANK.end);
    json!({
        "version": SCRUB_VERSION, "size": length, "added": "",
        "pieces": [{ "copy": [0, start] }, { "zeros": end - start }, { "copy": [end, length - end] }],
    })
}

async fn insert(db: &PgPool, gallery: i64, size: i64, plan: &Value, rows: &Rows) -> anyhow::Result<()> {
    sqlx::query(
        "insert into files (owner_id, storage_key, media_type, size_bytes, sha256, crc32)
         select gallery.user_id, key, 'image/jpeg', $2, sha256, crc32
         from gallery, unnest($3::text[], $4::bytea[], $5::bigint[]) as made (key, sha256, crc32) where gallery.id = $1",
    )
    .bind(gallery)
    .bind(size)
    .bind(&rows.keys)
    .bind(&rows.hashes)
    .bind(&rows.checksums)
    .execute(db)
    .await?;
    sqlx::query(
        "insert into clean_files (file_id, version, plan, size_bytes, sha256, crc32)
         select files.id, $1, $2, $3, made.sha256, made.crc32
         from unnest($4::text[], $5::bytea[], $6::bigint[]) as made (key, sha256, crc32)
         join files on files.storage_key = made.key",
    )
    .bind(SCRUB_VERSION)
    .bind(plan)
    .bind(size)
    .bind(&rows.keys)
    .bind(&rows.clean_hashes)
    .bind(&rows.clean_checksums)
    .execute(db)
    .await?;
    sqlx::query(
        "insert into photo (photographer_id, gallery_id, filename, status, file_id, width, height, processed_at, recipe)
         select gallery.user_id, gallery.id, made.name, 'ready', files.id, 6000, 4000, now(), $4
         from gallery, unnest($2::text[], $3::text[]) as made (name, key) join files on files.storage_key = made.key
         where gallery.id = $1 order by made.name",
    )
    .bind(gallery)
    .bind(&rows.names)
    .bind(&rows.keys)
    .bind(imaging::RECIPE_VERSION)
    .execute(db)
    .await?;
    Ok(())
}
