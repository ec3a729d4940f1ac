//! Reading challenges: for codes that name none, for lists, for the waiting page.

use domain::challenge::{ChallengeId, ChallengeKey, State};
use domain::code::{CodeLength, Nonce};
use domain::provider::Lifetime;
use domain::subject::Subject;
use domain::time::Timestamp;

use super::sql::{Row, Statement, Value, values};
use super::{Store, StoreError};

/// A challenge as lists show it: never its nonce, never its MAC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownChallenge {
    /// Its identifier.
    pub id: ChallengeId,
    /// The enrollment it went to.
    pub serial: String,
    /// Where it is in its life.
    pub state: State,
    /// Codes compared so far.
    pub tries: i64,
    /// Mails sent so far.
    pub sends: i64,
    /// When it was opened.
    pub issued_at: Timestamp,
    /// The first instant at which its code is refused.
    pub expires_at: Timestamp,
    /// When the last mail was queued.
    pub last_sent_at: Timestamp,
    /// The account.
    pub subject: Subject,
}

/// From what one code follows that could still be accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCode {
    /// The challenge and its part.
    pub key: ChallengeKey,
    /// Digits of the code.
    pub length: CodeLength,
    /// The nonce.
    pub nonce: Nonce,
}

impl Store {
    /// The codes of at most `limit` open sign-ins of an account, the newest challenge first; of the named one
    /// alone, if one is named.
    pub async fn list_open_codes(
        &self,
        (subject, group): (Subject, &str),
        named: Option<&ChallengeId>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<OpenCode>, StoreError> {
        let ids = match named {
            Some(id) => vec![id.clone()],
            None => self.list_open_ids(subject, group, now, limit).await?,
        };
        let mut codes = Vec::new();
        for id in ids {
            let params = values![id.as_str(), subject.as_bytes().as_slice(), group, now.millis()];
            codes.extend(self.select("challenge", SELECT_OPEN_CODES, &params, read_open_code).await?);
        }
        Ok(codes)
    }

    /// Identifiers of open sign-ins of an account, the newest first, at most `limit`.
    pub async fn list_open_ids(
        &self,
        subject: Subject,
        group: &str,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<ChallengeId>, StoreError> {
        let params = values![subject.as_bytes().as_slice(), group, now.millis(), limit];
        self.select("challenge", SELECT_OPEN_IDS, &params, |row| row.take_as(|id: String| ChallengeId::parse(&id)))
            .await
    }

    /// The rows of one challenge.
    pub async fn find_challenge(&self, id: &ChallengeId) -> Result<Vec<ShownChallenge>, StoreError> {
        self.select("challenge", SELECT_BY_ID, &values![id.as_str()], read_shown).await
    }

    /// The subject of a challenge that can never be accepted; nothing for any other.
    pub async fn find_decoy(&self, id: &ChallengeId) -> Result<Option<Subject>, StoreError> {
        let read = |row: &mut Row| row.take().map(Subject::new);
        self.select_one("challenge", SELECT_DECOY, &values![id.as_str()], read).await
    }

    /// Up to `limit` challenges after `after`, oldest first.
    pub async fn list_challenges(&self, after: &str, limit: usize) -> Result<Vec<ShownChallenge>, StoreError> {
        self.select("challenge", SELECT_PAGE, &values![after, limit], read_shown).await
    }

    /// Up to `limit` challenges of one enrollment, or of all where `serial` is empty, the newest
    /// first, after leaving out `skip`. Challenges live for minutes: there are never many.
    pub async fn list_newest_challenges(
        &self,
        serial: &str,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<ShownChallenge>, StoreError> {
        let params = values![serial, skip.saturating_add(limit)];
        let newest = self.select("challenge", SELECT_NEWEST, &params, read_shown).await?;
        Ok(newest.into_iter().skip(skip).collect())
    }

    /// How many challenges one enrollment has, or all have where `serial` is empty.
    pub async fn count_challenges(&self, serial: &str) -> Result<i64, StoreError> {
        Ok(self.select_one("challenge", COUNT, &values![serial], Row::take).await?.unwrap_or(0))
    }

    /// How many challenges [`delete_expired`] would remove.
    pub async fn count_expired(&self, now: Timestamp) -> Result<i64, StoreError> {
        Ok(self.select_one("challenge", COUNT_EXPIRED, &expired(now), Row::take).await?.unwrap_or(0))
    }
}

/// Calls off every open challenge of an account.
pub fn cancel_of(subject: Subject) -> Statement {
    Statement::new(CANCEL_OF, values![subject.as_bytes().as_slice()])
}

/// Removes what expired before `now`, as far as nothing else may still be found by it: that stays for minutes.
pub fn delete_expired(now: Timestamp) -> Statement {
    Statement::new(DELETE_EXPIRED, expired(now))
}

fn expired(now: Timestamp) -> [Value; 2] {
    values![now.millis(), ChallengeId::first_at(now - Lifetime::LONGEST.duration()).as_str()]
}

fn read_open_code(row: &mut Row) -> Result<OpenCode, StoreError> {
    let id = row.take_as(|id: String| ChallengeId::parse(&id))?;
    let part = row.take_as(|part: i64| u8::try_from(part).ok())?;
    let length = row.take_as(|digits| CodeLength::from_digits(digits).ok())?;
    Ok(OpenCode { key: ChallengeKey { id, part }, length, nonce: row.take()? })
}

fn read_shown(row: &mut Row) -> Result<ShownChallenge, StoreError> {
    Ok(ShownChallenge {
        id: row.take_as(|id: String| ChallengeId::parse(&id))?,
        serial: row.take()?,
        state: row.take_as(|state: String| State::parse(&state))?,
        tries: row.take()?,
        sends: row.take()?,
        issued_at: Timestamp::from_millis(row.take()?),
        expires_at: Timestamp::from_millis(row.take()?),
        last_sent_at: Timestamp::from_millis(row.take()?),
        subject: Subject::new(row.take()?),
    })
}

/// The trail of the account `?1`. Each step is a subquery for one value, and so is each look at what it leads to: out of
/// a join, or `EXISTS`, `PostgreSQL` might make a walk over all challenges.
macro_rules! trail {
    ($rest:literal) => {
        concat!(
            "WITH RECURSIVE trail (id) AS (SELECT newest_challenge FROM budget WHERE subject = ?1 \
             UNION SELECT (SELECT c.previous FROM challenge AS c WHERE c.id = trail.id LIMIT 1) \
             FROM trail WHERE trail.id <> '') ",
            $rest
        )
    };
}

const SELECT_OPEN_IDS: &str = trail!(
    "SELECT id FROM trail WHERE (SELECT 1 FROM challenge AS c WHERE c.id = trail.id AND c.state = 'open' \
     AND c.client_group = ?2 AND c.purpose = 'sign-in' AND c.expires_at > ?3 LIMIT 1) = 1 \
     ORDER BY id DESC LIMIT ?4"
);

const SELECT_OPEN_CODES: &str = "SELECT id, part, code_length, nonce FROM challenge WHERE id = ?1 AND subject = ?2 \
    AND state = 'open' AND client_group = ?3 AND purpose = 'sign-in' AND expires_at > ?4 ORDER BY part";

const SELECT_BY_ID: &str = "SELECT id, serial, state, tries, sends, issued_at, expires_at, last_sent_at, subject \
    FROM challenge WHERE id = ?1 ORDER BY part";

const SELECT_DECOY: &str = "SELECT subject FROM challenge WHERE id = ?1 AND is_real = 0 ORDER BY part LIMIT 1";

const SELECT_PAGE: &str = "SELECT id, serial, state, tries, sends, issued_at, expires_at, last_sent_at, subject \
    FROM challenge WHERE id > ?1 AND is_real = 1 ORDER BY id, part LIMIT ?2";

const SELECT_NEWEST: &str = "SELECT id, serial, state, tries, sends, issued_at, expires_at, last_sent_at, subject \
    FROM challenge WHERE is_real = 1 AND (?1 = '' OR serial = ?1) ORDER BY id DESC, part LIMIT ?2";

const COUNT: &str = "SELECT COUNT(*) FROM challenge WHERE is_real = 1 AND (?1 = '' OR serial = ?1)";

const CANCEL_OF: &str =
    trail!("UPDATE challenge SET state = 'cancelled' WHERE state = 'open' AND id IN (SELECT id FROM trail)");

/// What has expired and ends its trail, or is so old that all before it has expired, too (`?2`): nothing that is open
/// is cut off.
const DELETE_EXPIRED: &str = "DELETE FROM challenge WHERE expires_at <= ?1 AND (previous = '' OR id < ?2)";

const COUNT_EXPIRED: &str = "SELECT COUNT(*) FROM challenge WHERE is_real = 1 AND expires_at <= ?1 \
    AND (previous = '' OR id < ?2)";
