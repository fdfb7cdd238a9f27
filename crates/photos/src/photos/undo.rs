//! Taking a deed back: what it changed is kept for a day, so that nobody has to be asked whether they are sure.

use actix_session::Session;
use actix_web::{HttpResponse, web::Data};
use common::{
    Error, OrNotFound, Result,
    csrf::{CsrfForm, CsrfJson},
    flash, return_to,
    web::see_other,
};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{PhotoId, store::undos};
use crate::{
    app::App,
    galleries::find_for,
    identity::CurrentUser,
    policy::{Access, Viewer, may_own},
};

/// The key under which a deed can be taken back, by the one who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct UndoId(pub Uuid);

/// Which side of the photos a deed changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aspect {
    /// Rating, archived, locked.
    Flags,
    /// Gallery, section and place in it.
    Place,
    /// They went into the trash.
    Trash,
    /// They were made.
    Copies,
}

impl Aspect {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Flags => "flags",
            Self::Place => "place",
            Self::Trash => "trash",
            Self::Copies => "copies",
        }
    }
}

impl From<String> for Aspect {
    fn from(stored: String) -> Self {
        match stored.as_str() {
            "place" => Self::Place,
            "trash" => Self::Trash,
            "copies" => Self::Copies,
            _ => Self::Flags,
        }
    }
}

/// What is to be taken back, and where to go then.
#[derive(Deserialize)]
pub struct UndoForm {
    value: UndoId,
    #[serde(default)]
    return_to: String,
}

/// What is to be taken back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Undo)]
pub struct Wanted {
    undo: UndoId,
}

/// `POST /photos/undo`.
pub async fn post(
    app: Data<App>,
    user: CurrentUser,
    session: Session,
    form: CsrfForm<UndoForm>,
) -> Result<HttpResponse> {
    let done = take_back(&app.db, &user, form.0.value).await?;
    let photos = if done.len() == 1 { "1 photo is".to_owned() } else { format!("{} photos are", done.len()) };
    flash::success(&session, format!("{photos} as before."))?;
    let back = return_to::local(&app.config.public_url, &form.0.return_to);
    Ok(see_other(back.as_deref().unwrap_or("/photos")))
}

/// The photos that are as before.
#[derive(Serialize, ToSchema)]
struct Undone {
    done: Vec<PhotoId>,
}

/// Takes a batch back, for a day and by the one who sent it.
///
/// Else: 404 nothing is left to put back; 410 too late, not yours, or done
#[utoipa::path(
    post, path = "/api/photos/undo",
    request_body = Wanted,
    responses((status = 200, body = Undone))
)]
pub async fn post_json(app: Data<App>, user: CurrentUser, body: CsrfJson<Wanted>) -> Result<HttpResponse> {
    let done = take_back(&app.db, &user, body.0.undo).await?;
    Ok(HttpResponse::Ok().json(Undone { done }))
}

/// Takes a deed back as far as this person may still change its photos; returns those that are as before.
pub async fn take_back(db: &PgPool, user: &CurrentUser, id: UndoId) -> Result<Vec<PhotoId>> {
    let mut transaction = db.begin().await?;
    let kept = undos::find(&mut transaction, id, user.account).await?;
    let kept = kept.ok_or_else(|| Error::Gone("This can't be undone any more.".to_owned()))?;
    let mut editable = Vec::new();
    // Only flags and places are an editor's to change; photos of others they neither bring back nor delete.
    let galleries =
        if matches!(kept.aspect, Aspect::Flags | Aspect::Place) { kept.galleries } else { Vec::new() };
    for gallery in galleries {
        match find_for(db, Viewer::Person(user), gallery, Access::Edit).await {
            Ok(_) => editable.push(gallery.0),
            Err(Error::NotFound | Error::Forbidden(_)) => {}
            Err(error) => return Err(error),
        }
    }
    let owner = (!may_own(user, None)).then_some(user.account);
    let done = undos::update_taken_back(&mut transaction, id, owner, &editable).await?;
    undos::delete(&mut *transaction, id).await?;
    transaction.commit().await?;
    (!done.is_empty()).then_some(done).or_not_found()
}
