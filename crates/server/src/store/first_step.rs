//! First steps that their clients have named, and what each led to: a copy is answered alike, opens nothing
//! and mails nothing, whatever has become of the challenge meanwhile.

use domain::challenge::ChallengeId;
use domain::request_key::RequestMark;
use domain::time::Timestamp;

use super::StoreError;
use super::sql::Row;

/// A first step of before.
#[derive(Debug, Clone)]
pub(super) struct FirstStep {
    pub(super) mark: RequestMark,
    pub(super) challenge: ChallengeId,
    pub(super) expires_at: Timestamp,
}

pub(super) fn read(row: &mut Row) -> Result<FirstStep, StoreError> {
    Ok(FirstStep {
        mark: RequestMark { name: row.take()?, fingerprint: row.take()? },
        challenge: row.take_as(|id: String| ChallengeId::parse(&id))?,
        expires_at: Timestamp::from_millis(row.take()?),
    })
}
