//! What has expired: which rows, how long they are kept, how many go at once.

use std::time::Duration;

pub(super) const CHALLENGES: &str =
    "DELETE FROM challenge WHERE id IN (SELECT id FROM challenge WHERE id < ?1 ORDER BY id LIMIT ?2)";

/// They leave with their challenges.
pub(super) const FIRST_STEPS: &str = "DELETE FROM first_step WHERE name IN \
    (SELECT name FROM first_step WHERE challenge < ?1 ORDER BY challenge LIMIT ?2)";

/// Identifiers begin with the time: what expired long enough ago is among the oldest (`?3`), and the others need
/// not be looked at.
pub(super) const OUTBOX: &str =
    "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE id < ?3 AND expires_at <= ?1 ORDER BY id LIMIT ?2)";

/// Addresses that were left long ago: whoever enrolls again so late is told nothing of them.
pub(super) const FORMER_ADDRESSES: &str = "DELETE FROM former_address WHERE user_id IN \
    (SELECT user_id FROM former_address WHERE left_at < ?1 ORDER BY left_at LIMIT ?2) AND left_at < ?1";

/// The next accounts in order of their key.
pub(super) const NEXT_BUDGETS: &str = "SELECT subject FROM budget WHERE subject > ?1 ORDER BY subject LIMIT ?2";

/// Rows per kind and batch.
pub(super) const BATCH: usize = 500;
/// A closed challenge is kept so long that a late answer can still be told from a made-up one: the
/// longest life of a code and ten minutes.
pub(super) const KEEP_CLOSED: Duration = Duration::from_mins(4 + 10);
/// An address that somebody left is remembered so long.
pub(super) const KEEP_FORMER: Duration = Duration::from_hours(90 * 24);
/// An outbox row outlives its code so long that the worker can still report it dropped.
pub(super) const KEEP_UNSENT: Duration = Duration::from_mins(1);
