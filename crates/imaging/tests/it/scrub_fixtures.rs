//! Small pictures that tell where, with what and by whom they were taken, in every place where a file can.

use image::DynamicImage;

use crate::fixtures::{corners, described_jpeg, plain, png, webp};

/// What must be in no clean file.
pub const SECRETS: [&[u8]; 9] = [
    b"BODY-4711",
    b"LENS-0815",
    b"Olga Owner",
    b"MAKER-NOTE",
    b"UNIQUE-1234",
    b"LITTLE-PICTURE",
    b"38,42.5N",
    b"COMMENT-99",
    b"TRAILER-77",
];
/// What must be in every clean file that has a place for it.
pub const CAPTION: &[u8] = b"Harbour at dawn";

const XMP: &str = r#"<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:aux="http://ns.adobe.com/exif/1.0/aux/"
 xmlns:exifEX="http://cipa.jp/exif/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:drone="http://www.dji.com/drone-dji/1.0/"
 exif:GPSLatitude="38,42.5N" aux:SerialNumber="BODY-4711" aux:OwnerName="Olga Owner" exifEX:LensSerialNumber="LENS-0815"
 drone:CameraSerialNumber="BODY-4711" exif:FNumber="28/10"><dc:description><rdf:Alt>
 <rdf:li xml:lang="x-default">Harbour at dawn</rdf:li></rdf:Alt></dc:description></rdf:Description></rdf:RDF></x:xmpmeta>"#;

type Entry = (u16, u16, Vec<u8>);

struct Order {
    little: bool,
}

impl Order {
    fn two(&self, value: u16) -> [u8; 2] {
        if self.little { value.to_le_bytes() } else { value.to_be_bytes() }
    }

    fn four(&self, value: u32) -> [u8; 4] {
        if self.little { value.to_le_bytes() } else { value.to_be_bytes() }
    }

    fn ratios(&self, values: &[(u32, u32)]) -> Vec<u8> {
        values.iter().flat_map(|(above, below)| [self.four(*above), self.four(*below)].concat()).collect()
    }

    /// A directory that stands at a place, with its values behind it.
    fn directory(&self, at: usize, entries: &[Entry], next: u32) -> Vec<u8> {
        let width = |kind: u16| match kind {
            3 => 2,
            4 => 4,
            5 => 8,
            _ => 1,
        };
        let mut head = self.two(entries.len() as u16).to_vec();
        let mut values = Vec::new();
        let behind = at + 2 + entries.len() * 12 + 4;
        for (tag, kind, value) in entries {
            head.extend([self.two(*tag), self.two(*kind)].concat());
            head.extend(self.four((value.len() / width(*kind)) as u32));
            if value.len() <= 4 {
                head.extend([&value[..], &[0; 4][value.len()..]].concat());
            } else {
                head.extend(self.four((behind + values.len()) as u32));
                values.extend(value);
                values.resize(values.len().next_multiple_of(2), 0);
            }
        }
        head.extend(self.four(next));
        [head, values].concat()
    }
}

fn text(text: &str) -> Vec<u8> {
    [text.as_bytes(), b"\0"].concat()
}

/// Sorted entries of the directories of exposure and place.
fn inner(order: &Order, at: usize) -> (Vec<u8>, u32, u32) {
    let exposure = [
        (33_434, 5, order.ratios(&[(1, 250)])),
        (33_437, 5, order.ratios(&[(28, 10)])),
        (34_855, 3, order.two(400).to_vec()),
        (36_867, 2, text("2026:11:22 08:15:30")),
        (37_386, 5, order.ratios(&[(35, 1)])),
        (37_500, 7, b"MAKER-NOTE BODY-4711".to_vec()),
        (42_016, 2, text("UNIQUE-1234")),
        (42_032, 2, text("Olga Owner")),
        (42_033, 2, text("BODY-4711")),
        (42_036, 2, text("Planar 80mm")),
        (42_037, 2, text("LENS-0815")),
    ];
    let place = [
        (1, 2, text("N")),
        (2, 5, order.ratios(&[(38, 1), (42, 1), (30, 1)])),
        (3, 2, text("W")),
        (4, 5, order.ratios(&[(9, 1), (8, 1), (0, 1)])),
    ];
    let exposure = order.directory(at, &exposure, 0);
    let place_at = at + exposure.len();
    let place = order.directory(place_at, &place, 0);
    ([exposure, place].concat(), at as u32, place_at as u32)
}

/// An EXIF block with everything, and a thumbnail behind it.
pub fn block(little: bool) -> Vec<u8> {
    let order = Order { little };
    let main = |exposure: u32, place: u32, next: u32| {
        order.directory(
            8,
            &[
                (270, 2, text("Harbour at dawn")),
                (271, 2, text("Ansel Cameras")),
                (272, 2, text("Zone VI")),
                (274, 3, order.two(1).to_vec()),
                (316, 2, text("Olga Owner's computer")),
                (33_432, 2, text("(c) Ana")),
                (34_665, 4, order.four(exposure).to_vec()),
                (34_853, 4, order.four(place).to_vec()),
                (50_735, 2, text("BODY-4711")),
            ],
            next,
        )
    };
    let at = 8 + main(0, 0, 0).len();
    let (inner, exposure, place) = inner(&order, at);
    let next = at + inner.len();
    let thumbnail =
        order.directory(next, &[(513, 4, order.four(0).to_vec()), (514, 4, order.four(14).to_vec())], 0);
    let start = if little { *b"II*\0\x08\0\0\0" } else { *b"MM\0*\0\0\0\x08" };
    [&start[..], &main(exposure, place, next as u32), &inner, &thumbnail, b"LITTLE-PICTURE"].concat()
}

/// IPTC records: a caption, some that no list knows, and one of another kind.
fn records() -> Vec<u8> {
    let record = |of: u8, kind: u8, text: &[u8]| [&[0x1C, of, kind, 0, text.len() as u8][..], text].concat();
    let [caption, unique] = [record(2, 120, CAPTION), record(2, 187, b"UNIQUE-1234")];
    [caption, unique, record(2, 200, b"LITTLE-PICTURE"), record(8, 120, b"BODY-4711")].concat()
}

/// Photoshop's resources: the records, and a thumbnail.
fn resources() -> Vec<u8> {
    let resource = |id: u16, body: &[u8]| {
        let head = [&b"8BIM"[..], &id.to_be_bytes(), &[0, 0], &(body.len() as u32).to_be_bytes(), body];
        let mut whole = head.concat();
        whole.resize(whole.len().next_multiple_of(2), 0);
        whole
    };
    [resource(0x0404, &records()), resource(0x040C, b"LITTLE-PICTURE"), resource(0x0422, b"BODY-4711")]
        .concat()
}

/// A JPEG with every block, between scans and behind its end too.
pub fn annotated_jpeg() -> Vec<u8> {
    let segment = |marker: u8, body: &[u8]| {
        [&[0xFF, marker][..], &((body.len() + 2) as u16).to_be_bytes(), body].concat()
    };
    let profile = moxcms::ColorProfile::new_display_p3().encode().expect("a profile");
    let jpeg = described_jpeg(&corners(40, 30), Some(block(true)), Some(profile));
    let added = [
        segment(0xE0, b"JFIF\0\x01\x02\0\0\x01\0\x01\x02\x01LITTLE-PICTURE"),
        segment(0xE0, b"JFXX\0\x10LITTLE-PICTURE"),
        segment(0xE1, &[b"http://ns.adobe.com/xap/1.0/\0", XMP.as_bytes()].concat()),
        segment(0xE1, b"http://ns.adobe.com/xmp/extension/\x000123456789ABCDEF0123456789ABCDEF\0\0\0\x09\0\0\0\0BODY-4711"),
        segment(0xE2, b"MPF\0LITTLE-PICTURE"),
        segment(0xE5, b"RMETA\0BODY-4711"),
        segment(0xEB, b"JP\0\x01 jumb LENS-0815"),
        segment(0xED, &[b"Photoshop 3.0\0", &resources()[..]].concat()),
        segment(0xEE, b"Adobe\0\x64\0\0\0\0\x01BODY-4711"),
        segment(0xFE, b"COMMENT-99"),
        b"BODY-4711".to_vec(),
    ]
    .concat();
    [&jpeg[..2], &added, &jpeg[2..], b"TRAILER-77", &jpeg].concat()
}

/// A PNG with every chunk.
pub fn annotated_png() -> Vec<u8> {
    let chunk = |name: &[u8], body: &[u8]| {
        let named = [name, body].concat();
        [&(body.len() as u32).to_be_bytes()[..], &named, &crc32fast::hash(&named).to_be_bytes()].concat()
    };
    let png = png(&DynamicImage::ImageRgb8(corners(40, 30)), Some(block(false)), None);
    let added = [
        chunk(b"iTXt", &[b"XML:com.adobe.xmp\0\0\0\0\0", XMP.as_bytes()].concat()),
        chunk(b"tEXt", b"Description\0Harbour at dawn"),
        chunk(b"tEXt", b"exif:GPSLatitude\x0038,42.5N"),
        chunk(b"tEXt", b"Raw profile type exif\0\nexif\n 9\nBODY-4711"),
        chunk(b"zTXt", b"Comment\0\0COMMENT-99"),
        chunk(b"caBX", b"LENS-0815"),
    ]
    .concat();
    // Behind the header, which takes 25 bytes after the signature.
    [&png[..33], &added, &png[33..], b"TRAILER-77"].concat()
}

/// A WebP with every chunk.
pub fn annotated_webp() -> Vec<u8> {
    let chunk = |name: &[u8], body: &[u8]| {
        let mut chunk = [name, &(body.len() as u32).to_le_bytes(), body].concat();
        chunk.resize(chunk.len().next_multiple_of(2), 0);
        chunk
    };
    let mut webp = webp(&DynamicImage::ImageRgb8(corners(40, 30)), Some(block(true)), None);
    webp.extend([chunk(b"XMP ", XMP.as_bytes()), chunk(b"odd!", b"COMMENT-99")].concat());
    let length = (webp.len() - 8) as u32;
    webp[4..8].copy_from_slice(&length.to_le_bytes());
    webp[20] |= 4;
    webp.extend(b"TRAILER-77");
    webp
}

/// A GIF with a comment and a block of a program's own.
pub fn annotated_gif() -> Vec<u8> {
    let gif = plain(&DynamicImage::ImageRgb8(corners(20, 10)), image::ImageFormat::Gif);
    let colours = if gif[10] & 0x80 == 0 { 0 } else { 3 << ((gif[10] & 7) + 1) };
    let (head, rest) = gif.split_at(13 + colours);
    let added = [&b"\x21\xFE\x0ACOMMENT-99\0"[..], b"\x21\xFF\x0BXMP DataXMP\x09BODY-4711\0"].concat();
    [head, &added, rest, b"TRAILER-77"].concat()
}

/// A TIFF with every tag, a smaller form of itself, and loose bytes.
pub fn annotated_tiff(little: bool) -> Vec<u8> {
    let order = Order { little };
    let (width, height) = (12_u16, 8_u16);
    let pixels = corners(width.into(), height.into()).into_raw();
    let pixels_at = 8 + 9;
    let at = (pixels_at + pixels.len()).next_multiple_of(2);
    let (inner, exposure, place) = inner(&order, at);
    let main_at = at + inner.len();
    let entries = |subfile: u32, place: u32| -> Vec<Entry> {
        vec![
            (254, 4, order.four(subfile).to_vec()),
            (256, 3, order.two(width).to_vec()),
            (257, 3, order.two(height).to_vec()),
            (258, 3, [8_u16; 3].iter().flat_map(|bits| order.two(*bits)).collect()),
            (259, 3, order.two(1).to_vec()),
            (262, 3, order.two(2).to_vec()),
            (270, 2, text("Harbour at dawn")),
            (271, 2, text("Ansel Cameras")),
            (272, 2, text("Zone VI")),
            (273, 4, order.four(place).to_vec()),
            (277, 3, order.two(3).to_vec()),
            (278, 3, order.two(height).to_vec()),
            (279, 4, order.four(pixels.len() as u32).to_vec()),
        ]
    };
    let more: Vec<Entry> = vec![
        (316, 2, text("Olga Owner's computer")),
        (700, 1, XMP.as_bytes().to_vec()),
        (33_723, 7, records()),
        (34_377, 1, resources()),
        (34_665, 4, order.four(exposure).to_vec()),
        (34_853, 4, order.four(place).to_vec()),
        (50_735, 2, text("BODY-4711")),
    ];
    let main = |next: usize| {
        order.directory(main_at, &[entries(0, pixels_at as u32), more.clone()].concat(), next as u32)
    };
    let small_at = main_at + main(0).len();
    let small = order.directory(small_at, &entries(1, (small_at + 400) as u32), 0);
    let start = if little { *b"II*\0" } else { *b"MM\0*" };
    let mut file = [&start[..], &order.four(main_at as u32), b"BODY-4711", &pixels].concat();
    file.resize(at, 0);
    file.extend([inner, main(small_at), small].concat());
    file.resize(small_at + 400, 0);
    file.extend(b"LITTLE-PICTURE".repeat(30));
    file
}

/// A file like a HEIC, with every item and box, but for real pixels.
pub fn annotated_heic() -> Vec<u8> {
    let boxed = |kind: &[u8], body: &[u8]| [&(body.len() as u32 + 8).to_be_bytes()[..], kind, body].concat();
    let contents = [
        (*b"hvc1", b"PIXELS OF A PICTURE".to_vec()),
        (*b"Exif", [&[0, 0, 0, 6][..], b"Exif\0\0", &block(true)].concat()),
        (*b"mime", XMP.as_bytes().to_vec()),
        (*b"uri ", b"UNIQUE-1234".to_vec()),
    ];
    let names: Vec<u8> = (1_u16..)
        .zip(&contents)
        .flat_map(|(id, (kind, _))| {
            boxed(b"infe", &[&[2, 0, 0, 0][..], &id.to_be_bytes(), &[0, 0], kind, b"\0"].concat())
        })
        .collect();
    let meta = |start: u32| {
        let mut table = vec![0, 0, 0, 0, 0x44, 0, 0, 4];
        let mut at = start;
        for (id, (_, content)) in (1_u16..).zip(&contents) {
            let length = content.len() as u32;
            table.extend(
                [&id.to_be_bytes()[..], &[0, 0, 0, 1], &at.to_be_bytes(), &length.to_be_bytes()].concat(),
            );
            at += length;
        }
        let properties = [boxed(b"ispe", &[0; 12]), boxed(b"uuid", b"BODY-4711")].concat();
        let inside = [
            boxed(b"hdlr", b"\0\0\0\0\0\0\0\0pict\0\0\0\0\0\0\0\0\0\0\0\0\0"),
            boxed(b"pitm", &[0, 0, 0, 0, 0, 1]),
            boxed(b"iinf", &[&[0, 0, 0, 0, 0, 4][..], &names].concat()),
            boxed(b"iprp", &boxed(b"ipco", &properties)),
            boxed(b"udta", b"Olga Owner"),
            boxed(b"iloc", &table),
        ];
        boxed(b"meta", &[&[0; 4][..], &inside.concat()].concat())
    };
    let head = boxed(b"ftyp", b"heic\0\0\0\0mif1heic");
    let start = (head.len() + meta(0).len() + 8) as u32;
    let data: Vec<u8> = contents.iter().flat_map(|(_, content)| content.clone()).collect();
    let data = boxed(b"mdat", &[&data[..], b"TRAILER-77"].concat());
    [head, meta(start), data, boxed(b"mpvd", b"COMMENT-99")].concat()
}
