//! What people wrote beside a picture, out of every block of every container.

use imaging::{Metadata, read_metadata};

use crate::blocks::*;

const GUID: &str = "0123456789ABCDEF0123456789ABCDEF";

fn packet() -> Vec<u8> {
    xmp(
        "xmp:Rating='4' xmp:Label='Green' photoshop:Credit='Agency &amp; Sons'",
        "<dc:title><rdf:Alt><rdf:li xml:lang='de'>Kuss</rdf:li><rdf:li xml:lang='x-default'>Kiss</rdf:li></rdf:Alt></dc:title>\
         <dc:description><rdf:Alt><rdf:li xml:lang='x-default'>First line&#xA;Second &lt;line&gt;</rdf:li></rdf:Alt></dc:description>\
         <dc:subject><rdf:Bag><rdf:li>bride</rdf:li><rdf:li>Kuß</rdf:li><rdf:li>bride</rdf:li></rdf:Bag></dc:subject>\
         <dc:creator><rdf:Seq><rdf:li>Ana Pérez</rdf:li><rdf:li>Ben</rdf:li></rdf:Seq></dc:creator>\
         <dc:rights><rdf:Alt><rdf:li xml:lang='x-default'>© 2026 Ana</rdf:li></rdf:Alt></dc:rights>",
    )
}

fn sets() -> Vec<u8> {
    iim(&[
        (1, 90, b"\x1B%G"),
        (2, 0, b"\0\x04"),
        (2, 5, b"Kiss"),
        (2, 25, b"bride"),
        (2, 25, "Kuß".as_bytes()),
        (2, 80, "Ana Pérez".as_bytes()),
        (2, 80, b"Ben"),
        (2, 110, b"Agency & Sons"),
        (2, 116, "© 2026 Ana".as_bytes()),
        (2, 120, b"First line\rSecond <line>"),
    ])
}

#[expect(clippy::unnecessary_wraps, reason = "facts are compared as they come")]
fn text(value: &str) -> Option<String> {
    Some(value.to_owned())
}

/// What both blocks above say.
fn said() -> Metadata {
    Metadata {
        title: text("Kiss"),
        caption: text("First line\nSecond <line>"),
        keywords: vec!["bride".to_owned(), "Kuß".to_owned()],
        creator: text("Ana Pérez, Ben"),
        credit: text("Agency & Sons"),
        copyright: text("© 2026 Ana"),
        ..Metadata::default()
    }
}

#[test]
fn xmp_is_read_from_every_container() {
    let expected = Metadata { rating: Some(4), label: text("Green"), ..said() };
    for (place, file) in [
        ("JPEG", jpeg_with(&[app1_xmp(&packet())])),
        ("PNG", png_with(&[itxt_xmp(&packet(), false)])),
        ("compressed PNG", png_with(&[itxt_xmp(&packet(), true)])),
        ("WebP", webp_with(*b"XMP ", &packet())),
        ("TIFF", tiff_with(&[], &[(700, 1, &packet())])),
    ] {
        assert_eq!(read_metadata(&file), expected, "{place}");
    }
}

#[test]
fn iptc_is_read_from_every_container() {
    let (data, whole) = (sets(), resources(&sets()));
    let padded = [&data[..], &[0; 4]].concat();
    for (place, file) in [
        ("JPEG", jpeg_with(&[app13(&whole)])),
        ("two segments of a JPEG", jpeg_with(&[app13(&whole[..50]), app13(&whole[50..])])),
        ("PNG", png_with(&[raw_profile(&whole, false)])),
        ("compressed PNG", png_with(&[raw_profile(&whole, true)])),
        ("TIFF", tiff_with(&[], &[(33_723, 7, &data)])),
        ("TIFF of old programs", tiff_with(&[], &[(33_723, 4, &padded[..padded.len() / 4 * 4])])),
        ("Photoshop's TIFF", tiff_with(&[], &[(34_377, 1, &whole)])),
    ] {
        assert_eq!(read_metadata(&file), said(), "{place}");
    }
}

#[test]
fn each_fact_comes_from_the_newest_block_that_has_it() {
    let exif = exif_texts(&[
        (270, b"EXIF caption\0"),
        (315, b"EXIF creator\0"),
        (33_432, b"EXIF photographer\0EXIF editor\0"),
    ]);
    let iptc = iim(&[(2, 5, b"IPTC title"), (2, 120, b"IPTC caption"), (2, 80, b"IPTC creator")]);
    let newest = xmp("photoshop:Headline='XMP headline'", "<dc:description>XMP caption</dc:description>");
    let facts = read_metadata(&jpeg_with(&[
        app1_exif(&exif),
        app13(&resources(&iptc)),
        app1_xmp(&newest),
        app1_xmp(&packet()),
    ]));
    assert_eq!(facts.title, text("XMP headline"));
    assert_eq!(facts.caption, text("XMP caption"));
    assert_eq!(facts.creator, text("IPTC creator"));
    assert_eq!(facts.copyright, text("EXIF photographer, EXIF editor"));
    let facts = read_metadata(&jpeg_with(&[app13(&resources(&iptc)), app1_exif(&exif)]));
    assert_eq!((facts.title, facts.caption), (text("IPTC title"), text("IPTC caption")));
    let facts = read_metadata(&jpeg_with(&[app1_exif(&exif)]));
    assert_eq!((facts.title, facts.caption), (None, text("EXIF caption")));
}

#[test]
fn what_a_camera_writes_hides_no_caption() {
    let exif = exif_texts(&[(270, b"A real caption\0")]);
    let copied = xmp("", "<dc:description>OLYMPUS DIGITAL CAMERA</dc:description>");
    assert_eq!(
        read_metadata(&jpeg_with(&[app1_exif(&exif), app1_xmp(&copied)])).caption,
        text("A real caption")
    );
}

#[test]
fn rdf_is_understood_however_it_is_written() {
    for elements in [
        "<xmp:Rating>3</xmp:Rating><dc:title>Plain</dc:title>",
        "<dc:title><![CDATA[Plain]]></dc:title><!-- a note --><xmp:Rating> 3.0 </xmp:Rating>",
        "<d:title xmlns:d='http://purl.org/dc/elements/1.1/'><rdf:Alt><rdf:li>Plain</rdf:li></rdf:Alt></d:title>\
         <xap:Rating xmlns:xap='http://ns.adobe.com/xap/1.0/'>3</xap:Rating>",
        "<dc:title><rdf:Alt>\n  <rdf:li xml:lang='fr'>\n</rdf:li>\n  <rdf:li xml:lang='en'>Plain</rdf:li></rdf:Alt></dc:title>\
         <xmp:Rating xml:lang='en'>3</xmp:Rating>",
        // A description of something else, and prefixes that mean something else for a while.
        "<dc:relation><rdf:Description dc:title='Other'><dc:title>Other</dc:title></rdf:Description></dc:relation>\
         <dc:title xmlns:dc='urn:other'>Other</dc:title><xmp:Rating>3</xmp:Rating><dc:title>Plain</dc:title>",
    ] {
        let facts = read_metadata(&jpeg_with(&[app1_xmp(&xmp("", elements))]));
        assert_eq!((facts.title, facts.rating), (text("Plain"), Some(3)), "{elements}");
    }
}

#[test]
fn a_second_packet_holds_what_did_not_fit() {
    let main = xmp(&format!("xmpNote:HasExtendedXMP='{GUID}'"), "<dc:title>Main</dc:title>");
    let rest = xmp("", "<dc:title>Rest</dc:title><xmp:Label>From the rest</xmp:Label>");
    let part = |name: &str, at: usize, bytes: &[u8]| {
        let number = |value: usize| u32::try_from(value).expect("small").to_be_bytes();
        let head = [&number(rest.len())[..], &number(at)].concat();
        (0xE1, [b"http://ns.adobe.com/xmp/extension/\0", name.as_bytes(), &head, bytes].concat())
    };
    let parts =
        [part(GUID, 200, &rest[200..]), part(&GUID.replace('0', "1"), 0, b"?"), part(GUID, 0, &rest[..200])];
    let facts = read_metadata(&jpeg_with(&[&[app1_xmp(&main)], &parts[..]].concat()));
    assert_eq!((facts.title, facts.label), (text("Main"), text("From the rest")));
    let facts = read_metadata(&jpeg_with(&[&[app1_xmp(&main)], &parts[..2]].concat()));
    assert_eq!((facts.title, facts.label), (text("Main"), None), "a part is missing");
}

#[test]
fn iptc_text_is_read_in_the_letters_it_was_written_in() {
    let read = |sets: &[(u8, u8, &[u8])]| read_metadata(&jpeg_with(&[app13(&resources(&iim(sets)))])).title;
    assert_eq!(read(&[(1, 90, b"\x1B%G"), (2, 5, "Łódź".as_bytes())]), text("Łódź"));
    assert_eq!(read(&[(2, 5, "Łódź".as_bytes())]), text("Łódź"), "UTF-8 that nobody announced");
    assert_eq!(read(&[(2, 5, b"Caf\xE9 \x93Ana\x94")]), text("Café “Ana”"), "Latin-1 of Windows");
}

#[test]
fn long_data_sets_say_the_length_of_their_length() {
    let caption = "x".repeat(40_000);
    let length = u32::try_from(caption.len()).expect("small").to_be_bytes();
    let long = [&[0x1C, 2, 120, 0x80, 4][..], &length, caption.as_bytes()].concat();
    let data = [&long[..], &iim(&[(2, 5, b"Behind it")])].concat();
    let facts = read_metadata(&tiff_with(&[], &[(33_723, 7, &data)]));
    assert_eq!(facts.title, text("Behind it"));
    assert_eq!(facts.caption.map(|caption| caption.len()), Some(2000));
}

#[test]
fn ratings_are_read_from_exif_and_a_rejected_photo_is_known() {
    let stars = tiff_with(&[(0x4746, 3, 1, 5)], &[]);
    assert_eq!(read_metadata(&jpeg_with(&[app1_exif(&stars)])).rating, Some(5));
    // Some programs write the number with a sign.
    let signed = tiff_with(&[(0x4746, 9, 1, 3)], &[]);
    assert_eq!(read_metadata(&jpeg_with(&[app1_exif(&signed)])).rating, Some(3));
    for (written, read) in [("-1", Some(-1)), ("0", Some(0)), ("99", None), ("many", None)] {
        let file = jpeg_with(&[app1_xmp(&xmp(&format!("xmp:Rating='{written}'"), ""))]);
        assert_eq!(read_metadata(&file).rating, read, "{written}");
    }
}

#[test]
fn the_lens_comes_from_xmp_where_exif_is_silent() {
    let named = |attributes: &str| app1_xmp(&xmp(attributes, ""));
    let both = named("aux:Lens='Old name' exifEX:LensModel='New name'");
    assert_eq!(read_metadata(&jpeg_with(&[named("aux:Lens='Old name'")])).lens, text("Old name"));
    assert_eq!(read_metadata(&jpeg_with(std::slice::from_ref(&both))).lens, text("New name"));
    // The lens stands in the directory that the pointer at 34665 gives: here right behind the first.
    let inner = exif_texts(&[(42_036, b"Planar 80mm\0")]);
    let mut block = tiff_with(&[(34_665, 4, 1, 26)], &[]);
    let mut directory = inner[8..].to_vec();
    let at = u32::try_from(26 + directory.len() - 12).expect("small");
    directory[10..14].copy_from_slice(&at.to_le_bytes());
    block.extend(directory);
    assert_eq!(read_metadata(&jpeg_with(&[app1_exif(&block), both])).lens, text("Planar 80mm"));
}

#[test]
fn hostile_packets_give_what_came_before_and_never_much() {
    let bomb = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>";
    let title = "<dc:title>Kept</dc:title>";
    let many = "<rdf:li>word</rdf:li><rdf:li>another</rdf:li>".repeat(5000);
    let different: Vec<String> = (0..5000).map(|n| format!("<rdf:li>word {n}</rdf:li>")).collect();
    let many = format!("{many}{}", different.concat());
    let bindings: Vec<String> =
        (0..20_000).map(|n| format!(" xmlns:p{n}='http://purl.org/dc/elements/1.1/'")).collect();
    let bindings = bindings.concat();
    for packet in [
        [bomb.as_bytes(), &xmp("", &format!("{title}<dc:description>&b;&b;&b;</dc:description>"))].concat(),
        xmp("", &format!("{title}{}", "<dc:relation>".repeat(50_000))),
        xmp("", &format!("{title}<dc:subject><rdf:Bag>{many}</rdf:Bag></dc:subject>")),
        xmp("", &format!("{title}<dc:description>{}</dc:description>", "&amp;x ".repeat(100_000))),
        xmp("", &format!("{title}<dc:relation{bindings}><p1:title p19999:title=''/></dc:relation>")),
        xmp("", &format!("{title}<dc:description>never ended")),
        xmp("", &format!("{title}<dc:description>&never; &#0; & </dc:relation>")),
        [xmp("", title), b"\0".repeat(3_000_000)].concat(),
    ] {
        let facts = read_metadata(&tiff_with(&[], &[(700, 7, &packet)]));
        assert_eq!(facts.title, text("Kept"), "{}", String::from_utf8_lossy(&packet[..300]));
        assert!(facts.keywords.len() <= 100);
        assert!(
            facts.caption.is_none_or(|caption| caption.chars().count() <= 2000 && !caption.contains("aaaa"))
        );
    }
}

#[test]
fn what_stands_behind_a_megabyte_of_packet_is_not_read() {
    let space = " ".repeat(1_500_000);
    let long = xmp("", &format!("<dc:title>Before</dc:title>{space}<xmp:Label>Behind</xmp:Label>"));
    for file in [png_with(&[itxt_xmp(&long, true)]), tiff_with(&[], &[(700, 7, &long)])] {
        let facts = read_metadata(&file);
        assert_eq!((facts.title, facts.label), (text("Before"), None));
    }
}
