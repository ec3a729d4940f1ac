//! A small real SMTP server that keeps the mails it gets instead of passing them on: the mailbox of
//! the demo, and the relay of tests. Owns the listener and the kept mails. Bounded everywhere,
//! because even a demo may be found by strangers; never a part of a real installation.

mod session;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use mail_parser::{MessageParser, MimeHeaders};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// A running server. Dropping it ends the listener and all its connections.
pub struct Sink {
    address: SocketAddr,
    mailbox: Arc<Mailbox>,
    _listener: JoinSet<()>,
}

/// One mail to one recipient, taken apart.
#[derive(Debug, Clone, Serialize)]
pub struct ReceivedMail {
    /// Envelope recipient.
    pub to: String,
    /// Envelope sender; empty for the null sender.
    pub from: String,
    /// Decoded subject.
    pub subject: String,
    /// Decoded text part, lines ended by LF.
    pub text: String,
    /// Decoded HTML part, lines ended by LF; empty if there is none.
    pub html: String,
    /// All headers by name, unfolded; the values of a repeated one joined with a comma.
    pub headers: BTreeMap<String, String>,
    /// When the last byte came, RFC 3339.
    pub received_at: String,
    /// The message as it came, dots unescaped.
    #[serde(skip)]
    pub raw: Vec<u8>,
}

/// The mails kept, newest first.
pub(crate) struct Mailbox {
    keep: usize,
    mails: Mutex<VecDeque<ReceivedMail>>,
}

impl Sink {
    /// Listens at `listen` (port 0 for any) and keeps the last `keep` mails.
    pub async fn start(listen: SocketAddr, keep: usize) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        let mailbox = Arc::new(Mailbox { keep, mails: Mutex::default() });
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, mailbox.clone()));
        Ok(Self { address, mailbox, _listener: tasks })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// The mails kept, newest first.
    pub fn mails(&self) -> Vec<ReceivedMail> {
        let mails = self.mailbox.mails.lock().unwrap_or_else(PoisonError::into_inner);
        mails.iter().cloned().collect()
    }
}

impl Mailbox {
    /// Keeps one mail per recipient.
    fn put(&self, from: &str, recipients: &[String], raw: &[u8]) {
        let mut mails = self.mails.lock().unwrap_or_else(PoisonError::into_inner);
        for to in recipients {
            mails.push_front(take_apart(from, to, raw));
        }
        mails.truncate(self.keep);
    }
}

/// Accepts until dropped. One connection too many is closed at once.
async fn accept(listener: TcpListener, mailbox: Arc<Mailbox>) {
    let mut sessions = JoinSet::new();
    loop {
        let accepted = listener.accept().await;
        while sessions.try_join_next().is_some() {}
        match accepted {
            Ok((stream, _)) if sessions.len() < CONNECTIONS => {
                let mailbox = mailbox.clone();
                sessions.spawn(async move {
                    // A peer that hangs up in the middle is its own affair.
                    drop(session::serve(stream, &mailbox).await);
                });
            }
            Ok((stream, _)) => drop(stream),
            // Out of descriptors, mostly: give others time to close theirs.
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    }
}

fn take_apart(from: &str, to: &str, raw: &[u8]) -> ReceivedMail {
    let parsed = MessageParser::default().parse(raw);
    let message = parsed.as_ref();
    let body = |part: Option<Cow<'_, str>>| part.map(|text| text.replace("\r\n", "\n")).unwrap_or_default();
    ReceivedMail {
        to: to.to_owned(),
        from: from.to_owned(),
        subject: message.and_then(|m| m.subject()).unwrap_or_default().to_owned(),
        text: body(message.and_then(|m| m.body_text(0))),
        html: body(message.filter(|m| has_html(m)).and_then(|m| m.body_html(0))),
        headers: message.map(headers).unwrap_or_default(),
        received_at: Timestamp::now().to_string(),
        raw: raw.to_vec(),
    }
}

/// Whether there is an HTML part: the parser would make one from the text.
fn has_html(message: &mail_parser::Message<'_>) -> bool {
    message.parts.iter().any(|part| part.is_content_type("text", "html"))
}

fn headers(message: &mail_parser::Message<'_>) -> BTreeMap<String, String> {
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in message.headers_raw() {
        let unfolded = value.split("\r\n").map(str::trim).collect::<Vec<_>>().join(" ");
        let all = headers.entry(name.to_owned()).or_default();
        if !all.is_empty() {
            all.push_str(", ");
        }
        all.push_str(unfolded.trim());
    }
    headers
}

/// The most connections at once.
const CONNECTIONS: usize = 100;
