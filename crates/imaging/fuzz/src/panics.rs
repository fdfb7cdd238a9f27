//! Panics that `imaging` contains, as it promises for decoders of others, are told once and end nothing.

use std::backtrace::Backtrace;
use std::collections::HashSet;
use std::panic::PanicHookInfo;
use std::sync::Mutex;

/// Where there were panics so far.
static TOLD: Mutex<Option<HashSet<String>>> = Mutex::new(None);

/// Replaces the fuzzer's own hook, which ends the run at any panic. One that nobody contains still ends it.
pub fn watch() {
    std::panic::set_hook(Box::new(tell));
}

fn tell(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map_or_else(String::new, ToString::to_string);
    if TOLD.lock().is_ok_and(|mut told| told.get_or_insert_default().insert(place)) {
        eprintln!("{panic}\n{}", Backtrace::force_capture());
    }
}
