//! One open challenge row as both engines read it: what continuing it and mailing it again need.

use domain::address::MailAddress;
use domain::challenge::{Challenge, ChallengeId, ChallengeKey, Purpose, State};
use domain::code::{CodeLength, Nonce};
use domain::enrollment::Serial;
use domain::subject::Subject;
use domain::time::Timestamp;

use super::StoreError;
use super::command::MailJob;
use super::sql::Row;

/// One open row.
#[derive(Debug, Clone)]
pub(super) struct OpenPart {
    pub(super) challenge: Challenge,
    pub(super) part: u8,
    pub(super) serial: Serial,
    pub(super) subject: Subject,
    pub(super) purpose: Purpose,
    pub(super) group: String,
    pub(super) code_length: CodeLength,
    pub(super) nonce: Nonce,
}

/// Where the mail of a part goes; none for the mail of a decoy, which nobody will ever send.
#[derive(Debug, Clone)]
pub(super) struct Recipient {
    pub(super) address: Option<MailAddress>,
    pub(super) relay: String,
    pub(super) provider_id: i64,
}

impl OpenPart {
    /// The same part with one more mail counted.
    pub(super) fn again(mut self) -> Self {
        self.challenge.sends += 1;
        self
    }

    /// The mail that carries its code.
    pub(super) fn mail(&self, to: &Recipient) -> MailJob {
        let challenge = &self.challenge;
        MailJob {
            key: ChallengeKey { id: challenge.id.clone(), part: self.part },
            send: challenge.sends.into(),
            address: to.address.clone(),
            relay: to.relay.clone(),
            provider_id: to.provider_id,
            subject: self.subject,
            purpose: self.purpose,
            group: self.group.clone(),
            code_length: self.code_length,
            nonce: self.nonce,
            issued_at: challenge.issued_at,
            expires_at: challenge.expires_at,
            attempts: 0,
        }
    }
}

pub(super) fn read_open(row: &mut Row) -> Result<OpenPart, StoreError> {
    let id = row.take_as(|id: String| ChallengeId::parse(&id))?;
    let part = row.take_as(|part: i64| u8::try_from(part).ok())?;
    Ok(OpenPart {
        part,
        serial: row.take_as(|serial: String| Serial::parse(&serial))?,
        subject: Subject::new(row.take()?),
        purpose: row.take_as(|name: String| purpose(&name))?,
        group: row.take()?,
        code_length: row.take_as(|digits| CodeLength::from_digits(digits).ok())?,
        nonce: row.take()?,
        challenge: Challenge {
            id,
            state: State::Open,
            is_real: row.take()?,
            tries: row.take_as(|tries: i64| u8::try_from(tries).ok())?,
            sends: row.take_as(|sends: i64| u8::try_from(sends).ok())?,
            issued_at: Timestamp::from_millis(row.take()?),
            expires_at: Timestamp::from_millis(row.take()?),
            last_sent_at: Timestamp::from_millis(row.take()?),
        },
    })
}

pub(super) fn purpose(name: &str) -> Option<Purpose> {
    [Purpose::Enroll, Purpose::SignIn].into_iter().find(|purpose| purpose.as_str() == name)
}
