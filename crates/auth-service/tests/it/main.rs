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
mod legacy;
mod limits;
mod lockout;
mod looks;
mod mail;
mod migrations;
mod newcomers;
mod outage;
mod reauthentication;
mod refusals;
mod registration;
mod secrets;
mod sign_in;
mod sign_out;
mod verification;
mod verify;
