//! Photos that are searched for, in the database.

use sqlx::PgExecutor;

use super::Row;
use crate::photos::{
    Listing, Photo,
    search::{Place, Search, Within},
};

/// The photos that a search finds, in its order, from behind this place on. Each is looked at, within one library or one
/// gallery; pages without a search read by an index instead.
pub async fn list_found(
    db: impl PgExecutor<'_>,
    search: &Search,
    after: Option<&Place>,
    limit: u16,
) -> sqlx::Result<Listing<Photo>> {
    let section = if let Within::Section(section) = search.within { Some(section.0) } else { None };
    let filter = search.filter;
    let rows = select_photos!(
        "where photo.deleted_at is null
           and ($1::integer is null or photo.photographer_id = $1) and ($2::integer is null or photo.gallery_id = $2)
           and ($3::bigint is null or photo.section_id = $3) and (not $4 or photo.section_id is null)
           and (not $5 or photo.gallery_id is null)
           and ($6::text is null or case when photo.replaced_at is null then coalesce(photo.status, 'pending') else 'pending' end = $6)
           and (not $7 or coalesce(photo.archived, false)) and (not $8 or coalesce(photo.locked, false))
           and coalesce(photo.rating, 0) >= $9
           and strpos(lower(concat_ws(' ', photo.filename, photo.title, photo.description,
                array_to_string(photo.keywords, ' '))), lower($10)) > 0
           and (not $11 or (
                case $12 when 'manual' then coalesce(photo.position, 2147483647) when 'newest' then -photo.id when 'oldest' then photo.id else 0 end,
                case when $12 = 'name' then photo.name_key else '' end,
                case $12 when 'taken_at' then coalesce(photo.taken_at, photo.upload_date, 'epoch') - timestamp 'epoch'
                    when 'taken_last' then timestamp 'epoch' - coalesce(photo.taken_at, photo.upload_date, 'epoch')
                    else interval '0' end,
                photo.id) > ($13, $14,
                case $12 when 'taken_last' then timestamp 'epoch' - $15::timestamp else $15::timestamp - timestamp 'epoch' end, $16))"
        " order by
            case $12 when 'manual' then coalesce(photo.position, 2147483647) when 'newest' then -photo.id when 'oldest' then photo.id else 0 end,
            case when $12 = 'name' then photo.name_key else '' end,
            case $12 when 'taken_at' then coalesce(photo.taken_at, photo.upload_date, 'epoch') - timestamp 'epoch'
                when 'taken_last' then timestamp 'epoch' - coalesce(photo.taken_at, photo.upload_date, 'epoch')
                else interval '0' end,
            photo.id limit $17",
        search.owner.map(|owner| owner.0) as Option<i32>,
        search.gallery.map(|gallery| gallery.0) as Option<i32>,
        section as Option<i64>,
        search.within == Within::NoSection,
        filter.is_loose(),
        filter.status() as Option<&str>,
        filter.is_archived(),
        filter.is_locked(),
        search.least_rating,
        search.text,
        after.is_some(),
        search.sort.as_str(),
        after.map_or(0, |place| place.position),
        after.map_or("", |place| &place.name),
        after.map(|place| place.time).unwrap_or_default(),
        after.map_or(0, |place| place.id.0),
        i64::from(limit) + 1
    );
    Ok(Listing::of(rows.fetch_all(db).await?.into_iter().map(Photo::from).collect(), limit))
}
