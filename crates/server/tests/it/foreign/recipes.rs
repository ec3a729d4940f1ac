//! The recipes of `docs/integrate`, followed to the letter with the software they are for: what a test
//! configures is what the page prints, with the example's addresses and secrets exchanged.

mod freeradius;
mod openvpn;
mod pam_radius;
mod radsecproxy;
mod strongswan;

use std::io::Read;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use otpost::demo::sink::Sink;

use crate::process::peers::{Peers, mail_to};
use crate::process::place::{Guard, Place, Server, free, until};

/// Otpost as a recipe has it configured, with alice enrolled.
struct Rig {
    pub(super) place: Place,
    pub(super) server: Server,
    /// Where RADIUS listens.
    pub(super) radius: SocketAddr,
    sink: Sink,
    _peers: Peers,
}

/// A page of `docs/integrate`.
pub(crate) struct Page(String);

/// What a program has printed so far.
#[derive(Clone, Default)]
struct Printed(Arc<Mutex<Vec<u8>>>);

impl Rig {
    /// Follows the block of the page that configures Otpost for UDP.
    fn start(page: &Page, example: &str) -> Self {
        Self::start_with(|folder, radius| {
            let secret = folder.join("radius.secret");
            std::fs::write(&secret, SECRET).unwrap();
            let text = page.block("[radius]").replace("192.0.2.1:1812", &radius.to_string());
            with_file("secret_file", &text, &secret).replace(example, "127.0.0.1")
        })
    }

    /// With these lines of configuration, for a folder and an address.
    fn start_with(lines: impl FnOnce(&Path, SocketAddr) -> String) -> Self {
        let (radius, mut place) = (free(), Place::ready());
        place.extra = lines(place.folder.path(), radius);
        place.ok(&["user", "add", "alice", "--email", ALICE], "");
        place.ok(&["user", "enroll", "alice", "--pin-stdin"], PASSWORD);
        let (server, peers) = (place.serve(), Peers::new());
        let sink = peers.sink(100);
        server.relay(&server.admin(), "main", sink.addr());
        Self { place, server, radius, sink, _peers: peers }
    }

    /// A file in the folder of this installation.
    fn file(&self, name: &str) -> PathBuf {
        self.place.folder.path().join(name)
    }

    fn mails(&self) -> usize {
        self.sink.mails().len()
    }

    /// The code in the newest mail, once there are so many.
    fn code(&self, mails: usize) -> String {
        until("the mail", PATIENCE, || (self.mails() >= mails).then_some(()));
        crate::app::code_in(&mail_to(&self.sink, ALICE))
    }
}

impl Page {
    pub(crate) fn read(name: &str) -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/integrate").join(name);
        Self(std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display())))
    }

    /// The fenced block that begins with these words.
    pub(crate) fn block(&self, words: &str) -> String {
        let blocks = self.0.split("```").skip(1).step_by(2);
        let mut texts = blocks.filter_map(|block| block.split_once('\n').map(|(_, text)| text));
        texts.find(|text| text.starts_with(words)).unwrap_or_else(|| panic!("no block begins with {words}")).to_owned()
    }
}

impl Printed {
    /// Reads on until the end, in a thread of its own.
    fn follow(&self, mut source: impl Read + Send + 'static) {
        let all = Arc::clone(&self.0);
        std::thread::spawn(move || {
            let mut some = [0; 4096];
            while let Ok(length @ 1..) = source.read(&mut some) {
                all.lock().unwrap().extend_from_slice(&some[..length]);
            }
        });
    }

    fn text(&self) -> String {
        readable(&self.0.lock().unwrap())
    }

    /// Waits for these words.
    fn until(&self, words: &str) {
        let started = tokio::time::Instant::now();
        while !self.text().contains(words) {
            assert!(started.elapsed() < PATIENCE, "waited in vain for {words:?} in:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// What can be read of what a program printed.
fn readable(octets: &[u8]) -> String {
    octets.utf8_chunks().map(|chunk| chunk.valid()).collect()
}

/// Starts a program of a package; both its outputs are followed.
fn start(mut command: Command, package: &str) -> (Guard, Printed) {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn();
    let mut child: Child = child.unwrap_or_else(|error| panic!("{error}; install Debian's package {package}"));
    let printed = Printed::default();
    printed.follow(child.stdout.take().unwrap());
    printed.follow(child.stderr.take().unwrap());
    (Guard(child), printed)
}

/// Asks a server on this machine as old gear would, without a signature; patiently, what is in between is busy.
fn ask(server: SocketAddr, secret: &str, attributes: &[&str]) -> String {
    super::radclient::radclient(&server.to_string(), "auth", secret, attributes, "15")
}

/// A path of the page is here another one.
pub(crate) fn with_file(key: &str, text: &str, file: &Path) -> String {
    let line = |line: &str| match line.split_once(" = ") {
        Some((found, _)) if found == key => format!("{key} = \"{}\"\n", file.display()),
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

const ALICE: &str = "alice@example.org";
const PASSWORD: &str = "correct-horse-battery";
const SECRET: &str = "a-secret-of-this-test-alone";
/// Foreign programs start slowly on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
