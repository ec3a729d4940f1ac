//! What is left when the storm is over: mails, audit lines, and the enrollments that can be read.

use std::collections::BTreeSet;
use std::time::Duration;

use otpost::demo::sink::ReceivedMail;

use super::history::Record;

/// Everything the checker looks at.
#[derive(Debug, Clone, Default)]
pub(super) struct Evidence {
    pub(super) records: Vec<Record>,
    pub(super) mails: Vec<Mail>,
    /// In the order of their commits.
    pub(super) audit: Vec<Line>,
    /// Serials that could be read at the end.
    pub(super) there: BTreeSet<String>,
    /// The serials of requests that went to two nodes: more may have been judged than answered.
    pub(super) doubled: Vec<String>,
    pub(super) rules: Rules,
}

/// What was promised, and what happened that explains a deviation.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    pub(super) lifetime: Duration,
    /// Wrong guesses per account that may be compared in the time of a run.
    pub(super) guesses: usize,
    /// Nodes were killed or paused: a mail may have been handed over twice.
    pub(super) had_faults: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self { lifetime: Duration::from_secs(120), guesses: 8, had_faults: false }
    }
}

/// A mail that the relay took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mail {
    pub(super) to: String,
    pub(super) challenge: String,
    pub(super) message_id: String,
    pub(super) code: String,
}

/// An audit line about a sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) challenge: String,
    pub(super) serial: String,
    pub(super) outcome: String,
    pub(super) reason: String,
}

impl Mail {
    /// The name of a mail begins with that of its challenge.
    pub(super) fn of(mail: &ReceivedMail) -> Self {
        let message_id = mail.headers.get("Message-ID").expect("a Message-ID").trim_matches(['<', '>']).to_owned();
        let challenge = message_id.split('.').next().unwrap_or_default().to_owned();
        Self { to: mail.to.clone(), challenge, message_id, code: crate::app::code_in(mail) }
    }
}

/// Where the mails of an enrollment go.
pub(super) fn address_of(serial: &str) -> String {
    format!("{serial}@example.org").to_lowercase()
}

/// The serial that a form of our client names.
pub(super) fn serial_in(request: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(request).ok()?;
    let (_, body) = text.split_once("\r\n\r\n")?;
    let octets = body.split('&').find_map(|field| field.strip_prefix("serial=%"))?.split('%');
    octets.map(|octet| Some(char::from(u8::from_str_radix(octet, 16).ok()?))).collect()
}

#[test]
fn the_serial_of_a_form_is_read_back() {
    let body = crate::process::http::form(&[("type", "email"), ("serial", "C1X20"), ("pass", "")]);
    assert_eq!(serial_in(format!("POST / HTTP/1.1\r\n\r\n{body}").as_bytes()).as_deref(), Some("C1X20"));
}

impl Line {
    /// A row of [`SELECT_LINES`].
    pub(super) fn of(row: &[String]) -> Self {
        let [challenge, serial, outcome, reason] = row else { panic!("four columns, not {row:?}") };
        Self { challenge: challenge.clone(), serial: serial.clone(), outcome: outcome.clone(), reason: reason.clone() }
    }
}

/// In the order of their commits: a node reads the clock before it has its turn. Needs `track_commit_timestamp`.
pub(super) const SELECT_LINES: &str = "SELECT challenge, serials, outcome, reason FROM audit WHERE action = 'POST /validate/check' \
     ORDER BY pg_xact_commit_timestamp(xmin), id";
pub(super) const SELECT_SERIALS: &str = "SELECT serial FROM enrollment";
