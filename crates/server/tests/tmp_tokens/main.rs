#![allow(dead_code, missing_docs, clippy::all, unreachable_pub)]
mod app;
mod privacyidea_tokens;
