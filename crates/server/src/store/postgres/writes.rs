//! What a batch writes besides its budgets: rows collected command by command, one statement per
//! table and kind, all on their way before the first is answered.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::address::MailAddress;
use domain::challenge::State;
use domain::code::CodeMac;
use domain::enrollment::Serial;
use domain::time::Timestamp;
use futures_util::future::{BoxFuture, try_join_all};
use tokio_postgres::types::ToSql;

use super::fault::Fault;
use super::first_steps;
use super::session::Session;
use super::statements as sql;
use crate::store::command::{Begin, Event, MailDone, MailOutcome, Resend};
use crate::store::first_step::FirstStep;
use crate::store::open_part::{OpenPart, Recipient};
use crate::store::opening::Opening;
use crate::store::resending::Resending;

/// Rows to write, each kind once.
#[derive(Default)]
pub(super) struct Writes {
    superseded: Vec<(Vec<u8>, String, &'static str)>,
    inserted: Vec<(OpenPart, CodeMac)>,
    counted: Vec<(String, i64)>,
    queued: Vec<(OpenPart, Recipient, i64)>,
    first_steps: Vec<FirstStep>,
    /// Challenges of several parts of which one was accepted.
    pub(super) siblings: Vec<String>,
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
    pub(super) fn open(&mut self, command: &Begin, opening: &Opening) {
        self.first_steps.extend(opening.noted.clone());
        if opening.supersedes {
            let subject = command.subject.as_bytes().to_vec();
            self.superseded.push((subject, command.group.clone(), command.purpose.as_str()));
        }
        if opening.is_counted {
            self.counted.push((opening.id.as_str().to_owned(), command.now.millis()));
        }
        let lease = (command.now + command.lease).millis();
        self.inserted.extend(opening.inserted.iter().cloned());
        self.queued.extend(opening.queued.iter().map(|(part, to)| (part.clone(), to.clone(), lease)));
        self.events.push(opening.event.clone());
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
    pub(super) async fn write(&self, session: &Session) -> Result<(), Fault> {
        let writing: [BoxFuture<'_, Result<(), Fault>>; 11] = [
            Box::pin(self.supersede(session)),
            Box::pin(self.insert(session)),
            Box::pin(self.count(session)),
            Box::pin(self.queue(session)),
            Box::pin(first_steps::write(session, &self.first_steps)),
            Box::pin(self.close_siblings(session)),
            Box::pin(self.fail(session)),
            Box::pin(self.clear(session)),
            Box::pin(self.remove(session)),
            Box::pin(self.postpone(session)),
            Box::pin(self.record(session)),
        ];
        try_join_all(writing).await.map(drop)
    }

    async fn supersede(&self, session: &Session) -> Result<(), Fault> {
        let rows = &self.superseded;
        let subjects: Vec<&[u8]> = rows.iter().map(|row| row.0.as_slice()).collect();
        let groups: Vec<&str> = rows.iter().map(|row| row.1.as_str()).collect();
        let purposes: Vec<&str> = rows.iter().map(|row| row.2).collect();
        run(session, rows.len(), sql::SUPERSEDE, &[&subjects, &groups, &purposes, &State::Open.as_str()]).await
    }

    async fn insert(&self, session: &Session) -> Result<(), Fault> {
        let rows = &self.inserted;
        let text = |of: fn(&OpenPart) -> &str| -> Vec<&str> { rows.iter().map(|(row, _)| of(row)).collect() };
        let number = |of: fn(&OpenPart) -> i64| -> Vec<i64> { rows.iter().map(|(row, _)| of(row)).collect() };
        let subjects: Vec<&[u8]> = rows.iter().map(|(row, _)| row.subject.as_bytes().as_slice()).collect();
        let nonces: Vec<&[u8]> = rows.iter().map(|(row, _)| row.nonce.as_slice()).collect();
        let macs: Vec<&[u8]> = rows.iter().map(|(_, mac)| mac.as_slice()).collect();
        let columns: [&(dyn ToSql + Sync); 13] = [
            &text(|row| row.challenge.id.as_str()),
            &number(|row| row.part.into()),
            &subjects,
            &text(|row| row.purpose.as_str()),
            &text(|row| &row.group),
            &text(|row| row.serial.as_str()),
            &number(|row| row.challenge.is_real.into()),
            &number(|row| row.challenge.issued_at.millis()),
            &number(|row| row.challenge.expires_at.millis()),
            &number(|row| row.code_length.digits_i64()),
            &nonces,
            &macs,
            &session.epoch,
        ];
        run(session, rows.len(), sql::INSERT_CHALLENGES, &columns).await
    }

    async fn count(&self, session: &Session) -> Result<(), Fault> {
        let (ids, at): (Vec<&str>, Vec<i64>) = self.counted.iter().map(|(id, at)| (id.as_str(), *at)).unzip();
        run(session, ids.len(), sql::COUNT_SENDS, &[&ids, &at, &State::Open.as_str()]).await
    }

    async fn queue(&self, session: &Session) -> Result<(), Fault> {
        let rows = &self.queued;
        let ids: Vec<&str> = rows.iter().map(|(row, ..)| row.challenge.id.as_str()).collect();
        let parts: Vec<i64> = rows.iter().map(|(row, ..)| row.part.into()).collect();
        let sends: Vec<i64> = rows.iter().map(|(row, ..)| row.challenge.sends.into()).collect();
        let address = |to: &Recipient| to.address.as_ref().map_or("", MailAddress::as_str).to_owned();
        let addresses: Vec<String> = rows.iter().map(|(_, to, _)| address(to)).collect();
        let relays: Vec<&str> = rows.iter().map(|(_, to, _)| to.relay.as_str()).collect();
        let providers: Vec<i64> = rows.iter().map(|(_, to, _)| to.provider_id).collect();
        let leases: Vec<i64> = rows.iter().map(|(.., lease)| *lease).collect();
        let expiries: Vec<i64> = rows.iter().map(|(row, ..)| row.challenge.expires_at.millis()).collect();
        let columns: [&(dyn ToSql + Sync); 8] =
            [&ids, &parts, &sends, &addresses, &relays, &providers, &leases, &expiries];
        run(session, rows.len(), sql::INSERT_OUTBOX, &columns).await
    }

    async fn close_siblings(&self, session: &Session) -> Result<(), Fault> {
        run(session, self.siblings.len(), sql::CLOSE_SIBLINGS, &[&self.siblings, &State::Open.as_str()]).await
    }

    async fn fail(&self, session: &Session) -> Result<(), Fault> {
        let serials: Vec<&str> = self.failed.keys().map(String::as_str).collect();
        let number = |of: fn(&Failures) -> i64| -> Vec<i64> { self.failed.values().map(of).collect() };
        let (more, at) = (number(|row| row.more), number(|row| row.at));
        let columns: [&(dyn ToSql + Sync); 4] = [&serials, &more, &at, &number(|row| row.forgotten_before)];
        run(session, serials.len(), sql::COUNT_FAILURES, &columns).await
    }

    async fn clear(&self, session: &Session) -> Result<(), Fault> {
        let serials: Vec<&str> = self.cleared.iter().map(String::as_str).collect();
        run(session, serials.len(), sql::CLEAR_FAILURES, &[&serials]).await
    }

    async fn remove(&self, session: &Session) -> Result<(), Fault> {
        let rows = &self.removed;
        let ids: Vec<&str> = rows.iter().map(|row| row.0.as_str()).collect();
        let parts: Vec<i64> = rows.iter().map(|row| row.1).collect();
        let sends: Vec<i64> = rows.iter().map(|row| row.2).collect();
        run(session, rows.len(), sql::REMOVE_MAILS, &[&ids, &parts, &sends]).await
    }

    async fn postpone(&self, session: &Session) -> Result<(), Fault> {
        let rows = &self.put_off;
        let ids: Vec<&str> = rows.iter().map(|row| row.0.as_str()).collect();
        let parts: Vec<i64> = rows.iter().map(|row| row.1).collect();
        let sends: Vec<i64> = rows.iter().map(|row| row.2).collect();
        let until: Vec<i64> = rows.iter().map(|row| row.3).collect();
        run(session, rows.len(), sql::PUT_OFF_MAILS, &[&ids, &parts, &sends, &until]).await
    }

    async fn record(&self, session: &Session) -> Result<(), Fault> {
        let rows = &self.events;
        let ids: Vec<&[u8]> = rows.iter().map(|event| event.id.as_slice()).collect();
        let at: Vec<i64> = rows.iter().map(|event| event.at.millis()).collect();
        let texts = |of: fn(&Event) -> &str| -> Vec<&str> { rows.iter().map(of).collect() };
        let columns = EVENT_TEXTS.map(texts);
        let mut params: Vec<&(dyn ToSql + Sync)> = vec![&ids, &at];
        params.extend(columns.iter().map(|column| column as &(dyn ToSql + Sync)));
        run(session, rows.len(), sql::INSERT_EVENTS, &params).await
    }
}

/// The text columns of an audit line, in order of the statement.
const EVENT_TEXTS: [fn(&Event) -> &str; 12] = [
    |event| &event.action,
    |event| event.outcome,
    |event| &event.reason,
    |event| &event.user_name,
    |event| &event.realm,
    |event| &event.serials,
    |event| &event.challenge,
    |event| &event.actor,
    |event| &event.client,
    |event| &event.address,
    |event| &event.request_id,
    |event| &event.detail,
];

async fn run(session: &Session, rows: usize, sql: &'static str, params: &[&(dyn ToSql + Sync)]) -> Result<(), Fault> {
    if rows > 0 {
        session.query(sql, params).await?;
    }
    Ok(())
}
