//! Reading the row of an account and writing it back. One thread writes, so nothing comes in between.

use domain::budget::Ledger;
use domain::challenge::ChallengeId;
use domain::subject::Subject;
use domain::time::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use super::StoreError;
use crate::store::budgets::BudgetRow;

/// Reads the account, does this with it, and writes it if it is another then.
pub(super) fn change<T>(
    connection: &Connection,
    subject: Subject,
    work: impl FnOnce(&mut BudgetRow) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let before = read(connection, subject)?;
    let mut account = before.clone();
    let answer = work(&mut account)?;
    if account != before {
        write(connection, subject, &account)?;
    }
    Ok(answer)
}

fn read(connection: &Connection, subject: Subject) -> Result<BudgetRow, StoreError> {
    let found = connection.prepare_cached(SELECT)?.query_row([subject.as_bytes()], |row| {
        let at = |column| row.get(column).map(Timestamp::from_millis);
        let ledger = Ledger { guess_at: at(0)?, pin_at: at(1)?, mail_at: at(2)?, mail_day_at: at(3)? };
        Ok(BudgetRow { ledger, newest: ChallengeId::parse(row.get_ref(4)?.as_str()?) })
    });
    Ok(found.optional()?.unwrap_or_default())
}

fn write(connection: &Connection, subject: Subject, account: &BudgetRow) -> Result<(), StoreError> {
    let BudgetRow { ledger, newest } = account;
    connection.prepare_cached(UPSERT)?.execute(rusqlite::params![
        subject.as_bytes(),
        ledger.guess_at.millis(),
        ledger.pin_at.millis(),
        ledger.mail_at.millis(),
        ledger.mail_day_at.millis(),
        newest.as_ref().map_or("", ChallengeId::as_str),
    ])?;
    Ok(())
}

const SELECT: &str = "SELECT guess_at, pin_at, mail_at, mail_day_at, newest_challenge FROM budget WHERE subject = ?1";

const UPSERT: &str = "INSERT INTO budget (subject, guess_at, pin_at, mail_at, mail_day_at, newest_challenge) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (subject) DO UPDATE SET guess_at = ?2, pin_at = ?3, mail_at = ?4, \
    mail_day_at = ?5, newest_challenge = ?6";
