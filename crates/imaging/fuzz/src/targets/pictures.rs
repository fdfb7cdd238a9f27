//! Decoding: whatever a file is, it ends as all its renditions, sound and of the right sizes, or as none.

use image::{ImageFormat, load_from_memory_with_format};
use imaging::{
    Error, Format, Kind, Limits, Metadata, Recipe, Refusal, Rendered, probe, read_metadata, render,
};

use super::containers::{begun, jpeg_segment, mended_png};
use super::facts::check_facts;

/// Small, so that tries are quick.
pub fn limits() -> Limits {
    Limits { max_megapixels: 1, max_jpeg_scans: 20, max_decoded_bytes: 2 << 20 }
}

fn recipe() -> Recipe {
    Recipe { limits: limits(), keep_copyright: true, original: true, ..Recipe::default() }
}

/// Renders a file and checks what comes of it; whether anything does.
pub fn check(file: &[u8], recipe: &Recipe) -> Result<Rendered, Error> {
    let outcome = render(file, recipe);
    match &outcome {
        Ok(rendered) => check_rendered(file, rendered, recipe),
        Err(error) => assert!(!error.to_string().is_empty() && !error.reason().is_empty()),
    }
    outcome
}

fn check_rendered(file: &[u8], rendered: &Rendered, recipe: &Recipe) {
    let probed = probe(file, &recipe.limits).expect("what is rendered was taken");
    assert!(rendered.displayed.pixels() <= u64::from(recipe.limits.max_megapixels) * 1_000_000);
    assert_eq!(rendered.renditions.len(), Kind::all().len() * 2, "all or none");
    for kind in Kind::all() {
        let of = |marked| {
            let mut all = rendered.renditions.iter().filter(|one| (one.kind, one.marked) == (*kind, marked));
            all.next().expect("each kind, marked and not")
        };
        let (plain, marked) = (of(false), of(true));
        assert_ne!(plain.file, marked.file, "the mark is seen");
        for rendition in [plain, marked] {
            assert_eq!(rendition.size, rendered.displayed.fitted(kind.edge()));
            let again = probe(&rendition.file, &Limits::default()).expect("a JPEG");
            assert_eq!((again.format, again.stored), (Format::Jpeg, Some(rendition.size)));
            assert_eq!(again.orientation, 1, "{probed:?}");
        }
    }
    let smallest = &rendered.renditions[0];
    let picture = load_from_memory_with_format(&smallest.file, ImageFormat::Jpeg).expect("a sound JPEG");
    assert_eq!((picture.width(), picture.height()), (smallest.size.width, smallest.size.height));
    check_facts(&rendered.metadata);
    let said = read_metadata(&smallest.file);
    assert_eq!(said, Metadata { copyright: said.copyright.clone(), ..Metadata::default() }, "nothing else");
    assert!(said.copyright.is_none() || said.copyright == rendered.metadata.copyright);
}

fn rendered(file: &[u8], format: Format) {
    let recipe = recipe();
    match probe(file, &recipe.limits) {
        // A TIFF may turn out to be RAW.
        Ok(probed) => {
            assert!(probed.format == format || matches!(probed.format, Format::Raw(_)), "{probed:?}");
        }
        Err(refusal) => {
            let known = matches!(refusal, Refusal::UnsupportedFormat { .. } | Refusal::TooManyPixels { .. });
            assert!(known || refusal == Refusal::NotAnImage, "{refusal:?}");
        }
    }
    // The verdict is checked inside; that a file is refused is fine here.
    let _ = check(file, &recipe);
}

/// JPEG files.
pub fn render_jpeg(bytes: &[u8]) {
    rendered(&begun(bytes, &[0xFF, 0xD8, 0xFF]), Format::Jpeg);
}

/// PNG files, their checksums mended.
pub fn render_png(bytes: &[u8]) {
    rendered(&mended_png(bytes), Format::Png);
}

/// WebP files.
pub fn render_webp(bytes: &[u8]) {
    rendered(&webp(bytes), Format::WebP);
}

/// The bytes as a WebP that gives its length rightly.
pub fn webp(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len().saturating_sub(8)).expect("tries are small");
    begun(bytes, &[&b"RIFF"[..], &length.to_le_bytes(), b"WEBP"].concat())
}

/// GIF files.
pub fn render_gif(bytes: &[u8]) {
    rendered(&begun(bytes, b"GIF89a"), Format::Gif);
}

/// TIFF files of either byte order, classic and large.
pub fn render_tiff(bytes: &[u8]) {
    const STARTS: [&[u8; 4]; 4] = [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"];
    let start = STARTS.into_iter().find(|start| bytes.starts_with(*start));
    rendered(&begun(bytes, start.unwrap_or(STARTS[0])), Format::Tiff);
}

/// Windows bitmaps.
pub fn render_bmp(bytes: &[u8]) {
    let mut file = begun(bytes, b"BM");
    if let Some(header) = file.get_mut(14..18)
        && !matches!(
            u32::from_le_bytes([header[0], header[1], header[2], header[3]]),
            12 | 16 | 52 | 56 | 64 | 108 | 124
        )
    {
        header.copy_from_slice(&[40, 0, 0, 0]);
    }
    rendered(&file, Format::Bmp);
}

/// HEIC and AVIF, of any brand.
pub fn heif(bytes: &[u8]) {
    let boxed = bytes.get(4..8) == Some(b"ftyp");
    let file = if boxed { bytes.to_vec() } else { begun(bytes, b"\0\0\0\x18ftypheic\0\0\0\0mif1heic") };
    whatever(&file);
}

/// RAW files as their first bytes tell of them.
pub fn raw(bytes: &[u8]) {
    const STARTS: [&[u8]; 8] = [
        b"II*\0\x10\0\0\0CR\x02\0",
        b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom",
        b"FUJIFILMCCD-RAW ",
        b"IIRO\x08\0\0\0",
        b"IIU\0\x08\0\0\0",
        b"\0MRM",
        b"MM\0*\0\0\0\x08",
        b"II*\0\x08\0\0\0",
    ];
    // The first byte says with which of them the rest begins.
    let [kind, file @ ..] = bytes else { return };
    whatever(&begun(file, STARTS[usize::from(*kind) % STARTS.len()]));
}

/// A file of a kind that not every build and machine takes: refused, or as good as any.
fn whatever(file: &[u8]) {
    check_facts(&read_metadata(file));
    // The verdict is checked inside; that a file is refused is fine here.
    let _ = check(file, &recipe());
}

/// Colour profiles in JPEGs of every kind of colour.
pub fn icc(bytes: &[u8]) {
    const PICTURES: [&[u8]; 3] = [
        include_bytes!("pictures/gray.jpg"),
        include_bytes!("pictures/rgb.jpg"),
        include_bytes!("pictures/cmyk.jpg"),
    ];
    // The first byte says in which picture, and in how many parts.
    let [kind, profile @ ..] = bytes else { return };
    let picture = PICTURES[usize::from(*kind) % PICTURES.len()];
    let count = usize::from(kind / 64).max(profile.len().div_ceil(60_000)).max(1);
    let parts = profile.chunks(profile.len().div_ceil(count).max(1)).zip(1_u8..);
    let total = u8::try_from(count).expect("few");
    let segments = parts.flat_map(|(part, number)| {
        jpeg_segment(0xE2, &[&b"ICC_PROFILE\0"[..], &[number, total], part].concat())
    });
    let file: Vec<u8> =
        picture[..2].iter().copied().chain(segments).chain(picture[2..].iter().copied()).collect();
    let rendered = check(&file, &recipe()).expect("a broken profile does not break the picture");
    assert!(!rendered.damaged);
}
