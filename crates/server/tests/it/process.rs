//! The real binary, started as a user starts it: a folder, a command line, sockets, signals. Nothing
//! here reaches into the product; what is known comes from its answers, its files and its mails.

mod answers;
mod canary;
mod certificates;
mod demo;
mod directory;
mod expiry;
mod guesses;
mod health;
pub(crate) mod http;
mod kill;
pub(crate) mod onward;
mod parallel;
mod parallels_ras;
pub(crate) mod peers;
pub(crate) mod place;
mod policy;
mod proxies;
mod radius;
mod radius_sign_in;
mod radius_watch;
mod refusals;
mod relays;
#[path = "mail/scripted_relay.rs"]
#[expect(clippy::duplicate_mod, dead_code, reason = "the same peer as for the mail engine; here it never speaks TLS")]
mod scripted_relay;
mod setup;
mod slow_relay;
mod smtp_sink;
mod terminal;
mod terminate;
