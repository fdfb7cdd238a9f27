//! The settings of registration: who may make an account, and what it may do.

use std::str::FromStr;

use common::{config::Settings, identity::Role};

/// Who may make an account, and with which role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registration {
    /// `REGISTRATION`, default `open`: who may make an account.
    pub mode: Mode,
    /// `REGISTRATION_ROLE`, default `viewer`: the role of accounts that people make for themselves; never `admin`.
    pub role: Role,
}

/// Who may make an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Everybody who can read the mail sent to an address.
    Open,
    /// Whoever an administrator invites.
    Invitation,
    /// Nobody: accounts come from administrators and commands alone, and invitations rest.
    Closed,
}

impl Mode {
    /// The word in the setting.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Invitation => "invitation",
            Self::Closed => "closed",
        }
    }
}

impl FromStr for Mode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "open" => Ok(Self::Open),
            "invitation" => Ok(Self::Invitation),
            "closed" => Ok(Self::Closed),
            _ => Err(format!("“{text}” is none of open, invitation and closed")),
        }
    }
}

impl Registration {
    /// Reads the settings; what is wrong is noted.
    pub fn from_settings(settings: &mut Settings) -> Self {
        let mode = settings.parsed("REGISTRATION", Mode::Open);
        let role = settings.parsed("REGISTRATION_ROLE", Role::Viewer);
        if role == Role::Admin {
            settings.fault("REGISTRATION_ROLE is admin, but nobody can make themselves an administrator");
        }
        Self { mode, role }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> anyhow::Result<Registration> {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut settings = Settings::from_pairs(pairs);
        let registration = Registration::from_settings(&mut settings);
        settings.finish(registration)
    }

    #[test]
    fn open_with_viewers_unless_said_otherwise() {
        let default = read(&[]).expect("no setting is needed");
        assert_eq!((default.mode, default.role), (Mode::Open, Role::Viewer));
        let own = read(&[("REGISTRATION", "invitation"), ("REGISTRATION_ROLE", "user")]).expect("good");
        assert_eq!((own.mode, own.role), (Mode::Invitation, Role::User));
    }

    #[test]
    fn no_setting_makes_strangers_administrators() {
        assert!(read(&[("REGISTRATION_ROLE", "admin")]).is_err());
        assert!(read(&[("REGISTRATION", "everybody")]).is_err());
    }
}
