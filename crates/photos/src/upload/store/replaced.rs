//! A new version of a photo in the database.

use sqlx::PgTransaction;

use crate::{
    photos::{PhotoId, taken_at},
    upload::{FileId, receive::Received},
};

/// Puts a photo on another file; false if it is locked or in the trash. One that is shown stays so, as it was, until its
/// new pictures are made. The file of before, where no other photo is on it, is noted to be removed in a day, when nobody
/// reads it any more.
pub async fn update_replaced(
    transaction: &mut PgTransaction<'_>,
    photo: PhotoId,
    file: FileId,
    received: &Received,
) -> sqlx::Result<bool> {
    let old = sqlx::query!(
        r#"select file_id, coalesce(filename, '') as "filename!" from photo
         where id = $1 and deleted_at is null and not coalesce(locked, false) for update"#,
        photo.0
    );
    let Some(old) = old.fetch_optional(&mut **transaction).await? else { return Ok(false) };
    let size = received.probe.displayed();
    sqlx::query!(
        "update photo set file_id = $2, original_path = $3, filename = $4,
            width = case when shown.before then width else $5 end, height = case when shown.before then height else $6 end,
            taken_at = coalesce($7, taken_at),
            taken_at_offset = case when $7::timestamp is null then taken_at_offset else $8 end,
            status = case when shown.before then 'ready' else 'pending' end,
            replaced_at = case when shown.before then now() end,
            failure = null, failure_detail = null, recipe = null, processed_at = null
         from (select photo.status = 'ready' and exists (select from renditions where photo_id = $1) as before
            from photo where id = $1) as shown
         where id = $1",
        photo.0,
        file.0,
        received.key,
        renamed(&old.filename, &received.filename),
        size.and_then(|size| i32::try_from(size.width).ok()),
        size.and_then(|size| i32::try_from(size.height).ok()),
        taken_at(&received.metadata),
        received.metadata.taken_at_offset
    )
    .execute(&mut **transaction)
    .await?;
    if let Some(old) = old.file_id {
        delete_unused(transaction, old).await?;
    }
    Ok(true)
}

/// Whoever copies the photo meanwhile has its file, and then it stays.
async fn delete_unused(transaction: &mut PgTransaction<'_>, file: FileId) -> sqlx::Result<()> {
    sqlx::query!("select id from files where id = $1 for update", file.0)
        .fetch_optional(&mut **transaction)
        .await?;
    sqlx::query!(
        "with freed as (
            delete from files where id = $1 and not exists (select from photo where photo.file_id = files.id)
            returning storage_key)
         insert into pending_files (storage_key) select storage_key from freed
         on conflict (storage_key) do nothing",
        file.0
    )
    .execute(&mut **transaction)
    .await
    .map(drop)
}

/// The name stays, because a gallery may be ordered by it; only what it says of the kind of file follows the new one.
fn renamed(old: &str, new: &str) -> String {
    match (old.rsplit_once('.'), new.rsplit_once('.')) {
        (Some((stem, before)), Some((_, after)))
            if !stem.is_empty() && after.len() <= 5 && !before.eq_ignore_ascii_case(after) =>
        {
            format!("{stem}.{after}")
        }
        (None, _) if old.is_empty() => new.to_owned(),
        _ => old.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_version_keeps_the_name_and_says_what_it_is() {
        for (old, new, name) in [
            ("IMG_1.JPG", "IMG_1-edit.jpg", "IMG_1.JPG"),
            ("IMG_1.JPG", "edit.png", "IMG_1.png"),
            ("IMG_1", "edit.png", "IMG_1"),
            ("", "edit.png", "edit.png"),
            (".hidden", "edit.png", ".hidden"),
            ("a.b.jpg", "x", "a.b.jpg"),
        ] {
            assert_eq!(renamed(old, new), name, "{old} and {new}");
        }
    }
}
