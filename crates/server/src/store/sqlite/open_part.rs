//! One open challenge row and its mail: read, written, queued, charged. Shared by opening a
//! challenge, continuing it and mailing it again.

use domain::address::MailAddress;
use domain::budget::{DAILY_MAIL_BUDGET, MAIL_BUDGET, PIN_BUDGET};
use domain::challenge::{Challenge, ChallengeId, ChallengeKey, Purpose, State, Subject};
use domain::code::{CodeLength, Nonce};
use domain::enrollment::Serial;
use domain::time::Timestamp;
use rusqlite::Connection;

use super::super::command::MailJob;
use super::super::sql::Row;
use super::StoreError;
use super::writer::Writer;

/// One open row, as far as continuing it and mailing it again need it.
pub(super) struct OpenPart {
    pub(super) challenge: Challenge,
    pub(super) part: u8,
    pub(super) serial: Serial,
    pub(super) subject: Subject,
    pub(super) purpose: Purpose,
    pub(super) group: String,
    pub(super) code_length: CodeLength,
    pub(super) nonce: Nonce,
}

impl OpenPart {
    /// The same part with one more mail counted.
    pub(super) fn again(mut self) -> Self {
        self.challenge.sends += 1;
        self
    }
}

pub(super) struct Recipient {
    pub(super) address: Option<MailAddress>,
    pub(super) relay: String,
    pub(super) provider_id: i64,
}

pub(super) fn insert(writer: &Writer, row: &OpenPart, mac: &[u8; 32]) -> Result<(), StoreError> {
    let challenge = &row.challenge;
    let mut statement = writer.connection.prepare_cached(INSERT_CHALLENGE)?;
    statement.execute(rusqlite::params![
        challenge.id.as_str(),
        row.part,
        row.subject.as_bytes(),
        row.purpose.as_str(),
        row.group,
        row.serial.as_str(),
        challenge.is_real,
        challenge.issued_at.millis(),
        challenge.expires_at.millis(),
        writer.epoch,
        i64::try_from(row.code_length.digits()).unwrap_or_default(),
        row.nonce,
        mac,
    ])?;
    Ok(())
}

/// Writes the outbox row, leased to this node; for a decoy a row that nobody will ever send.
pub(super) fn enqueue(
    connection: &Connection,
    row: &OpenPart,
    to: Recipient,
    lease: Timestamp,
) -> Result<Option<MailJob>, StoreError> {
    let challenge = &row.challenge;
    let address = to.address.as_ref().map_or("", MailAddress::as_str);
    let mut statement = connection.prepare_cached(INSERT_OUTBOX)?;
    statement.execute(rusqlite::params![
        challenge.id.as_str(),
        row.part,
        challenge.sends,
        address,
        to.relay,
        to.provider_id,
        lease.millis(),
        challenge.expires_at.millis(),
    ])?;
    Ok(to.address.map(|address| MailJob {
        key: ChallengeKey { id: challenge.id.clone(), part: row.part },
        send: challenge.sends.into(),
        address,
        relay: to.relay,
        provider_id: to.provider_id,
        subject: row.subject,
        purpose: row.purpose,
        group: row.group.clone(),
        code_length: row.code_length,
        nonce: row.nonce,
        issued_at: challenge.issued_at,
        expires_at: challenge.expires_at,
        attempts: 0,
    }))
}

/// Charges one mail to the account and, in the same row, gives the PIN's charge back.
pub(super) fn charge_mail(
    connection: &Connection,
    subject: Subject,
    now: Timestamp,
    refund_pin: bool,
) -> Result<bool, StoreError> {
    let refund = if refund_pin { PIN_BUDGET.step_millis() } else { 0 };
    let mut statement = connection.prepare_cached(CHARGE_MAIL)?;
    let touched = statement.execute(rusqlite::params![
        subject.as_bytes(),
        now.millis(),
        MAIL_BUDGET.step_millis(),
        MAIL_BUDGET.horizon(now).millis(),
        DAILY_MAIL_BUDGET.step_millis(),
        DAILY_MAIL_BUDGET.horizon(now).millis(),
        refund,
    ])?;
    if touched == 0 && refund_pin {
        super::pins::refund(connection, subject, PIN_BUDGET)?;
    }
    Ok(touched > 0)
}

pub(super) fn read_open(row: &mut Row) -> Result<OpenPart, StoreError> {
    let id = row.take_as(|id: String| ChallengeId::parse(&id))?;
    let part = row.take_as(|part: i64| u8::try_from(part).ok())?;
    Ok(OpenPart {
        part,
        serial: row.take_as(|serial: String| Serial::parse(&serial))?,
        subject: Subject::new(row.take()?),
        purpose: row.take_as(|name: String| purpose(&name))?,
        group: row.take()?,
        code_length: row.take_as(|digits| CodeLength::from_digits(digits).ok())?,
        nonce: row.take()?,
        challenge: Challenge {
            id,
            state: State::Open,
            is_real: row.take()?,
            tries: row.take_as(|tries: i64| u8::try_from(tries).ok())?,
            sends: row.take_as(|sends: i64| u8::try_from(sends).ok())?,
            issued_at: Timestamp::from_millis(row.take()?),
            expires_at: Timestamp::from_millis(row.take()?),
            last_sent_at: Timestamp::from_millis(row.take()?),
        },
    })
}

pub(super) fn purpose(name: &str) -> Option<Purpose> {
    [Purpose::Enroll, Purpose::SignIn].into_iter().find(|purpose| purpose.as_str() == name)
}

pub(super) const COUNT_SEND: &str =
    "UPDATE challenge SET sends = sends + 1, last_sent_at = ?2 WHERE id = ?1 AND state = 'open'";

const INSERT_CHALLENGE: &str = "INSERT INTO challenge (id, part, subject, purpose, client_group, serial, state, \
    is_real, tries, sends, issued_at, expires_at, last_sent_at, epoch, code_length, nonce, code_mac) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'open', ?7, 0, 1, ?8, ?9, ?8, ?10, ?11, ?12, ?13)";

const INSERT_OUTBOX: &str = "INSERT INTO outbox (id, part, send, address, relay, provider_id, attempts, lease_until, \
    expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, ?8)";

const CHARGE_MAIL: &str = "INSERT INTO budget (subject, guess_at, pin_at, mail_at, mail_day_at) \
    VALUES (?1, 0, 0, ?2 + ?3, ?2 + ?5) ON CONFLICT (subject) DO UPDATE SET \
    mail_at = CASE WHEN budget.mail_at > ?2 THEN budget.mail_at ELSE ?2 END + ?3, \
    mail_day_at = CASE WHEN budget.mail_day_at > ?2 THEN budget.mail_day_at ELSE ?2 END + ?5, \
    pin_at = budget.pin_at - ?7 \
    WHERE CASE WHEN budget.mail_at > ?2 THEN budget.mail_at ELSE ?2 END + ?3 <= ?4 \
    AND CASE WHEN budget.mail_day_at > ?2 THEN budget.mail_day_at ELSE ?2 END + ?5 <= ?6";
