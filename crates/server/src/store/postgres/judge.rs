//! Judging the codes of a batch: for each, one statement counts the try, compares and consumes,
//! under the lock of the account and only while its budget of guesses lasts.

use std::collections::HashMap;

use domain::challenge::{ChallengeId, MAX_TRIES};
use domain::enrollment::Serial;
use domain::verdict::Refusal;

use super::fault::Fault;
use super::ledgers::Ledgers;
use super::session::Session;
use super::statements::JUDGE;
use super::values::{column, refer};
use super::wave::Pending;
use super::writes::Writes;
use crate::store::StoreError;
use crate::store::audit;
use crate::store::command::{Judge, Judged};
use crate::store::judging::{self, Compared, Conclusion, Found, SELECT_CLOSED, why_nothing_was_compared};

/// What was compared, by challenge and account.
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
    let of = || judges.iter().map(|judge| &judge.command);
    let columns = [
        column(of(), |judge| judge.id.as_str()),
        column(of(), |judge| judge.subject.as_bytes().as_slice()),
        column(of(), |judge| judge.purpose.as_str()),
        column(of(), |judge| judge.group.as_str()),
        column(of(), |judge| judge.mac.as_slice()),
        column(of(), |judge| judge.now.millis()),
        column(of(), |judge| judge.code_length.digits_i64()),
        column(of(), |judge| judge.budget.step_millis()),
        column(of(), |judge| judge.budget.horizon(judge.now).millis()),
        Box::new(i64::from(MAX_TRIES)),
        Box::new(session.epoch),
        Box::new(trusts_server_time),
    ];
    let mut all = ComparedAll::new();
    for row in session.query(JUDGE, &refer(&columns)).await? {
        let serial: &str = row.try_get(3)?;
        let serial = Serial::parse(serial).ok_or(StoreError::Corrupt { table: "challenge", column: 3 })?;
        let is_used = row.try_get::<_, &str>(4)? == "used";
        let of = all.entry((row.try_get(0)?, row.try_get(1)?)).or_default();
        let previous = ChallengeId::parse(row.try_get(5)?);
        of.push(Compared { part: row.try_get(2)?, parts: row.try_get(6)?, serial, is_used, previous });
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
    let refused = |refusal, serials| Judged::Refused { refusal, serials };
    for judge in judges {
        let command = &judge.command;
        let key = (command.id.as_str().to_owned(), command.subject.as_bytes().to_vec());
        let parts = compared.remove(&key).unwrap_or_default();
        let answer = match judging::conclude(command, parts, ledgers.change(command.subject)?) {
            Conclusion::Spent => refused(Refusal::GuessBudgetSpent, Vec::new()),
            Conclusion::NothingCompared => refused(why_nothing(session, command).await?, Vec::new()),
            Conclusion::Wrong(serials) => {
                writes.count_failures(&serials, command.clear_failures_after, command.now);
                refused(Refusal::WrongCode, serials)
            }
            Conclusion::Right { serial, has_others } => {
                writes.superseded.extend(has_others.then(|| command.id.clone()));
                writes.cleared.insert(serial.as_str().to_owned());
                Judged::Accepted(serial)
            }
        };
        writes.events.push(audit::event_of_verdict(command, &answer));
        judge.answer = Some(answer);
    }
    Ok(())
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
