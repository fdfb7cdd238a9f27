//! Runs the target `raw`.
#![no_main]

use imaging_fuzz::{panics, targets};

libfuzzer_sys::fuzz_target!(init: panics::watch(), |bytes: &[u8]| targets::raw(bytes));
