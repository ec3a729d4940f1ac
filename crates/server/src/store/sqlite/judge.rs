//! Judging a code: one statement counts the try, compares and consumes, as long as the account may guess.
//! All of it is committed, also when the answer is no; the answer leaves after the commit.

use domain::challenge::ChallengeId;
use domain::enrollment::Serial;
use domain::verdict::Refusal;

use super::super::command::{Judge, Judged};
use super::super::sql::{Row, values};
use super::open_part::SUPERSEDE;
use super::writer::Writer;
use super::{StoreError, audit, budgets, pins, run};
use crate::store::audit::event_of_verdict;
use crate::store::judging::{self, Compared, Conclusion, Found, SELECT_CLOSED, why_nothing_was_compared};

/// Judges one code and writes the audit line of the verdict.
pub(super) fn judge(writer: &Writer, command: &Judge) -> Result<Judged, StoreError> {
    let judged = conclude(writer, command)?;
    audit::insert(&writer.connection, &event_of_verdict(command, &judged))?;
    Ok(judged)
}

fn conclude(writer: &Writer, command: &Judge) -> Result<Judged, StoreError> {
    let connection = &writer.connection;
    let conclusion = budgets::change(connection, command.subject, |account| {
        let may_guess = command.budget.charge(account.ledger.guess_at, command.now).is_some();
        let compared = if may_guess { consume(writer, command)? } else { Vec::new() };
        Ok(judging::conclude(command, compared, account))
    })?;
    match conclusion {
        Conclusion::Spent => Ok(refused(Refusal::GuessBudgetSpent, Vec::new())),
        Conclusion::NothingCompared => Ok(refused(why_nothing(writer, command)?, Vec::new())),
        Conclusion::Wrong(serials) => {
            pins::count_failures(connection, &serials, command.clear_failures_after, command.now)?;
            Ok(refused(Refusal::WrongCode, serials))
        }
        Conclusion::Right { serial, has_others } => {
            if has_others {
                run::execute(connection, SUPERSEDE, &values![command.id.as_str()])?;
            }
            connection.prepare_cached(CLEAR_FAILURES)?.execute([serial.as_str()])?;
            Ok(Judged::Accepted(serial))
        }
    }
}

/// The one statement that turns a code into an acceptance.
fn consume(writer: &Writer, command: &Judge) -> Result<Vec<Compared>, StoreError> {
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
        let text = |column| row.get::<_, String>(column);
        let serial = Serial::parse(&text(2)?).ok_or(StoreError::Corrupt { table: "challenge", column: 2 })?;
        let (is_used, previous) = (text(3)? == "used", ChallengeId::parse(&text(4)?));
        compared.push(Compared { part: row.get(0)?, parts: row.get(1)?, serial, is_used, previous });
    }
    Ok(compared)
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
    RETURNING part, parts, serial, state, previous";

const CLEAR_FAILURES: &str = "UPDATE enrollment SET failures = 0, failed_at = NULL WHERE serial = ?1 AND failures > 0";
