//! `GET /`: what this is, and the public galleries.

use actix_web::{HttpResponse, web::Data};
use common::{
    Result,
    view::{Page, View},
};
use serde::Serialize;

use crate::{
    app::App,
    galleries::{
        Card,
        list::cards,
        store::{self, Kind},
    },
    policy::Viewer,
};

/// As many public galleries as the start page shows.
const MOST: u16 = 12;

#[derive(Serialize)]
struct HomePage {
    public_galleries: Vec<Card>,
}

impl Page for HomePage {
    const TEMPLATE: &'static str = "home.html";

    fn title(&self) -> String {
        "Galleries for your photographs".to_owned()
    }
}

/// The page; the same for everybody, so it does not ask who is looking.
pub async fn get(app: Data<App>, view: View) -> Result<HttpResponse> {
    let galleries = store::list(&app.db, Kind::Public, None, None, MOST).await?;
    view.ok(&HomePage { public_galleries: cards(&app, galleries, Viewer::Nobody).await? })
}
