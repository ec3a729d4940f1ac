//! What every private server of a test or a measurement needs, whichever it is. Knows no server and nothing of the
//! product, and depends on nothing but the standard library.
//!
//! In reading order: `home` (a folder and its guard), `program` (running one to its end), `deadline` (waiting for
//! one), `port` (where a server may listen), `kept` (what takes long to make and serves the next run too).

pub mod deadline;
pub mod home;
pub mod kept;
pub mod port;
pub mod program;
