//! A photo as a tile of a grid: its size is known before its picture, so that nothing jumps.

use imaging::{Encoding, Kind};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Photo, PhotoId, Rendition, Status,
    picture::{Image, Picture},
};
use crate::{media::Signer, originals::Offers};

/// The three pictures of a photo that somebody may see.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Renditions)]
pub struct Pictures {
    /// Long edge 400.
    pub thumbnail: Option<Image>,
    /// Long edge 800.
    pub thumbnail_2x: Option<Image>,
    /// Long edge 2048.
    pub preview: Option<Image>,
}

/// What a template needs for one photo.
#[derive(Clone, Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Tile {
    id: PhotoId,
    filename: String,
    title: String,
    alt: String,
    status: Status,
    failure: Option<String>,
    is_lost: bool,
    width: Option<i32>,
    height: Option<i32>,
    ratio: String,
    picture: Option<Picture>,
    preview: Option<Image>,
    cover: bool,
    archived: bool,
    locked: bool,
    /// 0 to 5, in halves.
    rating: f64,
    /// A star for each whole one.
    stars: String,
    original_url: Option<String>,
}

impl Pictures {
    /// The signed pictures of one photo out of the renditions of a page; marked ones or clean ones, never a mixture.
    pub fn of(photo: PhotoId, renditions: &[Rendition], signer: &Signer<'_>, marked: bool) -> Self {
        let picture = |kind| {
            let found: Vec<&Rendition> = renditions
                .iter()
                .filter(|made| made.photo == photo && made.marked == marked && made.kind == kind)
                .collect();
            let jpeg = found.iter().find(|made| made.encoding == Encoding::Jpeg)?;
            let encodings = found.iter().map(|made| (made.encoding, made.version));
            Some(Image::of(photo, (kind, marked), encodings, (jpeg.width, jpeg.height), signer))
        };
        Self {
            thumbnail: picture(Kind::Thumbnail),
            thumbnail_2x: picture(Kind::Thumbnail2x),
            preview: picture(Kind::Preview),
        }
    }
}

/// How a page shows its photos.
pub struct Look<'a> {
    /// Makes the addresses.
    pub signer: &'a Signer<'a>,
    /// Whether the pictures carry the mark.
    pub marked: bool,
    /// What is offered of each photo's original; nothing where it is not listed.
    pub originals: Offers,
    /// The cover of the gallery.
    pub cover: Option<PhotoId>,
}

impl Tile {
    /// The tile of a photo.
    pub fn of(photo: &Photo, renditions: &[Rendition], look: &Look<'_>) -> Self {
        let pictures = Pictures::of(photo.id, renditions, look.signer, look.marked);
        let title =
            photo.title.clone().filter(|title| !title.is_empty()).unwrap_or_else(|| photo.filename.clone());
        Self {
            id: photo.id,
            alt: photo.description.clone().filter(|text| !text.is_empty()).unwrap_or_else(|| title.clone()),
            title,
            filename: photo.filename.clone(),
            status: photo.progress(),
            failure: photo.failure_detail.clone(),
            is_lost: photo.is_lost(),
            width: photo.width,
            height: photo.height,
            ratio: ratio_class(photo.width.zip(photo.height)),
            picture: pictures.thumbnail.map(|thumbnail| {
                Picture::of(&thumbnail, pictures.thumbnail_2x.as_ref(), photo.placeholder.clone())
            }),
            preview: pictures.preview,
            cover: look.cover == Some(photo.id),
            archived: photo.archived,
            locked: photo.locked,
            rating: photo.rating,
            stars: (1..=5).take_while(|star| f64::from(*star) <= photo.rating).map(|_| '★').collect(),
            original_url: look
                .originals
                .variant(photo.id)
                .map(|variant| look.signer.address(photo.id, variant, photo.original_version())),
        }
    }

    /// Offers the photo at its download address below this path.
    pub fn offer(&mut self, path: &str) {
        self.original_url = Some(format!("{path}/{}/download", self.id));
    }

    /// The tiles of a page.
    pub fn all(photos: &[Photo], renditions: &[Rendition], look: &Look<'_>) -> Vec<Self> {
        photos.iter().map(|photo| Self::of(photo, renditions, look)).collect()
    }
}

/// The style class that gives a tile its proportions without an inline style: percent, in steps of two.
fn ratio_class(size: Option<(i32, i32)>) -> String {
    let percent = size.map_or(150, |(width, height)| i64::from(width) * 100 / i64::from(height.max(1)));
    format!("r{}", (percent.clamp(30, 400) + 1) / 2 * 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_have_a_class_whatever_the_size() {
        let sizes = [
            (Some((3000, 2000)), "r150"),
            (Some((1, 20000)), "r30"),
            (Some((20000, 1)), "r400"),
            (None, "r150"),
        ];
        for (size, class) in sizes {
            assert_eq!(ratio_class(size), class);
        }
    }
}
