//! The budgets of the accounts of a batch: locked first and in one order, so that batches of all
//! nodes queue up per account and never wait for each other in a circle; written last.

use std::collections::BTreeMap;

use domain::budget::{Budget, Ledger};
use domain::subject::Subject;
use domain::time::Timestamp;

use super::fault::Fault;
use super::session::Session;
use super::statements::LOCK_BUDGETS;
use super::values::Column;
use crate::store::StoreError;
use crate::store::opening::Purse;

/// What the accounts of a batch owe, under lock.
#[derive(Default)]
pub(super) struct Ledgers(BTreeMap<[u8; 16], Kept>);

struct Kept {
    ledger: Ledger,
    is_changed: bool,
}

impl Ledgers {
    /// Locks the accounts. Those that have no row get one first, so that there is something to lock.
    pub(super) async fn lock(session: &Session, subjects: &[&[u8]]) -> Result<Self, Fault> {
        if subjects.is_empty() {
            return Ok(Self::default());
        }
        let mut ledgers = BTreeMap::new();
        for row in session.query(LOCK_BUDGETS, &[&subjects]).await? {
            let subject: &[u8] = row.try_get(0)?;
            let at = |column| row.try_get(column).map(Timestamp::from_millis);
            let ledger = Ledger { guess_at: at(1)?, pin_at: at(2)?, mail_at: at(3)?, mail_day_at: at(4)? };
            let subject = subject.try_into().map_err(|_| StoreError::Corrupt { table: "budget", column: 0 })?;
            ledgers.insert(subject, Kept { ledger, is_changed: false });
        }
        // Another node may have made the row of an account at the same moment.
        if ledgers.len() == subjects.len() { Ok(Self(ledgers)) } else { Err(Fault::Again) }
    }

    /// The account, to be changed.
    pub(super) fn change(&mut self, subject: Subject) -> Result<&mut Ledger, Fault> {
        let kept = self.0.get_mut(subject.as_bytes()).ok_or(Fault::Again)?;
        kept.is_changed = true;
        Ok(&mut kept.ledger)
    }

    /// Charges a compared guess.
    pub(super) fn charge_guess(&mut self, subject: Subject, budget: Budget, now: Timestamp) -> Result<bool, Fault> {
        let ledger = self.change(subject)?;
        let charged = budget.charge(ledger.guess_at, now);
        ledger.guess_at = charged.unwrap_or(ledger.guess_at);
        Ok(charged.is_some())
    }

    /// How many have changed.
    pub(super) fn changed(&self) -> usize {
        self.0.values().filter(|kept| kept.is_changed).count()
    }

    /// Those that have changed.
    pub(super) fn columns(&self) -> Vec<Column<'_>> {
        let changed = || self.0.iter().filter(|(_, kept)| kept.is_changed);
        let at = |of: fn(&Ledger) -> Timestamp| -> Column<'_> {
            Box::new(changed().map(|(_, kept)| of(&kept.ledger).millis()).collect::<Vec<_>>())
        };
        vec![
            Box::new(changed().map(|(subject, _)| subject.as_slice()).collect::<Vec<_>>()),
            at(|ledger| ledger.guess_at),
            at(|ledger| ledger.pin_at),
            at(|ledger| ledger.mail_at),
            at(|ledger| ledger.mail_day_at),
        ]
    }
}

impl Purse for Ledger {
    fn charge_mail(&mut self, now: Timestamp, refund_pin: bool) -> Result<bool, StoreError> {
        if refund_pin {
            Self::refund_pin(self);
        }
        Ok(Self::charge_mail(self, now))
    }

    fn refund_pin(&mut self) -> Result<(), StoreError> {
        Self::refund_pin(self);
        Ok(())
    }
}
