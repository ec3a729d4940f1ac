//! The one integration binary: everything through a real door.
// Tests may stop at the first surprise; the finer points of style are for the product.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::pedantic)]
#![allow(clippy::ok_expect, clippy::too_many_arguments, clippy::type_complexity, missing_docs, unreachable_pub)]

mod administrators;
mod app;
mod config;
mod criteria;
mod directory;
mod foreign;
mod heads;
mod listen;
mod mail;
mod migrations;
mod nodes;
mod notices;
mod openapi;
mod outbox;
mod postgres;
mod privacyidea_dialect;
mod privacyidea_recorded;
mod privacyidea_settings;
mod privacyidea_tokens;
mod privacyidea_validate;
mod process;
mod radius;
mod ras;
mod store;
mod web;
