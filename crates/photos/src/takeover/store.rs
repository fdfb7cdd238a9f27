//! Photos, files and accounts of the earlier system in the database.

use common::takeover::{EarlierAccount, FoundAccount};
use sqlx::{PgConnection, PgExecutor, PgTransaction};

use super::{MISSING, MISSING_DETAIL, Row};
use crate::{
    identity::AccountId,
    photos::{PhotoId, taken_at},
    upload::FileId,
};

/// A stored original to be made, for one photo or several.
pub(super) struct Original<'a> {
    pub photo: PhotoId,
    pub owner: AccountId,
    pub key: String,
    pub found: &'a super::files::Found,
}

/// Holds the one place for a run that changes something until the connection ends; false if another run has it.
pub(super) async fn lock_run(connection: &mut PgConnection) -> sqlx::Result<bool> {
    // The database's own number for this lock; nothing else in it uses this pair.
    sqlx::query_scalar!(r#"select pg_try_advisory_lock(5009, 1) as "locked!""#).fetch_one(connection).await
}

/// Photos with a number below this one, the newest first.
pub(super) async fn list_rows(db: impl PgExecutor<'_>, below: PhotoId, limit: i64) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        r#"select photo.id as photo,
            coalesce(photo.photographer_id, (select gallery.user_id from gallery where gallery.id = photo.gallery_id))
                as "owner: AccountId",
            coalesce(filename, '') as "filename!", original_path, thumbnail_path, preview_path,
            upload_date as uploaded_at, file_id is not null as "is_adopted!"
         from photo where id < $1 order by id desc limit $2"#,
        below.0,
        limit
    )
    .fetch_all(db)
    .await
}

/// Those of these photos that still have no file; they stay as they are until the transaction ends.
pub(super) async fn lock_unadopted(
    transaction: &mut PgTransaction<'_>,
    photos: &[i32],
) -> sqlx::Result<Vec<PhotoId>> {
    sqlx::query_scalar!(
        "select id from photo where id = any($1) and file_id is null order by id for update",
        photos
    )
    .fetch_all(&mut **transaction)
    .await
}

/// Makes the rows of stored originals, each key once; those that are there already stay.
pub(super) async fn create_files(
    transaction: &mut PgTransaction<'_>,
    originals: &[&Original<'_>],
) -> sqlx::Result<Vec<(String, FileId)>> {
    let owners: Vec<i32> = originals.iter().map(|original| original.owner.0).collect();
    let keys: Vec<String> = originals.iter().map(|original| original.key.clone()).collect();
    let types: Vec<String> = originals.iter().map(|original| media_type(original).to_owned()).collect();
    let sizes: Vec<i64> =
        originals.iter().map(|original| i64::try_from(original.found.size).unwrap_or(i64::MAX)).collect();
    let hashes: Vec<Vec<u8>> = originals.iter().map(|original| original.found.sha256.clone()).collect();
    let checksums: Vec<i64> = originals.iter().map(|original| i64::from(original.found.crc32)).collect();
    let rows = sqlx::query!(
        "insert into files (owner_id, storage_key, media_type, size_bytes, sha256, crc32)
         select * from unnest($1::integer[], $2::text[], $3::text[], $4::bigint[], $5::bytea[], $6::bigint[])
         on conflict (storage_key) do update set storage_key = excluded.storage_key
         returning storage_key, id",
        &owners,
        &keys,
        &types,
        &sizes,
        &hashes,
        &checksums
    );
    let rows = rows.fetch_all(&mut **transaction).await?;
    Ok(rows.into_iter().map(|row| (row.storage_key, row.id)).collect())
}

/// Files that can't be shown are handed out as nothing in particular.
fn media_type(original: &Original<'_>) -> &'static str {
    original.found.kind.as_ref().map_or("application/octet-stream", |(probe, _)| probe.format.media_type())
}

/// Puts photos on their files: those that can be shown wait for their pictures, the others say why they have none.
pub(super) async fn update_adopted(
    transaction: &mut PgTransaction<'_>,
    originals: &[(&Original<'_>, FileId)],
) -> sqlx::Result<()> {
    let photos: Vec<i32> = originals.iter().map(|(original, _)| original.photo.0).collect();
    let files: Vec<i64> = originals.iter().map(|(_, file)| file.0).collect();
    let owners: Vec<i32> = originals.iter().map(|(original, _)| original.owner.0).collect();
    let kinds: Vec<_> = originals.iter().map(|(original, _)| original.found.kind.as_ref()).collect();
    let refusals = || kinds.iter().map(|kind| kind.err());
    let reasons: Vec<Option<String>> =
        refusals().map(|refusal| refusal.map(|refusal| refusal.reason().to_owned())).collect();
    let details: Vec<Option<String>> = refusals().map(|refusal| refusal.map(ToString::to_string)).collect();
    let sizes: Vec<_> = kinds.iter().map(|kind| kind.ok().and_then(|(probe, _)| probe.displayed())).collect();
    let widths: Vec<Option<i32>> =
        sizes.iter().map(|size| size.and_then(|size| i32::try_from(size.width).ok())).collect();
    let heights: Vec<Option<i32>> =
        sizes.iter().map(|size| size.and_then(|size| i32::try_from(size.height).ok())).collect();
    let times: Vec<_> = kinds.iter().map(|kind| kind.ok().and_then(|(_, facts)| taken_at(facts))).collect();
    let offsets: Vec<Option<String>> =
        kinds.iter().map(|kind| kind.ok().and_then(|(_, facts)| facts.taken_at_offset.clone())).collect();
    sqlx::query!(
        "update photo set file_id = adopted.file, photographer_id = coalesce(photographer_id, adopted.owner),
            status = case when adopted.reason is null then 'pending' else 'failed' end,
            failure = adopted.reason, failure_detail = adopted.detail,
            width = adopted.width, height = adopted.height, taken_at = coalesce(photo.taken_at, adopted.at),
            taken_at_offset = case when photo.taken_at is null then adopted.at_offset else photo.taken_at_offset end,
            recipe = case when adopted.reason is not null then $1::integer end
         from unnest($2::integer[], $3::bigint[], $4::integer[], $5::text[], $6::text[], $7::integer[], $8::integer[],
            $9::timestamp[], $10::text[])
            as adopted (photo, file, owner, reason, detail, width, height, at, at_offset)
         where photo.id = adopted.photo",
        imaging::RECIPE_VERSION,
        &photos,
        &files,
        &owners,
        &reasons as &[Option<String>],
        &details as &[Option<String>],
        &widths as &[Option<i32>],
        &heights as &[Option<i32>],
        &times as &[Option<chrono::NaiveDateTime>],
        &offsets as &[Option<String>]
    )
    .execute(&mut **transaction)
    .await
    .map(drop)
}

/// Says of photos without a file that they have none; those that say so already stay as they are.
pub(super) async fn update_missing(transaction: &mut PgTransaction<'_>, photos: &[i32]) -> sqlx::Result<()> {
    sqlx::query!(
        "update photo set status = 'failed', failure = $2, failure_detail = $3
         where id = any($1) and file_id is null and (status, failure) is distinct from ('failed', $2)",
        photos,
        MISSING,
        MISSING_DETAIL
    )
    .execute(&mut **transaction)
    .await
    .map(drop)
}

/// Every account of the mirror whose person is not gone, with what the earlier system knew.
pub(super) async fn list_accounts(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<EarlierAccount>> {
    sqlx::query_as!(
        EarlierAccount,
        r#"select id as "photos_id: i32", username, email, password_hash, user_type,
            coalesce(is_active, false) as "is_active!", coalesce(email_verified, false) as "email_verified!",
            created_at, last_login, auth_user_id
         from users where deleted_at is null order by id"#
    )
    .fetch_all(db)
    .await
}

/// Notes which account of the auth-service each of these is; an account that is linked already stays so, and none is
/// linked twice. Returns those that were linked now.
pub(super) async fn update_linked(
    transaction: &mut PgTransaction<'_>,
    accounts: &[FoundAccount],
) -> sqlx::Result<Vec<i32>> {
    let photos: Vec<i32> = accounts.iter().map(|account| account.photos_id).collect();
    let auth: Vec<i32> = accounts.iter().map(|account| account.auth_user_id.0).collect();
    let roles: Vec<String> = accounts.iter().map(|account| account.role.as_str().to_owned()).collect();
    sqlx::query_scalar!(
        r#"update users set auth_user_id = found.auth, user_type = found.role
         from unnest($1::integer[], $2::integer[], $3::text[]) as found (photos, auth, role)
         where users.id = found.photos and users.auth_user_id is null and users.deleted_at is null
            and not exists (select from users as others where others.auth_user_id = found.auth)
         returning users.id as "id: i32""#,
        &photos,
        &auth,
        &roles
    )
    .fetch_all(&mut **transaction)
    .await
}

/// Forgets the passwords of accounts that the auth-service knows.
pub(super) async fn delete_passwords(transaction: &mut PgTransaction<'_>) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "update users set password_hash = '' where auth_user_id is not null and password_hash <> ''"
    );
    Ok(done.execute(&mut **transaction).await?.rows_affected())
}
