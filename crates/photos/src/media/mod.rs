//! Signed media addresses: each names photo, variant, grant and expiry, and every request checks the grant anew.

pub mod delivery;
pub mod screen;
pub mod sending;
pub mod store;

use std::{fmt, str::FromStr};

use chrono::Utc;
use common::secrets::Secrets;
use imaging::{Encoding, Kind};

use crate::{identity::AccountId, photos::PhotoId, policy::Access, shares::ShareLinkId};

const PURPOSE: &str = "media address";
/// Addresses expire at multiples of this, so that a picture keeps one address (and a browser its copy) for hours.
const STEP_SECONDS: i64 = 6 * 3600;

/// By what right somebody was given an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// The gallery is public.
    Public,
    /// This signed-in person; works with their live session alone.
    Person(AccountId),
    /// This share link, at this epoch.
    Link {
        /// The link.
        id: ShareLinkId,
        /// Raised whenever the link loses or changes its power.
        epoch: i32,
    },
}

/// Which picture of a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// One that we made.
    Rendition {
        /// Its size.
        kind: Kind,
        /// Whether it carries the mark.
        marked: bool,
        /// How it is written.
        encoding: Encoding,
    },
    /// The uploaded file.
    Original,
    /// The uploaded file without place, serial numbers and owner.
    CleanOriginal,
}

impl Variant {
    /// The access that this picture needs.
    pub fn needs(self) -> Access {
        match self {
            Self::Rendition { marked: true, .. } => Access::Marked,
            Self::Rendition { marked: false, .. } => Access::Clean,
            Self::CleanOriginal => Access::Copy,
            Self::Original => Access::Edit,
        }
    }
}

/// Makes addresses for one viewer.
pub struct Signer<'a> {
    secrets: &'a Secrets,
    grant: Grant,
    expires_at: i64,
}

impl<'a> Signer<'a> {
    /// Addresses by this grant, valid for six to twelve hours.
    pub fn new(secrets: &'a Secrets, grant: Grant) -> Self {
        let step = Utc::now().timestamp() / STEP_SECONDS;
        Self { secrets, grant, expires_at: (step + 2) * STEP_SECONDS }
    }

    /// The address of a picture. With another version it is another address: whoever has the one before in the browser
    /// fetches the new one. It decides nothing, and so is not signed.
    pub fn address(&self, photo: PhotoId, variant: Variant, version: i64) -> String {
        let (grant, expires_at) = (self.grant, self.expires_at);
        let signature = self.secrets.sign(PURPOSE, &message(photo, variant, grant, expires_at));
        format!("/media/{photo}/{variant}?v={version}&g={grant}&e={expires_at}&s={signature}")
    }
}

/// Whether we made this address and its time is not over.
pub fn is_valid(
    secrets: &Secrets,
    photo: PhotoId,
    variant: Variant,
    grant: Grant,
    expires_at: i64,
    signature: &str,
) -> bool {
    expires_at > Utc::now().timestamp()
        && secrets.verify(PURPOSE, &message(photo, variant, grant, expires_at), signature)
}

fn message(photo: PhotoId, variant: Variant, grant: Grant, expires_at: i64) -> String {
    format!("{photo}/{variant}?{grant}&{expires_at}")
}

impl fmt::Display for Variant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Rendition { kind, marked, encoding } = self else {
            let original = *self == Self::Original;
            return formatter.write_str(if original { "original" } else { "clean-original" });
        };
        let mark = if *marked { "marked-" } else { "" };
        write!(formatter, "{mark}{}", kind.name())?;
        // The addresses of JPEGs are those from before there was anything else.
        if *encoding == Encoding::Jpeg { Ok(()) } else { write!(formatter, ".{}", encoding.extension()) }
    }
}

impl FromStr for Variant {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "original" => return Ok(Self::Original),
            "clean-original" => return Ok(Self::CleanOriginal),
            _ => {}
        }
        let (marked, text) = text.strip_prefix("marked-").map_or((false, text), |text| (true, text));
        let (name, encoding) = match text.split_once('.') {
            None => (text, Encoding::Jpeg),
            Some((name, extension)) => {
                let mut others = Encoding::all().iter().copied().filter(|other| *other != Encoding::Jpeg);
                (name, others.find(|other| other.extension() == extension).ok_or(())?)
            }
        };
        let kind = Kind::all().iter().copied().find(|kind| kind.name() == name).ok_or(())?;
        Ok(Self::Rendition { kind, marked, encoding })
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Public => formatter.write_str("p"),
            Self::Person(account) => write!(formatter, "u{}", account.0),
            Self::Link { id, epoch } => write!(formatter, "l{}.{epoch}", id.0),
        }
    }
}

impl FromStr for Grant {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if text == "p" {
            return Ok(Self::Public);
        }
        if let Some(account) = text.strip_prefix('u') {
            return account.parse().map(|id| Self::Person(AccountId(id))).map_err(drop);
        }
        let (id, epoch) = text.strip_prefix('l').and_then(|link| link.split_once('.')).ok_or(())?;
        Ok(Self::Link { id: ShareLinkId(id.parse().map_err(drop)?), epoch: epoch.parse().map_err(drop)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> Secrets {
        Secrets::parse(&"x".repeat(43)).expect("long enough")
    }

    #[test]
    fn an_address_holds_for_its_own_photo_variant_and_grant_alone() {
        let secrets = secrets();
        let grant = Grant::Link { id: ShareLinkId(3), epoch: 1 };
        let marked = Variant::Rendition { kind: Kind::Preview, marked: true, encoding: Encoding::Jpeg };
        let webp = Variant::Rendition { kind: Kind::Preview, marked: true, encoding: Encoding::Webp };
        let signer = Signer::new(&secrets, grant);
        let address = signer.address(PhotoId(5), marked, 1);
        let signature = address.rsplit_once("s=").expect("it is signed").1;
        let valid = |photo, variant, grant, expires| {
            is_valid(&secrets, PhotoId(photo), variant, grant, expires, signature)
        };
        assert!(valid(5, marked, grant, signer.expires_at));
        assert!(!valid(6, marked, grant, signer.expires_at));
        assert!(!valid(5, webp, grant, signer.expires_at));
        assert!(!valid(5, Variant::Original, grant, signer.expires_at));
        assert!(!valid(5, marked, Grant::Public, signer.expires_at));
        assert!(!valid(5, marked, Grant::Link { id: ShareLinkId(3), epoch: 2 }, signer.expires_at));
        assert!(!valid(5, marked, grant, signer.expires_at + 1));
    }

    #[test]
    fn grants_and_variants_survive_the_way_through_an_address() {
        for grant in
            [Grant::Public, Grant::Person(AccountId(4)), Grant::Link { id: ShareLinkId(3), epoch: 9 }]
        {
            assert_eq!(grant.to_string().parse(), Ok(grant));
        }
        for kind in Kind::all() {
            for (marked, encoding) in [false, true]
                .into_iter()
                .flat_map(|marked| Encoding::all().iter().map(move |one| (marked, *one)))
            {
                let variant = Variant::Rendition { kind: *kind, marked, encoding };
                assert_eq!(variant.to_string().parse(), Ok(variant));
            }
        }
        for variant in [Variant::Original, Variant::CleanOriginal] {
            assert_eq!(variant.to_string().parse(), Ok(variant));
        }
        assert_eq!("".parse::<Grant>(), Err(()));
        for unknown in ["preview-marked", "preview.jpg", "preview.jpeg", "preview.gif", "original.webp"] {
            assert_eq!(unknown.parse::<Variant>(), Err(()), "{unknown}");
        }
    }
}
