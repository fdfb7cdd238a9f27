//! The auth-service as people, programs and sibling applications meet it.

mod access;
mod addresses;
mod browser;
mod commands;
mod cookies;
mod cross_site;
mod examples;
mod fixation;
mod fixation_sequences;
mod forward_auth;
mod harness;
mod headers;
mod hostile_sibling;
mod limits;
mod migrations;
mod outage;
mod proxies;
mod reauthentication;
mod secrets;
mod sign_in;
mod sign_out;
mod verify;
