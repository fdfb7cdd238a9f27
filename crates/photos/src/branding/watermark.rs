//! The watermark's form on the page `/branding`: previewed by its address, kept by a POST.

use actix_multipart::Multipart;
use actix_session::Session;
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use common::{
    Error, OrNotFound, Result,
    csrf::{CsrfChecked, CsrfForm},
    flash,
    view::View,
    web::see_other,
};
use imaging::Logo;
use serde::{Deserialize, Serialize};
use url::form_urlencoded::Serializer;

use super::{logo, page, page::Asked, store as brands};
use crate::{
    app::App,
    identity::{CurrentUser, Photographer},
    photos::PhotoId,
    watermarks::{
        Change, ImageSize, Shown, Watermark,
        api::{held, keep, take_png},
        place_named, store,
    },
};

/// What was typed, and what the form showed before.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Typed {
    /// On which photo it is previewed.
    pub photo_id: Option<PhotoId>,
    kind: Option<String>,
    text: Option<String>,
    position: Option<String>,
    size: Option<f64>,
    opacity: Option<f64>,
    angle: Option<f64>,
    margin: Option<f64>,
    /// The look that the form showed, with its size and opacity: another look begins with its own.
    from_look: Option<String>,
    from_size: Option<f64>,
    from_opacity: Option<f64>,
    /// `preview` where it is only to be looked at.
    #[serde(skip_serializing)]
    deed: Option<String>,
}

impl Typed {
    /// A watermark as the form shows it.
    pub fn of(watermark: &Watermark, photo_id: Option<PhotoId>) -> Self {
        Self {
            photo_id,
            kind: Some(watermark.shown.as_str().to_owned()),
            text: watermark.text.clone(),
            position: Some(watermark.position.name().to_owned()),
            size: Some(watermark.size),
            opacity: Some(watermark.opacity),
            angle: Some(watermark.angle),
            margin: Some(watermark.margin),
            from_look: Some(Watermark::look(watermark.shown, watermark.position).to_owned()),
            from_size: Some(watermark.size),
            from_opacity: Some(watermark.opacity),
            deed: None,
        }
    }

    /// Whether nothing of a watermark was said.
    pub fn is_empty(&self) -> bool {
        self.kind.is_none() && self.position.is_none() && self.text.is_none() && self.size.is_none()
    }

    /// What was typed, and of what was not, what there is.
    #[must_use]
    pub fn over(self, watermark: &Watermark, photo_id: Option<PhotoId>) -> Self {
        let known = Self::of(watermark, photo_id);
        Self {
            kind: self.kind.or(known.kind),
            text: self.text.or(known.text),
            position: self.position.or(known.position),
            size: self.size.or(known.size),
            opacity: self.opacity.or(known.opacity),
            angle: self.angle.or(known.angle),
            margin: self.margin.or(known.margin),
            ..known
        }
    }

    /// The change that was meant. A text counts where a text is shown.
    pub fn change(&self) -> Change {
        let is_text = self.kind.as_deref().is_none_or(|kind| kind == Shown::Text.as_str());
        let moved = self.has_other_look();
        let kept = |now: Option<f64>, before: Option<f64>| now.filter(|_| !(moved && now == before));
        Change {
            kind: self.kind.clone(),
            text: self.text.clone().filter(|_| is_text),
            position: self.position.clone(),
            size: kept(self.size, self.from_size),
            opacity: kept(self.opacity, self.from_opacity),
            angle: self.angle,
            margin: self.margin,
        }
    }

    /// What the address of the preview asks for.
    pub fn query(&self) -> String {
        let number = |number: Option<f64>| number.map(|number| number.to_string());
        let fields = [
            ("photo_id", self.photo_id.map(|photo| photo.to_string())),
            ("kind", self.kind.clone()),
            ("text", self.text.clone().filter(|_| self.kind.as_deref() == Some(Shown::Text.as_str()))),
            ("position", self.position.clone()),
            ("size", number(self.size)),
            ("opacity", number(self.opacity)),
            ("angle", number(self.angle)),
            ("margin", number(self.margin)),
        ];
        let mut query = Serializer::new(String::new());
        query.extend_pairs(fields.into_iter().filter_map(|(name, value)| Some((name, value?))));
        query.finish()
    }

    fn has_other_look(&self) -> bool {
        let shown = self.kind.as_deref().and_then(Shown::named);
        let place = self.position.as_deref().and_then(place_named);
        let look = shown.zip(place).map(|(shown, place)| Watermark::look(shown, place));
        look.is_some_and(|look| self.from_look.as_deref().is_some_and(|before| before != look))
    }
}

/// `POST /branding/watermark`: keeps it, or goes to where it is only previewed. The marked pictures are made again in the
/// background.
pub async fn post(
    app: Data<App>,
    user: Photographer,
    session: Session,
    view: View,
    form: CsrfForm<Typed>,
) -> Result<HttpResponse> {
    let owner = user.0.account;
    let mut transaction = app.db.begin().await?;
    let before = held(&mut transaction, owner).await?;
    match before.clone().changed(form.0.change()) {
        Ok(watermark) if form.0.deed.as_deref() == Some("preview") => {
            let query = Typed::of(&watermark, form.0.photo_id).query();
            Ok(see_other(&format!("/branding?{query}#watermark")))
        }
        Ok(watermark) => {
            if watermark != before {
                keep(transaction, owner, &watermark, None).await?;
            }
            flash::success(
                &session,
                "Your watermark is saved. Marked pictures are made again in the background; you need not wait here.",
            )?;
            Ok(see_other("/branding#watermark"))
        }
        Err(errors) => {
            drop(transaction);
            refused(&app, &user.0, &view, Asked { draft: form.0, errors, ..Asked::default() }).await
        }
    }
}

/// `POST /branding/watermark/image`: a PNG, out of its form. It is kept, and drawn once the watermark is saved with it.
pub async fn post_image(
    app: Data<App>,
    request: HttpRequest,
    user: Photographer,
    session: Session,
    view: View,
    body: Multipart,
) -> Result<HttpResponse> {
    let taken = match logo::read(&request, body, "image", Logo::MAX_BYTES).await {
        Ok(file) => take_png(&app, &request, file).await,
        Err(error) => Err(error),
    };
    match taken {
        Ok(png) => hold(&app, &user.0, &session, png).await,
        Err(Error::Invalid(errors)) => {
            refused(&app, &user.0, &view, Asked { errors, ..Asked::default() }).await
        }
        Err(error) => Err(error),
    }
}

/// `POST /branding/watermark/logo`: the logo of one's pages as the watermark's PNG.
pub async fn post_logo(
    app: Data<App>,
    request: HttpRequest,
    user: Photographer,
    session: Session,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    let file = brands::find_own_logo(&app.db, user.0.account).await?.or_not_found()?;
    let png = take_png(&app, &request, file.into()).await?;
    hold(&app, &user.0, &session, png).await
}

/// Keeps a PNG, and goes to where it is previewed. One that takes the place of a PNG that is drawn is drawn at once.
async fn hold(
    app: &App,
    user: &CurrentUser,
    session: &Session,
    (png, size): (Logo, ImageSize),
) -> Result<HttpResponse> {
    let mut transaction = app.db.begin().await?;
    let before = held(&mut transaction, user.account).await?;
    if before.shown == Shown::Image {
        keep(transaction, user.account, &before.with_image(size), Some(png.png())).await?;
        flash::success(session, "The new PNG is in use. Marked pictures are made again in the background.")?;
        return Ok(see_other("/branding#watermark"));
    }
    store::update_image(&mut *transaction, user.account, &before, size, png.png()).await?;
    transaction.commit().await?;
    flash::success(session, "This is how your PNG looks. Save the watermark to use it.")?;
    Ok(see_other("/branding?kind=image&position=bottom_right#watermark"))
}

async fn refused(app: &App, user: &CurrentUser, view: &View, asked: Asked) -> Result<HttpResponse> {
    view.status(StatusCode::UNPROCESSABLE_ENTITY, &page::page(app, user, asked).await?)
}

#[cfg(test)]
mod tests {
    use common::error::FieldErrors;

    use super::*;

    #[test]
    fn another_look_begins_with_its_own_size_unless_one_was_chosen() {
        let before = Typed::of(&Watermark::default(), None);
        let moved = Typed { position: Some("bottom".to_owned()), ..before.clone() };
        assert_eq!((moved.change().size, moved.change().opacity), (None, None));
        let chosen = Typed { opacity: Some(0.3), ..moved };
        assert_eq!((chosen.change().size, chosen.change().opacity), (None, Some(0.3)));
        assert_eq!(before.change().size, before.size, "what stayed where it was keeps its size");
    }

    #[test]
    fn a_text_that_is_not_shown_changes_nothing() {
        let typed = Typed { text: Some("Left over".to_owned()), ..Typed::of(&Watermark::default(), None) };
        let same = Watermark::default().changed(typed.change()).expect("a watermark");
        assert_eq!(same, Watermark::default());
        assert!(!typed.query().contains("Left"));
    }

    #[test]
    fn faults_belong_to_their_fields() {
        let typed = Typed { kind: Some("text".to_owned()), ..Typed::of(&Watermark::default(), None) };
        let faults: FieldErrors = Watermark::default().changed(typed.change()).expect_err("no text");
        assert_eq!(faults.into_keys().collect::<Vec<_>>(), ["text"]);
    }
}
