//! A PostgreSQL server of one's own, from the distribution's package: for tests, `cargo xtask check` and
//! measurements. It listens on this machine only and ends with the process that started it, however
//! that ends. Knows nothing of the product and depends on nothing but the standard library and `private-home`.
//!
//! In reading order: `programs` (where PostgreSQL is), `home` (a folder with a guard), `template` (a
//! folder ready to be copied), `cluster` (a running server), `standby` (another that follows it),
//! `disk` (one that can be full), `client` (statements through `psql`).

pub mod client;
pub mod cluster;
pub mod disk;
mod home;
pub mod programs;
pub mod standby;
mod template;
mod tree;
