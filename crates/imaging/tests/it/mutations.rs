//! Whatever becomes of a small file on its way, nothing panics and it is all renditions or none.

use imaging::{Limits, Metadata, Recipe, probe, read_metadata, render, scrub::clean};
use proptest::prelude::*;
use proptest::sample::Index;
use turbojpeg::Subsamp;

use crate::blocks::{
    app1_exif, app1_xmp, app13, exif_texts, iim, itxt_xmp, jpeg_with, png_with, raw_profile, resources,
    tiff_with, webp_with, xmp,
};
use crate::fixtures::{corners, described_jpeg, exif_orientation, jpeg, plain, png, textured, tiff, webp};
use crate::scrub_fixtures::{
    annotated_gif, annotated_heic, annotated_jpeg, annotated_png, annotated_tiff, annotated_webp,
};

fn seeds() -> Vec<Vec<u8>> {
    let small = textured(24, 18);
    let whole = image::DynamicImage::ImageRgb8(small.clone());
    let profile = moxcms::ColorProfile::new_display_p3().encode().expect("a profile");
    let exif = || Some(exif_orientation(6));
    let packet =
        xmp("xmp:Rating='4'", "<dc:subject><rdf:Bag><rdf:li>a &amp; b</rdf:li></rdf:Bag></dc:subject>");
    let iptc = iim(&[(1, 90, b"\x1B%G"), (2, 120, b"caption"), (2, 25, b"word")]);
    let texts = exif_texts(&[(270, b"caption\0"), (315, b"creator\0"), (33_432, b"notice\0")]);
    vec![
        jpeg_with(&[app1_exif(&texts), app13(&resources(&iptc)), app1_xmp(&packet)]),
        png_with(&[itxt_xmp(&packet, true), raw_profile(&resources(&iptc), true)]),
        webp_with(*b"XMP ", &packet),
        tiff_with(&[], &[(700, 1, &packet), (33_723, 7, &iptc), (34_377, 1, &resources(&iptc))]),
        jpeg(&small, Subsamp::Sub2x2, false),
        jpeg(&small, Subsamp::Sub2x1, true),
        described_jpeg(&corners(12, 9), exif(), Some(profile.clone())),
        png(&whole, exif(), Some(profile)),
        webp(&whole, exif(), None),
        tiff(&corners(10, 8), 5),
        plain(&whole, image::ImageFormat::Gif),
        plain(&whole, image::ImageFormat::Bmp),
        annotated_jpeg(),
        annotated_png(),
        annotated_webp(),
        annotated_gif(),
        annotated_tiff(true),
        annotated_tiff(false),
        annotated_heic(),
    ]
}

/// A clean form, where there is one, is what its plan says, and is clean itself.
fn scrub_faults(file: &[u8]) -> Option<&'static str> {
    let Ok(plan) = clean(file) else { return None };
    let mut all = Vec::new();
    if !plan.read(file, |part| all.extend_from_slice(part)) || all.len() as u64 != plan.size {
        return Some("the plan is not for this file");
    }
    match clean(&all) {
        Ok(again) if again.is_unchanged(plan.size) => None,
        Ok(_) => Some("cleaned again it is another file"),
        Err(_) => Some("cleaned again it can't be read"),
    }
}

#[derive(Debug, Clone)]
enum Change {
    Byte(Index, u8),
    Cut(Index),
    Insert(Index, Vec<u8>),
    Repeat(Index, Index),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        6 => (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Change::Byte(at, byte)),
        1 => any::<Index>().prop_map(Change::Cut),
        1 => (any::<Index>(), prop::collection::vec(any::<u8>(), 1..40)).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        1 => (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Change::Repeat(from, to)),
    ]
}

fn apply(file: &mut Vec<u8>, change: &Change) {
    if file.is_empty() {
        return;
    }
    match change {
        // Headers decide most, so half of the changes fall there.
        Change::Byte(at, byte) => {
            let reach = if byte % 2 == 0 { file.len() } else { file.len().min(120) };
            file[at.index(reach)] = *byte;
        }
        Change::Cut(at) => file.truncate(at.index(file.len())),
        Change::Insert(at, bytes) => {
            let at = at.index(file.len());
            file.splice(at..at, bytes.iter().copied());
        }
        Change::Repeat(from, to) => {
            let (from, to) = (from.index(file.len()), to.index(file.len()));
            let part = file[from.min(to)..from.max(to)].to_vec();
            file.splice(to..to, part);
        }
    }
}

/// Whether all words can stand in a database and on a page.
fn is_fit(found: &Metadata) -> bool {
    let names = [
        &found.make,
        &found.model,
        &found.lens,
        &found.title,
        &found.label,
        &found.creator,
        &found.credit,
        &found.copyright,
    ];
    let lines = names.into_iter().flatten().chain(&found.keywords);
    lines
        .into_iter()
        .all(|text| !text.is_empty() && text.chars().count() <= 256 && !text.contains(char::is_control))
        && found
            .caption
            .iter()
            .all(|text| text.chars().count() <= 2000 && !text.contains(|c: char| c.is_control() && c != '\n'))
        && found.keywords.len() <= 100
        && found.rating.is_none_or(|stars| (-1..=5).contains(&stars))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_never_panic(seed in any::<Index>(), changes in prop::collection::vec(change(), 1..6)) {
        let seeds = seeds();
        let mut file = seeds[seed.index(seeds.len())].clone();
        for change in &changes {
            apply(&mut file, change);
        }
        let limits = Limits { max_megapixels: 2, max_jpeg_scans: 50, max_decoded_bytes: 32 << 20 };
        let recipe = Recipe { limits, keep_copyright: true, ..Recipe::default() };
        let _ = probe(&file[..file.len().min(64)], &limits);
        prop_assert!(is_fit(&read_metadata(&file)));
        let faults = scrub_faults(&file);
        prop_assert!(faults.is_none(), "{faults:?}");
        if let Ok(rendered) = render(&file, &recipe) {
            prop_assert_eq!(rendered.renditions.len(), 6);
            prop_assert!(probe(&file, &limits).is_ok());
        }
    }

    #[test]
    fn noise_never_panics(noise in prop::collection::vec(any::<u8>(), 0..600), start in 0_usize..9) {
        let starts: [&[u8]; 9] = [b"", b"\xFF\xD8\xFF", b"\x89PNG\r\n\x1A\n", b"RIFF\0\0\0\0WEBP", b"GIF89a", b"II*\0\x08\0\0\0",
            b"MM\0+\0\x08\0\0\0\0\0\0\0\0\0\x10", b"BM\0\0\0\0\0\0\0\0\0\0\0\0\x28\0\0\0", b"\0\0\0\x40ftyp"];
        let file = [starts[start], &noise].concat();
        let limits = Limits { max_megapixels: 2, max_jpeg_scans: 50, max_decoded_bytes: 32 << 20 };
        let _ = probe(&file, &limits);
        prop_assert!(is_fit(&read_metadata(&file)));
        prop_assert_eq!(scrub_faults(&file), None);
        let _ = render(&file, &Recipe { limits, ..Recipe::default() });
    }
}
