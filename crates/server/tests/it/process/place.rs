//! A folder with a configuration, and the binary started on it. Children end with their guards.

use std::fs::File;
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use private_home::port;
use tempfile::TempDir;
use tokio::time::Instant;

use super::http::Client;

/// Everything one installation has on disk.
pub(crate) struct Place {
    pub(crate) folder: TempDir,
    /// The address of the database.
    pub(crate) store: String,
    /// Further lines of the configuration.
    pub(crate) extra: String,
}

/// A running `otpost serve`.
pub(crate) struct Server {
    pub(crate) child: Guard,
    pub(crate) http: SocketAddr,
    pub(crate) manage: SocketAddr,
}

/// What a command said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A child that does not outlive its test.
pub(crate) struct Guard(pub(crate) Child);

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Guard {
    /// Ends it without a word.
    pub(crate) fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// Sends SIGTERM and waits for the end.
    pub(crate) fn terminate(&mut self, patience: Duration) -> ExitStatus {
        self.signal("TERM");
        self.wait(patience)
    }

    pub(crate) fn signal(&self, name: &str) {
        let order = format!("kill -{name} {}", self.0.id());
        assert!(Command::new("sh").args(["-c", &order]).status().unwrap().success());
    }

    pub(crate) fn wait(&mut self, patience: Duration) -> ExitStatus {
        until("the end of the process", patience, || self.0.try_wait().unwrap())
    }
}

impl Place {
    /// A folder with a configuration and nothing else.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = format!("sqlite:{}", folder.path().join("data/otpost.db").display());
        let place = Self { folder, store, extra: String::new() };
        for name in ["data", "keys", "output"] {
            std::fs::create_dir(place.folder.path().join(name)).unwrap();
        }
        place.configure(free(), free());
        place
    }

    /// The same on another database.
    pub(crate) fn on(store: &str) -> Self {
        let mut place = Self::new();
        store.clone_into(&mut place.store);
        place.configure(free(), free());
        place
    }

    /// The same with key, database and administrator, made by the command line.
    pub(crate) fn ready() -> Self {
        Self::ready_with("")
    }

    pub(crate) fn ready_with(extra: &str) -> Self {
        let mut place = Self::new();
        extra.clone_into(&mut place.extra);
        place.configure(free(), free());
        place.ok(&["keys", "new"], "");
        place.ok(&["migrate"], "");
        place.ok(&["admin", "add", "admin", "--password-stdin"], ADMIN_PASSWORD);
        place
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.folder.path().join("otpost.toml")
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.path().join("data/otpost.db")
    }

    pub(crate) fn key_file(&self) -> PathBuf {
        self.folder.path().join("keys/otpost.key")
    }

    fn configure(&self, http: SocketAddr, manage: SocketAddr) {
        let (store, key, extra) = (&self.store, self.key_file(), &self.extra);
        let text = format!(
            "[http]\nlisten = \"{http}\"\n[manage]\nlisten = \"{manage}\"\n[store]\nurl = \"{store}\"\n\
             [keys]\nfile = \"{}\"\n{extra}\n",
            key.display()
        );
        std::fs::write(self.config(), text).unwrap();
    }

    /// The binary with this folder's configuration and nothing from our environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = bare(arguments);
        command.arg("--config").arg(self.config());
        command
    }

    /// Runs a verb to its end.
    pub(crate) fn cli(&self, arguments: &[&str], input: &str) -> Said {
        finish(self.command(arguments), input)
    }

    /// Runs a verb that must work, and answers what it printed.
    pub(crate) fn ok(&self, arguments: &[&str], input: &str) -> String {
        let said = self.cli(arguments, input);
        assert_eq!(said.code, 0, "{arguments:?}: {}", said.err);
        said.out
    }

    /// Starts the server on free ports, once they answer.
    pub(crate) fn serve(&self) -> Server {
        for _ in 0..5 {
            let (http, manage) = (free(), free());
            self.configure(http, manage);
            let mut command = self.command(&["serve"]);
            command.stdin(Stdio::null()).stdout(self.output("stdout")).stderr(self.output("stderr"));
            let mut child = Guard(command.spawn().unwrap());
            let ended = until("the server to listen", Duration::from_secs(20), || match child.0.try_wait().unwrap() {
                Some(status) => Some(Some(status)),
                None => (is_listening(http) && is_listening(manage)).then_some(None),
            });
            match ended {
                None => return Server { child, http, manage },
                // Somebody was faster at one of the ports.
                Some(status) if status.code() == Some(7) => {}
                Some(status) => panic!("the server ended with {status}: {}", self.read("stderr")),
            }
        }
        panic!("no port stayed free for long enough");
    }

    /// Output of all servers of this folder, one after the other.
    fn output(&self, name: &str) -> File {
        let path = self.folder.path().join("output").join(name);
        File::options().create(true).append(true).open(path).unwrap()
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join("output").join(name)).unwrap()
    }

    /// The audit rows with this reason, as the serials they name; read beside the running server.
    pub(crate) fn audited(&self, reason: &str) -> Vec<String> {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let connection = rusqlite::Connection::open_with_flags(self.database(), flags).unwrap();
        let mut statement = connection.prepare("SELECT serials FROM audit WHERE reason = ?1").unwrap();
        let rows = statement.query_map([reason], |row| row.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }
}

impl Server {
    pub(crate) fn client(&self) -> Client {
        Client::new(self.http)
    }

    /// A client with an administrator's token.
    pub(crate) fn admin(&self) -> Client {
        let fields = [("username", "admin"), ("password", ADMIN_PASSWORD)];
        let answer = self.client().done("/auth", &fields);
        let token = answer.json()["result"]["value"]["token"].as_str().expect("a token").to_owned();
        Client { token: Some(token), ..self.client() }
    }

    /// A relay in clear; the only one, unless there are others.
    pub(crate) fn relay(&self, admin: &Client, name: &str, at: SocketAddr) {
        assert_eq!(admin.to, self.http, "an administrator of this server");
        let fields = [
            ("server", at.ip().to_string()),
            ("port", at.port().to_string()),
            ("sender", "otpost@example.org".to_owned()),
            ("timeout", "5".to_owned()),
        ];
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        admin.done(&format!("/smtpserver/{name}"), &fields);
    }
}

/// The binary, with nothing from our environment.
pub(crate) fn bare(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_otpost"));
    command.env_clear().args(arguments);
    command
}

/// Runs a command to its end with this on standard input.
pub(crate) fn finish(mut command: Command, input: impl AsRef<[u8]>) -> Said {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Who does not read it has hung up; that is no failure of ours.
    drop(child.stdin.take().unwrap().write_all(input.as_ref()));
    let output = child.wait_with_output().unwrap();
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// An address on this machine that nobody uses, and nobody else is given.
pub(crate) fn free() -> SocketAddr {
    port::keep().unwrap()
}

pub(crate) fn is_listening(at: SocketAddr) -> bool {
    TcpStream::connect_timeout(&at, Duration::from_millis(200)).is_ok()
}

/// Asks again and again until there is an answer; gives up after a while.
pub(crate) fn until<T>(what: &str, patience: Duration, mut ask: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = ask() {
            return found;
        }
        assert!(started.elapsed() < patience, "waited {patience:?} in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// All files below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

pub(crate) const ADMIN_PASSWORD: &str = "admin-canary-Zk4TqP81";
