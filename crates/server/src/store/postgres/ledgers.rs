//! The rows of the accounts of a batch, budgets and trails: locked first and in one order, so that batches of all
//! nodes queue up per account and never wait for each other in a circle; written last.

use std::collections::{BTreeMap, BTreeSet};

use domain::budget::{Budget, Ledger};
use domain::challenge::ChallengeId;
use domain::subject::Subject;
use domain::time::Timestamp;

use super::fault::Fault;
use super::session::Session;
use super::statements::{LOCK_BUDGETS, MAKE_BUDGETS};
use super::values::Column;
use crate::store::StoreError;
use crate::store::opening::Purse;

/// What the accounts of a batch owe, and where their trails begin, under lock.
#[derive(Default)]
pub(super) struct Ledgers(BTreeMap<[u8; 16], Kept>);

#[derive(Default)]
struct Kept {
    ledger: Ledger,
    newest: String,
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
            ledgers.0.insert(subject, Kept { ledger, newest: row.try_get(5)?, is_changed: false });
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

    /// What the account owes, to be changed.
    pub(super) fn change(&mut self, subject: Subject) -> Result<&mut Ledger, Fault> {
        self.keep(subject).map(|kept| &mut kept.ledger)
    }

    fn keep(&mut self, subject: Subject) -> Result<&mut Kept, Fault> {
        let kept = self.0.get_mut(subject.as_bytes()).ok_or(Fault::Again)?;
        kept.is_changed = true;
        Ok(kept)
    }

    /// Charges a compared guess.
    pub(super) fn charge_guess(&mut self, subject: Subject, budget: Budget, now: Timestamp) -> Result<bool, Fault> {
        let ledger = self.change(subject)?;
        let charged = budget.charge(ledger.guess_at, now);
        ledger.guess_at = charged.unwrap_or(ledger.guess_at);
        Ok(charged.is_some())
    }

    /// Where the trail of the account's challenges begins.
    pub(super) fn newest(&self, subject: Subject) -> Option<ChallengeId> {
        self.0.get(subject.as_bytes()).and_then(|kept| ChallengeId::parse(&kept.newest))
    }

    /// The trail begins with this challenge now.
    pub(super) fn lead_to(&mut self, subject: Subject, id: &ChallengeId) -> Result<(), Fault> {
        id.as_str().clone_into(&mut self.keep(subject)?.newest);
        Ok(())
    }

    /// The trail no longer begins with this challenge, if it did.
    pub(super) fn lead_past(&mut self, subject: Subject, id: &ChallengeId, previous: &str) -> Result<(), Fault> {
        let kept = self.keep(subject)?;
        if kept.newest == id.as_str() {
            previous.clone_into(&mut kept.newest);
        }
        Ok(())
    }

    /// How many have changed.
    pub(super) fn changed(&self) -> usize {
        self.0.values().filter(|kept| kept.is_changed).count()
    }

    /// Those that have changed.
    pub(super) fn columns(&self) -> Vec<Column<'_>> {
        let changed: Vec<_> = self.0.iter().filter(|(_, kept)| kept.is_changed).collect();
        let at = |of: fn(&Ledger) -> Timestamp| -> Column<'_> {
            Box::new(changed.iter().map(|(_, kept)| of(&kept.ledger).millis()).collect::<Vec<_>>())
        };
        vec![
            Box::new(changed.iter().map(|(subject, _)| subject.as_slice()).collect::<Vec<_>>()),
            at(|ledger| ledger.guess_at),
            at(|ledger| ledger.pin_at),
            at(|ledger| ledger.mail_at),
            at(|ledger| ledger.mail_day_at),
            Box::new(changed.iter().map(|(_, kept)| kept.newest.as_str()).collect::<Vec<_>>()),
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
