//! The tests of photos: whole services with a database each, driven as people and programs drive them.

#![expect(clippy::unwrap_used, reason = "a test that can't go on may panic")]

mod access;
mod api_tokens;
mod browser;
mod doctor;
mod following;
mod galleries;
mod harness;
mod kills;
mod looks;
mod media;
mod migrations;
mod pages;
mod people;
mod query_cache;
mod renditions;
mod samples;
mod shares;
mod sign_in;
mod upload;
