//! An S3 bucket: what its server can do beside keeping files.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, ensure};
use chrono::{DateTime, Utc};
use object_store::{
    BackoffConfig, ClientOptions, ObjectStore, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder},
    multipart::MultipartStore,
    path::Path as Key,
    prefix::PrefixStore,
    signer::{SignedUrlOptions, Signer},
};
use reqwest::Method;
use secrecy::ExposeSecret;
use url::Url;

use super::place::BucketSettings;

/// For one request to the server; whatever is larger goes in several.
const PATIENCE: Duration = Duration::from_mins(1);
/// For a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a signed address is good that this program uses itself.
const AT_ONCE: Duration = Duration::from_mins(1);

/// A bucket, or what lies under a prefix of one.
pub(super) struct Bucket {
    server: AmazonS3,
    /// The same server, by the address that browsers reach.
    public: AmazonS3,
    prefix: Key,
    /// Whether the server is one of the operator's own.
    is_own: bool,
    shown: String,
}

/// A file in parts that nobody finished.
struct Unfinished {
    key: String,
    id: String,
    begun_at: DateTime<Utc>,
}

impl Bucket {
    pub fn new(settings: &BucketSettings) -> anyhow::Result<Self> {
        let server = connect(settings, settings.endpoint.as_ref())?;
        let public = match &settings.public_endpoint {
            Some(endpoint) => connect(settings, Some(endpoint))?,
            None => server.clone(),
        };
        let prefix = Key::from(settings.prefix.as_str());
        Ok(Self { server, public, prefix, is_own: settings.endpoint.is_some(), shown: settings.to_string() })
    }

    /// What keeps the files, under keys without the prefix.
    pub fn store(&self) -> Arc<dyn ObjectStore> {
        if self.prefix.as_ref().is_empty() {
            return Arc::new(self.server.clone());
        }
        Arc::new(PrefixStore::new(self.server.clone(), self.prefix.clone()))
    }

    /// Makes the bucket on a server of the operator's own. Others make one name a bucket's for all the world, and ask for
    /// rights and money: that is for people to do.
    pub async fn make(&self) -> anyhow::Result<()> {
        ensure!(self.is_own, "{} is not there: make it, or mend its name, region and rights", self.shown);
        let address = self.server.signed_url(Method::PUT, &Key::default(), AT_ONCE).await?;
        self.ask(Method::PUT, address).await.with_context(|| format!("{} can't be made", self.shown))?;
        Ok(())
    }

    /// An address at which whoever has it may read a file for a while, and what the answer says of it.
    pub async fn address(&self, key: &str, time: Duration, says: &[(&str, String)]) -> anyhow::Result<Url> {
        let says = says.iter().map(|(name, value)| (*name, value.as_str()));
        let options = SignedUrlOptions::default().with_query(says);
        Ok(self.public.signed_url_opts(Method::GET, &self.whole(key), time, &options).await?)
    }

    /// Throws away what was begun this long ago in parts and never finished, if its key is one that we give.
    pub async fn remove_unfinished(&self, age: Duration, is_ours: fn(&str) -> bool) -> anyhow::Result<()> {
        let before = Utc::now() - age;
        for found in self.list_unfinished().await? {
            if found.begun_at < before && self.own(&found.key).is_some_and(is_ours) {
                let key = Key::from(found.key.as_str());
                self.server.abort_multipart(&key, &found.id).await?;
            }
        }
        Ok(())
    }

    /// At most a thousand of them: the rest is found the next time.
    async fn list_unfinished(&self) -> anyhow::Result<Vec<Unfinished>> {
        let query = [("uploads", ""), ("prefix", self.prefix.as_ref())];
        let options = SignedUrlOptions::default().with_query(query);
        let address = self.server.signed_url_opts(Method::GET, &Key::default(), AT_ONCE, &options).await?;
        Ok(self.ask(Method::GET, address).await?.map(|text| unfinished(&text)).unwrap_or_default())
    }

    /// What the server says; nothing where it does not know the question.
    async fn ask(&self, method: Method, address: Url) -> anyhow::Result<Option<String>> {
        let client = reqwest::Client::builder().connect_timeout(CONNECT).timeout(PATIENCE).build()?;
        // A fault of the connection would tell the address, which opens the bucket for a minute.
        let answer = client.request(method, address).send().await.map_err(reqwest::Error::without_url)?;
        let status = answer.status();
        if status == reqwest::StatusCode::NOT_IMPLEMENTED {
            return Ok(None);
        }
        let text = answer.text().await.map_err(reqwest::Error::without_url)?;
        ensure!(status.is_success(), "the S3 server answers {status}: {text}");
        Ok(Some(text))
    }

    fn whole(&self, key: &str) -> Key {
        self.prefix.parts().chain(Key::from(key).parts()).collect()
    }

    fn own<'a>(&self, key: &'a str) -> Option<&'a str> {
        match self.prefix.as_ref() {
            "" => Some(key),
            prefix => key.strip_prefix(prefix)?.strip_prefix('/'),
        }
    }
}

fn connect(settings: &BucketSettings, endpoint: Option<&Url>) -> anyhow::Result<AmazonS3> {
    let client = ClientOptions::new().with_timeout(PATIENCE).with_connect_timeout(CONNECT);
    // What people wait for is told soon; the queue tries again by itself.
    let retry = RetryConfig {
        max_retries: 3,
        retry_timeout: Duration::from_secs(20),
        backoff: BackoffConfig { max_backoff: Duration::from_secs(2), ..BackoffConfig::default() },
    };
    let is_plain = endpoint.is_some_and(|endpoint| endpoint.scheme() == "http");
    let mut builder = match &settings.access {
        Some((id, secret)) => AmazonS3Builder::new()
            .with_access_key_id(id.as_str())
            .with_secret_access_key(secret.expose_secret()),
        // Of the role of a machine, a container or a service account too.
        None => AmazonS3Builder::from_env(),
    };
    builder = builder
        .with_client_options(client.with_allow_http(is_plain))
        .with_retry(retry)
        .with_bucket_name(settings.name.as_str())
        .with_region(settings.region.as_str())
        .with_virtual_hosted_style_request(!settings.path_style)
        // One by one is what every server knows.
        .with_disable_bulk_delete(true);
    if let Some(endpoint) = endpoint {
        builder = builder.with_endpoint(settings.origin_at(endpoint));
    }
    builder.build().with_context(|| format!("{settings} can't be used"))
}

/// The answer's elements. Keys of ours hold nothing that XML would write in another way.
fn unfinished(text: &str) -> Vec<Unfinished> {
    let element = |part: &str, name: &str| {
        let (_, rest) = part.split_once(&format!("<{name}>"))?;
        rest.split_once(&format!("</{name}>")).map(|(inside, _)| inside.to_owned())
    };
    let uploads = text.split("<Upload>").skip(1).filter_map(|part| {
        let begun_at = DateTime::parse_from_rfc3339(&element(part, "Initiated")?).ok()?;
        Some(Unfinished {
            key: element(part, "Key")?,
            id: element(part, "UploadId")?,
            begun_at: begun_at.into(),
        })
    });
    uploads.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_begun_in_parts_is_read_from_the_answer() {
        let text = "<?xml version=\"1.0\"?><ListMultipartUploadsResult><Bucket>photos</Bucket>\
            <Upload><Key>7/20261122T101112-00ff.jpg</Key><UploadId>a-1</UploadId><Initiator><ID>x</ID></Initiator>\
            <Initiated>2026-11-22T10:11:12.000Z</Initiated></Upload>\
            <Upload><Key>7/half</Key></Upload></ListMultipartUploadsResult>";
        let found = unfinished(text);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].key.as_str(), found[0].id.as_str()), ("7/20261122T101112-00ff.jpg", "a-1"));
        assert_eq!(found[0].begun_at.timestamp(), 1_795_342_272);
    }
}
