//! How many photos a link includes: each counts once, exactly, however many are asked for at once.

use actix_web::web::Data;
use common::{Error, Result};
use sqlx::PgPool;
use tokio::task::JoinHandle;

use super::store;
use crate::{
    app::App,
    media::sending::Asked,
    shares::{ShareLink, ShareLinkId},
};

/// Of a link without a limit so many are counted before the first byte; more are counted before the last.
const COUNTED_FIRST: usize = 500;

/// More was asked for than is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// So many photos may still go out.
    pub left: i64,
    /// So many of those asked for did not go out yet.
    pub wanted: i64,
}

/// What becomes of a request for photos.
pub enum Taken {
    /// They are counted and go out.
    Counted,
    /// They go out, the last byte of them when this has ended: whoever has all of them is counted, whatever dies when.
    Counting(JoinHandle<()>),
    /// None of them goes out.
    Refused(Refused),
}

/// Counts the photos that a request gets, or refuses them all. Asking for the head, or for what one has, counts nothing.
/// Whoever goes on with a part of it gets photos too: that counts again what a kill may have kept from being counted.
pub async fn take(app: &Data<App>, link: &ShareLink, photos: &[i32], asked: &Asked) -> Result<Taken> {
    let counts = matches!(asked, Asked::Whole | Asked::Part(_));
    let goes_on = matches!(asked, Asked::Part(range) if range.start > 0);
    if link.max_downloads.is_none() && counts && (goes_on || photos.len() > COUNTED_FIRST) {
        let (app, id, photos) = (app.clone(), link.id, photos.to_vec());
        return Ok(Taken::Counting(tokio::spawn(async move {
            if let Err(error) = count(&app.db, id, &photos, true).await {
                tracing::warn!(link = %id, %error, "the downloads of a link could not be counted");
            }
        })));
    }
    let refused = count(&app.db, link.id, photos, counts).await?;
    Ok(refused.map_or(Taken::Counted, Taken::Refused))
}

async fn count(db: &PgPool, link: ShareLinkId, photos: &[i32], counts: bool) -> Result<Option<Refused>> {
    let mut transaction = db.begin().await?;
    let Some(included) = store::find_for_update(&mut transaction, link).await? else {
        return Err(Error::Gone("This link was closed a moment ago.".to_owned()));
    };
    if let Some(most) = included.most {
        let wanted = store::count_new(&mut *transaction, link, photos).await?;
        let left = i64::from(most - included.used).max(0);
        if wanted > left {
            return Ok(Some(Refused { left, wanted }));
        }
    }
    if counts {
        store::create_downloads(&mut transaction, link, photos).await?;
        transaction.commit().await?;
    }
    Ok(None)
}

impl Refused {
    /// What it says to the client.
    pub fn text(self, photographer: &str) -> String {
        let left = match self.left {
            0 => "No more photos are included in this link.".to_owned(),
            1 => "1 more photo is included in this link.".to_owned(),
            left => format!("{left} more photos are included in this link."),
        };
        let remedy = if self.left > 0 {
            format!("This download has {}: choose fewer, or ask {photographer} for more.", self.wanted)
        } else {
            format!(
                "Please ask {photographer} if you want more. What you have downloaded you can download again."
            )
        };
        format!("{left} {remedy}")
    }
}
