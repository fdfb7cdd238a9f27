//! The auth-service as people, programs and sibling applications meet it.

mod access;
mod addresses;
mod admin;
mod admin_access;
mod admin_races;
mod admin_services;
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
mod reauthentication;
mod record;
mod secrets;
mod sign_in;
mod sign_out;
mod verify;
