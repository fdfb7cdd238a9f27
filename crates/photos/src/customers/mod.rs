//! Customers: whom a photographer works for, with their galleries, links and visits.

pub mod api;
pub mod export;
pub mod import;
pub mod list;
pub mod show;
pub mod store;

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::NaiveDateTime;
use common::{Error, OrNotFound, Result, error::FieldErrors, forms};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use utoipa::ToSchema;

use crate::{galleries::GalleryId, identity::AccountId};

/// The id of a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct CustomerId(pub i32);

impl fmt::Display for CustomerId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A customer of a photographer.
#[derive(Clone, Debug)]
pub struct Customer {
    /// The customer.
    pub id: CustomerId,
    /// Unique for the photographer.
    pub email: String,
    /// How they are called.
    pub name: Option<String>,
    /// As written.
    pub phone: Option<String>,
    /// For the photographer alone.
    pub notes: Option<String>,
    /// Whether they are worked with today.
    pub status: Status,
    /// UTC.
    pub created_at: NaiveDateTime,
    /// When one of their links was last opened, UTC.
    pub last_accessed: Option<NaiveDateTime>,
    /// Galleries they are assigned to.
    pub galleries: i64,
    /// Links made for them.
    pub links: i64,
}

/// Whether a customer is worked with today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CustomerStatus)]
pub enum Status {
    /// They are.
    #[default]
    Active,
    /// They were once.
    Inactive,
}

impl Status {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
        }
    }
}

impl From<String> for Status {
    fn from(stored: String) -> Self {
        if stored == "inactive" { Self::Inactive } else { Self::Active }
    }
}

impl Customer {
    /// The name, else the address.
    pub fn title(&self) -> &str {
        self.name.as_deref().filter(|name| !name.is_empty()).unwrap_or(&self.email)
    }
}

/// What is written down about a customer, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// In lower case, at most 120 characters.
    pub email: String,
    /// At most 120 characters.
    pub name: Option<String>,
    /// At most 20 characters.
    pub phone: Option<String>,
    /// At most 5,000 characters.
    pub notes: Option<String>,
    /// Whether they are worked with today.
    pub status: Status,
}

/// What was typed about a customer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typed {
    /// The address.
    #[serde(default)]
    pub email: String,
    /// The name.
    #[serde(default)]
    pub name: String,
    /// The telephone.
    #[serde(default)]
    pub phone: String,
    /// For the photographer alone.
    #[serde(default)]
    pub notes: String,
    /// Whether they are worked with today.
    #[serde(default)]
    pub status: Status,
}

impl Typed {
    /// Checks what was typed.
    pub fn parse(&self) -> Result<Details, FieldErrors> {
        let mut errors = FieldErrors::new();
        let email = forms::required_text(&mut errors, "email", &self.email, 120);
        let email = forms::email(&mut errors, "email", &email).unwrap_or_default().to_lowercase();
        let details = Details {
            email,
            name: forms::optional_text(&mut errors, "name", &self.name, 120),
            phone: forms::optional_text(&mut errors, "phone", &self.phone, 20),
            notes: forms::optional_text(&mut errors, "notes", &self.notes, 5_000),
            status: self.status,
        };
        if errors.is_empty() { Ok(details) } else { Err(errors) }
    }
}

impl From<&Customer> for Typed {
    fn from(customer: &Customer) -> Self {
        Self {
            email: customer.email.clone(),
            name: customer.name.clone().unwrap_or_default(),
            phone: customer.phone.clone().unwrap_or_default(),
            notes: customer.notes.clone().unwrap_or_default(),
            status: customer.status,
        }
    }
}

/// What a search looks for. PostgreSQL has no text with a zero character.
pub fn searched(typed: &str) -> String {
    typed.trim().replace('\0', "\u{fffd}")
}

/// Makes a customer; `None` if the photographer has one with this address.
pub async fn create(db: &PgPool, owner: AccountId, details: &Details) -> Result<Option<CustomerId>> {
    let mut transaction = db.begin().await?;
    store::lock(&mut transaction, owner).await?;
    let id = if store::find_by_email(&mut *transaction, owner, &details.email).await?.is_some() {
        None
    } else {
        Some(store::create(&mut *transaction, owner, details).await?)
    };
    transaction.commit().await?;
    Ok(id)
}

/// Changes a customer; false if the photographer has another one with this address.
pub async fn update(db: &PgPool, owner: AccountId, id: CustomerId, details: &Details) -> Result<bool> {
    let mut transaction = db.begin().await?;
    store::lock(&mut transaction, owner).await?;
    let same = store::find_by_email(&mut *transaction, owner, &details.email).await?;
    if same.is_some_and(|same| same != id) {
        return Ok(false);
    }
    store::update(&mut *transaction, owner, id, details).await?.then_some(()).or_not_found()?;
    transaction.commit().await?;
    Ok(true)
}

/// The customer of a photographer with this address, made where there is none yet.
pub async fn find_or_create(db: &PgPool, owner: AccountId, email: &str) -> Result<CustomerId> {
    let typed = Typed { email: email.to_owned(), ..Typed::default() };
    let details = typed.parse().map_err(Error::Invalid)?;
    if let Some(found) = store::find_by_email(db, owner, &details.email).await? {
        return Ok(found);
    }
    match create(db, owner, &details).await? {
        Some(made) => Ok(made),
        None => store::find_by_email(db, owner, &details.email).await?.or_not_found(),
    }
}

/// Removes a customer. Their links go on unless they are to end; what was shared with them stays in the history.
pub async fn delete(db: &PgPool, owner: AccountId, id: CustomerId, with_links: bool) -> Result<()> {
    let mut transaction = db.begin().await?;
    store::find(&mut *transaction, owner, id).await?.or_not_found()?;
    if with_links {
        store::update_links_revoked(&mut transaction, id).await?;
    }
    store::delete(&mut transaction, id).await?;
    Ok(transaction.commit().await?)
}

/// A place in the list of customers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The lower-case title of the customer before.
    pub title: String,
    /// The customer before.
    pub id: CustomerId,
}

impl Cursor {
    /// The place of this customer.
    pub fn at(customer: &store::Listed) -> Self {
        Self { title: customer.sort_key.clone(), id: customer.customer.id }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", URL_SAFE_NO_PAD.encode(&self.title), self.id)
    }
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let unknown = || Error::BadRequest("`after` must be the `next` of the page before.".to_owned());
        let (title, id) = text.split_once('.').ok_or_else(unknown)?;
        let title = URL_SAFE_NO_PAD.decode(title).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        Ok(Self {
            title: title.filter(|title| !title.contains('\0')).ok_or_else(unknown)?,
            id: CustomerId(id.parse().map_err(|_| unknown())?),
        })
    }
}

/// What became of an assignment of customers to a gallery.
#[derive(Serialize, ToSchema)]
pub struct Assigned {
    /// Those that are assigned now.
    pub customer_ids: Vec<CustomerId>,
    /// The gallery.
    pub gallery_id: GalleryId,
}
