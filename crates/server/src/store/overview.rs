//! How much there is of what, for the first page of the console.

use domain::challenge::ChallengeId;
use domain::provider::Lifetime;
use domain::time::Timestamp;

use super::audit::first_id;
use super::sql::{Row, values};
use super::{Store, StoreError};

/// Numbers of one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Overview {
    /// Users that are kept here.
    pub users: i64,
    /// Enrollments, switched off ones too.
    pub enrollments: i64,
    /// Challenges whose code would still be taken.
    pub open_challenges: i64,
    /// Sign-ins refused since the given instant.
    pub refusals: i64,
    /// Sign-ins accepted since the given instant.
    pub acceptances: i64,
    /// Mails given up since the given instant.
    pub lost_mails: i64,
}

impl Store {
    /// The numbers of now; verdicts and mails count from `since`.
    pub async fn count_overview(&self, now: Timestamp, since: Timestamp) -> Result<Overview, StoreError> {
        let read = |row: &mut Row| {
            Ok(Overview {
                users: row.take()?,
                enrollments: row.take()?,
                open_challenges: row.take()?,
                refusals: row.take()?,
                acceptances: row.take()?,
                lost_mails: row.take()?,
            })
        };
        // Whatever is older has expired.
        let oldest = ChallengeId::first_at(now - Lifetime::LONGEST.duration());
        let params = values![now.millis(), first_id(since).as_slice(), oldest.as_str()];
        Ok(self.select_one("audit", SELECT, &params, read).await?.unwrap_or_default())
    }
}

const SELECT: &str = "SELECT (SELECT COUNT(*) FROM account), (SELECT COUNT(*) FROM enrollment), \
    (SELECT COUNT(*) FROM challenge WHERE id >= ?3 AND state = 'open' AND is_real = 1 AND expires_at > ?1), \
    (SELECT COUNT(*) FROM audit WHERE id > ?2 AND outcome = 'refuse'), \
    (SELECT COUNT(*) FROM audit WHERE id > ?2 AND outcome = 'accept'), \
    (SELECT COUNT(*) FROM audit WHERE id > ?2 AND action = 'mail' AND outcome = 'fail')";
