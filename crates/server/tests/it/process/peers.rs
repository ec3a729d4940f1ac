//! The other side of the mail: sinks and scripted relays on a runtime of their own, for tests that
//! otherwise block.

use std::net::SocketAddr;
use std::time::Duration;

use otpost::demo::sink::{ReceivedMail, Sink};
use tokio::runtime::Runtime;

use super::place::until;
use super::scripted_relay::{Act, Protection, Script, ScriptedRelay, Stage};
use crate::app::code_in;

/// Where relays live.
pub(crate) struct Peers {
    runtime: Runtime,
}

impl Peers {
    pub(crate) fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        Self { runtime: runtime.unwrap() }
    }

    /// A mailbox that keeps so many mails.
    pub(crate) fn sink(&self, keep: usize) -> Sink {
        self.sink_at("127.0.0.1:0".parse().unwrap(), keep)
    }

    pub(crate) fn sink_at(&self, address: SocketAddr, keep: usize) -> Sink {
        self.runtime.block_on(Sink::start(address, keep)).unwrap()
    }

    /// A relay in clear that does these things.
    pub(crate) fn scripted(&self, acts: &[(Stage, Act)]) -> ScriptedRelay {
        let script = Script { protection: Protection::Clear, pipelining: true, acts: acts.to_vec() };
        self.runtime.block_on(ScriptedRelay::start(script))
    }
}

/// The newest mail to an address, once it is there.
pub(crate) fn mail_to(sink: &Sink, address: &str) -> ReceivedMail {
    let found = || sink.mails().into_iter().find(|mail| mail.to == address);
    until(&format!("a mail to {address}"), MAIL_PATIENCE, found)
}

/// The code in it.
pub(crate) fn code_to(sink: &Sink, address: &str) -> String {
    code_in(&mail_to(sink, address))
}

const MAIL_PATIENCE: Duration = Duration::from_secs(20);
