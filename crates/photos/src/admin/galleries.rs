//! `/admin/galleries`: every gallery here, whoever owns it, also those whose owner is gone.

use actix_web::{
    HttpResponse,
    web::{Data, Query},
};
use common::{
    Result,
    view::{Page, View},
};
use serde::{Deserialize, Serialize};

use super::store;
use crate::{
    app::App,
    galleries::{GalleryId, day_text},
    identity::Administrator,
    photos::{Listing, PAGE},
    statistics::chart::grouped,
};

/// The list.
pub const GALLERIES: &str = "/admin/galleries";

/// The query of the page.
#[derive(Clone, Default, Deserialize, Serialize)]
pub struct ListForm {
    #[serde(default)]
    q: String,
    after: Option<GalleryId>,
}

#[derive(Serialize)]
struct GalleriesPage {
    galleries: Vec<Row>,
    form: ListForm,
    next: String,
}

#[derive(Serialize)]
struct Row {
    id: GalleryId,
    name: String,
    owner_name: String,
    state_text: &'static str,
    photos_text: String,
    views_text: String,
    created_text: String,
    is_open: bool,
}

impl Page for GalleriesPage {
    const TEMPLATE: &'static str = "admin/galleries.html";

    fn title(&self) -> String {
        "All galleries".to_owned()
    }
}

/// The page.
pub async fn get(
    app: Data<App>,
    _admin: Administrator,
    form: Query<ListForm>,
    view: View,
) -> Result<HttpResponse> {
    let form = form.into_inner();
    let found = store::list_galleries(&app.db, form.q.trim(), form.after, PAGE + 1).await?;
    let found = Listing::of(found, PAGE);
    let next = found.items.last().filter(|_| found.more).map(|last| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", &form.q).append_pair("after", &last.id.to_string());
        format!("{GALLERIES}?{}", query.finish())
    });
    view.ok(&GalleriesPage {
        galleries: found.items.into_iter().map(Row::of).collect(),
        form,
        next: next.unwrap_or_default(),
    })
}

impl Row {
    fn of(gallery: store::AnyGallery) -> Self {
        Self {
            id: gallery.id,
            name: gallery.name,
            owner_name: gallery.owner_name,
            state_text: match (gallery.is_deleted, gallery.owner_is_gone, gallery.is_public) {
                (true, ..) => "In the trash",
                (_, true, _) => "Its owner is gone",
                (.., true) => "Public",
                _ => "Private",
            },
            photos_text: grouped(gallery.photos),
            views_text: grouped(gallery.views),
            created_text: day_text(gallery.created_at),
            is_open: !gallery.is_deleted,
        }
    }
}
