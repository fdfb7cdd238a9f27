//! What the database shows: that it answers and fits this release, its clock, its administrators, the outbox.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use common::mailer::Outbox;
use secrecy::ExposeSecret;
use sqlx::{Connection, PgConnection, migrate::Migrate};
use tokio::time::timeout;

use super::{Finding, Outcome};
use crate::{config::Config, server::MIGRATIONS, users};

/// A mail that waits longer than this waits for us, not for its recipient's server.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(1);
/// Clocks that differ more let sessions and links end too early or too late.
const LARGEST_DIFFERENCE: TimeDelta = TimeDelta::seconds(2);

/// Every check that needs the database; the first alone if it does not answer.
pub async fn check(config: &Config) -> Vec<Finding> {
    let connect = PgConnection::connect(config.database_url.expose_secret());
    let mut db = match timeout(Duration::from_secs(5), connect).await {
        Ok(Ok(db)) => db,
        Ok(Err(error)) => return vec![Finding::new("database", Err(away(&error.to_string())))],
        Err(_) => return vec![Finding::new("database", Err(away("no answer within five seconds")))],
    };
    let mut findings = vec![Finding::new("database", version(&mut db).await)];
    let schema = schema(&mut db).await;
    let fits = schema.is_ok();
    findings.push(Finding::new("schema", schema));
    findings.push(Finding::new("clock", clock(&mut db).await));
    if fits {
        findings.push(Finding::new("administrator", administrator(&mut db).await));
        findings.push(Finding::new("outbox", outbox(&mut db).await));
    }
    findings
}

fn away(error: &str) -> String {
    format!("{error}; check AUTH_DATABASE_URL and whether PostgreSQL runs and can be reached from here")
}

fn unreadable(error: impl std::fmt::Display) -> String {
    format!("can't be read: {error}")
}

async fn version(db: &mut PgConnection) -> Outcome {
    let version = sqlx::query_scalar!(r#"select current_setting('server_version') as "version!""#);
    Ok(format!("PostgreSQL {} answers", version.fetch_one(db).await.map_err(unreadable)?))
}

async fn schema(db: &mut PgConnection) -> Outcome {
    let advice = "run `auth-service migrate` (`serve` does so by itself)";
    let Ok(applied) = db.list_applied_migrations("_sqlx_migrations").await else {
        return Err(format!("the database is empty; {advice}"));
    };
    let needed: Vec<_> = MIGRATIONS.iter().collect();
    if let Some(newer) = applied.iter().find(|step| !MIGRATIONS.version_exists(step.version)) {
        return Err(format!("step {} is of a newer release; start that release", newer.version));
    }
    let is_applied = |version| applied.iter().any(|step| step.version == version);
    let missing = needed.iter().filter(|step| !is_applied(step.version)).count();
    if missing > 0 {
        return Err(format!("{missing} of {} steps are missing; {advice}", needed.len()));
    }
    Ok(format!("up to date, {} steps", needed.len()))
}

async fn clock(db: &mut PgConnection) -> Outcome {
    let before = Utc::now();
    let theirs = sqlx::query_scalar!(r#"select clock_timestamp() as "now!""#);
    let theirs = theirs.fetch_one(db).await.map_err(unreadable)?;
    difference(before, theirs, Utc::now())
}

/// Their time lies between our two, give or take what we tolerate.
fn difference(before: DateTime<Utc>, theirs: DateTime<Utc>, after: DateTime<Utc>) -> Outcome {
    let (ahead, behind) = (before - theirs, theirs - after);
    let apart = ahead.max(behind);
    if apart <= LARGEST_DIFFERENCE {
        return Ok("agrees with the database's".to_owned());
    }
    let side = if ahead > behind { "ahead of" } else { "behind" };
    let seconds = apart.num_seconds();
    Err(format!("ours is {seconds} seconds {side} the database's; let both machines keep time by NTP"))
}

async fn administrator(db: &mut PgConnection) -> Outcome {
    if users::store::has_active_admin(db).await.map_err(unreadable)? {
        return Ok("there is one".to_owned());
    }
    Err("there is none; make one with `auth-service create-admin --username NAME --email ADDRESS`".to_owned())
}

async fn outbox(db: &mut PgConnection) -> Outcome {
    let standing = Outbox::find_standing(db).await.map_err(unreadable)?;
    let facts =
        format!("{} mails wait, {} were given up in the last seven days", standing.waiting, standing.failed);
    match standing.oldest {
        Some(oldest) if Utc::now() - oldest > LONGEST_WAIT => Err(format!(
            "{facts}, the eldest since {}; `select kind, attempts, last_error from mails where sent_at is null` says why",
            oldest.format("%-d %B, %H:%M UTC")
        )),
        _ => Ok(facts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_wrong_only_beyond_the_time_that_asking_took() {
        let at = |seconds: i64| DateTime::from_timestamp(1_000_000 + seconds, 0).expect("a time");
        assert!(difference(at(0), at(0), at(0)).is_ok());
        assert!(difference(at(0), at(20), at(30)).is_ok(), "a slow answer is no wrong clock");
        assert!(difference(at(0), at(5), at(1)).expect_err("behind").contains("4 seconds behind"));
        assert!(difference(at(0), at(-5), at(1)).expect_err("ahead").contains("5 seconds ahead"));
    }
}
