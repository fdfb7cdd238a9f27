//! `/admin/mails`: what photos mailed, to whom, what became of it, and another try.

use actix_session::Session;
use actix_web::{
    HttpResponse,
    web::{Data, Path, Query},
};
use chrono::{DateTime, Utc};
use common::{
    Error, OrNotFound, Result,
    csrf::CsrfChecked,
    flash,
    mailer::Outbox,
    view::{Page, View},
    web::see_other,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::store::mails as store;
use crate::{
    app::App,
    galleries,
    identity::Administrator,
    photos::{Listing, PAGE},
    shares::{self, ShareLinkId, State},
};

/// The page.
pub const MAILS: &str = "/admin/mails";

const STATES: [(&str, &str); 4] =
    [("", "All"), ("waiting", "Waiting"), ("sent", "Sent"), ("failed", "Given up")];

/// The query of the page.
#[derive(Clone, Default, Deserialize, Serialize)]
pub struct ListForm {
    #[serde(default)]
    state: String,
    after: Option<Uuid>,
}

#[derive(Serialize)]
struct MailsPage {
    mails: Vec<Row>,
    states: Vec<StateLink>,
    next: String,
}

#[derive(Serialize)]
struct StateLink {
    label: &'static str,
    href: String,
    current: bool,
}

#[derive(Serialize)]
struct Row {
    id: Uuid,
    kind_text: &'static str,
    recipient: String,
    state: &'static str,
    state_text: &'static str,
    note: String,
    when_text: String,
    /// What the button says; empty where nothing can be done.
    action: &'static str,
}

impl Page for MailsPage {
    const TEMPLATE: &'static str = "admin/mails.html";

    fn title(&self) -> String {
        "Mail".to_owned()
    }
}

/// The page.
pub async fn get(
    app: Data<App>,
    _admin: Administrator,
    form: Query<ListForm>,
    view: View,
) -> Result<HttpResponse> {
    let ListForm { state, after } = form.into_inner();
    let found = Listing::of(store::list(&app.db, &state, after, PAGE + 1).await?, PAGE);
    let address =
        |state: &str| if state.is_empty() { MAILS.to_owned() } else { format!("{MAILS}?state={state}") };
    let next = found.items.last().filter(|_| found.more).map(|last| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("state", &state).append_pair("after", &last.id.to_string());
        format!("{MAILS}?{}", query.finish())
    });
    let states = STATES.map(|(word, label)| StateLink { label, href: address(word), current: word == state });
    view.ok(&MailsPage {
        mails: found.items.into_iter().map(Row::of).collect(),
        states: states.into(),
        next: next.unwrap_or_default(),
    })
}

/// `POST /admin/mails/{id}/again`: a mail that waits is tried now. What others said is erased; one that carried a link is
/// written again.
pub async fn again(
    app: Data<App>,
    _admin: Administrator,
    id: Path<Uuid>,
    session: Session,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    let mail = store::find(&app.db, *id).await?.or_not_found()?;
    let done = match (mail.is_waiting(), mail.link) {
        (true, _) => Outbox::update_due(&app.db, *id).await.map_err(Error::from),
        (false, Some(link)) => send_again(&app, link, &mail.recipient).await,
        (false, None) => {
            Err(Error::Conflict("What this mail said is erased, so it can't be sent again.".to_owned()))
        }
    };
    match done {
        Ok(()) => flash::success(&session, format!("The mail to {} is on its way.", mail.recipient))?,
        Err(Error::Conflict(said)) => flash::warning(&session, said)?,
        Err(other) => return Err(other),
    }
    Ok(see_other(MAILS))
}

async fn send_again(app: &App, link: ShareLinkId, to: &str) -> Result<()> {
    let link = shares::store::find(&app.db, link).await?.or_not_found()?;
    let gallery = match link.gallery {
        Some(gallery) if link.state() == State::Active => {
            galleries::store::find(&app.db, gallery, None).await?
        }
        _ => None,
    };
    let Some(gallery) = gallery.filter(|_| link.url(app).is_some()) else {
        return Err(Error::Conflict(
            "The link in this mail opens nothing any more, so it is not sent again.".to_owned(),
        ));
    };
    let mut transaction = app.db.begin().await?;
    shares::letters::send_shared(app, &mut transaction, &gallery, &link, to).await?;
    Ok(transaction.commit().await?)
}

impl store::Mail {
    fn is_waiting(&self) -> bool {
        self.sent_at.is_none() && self.failed_at.is_none()
    }
}

impl Row {
    fn of(mail: store::Mail) -> Self {
        let (state, state_text) = match (mail.sent_at, mail.failed_at) {
            (Some(_), _) => ("sent", "Sent"),
            (_, Some(_)) => ("failed", "Given up"),
            _ => ("waiting", "Waiting"),
        };
        let action = match (state, mail.link) {
            ("waiting", _) if mail.last_error.is_some() => "Try now",
            ("sent" | "failed", Some(_)) => "Send again",
            _ => "",
        };
        let said = mail.last_error.clone().unwrap_or_default();
        let note = if mail.is_waiting() && mail.last_error.is_some() {
            format!("{said} (next try {})", moment_text(mail.next_attempt_at))
        } else {
            said
        };
        Self {
            id: mail.id,
            kind_text: kind_text(&mail.kind),
            recipient: mail.recipient,
            state,
            state_text,
            note,
            when_text: moment_text(mail.created_at),
            action,
        }
    }
}

/// “22 Nov 2026, 11:12”.
pub fn moment_text(time: DateTime<Utc>) -> String {
    time.format("%-d %b %Y, %H:%M").to_string()
}

fn kind_text(kind: &str) -> &'static str {
    match kind {
        "gallery_shared" => "Link to a gallery",
        "link_opened" => "A link was opened",
        "permission_granted" => "Permission for a gallery",
        _ => "Mail",
    }
}
