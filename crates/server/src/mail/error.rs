//! What can go wrong between us and a mail relay, sorted by what the caller can do about it.
//! Owns the wording; knows nothing of sockets. No text in here may come from a message or a sign-in.

/// Why a mail was not accepted. The reason is one line for an operator and holds no code, no
/// body, no credentials; what the relay said is in it only after redaction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The same message may be accepted later: a 4xx reply, no connection, a timeout, a lost
    /// connection. Retry with the same Message-ID: the relay may have kept the message.
    #[error("try later: {reason}")]
    TryLater {
        /// What happened, in words.
        reason: String,
        /// Where.
        place: Place,
    },
    /// This message to this recipient will never be accepted (a 5xx reply).
    #[error("rejected: {reason}")]
    Rejected {
        /// What the relay said, redacted.
        reason: String,
        /// Where.
        place: Place,
    },
    /// No message can leave through this relay until an operator changes something.
    #[error("misconfigured: {reason}")]
    Misconfigured {
        /// Which check failed, in words.
        reason: String,
        /// Where.
        place: Place,
    },
}

/// How far a mail came, for those who must not learn more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Not to where a mail relay talks to us.
    OnTheWay,
    /// To the wish for a protected connection.
    Tls,
    /// To user name and secret.
    SignIn,
    /// To the mail itself, which the relay did not take; its reply code.
    Mail(u16),
}

impl MailError {
    /// A failure that time may heal.
    pub(crate) fn try_later(reason: impl Into<String>) -> Self {
        Self::TryLater { reason: reason.into(), place: Place::OnTheWay }
    }

    /// A failure of this message for good.
    pub(crate) fn rejected(reason: impl Into<String>) -> Self {
        Self::Rejected { reason: reason.into(), place: Place::OnTheWay }
    }

    /// A failure that only an operator can heal.
    pub(crate) fn misconfigured(reason: impl Into<String>) -> Self {
        Self::Misconfigured { reason: reason.into(), place: Place::OnTheWay }
    }

    /// The same, with the place where it happened.
    pub(crate) fn at(mut self, here: Place) -> Self {
        let (Self::TryLater { place, .. } | Self::Rejected { place, .. } | Self::Misconfigured { place, .. }) =
            &mut self;
        *place = here;
        self
    }

    /// Where it happened.
    pub const fn place(&self) -> Place {
        match self {
            Self::TryLater { place, .. } | Self::Rejected { place, .. } | Self::Misconfigured { place, .. } => *place,
        }
    }
}
