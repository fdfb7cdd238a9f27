//! Which formats this build takes on this machine: one list for upload, file picker, pages and `doctor`.

use std::sync::OnceLock;

use crate::containers::raw::RawKind;
use crate::format::Format;
use crate::heif;

/// Formats that need nothing but this program.
const ALWAYS: [Format; 6] = [Format::Jpeg, Format::Png, Format::WebP, Format::Gif, Format::Tiff, Format::Bmp];

/// What this build on this machine can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Whether a library for HEIC is installed.
    pub heic: bool,
    /// Whether a library for AVIF is installed.
    pub avif: bool,
}

impl Capabilities {
    /// Asked once, then remembered: who installs a library starts the services anew.
    pub fn of_this_machine() -> Self {
        static FOUND: OnceLock<Capabilities> = OnceLock::new();
        *FOUND.get_or_init(|| {
            let library = heif::library();
            let decodes = |format| library.is_some_and(|library| library.decodes(format));
            Self { heic: decodes(Format::Heic), avif: decodes(Format::Avif) }
        })
    }

    /// Whether photos of a format are taken.
    pub const fn takes(self, format: Format) -> bool {
        match format {
            Format::Heic => self.heic,
            Format::Avif => self.avif,
            _ => true,
        }
    }

    /// Every format that is taken, in the order in which people are told of them.
    pub fn formats(self) -> impl Iterator<Item = Format> {
        ALWAYS
            .into_iter()
            .chain([Format::Heic, Format::Avif])
            .chain(RawKind::all().map(Format::Raw))
            .filter(move |format| self.takes(*format))
    }

    /// The formats in words: `JPEG, PNG, WebP, GIF, TIFF, BMP, HEIC, AVIF, RAW`.
    pub fn names(self) -> String {
        let plain = self.formats().filter(|format| !matches!(format, Format::Raw(_)));
        plain.map(Format::name).chain(["RAW"]).collect::<Vec<_>>().join(", ")
    }

    /// The extensions for a file picker, each with its dot.
    pub fn extensions(self) -> Vec<&'static str> {
        self.formats().flat_map(Format::extensions).copied().collect()
    }

    /// What is not taken for want of a library, and the Debian packages that bring it.
    pub fn missing(self) -> Vec<(Format, &'static [&'static str])> {
        let needed: [(Format, &[&str]); 2] = [
            (Format::Heic, &["libheif1", "libheif-plugin-libde265"]),
            (Format::Avif, &["libheif1", "libheif-plugin-dav1d"]),
        ];
        needed.into_iter().filter(|(format, _)| !self.takes(*format)).collect()
    }
}

/// The formats in words, as taken on this machine.
pub fn accepted_names() -> String {
    Capabilities::of_this_machine().names()
}

/// The extensions for a file picker, each with its dot, as taken on this machine.
pub fn accepted_extensions() -> Vec<&'static str> {
    Capabilities::of_this_machine().extensions()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERYTHING: Capabilities = Capabilities { heic: true, avif: true };
    const NO_LIBRARY: Capabilities = Capabilities { heic: false, avif: false };

    #[test]
    fn the_list_in_words_names_what_is_taken_and_nothing_else() {
        assert_eq!(EVERYTHING.names(), "JPEG, PNG, WebP, GIF, TIFF, BMP, HEIC, AVIF, RAW");
        assert_eq!(NO_LIBRARY.names(), "JPEG, PNG, WebP, GIF, TIFF, BMP, RAW");
        assert!(EVERYTHING.missing().is_empty());
        assert_eq!(NO_LIBRARY.missing().len(), 2);
    }

    #[test]
    fn every_format_has_its_extension_among_the_accepted() {
        let all = EVERYTHING.extensions();
        for format in EVERYTHING.formats() {
            assert!(all.contains(&format!(".{}", format.extension()).as_str()), "{format}");
        }
        assert!(!NO_LIBRARY.extensions().contains(&".heic"));
    }
}
