//! How often something may be tried: the generic cell rate algorithm, one timestamp per account.
//!
//! The timestamp is the "theoretical arrival time": the instant at which the account is square
//! again. The store keeps it, and locks the account while it reads, decides and writes.

use std::time::Duration;

use crate::code::CodeLength;
use crate::time::Timestamp;

/// So many at once, then one for each step of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Charges an untouched account can take at once.
    pub burst: u32,
    /// Time in which one charge is forgotten.
    pub step: Duration,
}

/// Wrong PINs and passwords per account: ten at once, then one in 16 minutes, so that a day never
/// sees more than the hundred of NIST SP 800-63B 5.2.2.
pub const PIN_BUDGET: Budget = Budget { burst: 10, step: Duration::from_mins(16) };

/// First steps on the pages per network, whomever they are about: three hundred at once, then one a
/// second. An office behind one address has that many; somebody who tries names does not get far.
pub const SOURCE_BUDGET: Budget = Budget { burst: 300, step: Duration::from_secs(1) };

/// Tries at the doors of administrators per network, whatever the names: sixty at once, then one in ten seconds. A
/// right password is given back. Each try costs a hash, and only a few fit in the queue.
pub const ADMIN_SOURCE_BUDGET: Budget = Budget { burst: 60, step: Duration::from_secs(10) };

/// Mails per account: five at once, then one in 5 minutes. A code that was used gives its mail back.
/// When they are spent a challenge is opened all the same, and its mail is not sent.
pub const MAIL_BUDGET: Budget = Budget { burst: 5, step: Duration::from_mins(5) };

/// Mails per account and day: forty, twenty of them at once.
pub const DAILY_MAIL_BUDGET: Budget = Budget { burst: 20, step: Duration::from_mins(72) };

impl Budget {
    /// Compared wrong codes per account. In any 24 hours that is at most
    /// clamp(10^length × 10⁻⁵, 5, 58): 5 up to five digits, 10 at six, 58 from seven on.
    pub fn for_guesses(length: CodeLength) -> Self {
        match length.digits() {
            ..=5 => Self { burst: 5, step: Duration::from_hours(24) },
            6 => Self { burst: 8, step: Duration::from_hours(8) },
            _ => Self { burst: 10, step: Duration::from_mins(30) },
        }
    }

    /// Takes one charge at `now` from an account square at `square_at`. Nothing when it is spent.
    pub fn charge(self, square_at: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let next = square_at.max(now) + self.step;
        (next <= self.horizon(now)).then_some(next)
    }

    /// Gives one charge back.
    pub fn refund(self, square_at: Timestamp) -> Timestamp {
        square_at - self.step
    }

    /// The latest arrival time a charge may lead to.
    pub fn horizon(self, now: Timestamp) -> Timestamp {
        now + self.step * self.burst
    }

    /// Milliseconds of one step, for SQL.
    pub fn step_millis(self) -> i64 {
        i64::try_from(self.step.as_millis()).unwrap_or(i64::MAX)
    }
}

/// What an account owes: for each of its budgets the instant at which it is square again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ledger {
    /// Compared wrong codes.
    pub guess_at: Timestamp,
    /// Wrong PINs.
    pub pin_at: Timestamp,
    /// Mails, by the step of [`MAIL_BUDGET`].
    pub mail_at: Timestamp,
    /// Mails, by the step of [`DAILY_MAIL_BUDGET`].
    pub mail_day_at: Timestamp,
}

impl Ledger {
    /// Takes one charge for a PIN, of that budget. False, and nothing taken, when it is spent.
    pub fn charge_pin(&mut self, budget: Budget, now: Timestamp) -> bool {
        let charged = budget.charge(self.pin_at, now);
        self.pin_at = charged.unwrap_or(self.pin_at);
        charged.is_some()
    }

    /// Takes one mail. False, and nothing taken, when either budget of mails is spent.
    pub fn charge_mail(&mut self, now: Timestamp) -> bool {
        let (Some(mail_at), Some(mail_day_at)) =
            (MAIL_BUDGET.charge(self.mail_at, now), DAILY_MAIL_BUDGET.charge(self.mail_day_at, now))
        else {
            return false;
        };
        (self.mail_at, self.mail_day_at) = (mail_at, mail_day_at);
        true
    }

    /// Gives one mail back: its code was used.
    pub fn refund_mail(&mut self) {
        self.mail_at = MAIL_BUDGET.refund(self.mail_at);
        self.mail_day_at = DAILY_MAIL_BUDGET.refund(self.mail_day_at);
    }

    /// Gives the charge of a right PIN back.
    pub fn refund_pin(&mut self, budget: Budget) {
        self.pin_at = budget.refund(self.pin_at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn most_in_a_day(budget: Budget, charges: &[u64]) -> usize {
        let day = Duration::from_hours(24);
        let mut square_at = Timestamp::default();
        let mut now = Timestamp::from_millis(1_000_000_000);
        let mut taken = Vec::new();
        for gap in charges {
            now = now + Duration::from_secs(*gap);
            if let Some(next) = budget.charge(square_at, now) {
                square_at = next;
                taken.push(now);
            }
        }
        let within = |from: &Timestamp| taken.iter().filter(|at| **at >= *from && at.since(*from) < day).count();
        taken.iter().map(within).max().unwrap_or(0)
    }

    proptest! {
        #[test]
        fn no_day_sees_more_guesses_than_the_formula(
            digits in 4_i64..=20,
            gaps in prop::collection::vec(0_u64..7200, 1..400),
        ) {
            let length = CodeLength::from_digits(digits).expect("in range");
            let limit = match digits { 4 | 5 => 5, 6 => 10, _ => 58 };
            prop_assert!(most_in_a_day(Budget::for_guesses(length), &gaps) <= limit);
        }

        #[test]
        fn a_refund_undoes_a_charge(square in 0_i64..10_000_000_000, now in 0_i64..10_000_000_000) {
            let square_at = Timestamp::from_millis(square);
            if let Some(next) = PIN_BUDGET.charge(square_at, Timestamp::from_millis(now)) {
                prop_assert_eq!(PIN_BUDGET.refund(next), square_at.max(Timestamp::from_millis(now)));
            }
        }
    }

    #[test]
    fn a_spent_budget_comes_back_by_itself() {
        let budget = Budget::for_guesses(CodeLength::STANDARD);
        let start = Timestamp::from_millis(1);
        let spent = (0..8).try_fold(Timestamp::default(), |at, _| budget.charge(at, start)).expect("eight at once");
        assert_eq!(budget.charge(spent, start), None);
        assert!(budget.charge(spent, start + budget.step).is_some());
    }
}
