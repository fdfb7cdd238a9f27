//! The tests of photos: whole services with a database each, driven as people and programs drive them.

#![expect(clippy::unwrap_used, reason = "a test that can't go on may panic")]

mod access;
mod api_tokens;
mod branding;
mod browser;
mod client_browser;
mod client_view;
mod customers;
mod decoders;
mod doctor;
mod download_limits;
mod downloads;
mod encodings;
mod following;
mod galleries;
mod handover;
mod harness;
mod hostile;
mod kills;
mod link_policies;
mod looks;
mod media;
mod migrations;
mod openapi;
mod organising;
mod originals;
mod pages;
mod people;
mod permissions;
mod placeholders;
mod policy_matrix;
mod query_cache;
mod rebuild;
mod renditions;
mod samples;
mod screenshots;
mod shares;
mod sign_in;
mod statistics;
mod trash;
mod upload;
mod versions;
mod watermarks;
mod words;
mod working;
