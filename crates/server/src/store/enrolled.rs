//! Who is enrolled at a provider: one enrollment for each person there.

use domain::enrollment::Serial;

use super::accounts::{self, Account};
use super::enrollments::{StoredEnrollment, enrolled, insert, read_enrolled};
use super::sql::{Statement, values};
use super::{Store, StoreError};

impl Store {
    /// Up to `limit` enrollments of a provider whose serial comes after `after`, in order of serial,
    /// each with its owner; those of nobody are left out.
    pub async fn list_enrolled_at(
        &self,
        provider_id: i64,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(Account, StoredEnrollment)>, StoreError> {
        let rows = self.select("account", SELECT, &values![provider_id, after, limit], read_enrolled).await?;
        Ok(rows.into_iter().filter_map(|(account, stored)| Some((account, stored?))).collect())
    }
}

/// Adds an enrollment of an owner who must be there, otherwise [`StoreError::NotFound`], and must not
/// have one at this provider, otherwise [`StoreError::Stale`].
pub fn insert_only(stored: &StoredEnrollment) -> [Statement; 3] {
    let (user_id, provider_id) = (stored.user_id.as_str(), stored.enrollment.provider_id);
    // The owner's row is held first: of two nodes that enroll one person, the second sees the first's.
    let only = Statement::must_be_current(MUST_BE_ONLY, values![user_id, provider_id]);
    [accounts::must_exist(user_id), only, insert(stored)]
}

/// Removes an enrollment, if it is there.
pub fn discard(serial: &Serial) -> Statement {
    Statement::new("DELETE FROM enrollment WHERE serial = ?1", values![serial.as_str()])
}

const SELECT: &str = enrolled!(
    " FROM enrollment e JOIN account a ON a.id = e.user_id \
     WHERE e.provider_id = ?1 AND e.serial > ?2 ORDER BY e.serial LIMIT ?3"
);

const MUST_BE_ONLY: &str = "UPDATE account SET id = id WHERE id = ?1 \
    AND NOT EXISTS (SELECT 1 FROM enrollment WHERE user_id = ?1 AND provider_id = ?2)";
