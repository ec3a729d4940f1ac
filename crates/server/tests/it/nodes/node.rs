//! One node: a folder with the common key and the address of the common database, and the real binary.

use std::net::SocketAddr;
use std::time::Duration;

use crate::process::http::Client;
use crate::process::place::{ADMIN_PASSWORD, Place, Server};

/// A node, running or not.
pub(super) struct Node {
    place: Place,
    server: Option<Server>,
}

impl Node {
    /// The first makes the key, the schema and an administrator.
    pub(super) fn first(store: &str) -> Self {
        Self::first_with(store, "", |_| ())
    }

    /// The same with further lines in its configuration, and with what is prepared before it starts.
    pub(super) fn first_with(store: &str, extra: &str, prepare: impl FnOnce(&Place)) -> Self {
        let mut place = Place::on(store);
        place.ok(&["keys", "new"], "");
        place.ok(&["migrate"], "");
        place.ok(&["admin", "add", "admin", "--password-stdin"], ADMIN_PASSWORD);
        prepare(&place);
        extra.clone_into(&mut place.extra);
        Self::start(place)
    }

    /// Another one beside it.
    pub(super) fn beside(first: &Self) -> Self {
        Self::beside_with(first, "")
    }

    /// The same with further lines in its configuration.
    pub(super) fn beside_with(first: &Self, extra: &str) -> Self {
        let mut place = Place::on(&first.place.store);
        std::fs::copy(first.place.key_file(), place.key_file()).unwrap();
        extra.clone_into(&mut place.extra);
        Self::start(place)
    }

    fn start(place: Place) -> Self {
        let server = Some(place.serve());
        Self { place, server }
    }

    pub(super) fn server(&self) -> &Server {
        self.server.as_ref().expect("it runs")
    }

    /// Where it listens, until it is started again.
    pub(super) fn address(&self) -> SocketAddr {
        self.server().http
    }

    pub(super) fn server_for_setup(&self) -> (Client, &Server) {
        (self.server().admin(), self.server())
    }

    /// Runs a verb of the command line that must work; answers what it printed.
    pub(super) fn ok(&self, arguments: &[&str]) -> String {
        self.place.ok(arguments, "")
    }

    pub(super) fn kill_9(&mut self) {
        self.server.take().expect("it runs").child.kill();
    }

    /// SIGTERM, and a good end within ten seconds.
    pub(super) fn terminate(&mut self) {
        let mut server = self.server.take().expect("it runs");
        let status = server.child.terminate(Duration::from_secs(10));
        assert_eq!(status.code(), Some(0), "{}", self.said());
    }

    /// SIGSTOP: connections stay open and silent.
    pub(super) fn pause(&self) {
        self.server().child.signal("STOP");
    }

    pub(super) fn resume(&self) {
        self.server().child.signal("CONT");
    }

    /// Starts it again, on other ports.
    pub(super) fn start_again(&mut self) {
        self.server = Some(self.place.serve());
    }

    /// What it has written so far, in all its lives.
    pub(super) fn said(&self) -> String {
        self.place.read("stderr")
    }
}
