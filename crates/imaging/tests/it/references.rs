//! Colours as people see them, held against littleCMS: Lab (D50, relative colorimetric) of twelve patches of real
//! photos and of flat ones made here, numbers that were made once, outside of this code.

use imaging::{Kind, Rendition, render};
use moxcms::{ColorProfile, Layout, TransformOptions};

use crate::colours::segments;
use crate::fixtures::{described_jpeg, fine, pixels, rendition, samples};

type Lab = [f64; 3];

/// The largest difference (CIEDE2000) that is right; side by side, people see one of about 2.
const MOST: f64 = 2.0;

/// Four patches across and three down, each the middle of its twelfth of the picture.
const PHOTOS: [(&str, [Lab; 12]); 9] = [
    (
        "nikon-d800e-iceland-displayp3.jpg",
        [
            [32.96, 11.46, -8.94],
            [41.48, 17.92, -2.86],
            [36.42, -3.25, -19.84],
            [45.58, 1.34, -17.53],
            [31.92, -1.43, -7.08],
            [55.91, 2.61, -3.49],
            [68.42, 24.85, 26.49],
            [78.0, 23.1, 73.59],
            [6.89, 7.22, 2.97],
            [20.0, 13.38, 9.6],
            [28.59, 25.39, 21.82],
            [25.9, 33.27, 31.77],
        ],
    ),
    (
        "canon-eos-6d-elephants-adobergb-gps.jpg",
        [
            [90.22, -5.05, -9.39],
            [89.47, -2.11, -3.04],
            [86.63, -1.29, -1.1],
            [87.19, -3.56, -9.16],
            [39.97, -2.79, 25.55],
            [63.68, -6.42, 31.88],
            [41.16, 0.08, 15.14],
            [54.13, -11.55, 38.22],
            [68.33, -15.25, 42.91],
            [52.09, -5.75, 31.47],
            [59.44, -5.15, 24.37],
            [59.64, -15.26, 37.79],
        ],
    ),
    (
        "orion-nebula-prophoto-icc.jpg",
        [
            [24.92, -52.6, -32.66],
            [5.97, -5.6, -16.56],
            [26.95, -17.61, -18.99],
            [1.73, -3.38, -12.79],
            [0.96, -1.13, -12.2],
            [52.62, -4.91, -11.43],
            [43.08, 22.35, -4.56],
            [2.38, -3.58, -10.74],
            [0.44, -0.2, -4.95],
            [5.52, 9.7, -7.47],
            [21.37, -6.65, -9.81],
            [6.85, -16.58, -14.41],
        ],
    ),
    (
        "iphone-11-pro-12mp-p3.heic",
        [
            [40.28, -8.75, -22.39],
            [66.12, 0.58, -25.99],
            [63.37, 1.57, -24.96],
            [67.23, -11.42, -28.39],
            [21.87, -4.37, -14.98],
            [66.09, 1.51, -26.39],
            [60.1, 6.75, -20.59],
            [26.04, -4.92, -13.99],
            [32.46, -6.41, -15.68],
            [59.79, -3.49, -24.72],
            [50.61, -4.45, -21.77],
            [23.72, -8.8, -13.84],
        ],
    ),
    (
        "iphone-xs-12mp-orient6-p3-gps.jpg",
        [
            [79.56, -6.98, -12.91],
            [83.84, -5.82, -12.51],
            [83.75, -5.3, -8.39],
            [84.51, -4.87, -2.19],
            [49.74, 5.96, 11.56],
            [50.0, 5.56, 9.25],
            [50.38, 5.35, 8.12],
            [55.36, 5.05, 8.32],
            [53.02, 1.42, -0.46],
            [24.98, -0.05, -21.39],
            [57.61, 6.49, 10.38],
            [38.26, 3.44, 7.4],
        ],
    ),
    (
        "cmyk-adobe-swop-icc.jpg",
        [
            [48.52, -0.09, 1.54],
            [48.06, -0.61, 2.33],
            [43.37, -1.18, 1.23],
            [57.31, -1.17, -0.65],
            [57.72, -9.22, 16.94],
            [56.0, -8.65, 12.99],
            [43.2, -0.24, -3.16],
            [51.98, -9.18, 18.63],
            [42.93, -7.9, 14.85],
            [50.31, -4.98, 2.05],
            [51.24, -1.22, -1.08],
            [74.57, -0.14, -1.03],
        ],
    ),
    (
        "olympus-epl8-mountains.avif",
        [
            [86.38, -0.21, -1.53],
            [80.92, -1.05, -2.66],
            [80.5, -1.15, -3.03],
            [71.92, -1.75, -5.21],
            [88.15, -0.17, 1.21],
            [87.25, -0.26, 1.47],
            [91.61, -0.05, 2.41],
            [89.43, -0.13, 2.04],
            [21.19, -4.37, 6.23],
            [22.34, -4.15, 6.66],
            [16.29, -0.15, 2.15],
            [13.19, 0.39, -0.27],
        ],
    ),
    (
        "fujifilm-xt2-16bit-icc.tiff",
        [
            [9.54, -10.13, 10.47],
            [8.16, -7.86, 7.46],
            [8.65, -6.87, 10.05],
            [7.57, -4.89, 6.53],
            [34.08, 6.42, 39.38],
            [11.72, -9.0, 12.79],
            [7.69, -8.21, 8.0],
            [8.01, -8.16, 5.4],
            [66.33, 11.53, 76.04],
            [23.8, 0.3, 25.7],
            [6.66, -7.29, 6.77],
            [9.37, -9.19, 8.88],
        ],
    ),
    (
        "pentax-k3-sunrise-gps.tif",
        [
            [16.59, -0.66, -7.13],
            [28.51, -0.48, -7.85],
            [35.58, -0.57, -7.52],
            [33.56, -0.95, -7.06],
            [44.0, 1.49, 11.32],
            [59.88, 2.56, 14.63],
            [71.98, 3.51, 19.66],
            [74.29, 5.76, 23.11],
            [9.4, -0.05, 1.57],
            [2.04, 0.52, -0.15],
            [2.37, 0.91, 0.39],
            [1.96, 2.29, 1.26],
        ],
    ),
];

/// Flat colours in the numbers of three wide spaces, and their Lab.
const FLAT: [[u8; 3]; 6] =
    [[230, 40, 50], [40, 200, 60], [50, 60, 220], [240, 210, 40], [128, 128, 128], [60, 120, 110]];
const IN_DISPLAY_P3: [Lab; 6] = [
    [52.69, 82.58, 56.05],
    [70.03, -81.58, 65.04],
    [35.32, 42.86, -87.61],
    [84.88, 1.41, 99.4],
    [53.58, 0.0, 0.0],
    [45.8, -29.49, -1.48],
];
const IN_ADOBE_RGB: [Lab; 6] = [
    [58.07, 80.71, 56.49],
    [67.62, -99.61, 57.6],
    [34.05, 42.82, -87.5],
    [86.09, 2.87, 88.36],
    [53.99, 0.0, 0.0],
    [44.53, -35.88, -3.55],
];
const IN_PROPHOTO: [Lab; 6] = [
    [58.47, 121.65, 53.17],
    [74.18, -140.48, 71.57],
    [31.34, 10.74, -101.42],
    [89.86, 15.78, 116.74],
    [60.7, 0.0, 0.0],
    [52.34, -59.19, -2.91],
];

#[test]
fn real_photos_have_the_colours_that_littlecms_says() {
    let Some(folder) = samples("photos") else { return };
    let mut faults = Vec::new();
    for (name, expected) in &PHOTOS {
        let boxed = name.ends_with("heic") || name.ends_with("avif");
        if boxed && !crate::heif::available() {
            continue;
        }
        let rendered =
            render(&std::fs::read(folder.join(name)).expect("the file"), &fine()).expect("renditions");
        let found = patches(rendition(&rendered, Kind::Preview, false), 4, 3);
        for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
            let off = difference(*found, *expected);
            if off > MOST {
                faults.push(format!("{name}, patch {index}: {found:.2?}, expected {expected:.2?}: {off:.2}"));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn flat_colours_of_wide_spaces_are_kept() {
    for (profile, expected) in [
        (ColorProfile::new_display_p3(), IN_DISPLAY_P3),
        (ColorProfile::new_adobe_rgb(), IN_ADOBE_RGB),
        (ColorProfile::new_pro_photo_rgb(), IN_PROPHOTO),
    ] {
        let picture = image::RgbImage::from_fn(384, 64, |x, _| image::Rgb(FLAT[(x / 64) as usize]));
        let file = described_jpeg(&picture, None, Some(profile.encode().expect("a profile")));
        let rendered = render(&file, &fine()).expect("renditions");
        for (found, expected) in
            patches(rendition(&rendered, Kind::Preview, false), 6, 1).iter().zip(expected)
        {
            let off = difference(*found, expected);
            assert!(off < MOST, "{found:.2?}, expected {expected:.2?}: {off:.2}");
        }
    }
}

/// The mean colour of each patch, through the profile in the file.
fn patches(rendition: &Rendition, across: u32, down: u32) -> Vec<Lab> {
    let picture = pixels(rendition);
    let profile = segments(&rendition.file).1;
    let profile = if profile.is_empty() {
        ColorProfile::new_srgb()
    } else {
        ColorProfile::new_from_slice(&profile).expect("a sound profile")
    };
    let (width, height) = picture.dimensions();
    let part = |index: u32, edge: u32, count: u32| {
        let of = |quarter: u32| (4 * index + quarter) * edge / (4 * count);
        of(1)..of(3)
    };
    let mut means = Vec::new();
    for row in 0..down {
        for column in 0..across {
            let mut sums = [0_f64; 3];
            let (columns, rows) = (part(column, width, across), part(row, height, down));
            let count = f64::from(columns.len() as u32 * rows.len() as u32);
            for y in rows {
                for x in columns.clone() {
                    for (sum, sample) in sums.iter_mut().zip(picture.get_pixel(x, y).0) {
                        *sum += f64::from(sample);
                    }
                }
            }
            means.extend(sums.map(|sum| (sum / count / 255.0) as f32));
        }
    }
    lab(&profile, &means)
}

/// Lab of red, green and blue from 0 to 1, by way of a space that holds them all.
fn lab(profile: &ColorProfile, rgb: &[f32]) -> Vec<Lab> {
    let wide = ColorProfile::new_pro_photo_rgb();
    let through = profile
        .create_transform_f32(Layout::Rgb, &wide, Layout::Rgb, TransformOptions::default())
        .expect("a transform");
    let mut found = vec![0.0; rgb.len()];
    through.transform(rgb, &mut found).expect("whole pixels");
    let matrix = wide.colorant_matrix();
    let white = [0.9642, 1.0, 0.8249];
    found
        .chunks_exact(3)
        .map(|pixel| {
            let light = [0, 1, 2].map(|channel| f64::from(pixel[channel]).max(0.0).powf(1.8));
            let curve = |row: usize| {
                let share: f64 =
                    (0..3).map(|column| matrix.v[row][column] * light[column]).sum::<f64>() / white[row];
                if share > 216.0 / 24_389.0 { share.cbrt() } else { (share * 24_389.0 / 27.0 + 16.0) / 116.0 }
            };
            let [x, y, z] = [0, 1, 2].map(curve);
            [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
        })
        .collect()
}

/// CIEDE2000 (Sharma, Wu and Dalal 2005).
fn difference(one: Lab, other: Lab) -> f64 {
    let seventh = |chroma: f64| (chroma.powi(7) / (chroma.powi(7) + 25_f64.powi(7))).sqrt();
    let mean = f64::midpoint(one[1].hypot(one[2]), other[1].hypot(other[2]));
    let stretched = 1.0 + 0.5 * (1.0 - seventh(mean));
    let polar = |lab: Lab| {
        let a = lab[1] * stretched;
        (a.hypot(lab[2]), lab[2].atan2(a).to_degrees().rem_euclid(360.0))
    };
    let ((chroma1, hue1), (chroma2, hue2)) = (polar(one), polar(other));
    let neutral = chroma1 * chroma2 == 0.0;
    let turn = if neutral { 0.0 } else { (hue2 - hue1 + 180.0).rem_euclid(360.0) - 180.0 };
    let hue_step = 2.0 * (chroma1 * chroma2).sqrt() * (turn.to_radians() / 2.0).sin();
    let hue = if neutral { hue1 + hue2 } else { (hue1 + turn / 2.0).rem_euclid(360.0) };
    let (light, chroma) = (f64::midpoint(one[0], other[0]), f64::midpoint(chroma1, chroma2));
    let cosine = |factor: f64, shift: f64| (factor * hue + shift).to_radians().cos();
    let t = 1.0 - 0.17 * cosine(1.0, -30.0) + 0.24 * cosine(2.0, 0.0) + 0.32 * cosine(3.0, 6.0)
        - 0.20 * cosine(4.0, -63.0);
    let around = (light - 50.0).powi(2);
    let of_light = (other[0] - one[0]) / (1.0 + 0.015 * around / (20.0 + around).sqrt());
    let of_chroma = (chroma2 - chroma1) / (1.0 + 0.045 * chroma);
    let of_hue = hue_step / (1.0 + 0.015 * chroma * t);
    let rotation =
        -(60.0 * (-((hue - 275.0) / 25.0).powi(2)).exp()).to_radians().sin() * 2.0 * seventh(chroma);
    (of_light.powi(2) + of_chroma.powi(2) + of_hue.powi(2) + rotation * of_chroma * of_hue).sqrt()
}

#[test]
fn differences_are_those_of_the_published_pairs() {
    // From the table of Sharma, Wu and Dalal.
    for (one, other, expected) in [
        ([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485], 2.0425),
        ([50.0, 2.5, 0.0], [58.0, 24.0, 15.0], 19.4535),
        ([22.7233, 20.0904, -46.6940], [23.0331, 14.9730, -42.5619], 2.0373),
        ([2.0776, 0.0795, -1.1350], [0.9033, -0.0636, -0.5514], 0.9082),
    ] {
        assert!((difference(one, other) - expected).abs() < 1e-4, "{expected}");
    }
}
