//! A mail server of the test's own: takes mail as it is told to, by every protection there is, and keeps what it heard.

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use test_support::{Received, site};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, pki_types::PrivateKeyDer},
};

/// How the sink protects its connections.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// Not at all, and it offers nothing else.
    Plain,
    /// After STARTTLS.
    StartTls,
    /// From the first byte.
    Tls,
}

/// What the sink says instead of its usual answer to a line; `HANG` for nothing at all.
pub type Script = Box<dyn Fn(&Heard) -> Option<&'static str> + Send + Sync>;
/// No answer, ever.
pub const HANG: &str = "";

/// One line of a client, and how it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The line, or `.` for the end of a mail.
    pub line: String,
    /// Whether the connection was encrypted.
    pub encrypted: bool,
    /// How many lines beginning with the same word were heard before, in all connections.
    pub before: usize,
}

/// The running sink.
pub struct Sink {
    port: u16,
    state: Arc<State>,
    ca_file: PathBuf,
}

struct State {
    protection: Protection,
    acceptor: TlsAcceptor,
    script: Script,
    heard: Mutex<Vec<Heard>>,
    taken: Mutex<Vec<Vec<u8>>>,
}

impl Sink {
    /// A sink on a free port that takes everything.
    pub async fn start(protection: Protection) -> Self {
        Self::start_with(0, protection, Box::new(|_| None)).await
    }

    /// A sink on this port that answers as the script says.
    pub async fn start_with(port: u16, protection: Protection, script: Script) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("the port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let (acceptor, ca) = certificate();
        let ca_file = std::env::temp_dir().join(format!("smtp-sink-{}-{port}.pem", std::process::id()));
        fs::write(&ca_file, ca).expect("a file for the certificate");
        let (heard, taken) = (Mutex::default(), Mutex::default());
        let state = Arc::new(State { protection, acceptor, script, heard, taken });
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                tokio::spawn(async move { state.serve(stream).await });
            }
        });
        Self { port, state, ca_file }
    }

    /// `SMTP_URL` with this scheme and credentials such as `user:password@`.
    pub fn url(&self, scheme: &str, credentials: &str) -> String {
        format!("{scheme}://{credentials}localhost:{}", self.port)
    }

    /// `SMTP_CA_FILE`.
    pub fn ca_file(&self) -> &str {
        self.ca_file.to_str().expect("a plain path")
    }

    /// Every line, in its order.
    pub fn heard(&self) -> Vec<Heard> {
        self.state.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Every mail that was taken over.
    pub fn taken(&self) -> Vec<Received> {
        let taken = self.state.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.iter().map(|mail| Received::parse(mail)).collect()
    }

    /// The mails, once there are so many.
    pub async fn wait_for(&self, count: usize) -> Vec<Received> {
        until(&format!("{count} mails"), async || {
            let taken = self.taken();
            (taken.len() >= count).then_some(taken)
        })
        .await
    }

    /// Waits for a line that begins so.
    pub async fn wait_for_line(&self, start: &str) {
        let heard = async || self.heard().iter().any(|heard| heard.line.starts_with(start)).then_some(());
        until(start, heard).await;
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        fs::remove_file(&self.ca_file).ok();
    }
}

/// Asks again and again, for as long as a busy machine may need.
pub async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A port at which nothing listens.
pub fn free_port() -> u16 {
    site::listen().1
}

/// An authority of the test's own, and a certificate of it for `localhost`.
fn certificate() -> (TlsAcceptor, String) {
    let (ca_key, key) = (KeyPair::generate().expect("a key"), KeyPair::generate().expect("a key"));
    let mut ca = CertificateParams::new(Vec::new()).expect("parameters");
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let pem = ca.self_signed(&ca_key).expect("a certificate").pem();
    let own = CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
    let own = own.signed_by(&key, &Issuer::from_params(&ca, &ca_key)).expect("a certificate");
    let secret = PrivateKeyDer::try_from(key.serialize_der()).expect("a private key");
    let config = ServerConfig::builder().with_no_client_auth();
    let config = config.with_single_cert(vec![own.der().clone()], secret).expect("a usable certificate");
    (TlsAcceptor::from(Arc::new(config)), pem)
}

impl State {
    async fn serve(&self, stream: TcpStream) -> Option<()> {
        if self.protection == Protection::Tls {
            let stream = self.acceptor.accept(stream).await.ok()?;
            self.talk(BufReader::new(stream), true, true).await?;
            return Some(());
        }
        let stream = self.talk(BufReader::new(stream), false, true).await?;
        let stream = self.acceptor.accept(stream.into_inner()).await.ok()?;
        self.talk(BufReader::new(stream), true, false).await?;
        Some(())
    }

    /// Returns the stream when the client wants TLS on it, nothing when the connection ends.
    async fn talk<S>(&self, mut stream: BufReader<S>, encrypted: bool, greet: bool) -> Option<BufReader<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        if greet {
            say(&mut stream, "220 sink ESMTP").await?;
        }
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            let line = line.trim_end();
            let answer = self.hear(line, encrypted);
            match (answer, line.split(' ').next().unwrap_or_default()) {
                (Some(HANG), _) => std::future::pending().await,
                (Some(answer), _) => say(&mut stream, answer).await?,
                (None, "EHLO") => say(&mut stream, &self.features(encrypted)).await?,
                (None, "STARTTLS") => {
                    say(&mut stream, "220 go on").await?;
                    return Some(stream);
                }
                (None, "AUTH") => say(&mut stream, "235 welcome").await?,
                (None, "DATA") => {
                    say(&mut stream, "354 go on").await?;
                    self.take(&mut stream, encrypted).await?;
                }
                (None, "QUIT") => {
                    say(&mut stream, "221 bye").await?;
                    return None;
                }
                (None, _) => say(&mut stream, "250 ok").await?,
            }
        }
    }

    fn features(&self, encrypted: bool) -> String {
        let offer = self.protection == Protection::StartTls && !encrypted;
        let offer = if offer { "250-STARTTLS\r\n" } else { "" };
        format!("250-sink\r\n{offer}250-8BITMIME\r\n250 AUTH PLAIN")
    }

    async fn take<S>(&self, stream: &mut BufReader<S>, encrypted: bool) -> Option<()>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut mail: Vec<u8> = Vec::new();
        while !mail.ends_with(b"\r\n.\r\n") {
            mail.push(stream.read_u8().await.ok()?);
        }
        mail.truncate(mail.len() - 3);
        let text = String::from_utf8_lossy(&mail).replace("\r\n..", "\r\n.");
        match self.hear(".", encrypted) {
            Some(HANG) => std::future::pending().await,
            Some(answer) => say(stream, answer).await,
            None => {
                self.taken.lock().unwrap_or_else(PoisonError::into_inner).push(text.into_bytes());
                say(stream, "250 taken").await
            }
        }
    }

    fn hear(&self, line: &str, encrypted: bool) -> Option<&'static str> {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let word = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
        let before = heard.iter().filter(|old| word(&old.line) == word(line)).count();
        let new = Heard { line: line.to_owned(), encrypted, before };
        heard.push(new.clone());
        drop(heard);
        (self.script)(&new)
    }
}

async fn say<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufReader<S>, answer: &str) -> Option<()> {
    stream.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
    stream.flush().await.ok()
}
