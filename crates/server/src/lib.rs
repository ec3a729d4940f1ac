//! Otpost: one-time passwords, by post.

pub mod store;
