//! What differs from the recording, and why.

/// Title, number in `docs/integrate/privacyidea.md`, and every difference.
pub const DEVIATIONS: &[(&str, u8, &str)] = &[];

/// Title, our HTTP status, and why it is no concern of ours.
pub const OUT_OF_SCOPE: &[(&str, u16, &str)] = &[];
