//! Otpost: one-time passwords, by post.
//!
//! Reading order: a protocol under [`http`] turns bytes into an attempt; [`auth`] judges it with
//! the rules of the `domain` crate; [`store`] writes; [`delivery`] mails.

pub mod api_key;
pub mod app;
pub mod auth;
pub mod boot;
pub mod cli;
pub mod config;
pub mod delivery;
pub mod demo;
pub mod directory;
pub mod failure;
pub mod hash;
pub mod hex;
pub mod host;
pub mod http;
pub mod keys;
pub mod language;
pub mod mail;
pub mod manage;
pub mod openapi;
pub mod origin;
pub mod os;
pub mod radius;
pub mod serve;
pub mod settings;
pub mod spreadsheet;
pub mod stop;
pub mod store;
pub mod telemetry;
pub mod tls;
mod token;
pub mod web;
