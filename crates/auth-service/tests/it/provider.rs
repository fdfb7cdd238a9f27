//! A provider of sign-in made for the tests: an OpenID Connect issuer that can be told to cheat, and a GitHub.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    dev::ServerHandle,
    http::header::{AUTHORIZATION, LOCATION},
    web::{Data, Form, Query, get, post},
};
use aws_lc_rs::{
    digest, hmac,
    rand::SystemRandom,
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256},
};
use base64::{Engine, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use serde_json::{Value, json};
use test_support::site;

pub const CLIENT: &str = "our-client-id";
pub const SECRET: &str = "our client secret/with:signs & long enough";

/// How the next ID tokens are signed.
pub enum Signing {
    /// As they should be.
    Own,
    /// `alg: none`.
    Nothing,
    /// With the client's secret, as HS256.
    ClientSecret,
    /// With the public key taken for a secret.
    PublicKeyAsSecret,
    /// By somebody else, under the right key id.
    Stranger,
    /// By somebody else, under a key id that nobody knows.
    UnknownKey,
}

enum Key {
    Ec(EcdsaKeyPair),
    Rsa(Box<RsaKeyPair>),
}

struct Grant {
    nonce: Option<String>,
    challenge: String,
    redirect_uri: String,
}

/// Everything that a test may turn.
pub struct World {
    /// Claims that replace or join those of the person; null takes one away.
    pub claims: serde_json::Map<String, Value>,
    /// What `userinfo` says, in ID tokens' stead.
    pub userinfo: Value,
    pub signing: Signing,
    /// Answers the authorization request with this error.
    pub error: Option<&'static str>,
    /// What comes back as `iss`, and whether the metadata promises one.
    pub response_issuer: (Option<String>, bool),
    /// Replaces the issuer in the metadata.
    pub says_issuer: Option<String>,
    /// The body of `/token` or `/userinfo`, in bytes of rubbish.
    pub rubbish: Option<(&'static str, usize)>,
    /// A path whose answers take so long, or redirect.
    pub slow: Option<(&'static str, Duration)>,
    pub redirecting: Option<&'static str>,
    /// What GitHub's API says.
    pub github_emails: Value,
    /// Every path that was asked for, with its query.
    pub seen: Vec<String>,
    keys: Vec<(String, Key)>,
    grants: HashMap<String, Grant>,
}

/// The running provider.
pub struct Provider {
    pub url: String,
    /// The same under another name, as GitHub's pages.
    github: String,
    world: Data<Arc<Mutex<World>>>,
    handle: ServerHandle,
}

impl Provider {
    /// Starts one whose person is `ana@example.org`.
    pub fn start() -> Self {
        let (listener, port) = site::listen();
        let url = format!("http://127.0.0.1:{port}");
        let claims = json!({
            "iss": url, "aud": CLIENT, "sub": "subject-of-ana", "email": "ana@example.org", "email_verified": true,
            "preferred_username": "ana.at.provider",
        });
        let world = World {
            claims: claims.as_object().expect("an object").clone(),
            userinfo: Value::Null,
            signing: Signing::Own,
            error: None,
            response_issuer: (None, false),
            says_issuer: None,
            rubbish: None,
            slow: None,
            redirecting: None,
            github_emails: json!([
                { "email": "old@example.org", "primary": false, "verified": true, "visibility": null },
                { "email": "ana@example.org", "primary": true, "verified": true, "visibility": "private" },
            ]),
            seen: Vec::new(),
            keys: vec![ec_key("key-1")],
            grants: HashMap::new(),
        };
        let world = Data::new(Arc::new(Mutex::new(world)));
        let shared = world.clone();
        let server = HttpServer::new(move || {
            App::new()
                .app_data(shared.clone())
                .route("/.well-known/openid-configuration", get().to(metadata))
                .route("/jwks", get().to(jwks))
                .route("/authorize", get().to(authorize))
                .route("/token", post().to(token))
                .route("/userinfo", get().to(userinfo))
                .route("/login/oauth/authorize", get().to(authorize))
                .route("/login/oauth/access_token", post().to(token))
                .route("/user", get().to(github_user))
                .route("/user/emails", get().to(github_emails))
        });
        let server = server.workers(1).disable_signals().listen(listener).expect("it listens").run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { url, github: format!("http://localhost:{port}"), world, handle }
    }

    /// The settings with which the auth-service knows this provider as issuer and as GitHub.
    pub fn settings(&self) -> [(&str, &str); 11] {
        [
            ("OIDC_ISSUER", &self.url),
            ("OIDC_CLIENT_ID", CLIENT),
            ("OIDC_CLIENT_SECRET", SECRET),
            ("OIDC_NAME", "Example ID"),
            ("GITHUB_CLIENT_ID", CLIENT),
            ("GITHUB_CLIENT_SECRET", SECRET),
            ("GITHUB_URL", &self.github),
            ("GITHUB_API_URL", &self.url),
            ("LOGIN_LIMIT_PER_MINUTE", "1000"),
            ("REGISTER_LIMIT_PER_MINUTE", "1000"),
            ("PROVIDER_TIMEOUT_SECONDS", "20"),
        ]
    }

    /// What can be turned.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().expect("no panic while it is held")
    }

    /// Sets claims; null takes one away.
    pub fn claim(&self, name: &str, value: Value) {
        self.world().claims.insert(name.to_owned(), value);
    }

    /// Throws the keys away and makes new ones, of RSA this time.
    pub fn change_keys(&self) {
        let key = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
        self.world().keys = vec![("key-2".to_owned(), Key::Rsa(Box::new(key)))];
    }

    /// Ends it: nobody answers any more.
    pub async fn stop(&self) {
        self.handle.stop(false).await;
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

type Shared = Data<Arc<Mutex<World>>>;

/// Notes the request, and what the test wants instead of the usual answer.
async fn instead(shared: &Shared, request: &HttpRequest) -> Option<HttpResponse> {
    let (slow, answer) = {
        let mut world = shared.lock().expect("no panic while it is held");
        world.seen.push(request.uri().to_string());
        let path = request.path();
        let here = |other: &str| path == other;
        let slow = world.slow.filter(|(other, _)| here(other));
        let rubbish = world.rubbish.filter(|(other, _)| here(other));
        let redirect = world.redirecting.filter(|other| here(other));
        let answer = match (rubbish, redirect) {
            (Some((_, bytes)), _) => {
                let body = format!("{{\"sub\":\"subject-of-ana\",\"x\":\"{}\"}}", "x".repeat(bytes));
                Some(HttpResponse::Ok().content_type("application/json").body(body))
            }
            (None, Some(_)) => {
                Some(HttpResponse::TemporaryRedirect().insert_header((LOCATION, "/stolen")).finish())
            }
            (None, None) => None,
        };
        (slow, answer)
    };
    if let Some((_, time)) = slow {
        tokio::time::sleep(time).await;
    }
    answer
}

async fn metadata(shared: Shared, request: HttpRequest) -> HttpResponse {
    if let Some(answer) = instead(&shared, &request).await {
        return answer;
    }
    let world = shared.lock().expect("no panic while it is held");
    let url = format!(
        "http://{}",
        request.headers().get("host").and_then(|host| host.to_str().ok()).expect("a host")
    );
    HttpResponse::Ok().json(json!({
        "issuer": world.says_issuer.as_ref().unwrap_or(&url),
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "userinfo_endpoint": format!("{url}/userinfo"),
        "jwks_uri": format!("{url}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
        "authorization_response_iss_parameter_supported": world.response_issuer.1,
    }))
}

async fn jwks(shared: Shared, request: HttpRequest) -> HttpResponse {
    if let Some(answer) = instead(&shared, &request).await {
        return answer;
    }
    let world = shared.lock().expect("no panic while it is held");
    HttpResponse::Ok().json(json!({ "keys": world.keys.iter().map(public).collect::<Vec<_>>() }))
}

/// Whoever comes is Ana and says yes at once.
async fn authorize(
    shared: Shared,
    request: HttpRequest,
    query: Query<HashMap<String, String>>,
) -> HttpResponse {
    if let Some(answer) = instead(&shared, &request).await {
        return answer;
    }
    let mut world = shared.lock().expect("no panic while it is held");
    let given = |name: &str| query.get(name).cloned().unwrap_or_default();
    assert_eq!(
        (&*given("client_id"), &*given("response_type"), &*given("code_challenge_method")),
        (CLIENT, "code", "S256")
    );
    let mut back = url::Url::parse(&given("redirect_uri")).expect("an address");
    back.query_pairs_mut().append_pair("state", &given("state"));
    if let Some(issuer) = &world.response_issuer.0 {
        back.query_pairs_mut().append_pair("iss", issuer);
    }
    if let Some(error) = world.error {
        back.query_pairs_mut().append_pair("error", error);
    } else {
        let code = common::secrets::random_token();
        back.query_pairs_mut().append_pair("code", &code);
        let (challenge, redirect_uri) = (given("code_challenge"), given("redirect_uri"));
        let grant = Grant { nonce: query.get("nonce").cloned(), challenge, redirect_uri };
        world.grants.insert(code, grant);
    }
    HttpResponse::Found().insert_header((LOCATION, back.to_string())).finish()
}

async fn token(shared: Shared, request: HttpRequest, form: Form<HashMap<String, String>>) -> HttpResponse {
    if let Some(answer) = instead(&shared, &request).await {
        return answer;
    }
    let mut world = shared.lock().expect("no panic while it is held");
    let is_github = request.path().starts_with("/login/oauth/");
    let given = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", encode(CLIENT), encode(SECRET))));
    let known = match request.headers().get(AUTHORIZATION) {
        Some(header) => header.as_bytes() == basic.as_bytes(),
        None => (given("client_id"), given("client_secret")) == (CLIENT, SECRET),
    };
    let digest = B64.encode(digest::digest(&digest::SHA256, given("code_verifier").as_bytes()).as_ref());
    // A code is good once, for whoever has its verifier, at the address it was made for.
    let grant = world
        .grants
        .remove(given("code"))
        .filter(|grant| known && grant.challenge == digest && grant.redirect_uri == given("redirect_uri"));
    let Some(grant) = grant else {
        let body = json!({ "error": "invalid_grant", "error_description": "no" });
        // GitHub answers 200 to everything.
        return if is_github { HttpResponse::Ok().json(body) } else { HttpResponse::BadRequest().json(body) };
    };
    let mut body = json!({ "access_token": "an-access-token", "token_type": "Bearer" });
    if !is_github {
        body["id_token"] = Value::String(world.id_token(grant.nonce.as_deref()));
    }
    HttpResponse::Ok().json(body)
}

async fn userinfo(shared: Shared, request: HttpRequest) -> HttpResponse {
    if let Some(answer) = instead(&shared, &request).await {
        return answer;
    }
    assert_eq!(request.headers().get(AUTHORIZATION).expect("a token"), "Bearer an-access-token");
    HttpResponse::Ok().json(shared.lock().expect("no panic while it is held").userinfo.clone())
}

async fn github_user(shared: Shared, request: HttpRequest) -> HttpResponse {
    if let Some(answer) = instead(&shared, &request).await {
        return answer;
    }
    HttpResponse::Ok().json(json!({ "id": 4711, "login": "ana-codes", "email": "public@example.org" }))
}

async fn github_emails(shared: Shared) -> HttpResponse {
    HttpResponse::Ok().json(shared.lock().expect("no panic while it is held").github_emails.clone())
}

impl World {
    fn id_token(&self, nonce: Option<&str>) -> String {
        let now = chrono::Utc::now().timestamp();
        let mut claims = json!({ "iat": now, "exp": now + 300, "nonce": nonce });
        for (name, value) in &self.claims {
            claims[name] = value.clone();
        }
        if let Some(claims) = claims.as_object_mut() {
            claims.retain(|_, value| !value.is_null());
        }
        let (id, key) = &self.keys[0];
        let (_, stranger) = ec_key("stranger");
        let header = |algorithm: &str, id: &str| json!({ "alg": algorithm, "kid": id, "typ": "JWT" });
        let hmac = |secret: &[u8], text: &[u8]| {
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), text).as_ref().to_vec()
        };
        let part = |value: &Value| B64.encode(value.to_string());
        let signed = |header: Value, sign: &dyn Fn(&[u8]) -> Vec<u8>| {
            let text = format!("{}.{}", part(&header), part(&claims));
            let signature = B64.encode(sign(text.as_bytes()));
            format!("{text}.{signature}")
        };
        match self.signing {
            Signing::Own => signed(header(key.algorithm(), id), &|text| key.sign(text)),
            Signing::Nothing => signed(json!({ "alg": "none" }), &|_| Vec::new()),
            Signing::ClientSecret => signed(json!({ "alg": "HS256" }), &|text| hmac(SECRET.as_bytes(), text)),
            Signing::PublicKeyAsSecret => {
                signed(header("HS256", id), &|text| hmac(public(&self.keys[0]).to_string().as_bytes(), text))
            }
            Signing::Stranger => signed(header("ES256", id), &|text| stranger.sign(text)),
            Signing::UnknownKey => signed(header("ES256", "nobody"), &|text| stranger.sign(text)),
        }
    }
}

impl Key {
    fn algorithm(&self) -> &'static str {
        match self {
            Self::Ec(_) => "ES256",
            Self::Rsa(_) => "RS256",
        }
    }

    fn sign(&self, text: &[u8]) -> Vec<u8> {
        match self {
            Self::Ec(key) => key.sign(&SystemRandom::new(), text).expect("a signature").as_ref().to_vec(),
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature).expect("a signature");
                signature
            }
        }
    }
}

fn ec_key(id: &str) -> (String, Key) {
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
    (id.to_owned(), Key::Ec(key))
}

/// A key as the set of keys shows it.
fn public((id, key): &(String, Key)) -> Value {
    match key {
        Key::Ec(key) => {
            let point = key.public_key().as_ref();
            let (x, y) = (B64.encode(&point[1..33]), B64.encode(&point[33..]));
            json!({ "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": id, "x": x, "y": y })
        }
        Key::Rsa(key) => {
            // RFC 8017, appendix A.1.1: two integers, of which 2048 bits put each at a fixed place.
            let der = key.public_key().as_ref();
            let (n, e) = (B64.encode(&der[9..265]), B64.encode(&der[267..]));
            json!({ "kty": "RSA", "alg": "RS256", "use": "sig", "kid": id, "n": n, "e": e })
        }
    }
}
