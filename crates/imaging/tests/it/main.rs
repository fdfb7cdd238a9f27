//! The crate as its users see it: files in, renditions out.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "pictures made for tests: every number is small"
)]

mod blocks;
mod colours;
mod damage;
mod encodings;
mod facts;
mod fixtures;
mod formats;
mod heif;
mod hostile;
mod logos;
mod marks;
mod memory;
mod metadata;
mod mutations;
mod notices;
mod orientations;
mod passes;
mod photos;
mod placeholders;
mod places;
mod raws;
mod references;
mod refusals;
mod replay;
mod scrub;
mod scrub_fixtures;
mod sharpening;
mod sizes;
mod words;
