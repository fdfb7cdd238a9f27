//! What visitors' and accounts' downloads have in common: the question in the address, and the answer.

use std::{future::Future, ops::Range, sync::Arc};

use actix_web::{HttpRequest, HttpResponse, web::Data};
use common::{OrNotFound, Result, secrets::hex};
use serde::Deserialize;
use tokio::task::JoinHandle;
use utoipa::IntoParams;

use super::{
    Scope, Size, plan as plan_archive,
    plan::{Entry, Item, Plan},
    plan_one, store,
    store::Source,
    stream,
};
use crate::{
    app::App,
    galleries::{Gallery, SectionId, sections},
    media::sending::{Asked, Sendable},
};

/// What is asked for beside the place.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct Wanted {
    /// A section of the gallery.
    pub section: Option<SectionId>,
    /// The key of a selection.
    pub selection: Option<String>,
    /// Without it, the best that may be had.
    pub size: Option<Size>,
}

/// The scope of a section, and its name; 404 for a section of another gallery or one that is not shown.
pub async fn of_section(
    app: &App,
    gallery: &Gallery,
    scope: Scope,
    section: Option<SectionId>,
) -> Result<(Scope, String)> {
    let Some(id) = section else { return Ok((scope, gallery.name.clone())) };
    let sections = sections::store::list(&app.db, gallery.id).await?;
    let section = sections.into_iter().find(|section| section.id == id).or_not_found()?;
    scope.sections.as_ref().is_none_or(|shown| shown.contains(&id)).then_some(()).or_not_found()?;
    Ok((Scope { sections: Some(vec![id]), ..scope }, format!("{} – {}", gallery.name, section.name)))
}

/// Whether a download goes out.
pub enum Go {
    /// Yes; where something is still being written down, its last byte when that has ended.
    On(Option<JoinHandle<()>>),
    /// No, this is the answer.
    Instead(HttpResponse),
}

/// An archive on its way. `before` runs before the first byte, with the photos that are asked for.
pub async fn archive<F>(
    app: &Data<App>,
    request: &HttpRequest,
    scope: &Scope,
    name: &str,
    before: impl FnOnce(Asked, Vec<i32>) -> F,
) -> Result<HttpResponse>
where
    F: Future<Output = Result<Go>>,
{
    let plan = plan_archive(&app.db, scope, name).await?;
    let sendable = of_plan(&plan, name);
    let asked = sendable.asked(request);
    let photos = plan.items().iter().map(|item| item.photo.0).collect();
    let end = match before(asked.clone(), photos).await? {
        Go::On(end) => end,
        Go::Instead(other) => return Ok(other),
    };
    let plan = Arc::new(plan);
    let open = async |range: Range<u64>| {
        let length = range.end - range.start;
        Ok(stream::ending_after(stream::archive(app.clone(), plan, range), length, end))
    };
    sendable.send(asked, open).await
}

/// One photo on its way.
pub async fn single<F>(
    app: &Data<App>,
    request: &HttpRequest,
    scope: &Scope,
    before: impl FnOnce(Asked, Vec<i32>) -> F,
) -> Result<HttpResponse>
where
    F: Future<Output = Result<Go>>,
{
    let entry = plan_one(&app.db, scope).await?;
    let source = store::list_sources(&app.db, entry.form, &[entry.photo]).await?.pop();
    let sendable = of_entry(&entry, source.as_ref());
    let asked = sendable.asked(request);
    let end = match before(asked.clone(), vec![entry.photo.0]).await? {
        Go::On(end) => end,
        Go::Instead(other) => return Ok(other),
    };
    let Entry { photo, form, sha256, size, .. } = entry;
    let item = Item { photo, form, sha256 };
    let open = async |range: Range<u64>| {
        let length = range.end - range.start;
        let bytes = stream::photo(app.clone(), item, source.as_ref(), range, size).await?;
        Ok(stream::ending_after(bytes, length, end))
    };
    sendable.send(asked, open).await
}

fn of_plan(plan: &Plan, name: &str) -> Sendable {
    Sendable {
        tag: plan.tag().to_owned(),
        size: plan.size(),
        media_type: "application/zip".to_owned(),
        caching: "private, no-store",
        filename: Some(format!("{name}.zip")),
    }
}

fn of_entry(entry: &Entry, source: Option<&Source>) -> Sendable {
    Sendable {
        tag: hex(&entry.sha256),
        size: entry.size,
        media_type: source.map(|source| source.media_type.clone()).unwrap_or_default(),
        caching: "private, no-store",
        filename: Some(entry.name().into_owned()),
    }
}
