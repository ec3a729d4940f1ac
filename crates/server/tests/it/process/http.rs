//! A small HTTP client over plain sockets: one connection per request, and it tells an answer that was
//! cut short from one that never began.

use std::fmt::Write as _;
use std::io::{Error, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

/// Somebody who talks to one server.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) to: SocketAddr,
    /// Sent as `Authorization`, where set.
    pub(crate) token: Option<String>,
    /// Sent as `X-API-Key`, where set.
    pub(crate) api_key: Option<String>,
    /// Further lines of the head.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// Every answer of this client and its clones, as it came.
    pub(crate) heard: Arc<Mutex<Vec<u8>>>,
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
    pub(crate) took: Duration,
}

impl Client {
    pub(crate) fn new(to: SocketAddr) -> Self {
        Self { to, token: None, api_key: None, headers: Vec::new(), heard: Arc::default() }
    }

    /// The same with one more line in the head.
    pub(crate) fn with(&self, name: &'static str, value: impl Into<String>) -> Self {
        let mut client = self.clone();
        client.headers.push((name, value.into()));
        client
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, FORM, "").expect("an answer")
    }

    pub(crate) fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.try_post(path, fields).expect("an answer")
    }

    /// A form; `UnexpectedEof` when the answer was cut short, any other error when none began.
    pub(crate) fn try_post(&self, path: &str, fields: &[(&str, &str)]) -> std::io::Result<Answer> {
        self.send("POST", path, FORM, &form(fields))
    }

    /// `POST`, and the call must have worked.
    pub(crate) fn done(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.post(path, fields);
        assert!(answer.status == 200 && answer.json()["result"]["status"] == true, "{path}: {}", answer.body);
        answer
    }

    /// `POST /validate/check`.
    pub(crate) fn check(&self, fields: &[(&str, &str)]) -> Answer {
        self.post("/validate/check", fields)
    }

    /// The first step of somebody; the id of the challenge.
    pub(crate) fn begin(&self, fields: &[(&str, &str)]) -> String {
        let answer = self.check(fields);
        answer.transaction().unwrap_or_else(|| panic!("no challenge: {}", answer.body))
    }

    pub(crate) fn send(&self, method: &str, path: &str, kind: &str, body: &str) -> std::io::Result<Answer> {
        let started = Instant::now();
        let mut stream = self.connect()?;
        stream.write_all(self.request(method, path, kind, body).as_bytes())?;
        self.receive(stream, started)
    }

    pub(crate) fn connect(&self) -> std::io::Result<TcpStream> {
        let stream = TcpStream::connect_timeout(&self.to, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(stream)
    }

    /// The octets of a request.
    pub(crate) fn request(&self, method: &str, path: &str, kind: &str, body: &str) -> String {
        let mut text = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: curl/8.0\r\n");
        text.push_str("Connection: close\r\n");
        for (name, value) in &self.headers {
            write!(text, "{name}: {value}\r\n").unwrap();
        }
        for (name, value) in [("Authorization", &self.token), ("X-API-Key", &self.api_key)] {
            if let Some(value) = value {
                write!(text, "{name}: {value}\r\n").unwrap();
            }
        }
        write!(text, "Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        text
    }

    /// Reads one whole answer.
    pub(crate) fn receive(&self, mut stream: TcpStream, started: Instant) -> std::io::Result<Answer> {
        let mut octets = Vec::new();
        let ended = stream.read_to_end(&mut octets);
        if octets.is_empty() {
            return Err(ended.err().unwrap_or_else(|| Error::from(ErrorKind::ConnectionAborted)));
        }
        self.heard.lock().unwrap().extend_from_slice(&octets);
        let cut = || Error::new(ErrorKind::UnexpectedEof, "the answer was cut short");
        let text = String::from_utf8(octets).map_err(|_| cut())?;
        let (head, body) = text.split_once("\r\n\r\n").ok_or_else(cut)?;
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
        });
        if length.is_none_or(|length| length != body.len()) {
            return Err(cut());
        }
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(cut)?;
        Ok(Answer { status, head: head.to_owned(), body: body.to_owned(), took: started.elapsed() })
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }

    pub(crate) fn is_accepted(&self) -> bool {
        self.verdict() == "ACCEPT"
    }

    /// `ACCEPT`, `CHALLENGE`, `REJECT`, or nothing.
    pub(crate) fn verdict(&self) -> String {
        self.json()["result"]["authentication"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn transaction(&self) -> Option<String> {
        self.json()["detail"]["transaction_id"].as_str().map(str::to_owned)
    }
}

/// Fields as a browser would send them.
pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    let encode = |value: &str| value.bytes().fold(String::new(), |text, byte| format!("{text}%{byte:02X}"));
    fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect::<Vec<_>>().join("&")
}

pub(crate) const FORM: &str = "application/x-www-form-urlencoded";
/// Above the ten seconds in which the server promises to answer or end.
const PATIENCE: Duration = Duration::from_secs(12);
