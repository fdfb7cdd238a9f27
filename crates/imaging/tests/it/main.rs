//! The crate as its users see it: files in, renditions out.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "pictures made for tests: every number is small"
)]

mod colours;
mod damage;
mod fixtures;
mod formats;
mod heif;
mod hostile;
mod marks;
mod memory;
mod metadata;
mod mutations;
mod orientations;
mod photos;
mod raws;
mod references;
mod refusals;
mod sizes;
