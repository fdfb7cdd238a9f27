//! Where bytes are to lie, as the settings say: a folder of this machine, or an S3 bucket.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use common::config::Settings;
use secrecy::SecretString;
use url::Url;

use super::Storage;

/// A folder or a bucket.
#[derive(Clone, Debug)]
pub enum Place {
    /// `STORAGE_DIR`: a folder of this machine.
    Folder(PathBuf),
    /// `STORAGE_S3_BUCKET` and what belongs to it.
    Bucket(Box<BucketSettings>),
}

/// A bucket of an S3 server, and how it is reached.
#[derive(Clone, Debug)]
pub struct BucketSettings {
    /// `STORAGE_S3_BUCKET`.
    pub name: String,
    /// `STORAGE_S3_ENDPOINT`, default none, which is Amazon's of the region: where the server answers.
    pub endpoint: Option<Url>,
    /// `STORAGE_S3_PUBLIC_ENDPOINT`, default that one: where browsers reach the same server.
    pub public_endpoint: Option<Url>,
    /// `STORAGE_S3_REGION`, default `us-east-1`.
    pub region: String,
    /// `STORAGE_S3_PATH_STYLE`, default `true` with an endpoint and `false` without: the bucket stands in the path of an
    /// address, not in its host.
    pub path_style: bool,
    /// `STORAGE_S3_PREFIX`, default none: what stands before every key, where the bucket is shared with others.
    pub prefix: String,
    /// `STORAGE_S3_ACCESS_KEY_ID` and `STORAGE_S3_SECRET_ACCESS_KEY`, default none: then those of the variables `AWS_…` or
    /// the role of this machine.
    pub access: Option<(String, SecretString)>,
}

impl Place {
    /// Reads it and notes every fault.
    pub fn from_settings(settings: &mut Settings) -> Self {
        let bucket = BucketSettings::from_settings(settings);
        match (settings.optional("STORAGE_DIR"), bucket) {
            (None, Some(bucket)) => Self::Bucket(bucket.into()),
            (Some(_), Some(bucket)) => {
                settings.fault("STORAGE_DIR and STORAGE_S3_BUCKET are both set: unset one");
                Self::Bucket(bucket.into())
            }
            (folder, None) => {
                let advice = "the folder for originals and renditions; or a bucket, by STORAGE_S3_BUCKET";
                Self::Folder(folder.unwrap_or_else(|| settings.required("STORAGE_DIR", advice)).into())
            }
        }
    }

    /// The folder, where it is one.
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::Folder(folder) => Some(folder),
            Self::Bucket(_) => None,
        }
    }
}

/// As an operator knows it.
impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(formatter, "STORAGE_DIR {}", folder.display()),
            Self::Bucket(bucket) => write!(formatter, "{bucket}"),
        }
    }
}

impl fmt::Display for BucketSettings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "STORAGE_S3_BUCKET {}", self.name)?;
        if !self.prefix.is_empty() {
            write!(formatter, "/{}", self.prefix)?;
        }
        match &self.endpoint {
            Some(endpoint) => write!(formatter, " at {}", endpoint.origin().ascii_serialization()),
            None => write!(formatter, " of region {}", self.region),
        }
    }
}

impl BucketSettings {
    /// Where browsers reach the files.
    pub fn public_origin(&self) -> String {
        match (self.public_endpoint.as_ref().or(self.endpoint.as_ref()), self.path_style) {
            (Some(endpoint), _) => self.origin_at(endpoint),
            (None, false) => format!("https://{}.s3.{}.amazonaws.com", self.name, self.region),
            (None, true) => format!("https://s3.{}.amazonaws.com", self.region),
        }
    }

    /// The origin of addresses at an endpoint: where the bucket stands in their host, it has it too.
    pub(super) fn origin_at(&self, endpoint: &Url) -> String {
        let origin = endpoint.origin().ascii_serialization();
        match origin.split_once("://") {
            Some((scheme, host)) if !self.path_style => format!("{scheme}://{}.{host}", self.name),
            _ => origin,
        }
    }

    fn from_settings(settings: &mut Settings) -> Option<Self> {
        let name = settings.optional("STORAGE_S3_BUCKET")?;
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
        if !(3..=63).contains(&name.len()) || !name.bytes().all(plain) {
            settings.fault(format!("STORAGE_S3_BUCKET is {name}, but has 3 to 63 of a-z, 0-9, . and -"));
        }
        let prefix = settings.text("STORAGE_S3_PREFIX", "").trim_matches('/').to_owned();
        let is_plain = Storage::is_key(&prefix) && prefix.is_ascii();
        if !is_plain && !prefix.is_empty() {
            settings.fault(format!("STORAGE_S3_PREFIX is {prefix}, but must be plain, such as photos/site"));
        }
        let endpoint = endpoint(settings, "STORAGE_S3_ENDPOINT");
        Some(Self {
            path_style: settings.parsed("STORAGE_S3_PATH_STYLE", endpoint.is_some()),
            public_endpoint: self::endpoint(settings, "STORAGE_S3_PUBLIC_ENDPOINT"),
            region: settings.text("STORAGE_S3_REGION", "us-east-1"),
            access: access(settings),
            name,
            endpoint,
            prefix,
        })
    }
}

fn endpoint(settings: &mut Settings, name: &str) -> Option<Url> {
    let text = settings.optional(name)?;
    match Url::parse(&text) {
        Ok(url)
            if ["http", "https"].contains(&url.scheme()) && url.path() == "/" && url.query().is_none() =>
        {
            Some(url)
        }
        _ => {
            settings.fault(format!("{name} is {text}, but must be an origin such as https://s3.example.org"));
            None
        }
    }
}

fn access(settings: &mut Settings) -> Option<(String, SecretString)> {
    let id = settings.optional("STORAGE_S3_ACCESS_KEY_ID");
    let secret = settings.optional("STORAGE_S3_SECRET_ACCESS_KEY");
    match (id, secret) {
        (Some(id), Some(secret)) => Some((id, secret.into())),
        (None, None) => None,
        _ => {
            settings.fault(
                "STORAGE_S3_ACCESS_KEY_ID and STORAGE_S3_SECRET_ACCESS_KEY belong together: set both or none",
            );
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(pairs: &[(&str, &str)]) -> Vec<String> {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut settings = Settings::from_pairs(pairs);
        Place::from_settings(&mut settings);
        settings.faults().to_vec()
    }

    #[test]
    fn a_storage_is_a_folder_or_a_bucket_and_every_fault_is_told() {
        let bucket = ("STORAGE_S3_BUCKET", "photos");
        assert_eq!(faults(&[bucket]), [""; 0]);
        assert_eq!(faults(&[("STORAGE_DIR", "/photos")]), [""; 0]);
        assert!(faults(&[])[0].starts_with("STORAGE_DIR is missing: "));
        let both = faults(&[bucket, ("STORAGE_DIR", "/photos")]);
        assert_eq!(both, ["STORAGE_DIR and STORAGE_S3_BUCKET are both set: unset one"]);
        let many = faults(&[
            ("STORAGE_S3_BUCKET", "My Photos"),
            ("STORAGE_S3_ENDPOINT", "minio:9000/photos"),
            ("STORAGE_S3_PREFIX", "a//ä"),
            ("STORAGE_S3_ACCESS_KEY_ID", "photos"),
            ("STORAGE_S3_PATH_STYLE", "perhaps"),
        ]);
        assert_eq!(many.len(), 5, "{many:?}");
    }

    #[test]
    fn an_operator_is_told_the_place_and_no_secret() {
        let place = Place::from_settings(&mut Settings::from_pairs(
            [
                ("STORAGE_S3_BUCKET", "photos"),
                ("STORAGE_S3_ENDPOINT", "http://minio:9000"),
                ("STORAGE_S3_PREFIX", "/site/"),
                ("STORAGE_S3_ACCESS_KEY_ID", "photos"),
                ("STORAGE_S3_SECRET_ACCESS_KEY", "hidden"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        ));
        assert_eq!(place.to_string(), "STORAGE_S3_BUCKET photos/site at http://minio:9000");
        assert!(!format!("{place:?}").contains("hidden"));
    }
}
