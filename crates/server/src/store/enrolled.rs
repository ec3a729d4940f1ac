//! Who is enrolled: people together with their enrollments, by their name or by a provider.

use domain::enrollment::Serial;

use super::accounts::{self, Account, read_account};
use super::enrollments::{StoredEnrollment, insert, read_enrollment};
use super::sql::{Row, Statement, Value, values};
use super::{Engine, Store, StoreError};

impl Store {
    /// The user of that canonical name with all their enrollments, in one read.
    pub async fn find_enrolled(
        &self,
        resolver: &str,
        name_key: &str,
    ) -> Result<Option<(Account, Vec<StoredEnrollment>)>, StoreError> {
        let rows: Vec<(Account, Option<StoredEnrollment>)> = match &self.engine {
            Engine::Postgres(postgres) => {
                let rows = postgres.find_enrolled(resolver, name_key).await?;
                rows.into_iter().map(|row| read_enrolled(&mut Row::new("account", row))).collect::<Result<_, _>>()?
            }
            Engine::Sqlite(_) => {
                self.select("account", SELECT_NAMED, &values![resolver, name_key], read_enrolled).await?
            }
        };
        let mut found: Option<(Account, Vec<StoredEnrollment>)> = None;
        for (account, stored) in rows {
            found.get_or_insert_with(|| (account, Vec::new())).1.extend(stored);
        }
        Ok(found)
    }

    /// Up to `limit` enrollments of a provider whose serial comes after `after`, in order of serial,
    /// each with its owner; those of nobody are left out.
    pub async fn list_enrolled_at(
        &self,
        provider_id: i64,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(Account, StoredEnrollment)>, StoreError> {
        let rows = self.select("account", SELECT_AT, &values![provider_id, after, limit], read_enrolled).await?;
        Ok(rows.into_iter().filter_map(|(account, stored)| Some((account, stored?))).collect())
    }
}

/// Adds an enrollment of an owner who must be there, otherwise [`StoreError::NotFound`], and must not
/// have one at this provider, otherwise [`StoreError::Stale`].
pub fn insert_only(stored: &StoredEnrollment) -> [Statement; 3] {
    insert_if(stored, Statement::must_be_current(MUST_HAVE_NONE, owner_and_provider(stored)))
}

/// The same, where an owner who has one is as good as none.
pub fn insert_first(stored: &StoredEnrollment) -> [Statement; 3] {
    insert_if(stored, Statement::must_hit(MUST_HAVE_NONE, owner_and_provider(stored)))
}

/// The owner's row is held first: of two nodes that enroll one person, the second sees the first's.
fn insert_if(stored: &StoredEnrollment, condition: Statement) -> [Statement; 3] {
    [accounts::must_exist(&stored.user_id), condition, insert(stored)]
}

fn owner_and_provider(stored: &StoredEnrollment) -> [Value; 2] {
    values![stored.user_id.as_str(), stored.enrollment.provider_id]
}

/// Removes an enrollment, if it is there.
pub fn discard(serial: &Serial) -> Statement {
    Statement::new("DELETE FROM enrollment WHERE serial = ?1", values![serial.as_str()])
}

/// A user, and one of their enrollments if they have any.
fn read_enrolled(row: &mut Row) -> Result<(Account, Option<StoredEnrollment>), StoreError> {
    let account = read_account(row)?;
    let is_enrolled = row.take()?;
    Ok((account, if is_enrolled { Some(read_enrollment(row)?) } else { None }))
}

/// A user with an enrollment: the columns that [`read_enrolled`] reads, and the rest of the SELECT.
macro_rules! enrolled {
    ($tail:literal) => {
        concat!(
            "SELECT a.id, a.resolver, a.name, a.name_key, a.given_name, a.surname, a.email, a.phone, a.mobile, \
             a.description, a.password_hash, a.provider_id, a.created_at, \
             CASE WHEN e.serial IS NULL THEN 0 ELSE 1 END, e.serial, e.user_id, e.realm, e.provider_id, e.address, \
             e.is_address_dynamic, e.pin_hash, e.code_length, e.is_active, e.is_revoked, e.max_failures, e.relay, \
             e.failures, e.failed_at, e.description, e.info, e.created_at",
            $tail
        )
    };
}

const SELECT_NAMED: &str = enrolled!(
    " FROM account a LEFT JOIN enrollment e ON e.user_id = a.id \
     WHERE a.resolver = ?1 AND a.name_key = ?2 ORDER BY e.serial"
);

/// The same for many at once, with the number of the asked user as the last column.
pub(super) const SELECT_ALL_NAMED: &str = enrolled!(
    ", asked.number FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked (resolver, name_key, number) \
     JOIN account a ON a.resolver = asked.resolver AND a.name_key = asked.name_key \
     LEFT JOIN enrollment e ON e.user_id = a.id ORDER BY asked.number, e.serial"
);

const SELECT_AT: &str = enrolled!(
    " FROM enrollment e JOIN account a ON a.id = e.user_id \
     WHERE e.provider_id = ?1 AND e.serial > ?2 ORDER BY e.serial LIMIT ?3"
);

const MUST_HAVE_NONE: &str = "UPDATE account SET id = id WHERE id = ?1 \
    AND NOT EXISTS (SELECT 1 FROM enrollment WHERE user_id = ?1 AND provider_id = ?2)";
