//! The one place where a download is recorded.

use crate::{
    app::App, galleries::GalleryId, identity::AccountId, media::sending::Asked, photos::PhotoId,
    shares::ShareLinkId, statistics::recorder,
};

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
pub fn record(app: &App, asked: &Asked, download: Download) {
    let begins = match asked {
        Asked::Whole => true,
        Asked::Part(range) => range.start == 0,
        Asked::Known | Asked::Beyond | Asked::Head => false,
    };
    // In no gallery a photo is its owner's alone.
    let (true, Some(gallery)) = (begins, download.gallery) else { return };
    let (link, has_account) = match download.visitor {
        Visitor::Owner(_) => return,
        Visitor::Link(link) => (Some(link), false),
        Visitor::Account(_) => (None, true),
        Visitor::Nobody => (None, false),
    };
    let photos = download.photos.into_iter().map(PhotoId).collect();
    app.statistics.download(recorder::Download { gallery, link, has_account, photos });
}
