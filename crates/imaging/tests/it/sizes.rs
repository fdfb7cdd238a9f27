//! Six renditions of the right sizes, and never a larger one than the photo.

use imaging::{Kind, Size, render};
use turbojpeg::Subsamp;

use crate::fixtures::{camera_jpeg, corners, difference, fine, jpeg, pixels, rendition};

#[test]
fn six_renditions_come_in_one_order() {
    let rendered = render(&camera_jpeg(&corners(500, 300)), &fine()).expect("renditions");
    let order: Vec<_> = rendered.renditions.iter().map(|made| (made.kind, made.marked)).collect();
    let expected: Vec<_> = Kind::all().iter().flat_map(|kind| [(*kind, false), (*kind, true)]).collect();
    assert_eq!(order, expected);
}

#[test]
fn renditions_fit_their_edges_and_are_never_enlarged() {
    for (width, height) in [
        (1, 1),
        (3, 1),
        (399, 400),
        (401, 20),
        (800, 801),
        (2047, 3),
        (2049, 1025),
        (20_000, 1),
        (1, 5000),
        (4096, 2731),
    ] {
        let rendered = render(&camera_jpeg(&corners(width, height)), &fine()).expect("renditions");
        assert_eq!(rendered.displayed, Size::new(width, height));
        for made in &rendered.renditions {
            assert_eq!(made.size, Size::new(width, height).fitted(made.kind.edge()), "{width}x{height}");
            pixels(made);
        }
    }
}

#[test]
fn every_way_of_scaling_shows_the_same_picture() {
    for (width, height) in [
        (1000, 700),
        (2048, 1365),
        (3001, 2003),
        (3501, 503),
        (4097, 2731),
        (5001, 403),
        (9001, 601),
        (12_001, 301),
    ] {
        for progressive in [false, true] {
            let file = jpeg(&corners(width, height), Subsamp::Sub2x2, progressive);
            let rendered = render(&file, &fine()).expect("renditions");
            for kind in Kind::all() {
                let found = pixels(rendition(&rendered, *kind, false));
                let expected = corners(found.width(), found.height());
                let off = difference(&found, &expected);
                assert!(off < 1.5, "{width}x{height} {}: {off}", kind.name());
            }
        }
    }
}
