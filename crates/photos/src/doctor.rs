//! `doctor`: checks what this service needs and says, a line a check, what is well and what to do about the rest.

use std::{
    fs,
    io::{self, Write},
    path::Path,
    time::Duration,
};

use common::config::Settings;
use imaging::Capabilities;
use secrecy::ExposeSecret;
use sqlx::{
    Connection, PgConnection,
    migrate::{Migrate, Migrator},
};
use tokio::time::timeout;

use crate::{
    config::Config,
    identity::shared,
    storage::{Storage, place::Place},
};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/photos");

/// What one check found.
struct Finding {
    name: &'static str,
    outcome: Outcome,
}

/// The facts where all is well; otherwise what is wrong and what to do.
type Outcome = Result<String, String>;

/// Does every check and prints what it found; whether all is well.
pub async fn run(mut settings: Settings) -> anyhow::Result<bool> {
    let config = Config::from_settings(&mut settings);
    let mut findings: Vec<Finding> =
        settings.faults().iter().map(|fault| found("settings", Err(fault.clone()))).collect();
    if findings.is_empty() {
        findings.push(found("settings", Ok("every one of them can be used".to_owned())));
        findings.extend(database(&config).await);
        findings.push(found("storage", storage(&config.data.storage).await));
        if let Some(redis) = &config.redis {
            findings.push(found("redis", remembering(redis).await));
        }
    } else {
        let rest = "nothing of database and storage was checked: mend the settings and ask again";
        findings.push(found("the rest", Err(rest.to_owned())));
    }
    findings.push(found("formats", Ok(formats(Capabilities::of_this_machine()))));
    let mut output = io::stdout();
    for Finding { name, outcome } in &findings {
        match outcome {
            Ok(facts) => writeln!(output, "✓ {name}: {facts}")?,
            Err(fault) => writeln!(output, "✗ {name}: {fault}")?,
        }
    }
    Ok(findings.iter().all(|finding| finding.outcome.is_ok()))
}

async fn remembering(redis: &redis::Client) -> Outcome {
    let away = |error| {
        format!(
            "{error}; check REDIS_URL and whether Redis runs. Until then the auth-service is asked, nothing else"
        )
    };
    shared::is_there(redis).await.map_err(away)?;
    Ok("it answers".to_owned())
}

fn found(name: &'static str, outcome: Outcome) -> Finding {
    Finding { name, outcome }
}

/// Whether the database answers, and whether it fits this release.
async fn database(config: &Config) -> Vec<Finding> {
    let away = |error: &str| {
        format!("{error}; check PHOTOS_DATABASE_URL and whether PostgreSQL runs and can be reached from here")
    };
    let connect = PgConnection::connect(config.data.database_url.expose_secret());
    match timeout(Duration::from_secs(5), connect).await {
        Ok(Ok(mut db)) => {
            let schema = schema(&mut db).await;
            vec![found("database", Ok("PostgreSQL answers".to_owned())), found("schema", schema)]
        }
        Ok(Err(error)) => vec![found("database", Err(away(&error.to_string())))],
        Err(_) => vec![found("database", Err(away("no answer within five seconds")))],
    }
}

async fn schema(db: &mut PgConnection) -> Outcome {
    let advice = "run `photos migrate` (`serve` does so by itself)";
    let Ok(applied) = db.list_applied_migrations("_sqlx_migrations").await else {
        return Err(format!("the database is empty; {advice}"));
    };
    if let Some(newer) = applied.iter().find(|step| !MIGRATIONS.version_exists(step.version)) {
        return Err(format!("step {} is of a newer release; start that release", newer.version));
    }
    let needed = MIGRATIONS.iter().count();
    let is_applied = |version| applied.iter().any(|step| step.version == version);
    match MIGRATIONS.iter().filter(|step| !is_applied(step.version)).count() {
        0 => Ok(format!("up to date, {needed} steps")),
        missing => Err(format!("{missing} of {needed} steps are missing; {advice}")),
    }
}

/// Whether the place takes a file, and is the one that holds the photos.
async fn storage(place: &Place) -> Outcome {
    match place {
        Place::Folder(folder) => self::folder(folder),
        Place::Bucket(bucket) => {
            let marked = Storage::try_bucket(bucket).await.map_err(|error| {
                format!("{bucket} takes no file ({error:#}); check that it is there, its rights and its room")
            })?;
            let news = if marked { "" } else { "; `serve` marks it as the site's at its first start" };
            Ok(format!("{bucket} takes files{news}"))
        }
    }
}

fn folder(folder: &Path) -> Outcome {
    let shown = folder.display();
    if !folder.is_dir() {
        return Err(format!(
            "STORAGE_DIR {shown} is not there; `serve` makes it at its first start, later check its volume"
        ));
    }
    let trial = folder.join(format!(".doctor-{}", std::process::id()));
    let written = fs::write(&trial, "Can be deleted.\n").and_then(|()| fs::remove_file(&trial));
    match written {
        Ok(()) => Ok(format!("{shown} takes files")),
        Err(error) => {
            Err(format!("STORAGE_DIR {shown} takes no file ({error}); check its owner, rights and room"))
        }
    }
}

/// What is taken, and what is not for want of a library.
fn formats(capabilities: Capabilities) -> String {
    let missing = capabilities.missing();
    let taken = format!("{} are taken", capabilities.names());
    if missing.is_empty() {
        return taken;
    }
    let names: Vec<_> = missing.iter().map(|(format, _)| format.name()).collect();
    let mut packages: Vec<_> = missing.iter().flat_map(|(_, packages)| *packages).copied().collect();
    packages.dedup();
    format!(
        "{taken}; {} are refused until their library is there: `apt-get install {}` (on Debian 12 the first alone), then \
         start the services anew",
        names.join(" and "),
        packages.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_library_is_named_with_its_package() {
        let said = formats(Capabilities { heic: false, avif: true });
        assert!(said.contains("BMP, AVIF, RAW are taken; HEIC are refused"), "{said}");
        assert!(said.contains("apt-get install libheif1 libheif-plugin-libde265"), "{said}");
        assert!(formats(Capabilities { heic: true, avif: true }).ends_with("HEIC, AVIF, RAW are taken"));
    }

    #[test]
    fn a_storage_that_is_not_there_is_no_storage() {
        assert!(folder(Path::new("/nowhere/at/all")).expect_err("no folder").contains("is not there"));
        assert!(folder(&std::env::temp_dir()).is_ok());
    }
}
