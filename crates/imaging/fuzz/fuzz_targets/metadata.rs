//! Runs the target `metadata`.
#![no_main]

use imaging_fuzz::{panics, targets};

libfuzzer_sys::fuzz_target!(init: panics::watch(), |bytes: &[u8]| targets::metadata(bytes));
