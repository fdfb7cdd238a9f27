//! By which way the bytes of a picture reach a browser, after it was decided that they may.

use common::config::{Settings, Site};

use crate::storage::place::Place;

/// The way; what is put together while it is sent always goes through photos.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Through photos.
    Stream,
    /// `MEDIA_ACCEL_PREFIX`: by the nginx in front, which reads the folder of the storage below this location.
    Proxy(String),
    /// `MEDIA_DELIVERY=presigned`: from the S3 server, at an address of this origin that is good for minutes.
    Presigned(String),
}

impl Delivery {
    /// Reads it and notes every fault.
    pub fn from_settings(settings: &mut Settings, place: &Place, site: &Site) -> Self {
        let prefix = accel_prefix(settings);
        let wanted = settings.text("MEDIA_DELIVERY", "stream");
        match (wanted.as_str(), place) {
            ("stream", _) => {}
            ("presigned", Place::Bucket(bucket)) => {
                let origin = bucket.public_origin();
                if !site.development && !origin.starts_with("https://") {
                    settings.fault(
                        "MEDIA_DELIVERY=presigned needs an https address of the S3 server that browsers reach: \
                         set STORAGE_S3_PUBLIC_ENDPOINT",
                    );
                }
                return Self::Presigned(origin);
            }
            ("presigned", Place::Folder(_)) => {
                settings.fault("MEDIA_DELIVERY=presigned needs a bucket: set STORAGE_S3_BUCKET, or unset it");
            }
            _ => settings.fault(format!("MEDIA_DELIVERY is {wanted}, but must be stream or presigned")),
        }
        let Some(prefix) = prefix else { return Self::Stream };
        if matches!(place, Place::Bucket(_)) {
            settings.fault(
                "MEDIA_ACCEL_PREFIX is for a STORAGE_DIR that nginx reads, not for a bucket: unset it",
            );
        }
        Self::Proxy(prefix)
    }
}

/// Becomes part of a header.
fn accel_prefix(settings: &mut Settings) -> Option<String> {
    let prefix = settings.optional("MEDIA_ACCEL_PREFIX")?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/_-".contains(&byte);
    if prefix.len() < 3 || !prefix.starts_with('/') || !prefix.ends_with('/') || !prefix.bytes().all(plain) {
        settings.fault(format!("MEDIA_ACCEL_PREFIX is {prefix}, but must be a location such as /stored/"));
    }
    Some(prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(own: &[(&str, &str)]) -> (Delivery, Vec<String>) {
        let shared = [("BASE_DOMAIN", "example.org")];
        let pairs = shared.iter().chain(own).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut settings = Settings::from_pairs(pairs);
        let site = Site::from_settings(&mut settings);
        let place = Place::from_settings(&mut settings);
        let delivery = Delivery::from_settings(&mut settings, &place, &site);
        (delivery, settings.faults().to_vec())
    }

    #[test]
    fn a_way_that_does_not_fit_the_storage_is_a_fault() {
        let (folder, bucket) = (("STORAGE_DIR", "/photos"), ("STORAGE_S3_BUCKET", "photos"));
        let (prefix, presigned) = (("MEDIA_ACCEL_PREFIX", "/stored/"), ("MEDIA_DELIVERY", "presigned"));
        assert_eq!(read(&[folder]), (Delivery::Stream, vec![]));
        assert_eq!(read(&[folder, prefix]), (Delivery::Proxy("/stored/".to_owned()), vec![]));
        let amazon = "https://photos.s3.us-east-1.amazonaws.com";
        assert_eq!(read(&[bucket, presigned]), (Delivery::Presigned(amazon.to_owned()), vec![]));
        for (own, words) in [
            (vec![bucket, prefix], "MEDIA_ACCEL_PREFIX is for a STORAGE_DIR"),
            (vec![folder, presigned], "MEDIA_DELIVERY=presigned needs a bucket"),
            (vec![folder, ("MEDIA_DELIVERY", "pigeon")], "MEDIA_DELIVERY is pigeon"),
            (vec![bucket, presigned, ("STORAGE_S3_ENDPOINT", "http://minio:9000")], "needs an https address"),
        ] {
            let (_, faults) = read(&own);
            assert!(faults.len() == 1 && faults[0].contains(words), "{words}: {faults:?}");
        }
        let public = [
            bucket,
            presigned,
            ("STORAGE_S3_ENDPOINT", "http://minio:9000"),
            ("STORAGE_S3_PUBLIC_ENDPOINT", "https://s3.example.org"),
        ];
        assert_eq!(read(&public), (Delivery::Presigned("https://s3.example.org".to_owned()), vec![]));
    }
}
