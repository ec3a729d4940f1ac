//! What a rule hands back: where, what, why it matters and what to do.

use std::fmt;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    /// The check fails.
    Failure,
    /// Said, and let pass.
    Warning,
}

/// The part of a finding that is the same each time a rule speaks.
#[derive(Debug)]
pub(crate) struct Advice {
    /// Why the rule exists.
    pub(crate) why: &'static str,
    /// What to do instead.
    pub(crate) remedy: &'static str,
}

/// One broken rule at one place.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) severity: Severity,
    pub(crate) path: String,
    /// Counted from 1.
    pub(crate) line: usize,
    what: String,
    advice: &'static Advice,
}

impl Finding {
    /// A finding that fails the check.
    pub(crate) fn failure(path: &str, line: usize, what: impl Into<String>, advice: &'static Advice) -> Self {
        Self { severity: Severity::Failure, path: path.to_owned(), line, what: what.into(), advice }
    }

    /// A finding that is said and let pass.
    pub(crate) fn warning(path: &str, line: usize, what: impl Into<String>, advice: &'static Advice) -> Self {
        Self { severity: Severity::Warning, ..Self::failure(path, line, what, advice) }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Advice { why, remedy } = self.advice;
        write!(f, "{}:{}: {}; {why}; {remedy}", self.path, self.line, self.what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_says_where_what_why_and_the_remedy() {
        const ADVICE: Advice = Advice { why: "because", remedy: "mend it" };
        let finding = Finding::failure("a.rs", 3, "a thing", &ADVICE);
        assert_eq!(finding.to_string(), "a.rs:3: a thing; because; mend it");
        assert_eq!(Finding::warning("a.rs", 3, "a thing", &ADVICE).severity, Severity::Warning);
    }
}
