//! The one place where a download is recorded.

use actix_web::web::Data;

use super::store;
use crate::{
    app::App, galleries::GalleryId, identity::AccountId, media::sending::Asked, shares::ShareLinkId,
};

/// So many photos are counted before the answer, more beside it; and so many in one statement.
const AT_ONCE: usize = 500;

/// Who downloaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visitor {
    /// Somebody with a share link.
    Link(ShareLinkId),
    /// Somebody signed in.
    Account(AccountId),
    /// Who owns the gallery or the photo, or looks after all.
    Owner(AccountId),
    /// Nobody we know, at a public gallery.
    Nobody,
}

/// A download that begins now.
#[derive(Clone, Debug)]
pub struct Download {
    /// Who.
    pub visitor: Visitor,
    /// From which gallery; none from a library.
    pub gallery: Option<GalleryId>,
    /// Which photos.
    pub photos: Vec<i32>,
}

/// Records a download when its first byte is asked for: whoever goes on later is not counted again, and neither are owners
/// with their own photos.
pub async fn record(app: &Data<App>, asked: &Asked, download: Download) {
    let begins = match asked {
        Asked::Whole => true,
        Asked::Part(range) => range.start == 0,
        Asked::Known | Asked::Beyond | Asked::Head => false,
    };
    if !begins || matches!(download.visitor, Visitor::Owner(_)) {
        return;
    }
    if download.photos.len() <= AT_ONCE {
        count(app, &download).await;
    } else {
        let app = app.clone();
        tokio::spawn(async move { count(&app, &download).await });
    }
}

async fn count(app: &App, download: &Download) {
    for photos in download.photos.chunks(AT_ONCE) {
        if let Err(error) = store::update_download_counts(&app.db, photos).await {
            tracing::warn!(%error, visitor = ?download.visitor, "a download could not be counted");
        }
    }
}
