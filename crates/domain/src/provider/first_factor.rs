//! What proves the first factor.

/// What has to be right before a code is mailed, in order of how much that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum FirstFactor {
    /// Nothing: the caller has checked it already.
    None,
    /// The PIN of the enrollment.
    #[default]
    TokenPin,
    /// The user's own password.
    UserStore,
}

impl FirstFactor {
    /// The name used in settings and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::TokenPin => "tokenpin",
            Self::UserStore => "userstore",
        }
    }

    /// Reads the name back.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::None, Self::TokenPin, Self::UserStore].into_iter().find(|factor| factor.as_str() == name)
    }
}
