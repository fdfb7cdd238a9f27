//! `/admin/invitations`: sending somebody a link with which they make an account, and taking such links back.

use actix_session::Session as BrowserState;
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path, Query},
};
use common::{
    Error, Result,
    csrf::{CsrfChecked, CsrfForm},
    error::FieldErrors,
    flash,
    view::{Page, View},
    web::see_other,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Choice, PAGE, parse_role, role_choices, short_moment};
use crate::{
    App,
    audit::Origin,
    identity::{AdminUser, RecentAdmin},
    invitations::{self, Invitation, InvitationId, Invited, State, store},
    sessions::Session,
    users::EmailAddress,
};

const ADDRESS: &str = "/admin/invitations";

/// From where the list goes on.
#[derive(Default, Deserialize)]
pub struct Way {
    after: Option<Uuid>,
}

/// The form as it was sent.
#[derive(Deserialize, Serialize)]
pub struct InviteForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    role: String,
}

#[derive(Serialize)]
struct InvitationsPage {
    invitations: Vec<InvitationRow>,
    form: InviteForm,
    errors: FieldErrors,
    roles: Vec<Choice>,
    is_possible: bool,
    first: String,
    next: String,
}

#[derive(Serialize)]
struct InvitationRow {
    id: Uuid,
    email: String,
    role_text: &'static str,
    state: &'static str,
    state_text: &'static str,
    is_open: bool,
    by: String,
    created_text: String,
    expires_text: String,
}

impl Page for InvitationsPage {
    const TEMPLATE: &'static str = "admin/invitations.html";

    fn title(&self) -> String {
        "Invitations".to_owned()
    }
}

/// The page.
pub async fn get(app: Data<App>, _admin: AdminUser, way: Query<Way>, view: View) -> Result<HttpResponse> {
    let form = InviteForm { email: String::new(), role: "viewer".to_owned() };
    view.ok(&page(&app, &way, form, FieldErrors::new()).await?)
}

/// Sends an invitation; an older one to the same address counts no more.
pub async fn post(
    app: Data<App>,
    admin: RecentAdmin,
    request: HttpRequest,
    state: BrowserState,
    form: CsrfForm<InviteForm>,
) -> Result<HttpResponse> {
    match invite(&app, &admin.0, &request, &form.0).await {
        Ok(()) => {
            flash::success(&state, format!("An invitation is on its way to {}.", form.0.email.trim()))?;
            Ok(see_other(ADDRESS))
        }
        Err(Error::Invalid(errors)) => {
            let page = page(&app, &Way::default(), form.0, errors).await?;
            View::of(&request).status(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(other) => Err(other),
    }
}

/// Takes an invitation back: its link works no more.
pub async fn withdraw(
    app: Data<App>,
    admin: RecentAdmin,
    request: HttpRequest,
    state: BrowserState,
    id: Path<Uuid>,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    if invitations::withdraw(&app, &admin.0, InvitationId(*id), &Origin::of(&request)).await? {
        flash::success(&state, "The invitation is withdrawn. Its link works no more.")?;
    } else {
        flash::warning(&state, "This invitation was not open any more.")?;
    }
    Ok(see_other(ADDRESS))
}

async fn invite(app: &App, by: &Session, request: &HttpRequest, form: &InviteForm) -> Result<()> {
    let email = EmailAddress::parse(&form.email).map_err(|message| Error::invalid("email", message))?;
    let role = parse_role(&form.role)?;
    match invitations::invite(app, by, &email, role, &Origin::of(request)).await? {
        Invited::Sent(_) => Ok(()),
        Invited::HasAccount(_, name) => {
            let sentence = format!("There is an account with this address already: {name}.");
            Err(Error::invalid("email", sentence))
        }
        Invited::Closed => {
            Err(Error::Conflict("New accounts are closed by the settings of this site.".to_owned()))
        }
    }
}

async fn page(app: &App, way: &Way, form: InviteForm, errors: FieldErrors) -> Result<InvitationsPage> {
    let after = way.after.map(InvitationId);
    let mut found = store::list(&app.db, after, i64::from(PAGE) + 1).await?;
    let more = found.len() > usize::from(PAGE);
    found.truncate(PAGE.into());
    let next = found.last().filter(|_| more).map(|last| format!("{ADDRESS}?after={}", last.id.0));
    Ok(InvitationsPage {
        invitations: found.into_iter().map(InvitationRow::from).collect(),
        form,
        errors,
        roles: role_choices(),
        is_possible: invitations::is_possible(app),
        first: after.map(|_| ADDRESS.to_owned()).unwrap_or_default(),
        next: next.unwrap_or_default(),
    })
}

impl From<Invitation> for InvitationRow {
    fn from(invitation: Invitation) -> Self {
        Self {
            id: invitation.id.0,
            email: invitation.email,
            role_text: invitation.role.label(),
            state: invitation.state.as_str(),
            state_text: match invitation.state {
                State::Open => "Open",
                State::Used => "Accepted",
                State::Withdrawn => "Withdrawn",
                State::Expired => "Expired",
                State::Void => "Void: its sender is no administrator any more",
            },
            // What is void counts again with its sender's role, so it can be withdrawn too.
            is_open: matches!(invitation.state, State::Open | State::Void),
            by: invitation.invited_by.unwrap_or_default(),
            created_text: short_moment(invitation.created_at),
            expires_text: short_moment(invitation.expires_at),
        }
    }
}
