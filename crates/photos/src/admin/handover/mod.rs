//! A gallery changes hands: an administrator gives it, with everything in it, to another account.

pub mod screen;
pub mod store;

use std::time::Duration;

use common::{Error, OrNotFound, Result, identity::AccountState};

use crate::{admin::accounts, app::App, galleries::GalleryId, identity::AccountId, jobs, permissions};

/// What was handed over, and to whom.
pub struct Handed {
    /// The name of the gallery.
    pub gallery_name: String,
    /// The name of its owner from now on.
    pub owner_name: String,
}

/// Gives a gallery to the account with this name or address: photos and their files, customers and links with it. Files
/// that a photo elsewhere is on too stay whose they are. Marked renditions are made anew with the new owner's mark. Who could not work with it gets none.
pub async fn hand_over(app: &App, gallery: GalleryId, user: &str) -> Result<Handed> {
    let account = find_account(app, user.trim()).await?;
    require_photographer(app, account).await?;
    let mut transaction = app.db.begin().await?;
    let found = store::find(&mut transaction, gallery).await?.or_not_found()?;
    let owner_name = store::find_name(&mut *transaction, account).await?.or_not_found()?;
    if found.owner != Some(account) {
        store::update_owner(&mut transaction, gallery, found.owner, account).await?;
        store::update_customers(&mut transaction, gallery, account).await?;
        jobs::add_roll_out(&mut *transaction, Duration::ZERO).await?;
    }
    transaction.commit().await?;
    Ok(Handed { gallery_name: found.name, owner_name })
}

async fn find_account(app: &App, user: &str) -> Result<AccountId> {
    let found = match permissions::store::find_by_name(&app.db, user).await? {
        Some(account) => Some(account),
        None => permissions::store::find_by_email(&app.db, &user.to_lowercase()).await?,
    };
    found.ok_or_else(|| {
        Error::invalid(
            "user",
            "Nobody who has signed in here has this name or address. Look for it under People.",
        )
    })
}

/// The role is asked of the auth-service: what the mirror says of it decides nothing.
async fn require_photographer(app: &App, account: AccountId) -> Result<()> {
    let user = store::find_user(&app.db, account).await?;
    let found = match user {
        Some(user) => accounts::find(&app.auth, user).await?,
        None => None,
    };
    let refusal = match found {
        Some(found) if found.state != AccountState::Active => {
            format!("The account of {} is not active: “{}”.", found.username, found.state.label())
        }
        Some(found) if !found.role.may_own_galleries() => {
            format!("{} has the role “{}”.", found.username, found.role.label())
        }
        Some(_) => return Ok(()),
        None => "This account is gone.".to_owned(),
    };
    let remedy = "Only photographers and administrators own galleries. Change that under People first.";
    Err(Error::invalid("user", format!("{refusal} {remedy}")))
}
