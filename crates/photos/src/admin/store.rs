//! What accounts own, in the database of photos.

use common::identity::UserId;
use sqlx::PgExecutor;

/// What one account owns.
pub struct Belongings {
    /// Whose.
    pub user: Option<UserId>,
    /// Galleries.
    pub galleries: i64,
    /// Photos.
    pub photos: i64,
}

/// What these accounts own; one that was never here owns nothing and is not in the answer.
pub async fn list_belongings(db: impl PgExecutor<'_>, users: &[i32]) -> sqlx::Result<Vec<Belongings>> {
    sqlx::query_as!(
        Belongings,
        r#"select auth_user_id as user,
            (select count(*) from gallery where gallery.user_id = users.id) as "galleries!",
            (select count(*) from photo where photo.photographer_id = users.id) as "photos!"
        from users where auth_user_id = any($1)"#,
        users,
    )
    .fetch_all(db)
    .await
}
