//! How long a code lives.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::InvalidProvider;

/// From issue to expiry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime(u16);

impl Lifetime {
    /// Two minutes.
    pub const STANDARD: Self = Self(120);

    /// Four minutes.
    pub const LONGEST: Self = Self(240);

    /// From whole seconds, 30 to 240.
    pub fn from_seconds(seconds: i64) -> Result<Self, InvalidProvider> {
        match u16::try_from(seconds) {
            Ok(short) if LIFETIME_RANGE.contains(&u64::from(short)) => Ok(Self(short)),
            _ => Err(InvalidProvider::Lifetime(seconds)),
        }
    }

    /// Whole seconds.
    pub fn seconds(self) -> u64 {
        u64::from(self.0)
    }

    /// As a duration.
    pub fn duration(self) -> Duration {
        Duration::from_secs(self.seconds())
    }
}

/// Seconds a code may live (Parallels RAS administrator's guide).
const LIFETIME_RANGE: RangeInclusive<u64> = 30..=240;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_is_that_of_the_guide() {
        for (seconds, valid) in [(29, false), (30, true), (240, true), (241, false), (-1, false), (i64::MAX, false)] {
            assert_eq!(Lifetime::from_seconds(seconds).is_ok(), valid, "{seconds}");
        }
    }
}
