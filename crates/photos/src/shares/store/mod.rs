//! Share links in the database.

mod doors;

use chrono::NaiveDateTime;
pub use doors::{
    find_photographer, find_sender_email, list_in_clear, update_mail, update_token, update_tried_well,
    update_trying,
};
pub use lists::{list_history, list_of_customer};
use sqlx::{PgExecutor, PgTransaction};

use super::{Change, Policy, ShareLink, ShareLinkId};
use crate::{
    customers::CustomerId,
    galleries::{GalleryId, SectionId},
    identity::AccountId,
    policy::{LinkLevel, LinkPower},
};

struct Row {
    id: ShareLinkId,
    gallery: Option<GalleryId>,
    gallery_name: String,
    sender: Option<AccountId>,
    customer: Option<CustomerId>,
    token_sealed: Option<Vec<u8>>,
    access_level: Option<String>,
    created_at: NaiveDateTime,
    expires_at: Option<NaiveDateTime>,
    revoked: bool,
    views: i32,
    max_views: Option<i32>,
    downloads: i32,
    max_downloads: Option<i32>,
    password_hash: Option<String>,
    message: Option<String>,
    tells_sender: bool,
    sections: Option<Vec<i64>>,
    recipient_email: Option<String>,
    first_opened_at: Option<NaiveDateTime>,
    last_opened_at: Option<NaiveDateTime>,
    mail_state: Option<String>,
    epoch: i32,
}

macro_rules! select_links {
    ($rest:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            Row,
            r#"select share_links.id, share_links.gallery_id as gallery, coalesce(gallery.name, '') as "gallery_name!",
                share_links.sender_id as sender, share_links.customer_id as "customer: CustomerId", share_links.token_sealed,
                share_links.access_level, coalesce(share_links.created_at, 'epoch') as "created_at!", share_links.expires_at,
                (share_links.revoked_at is not null or share_links.is_active is false) as "revoked!",
                coalesce(share_links.views, 0) as "views!", share_links.max_views, share_links.downloads,
                share_links.max_downloads, share_links.password_hash, share_links.message, share_links.tells_sender,
                case when share_links.is_limited_to_sections then array(
                    select section_id from share_link_sections where share_link_id = share_links.id) end as sections,
                share_links.recipient_email, share_links.first_opened_at at time zone 'utc' as first_opened_at,
                share_links.last_opened_at at time zone 'utc' as last_opened_at,
                (select case when mails.sent_at is not null then 'sent' when mails.failed_at is not null then 'failed' else 'waiting' end
                    from mails where mails.mail_id = share_links.mail_id) as mail_state, share_links.epoch
            from share_links left join gallery on gallery.id = share_links.gallery_id "# + $rest,
            $($argument),*
        )
    };
}

// Below the macro, which it uses.
mod lists;

/// A link to be stored.
pub struct NewRow<'a> {
    /// What it opens.
    pub gallery: GalleryId,
    /// Who made it.
    pub sender: AccountId,
    /// SHA-256 of the token as hex.
    pub token_hash: String,
    /// The token under our key.
    pub token_sealed: Vec<u8>,
    /// UTC.
    pub expires_at: Option<NaiveDateTime>,
    /// For whom it is.
    pub customer: Option<CustomerId>,
    /// To whom it goes.
    pub recipient_email: Option<&'a str>,
    /// argon2id.
    pub password_hash: Option<String>,
    /// The rest.
    pub policy: &'a Policy,
}

/// One link.
pub async fn find(db: impl PgExecutor<'_>, id: ShareLinkId) -> sqlx::Result<Option<ShareLink>> {
    Ok(select_links!("where share_links.id = $1", id.0).fetch_optional(db).await?.map(ShareLink::from))
}

/// The link with this token's hash.
pub async fn find_by_token(db: impl PgExecutor<'_>, token_hash: &str) -> sqlx::Result<Option<ShareLink>> {
    Ok(select_links!("where share_links.token = $1", token_hash)
        .fetch_optional(db)
        .await?
        .map(ShareLink::from))
}

/// The links of a gallery, newest first.
pub async fn list(db: impl PgExecutor<'_>, gallery: GalleryId) -> sqlx::Result<Vec<ShareLink>> {
    let rows =
        select_links!("where share_links.gallery_id = $1 order by share_links.id desc limit 500", gallery.0);
    Ok(rows.fetch_all(db).await?.into_iter().map(ShareLink::from).collect())
}

/// Makes a link.
pub async fn create(transaction: &mut PgTransaction<'_>, new: &NewRow<'_>) -> sqlx::Result<ShareLinkId> {
    let policy = new.policy;
    let id = sqlx::query_scalar!(
        "insert into share_links (gallery_id, sender_id, token, token_sealed, access_level, expires_at, customer_id,
            recipient_email, password_hash, max_views, max_downloads, message, tells_sender, is_limited_to_sections)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) returning id",
        new.gallery.0,
        new.sender.0,
        new.token_hash,
        new.token_sealed,
        policy.level.as_str(),
        new.expires_at,
        new.customer.map(|customer| customer.0) as Option<i32>,
        new.recipient_email,
        new.password_hash,
        policy.max_views,
        policy.max_downloads,
        policy.message,
        policy.tells_sender,
        policy.sections.is_some()
    );
    let id = id.fetch_one(&mut **transaction).await?;
    create_sections(transaction, id, policy.sections.as_deref()).await?;
    Ok(id)
}

async fn create_sections(
    transaction: &mut PgTransaction<'_>,
    link: ShareLinkId,
    sections: Option<&[SectionId]>,
) -> sqlx::Result<()> {
    let sections: Vec<i64> = sections.unwrap_or_default().iter().map(|section| section.0).collect();
    sqlx::query!(
        "insert into share_link_sections (share_link_id, section_id)
         select share_links.id, sections.id from share_links join sections on sections.gallery_id = share_links.gallery_id
         where share_links.id = $1 and sections.id = any($2)",
        link.0,
        &sections
    )
    .execute(&mut **transaction)
    .await
    .map(drop)
}

/// Changes a link. Addresses that it gave out end where its power changes.
pub async fn update(
    transaction: &mut PgTransaction<'_>,
    id: ShareLinkId,
    change: &Change,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update share_links set
            access_level = coalesce($2, access_level),
            expires_at = case when $3 then $4 else expires_at end,
            max_views = case when $5 then $6 else max_views end,
            max_downloads = case when $7 then $8 else max_downloads end,
            password_hash = case when $9 then $10 else password_hash end,
            failed_unlocks = case when $9 then 0 else failed_unlocks end,
            tells_sender = coalesce($11, tells_sender),
            epoch = epoch + case when $2 is not null and $2 is distinct from access_level or $9 then 1 else 0 end
         where id = $1",
        id.0,
        change.level.map(LinkLevel::as_str),
        change.expires_at.is_some(),
        change.expires_at.flatten(),
        change.max_views.is_some(),
        change.max_views.flatten(),
        change.max_downloads.is_some(),
        change.max_downloads.flatten(),
        change.password_hash.is_some(),
        change.password_hash.as_ref().and_then(Option::as_deref),
        change.tells_sender
    )
    .execute(&mut **transaction)
    .await
    .map(drop)
}

/// Ends a link; every address it gave out ends with it.
pub async fn update_revoked(db: impl PgExecutor<'_>, id: ShareLinkId) -> sqlx::Result<()> {
    sqlx::query!(
        "update share_links set is_active = false, revoked_at = coalesce(revoked_at, now()), epoch = epoch + 1 where id = $1",
        id.0
    )
    .execute(db)
    .await
    .map(drop)
}

/// Counts a visit if the link still opens; `None` if it does not, else whether it was the first. Exact, however many come
/// at once.
pub async fn update_visited(
    transaction: &mut PgTransaction<'_>,
    id: ShareLinkId,
) -> sqlx::Result<Option<bool>> {
    sqlx::query_scalar!(
        r#"update share_links set views = coalesce(views, 0) + 1, first_opened_at = coalesce(first_opened_at, now()),
            last_opened_at = now()
         where id = $1 and is_active is not false and revoked_at is null
           and (expires_at is null or expires_at > now() at time zone 'utc')
           and (max_views is null or coalesce(views, 0) < max_views)
         returning first_opened_at = now() as "first!""#,
        id.0
    )
    .fetch_optional(&mut **transaction)
    .await
}

/// What a share link gives if it is open now and still at this epoch.
pub async fn find_power(
    db: impl PgExecutor<'_>,
    link: ShareLinkId,
    epoch: i32,
) -> sqlx::Result<Option<LinkPower>> {
    let row = sqlx::query!(
        r#"select gallery_id as "gallery_id!: GalleryId", access_level, is_limited_to_sections,
            array(select section_id from share_link_sections where share_link_id = share_links.id) as "sections!"
         from share_links
         where id = $1 and epoch = $2 and is_active is not false and revoked_at is null and gallery_id is not null
           and (expires_at is null or expires_at > now() at time zone 'utc')"#,
        link.0,
        epoch
    );
    Ok(row.fetch_optional(db).await?.map(|row| LinkPower {
        gallery: row.gallery_id,
        level: LinkLevel::from_stored(row.access_level.as_deref()),
        sections: row.is_limited_to_sections.then(|| row.sections.into_iter().map(SectionId).collect()),
    }))
}

impl From<Row> for ShareLink {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            gallery: row.gallery,
            gallery_name: row.gallery_name,
            sender: row.sender,
            customer: row.customer,
            token_sealed: row.token_sealed,
            level: LinkLevel::from_stored(row.access_level.as_deref()),
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked: row.revoked,
            views: row.views,
            max_views: row.max_views,
            downloads: row.downloads,
            max_downloads: row.max_downloads,
            password_hash: row.password_hash,
            message: row.message,
            tells_sender: row.tells_sender,
            sections: row.sections.map(|sections| sections.into_iter().map(SectionId).collect()),
            recipient_email: row.recipient_email,
            first_opened_at: row.first_opened_at,
            last_opened_at: row.last_opened_at,
            mail_state: row.mail_state,
            epoch: row.epoch,
        }
    }
}
