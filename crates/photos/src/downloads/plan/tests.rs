//! Plans: what the manifest says, when the tag changes, how much memory a large one takes.

use super::*;

fn entry(id: i32, filename: &str, form: Form) -> Entry {
    let taken_at = "2026-06-01T12:00:00".parse().expect("a time");
    let sha256 = [u8::try_from(id % 256).expect("small"); 32];
    Entry { photo: PhotoId(id), form, filename: filename.to_owned(), taken_at, size: 10, crc32: 7, sha256 }
}

fn plan(entries: &[Entry], remarks: &[String]) -> Plan {
    let mut draft = Draft::default();
    for entry in entries {
        draft.add(entry);
    }
    draft.finish("Ana & Bo", remarks)
}

/// The whole, with the bytes of photos as zeros.
fn read(plan: &Plan, range: Range<u64>) -> Vec<u8> {
    let (mut bytes, mut at) = (Vec::new(), range.start);
    while let Some(part) = plan.part(at, range.end) {
        match part {
            Part::Bytes(own) => bytes.extend(own),
            Part::Photo(_, part) => {
                bytes.resize(bytes.len() + usize::try_from(part.end - part.start).expect("small"), 0);
            }
        }
        at = range.start + bytes.len() as u64;
    }
    bytes
}

#[test]
fn the_manifest_names_every_photo_and_what_was_replaced() {
    let entries = [
        entry(1, "a.jpg", Form::Stored),
        entry(2, "b.dng", Form::Instead),
        entry(3, "Manifest.TXT", Form::Clean),
    ];
    let plan = plan(&entries, &["Not included: 1 photo that is archived.".to_owned()]);
    let whole = read(&plan, 0..plan.size());
    let text = String::from_utf8_lossy(&whole);
    let manifest = text.split("manifest.txt# Ana").nth(1).expect("the manifest").split("PK").next();
    let expected = format!(
        " & Bo: 3 photos\n# SHA-256 of each; to check them: sha256sum -c manifest.txt\n\
         # Not included: 1 photo that is archived.\n{}  a.jpg\n{}  b.jpg\n# ^ {}\n{}  Manifest (2).TXT\n",
        "01".repeat(32),
        "02".repeat(32),
        Form::Instead.note().expect("said"),
        "03".repeat(32),
    );
    assert_eq!(manifest, Some(expected.as_str()));
    for start in 0..whole.len() {
        let end = (start + 100).min(whole.len());
        assert!(read(&plan, start as u64..end as u64) == whole[start..end], "{start}");
    }
}

#[test]
fn in_whatever_order_photos_come_the_archive_is_the_same() {
    let mut entries = vec![
        entry(3, "a.jpg", Form::Stored),
        entry(1, "a.jpg", Form::Stored),
        entry(2, "b.dng", Form::Instead),
    ];
    let one = plan(&entries, &[]);
    entries.rotate_left(1);
    let other = plan(&entries, &[]);
    assert_eq!(one.items().iter().map(|item| item.photo.0).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!((one.archive.name(0), one.archive.name(2)), ("a.jpg", "a (2).jpg"));
    assert_eq!(one.tag(), other.tag());
    assert!(read(&one, 0..one.size()) == read(&other, 0..other.size()));
}

#[test]
fn a_name_with_control_characters_makes_no_line_of_its_own() {
    let mut draft = Draft::default();
    draft.add(&entry(1, "a.jpg", Form::Stored));
    let plan = draft.finish("Ana\n0000  evil.jpg\u{1b}[2J", &[]);
    let whole = read(&plan, 0..plan.size());
    let text = String::from_utf8_lossy(&whole);
    assert!(text.contains("# Ana 0000  evil.jpg [2J: 1 photo\n"), "{text}");
}

#[test]
fn the_tag_is_another_one_as_soon_as_anything_is() {
    let plain = [entry(1, "a.jpg", Form::Stored), entry(2, "b.jpg", Form::Stored)];
    let tag = |entries: &[Entry], remarks: &[String]| plan(entries, remarks).tag().to_owned();
    let usual = tag(&plain, &[]);
    assert_eq!(tag(&plain, &[]), usual);
    let with = |change: fn(&mut Entry)| {
        let mut changed = plain.clone();
        change(&mut changed[1]);
        tag(&changed, &[])
    };
    let changed = [
        with(|entry| entry.filename.push('x')),
        with(|entry| entry.size = 11),
        with(|entry| entry.sha256[31] = 0),
        with(|entry| entry.form = Form::Instead),
        with(|entry| entry.taken_at = NaiveDateTime::default()),
        tag(&plain[..1], &[]),
        tag(&plain, &["something is missing".to_owned()]),
    ];
    for other in changed {
        assert_ne!(other, usual);
    }
}

#[test]
fn seventy_thousand_photos_of_five_gigabytes_take_a_few_megabytes() {
    let mut draft = Draft::default();
    for id in 0..70_000 {
        draft.add(&Entry { size: 75_000, ..entry(id, &format!("IMG_{id:05}.JPG"), Form::Clean) });
    }
    let plan = draft.finish("Marathon", &[]);
    assert!(plan.size() > 5_000_000_000);
    let held = plan.items.capacity() * size_of::<Item>();
    assert!(held < 3 << 20, "{held}");
    // The manifest, piece by piece, is as long as the list says.
    let beyond = 70_001 - u64::from(u32::MAX).div_ceil(30 + 13 + 75_000);
    let directory = 70_001 * 46 + 70_000 * 13 + 12 + beyond * 12;
    let (mut at, end) = (plan.size() - 98 - directory, plan.size());
    at -= plan.archive.file(70_000).size;
    let mut lines = 0;
    while let Some(Part::Bytes(bytes)) = plan.part(at, end) {
        lines += bytes.split(|byte| *byte == b'\n').count() - 1;
        at += bytes.len() as u64;
        if bytes.starts_with(b"PK") {
            break;
        }
    }
    assert!(lines >= 70_002, "{lines}");
}
