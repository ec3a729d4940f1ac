//! Secrets typed at a real terminal.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};

use super::place::{ADMIN_PASSWORD, Guard, Place, until};

const SOON: Duration = Duration::from_secs(10);

/// A terminal with somebody at the keys.
struct Terminal {
    keys: File,
    /// The end that a program has.
    line: File,
    /// All that was ever on the screen.
    screen: Arc<Mutex<Vec<u8>>>,
}

impl Terminal {
    fn new() -> Self {
        let keys: OwnedFd = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&keys).unwrap();
        unlockpt(&keys).unwrap();
        let name = ptsname(&keys, Vec::new()).unwrap().into_string().unwrap();
        let line = OpenOptions::new().read(true).write(true).open(name).unwrap();
        let keys = File::from(keys);
        let (mut shown, screen) = (keys.try_clone().unwrap(), Arc::new(Mutex::new(Vec::new())));
        let kept = Arc::clone(&screen);
        std::thread::spawn(move || {
            let mut octets = [0; 1024];
            while let Ok(read @ 1..) = shown.read(&mut octets) {
                kept.lock().unwrap().extend_from_slice(&octets[..read]);
            }
        });
        Self { keys, line, screen }
    }

    /// Starts a command here, as a shell would: the terminal is its own, so keys can interrupt it.
    fn run(&self, command: &Command) -> Guard {
        let mut inside = Command::new("setsid");
        inside.args(["--ctty", "--wait"]).arg(command.get_program()).args(command.get_args()).env_clear();
        inside.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        inside.env("PATH", "/usr/bin:/bin");
        let end = || self.line.try_clone().unwrap();
        Guard(inside.stdin(end()).stdout(end()).stderr(end()).spawn().unwrap())
    }

    fn screen(&self) -> String {
        String::from_utf8(self.screen.lock().unwrap().clone()).unwrap()
    }

    fn wait_for(&self, text: &str) {
        until(text, SOON, || self.screen().contains(text).then_some(()));
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// How the terminal treats its keys.
    fn modes(&self) -> LocalModes {
        tcgetattr(&self.line).unwrap().local_modes
    }
}

#[test]
fn a_secret_is_not_shown_while_it_is_typed_and_the_terminal_is_as_before() {
    let (place, mut terminal) = (Place::ready(), Terminal::new());
    let before = terminal.modes();
    assert!(before.contains(LocalModes::ECHO));
    let mut child = terminal.run(&place.command(&["admin", "add", "typist", "--password-stdin"]));
    terminal.wait_for("Password: ");
    terminal.press("a typed pässwörd\u{7f}d\r");
    assert!(child.wait(SOON).success(), "{}", terminal.screen());
    terminal.wait_for("administrator typist added");
    assert!(!terminal.screen().contains("typed"), "{}", terminal.screen());
    assert_eq!(terminal.modes(), before);
    let server = place.serve();
    let fields = [("username", "typist"), ("password", "a typed pässwörd")];
    server.client().done("/auth", &fields);
}

#[test]
fn whoever_breaks_off_has_a_terminal_that_shows_what_is_typed() {
    let (place, mut terminal) = (Place::ready(), Terminal::new());
    let before = terminal.modes();
    for keys in ["half a secret\u{3}", "half a secret\u{1c}", "\u{4}", "a suspended secret\u{1a}\r"] {
        let shown = terminal.screen().matches("Password: ").count();
        let mut child = terminal.run(&place.command(&["admin", "add", "typist", "--password-stdin"]));
        until("the question", SOON, || (terminal.screen().matches("Password: ").count() > shown).then_some(()));
        terminal.press(keys);
        assert!(!child.wait(SOON).success(), "{keys:?}");
        assert_eq!(terminal.modes(), before, "{keys:?}");
    }
    assert!(!terminal.screen().contains("secret"), "{}", terminal.screen());
    let server = place.serve();
    let refused = server.client().post("/auth", &[("username", "typist"), ("password", ADMIN_PASSWORD)]);
    assert_eq!(refused.status, 401);
}
