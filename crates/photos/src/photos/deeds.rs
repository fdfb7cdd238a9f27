//! `POST /photos/deeds`: one deed to the photos that were ticked on a page, with a way to take it back.

use actix_session::Session;
use actix_web::{HttpResponse, web::Data};
use common::{
    Error, Result,
    csrf::CsrfForm,
    flash::{self, Undo},
    return_to,
    web::see_other,
};
use serde::Deserialize;

use super::{
    PhotoId,
    batch::Outcome,
    change::{self, Deed},
};
use crate::{
    app::App,
    galleries::{self, Details, GalleryId, SectionId, find_for},
    identity::CurrentUser,
    policy::{Access, Viewer},
};

/// Ticked photos, and what is to be done with them.
#[derive(Deserialize)]
pub struct DeedForm {
    #[serde(default)]
    photo_ids: Vec<PhotoId>,
    /// `archive`, `unarchive`, `lock`, `unlock`, `rate-3`, `section-12`, `section-none`, `move`, `copy`, `remove`, `delete`.
    #[serde(default)]
    deed: String,
    /// Where they move or are copied: an id, or `new`.
    #[serde(default)]
    gallery_id: String,
    /// The name of the new gallery.
    #[serde(default)]
    name: String,
    /// The page they were ticked on.
    #[serde(default)]
    return_to: String,
}

/// Does it, says what became of it, and goes back; photos that went elsewhere are shown there.
pub async fn post(
    app: Data<App>,
    user: CurrentUser,
    session: Session,
    form: CsrfForm<DeedForm>,
) -> Result<HttpResponse> {
    let form = form.0;
    let back =
        return_to::local(&app.config.public_url, &form.return_to).unwrap_or_else(|| "/photos".to_owned());
    if form.photo_ids.is_empty() {
        flash::warning(&session, "Choose some photos first.")?;
        return Ok(see_other(&back));
    }
    let (deed, target) = match wished(&app, &user, &form).await {
        Ok(wished) => wished,
        Err(Error::Invalid(errors)) => {
            flash::warning(&session, errors.into_values().next().unwrap_or_default())?;
            return Ok(see_other(&back));
        }
        Err(error) => return Err(error),
    };
    let ids: Vec<i32> = form.photo_ids.iter().map(|photo| photo.0).collect();
    let leaving = match (deed, &target) {
        (Deed::Move { .. }, Some(target)) => {
            galleries::store::count_elsewhere(&app.db, target.id, &ids).await?
        }
        _ => 0,
    };
    let outcome = change::do_to_all(&app.db, &user, &form.photo_ids, deed).await?;
    // A photo's own page is gone when the photo is in the trash.
    let to = target.as_ref().map_or_else(|| back.clone(), |target| format!("/gallery/{}", target.id));
    tell(&session, deed, &outcome, target.as_ref(), &back)?;
    if leaving > 0 {
        let text = format!("A photo is in one gallery at a time: {leaving} left the one before.");
        flash::warning(&session, text)?;
    }
    Ok(see_other(&to))
}

/// The gallery that photos go to.
struct Target {
    id: GalleryId,
    name: String,
}

async fn wished(app: &App, user: &CurrentUser, form: &DeedForm) -> Result<(Deed, Option<Target>)> {
    let simple = match form.deed.as_str() {
        "archive" => Some(Deed::Archive),
        "unarchive" => Some(Deed::Unarchive),
        "lock" => Some(Deed::Lock),
        "unlock" => Some(Deed::Unlock),
        "remove" => Some(Deed::Move { gallery_id: None }),
        "delete" => Some(Deed::Delete),
        "section-none" => Some(Deed::Arrange { section_id: None }),
        other => numbered(other),
    };
    if let Some(deed) = simple {
        return Ok((deed, None));
    }
    if !["move", "copy"].contains(&form.deed.as_str()) {
        return Err(Error::BadRequest("Choose what to do with the photos.".to_owned()));
    }
    let target = target(app, user, form).await?;
    let deed = if form.deed == "copy" {
        Deed::Copy { gallery_id: target.id }
    } else {
        Deed::Move { gallery_id: Some(target.id) }
    };
    Ok((deed, Some(target)))
}

/// `rate-3` and `section-12`.
fn numbered(text: &str) -> Option<Deed> {
    let (word, number) = text.split_once('-')?;
    match word {
        "rate" => number.parse().ok().map(|rating| Deed::Rate { rating }),
        "section" => number.parse().ok().map(|id| Deed::Arrange { section_id: Some(SectionId(id)) }),
        _ => None,
    }
}

/// The gallery that is named, made where it is a new one.
async fn target(app: &App, user: &CurrentUser, form: &DeedForm) -> Result<Target> {
    if form.gallery_id.is_empty() || form.gallery_id == "new" {
        if !user.role.may_own_galleries() {
            return Err(Error::Forbidden("Only photographers make galleries.".to_owned()));
        }
        let name = if form.name.trim().is_empty() { "New gallery" } else { &form.name };
        let details = Details::parse(name, "", false).map_err(Error::Invalid)?;
        let id = galleries::store::create(&app.db, user.account, &details).await?;
        return Ok(Target { id, name: details.name });
    }
    let id = form.gallery_id.parse().map(GalleryId).map_err(|_| Error::NotFound)?;
    let (gallery, _) = find_for(&app.db, Viewer::Person(user), id, Access::Own).await?;
    Ok(Target { id, name: gallery.name })
}

fn tell(
    session: &Session,
    deed: Deed,
    outcome: &Outcome,
    target: Option<&Target>,
    return_to: &str,
) -> Result<()> {
    let done = outcome.done.len();
    if done > 0 {
        let (one, many) = words(deed, target.map_or("", |target| &target.name));
        let text = if done == 1 { format!("1 photo {one}.") } else { format!("{done} photos {many}.") };
        let undo = outcome.undo.map(|undo| Undo {
            path: "/photos/undo".to_owned(),
            value: undo.0.to_string(),
            return_to: return_to.to_owned(),
        });
        flash::undoable(session, text, undo)?;
    }
    let count = |reason| outcome.skipped.iter().filter(|skipped| skipped.reason == reason).count();
    let locked = count("locked");
    let others = outcome.skipped.len() - locked;
    if locked > 0 {
        let photos =
            if locked == 1 { "1 locked photo".to_owned() } else { format!("{locked} locked photos") };
        flash::warning(session, format!("{photos} stayed as before. Unlock first, then try again."))?;
    }
    if others > 0 {
        let photos = if others == 1 { "1 photo".to_owned() } else { format!("{others} photos") };
        flash::warning(
            session,
            format!("{photos} stayed as before: not yours to change like this, or gone."),
        )?;
    }
    Ok(())
}

/// What became of one photo, and of several.
fn words(deed: Deed, gallery: &str) -> (String, String) {
    let both = |one: &str, many: &str| (one.to_owned(), many.to_owned());
    match deed {
        Deed::Archive => {
            both("is archived: clients no longer see it", "are archived: clients no longer see them")
        }
        Deed::Unarchive => both("is shown again", "are shown again"),
        Deed::Lock => {
            both("is locked: it can't be changed or deleted", "are locked: they can't be changed or deleted")
        }
        Deed::Unlock => both("is unlocked", "are unlocked"),
        Deed::Rate { rating } if rating <= 0.0 => both("has no stars now", "have no stars now"),
        Deed::Rate { rating } => {
            let stars =
                if (rating - 1.0).abs() < 0.1 { "1 star".to_owned() } else { format!("{rating} stars") };
            (format!("has {stars} now"), format!("have {stars} now"))
        }
        Deed::Arrange { section_id: None } => both("is in no section now", "are in no section now"),
        Deed::Arrange { .. } => both("is in that section now", "are in that section now"),
        Deed::Move { gallery_id: None } => {
            both("was taken out and stays among your photos", "were taken out and stay among your photos")
        }
        Deed::Move { .. } => (format!("is now in “{gallery}”"), format!("are now in “{gallery}”")),
        Deed::Copy { .. } => {
            (format!("was copied into “{gallery}”"), format!("were copied into “{gallery}”"))
        }
        Deed::Delete => both("is in the trash", "are in the trash"),
    }
}
