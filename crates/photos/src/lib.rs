//! A gallery platform for photographers and event organisers: upload an event, sort it, show it to clients.

pub mod admin;
pub mod app;
pub mod config;
pub mod customers;
pub mod dashboard;
pub mod doctor;
pub mod galleries;
pub mod health;
pub mod home;
pub mod identity;
pub mod jobs;
pub mod media;
pub mod originals;
pub mod permissions;
pub mod photos;
pub mod policy;
pub mod renditions;
pub mod routes;
pub mod shares;
pub mod statistics;
pub mod storage;
pub mod timings;
pub mod trash;
pub mod upload;
pub mod viewing;
pub mod watermarks;
