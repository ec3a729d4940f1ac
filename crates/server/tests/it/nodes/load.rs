//! Clients behind the balancer: they enroll, sign in with the code from the mail, guess wrong now and
//! then, hand a right code in twice, and write down what they are told.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use otpost::demo::sink::Sink;
use tokio::time::Instant;

use super::evidence::{Mail, address_of};
use super::history::{History, Op, Told};
use crate::process::http::Client;

/// What all clients share.
pub(super) struct Load<'a> {
    pub(super) client: Client,
    pub(super) admin: Client,
    pub(super) sink: &'a Sink,
    pub(super) history: &'a History,
    pub(super) stop: &'a AtomicBool,
}

impl Load<'_> {
    /// Signs in with one enrollment after the other until told to stop.
    pub(super) fn run(&self, caller: usize) {
        for turn in 0.. {
            if self.stop.load(Ordering::SeqCst) {
                return;
            }
            let serial = format!("C{caller}X{turn}");
            if self.enroll(&serial) == Told::Done {
                self.sign_in(&serial, turn);
            } else {
                thread::sleep(PAUSE);
            }
        }
    }

    fn enroll(&self, serial: &str) -> Told {
        let address = address_of(serial);
        let fields = [("type", "email"), ("serial", serial), ("email", address.as_str())];
        let op = Op::Enroll { serial: serial.to_owned() };
        self.history.record(op, || self.admin.try_post("/token/init", &fields))
    }

    /// The first step, a wrong guess in each third turn, the right code, and the same once more.
    fn sign_in(&self, serial: &str, turn: usize) {
        let op = Op::Begin { serial: serial.to_owned() };
        let begin = || self.client.try_post("/validate/check", &[("serial", serial), ("pass", "")]);
        let Told::Challenge(id) = self.history.record(op, begin) else {
            return thread::sleep(PAUSE);
        };
        let Some(code) = self.code(&id) else { return };
        if turn.is_multiple_of(3) {
            self.answer(serial, &id, if code == "111111" { "222222" } else { "111111" });
        }
        // Without an answer nobody knows, so a person tries again.
        for _ in 0..TRIES {
            let told = self.answer(serial, &id, &code);
            if matches!(told, Told::Accepted | Told::Refused) {
                break;
            }
            thread::sleep(PAUSE);
        }
        self.answer(serial, &id, &code);
    }

    fn answer(&self, serial: &str, challenge: &str, code: &str) -> Told {
        let fields = [("serial", serial), ("pass", code), ("transaction_id", challenge)];
        let op = Op::Answer { serial: serial.to_owned(), challenge: challenge.to_owned(), code: code.to_owned() };
        self.history.record(op, || self.client.try_post("/validate/check", &fields))
    }

    /// The code mailed for a challenge. A mail may have to wait until another node takes it over, so who
    /// has waited for a while goes on with somebody else.
    fn code(&self, challenge: &str) -> Option<String> {
        let start = Instant::now();
        while start.elapsed() < MAIL && !self.stop.load(Ordering::SeqCst) {
            let mails = self.sink.mails();
            if let Some(mail) = mails.iter().map(Mail::of).find(|mail| mail.challenge == challenge) {
                return Some(mail.code);
            }
            thread::sleep(Duration::from_millis(5));
        }
        None
    }
}

const PAUSE: Duration = Duration::from_millis(100);
const TRIES: usize = 20;
const MAIL: Duration = Duration::from_secs(2);
