//! Handing a mail to a server by SMTP (RFC 5321), step by step, because what a refusal means depends on the step.

use std::time::Duration;

use lettre::{
    Address,
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::{ClientId, Extension, MailParameter},
    },
};
use secrecy::ExposeSecret;
use tokio::time::timeout;

use super::{
    config::{Security, Server},
    courier::Failure,
    message::Posted,
};

/// For everything up to the mail's last byte.
const PATIENCE: Duration = Duration::from_mins(1);
/// For the server's word that it has the mail. Who gives up here may send twice, so the RFC asks for minutes.
const PATIENCE_FOR_THE_WORD: Duration = Duration::from_mins(5);

/// A mail server, and how we introduce ourselves to it.
#[derive(Clone)]
pub struct Smtp {
    server: Server,
    own_name: ClientId,
}

impl Smtp {
    /// `own_name` is the public name of this service, for the greeting.
    pub fn new(server: Server, own_name: &str) -> Self {
        Self { server, own_name: ClientId::Domain(own_name.to_owned()) }
    }

    /// Returns when the server has taken the mail over.
    pub async fn send(&self, mail: &Posted) -> Result<(), Failure> {
        let mut connection = in_time(PATIENCE, async {
            let mut connection = self.connect().await.map_err(|error| delayed(&error))?;
            address(&mut connection, mail).await?;
            Ok(connection)
        })
        .await?;
        in_time(PATIENCE_FOR_THE_WORD, async {
            connection.message(&mail.bytes).await.map_err(|error| refused_or_delayed(&error))
        })
        .await?;
        // The mail is theirs; whether the goodbye is heard changes nothing.
        timeout(Duration::from_secs(5), connection.quit()).await.ok();
        Ok(())
    }

    /// Connects and signs in, and sends nothing. Says what it found.
    pub async fn check(&self) -> Result<(), Failure> {
        let greeted = async { self.connect().await.map_err(|error| delayed(&error)) };
        let mut connection = in_time(Duration::from_secs(15), greeted).await?;
        timeout(Duration::from_secs(5), connection.quit()).await.ok();
        Ok(())
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let Server { host, port, security, .. } = &self.server;
        let tls = match security {
            Security::Plain => None,
            Security::Tls | Security::StartTls => Some(self.tls()?),
        };
        let at_once = tls.clone().filter(|_| *security == Security::Tls);
        let place = (host.as_str(), *port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(place, Some(PATIENCE), &self.own_name, at_once, None).await?;
        if let (Security::StartTls, Some(tls)) = (security, tls) {
            connection.starttls(tls, &self.own_name).await?;
        }
        if let Some((user, password)) = &self.server.credentials {
            let credentials = Credentials::new(user.clone(), password.expose_secret().to_owned());
            connection.auth(DEFAULT_MECHANISMS, &credentials).await?;
        }
        Ok(connection)
    }

    fn tls(&self) -> Result<TlsParameters, Error> {
        let mut parameters = TlsParameters::builder(self.server.host.clone());
        if let Some(roots) = &self.server.own_roots {
            parameters = parameters.add_root_certificate(roots.clone());
        }
        parameters.build()
    }
}

/// From whom, to whom.
async fn address(connection: &mut AsyncSmtpConnection, mail: &Posted) -> Result<(), Failure> {
    let mut parameters = Vec::new();
    let is_plain = |address: &Address| AsRef::<str>::as_ref(address).is_ascii();
    if !(mail.bytes.is_ascii() && is_plain(&mail.to) && is_plain(&mail.from)) {
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            let sentence = "the mail server takes no address with letters outside ASCII";
            return Err(Failure::Refused(sentence.to_owned()));
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    // A server that refuses the sender refuses us, not this mail: the operator can mend that.
    let from = Mail::new(Some(mail.from.clone()), parameters);
    connection.command(from).await.map_err(|error| delayed(&error))?;
    let to = Rcpt::new(mail.to.clone(), Vec::new());
    connection.command(to).await.map_err(|error| refused_or_delayed(&error))?;
    connection.command(Data).await.map_err(|error| refused_or_delayed(&error))?;
    Ok(())
}

async fn in_time<T>(
    patience: Duration,
    step: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let silent = |_| Failure::Delayed("the mail server did not answer in time".to_owned());
    timeout(patience, step).await.map_err(silent)?
}

fn delayed(error: &Error) -> Failure {
    Failure::Delayed(error.to_string())
}

/// 5xx is for good, but for 530, which asks us to sign in and says nothing of the recipient.
fn refused_or_delayed(error: &Error) -> Failure {
    let asks_us = error.status().is_some_and(|code| code.to_string() == "530");
    if error.is_permanent() && !asks_us { Failure::Refused(error.to_string()) } else { delayed(error) }
}
