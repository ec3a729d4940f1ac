//! What a batch writes: rows collected command by command, those of a usual sign-in in one statement and the others
//! in one for each kind, all on their way before the first is answered.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::address::MailAddress;
use domain::challenge::ChallengeId;
use domain::enrollment::Serial;
use domain::time::Timestamp;
use futures_util::future::{BoxFuture, try_join_all};

use super::fault::Fault;
use super::first_steps;
use super::ledgers::Ledgers;
use super::session::Session;
use super::statements as sql;
use super::values::{Column, column, refer};
use crate::store::command::{Begin, Event, MailDone, MailOutcome, Resend};
use crate::store::first_step::FirstStep;
use crate::store::open_part::{OpenPart, Recipient};
use crate::store::opening::{NewPart, Opening};
use crate::store::resending::Resending;

/// Rows to write, each kind once.
#[derive(Default)]
pub(super) struct Writes {
    /// Challenges whose open parts are closed: a new one takes their place, or one of the parts was accepted.
    pub(super) superseded: Vec<ChallengeId>,
    inserted: Vec<NewPart>,
    counted: Vec<(String, i64)>,
    queued: Vec<(OpenPart, Recipient, i64)>,
    first_steps: Vec<FirstStep>,
    failed: BTreeMap<String, Failures>,
    /// Enrollments whose failures are over.
    pub(super) cleared: BTreeSet<String>,
    removed: Vec<(String, i64, i64)>,
    put_off: Vec<(String, i64, i64, i64)>,
    /// Audit lines.
    pub(super) events: Vec<Event>,
}

struct Failures {
    more: i64,
    at: i64,
    forgotten_before: i64,
}

impl Writes {
    /// What opening a challenge, or staying with one, writes.
    pub(super) fn open(&mut self, command: &Begin, opening: Opening) {
        self.first_steps.extend(opening.noted);
        self.superseded.extend(opening.superseded);
        if opening.is_counted {
            self.counted.push((opening.id.as_str().to_owned(), command.now.millis()));
        }
        let lease = (command.now + command.lease).millis();
        self.inserted.extend(opening.inserted);
        self.queued.extend(opening.queued.into_iter().map(|(part, to)| (part, to, lease)));
        self.events.push(opening.event);
    }

    /// What mailing a challenge once more writes.
    pub(super) fn resend(&mut self, command: &Resend, resending: &Resending) {
        let lease = (command.now + command.lease).millis();
        self.counted.push((command.id.as_str().to_owned(), command.now.millis()));
        self.queued.extend(resending.queued.iter().map(|(part, to)| (part.clone(), to.clone(), lease)));
        self.events.push(resending.event.clone());
    }

    /// Adds a failure to each enrollment, forgetting those that are older than `clear_after`.
    pub(super) fn count_failures(&mut self, serials: &[Serial], clear_after: Duration, now: Timestamp) {
        let forgotten_before = if clear_after.is_zero() { i64::MIN } else { (now - clear_after).millis() };
        for serial in serials {
            let none = Failures { more: 0, at: now.millis(), forgotten_before };
            let failures = self.failed.entry(serial.as_str().to_owned()).or_insert(none);
            failures.more += 1;
            failures.at = failures.at.max(now.millis());
        }
    }

    /// What became of a mail.
    pub(super) fn mail_done(&mut self, done: &MailDone) {
        let (id, part) = (done.key.id.as_str().to_owned(), i64::from(done.key.part));
        match &done.outcome {
            MailOutcome::RetryAt(at) => self.put_off.push((id, part, done.send, at.millis())),
            MailOutcome::Sent => self.removed.push((id, part, done.send)),
            MailOutcome::Dropped(event) => {
                self.removed.push((id, part, done.send));
                self.events.push(Event::clone(event));
            }
        }
    }

    /// Writes everything, in one exchange: of one account, what is superseded is closed before its
    /// successor is there.
    pub(super) async fn write(&self, session: &Session, ledgers: &Ledgers) -> Result<(), Fault> {
        let writing: [BoxFuture<'_, Result<(), Fault>>; 6] = [
            Box::pin(self.supersede(session)),
            Box::pin(self.write_usual(session, ledgers)),
            Box::pin(self.count(session)),
            Box::pin(first_steps::write(session, &self.first_steps)),
            Box::pin(self.fail(session)),
            Box::pin(self.postpone(session)),
        ];
        try_join_all(writing).await.map(drop)
    }

    /// What a sign-in leaves behind as a rule.
    async fn write_usual(&self, session: &Session, ledgers: &Ledgers) -> Result<(), Fault> {
        let of_mails = self.queued.len() + self.removed.len();
        let rows = ledgers.changed() + self.inserted.len() + of_mails + self.cleared.len() + self.events.len();
        let mut columns = Vec::from(ledgers.columns());
        columns.extend(self.mails());
        columns.extend(self.sent_mails());
        columns.push(Box::new(self.cleared.iter().map(String::as_str).collect::<Vec<_>>()));
        columns.extend(self.lines());
        columns.extend(self.opened());
        columns.push(Box::new(session.epoch));
        run(session, rows, sql::WRITE, &columns).await
    }

    fn opened(&self) -> [Column<'_>; 14] {
        let rows = &self.inserted;
        [
            column(rows, |new| new.row.challenge.id.as_str()),
            column(rows, |new| i64::from(new.row.part)),
            column(rows, |new| new.row.subject.as_bytes().as_slice()),
            column(rows, |new| new.row.purpose.as_str()),
            column(rows, |new| new.row.group.as_str()),
            column(rows, |new| new.row.serial.as_str()),
            column(rows, |new| i64::from(new.row.challenge.is_real)),
            column(rows, |new| new.row.challenge.issued_at.millis()),
            column(rows, |new| new.row.challenge.expires_at.millis()),
            column(rows, |new| new.row.code_length.digits_i64()),
            column(rows, |new| new.row.nonce.as_slice()),
            column(rows, |new| new.mac.as_slice()),
            column(rows, |new| new.previous.as_ref().map_or("", ChallengeId::as_str)),
            column(rows, |new| new.parts),
        ]
    }

    fn mails(&self) -> [Column<'_>; 8] {
        let rows = &self.queued;
        [
            column(rows, |(row, ..)| row.challenge.id.as_str()),
            column(rows, |(row, ..)| i64::from(row.part)),
            column(rows, |(row, ..)| i64::from(row.challenge.sends)),
            column(rows, |(_, to, _)| to.address.as_ref().map_or("", MailAddress::as_str)),
            column(rows, |(_, to, _)| to.relay.as_str()),
            column(rows, |(_, to, _)| to.provider_id),
            column(rows, |(.., lease)| *lease),
            column(rows, |(row, ..)| row.challenge.expires_at.millis()),
        ]
    }

    fn sent_mails(&self) -> [Column<'_>; 3] {
        let rows = &self.removed;
        [column(rows, |row| row.0.as_str()), column(rows, |row| row.1), column(rows, |row| row.2)]
    }

    fn lines(&self) -> [Column<'_>; 14] {
        let rows = &self.events;
        [
            column(rows, |event| event.id.as_slice()),
            column(rows, |event| event.at.millis()),
            column(rows, |event| event.action.as_str()),
            column(rows, |event| event.outcome),
            column(rows, |event| event.reason.as_str()),
            column(rows, |event| event.user_name.as_str()),
            column(rows, |event| event.realm.as_str()),
            column(rows, |event| event.serials.as_str()),
            column(rows, |event| event.challenge.as_str()),
            column(rows, |event| event.actor.as_str()),
            column(rows, |event| event.client.as_str()),
            column(rows, |event| event.address.as_str()),
            column(rows, |event| event.request_id.as_str()),
            column(rows, |event| event.detail.as_str()),
        ]
    }

    async fn supersede(&self, session: &Session) -> Result<(), Fault> {
        let columns = [column(&self.superseded, ChallengeId::as_str)];
        run(session, self.superseded.len(), sql::SUPERSEDE, &columns).await
    }

    async fn count(&self, session: &Session) -> Result<(), Fault> {
        let rows = &self.counted;
        let columns = [column(rows, |row| row.0.as_str()), column(rows, |row| row.1)];
        run(session, rows.len(), sql::COUNT_SENDS, &columns).await
    }

    async fn fail(&self, session: &Session) -> Result<(), Fault> {
        let rows: Vec<_> = self.failed.iter().collect();
        let columns = [
            column(&rows, |row| row.0.as_str()),
            column(&rows, |row| row.1.more),
            column(&rows, |row| row.1.at),
            column(&rows, |row| row.1.forgotten_before),
        ];
        run(session, rows.len(), sql::COUNT_FAILURES, &columns).await
    }

    async fn postpone(&self, session: &Session) -> Result<(), Fault> {
        let rows = &self.put_off;
        let columns = [
            column(rows, |row| row.0.as_str()),
            column(rows, |row| row.1),
            column(rows, |row| row.2),
            column(rows, |row| row.3),
        ];
        run(session, rows.len(), sql::PUT_OFF_MAILS, &columns).await
    }
}

async fn run(session: &Session, rows: usize, sql: &'static str, columns: &[Column<'_>]) -> Result<(), Fault> {
    if rows > 0 {
        session.query(sql, &refer(columns)).await?;
    }
    Ok(())
}
