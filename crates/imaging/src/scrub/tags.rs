//! The tags of TIFF and EXIF that a clean original keeps (TIFF 6.0; CIPA DC-008, Exif 3.0).

/// A TIFF's rewritten, and an EXIF block's dropped, packet of XMP.
pub(super) const XMP: u16 = 700;
/// As `XMP`, for IPTC.
pub(super) const IPTC: u16 = 33_723;
/// Points to the directory of the exposure.
pub(super) const EXIF_DIRECTORY: u16 = 34_665;
/// Points from there to a directory that says which rules the colours follow.
pub(super) const INTEROPERABILITY_DIRECTORY: u16 = 40_965;

/// Of the main directory: size, orientation, resolution, colour; description, camera, software, time, author, copyright,
/// rating, and the five texts of Windows (40,091 on: title, comment, author, keywords, subject).
const MAIN: [u16; 30] = [
    256, 257, 258, 262, 270, 271, 272, 274, 277, 282, 283, 284, 296, 301, 305, 306, 315, 318, 319, 529, 530,
    531, 532, 18_246, 18_249, 33_432, 40_091, 40_092, 40_093, 40_094,
];
const WINDOWS_SUBJECT: u16 = 40_095;

/// What the pixels of a TIFF can't be read without, besides `MAIN`.
const PIXELS: [u16; 43] = [
    254, 255, 259, 263, 264, 265, 266, 273, 278, 279, 280, 281, 286, 287, 290, 291, 292, 293, 297, 317, 320,
    321, 322, 323, 324, 325, 332, 333, 334, 336, 338, 339, 340, 341, 342, 343, 346, 347, 351, 512, 530,
    34_675, 34_676,
];

/// Of the exposure's directory. Not the place (37,888 on: pressure, depth), the maker's notes (37,500), the owner
/// (42,032), serial numbers (42,033, 42,037), the unique id (42,016), nor values of the makers' own making.
const EXPOSURE: [u16; 78] = [
    33_434, 33_437, 34_850, 34_852, 34_855, 34_856, 34_858, 34_859, 34_864, 34_865, 34_866, 34_867, 34_868,
    34_869, 36_864, 36_867, 36_868, 36_880, 36_881, 36_882, 37_121, 37_122, 37_377, 37_378, 37_379, 37_380,
    37_381, 37_382, 37_383, 37_384, 37_385, 37_386, 37_396, 37_510, 37_520, 37_521, 37_522, 40_960, 40_961,
    40_962, 40_963, 41_483, 41_484, 41_486, 41_487, 41_488, 41_492, 41_493, 41_495, 41_728, 41_729, 41_730,
    41_985, 41_986, 41_987, 41_988, 41_989, 41_990, 41_991, 41_992, 41_993, 41_994, 41_996, 42_034, 42_035,
    42_036, 42_038, 42_039, 42_040, 42_041, 42_042, 42_043, 42_044, 42_080, 42_081, 42_240, 36_883, 36_884,
];

/// Of the directory of interoperability: which rules the colours follow, and their version.
const INTEROPERABILITY: [u16; 2] = [1, 2];

/// Which directory tags are looked up for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Directory {
    /// The first one of an EXIF block.
    Main,
    /// One that describes pixels of a TIFF.
    Picture,
    /// The one of the exposure.
    Exposure,
    /// The one behind it.
    Interoperability,
}

impl Directory {
    /// Whether the value of this tag stays as it is. Pointers to directories are not values.
    pub(super) fn keeps(self, tag: u16) -> bool {
        match self {
            // Cameras of old have the exposure here, too.
            Self::Main => MAIN.contains(&tag) || tag == WINDOWS_SUBJECT || EXPOSURE.contains(&tag),
            Self::Picture => Self::Main.keeps(tag) || PIXELS.contains(&tag),
            Self::Exposure => EXPOSURE.contains(&tag),
            Self::Interoperability => INTEROPERABILITY.contains(&tag),
        }
    }

    /// The directory that this tag points to from here, where that one stays.
    pub(super) fn pointed(self, tag: u16) -> Option<Self> {
        match (self, tag) {
            (Self::Main | Self::Picture, EXIF_DIRECTORY) => Some(Self::Exposure),
            (Self::Exposure, INTEROPERABILITY_DIRECTORY) => Some(Self::Interoperability),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Directory;

    #[test]
    fn what_tells_of_place_person_or_piece_is_on_no_list() {
        // GPS, maker notes, owner, body and lens serial, unique id, DNG serial, host, DNG private, PrintIM, preview.
        for tag in
            [34_853, 37_500, 42_032, 42_033, 42_037, 42_016, 50_735, 316, 50_740, 50_341, 513, 514, 34_377]
        {
            for directory in
                [Directory::Main, Directory::Picture, Directory::Exposure, Directory::Interoperability]
            {
                assert!(!directory.keeps(tag), "{tag}");
            }
        }
    }
}
