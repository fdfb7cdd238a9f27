//! Invitations: an administrator has a link sent to an address, and whoever opens it gets an account with a role.

pub mod page;
pub mod store;

use chrono::{DateTime, TimeDelta, Utc};
use common::{
    Result,
    identity::{Role, UserId},
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    App,
    accounts::{self, Opened},
    audit::{self, Entry, Event, Origin},
    letters,
    mail_tokens::MailToken,
    passwords::NewPassword,
    registration::Mode,
    sessions::Session,
    users::{self, EmailAddress, NewAccount, Username},
    way, words,
};

/// How long an invitation counts.
pub const LIFETIME: TimeDelta = TimeDelta::days(14);

/// Names an invitation in lists and in the record; opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvitationId(pub Uuid);

/// An invitation as administrators see it.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// Which it is.
    pub id: InvitationId,
    /// Whom it was sent to.
    pub email: String,
    /// The role of the account.
    pub role: Role,
    /// The name of the administrator who sent it; none once that account is gone.
    pub invited_by: Option<String>,
    /// When it was sent last.
    pub created_at: DateTime<Utc>,
    /// Until when it counts.
    pub expires_at: DateTime<Utc>,
    /// How it stands.
    pub state: State,
}

/// How an invitation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It waits for its person.
    Open,
    /// There is an account.
    Used,
    /// An administrator took it back.
    Withdrawn,
    /// It is too old.
    Expired,
    /// Whoever sent it is no active administrator any more.
    Void,
}

impl State {
    /// The word for lists and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Used => "used",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
            Self::Void => "void",
        }
    }
}

/// What a link offers to whoever opens it.
pub struct Offer {
    /// Which invitation it is.
    pub id: InvitationId,
    /// The address that it proves.
    pub email: EmailAddress,
    /// The role of the account.
    pub role: Role,
    /// The name of the administrator who sent it.
    pub invited_by: String,
}

/// What became of the wish to invite somebody.
pub enum Invited {
    /// The mail is on its way. An older invitation to the address is dead.
    Sent(InvitationId),
    /// The address has an account; this is its id and name.
    HasAccount(UserId, String),
    /// The settings say `REGISTRATION=closed`.
    Closed,
}

/// What became of an invitation that was used.
pub enum Accepted {
    /// There is an account now, with its address proven.
    Account(UserId),
    /// The link works no more.
    DeadLink,
    /// The name belongs to somebody; the link still works.
    NameTaken,
    /// Meanwhile there is an account with this address.
    AddressTaken,
}

/// Whether invitations count at all.
pub fn is_possible(app: &App) -> bool {
    app.registration().mode != Mode::Closed
}

/// Invites somebody in the name of this administrator, who proved a moment ago who they are (`RecentAdmin`).
pub async fn invite(
    app: &App,
    by: &Session,
    email: &EmailAddress,
    role: Role,
    origin: &Origin,
) -> Result<Invited> {
    if !is_possible(app) {
        return Ok(Invited::Closed);
    }
    let mut transaction = app.db.begin().await?;
    if let Some(account) = users::store::find_by_address(&mut *transaction, email.as_str()).await? {
        return Ok(Invited::HasAccount(account.user.id, account.user.username));
    }
    let (id, token) = store::create(&mut *transaction, email, role, by.user.id).await?;
    let letter = letters::Invitation {
        inviter: by.user.username.clone(),
        purpose: letters::purpose(role),
        url: way::mail_link(app, "/invitation", &token, None),
        until: words::day(Utc::now() + LIFETIME),
    };
    letters::send(app, &mut transaction, &letter, email.as_str()).await?;
    let entry = Entry::about(Event::InvitationCreated, by.user.id, &by.user.username, origin)
        .with(json!({ "invitation": id.0, "email": email.as_str(), "role": role }));
    audit::store::create(&mut *transaction, &entry).await?;
    transaction.commit().await?;
    Ok(Invited::Sent(id))
}

/// Takes an open invitation back; false if it is not open.
pub async fn withdraw(app: &App, by: &Session, id: InvitationId, origin: &Origin) -> Result<bool> {
    let mut transaction = app.db.begin().await?;
    if !store::update_withdrawn(&mut *transaction, id).await? {
        return Ok(false);
    }
    let entry = Entry::about(Event::InvitationWithdrawn, by.user.id, &by.user.username, origin)
        .with(json!({ "invitation": id.0 }));
    audit::store::create(&mut *transaction, &entry).await?;
    transaction.commit().await?;
    Ok(true)
}

/// Makes the account that a link offers.
pub async fn accept(
    app: &App,
    origin: &Origin,
    token: &MailToken,
    username: Username,
    password: &NewPassword,
) -> Result<Accepted> {
    let hash = app.passwords.hash(password).await?;
    let mut transaction = app.db.begin().await?;
    let Some(offer) = store::consume(&mut transaction, token).await? else {
        return Ok(Accepted::DeadLink);
    };
    let account = NewAccount { username, email: offer.email, role: offer.role, email_verified: true };
    let details = json!({ "role": offer.role, "by": "invitation", "invitation": offer.id.0 });
    match accounts::open(&mut transaction, &account, &hash, origin, details).await? {
        Opened::Account(id) => {
            transaction.commit().await?;
            Ok(Accepted::Account(id))
        }
        Opened::NameTaken => Ok(Accepted::NameTaken),
        Opened::AddressTaken => Ok(Accepted::AddressTaken),
    }
}
