//! Mail: how relays may treat us, what the pool makes of it, and what a message looks like.

mod battery;
mod certificates;
mod encryption;
mod message;
mod pool;
mod scripted_relay;
mod sink;
