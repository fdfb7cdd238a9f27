//! The estimate of memory, held against processes that render one file each.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use image::{DynamicImage, ImageFormat};
use imaging::{Limits, Recipe, memory_needed, render};
use turbojpeg::Subsamp;

use crate::fixtures::{camera_jpeg, corners, each, jpeg, plain, samples, textured};

/// In the output of the process that renders.
const GREW: &str = "grew by ";

/// Run in a process of its own by the tests below: renders what comes in, and says by how many bytes it grew.
#[test]
#[ignore = "started by the other tests of this file"]
fn one_file_alone() {
    let mut file = Vec::new();
    std::io::stdin().read_to_end(&mut file).expect("a file");
    let before = status("VmRSS:");
    let outcome = render(&file, &Recipe::default()).map(|rendered| rendered.displayed);
    let grew = status("VmHWM:").saturating_sub(before);
    writeln!(std::io::stdout(), "{GREW}{grew} {outcome:?}").expect("somebody reads");
}

/// A line of this process's status, in bytes.
fn status(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let found = status.lines().find_map(|found| found.strip_prefix(line)).expect("a line");
    found.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
}

fn growth(file: &[u8]) -> u64 {
    let program = std::env::current_exe().expect("this program");
    let mut child = Command::new(program)
        .args(["--exact", "memory::one_file_alone", "--ignored", "--nocapture"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program starts");
    child.stdin.take().expect("a pipe").write_all(file).expect("the whole file");
    let said = String::from_utf8(child.wait_with_output().expect("it ends").stdout).expect("words");
    let number = said.split(GREW).nth(1).and_then(|rest| rest.split(' ').next());
    number.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{said}"))
}

/// A fault in words when a file took more than was foreseen.
fn fault(name: &str, file: &[u8]) -> Option<String> {
    let head = &file[..file.len().min(1 << 20)];
    let (known, from_head) =
        (memory_needed(file, &Limits::default()), memory_needed(head, &Limits::default()));
    let grew = growth(file);
    let most = known.min(from_head);
    (grew > most).then(|| format!("{name}: grew by {} of {} KB", grew >> 10, most >> 10))
}

#[test]
fn no_format_takes_more_than_was_foreseen() {
    let (photo, small) = (textured(4200, 2800), textured(2000, 1500));
    let whole = DynamicImage::ImageRgb8(small.clone());
    let files = [
        ("baseline", camera_jpeg(&photo)),
        ("baseline 4:4:4", jpeg(&photo, Subsamp::None, false)),
        ("progressive", jpeg(&photo, Subsamp::Sub2x2, true)),
        ("PNG", plain(&whole, ImageFormat::Png)),
        ("PNG of 16 bits", plain(&DynamicImage::ImageRgba16(whole.to_rgba16()), ImageFormat::Png)),
        ("TIFF", plain(&whole, ImageFormat::Tiff)),
        ("WebP", plain(&whole, ImageFormat::WebP)),
        ("GIF", plain(&DynamicImage::ImageRgb8(corners(900, 700)), ImageFormat::Gif)),
        ("BMP", plain(&whole, ImageFormat::Bmp)),
        ("tiny", camera_jpeg(&corners(3, 2))),
    ];
    let faults = each(&files, |(name, file)| fault(name, file));
    assert!(faults.is_empty(), "{faults:#?}");
}

/// What stands beside the photos of the collection to describe them.
fn is_list(path: &std::path::Path) -> bool {
    path.extension().is_some_and(|extension| extension == "json" || extension == "md")
}

#[test]
fn real_photos_take_no_more_than_was_foreseen() {
    let Some(folder) = samples("photos") else { return };
    let files: Vec<_> =
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").path()).collect();
    let files: Vec<_> = files.into_iter().filter(|path| !is_list(path)).collect();
    let faults = each(&files, |path| {
        let name = path.file_name().expect("a name").to_string_lossy();
        fault(&name, &std::fs::read(path).expect("the file"))
    });
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn a_png_of_a_hundred_megapixels_fits_into_a_hundred_megabytes() {
    const EDGE: u32 = 10_000;
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, EDGE, EDGE);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Fastest);
    let mut writer = encoder.write_header().expect("a header");
    let mut rows = writer.stream_writer().expect("rows");
    for y in 0..EDGE {
        let shade = u8::try_from(y * 255 / EDGE).expect("a byte");
        rows.write_all(&vec![shade; EDGE as usize * 3]).expect("a row");
    }
    rows.finish().expect("all rows");
    drop(writer);
    assert!(memory_needed(&file, &Limits::default()) < 100 << 20);
    let grew = growth(&file);
    assert!(grew < 100 << 20, "{} MB", grew >> 20);
}

#[test]
fn what_will_be_refused_needs_nothing_and_what_hides_its_size_all_there_is() {
    assert_eq!(memory_needed(b"no picture", &Limits::default()), 0);
    assert!(memory_needed(&camera_jpeg(&corners(40, 30))[..30], &Limits::default()) > 500 << 20);
}
