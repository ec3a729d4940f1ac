//! LDAP as bytes (RFC 4511): the few requests that we make, and the replies to them.
//!
//! Replies come from a peer that may be hostile or broken: every length is checked against what is there,
//! nothing is read recursively, and what is not understood is an error or is passed over. Knows nothing of
//! sockets, directories or users.

mod ber;
pub mod filter;
pub mod reply;
pub mod request;

pub use ber::{MOST_OCTETS, Malformed, frame};
