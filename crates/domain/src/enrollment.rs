//! An enrollment: this user may use that provider, at this address.

use std::fmt;
use std::time::Duration;

use crate::address::MailAddress;
use crate::code::CodeLength;
use crate::random::{self, NoRandomness, Random};
use crate::secret::Key;
use crate::subject::Subject;
use crate::time::Timestamp;
use crate::verdict::Refusal;

/// Failures in a row after which an enrollment answers no more, until they are cleared.
pub const MAX_FAILURES: u32 = 10;

/// What an enrollment is called outside, for instance `PIEM0001A2B3`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Serial(String);

impl Serial {
    /// Reads a serial: 1 to 40 letters, digits, hyphens and underscores.
    pub fn parse(text: &str) -> Option<Self> {
        let is_serial = (1..=40).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        is_serial.then(|| Self(text.to_owned()))
    }

    /// A new serial: the prefix of e-mail tokens and eight random hexadecimal digits.
    pub fn new(random: &dyn Random) -> Result<Self, NoRandomness> {
        let [a, b, c, d] = random::bytes::<4>(random)?;
        Ok(Self(format!("PIEM{a:02X}{b:02X}{c:02X}{d:02X}")))
    }

    /// What stands for somebody and an address until there is an enrollment. No two addresses have
    /// the same.
    pub fn stand_in(key: &Key, somebody: &Subject, source: &str, address: &str) -> Self {
        let fields = [b"stand-in", somebody.as_bytes().as_slice(), source.as_bytes(), address.as_bytes()];
        Self(format!("ENROLL-{:?}", Subject::keyed(key, &fields)))
    }

    /// The serial as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A PIN or password as it is stored: a PHC string, peppered. Says nothing when printed.
#[derive(Clone, PartialEq, Eq)]
pub struct PinHash(String);

impl PinHash {
    /// From its stored form.
    pub fn from_stored(phc: String) -> Self {
        Self(phc)
    }

    /// Its stored form.
    pub fn as_stored(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PinHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hash]")
    }
}

/// What the first and second step need to know of an enrollment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrollment {
    /// Its name outside.
    pub serial: Serial,
    /// The provider whose texts and limits apply.
    pub provider_id: i64,
    /// Where its mail goes; nothing when it is read from the user's record, or missing.
    pub address: Option<MailAddress>,
    /// Whether the address is read from the user's record each time.
    pub is_address_dynamic: bool,
    /// Its PIN; an enrollment without one takes the empty PIN.
    pub pin: Option<PinHash>,
    /// Digits of its codes.
    pub code_length: CodeLength,
    /// Whether an administrator has switched it on.
    pub is_active: bool,
    /// Whether it was revoked, for good.
    pub is_revoked: bool,
    /// Failures in a row.
    pub failures: u32,
    /// Failures that lock it.
    pub max_failures: u32,
    /// When the last failure was.
    pub failed_at: Option<Timestamp>,
    /// The relay to use instead of the default one.
    pub relay: Option<String>,
}

impl Enrollment {
    /// Whether it can be used at all at `now`; failures are forgotten `clear_after` the last one
    /// (zero: never by themselves).
    pub fn usable(&self, now: Timestamp, clear_after: Duration) -> Result<(), Refusal> {
        if self.is_revoked {
            return Err(Refusal::Revoked);
        }
        if !self.is_active {
            return Err(Refusal::Disabled);
        }
        if self.failures_at(now, clear_after) >= self.max_failures {
            return Err(Refusal::TooManyFailures);
        }
        Ok(())
    }

    /// Failures that still count at `now`.
    pub fn failures_at(&self, now: Timestamp, clear_after: Duration) -> u32 {
        let is_over = |at: Timestamp| !clear_after.is_zero() && now.since(at) >= clear_after;
        if self.failed_at.is_some_and(is_over) { 0 } else { self.failures }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enrollment() -> Enrollment {
        Enrollment {
            serial: Serial::parse("PIEM0001").expect("serial"),
            provider_id: 1,
            address: None,
            is_address_dynamic: false,
            pin: None,
            code_length: CodeLength::STANDARD,
            is_active: true,
            is_revoked: false,
            failures: 0,
            max_failures: MAX_FAILURES,
            failed_at: None,
            relay: None,
        }
    }

    #[test]
    fn ten_failures_lock_until_the_time_is_over() {
        let clear_after = Duration::from_mins(10);
        let at = Timestamp::from_millis(1_000_000);
        let locked = Enrollment { failures: 10, failed_at: Some(at), ..enrollment() };
        assert_eq!(locked.usable(at + Duration::from_secs(599), clear_after), Err(Refusal::TooManyFailures));
        assert_eq!(locked.usable(at + clear_after, clear_after), Ok(()));
        assert_eq!(locked.usable(at + Duration::from_hours(99), Duration::ZERO), Err(Refusal::TooManyFailures));
        let nine = Enrollment { failures: 9, failed_at: Some(at), ..enrollment() };
        assert_eq!(nine.usable(at, clear_after), Ok(()));
    }

    #[test]
    fn revoked_and_disabled_are_told_apart_for_the_audit() {
        let now = Timestamp::default();
        let disabled = Enrollment { is_active: false, ..enrollment() };
        assert_eq!(disabled.usable(now, Duration::ZERO), Err(Refusal::Disabled));
        let revoked = Enrollment { is_revoked: true, is_active: false, ..enrollment() };
        assert_eq!(revoked.usable(now, Duration::ZERO), Err(Refusal::Revoked));
    }

    #[test]
    fn serials_are_plain() {
        for bad in ["", "a*", "a b", "ä", &"x".repeat(41)] {
            assert_eq!(Serial::parse(bad), None, "{bad}");
        }
        assert!(Serial::parse("PIEM0005BA93").is_some());
    }

    #[test]
    fn a_stand_in_is_a_serial_of_one_person_and_one_address() {
        let key = Key::new([1; 32]);
        let of = |subject, source, address| Serial::stand_in(&key, &Subject::new([subject; 16]), source, address);
        let first = of(1, "listed", "a@example.org");
        assert_eq!(Serial::parse(first.as_str()), Some(first.clone()));
        assert_eq!(of(1, "listed", "a@example.org"), first);
        for other in
            [of(2, "listed", "a@example.org"), of(1, "other", "a@example.org"), of(1, "listed", "b@example.org")]
        {
            assert_ne!(other, first);
        }
    }
}
