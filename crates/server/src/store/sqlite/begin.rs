//! Opening a challenge, or continuing the one that is open.

use domain::budget::PIN_BUDGET;
use domain::challenge::{Challenge, ChallengeId, FirstStep, State};
use rusqlite::Connection;

use super::super::command::{Begin, Begun, Part};
use super::super::sql::{Row, values};
use super::open_part::{COUNT_SEND, OpenPart, Recipient, charge_mail, enqueue, insert, read_open};
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
    let is_mailed = charge_mail(connection, command.subject, command.now, command.refund_pin)?;
    if !is_mailed {
        command.refund_pin = false;
        MAIL_BUDGET_SPENT.clone_into(&mut command.event.reason);
        // Better the old code, which may have come, than a new one that will not.
        if may_stay(&open, &command) {
            return proceed(connection, command, &open, false);
        }
    }
    if step == FirstStep::Replace {
        run::execute(connection, SUPERSEDE, &scope(&command))?;
    }
    open_new(writer, command, is_mailed)
}

/// Whether the open challenge can go on, however little of its life is left.
fn may_stay(open: &[OpenPart], command: &Begin) -> bool {
    let is_open = open.first().is_some_and(|first| first.challenge.is_open(command.now));
    is_open && asks_the_same(open, &command.parts)
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
    let is_held_back = command.event.reason == MAIL_BUDGET_SPENT;
    Ok(Begun::Open { id, expires_at, mails, is_held_back })
}

/// Opens a challenge. Where the account has had its mails nobody learns of it: the challenge is
/// there, the mail is not, and the audit says why.
fn open_new(writer: &Writer, mut command: Begin, is_mailed: bool) -> Result<Begun, StoreError> {
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
        let address = part.address.filter(|_| is_mailed);
        let to = Recipient { address, relay: part.relay, provider_id: part.provider_id };
        mails.extend(enqueue(connection, &row, to, lease_until)?);
    }
    let id = command.id.clone();
    finish(connection, &mut command, &id, "")?;
    Ok(Begun::Open { id, expires_at, mails, is_held_back: !is_mailed })
}

fn finish(connection: &Connection, command: &mut Begin, id: &ChallengeId, detail: &str) -> Result<(), StoreError> {
    command.event.outcome = "challenge";
    id.as_str().clone_into(&mut command.event.challenge);
    detail.clone_into(&mut command.event.detail);
    audit::insert(connection, &command.event)
}

fn scope(command: &Begin) -> Vec<crate::store::sql::Value> {
    Vec::from(values![command.subject.as_bytes().as_slice(), command.group.as_str(), command.purpose.as_str()])
}

/// The reason in the audit for a challenge without a mail.
const MAIL_BUDGET_SPENT: &str = "mail-budget-spent";

const SELECT_OPEN: &str = "SELECT id, part, serial, subject, purpose, client_group, code_length, nonce, is_real, \
    tries, sends, issued_at, expires_at, last_sent_at FROM challenge \
    WHERE subject = ?1 AND state = 'open' AND client_group = ?2 AND purpose = ?3 AND epoch = ?4 \
    ORDER BY id DESC, part";

const SUPERSEDE: &str = "UPDATE challenge SET state = 'superseded' \
    WHERE subject = ?1 AND state = 'open' AND client_group = ?2 AND purpose = ?3";
