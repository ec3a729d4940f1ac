//! Mail on the wire: messages, relays, connections. Knows nothing of challenges or the database.

pub mod error;
pub mod message;
pub mod pool;
pub mod relay;
pub mod smtp;
