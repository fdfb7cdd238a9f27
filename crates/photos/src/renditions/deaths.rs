//! How decoders die, and what that says about the photo that they were reading.

use std::{os::unix::process::ExitStatusExt, process::ExitStatus};

use super::process::Failure;

/// How a decoder ended.
#[derive(Debug)]
pub enum Death {
    /// By what it was given to read.
    OfPhoto(Failure),
    /// By a signal from outside (the machine out of memory or going down), which says nothing about the photo.
    FromOutside(i32),
}

/// What a death says, with what the decoder wrote last. An error is the machine's fault.
pub(super) fn cause(status: ExitStatus, words: &str) -> anyhow::Result<Death> {
    const SIGINT: i32 = 2;
    const SIGABRT: i32 = 6;
    const SIGKILL: i32 = 9;
    const SIGTERM: i32 = 15;
    const SIGXCPU: i32 = 24;
    let words = words.trim();
    tracing::debug!(%status, words, "a decoder died");
    match status.signal() {
        Some(SIGXCPU) => Ok(Death::OfPhoto(too_long())),
        Some(signal @ (SIGINT | SIGKILL | SIGTERM)) => Ok(Death::FromOutside(signal)),
        Some(SIGABRT) if words.contains("memory allocation of") => Ok(Death::OfPhoto(too_large())),
        // Its own end with an error is the machine's fault: a panic ends with 101.
        None if status.code() == Some(1) => anyhow::bail!("a decoder gave up: {words}"),
        _ => Ok(Death::OfPhoto(crashed())),
    }
}

/// Out of time.
pub(super) fn too_long() -> Failure {
    Failure {
        reason: "took_too_long".to_owned(),
        detail: "Reading this file takes too long. Please export it again, as JPEG if possible.".to_owned(),
    }
}

fn too_large() -> Failure {
    let error = imaging::Error::TooMuchMemory;
    Failure { reason: error.reason().to_owned(), detail: error.to_string() }
}

/// Broken by what it read.
pub(super) fn crashed() -> Failure {
    Failure {
        reason: "decoder_crashed".to_owned(),
        detail: "This file breaks the program that reads it. Please export it again, as JPEG if possible."
            .to_owned(),
    }
}
