//! `/admin/jobs`: how far long work is, what stands in the queue, what went wrong in it, and another try.

use actix_session::Session;
use actix_web::{
    HttpResponse,
    web::{Data, Query},
};
use common::{
    Result,
    csrf::CsrfForm,
    flash,
    view::{Page, View},
    web::see_other,
};
use serde::{Deserialize, Serialize};

use super::mails::moment_text;
use crate::{
    app::App,
    identity::Administrator,
    jobs::{
        self,
        listing::{self, Count, Troubled},
    },
    photos::{Listing, PAGE},
    renditions::progress::{self, Progress},
    statistics::chart::grouped,
};

/// The page.
pub const JOBS: &str = "/admin/jobs";

/// Where a page of the list begins.
#[derive(Deserialize)]
pub struct From {
    after: Option<i64>,
}

/// Which job; none for all that went wrong.
#[derive(Deserialize)]
pub struct RetryForm {
    #[serde(default)]
    job: String,
}

#[derive(Serialize)]
struct JobsPage {
    progress: Vec<Progress>,
    counts: Vec<CountRow>,
    jobs: Vec<JobRow>,
    next: String,
}

#[derive(Serialize)]
struct CountRow {
    task: String,
    waiting: String,
    running: String,
    trying: String,
    given_up: String,
}

#[derive(Serialize)]
struct JobRow {
    id: i64,
    task_text: String,
    photo_id: Option<i32>,
    error: String,
    tries_text: String,
    is_running: bool,
}

impl Page for JobsPage {
    const TEMPLATE: &'static str = "admin/jobs.html";

    fn title(&self) -> String {
        "Work".to_owned()
    }
}

/// The page.
pub async fn get(
    app: Data<App>,
    _admin: Administrator,
    from: Query<From>,
    view: View,
) -> Result<HttpResponse> {
    let found = Listing::of(listing::list_troubled(&app.db, from.after, PAGE + 1).await?, PAGE);
    view.ok(&JobsPage {
        progress: progress::list(&app.db, None).await?,
        counts: listing::list_counts(&app.db).await?.iter().map(CountRow::of).collect(),
        next: found
            .items
            .last()
            .filter(|_| found.more)
            .map(|last| format!("{JOBS}?after={}", last.id))
            .unwrap_or_default(),
        jobs: found.items.into_iter().map(JobRow::of).collect(),
    })
}

/// `POST /admin/jobs`: another try, at once.
pub async fn post(
    app: Data<App>,
    _admin: Administrator,
    session: Session,
    form: CsrfForm<RetryForm>,
) -> Result<HttpResponse> {
    let job = match form.0.job.as_str() {
        "all" => None,
        // A number that is none finds no job.
        number => Some(number.parse().unwrap_or(0)),
    };
    match listing::update_to_now(&app.db, job).await? {
        0 => flash::warning(&session, "It is done or being done already.")?,
        1 => flash::success(&session, "It is tried again now. Reload to see what became of it.")?,
        count => flash::success(
            &session,
            format!("{count} jobs are tried again now. Reload to see what became of them."),
        )?,
    }
    Ok(see_other(JOBS))
}

impl CountRow {
    fn of(count: &Count) -> Self {
        Self {
            task: task_text(&count.task),
            waiting: grouped(count.waiting),
            running: grouped(count.running),
            trying: grouped(count.trying),
            given_up: grouped(count.given_up),
        }
    }
}

impl JobRow {
    fn of(job: Troubled) -> Self {
        let tries = format!("{} of {}", job.attempts, job.max_attempts);
        Self {
            id: job.id,
            task_text: task_text(&job.task),
            photo_id: job.photo_id,
            tries_text: if job.attempts < job.max_attempts && !job.is_running {
                format!("{tries}, next {}", moment_text(job.run_at))
            } else {
                tries
            },
            error: job.last_error,
            is_running: job.is_running,
        }
    }
}

/// What a kind of job does, in words.
fn task_text(task: &str) -> String {
    match task {
        jobs::RENDER => "Make the pictures of a photo".to_owned(),
        jobs::ENCODE => "Write pictures in smaller encodings".to_owned(),
        jobs::ROLL_OUT => "Find photos whose pictures are to be made again".to_owned(),
        jobs::CLEAN => "Prepare originals without places and serial numbers".to_owned(),
        jobs::MEASURE => "Note checksums for downloads".to_owned(),
        other => other.to_owned(),
    }
}
