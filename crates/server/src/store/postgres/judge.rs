//! Judging the codes of a batch: for each, one statement counts the try, compares and consumes,
//! under the lock of the account and only while its budget of guesses lasts.

use std::collections::HashMap;

use domain::challenge::MAX_TRIES;
use domain::enrollment::Serial;
use domain::verdict::Refusal;
use tokio_postgres::types::ToSql;

use super::fault::Fault;
use super::ledgers::Ledgers;
use super::session::Session;
use super::statements::JUDGE;
use super::wave::Pending;
use super::writes::Writes;
use crate::store::StoreError;
use crate::store::audit;
use crate::store::command::{Judge, Judged};
use crate::store::judging::{Compared, Found, SELECT_CLOSED, why_nothing_was_compared};

/// What was compared, by challenge and account; parts in order.
pub(super) type ComparedAll = HashMap<(String, Vec<u8>), Vec<Compared>>;

/// Runs the one statement that turns codes into acceptances.
pub(super) async fn compare(
    session: &Session,
    judges: &[Pending<Judge, Judged>],
    trusts_server_time: bool,
) -> Result<ComparedAll, Fault> {
    if judges.is_empty() {
        return Ok(ComparedAll::new());
    }
    let commands = || judges.iter().map(|judge| &judge.command);
    let ids: Vec<&str> = commands().map(|judge| judge.id.as_str()).collect();
    let subjects: Vec<&[u8]> = commands().map(|judge| judge.subject.as_bytes().as_slice()).collect();
    let purposes: Vec<&str> = commands().map(|judge| judge.purpose.as_str()).collect();
    let groups: Vec<&str> = commands().map(|judge| judge.group.as_str()).collect();
    let macs: Vec<&[u8]> = commands().map(|judge| judge.mac.as_slice()).collect();
    let now: Vec<i64> = commands().map(|judge| judge.now.millis()).collect();
    let lengths: Vec<i64> = commands().map(|judge| judge.code_length.digits_i64()).collect();
    let steps: Vec<i64> = commands().map(|judge| judge.budget.step_millis()).collect();
    let horizons: Vec<i64> = commands().map(|judge| judge.budget.horizon(judge.now).millis()).collect();
    let (tries, epoch) = (i64::from(MAX_TRIES), session.epoch);
    let params: [&(dyn ToSql + Sync); 12] = [
        &ids,
        &subjects,
        &purposes,
        &groups,
        &macs,
        &now,
        &lengths,
        &steps,
        &horizons,
        &tries,
        &epoch,
        &trusts_server_time,
    ];
    let mut all = ComparedAll::new();
    for row in session.query(JUDGE, &params).await? {
        let serial: &str = row.try_get(3)?;
        let serial = Serial::parse(serial).ok_or(StoreError::Corrupt { table: "challenge", column: 3 })?;
        let is_used = row.try_get::<_, &str>(4)? == "used";
        let of = all.entry((row.try_get(0)?, row.try_get(1)?)).or_default();
        of.push(Compared { part: row.try_get(2)?, serial, is_used, previous: row.try_get(5)? });
    }
    for parts in all.values_mut() {
        parts.sort_by_key(|compared| compared.part);
    }
    Ok(all)
}

/// Turns what was compared into verdicts, and notes what has to be written.
pub(super) async fn conclude(
    session: &Session,
    judges: &mut [Pending<Judge, Judged>],
    mut compared: ComparedAll,
    ledgers: &mut Ledgers,
    writes: &mut Writes,
) -> Result<(), Fault> {
    for judge in judges {
        let command = &judge.command;
        let key = (command.id.as_str().to_owned(), command.subject.as_bytes().to_vec());
        let parts = compared.remove(&key).unwrap_or_default();
        let answer = match conclude_one(command, &parts, ledgers, writes)? {
            Some(answer) => answer,
            None => Judged::Refused { refusal: why_nothing(session, command).await?, serials: Vec::new() },
        };
        writes.events.push(audit::event_of_verdict(command, &answer));
        judge.answer = Some(answer);
    }
    Ok(())
}

/// Nothing where no code was compared though the budget allowed it.
fn conclude_one(
    command: &Judge,
    compared: &[Compared],
    ledgers: &mut Ledgers,
    writes: &mut Writes,
) -> Result<Option<Judged>, Fault> {
    let subject = command.subject;
    let before = *ledgers.change(subject)?;
    if !ledgers.charge_guess(subject, command.budget, command.now)? {
        let refusal = Refusal::GuessBudgetSpent;
        return Ok(Some(Judged::Refused { refusal, serials: Vec::new() }));
    }
    if compared.is_empty() {
        *ledgers.change(subject)? = before;
        return Ok(None);
    }
    let ledger = ledgers.change(subject)?;
    if let Some(used) = compared.iter().find(|compared| compared.is_used) {
        // A used code gives back its own guess and its mail, leaves the trail, and clears its enrollment's failures.
        ledger.guess_at = command.budget.refund(ledger.guess_at);
        ledger.refund_mail();
        if compared.len() > 1 {
            writes.superseded.push(command.id.clone());
        }
        ledgers.lead_past(subject, &command.id, &used.previous)?;
        writes.cleared.insert(used.serial.as_str().to_owned());
        return Ok(Some(Judged::Accepted(used.serial.clone())));
    }
    // A challenge of several parts compared the guess with several codes: the account pays for
    // each, and owes what it does not have.
    for _ in 1..compared.len() {
        ledger.guess_at = ledger.guess_at + command.budget.step;
    }
    let serials: Vec<Serial> = compared.iter().map(|compared| compared.serial.clone()).collect();
    writes.count_failures(&serials, command.clear_failures_after, command.now);
    Ok(Some(Judged::Refused { refusal: Refusal::WrongCode, serials }))
}

/// For the audit alone: the caller is told the same in every case.
async fn why_nothing(session: &Session, command: &Judge) -> Result<Refusal, Fault> {
    let subject = command.subject.as_bytes().as_slice();
    let row = session.query(SELECT_CLOSED, &[&command.id.as_str(), &subject, &command.group]).await?;
    let found = row.first().map(|row| {
        let is_open = row.try_get::<_, &str>(0)? == "open";
        Ok::<_, tokio_postgres::Error>(Found { is_open, expires_at: row.try_get(1)?, code_length: row.try_get(2)? })
    });
    Ok(why_nothing_was_compared(found.transpose()?.as_ref(), command))
}
