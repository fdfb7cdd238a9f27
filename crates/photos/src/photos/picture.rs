//! A picture as pages and programs get it: its addresses in every encoding, and what stands in its place.

use imaging::{Encoding, Kind};
use serde::Serialize;
use utoipa::ToSchema;

use super::{PhotoId, Placeholder};
use crate::media::{Signer, Variant};

/// A rendition with its pixels.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Rendition)]
pub struct Image {
    /// A signed address of the JPEG.
    pub url: String,
    /// Pixels.
    pub width: i32,
    /// Pixels.
    pub height: i32,
    /// The same picture in other encodings, where they were made; the smallest files first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<Alternative>,
}

/// The same picture in another encoding.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Alternative {
    /// Such as `image/webp`.
    #[serde(rename = "type")]
    pub media_type: &'static str,
    /// A signed address.
    pub url: String,
}

/// What the component `picture` shows.
#[derive(Clone, Debug, Serialize)]
pub struct Picture {
    url: String,
    width: i32,
    height: i32,
    /// The JPEGs from which a browser chooses; empty where there is but one.
    srcset: String,
    sources: Vec<Source>,
    #[serde(flatten)]
    placeholder: Placeholder,
}

/// What a browser chooses from that knows this encoding.
#[derive(Clone, Debug, Serialize)]
struct Source {
    media_type: &'static str,
    srcset: String,
}

impl Image {
    /// The addresses of one kind of rendition, clean or marked, in the encodings that were made, each with its version.
    pub fn of(
        photo: PhotoId,
        (kind, marked): (Kind, bool),
        encodings: impl Iterator<Item = (Encoding, i64)>,
        (width, height): (i32, i32),
        signer: &Signer<'_>,
    ) -> Self {
        let address = |(encoding, version)| {
            signer.address(photo, Variant::Rendition { kind, marked, encoding }, version)
        };
        let (jpeg, mut others): (Vec<_>, Vec<_>) =
            encodings.partition(|(encoding, _)| *encoding == Encoding::Jpeg);
        others.sort_unstable_by(|one, other| other.cmp(one));
        let alternatives = others
            .into_iter()
            .map(|other| Alternative { media_type: other.0.media_type(), url: address(other) });
        let url = address(jpeg.first().copied().unwrap_or((Encoding::Jpeg, 0)));
        Self { alternatives: alternatives.collect(), url, width, height }
    }

    fn alternative(&self, media_type: &str) -> Option<&str> {
        self.alternatives.iter().find(|other| other.media_type == media_type).map(|other| other.url.as_str())
    }
}

impl Picture {
    /// A picture, and the same one larger where there is such a one.
    pub fn of(image: &Image, larger: Option<&Image>, placeholder: Placeholder) -> Self {
        let larger = larger.filter(|larger| larger.width > image.width);
        let source = |other: &Alternative| {
            let larger = match larger {
                // A browser that took this encoding would never see the larger picture.
                Some(larger) => Some((larger.alternative(other.media_type)?, larger.width)),
                None => None,
            };
            Some(Source { media_type: other.media_type, srcset: srcset((&other.url, image.width), larger) })
        };
        Self {
            srcset: larger.map_or_else(String::new, |larger| {
                srcset((&image.url, image.width), Some((&larger.url, larger.width)))
            }),
            sources: image.alternatives.iter().filter_map(source).collect(),
            url: image.url.clone(),
            width: image.width,
            height: image.height,
            placeholder,
        }
    }
}

/// Addresses with their widths, or an address alone.
fn srcset((url, width): (&str, i32), larger: Option<(&str, i32)>) -> String {
    match larger {
        Some((larger, wide)) => format!("{url} {width}w, {larger} {wide}w"),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(name: &str, width: i32, types: &[&'static str]) -> Image {
        let alternatives =
            types.iter().map(|media_type| Alternative { media_type, url: format!("{name}+{media_type}") });
        Image { url: name.to_owned(), width, height: 1, alternatives: alternatives.collect() }
    }

    #[test]
    fn an_encoding_is_offered_when_it_is_there_in_every_size() {
        let picture = |small: &[&'static str], large: &[&'static str]| {
            let (small, large) = (image("s", 400, small), image("l", 800, large));
            Picture::of(&small, Some(&large), Placeholder::default())
        };
        let both = picture(&["image/webp"], &["image/webp"]);
        assert_eq!(both.srcset, "s 400w, l 800w");
        assert_eq!(both.sources[0].srcset, "s+image/webp 400w, l+image/webp 800w");
        assert!(picture(&["image/webp"], &[]).sources.is_empty());
        assert!(picture(&[], &["image/webp"]).sources.is_empty());
    }

    #[test]
    fn a_picture_without_a_larger_one_has_one_address() {
        let small = image("s", 300, &["image/webp"]);
        for larger in [None, Some(&small)] {
            let picture = Picture::of(&small, larger, Placeholder::default());
            assert_eq!((picture.srcset.as_str(), picture.sources[0].srcset.as_str()), ("", "s+image/webp"));
        }
    }
}
