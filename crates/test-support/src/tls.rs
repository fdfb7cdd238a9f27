//! The site under its production names: TLS with a certificate of the test's own in front of plain services, and what
//! a browser must be told to go there.

use std::{collections::HashMap, sync::Arc};

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, prelude::BASE64_STANDARD};
use rcgen::{CertifiedKey, PublicKeyData, generate_simple_self_signed};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs::default_provider,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

/// Ends TLS for the names under one domain; runs as long as the test.
pub struct Terminator {
    domain: String,
    port: u16,
    key_fingerprint: String,
}

impl Terminator {
    /// Passes what is said to `<name>.<domain>` on to the port of that name on this machine.
    pub async fn start(domain: &str, names: &[(&str, u16)]) -> Self {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed([domain.to_owned(), format!("*.{domain}")]).expect("a certificate");
        let key_fingerprint = BASE64_STANDARD.encode(digest(&SHA256, &signing_key.subject_public_key_info()));
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
        let provider = Arc::new(default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider knows them")
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .expect("key and certificate fit");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let names = names.iter().map(|(name, port)| (format!("{name}.{domain}"), *port)).collect();
        tokio::spawn(run(listener, acceptor, Arc::new(names)));
        Self { domain: domain.to_owned(), port, key_fingerprint }
    }

    /// Arguments that make Chromium find the names here and trust this one key. (With errors of a certificate merely
    /// ignored it would not obey `Clear-Site-Data`.)
    pub fn browser_arguments(&self) -> Vec<String> {
        vec![
            format!("--host-resolver-rules=MAP *.{}:443 127.0.0.1:{}", self.domain, self.port),
            format!("--ignore-certificate-errors-spki-list={}", self.key_fingerprint),
        ]
    }
}

async fn run(listener: TcpListener, acceptor: TlsAcceptor, names: Arc<HashMap<String, u16>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, names) = (acceptor.clone(), names.clone());
        tokio::spawn(async move {
            let Ok(mut tls) = acceptor.accept(stream).await else { return };
            let port = tls.get_ref().1.server_name().and_then(|name| names.get(name));
            if let Some(port) = port
                && let Ok(mut plain) = TcpStream::connect(("127.0.0.1", *port)).await
            {
                let _either_may_leave = copy_bidirectional(&mut tls, &mut plain).await;
            }
        });
    }
}
