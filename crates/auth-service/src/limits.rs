//! How often one client address may do what guesses or costs something.

use common::limits::Limit;

use crate::config::LimitsPerMinute;

/// A counter of its own for each kind of request.
pub struct Limits {
    /// Passwords given, for signing in or confirming.
    pub login: Limit,
    /// Mails asked for that reset a password.
    pub forgot: Limit,
    /// Passwords set anew with such a mail.
    pub reset: Limit,
    /// Registrations.
    pub register: Limit,
}

impl Limits {
    /// With the limits of the settings.
    pub fn new(limits: &LimitsPerMinute) -> Self {
        Self {
            login: Limit::per_minute(limits.login),
            forgot: Limit::per_minute(limits.forgot),
            reset: Limit::per_minute(limits.reset),
            register: Limit::per_minute(limits.register),
        }
    }
}
