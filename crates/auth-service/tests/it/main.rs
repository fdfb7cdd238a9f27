//! The auth-service as people, programs and sibling applications meet it.

mod access;
mod addresses;
mod browser;
mod commands;
mod cookies;
mod cross_site;
mod fixation;
mod harness;
mod headers;
mod limits;
mod migrations;
mod outage;
mod provider;
mod provider_accounts;
mod providers;
mod reauthentication;
mod secrets;
mod sign_in;
mod sign_out;
mod verify;
