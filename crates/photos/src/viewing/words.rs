//! What a download comes to, as people read it.

/// “840 KB”, “24 MB”, “1.2 GB”: powers of ten, as the files of a phone or a computer are counted.
pub fn size(bytes: i64) -> String {
    match bytes {
        ..=0 => String::new(),
        1..1_000_000 => format!("{} KB", (bytes + 999) / 1_000),
        1_000_000..1_000_000_000 => format!("{} MB", (bytes + 500_000) / 1_000_000),
        _ => {
            let tenths = (bytes + 50_000_000) / 100_000_000;
            format!("{}.{} GB", tenths / 10, tenths % 10)
        }
    }
}

/// How many photos are left of those that a link includes.
pub fn left(photos: i32) -> String {
    match photos {
        ..=0 => "All photos that this link includes are downloaded.".to_owned(),
        1 => "1 photo is left of those that this link includes.".to_owned(),
        photos => format!("{photos} photos are left of those that this link includes."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_as_people_say_them() {
        let sizes = [
            (0, ""),
            (1, "1 KB"),
            (840_000, "840 KB"),
            (24_300_000, "24 MB"),
            (1_249_999_999, "1.2 GB"),
            (99_960_000_000, "100.0 GB"),
        ];
        for (bytes, text) in sizes {
            assert_eq!(size(bytes), text);
        }
    }
}
