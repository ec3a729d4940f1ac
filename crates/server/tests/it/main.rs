//! The one integration binary: everything through a real door.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub
)]

mod app;
mod config;
mod mail;
mod privacyidea_recorded;
mod privacyidea_settings;
mod privacyidea_tokens;
mod privacyidea_validate;
mod process;
mod store;
mod web;
