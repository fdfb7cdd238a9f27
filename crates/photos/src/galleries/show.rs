//! `GET /gallery/{id}`: the photos of a gallery, for everybody who may see it.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Query},
};
use common::{
    Error, Result,
    view::{Page, View},
};
use serde::{Deserialize, Serialize};

use super::{Gallery, GalleryId, find_for};
use crate::{
    app::App,
    identity::MaybeUser,
    media::{Grant, Signer},
    originals,
    photos::{
        Cursor, PAGE, store,
        tile::{Look, Tile},
    },
    policy::{Access, Viewer},
    statistics::Visitor,
    upload::UploadPanel,
    viewing::{
        client_page::{self, Showing, client_page},
        is_robot,
    },
};

/// From which photo on.
#[derive(Deserialize)]
pub struct From {
    after: Option<String>,
}

impl From {
    /// The place to go on from.
    pub fn cursor(&self) -> Result<Option<Cursor>> {
        let cursor = self.after.as_deref().map(str::parse::<Cursor>).transpose();
        cursor.map_err(|fault| Error::BadRequest(fault.to_owned()))
    }
}

#[derive(Serialize)]
struct ShowPage {
    gallery: Heading,
    tiles: Vec<Tile>,
    next: Option<String>,
    may_edit: bool,
    may_share: bool,
    upload: Option<UploadPanel>,
}

#[derive(Serialize)]
struct Heading {
    id: GalleryId,
    name: String,
    description: String,
    is_public: bool,
    owner_name: String,
    count: i64,
    count_text: String,
    date_text: String,
}

impl Page for ShowPage {
    const TEMPLATE: &'static str = "gallery/show.html";

    fn title(&self) -> String {
        self.gallery.name.clone()
    }
}

/// The page.
pub async fn get(
    app: Data<App>,
    id: Path<GalleryId>,
    from: Query<From>,
    visitors_from: Query<client_page::From>,
    user: MaybeUser,
    request: HttpRequest,
    view: View,
) -> Result<HttpResponse> {
    let user = user.0;
    let viewer = user.as_ref().map_or(Viewer::Nobody, Viewer::Person);
    let (gallery, access) = find_for(&app.db, viewer, *id, Access::Clean).await?;
    let grant = user.as_ref().map_or(Grant::Public, |user| Grant::Person(user.account));
    if access < Access::Edit {
        if visitors_from.is_beginning() && !is_robot(&request) {
            let visitor = Visitor::of(&request, user.as_ref().map(|user| user.account));
            app.statistics.view(visitor, gallery.id, None);
        }
        let showing = Showing {
            sections: None,
            grant: Some(grant),
            access,
            address: format!("/gallery/{}", gallery.id),
            is_link: false,
            downloads: None,
            gallery: &gallery,
        };
        return view.ok(&client_page::<false>(&app, &showing, &visitors_from).await?);
    }
    let (may_edit, scope) = (true, store::Scope::EVERYTHING);
    let after = from.cursor()?;
    let order = after.as_ref().map_or(gallery.order, Cursor::order);
    let photos = store::list_gallery(&app.db, gallery.id, scope, order, after.as_ref(), PAGE).await?;
    let renditions = store::list_renditions(&app.db, &photos.items).await?;
    let signer = Signer::new(&app.config.secrets, grant);
    let originals = originals::store::list_offers(&app.db, access, &photos.items).await?;
    let look = Look { signer: &signer, marked: false, originals, cover: gallery.cover };
    let next =
        photos.items.last().filter(|_| photos.more).map(|last| format!("?after={}", Cursor::at(last, order)));
    view.ok(&ShowPage {
        tiles: Tile::all(&photos.items, &renditions, &look),
        next: next.map(|query| format!("/gallery/{}{query}", gallery.id)),
        may_edit,
        may_share: access >= Access::Own,
        upload: may_edit.then(|| UploadPanel::new(&app.config.upload, Some(gallery.id))),
        gallery: Heading::of(gallery),
    })
}

impl Heading {
    fn of(gallery: Gallery) -> Self {
        Self {
            id: gallery.id,
            count: gallery.photo_count,
            count_text: gallery.count_text(),
            date_text: gallery.date_text(),
            description: gallery.description.unwrap_or_default(),
            is_public: gallery.is_public,
            owner_name: gallery.owner_name,
            name: gallery.name,
        }
    }
}
