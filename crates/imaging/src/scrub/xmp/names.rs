//! The properties of XMP that a clean original keeps (ISO 16684; IPTC Photo Metadata Standard; PLUS; Exif in XMP).

/// Which names of a namespace stay.
enum Stays {
    All,
    Only(&'static [&'static str]),
    AllBut(&'static [&'static str]),
}

/// A namespace: its address, its usual prefix, what stays of it.
pub(super) struct Space {
    pub(super) address: &'static str,
    pub(super) prefix: &'static str,
    stays: Stays,
}

const fn space(address: &'static str, prefix: &'static str, stays: Stays) -> Space {
    Space { address, prefix, stays }
}

/// In the order in which they are declared.
static SPACES: [Space; 17] = [
    space("http://purl.org/dc/elements/1.1/", "dc", Stays::AllBut(&["identifier"])),
    space(
        "http://ns.adobe.com/xap/1.0/",
        "xmp",
        Stays::Only(&[
            "CreateDate",
            "ModifyDate",
            "MetadataDate",
            "CreatorTool",
            "Rating",
            "Label",
            "Nickname",
        ]),
    ),
    space("http://ns.adobe.com/xap/1.0/rights/", "xmpRights", Stays::All),
    space(
        "http://ns.adobe.com/photoshop/1.0/",
        "photoshop",
        Stays::Only(&[
            "AuthorsPosition",
            "CaptionWriter",
            "Category",
            "City",
            "ColorMode",
            "Country",
            "Credit",
            "DateCreated",
            "Headline",
            "ICCProfile",
            "Instructions",
            "Source",
            "State",
            "SupplementalCategories",
            "TransmissionReference",
            "Urgency",
        ]),
    ),
    space("http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/", "Iptc4xmpCore", Stays::All),
    // Of locations, the names stay: coordinates are of the namespace `exif`.
    space(
        "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
        "Iptc4xmpExt",
        Stays::AllBut(&["DigImageGUID", "RegistryId", "RegItemId", "RegOrgId", "LocationId", "ImageRegion"]),
    ),
    space(
        "http://ns.adobe.com/tiff/1.0/",
        "tiff",
        Stays::Only(&[
            "ImageWidth",
            "ImageLength",
            "BitsPerSample",
            "Compression",
            "PhotometricInterpretation",
            "Orientation",
            "SamplesPerPixel",
            "PlanarConfiguration",
            "YCbCrSubSampling",
            "YCbCrPositioning",
            "XResolution",
            "YResolution",
            "ResolutionUnit",
            "WhitePoint",
            "PrimaryChromaticities",
            "YCbCrCoefficients",
            "ReferenceBlackWhite",
            "DateTime",
            "ImageDescription",
            "Make",
            "Model",
            "Software",
            "Artist",
            "Copyright",
        ]),
    ),
    space(
        "http://ns.adobe.com/exif/1.0/",
        "exif",
        Stays::Only(&[
            "ExifVersion",
            "FlashpixVersion",
            "ColorSpace",
            "ComponentsConfiguration",
            "CompressedBitsPerPixel",
            "PixelXDimension",
            "PixelYDimension",
            "UserComment",
            "DateTimeOriginal",
            "DateTimeDigitized",
            "ExposureTime",
            "FNumber",
            "ExposureProgram",
            "SpectralSensitivity",
            "ISOSpeedRatings",
            "ShutterSpeedValue",
            "ApertureValue",
            "BrightnessValue",
            "ExposureBiasValue",
            "MaxApertureValue",
            "SubjectDistance",
            "MeteringMode",
            "LightSource",
            "Flash",
            "Fired",
            "Return",
            "Mode",
            "Function",
            "RedEyeMode",
            "FocalLength",
            "SubjectArea",
            "FlashEnergy",
            "FocalPlaneXResolution",
            "FocalPlaneYResolution",
            "FocalPlaneResolutionUnit",
            "SubjectLocation",
            "ExposureIndex",
            "SensingMethod",
            "FileSource",
            "SceneType",
            "CustomRendered",
            "ExposureMode",
            "WhiteBalance",
            "DigitalZoomRatio",
            "FocalLengthIn35mmFilm",
            "SceneCaptureType",
            "GainControl",
            "Contrast",
            "Saturation",
            "Sharpness",
            "SubjectDistanceRange",
            "Gamma",
            "SubSecTime",
            "SubSecTimeOriginal",
            "SubSecTimeDigitized",
        ]),
    ),
    space(
        "http://cipa.jp/exif/1.0/",
        "exifEX",
        Stays::Only(&[
            "Gamma",
            "PhotographicSensitivity",
            "SensitivityType",
            "StandardOutputSensitivity",
            "RecommendedExposureIndex",
            "ISOSpeed",
            "LensSpecification",
            "LensMake",
            "LensModel",
            "InteroperabilityIndex",
            "CompositeImage",
            "ImageTitle",
            "Photographer",
            "ImageEditor",
            "CameraFirmware",
            "ImageEditingSoftware",
            "MetadataEditingSoftware",
            "RAWDevelopingSoftware",
            "OffsetTime",
            "OffsetTimeOriginal",
            "OffsetTimeDigitized",
        ]),
    ),
    space(
        "http://ns.adobe.com/exif/1.0/aux/",
        "aux",
        Stays::Only(&[
            "Lens",
            "LensInfo",
            "LensID",
            "Firmware",
            "FlashCompensation",
            "ApproximateFocusDistance",
            "LensDistortInfo",
        ]),
    ),
    space(
        "http://ns.adobe.com/lightroom/1.0/",
        "lr",
        Stays::Only(&["hierarchicalSubject", "weightedFlatSubject"]),
    ),
    space("http://ns.microsoft.com/photo/1.0/", "MicrosoftPhoto", Stays::Only(&["Rating", "LastKeywordXMP"])),
    space("http://ns.useplus.org/ldf/xmp/1.0/", "plus", Stays::AllBut(&["ImageFileName"])),
    space("http://creativecommons.org/ns#", "cc", Stays::All),
    // How a panorama is shown; not which way it looks, nor its parts.
    space(
        "http://ns.google.com/photos/1.0/panorama/",
        "GPano",
        Stays::Only(&[
            "UsePanoramaViewer",
            "ProjectionType",
            "CroppedAreaImageWidthPixels",
            "CroppedAreaImageHeightPixels",
            "FullPanoWidthPixels",
            "FullPanoHeightPixels",
            "CroppedAreaLeftPixels",
            "CroppedAreaTopPixels",
            "InitialViewHeadingDegrees",
            "InitialViewPitchDegrees",
            "InitialHorizontalFOVDegrees",
        ]),
    ),
    space("http://ns.adobe.com/xmp/sType/Dimensions#", "stDim", Stays::All),
    space("http://ns.adobe.com/xmp/sType/Area#", "stArea", Stays::All),
];

/// The namespace of a property that stays.
pub(super) fn kept(address: &str, name: &str) -> Option<&'static Space> {
    let space = SPACES.iter().find(|space| space.address == address)?;
    let stays = match space.stays {
        Stays::All => true,
        Stays::Only(names) => names.contains(&name),
        Stays::AllBut(names) => !names.contains(&name),
    };
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let begun = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    (stays && plain && begun).then_some(space)
}

/// The namespaces that are in use, in a fixed order.
pub(super) fn used(is_used: impl Fn(&Space) -> bool) -> impl Iterator<Item = &'static Space> {
    SPACES.iter().filter(move |space| is_used(space))
}
