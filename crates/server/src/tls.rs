//! TLS: at doors of ours, and towards peers that administrators name.

pub mod door;
pub mod peer;
