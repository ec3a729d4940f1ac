//! The rows of the accounts of a batch, budgets and trails: locked first and in one order, so that batches of all
//! nodes queue up per account and never wait for each other in a circle; written last.

use std::collections::{BTreeMap, BTreeSet};

use domain::budget::Ledger;
use domain::challenge::ChallengeId;
use domain::subject::Subject;
use domain::time::Timestamp;

use super::fault::Fault;
use super::session::Session;
use super::statements::{LOCK_BUDGETS, MAKE_BUDGETS};
use super::values::{Column, column};
use crate::store::StoreError;
use crate::store::budgets::BudgetRow;

/// What the accounts of a batch owe, and where their trails begin, under lock.
#[derive(Default)]
pub(super) struct Ledgers(BTreeMap<[u8; 16], Kept>);

#[derive(Default)]
struct Kept {
    row: BudgetRow,
    is_changed: bool,
}

impl Ledgers {
    /// Locks the accounts. Those that have no row get one, so that there is something to lock.
    pub(super) async fn lock(session: &Session, accounts: &BTreeSet<[u8; 16]>) -> Result<Self, Fault> {
        let mut ledgers = Self::default();
        if accounts.is_empty() {
            return Ok(ledgers);
        }
        let subjects: Vec<&[u8]> = accounts.iter().map(<[u8; 16]>::as_slice).collect();
        for row in session.query(LOCK_BUDGETS, &[&subjects]).await? {
            let subject: &[u8] = row.try_get(0)?;
            let at = |column| row.try_get(column).map(Timestamp::from_millis);
            let ledger = Ledger { guess_at: at(1)?, pin_at: at(2)?, mail_at: at(3)?, mail_day_at: at(4)? };
            let subject = subject.try_into().map_err(|_| StoreError::Corrupt { table: "budget", column: 0 })?;
            let newest = ChallengeId::parse(row.try_get(5)?);
            ledgers.0.insert(subject, Kept { row: BudgetRow { ledger, newest }, is_changed: false });
        }
        ledgers.make_missing(session, accounts).await?;
        Ok(ledgers)
    }

    async fn make_missing(&mut self, session: &Session, accounts: &BTreeSet<[u8; 16]>) -> Result<(), Fault> {
        let missing: Vec<&[u8]> =
            accounts.iter().filter(|account| !self.0.contains_key(*account)).map(<[u8; 16]>::as_slice).collect();
        if missing.is_empty() {
            return Ok(());
        }
        // Another node may have made the row of an account at the same moment: then it is not made here, and what
        // was read beside it is out of date.
        if session.query(MAKE_BUDGETS, &[&missing]).await?.len() < missing.len() {
            return Err(Fault::Again);
        }
        for account in accounts {
            self.0.entry(*account).or_default();
        }
        Ok(())
    }

    /// The account, to be changed.
    pub(super) fn change(&mut self, subject: Subject) -> Result<&mut BudgetRow, Fault> {
        let kept = self.0.get_mut(subject.as_bytes()).ok_or(Fault::Again)?;
        kept.is_changed = true;
        Ok(&mut kept.row)
    }

    /// Where the trail of the account's challenges begins.
    pub(super) fn newest(&self, subject: Subject) -> Option<&ChallengeId> {
        self.0.get(subject.as_bytes()).and_then(|kept| kept.row.newest.as_ref())
    }

    /// How many have changed.
    pub(super) fn changed(&self) -> usize {
        self.0.values().filter(|kept| kept.is_changed).count()
    }

    /// Those that have changed.
    pub(super) fn columns(&self) -> [Column<'_>; 6] {
        let changed = || self.0.iter().filter(|(_, kept)| kept.is_changed);
        [
            column(changed(), |(subject, _)| subject.as_slice()),
            column(changed(), |(_, kept)| kept.row.ledger.guess_at.millis()),
            column(changed(), |(_, kept)| kept.row.ledger.pin_at.millis()),
            column(changed(), |(_, kept)| kept.row.ledger.mail_at.millis()),
            column(changed(), |(_, kept)| kept.row.ledger.mail_day_at.millis()),
            column(changed(), |(_, kept)| kept.row.newest.as_ref().map_or("", ChallengeId::as_str)),
        ]
    }
}
