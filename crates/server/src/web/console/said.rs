//! What a page says about what was done last. Part of the address, so a reload says it again and does
//! nothing.

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// A copy was made, and this is it.
    Copied,
    /// Something new was made, and this is it.
    Created,
    /// Something was deleted.
    Deleted,
    /// Switched off.
    Disabled,
    /// Switched on.
    Enabled,
    /// Failures forgotten, budgets given back.
    Reset,
    /// Switched off for good.
    Revoked,
    /// What was filled in is set.
    Saved,
}

impl Said {
    /// From the query of an address.
    pub(super) fn read(query: Option<&str>) -> Option<Self> {
        let all = [
            Self::Copied,
            Self::Created,
            Self::Deleted,
            Self::Disabled,
            Self::Enabled,
            Self::Reset,
            Self::Revoked,
            Self::Saved,
        ];
        all.into_iter().find(|said| said.query().strip_prefix('?') == query)
    }

    /// For an address.
    pub(super) const fn query(self) -> &'static str {
        match self {
            Self::Copied => "?said=copied",
            Self::Created => "?said=created",
            Self::Deleted => "?said=deleted",
            Self::Disabled => "?said=disabled",
            Self::Enabled => "?said=enabled",
            Self::Reset => "?said=reset",
            Self::Revoked => "?said=revoked",
            Self::Saved => "?said=saved",
        }
    }

    /// The sentence.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Copied => "This is the copy. It is switched off until you switch it on.",
            Self::Created => "Created.",
            Self::Deleted => "Deleted.",
            Self::Disabled => "The enrollment is switched off. Codes that were on their way are good for nothing.",
            Self::Enabled => "The enrollment is switched on.",
            Self::Reset => "Unlocked: failures are forgotten, and wrong PINs and codes no longer count.",
            Self::Revoked => "The enrollment is revoked, for good. To go on, this person needs a new one.",
            Self::Saved => "Saved. It counts from now on.",
        }
    }
}
