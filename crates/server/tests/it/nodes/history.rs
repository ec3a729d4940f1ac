//! What clients asked and what they were told, in the order of their asking.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use crate::process::http::Answer;

/// Written by all clients at once.
pub(super) struct History {
    start: Instant,
    records: Mutex<Vec<Record>>,
}

/// One request and its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) op: Op,
    /// Since the start.
    pub(super) call: Duration,
    pub(super) back: Duration,
    pub(super) told: Told,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Op {
    /// The first step of an enrollment.
    Begin { serial: String },
    /// A code for a challenge.
    Answer { serial: String, challenge: String, code: String },
    /// A write of an administrator.
    Enroll { serial: String },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    Accepted,
    /// There is no answer: it may have happened or not.
    Ambiguous,
    Challenge(String),
    /// The write is done.
    Done,
    Refused,
    /// "Not now": promised to have changed nothing, and held to be ambiguous all the same.
    Unavailable,
}

impl History {
    pub(super) fn new() -> Self {
        Self { start: Instant::now(), records: Mutex::default() }
    }

    /// Asks, and writes down what comes of it.
    pub(super) fn record(&self, op: Op, ask: impl FnOnce() -> std::io::Result<Answer>) -> Told {
        let call = self.start.elapsed();
        let told = ask().map_or(Told::Ambiguous, |answer| Told::of(&answer));
        let record = Record { op, call, back: self.start.elapsed(), told: told.clone() };
        self.records.lock().unwrap().push(record);
        told
    }

    pub(super) fn records(&self) -> Vec<Record> {
        self.records.lock().unwrap().clone()
    }
}

impl Told {
    fn of(answer: &Answer) -> Self {
        if answer.status >= 500 {
            return Self::Unavailable;
        }
        match (answer.verdict().as_str(), answer.transaction()) {
            ("ACCEPT", _) => Self::Accepted,
            ("CHALLENGE", Some(id)) => Self::Challenge(id),
            ("REJECT", _) => Self::Refused,
            _ if answer.json()["result"]["status"] == true => Self::Done,
            _ => Self::Refused,
        }
    }
}

#[test]
fn what_was_told_is_read_from_the_answer() {
    let answer =
        |status, body: &str| Answer { status, head: String::new(), body: body.to_owned(), took: Duration::ZERO };
    let told = |status, body| Told::of(&answer(status, body));
    assert_eq!(told(200, r#"{"result": {"authentication": "ACCEPT"}}"#), Told::Accepted);
    let challenge = r#"{"result": {"authentication": "CHALLENGE"}, "detail": {"transaction_id": "7"}}"#;
    assert_eq!(told(200, challenge), Told::Challenge("7".to_owned()));
    assert_eq!(told(200, r#"{"result": {"authentication": "REJECT"}}"#), Told::Refused);
    assert_eq!(told(200, r#"{"result": {"status": true}}"#), Told::Done);
    assert_eq!(told(503, "{}"), Told::Unavailable);
    let history = History::new();
    let op = || Op::Enroll { serial: "A".to_owned() };
    history.record(op(), || Err(std::io::ErrorKind::ConnectionReset.into()));
    assert_eq!(history.records()[0].told, Told::Ambiguous);
}
