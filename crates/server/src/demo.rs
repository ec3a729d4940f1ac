//! The demonstration: the whole product on made-up data, on this machine alone.

pub mod sink;
