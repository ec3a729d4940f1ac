//! Directories of one's own, for tests and measurements: OpenLDAP's `slapd` and a domain controller of
//! Samba, both real and from the distribution's packages, a road to them on which things go wrong, and
//! a server that answers what no real one does. All of them listen on this machine only and end with
//! the process that started them, however that ends. Knows nothing of the product.
//!
//! In reading order: `programs` (where they are), `home` (a folder with a guard), `service` (a running
//! server), `certificate` (an authority of one's own), `entry` (what a directory holds, as text),
//! `client` (OpenLDAP's tools), `slapd` and its `operations` (what was asked of it), `samba` and its
//! `domain` (made once, then copied), `proxy` (the road), `scripted` (the liar) with `ber` and
//! `request` (what was asked, octet by octet).

pub mod ber;
pub mod certificate;
pub mod client;
mod domain;
pub mod entry;
mod home;
pub mod operations;
mod programs;
pub mod proxy;
pub mod request;
pub mod samba;
pub mod scripted;
mod service;
pub mod slapd;
