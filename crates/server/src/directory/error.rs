//! What can go wrong between us and a directory. Owns the wording; no password and nothing that a server made up
//! is in it.

/// Why a directory gave no answer. Nobody is let in on one of these.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryError {
    /// It took a request and refused it: our account, the base, the attribute.
    #[error("directory {resolver}: {what}")]
    Refused {
        /// Its resolver.
        resolver: String,
        /// What it refused, and the result code in words.
        what: String,
    },
    /// It cannot be reached, is too slow, or does not speak LDAP.
    #[error("directory {resolver} is unavailable: {what}")]
    Unavailable {
        /// Its resolver.
        resolver: String,
        /// What happened.
        what: String,
    },
    /// Its settings cannot be used: a password that does not open, a certificate file that is gone.
    #[error("directory {resolver} is not set up: {what}")]
    Unusable {
        /// Its resolver.
        resolver: String,
        /// What is missing.
        what: String,
    },
}

impl DirectoryError {
    /// Said where more than one entry fits a name.
    pub(super) const AMBIGUOUS: &str =
        "more than one entry fits a name, so it is nobody's: narrow LDAPBASE or LDAPSEARCHFILTER";
}

/// Why one operation on one connection failed; becomes a [`DirectoryError`] where the resolver is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// The server refused it.
    Refused(String),
    /// The connection ended before anything was answered: it was dead already, as a rule, and nobody has heard the
    /// request.
    Closed(String),
    /// The connection is of no more use.
    Lost(String),
    /// A person has to mend it.
    Unusable(String),
}

impl Fault {
    /// The same, where a part of the answer had come.
    pub(super) fn midway(self) -> Self {
        if let Self::Closed(what) = self { Self::Lost(what) } else { self }
    }

    /// Whether its connection is to be given up.
    pub(super) const fn ends_connection(&self) -> bool {
        matches!(self, Self::Closed(_) | Self::Lost(_))
    }

    /// The same for the directory of that resolver.
    pub(super) fn at(self, resolver: &str) -> DirectoryError {
        let resolver = resolver.to_owned();
        match self {
            Self::Closed(what) | Self::Lost(what) => DirectoryError::Unavailable { resolver, what },
            Self::Refused(what) => DirectoryError::Refused { resolver, what },
            Self::Unusable(what) => DirectoryError::Unusable { resolver, what },
        }
    }
}

/// A result code in words (RFC 4511 appendix A.2).
pub(super) fn code_in_words(code: u32) -> String {
    let words = match code {
        1 => "operations error",
        2 => "protocol error",
        3 => "time limit exceeded",
        4 => "size limit exceeded",
        8 => "stronger authentication required",
        10 => "it points to another server, and pointers are never followed",
        11 => "administrative limit exceeded",
        13 => "confidentiality required: use ldaps:// or START_TLS=1",
        16 => "no such attribute",
        17 => "undefined attribute type",
        19 => "constraint violation",
        20 => "attribute or value exists",
        21 => "invalid attribute syntax",
        32 => "no such object",
        34 => "invalid name of an entry",
        48 => "inappropriate authentication",
        49 => "invalid credentials",
        50 => "insufficient access rights",
        51 => "busy",
        52 => "unavailable",
        53 => "unwilling to perform",
        65 => "object class violation",
        _ => return format!("result code {code}"),
    };
    format!("{words} (result code {code})")
}
