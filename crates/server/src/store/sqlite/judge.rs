//! Judging a code: charge the account, then one statement counts the try, compares and consumes.
//! All of it is committed, also when the answer is no; the answer leaves after the commit.

use domain::budget::{DAILY_MAIL_BUDGET, MAIL_BUDGET};
use domain::enrollment::Serial;
use domain::verdict::Refusal;

use super::super::command::{Judge, Judged};
use super::super::sql::{Row, values};
use super::open_part::SUPERSEDE;
use super::writer::Writer;
use super::{StoreError, audit, pins, run};
use crate::store::audit::event_of_verdict;
use crate::store::judging::{Found, SELECT_CLOSED, why_nothing_was_compared};

/// Judges one code and writes the audit line of the verdict.
pub(super) fn judge(writer: &Writer, command: &Judge) -> Result<Judged, StoreError> {
    let judged = compare(writer, command)?;
    audit::insert(&writer.connection, &event_of_verdict(command, &judged))?;
    Ok(judged)
}

fn compare(writer: &Writer, command: &Judge) -> Result<Judged, StoreError> {
    if !charge(writer, command)? {
        return Ok(refused(Refusal::GuessBudgetSpent, Vec::new()));
    }
    let compared = consume(writer, command)?;
    if compared.is_empty() {
        refund_guess(writer, command)?;
        return Ok(refused(why_nothing(writer, command)?, Vec::new()));
    }
    if let Some((serial, _)) = compared.iter().find(|(_, state)| state == "used") {
        let parts = if compared.len() > 1 { Parts::Several } else { Parts::One };
        return accept(writer, command, serial.clone(), parts);
    }
    if compared.len() > 1 {
        owe_guesses(writer, command, compared.len() - 1)?;
    }
    let serials: Vec<Serial> = compared.into_iter().map(|(serial, _)| serial).collect();
    pins::count_failures(&writer.connection, &serials, command.clear_failures_after, command.now)?;
    Ok(refused(Refusal::WrongCode, serials))
}

/// The one statement that turns a code into an acceptance.
fn consume(writer: &Writer, command: &Judge) -> Result<Vec<(Serial, String)>, StoreError> {
    let mut statement = writer.connection.prepare_cached(JUDGE)?;
    let mut rows = statement.query(rusqlite::params![
        command.id.as_str(),
        command.subject.as_bytes(),
        command.purpose.as_str(),
        command.group,
        command.mac,
        command.now.millis(),
        writer.epoch,
        command.code_length.digits_i64(),
        domain::challenge::MAX_TRIES,
    ])?;
    let mut compared = Vec::new();
    while let Some(row) = rows.next()? {
        let serial: String = row.get(0)?;
        let serial = Serial::parse(&serial).ok_or(StoreError::Corrupt { table: "challenge", column: 0 })?;
        compared.push((serial, row.get(1)?));
    }
    Ok(compared)
}

fn charge(writer: &Writer, command: &Judge) -> Result<bool, StoreError> {
    let mut statement = writer.connection.prepare_cached(CHARGE_GUESS)?;
    let touched = statement.execute(rusqlite::params![
        command.subject.as_bytes(),
        command.now.millis(),
        command.budget.step_millis(),
        command.budget.horizon(command.now).millis(),
    ])?;
    Ok(touched > 0)
}

/// A challenge of several parts compared the guess with several codes: the account pays for each,
/// and owes what it does not have.
fn owe_guesses(writer: &Writer, command: &Judge, more: usize) -> Result<(), StoreError> {
    let owed = command.budget.step_millis().saturating_mul(i64::try_from(more).unwrap_or(i64::MAX));
    let params = rusqlite::params![command.subject.as_bytes(), -owed];
    writer.connection.prepare_cached(REFUND_GUESS)?.execute(params)?;
    Ok(())
}

fn refund_guess(writer: &Writer, command: &Judge) -> Result<(), StoreError> {
    let params = rusqlite::params![command.subject.as_bytes(), command.budget.step_millis()];
    writer.connection.prepare_cached(REFUND_GUESS)?.execute(params)?;
    Ok(())
}

/// How many codes the guess was compared with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Parts {
    One,
    Several,
}

/// A used code gives back its own guess and its mail, leaves the trail, and clears its enrollment's failures.
fn accept(writer: &Writer, command: &Judge, serial: Serial, parts: Parts) -> Result<Judged, StoreError> {
    let connection = &writer.connection;
    connection.prepare_cached(REFUND_ACCEPTED)?.execute(rusqlite::params![
        command.subject.as_bytes(),
        command.budget.step_millis(),
        MAIL_BUDGET.step_millis(),
        DAILY_MAIL_BUDGET.step_millis(),
        command.id.as_str(),
    ])?;
    if parts == Parts::Several {
        run::execute(connection, SUPERSEDE, &values![command.id.as_str()])?;
    }
    connection.prepare_cached(CLEAR_FAILURES)?.execute([serial.as_str()])?;
    Ok(Judged::Accepted(serial))
}

/// For the audit alone: the caller is told the same in every case.
fn why_nothing(writer: &Writer, command: &Judge) -> Result<Refusal, StoreError> {
    let params = values![command.id.as_str(), command.subject.as_bytes().as_slice(), command.group.as_str()];
    let found = run::select(&writer.connection, SELECT_CLOSED, &params, |values| {
        let mut row = Row::new("challenge", values);
        let is_open = row.take_as(|state: String| Some(state == "open"))?;
        Ok(Found { is_open, expires_at: row.take()?, code_length: row.take()? })
    })?;
    Ok(why_nothing_was_compared(found.first(), command))
}

fn refused(refusal: Refusal, serials: Vec<Serial>) -> Judged {
    Judged::Refused { refusal, serials }
}

const JUDGE: &str = "UPDATE challenge SET tries = tries + 1, state = CASE \
    WHEN code_mac = ?5 AND is_real = 1 THEN 'used' WHEN tries + 1 >= ?9 THEN 'burned' ELSE state END \
    WHERE id = ?1 AND subject = ?2 AND purpose = ?3 AND client_group = ?4 AND state = 'open' AND tries < ?9 \
    AND issued_at <= ?6 AND expires_at > ?6 AND epoch = ?7 AND code_length = ?8 \
    RETURNING serial, state";

const CHARGE_GUESS: &str = "INSERT INTO budget (subject, guess_at, pin_at, mail_at, mail_day_at, \
    newest_challenge) VALUES (?1, ?2 + ?3, 0, 0, 0, '') ON CONFLICT (subject) DO UPDATE SET \
    guess_at = CASE WHEN budget.guess_at > ?2 THEN budget.guess_at ELSE ?2 END + ?3 \
    WHERE CASE WHEN budget.guess_at > ?2 THEN budget.guess_at ELSE ?2 END + ?3 <= ?4";

const REFUND_GUESS: &str = "UPDATE budget SET guess_at = guess_at - ?2 WHERE subject = ?1";

const REFUND_ACCEPTED: &str = "UPDATE budget SET guess_at = guess_at - ?2, mail_at = mail_at - ?3, \
    mail_day_at = mail_day_at - ?4, newest_challenge = CASE WHEN newest_challenge = ?5 \
    THEN (SELECT previous FROM challenge WHERE id = ?5 LIMIT 1) ELSE newest_challenge END WHERE subject = ?1";

const CLEAR_FAILURES: &str = "UPDATE enrollment SET failures = 0, failed_at = NULL WHERE serial = ?1 AND failures > 0";
