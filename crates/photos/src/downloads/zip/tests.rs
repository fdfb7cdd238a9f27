//! Archives against their format, by hand and by programs of others.

use std::{fs, io::Write, process::Command};

use super::*;

fn contents(count: usize) -> Vec<(String, Vec<u8>)> {
    let content = |index: usize| -> Vec<u8> {
        (0..index * 37 % 1000).map(|place| u8::try_from((place * 7 + index) % 251).expect("small")).collect()
    };
    (0..count).map(|index| (format!("Übung {index:05}.jpg"), content(index))).collect()
}

fn archive(files: &[(String, Vec<u8>)]) -> Archive {
    let mut archive = Archive::with_capacity(files.len());
    for (name, content) in files {
        let modified = dos_time("2026-06-01T12:34:56".parse().expect("a time"));
        let file = File { name, size: content.len() as u64, crc32: crc32fast::hash(content), modified };
        archive.add(file);
        assert_eq!(archive.file(archive.count() - 1), file);
    }
    archive
}

fn read(archive: &Archive, files: &[(String, Vec<u8>)], range: Range<u64>) -> Vec<u8> {
    let (mut bytes, mut at) = (Vec::new(), range.start);
    while let Some(piece) = archive.piece(at, range.end) {
        let before = bytes.len();
        match piece {
            Piece::Bytes(own) => bytes.extend(own),
            Piece::Content(index, part) => {
                let place = |place: u64| usize::try_from(place).expect("small");
                bytes.extend(&files[index].1[place(part.start)..place(part.end)]);
            }
        }
        let length = (bytes.len() - before) as u64;
        // An empty file's content is the one piece without bytes, and nothing stands at it.
        assert!(length > 0, "no piece is empty");
        at += length;
    }
    bytes
}

#[test]
fn every_range_of_an_archive_is_that_part_of_the_whole() {
    let files = contents(5);
    let archive = archive(&files);
    let whole = read(&archive, &files, 0..archive.size());
    assert_eq!(whole.len() as u64, archive.size());
    for start in 0..whole.len() {
        for end in [start + 1, start + 2, start + 31, start + 700, whole.len()] {
            let end = end.min(whole.len());
            assert!(
                read(&archive, &files, start as u64..end as u64) == whole[start..end],
                "{start} to {end} of {}",
                whole.len()
            );
        }
    }
    assert_eq!(archive.piece(archive.size(), u64::MAX), None);
}

#[test]
fn an_archive_without_files_is_its_end_alone() {
    let archive = archive(&[]);
    assert_eq!(archive.size(), 22);
    assert_eq!(read(&archive, &[], 0..22)[..4], *b"PK\x05\x06");
}

#[test]
fn other_programs_open_an_archive_of_as_many_files_as_16_bits_can_not_count() {
    let files = contents(70_000);
    let archive = archive(&files);
    let whole = read(&archive, &files, 0..archive.size());
    assert_eq!(whole.len() as u64, archive.size());
    let path = std::env::temp_dir().join(format!("photos-zip-{}.zip", std::process::id()));
    fs::File::create(&path).and_then(|mut file| file.write_all(&whole)).expect("a temporary file");
    let check = "import sys, zipfile\n\
        archive = zipfile.ZipFile(sys.argv[1])\n\
        assert archive.testzip() is None\n\
        names = archive.namelist()\n\
        assert len(names) == 70000 and names[7] == '\\u00dcbung 00007.jpg', names[:8]\n\
        assert archive.infolist()[7].date_time == (2026, 6, 1, 12, 34, 56)";
    let programs = [
        ("unzip", vec!["-tqq".to_owned(), path.display().to_string()]),
        ("7z", vec!["t".to_owned(), path.display().to_string()]),
        ("python3", vec!["-c".to_owned(), check.to_owned(), path.display().to_string()]),
    ];
    for (program, arguments) in programs {
        // Where a program is not installed the others have to do.
        if let Ok(output) = Command::new(program).args(arguments).output() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{program}: {said}");
        }
    }
    fs::remove_file(path).expect("our own file");
}

#[test]
fn numbers_that_need_64_bits_get_them_and_others_do_not() {
    const FOUR_GIB: u64 = 1 << 32;
    let modified = dos_time("1979-01-01T00:00:00".parse().expect("a time"));
    let mut archive = Archive::with_capacity(3);
    for (name, size) in [("a", 5), ("b", FOUR_GIB), ("c", 7)] {
        archive.add(File { name, size, crc32: 1, modified });
    }
    let local = |at: u64| match archive.piece(at, u64::MAX) {
        Some(Piece::Bytes(bytes)) => bytes,
        other => panic!("{other:?}"),
    };
    let (first, second) = (local(0), local(31 + 5));
    assert_eq!((first.len(), &first[4..6]), (31, &[20, 0][..]));
    assert_eq!(first[6..8], [0, 8], "names are UTF-8");
    assert_eq!((second.len(), &second[4..6], &second[18..22]), (31 + 20, &[45, 0][..], &[0xFF; 4][..]));
    assert_eq!(second[31..], [&[1, 0, 16, 0][..], &FOUR_GIB.to_le_bytes(), &FOUR_GIB.to_le_bytes()].concat());
    let content = archive.piece(36 + 51 + 10, u64::MAX);
    assert_eq!(content, Some(Piece::Content(1, 10..FOUR_GIB)));
    let third = 36 + 51 + FOUR_GIB;
    assert_eq!(local(third).len(), 31);
    let directory = local(third + 31 + 7);
    // Entries of 47 bytes; the second with both sizes, the third with its offset in a ZIP64 field.
    assert_eq!(directory.len(), 47 + 47 + 20 + 47 + 12 + 56 + 20 + 22);
    assert_eq!(directory[47 + 67 + 47..][..12], [&[1, 0, 8, 0][..], &third.to_le_bytes()].concat());
    assert_eq!(archive.size(), third + 38 + directory.len() as u64);
    // The ZIP64 end says how long it is behind these twelve bytes.
    let end = &directory[47 + 67 + 59..][..56];
    assert_eq!(end[..12], [&b"PK\x06\x06"[..], &44_u64.to_le_bytes()].concat());
    // 1 January 1980, the first day that there is.
    assert_eq!(modified >> 16, 1 << 5 | 1);
}

#[test]
fn the_largest_numbers_of_16_and_32_bits_stand_for_others() {
    let of = |count: usize| {
        let mut archive = Archive::with_capacity(count);
        for _ in 0..count {
            archive.add(File { name: "a", size: 0, crc32: 0, modified: 0 });
        }
        archive.size() - count as u64 * (31 + 47)
    };
    assert_eq!((of(65_534), of(65_535)), (22, 56 + 20 + 22));
    let local = |size: u64| {
        let mut archive = Archive::with_capacity(1);
        archive.add(File { name: "a", size, crc32: 0, modified: 0 });
        archive.local_length(0)
    };
    let most = u64::from(u32::MAX);
    assert_eq!((local(most - 1), local(most)), (31, 31 + 20));
}

#[test]
fn a_time_is_kept_to_two_seconds_in_the_years_that_there_are() {
    let time = |text: &str| dos_time(text.parse().expect("a time"));
    assert_eq!(time("2026-06-01T12:34:57"), 0x5cc1_645c);
    assert_eq!(time("1969-06-01T00:00:00") >> 25, 0);
    assert_eq!(time("2200-06-01T00:00:00") >> 25, 127);
}

#[test]
fn the_list_of_a_large_archive_is_small() {
    let mut archive = Archive::with_capacity(70_000);
    for index in 0..70_000_u32 {
        let name = format!("IMG_{index:05}.JPG");
        archive.add(File { name: &name, size: 75_000, crc32: index, modified: 0 });
    }
    let held = archive.entries.capacity() * size_of::<Entry>() + archive.names.capacity();
    assert!(held < 4 << 20, "{held} bytes");
    // Those that begin where 32 bits end say so in 64.
    let beyond = 70_000 - u64::from(u32::MAX).div_ceil(30 + 13 + 75_000);
    let directory = 70_000 * (46 + 13) + beyond * 12;
    assert_eq!(archive.size(), 70_000 * (30 + 13 + 75_000) + directory + 56 + 20 + 22);
    // Every part of the directory joins the one before.
    let mut at = 70_000 * (30 + 13 + 75_000);
    while let Some(Piece::Bytes(bytes)) = archive.piece(at, u64::MAX) {
        assert!(bytes.starts_with(b"PK\x01\x02") && bytes.len() < 2 * DIRECTORY_BYTES);
        at += bytes.len() as u64;
    }
    assert_eq!(at, archive.size());
}
