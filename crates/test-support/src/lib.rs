//! What the tests of both services share: a database each, a browser-like client, a real browser, small servers.

#![expect(clippy::missing_panics_doc, reason = "a test that can't go on panics and says why")]

pub mod browser;
pub mod client;
pub mod contract;
pub mod database;
mod looks;
pub mod mailbox;
pub mod pictures;
pub mod programs;
pub mod raw;
pub mod s3;
pub mod site;
pub mod tls;

pub use browser::Browser;
pub use client::{Answer, Client};
pub use database::TestDatabase;
pub use mailbox::{Mailbox, Received};
pub use s3::S3Server;
pub use {fantoccini, reqwest, scraper};
