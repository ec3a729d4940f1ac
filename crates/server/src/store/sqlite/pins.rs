//! First-factor charges and failures.

use std::time::Duration;

use domain::enrollment::Serial;
use domain::time::Timestamp;
use rusqlite::Connection;

use super::super::command::FailFirstFactor;
use super::super::job::PinCharge;
use super::{StoreError, audit, budgets};

/// Takes one charge before the PIN is compared, so that parallel guesses cannot outrun the count.
pub(super) fn charge(connection: &Connection, command: PinCharge) -> Result<bool, StoreError> {
    let PinCharge { subject, budget, now } = command;
    budgets::change(connection, subject, |account| Ok(account.ledger.charge_pin(budget, now)))
}

/// Gives the charge of a right PIN back.
pub(super) fn refund(connection: &Connection, command: PinCharge) -> Result<(), StoreError> {
    budgets::change(connection, command.subject, |account| {
        account.ledger.refund_pin(command.budget);
        Ok(())
    })
}

/// Counts a wrong first factor on every enrollment of the account and writes the audit line.
pub(super) fn fail(connection: &Connection, command: &FailFirstFactor) -> Result<(), StoreError> {
    if command.count {
        count_failures(connection, &command.serials, command.clear_failures_after, command.now)?;
    }
    audit::insert(connection, &command.event)
}

/// Adds a failure to each enrollment, forgetting those that are older than `clear_after`.
pub(super) fn count_failures(
    connection: &Connection,
    serials: &[Serial],
    clear_after: Duration,
    now: Timestamp,
) -> Result<(), StoreError> {
    let forgotten_before = if clear_after.is_zero() { i64::MIN } else { (now - clear_after).millis() };
    let mut statement = connection.prepare_cached(COUNT_FAILURE)?;
    for serial in serials {
        statement.execute(rusqlite::params![serial.as_str(), now.millis(), forgotten_before])?;
    }
    Ok(())
}

const COUNT_FAILURE: &str = "UPDATE enrollment SET \
    failures = CASE WHEN failed_at IS NULL OR failed_at <= ?3 THEN 1 ELSE failures + 1 END, failed_at = ?2 \
    WHERE serial = ?1";
