//! `doctor`: checks what a site needs and says, a line a check, what is well and what to do about the rest.

mod database;
mod site;

use std::{io::Write, process::ExitCode};

use common::{
    config::Settings,
    mailer::{Transport, Way},
};

use crate::{config::Config, server::own_name};

/// What one check found.
struct Finding {
    name: &'static str,
    outcome: Outcome,
}

/// The facts where all is well; otherwise what is wrong and what to do.
type Outcome = Result<String, String>;

impl Finding {
    fn new(name: &'static str, outcome: Outcome) -> Self {
        Self { name, outcome }
    }
}

/// Does every check and prints what it found; fails if one of them does.
pub async fn run(mut settings: Settings) -> anyhow::Result<ExitCode> {
    let config = Config::from_settings(&mut settings);
    let mut findings: Vec<Finding> =
        settings.faults().iter().map(|fault| Finding::new("settings", Err(fault.clone()))).collect();
    if findings.is_empty() {
        findings.push(Finding::new("settings", Ok("every one of them can be used".to_owned())));
        findings.push(Finding::new("secrets", site::secrets(&config.secrets)));
        findings.push(Finding::new("cookie", site::cookie(&config)));
        findings.extend(database::check(&config).await);
        findings.push(Finding::new("mail", mail(&config).await));
    } else {
        let rest = "nothing else was checked: mend the settings and ask again";
        findings.push(Finding::new("the rest", Err(rest.to_owned())));
    }
    let mut output = std::io::stdout();
    for Finding { name, outcome } in &findings {
        match outcome {
            Ok(facts) => writeln!(output, "✓ {name}: {facts}")?,
            Err(fault) => writeln!(output, "✗ {name}: {fault}")?,
        }
    }
    let well = findings.iter().all(|finding| finding.outcome.is_ok());
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Connects and signs in as for a mail, and sends none.
async fn mail(config: &Config) -> Outcome {
    let way = &config.mail.way;
    let from = &config.mail.from.email;
    if let Err(failure) = Transport::new(way.clone(), own_name(config)).check().await {
        let advice = "check SMTP_URL (or MAIL_DIR) and whether the server can be reached from here";
        return Err(format!("{}; {advice}", failure.sentence()));
    }
    match way {
        Way::Smtp(server) => {
            Ok(format!("{}:{} takes mail from us, sent as {from}", server.host, server.port))
        }
        Way::Folder(folder) if config.site.development => {
            Ok(format!("is written into {}, for development", folder.display()))
        }
        Way::Folder(folder) => Err(format!(
            "is written into {} and reaches nobody; set SMTP_URL in place of MAIL_DIR",
            folder.display()
        )),
    }
}
