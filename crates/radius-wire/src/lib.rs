//! RADIUS as bytes, and nothing else: RFC 2865, 2869, 3579, 5080, 5997; of Microsoft's RFC 2548, 2759, 3079.
//!
//! Pure functions over what came from a network that nobody trusts: no sockets, no clock, no chance.
//! Knows nothing of Otpost; the server's `radius` folder does the talking.
//!
//! - a [`packet`] is parsed by every rule of length before anything in it is looked at;
//! - an [`attribute`] is a number and some bytes;
//! - a [`password`] is hidden by MD5, as RFC 2865 will have it;
//! - [`chap`] and [`mschap2`] show that somebody knows a password without telling it;
//! - the keys of a tunnel follow from that, and [`mppe`] hands them to its end;
//! - a [`signature`] tells whether both sides know the same secret;
//! - a [`reply`] is built with its Message-Authenticator first, always, and so is a [`request`].

pub mod attribute;
pub mod chap;
pub mod microsoft;
pub mod mppe;
pub mod mschap2;
pub mod packet;
pub mod password;
pub mod reply;
pub mod request;
pub mod signature;
