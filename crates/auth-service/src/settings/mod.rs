//! What administrators set while the service runs: what the site is called, and who may make an account. What nobody set
//! is as the environment says.

pub mod api;
pub mod store;

use std::{str::FromStr, sync::Arc};

use common::{Error, Result, error::FieldErrors, forms::required_text, identity::Role, live};
use serde_json::{Value, json};

use crate::{
    App, Config,
    registration::{Mode, Registration},
};

/// The channel of the table's trigger.
const CHANNEL: &str = "site_settings";
/// A longer name would not fit into the header of a phone.
const LONGEST_NAME: usize = 60;

/// What holds at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteSettings {
    /// What the site is called.
    pub name: String,
    /// Who may make an account, and with which role.
    pub registration: Registration,
}

/// What was set; what is `None` is as the environment says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// What the site is called.
    pub name: Option<String>,
    /// Who may make an account.
    pub mode: Option<Mode>,
    /// The role of accounts that people make for themselves.
    pub role: Option<Role>,
}

/// What is to be different: absent is left alone, `None` inside goes back to the environment.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// What the site is called.
    pub name: Option<Option<String>>,
    /// One of the words of `Mode`.
    pub mode: Option<Option<String>>,
    /// A role that is not `admin`.
    pub role: Option<Option<String>>,
}

impl SiteSettings {
    /// What was set, else what the environment says.
    pub fn of(config: &Config, given: &Given) -> Self {
        Self {
            name: given.name.clone().unwrap_or_else(|| config.site.name.clone()),
            registration: Registration {
                mode: given.mode.unwrap_or(config.registration.mode),
                role: given.role.unwrap_or(config.registration.role),
            },
        }
    }
}

impl Change {
    /// What is set afterwards, or what is wrong with the change, by field.
    pub fn on(self, before: Given) -> Result<Given> {
        let mut errors = FieldErrors::new();
        let mut after = before;
        if let Some(name) = self.name {
            after.name = name.map(|name| required_text(&mut errors, "site_name", &name, LONGEST_NAME));
        }
        if let Some(mode) = self.mode {
            after.mode = mode.and_then(|word| known(&word, "registration", &mut errors));
        }
        if let Some(role) = self.role {
            after.role = role.and_then(|word| known(&word, "registration_role", &mut errors));
        }
        if after.role == Some(Role::Admin) {
            errors.insert("registration_role", "Nobody can make themselves an administrator.".to_owned());
        }
        if errors.is_empty() { Ok(after) } else { Err(Error::Invalid(errors)) }
    }
}

fn known<T: FromStr<Err = String>>(word: &str, field: &'static str, errors: &mut FieldErrors) -> Option<T> {
    word.parse().map_err(|message| errors.insert(field, message)).ok()
}

/// What a row of the record says of a change: “closed, was open”.
pub fn told(app: &App, before: &Given, after: &Given) -> Value {
    let (before, after) = (SiteSettings::of(&app.config, before), SiteSettings::of(&app.config, after));
    let words = |settings: &SiteSettings| {
        [
            ("site_name", settings.name.clone()),
            ("registration", settings.registration.mode.as_str().to_owned()),
            ("registration_role", settings.registration.role.as_str().to_owned()),
        ]
    };
    let mut details = json!({});
    for ((field, before), (_, after)) in words(&before).into_iter().zip(words(&after)) {
        if before != after {
            details[field] = json!(format!("{after}, was {before}"));
        }
    }
    details
}

/// Takes over what the database says.
pub async fn load(app: &App) -> sqlx::Result<()> {
    let settings = SiteSettings::of(&app.config, &store::find(&app.db).await?);
    app.web.site_name.replace(settings.name.clone());
    app.settings.replace(settings);
    Ok(())
}

/// Takes over every change for as long as the service runs.
pub async fn follow(app: Arc<App>) {
    let weak = Arc::downgrade(&app);
    let db = app.db.clone();
    drop(app);
    live::follow(db, CHANNEL, || async {
        match weak.upgrade() {
            Some(app) => load(&app).await.map(|()| true),
            None => Ok(false),
        }
    })
    .await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_absent_stays_and_null_goes_back_to_the_environment() {
        let before = Given { name: Some("Studio".to_owned()), mode: Some(Mode::Closed), role: None };
        let after = Change { mode: Some(None), role: Some(Some("user".to_owned())), ..Change::default() };
        let after = after.on(before).expect("a good change");
        assert_eq!(after, Given { name: Some("Studio".to_owned()), mode: None, role: Some(Role::User) });
    }

    #[test]
    fn every_fault_is_told_beside_its_field() {
        let change = Change {
            name: Some(Some(" ".to_owned())),
            mode: Some(Some("everybody".to_owned())),
            role: Some(Some("admin".to_owned())),
        };
        let Err(Error::Invalid(errors)) = change.on(Given::default()) else { panic!("three faults") };
        assert_eq!(errors.len(), 3, "{errors:?}");
    }
}
