//! Opening a challenge, continuing one, mailing it again.

use domain::address::MailAddress;
use domain::budget::{DAILY_MAIL_BUDGET, MAIL_BUDGET, PIN_BUDGET};
use domain::challenge::{self, Challenge, ChallengeId, ChallengeKey, FirstStep, Purpose, State, Subject};
use domain::code::{CodeLength, Nonce};
use domain::enrollment::Serial;
use domain::time::Timestamp;
use domain::verdict::Refusal;
use rusqlite::Connection;

use super::super::command::{Begin, Begun, MailJob, Part, Resend, Resent};
use super::super::sql::{Row, values};
use super::writer::Writer;
use super::{StoreError, run};
use crate::store::audit;

/// Opens a challenge, unless the rule says to stay with the open one.
pub(super) fn begin(writer: &Writer, mut command: Begin) -> Result<Begun, StoreError> {
    let connection = &writer.connection;
    let open = if command.is_concurrent { Vec::new() } else { newest_open(writer, &command)? };
    let step = match open.first() {
        Some(first) if asks_the_same(&open, &command.parts) => first.challenge.on_first_step(command.now),
        Some(_) => FirstStep::Replace,
        None => FirstStep::Add,
    };
    if let FirstStep::Continue { mail_again } = step {
        return proceed(connection, command, &open, mail_again);
    }
    if !charge_mail(connection, command.subject, command.now, command.refund_pin)? {
        command.event.outcome = "refuse";
        Refusal::MailBudgetSpent.as_str().clone_into(&mut command.event.reason);
        audit::insert(connection, &command.event)?;
        return Ok(Begun::MailBudgetSpent);
    }
    if step == FirstStep::Replace {
        run::execute(connection, SUPERSEDE, &scope(&command))?;
    }
    open_new(writer, command)
}

/// Mails the code of an open challenge once more, if the rule allows it.
pub(super) fn resend(writer: &Writer, mut command: Resend) -> Result<Resent, StoreError> {
    let connection = &writer.connection;
    let params = values![command.id.as_str(), command.group.as_str(), writer.epoch];
    let open = run::select(connection, SELECT_FOR_RESEND, &params, |values| {
        let mut row = Row::new("challenge", values);
        let part = read_open(&mut row)?;
        let address: Option<String> = row.take()?;
        Ok((part, address, row.take::<Option<String>>()?, row.take::<Option<i64>>()?))
    })?;
    let rule = open.first().map_or(challenge::Resend::NotOpen, |first| first.0.challenge.on_resend(command.now));
    if rule != challenge::Resend::Mail {
        return Ok(Resent::Not(rule));
    }
    let subject = open.first().map(|first| first.0.subject);
    if let Some(subject) = subject
        && !charge_mail(connection, subject, command.now, false)?
    {
        return Ok(Resent::Not(challenge::Resend::TooMany));
    }
    run::execute(connection, COUNT_SEND, &values![command.id.as_str(), command.now.millis()])?;
    let lease_until = command.now + command.lease;
    let mut mails = Vec::new();
    for (part, address, relay, provider_id) in open {
        let address = address.and_then(|address| MailAddress::parse(&address).ok());
        let to = Recipient { address, relay: relay.unwrap_or_default(), provider_id: provider_id.unwrap_or_default() };
        mails.extend(enqueue(connection, &part.again(), to, lease_until)?);
    }
    command.event.outcome = "challenge";
    command.event.challenge = command.id.as_str().to_owned();
    audit::insert(connection, &command.event)?;
    Ok(Resent::Queued(mails))
}

/// One open row, as far as continuing it and mailing it again need it.
struct OpenPart {
    challenge: Challenge,
    part: u8,
    serial: Serial,
    subject: Subject,
    purpose: Purpose,
    group: String,
    code_length: CodeLength,
    nonce: Nonce,
}

impl OpenPart {
    /// The same part with one more mail counted.
    fn again(mut self) -> Self {
        self.challenge.sends += 1;
        self
    }
}

struct Recipient {
    address: Option<MailAddress>,
    relay: String,
    provider_id: i64,
}

fn newest_open(writer: &Writer, command: &Begin) -> Result<Vec<OpenPart>, StoreError> {
    let mut params = scope(command);
    params.push(writer.epoch.into());
    let mut open =
        run::select(&writer.connection, SELECT_OPEN, &params, |values| read_open(&mut Row::new("challenge", values)))?;
    if let Some(newest) = open.first().map(|part| part.challenge.id.clone()) {
        open.retain(|part| part.challenge.id == newest);
    }
    Ok(open)
}

/// Whether the open challenge went to the same enrollments that would be asked now.
fn asks_the_same(open: &[OpenPart], parts: &[Part]) -> bool {
    open.len() == parts.len()
        && open.iter().zip(parts).all(|(open, part)| {
            open.serial == part.serial
                && open.code_length == part.code_length
                && open.challenge.is_real == part.address.is_some()
        })
}

fn proceed(connection: &Connection, mut command: Begin, open: &[OpenPart], again: bool) -> Result<Begun, StoreError> {
    let Some(first) = open.first() else {
        return Err(StoreError::NotFound);
    };
    let (id, expires_at) = (first.challenge.id.clone(), first.challenge.expires_at);
    let mut mails = Vec::new();
    if again && charge_mail(connection, command.subject, command.now, command.refund_pin)? {
        run::execute(connection, COUNT_SEND, &values![id.as_str(), command.now.millis()])?;
        let lease_until = command.now + command.lease;
        for (part, asked) in open.iter().zip(&command.parts) {
            let to = Recipient {
                address: asked.address.clone(),
                relay: asked.relay.clone(),
                provider_id: asked.provider_id,
            };
            let row = OpenPart {
                challenge: part.challenge.clone(),
                serial: part.serial.clone(),
                group: part.group.clone(),
                ..*part
            };
            mails.extend(enqueue(connection, &row.again(), to, lease_until)?);
        }
    } else if command.refund_pin && !again {
        // A mail's charge, taken or refused, has given the PIN's back already.
        super::pins::refund(connection, command.subject, PIN_BUDGET)?;
    }
    finish(connection, &mut command, &id, "continued")?;
    Ok(Begun::Open { id, expires_at, mails })
}

fn open_new(writer: &Writer, mut command: Begin) -> Result<Begun, StoreError> {
    let connection = &writer.connection;
    let expires_at = command.now + command.lifetime;
    let lease_until = command.now + command.lease;
    let mut mails = Vec::new();
    for (number, part) in (0_u8..).zip(std::mem::take(&mut command.parts)) {
        let row = OpenPart {
            challenge: Challenge {
                id: command.id.clone(),
                state: State::Open,
                is_real: part.address.is_some(),
                tries: 0,
                sends: 1,
                issued_at: command.now,
                expires_at,
                last_sent_at: command.now,
            },
            part: number,
            serial: part.serial,
            subject: command.subject,
            purpose: command.purpose,
            group: command.group.clone(),
            code_length: part.code_length,
            nonce: part.nonce,
        };
        match insert(writer, &row, &part.mac) {
            Err(StoreError::Taken) => {
                // Nothing happened: the caller asks again, and must not pay or supersede twice.
                run::execute(connection, "ROLLBACK TO command", &[])?;
                return Ok(Begun::IdTaken);
            }
            inserted => inserted?,
        }
        let to = Recipient { address: part.address, relay: part.relay, provider_id: part.provider_id };
        mails.extend(enqueue(connection, &row, to, lease_until)?);
    }
    let id = command.id.clone();
    finish(connection, &mut command, &id, "")?;
    Ok(Begun::Open { id, expires_at, mails })
}

fn finish(connection: &Connection, command: &mut Begin, id: &ChallengeId, detail: &str) -> Result<(), StoreError> {
    command.event.outcome = "challenge";
    id.as_str().clone_into(&mut command.event.challenge);
    detail.clone_into(&mut command.event.detail);
    audit::insert(connection, &command.event)
}

fn insert(writer: &Writer, row: &OpenPart, mac: &[u8; 32]) -> Result<(), StoreError> {
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
fn enqueue(
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
fn charge_mail(
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

fn scope(command: &Begin) -> Vec<crate::store::sql::Value> {
    Vec::from(values![command.subject.as_bytes().as_slice(), command.group.as_str(), command.purpose.as_str()])
}

fn read_open(row: &mut Row) -> Result<OpenPart, StoreError> {
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

const SELECT_OPEN: &str = "SELECT id, part, serial, subject, purpose, client_group, code_length, nonce, is_real, \
    tries, sends, issued_at, expires_at, last_sent_at FROM challenge \
    WHERE subject = ?1 AND state = 'open' AND client_group = ?2 AND purpose = ?3 AND epoch = ?4 \
    ORDER BY id DESC, part";

const SELECT_FOR_RESEND: &str = "SELECT c.id, c.part, c.serial, c.subject, c.purpose, c.client_group, c.code_length, \
    c.nonce, c.is_real, c.tries, c.sends, c.issued_at, c.expires_at, c.last_sent_at, \
    CASE WHEN e.is_address_dynamic = 1 THEN a.email ELSE e.address END, e.relay, e.provider_id \
    FROM challenge c LEFT JOIN enrollment e ON e.serial = c.serial AND c.is_real = 1 \
    LEFT JOIN account a ON a.id = e.user_id \
    WHERE c.id = ?1 AND c.client_group = ?2 AND c.state = 'open' AND c.epoch = ?3 ORDER BY c.part";

const SUPERSEDE: &str = "UPDATE challenge SET state = 'superseded' \
    WHERE subject = ?1 AND state = 'open' AND client_group = ?2 AND purpose = ?3";

const COUNT_SEND: &str = "UPDATE challenge SET sends = sends + 1, last_sent_at = ?2 WHERE id = ?1 AND state = 'open'";

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
