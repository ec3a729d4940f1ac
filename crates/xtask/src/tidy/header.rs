//! A file opens by saying what it owns, unless it is very short.

use super::finding::{Advice, Finding};
use super::source::Source;

const SHORT: usize = 30;

const HEADER: Advice = Advice {
    why: "the reader wants to know what a file owns before reading it",
    remedy: "open it with `//!`: what it owns and what it must not know",
};

/// Judges one file.
pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let is_short = source.text.lines().count() < SHORT;
    if !source.is_rust() || is_short || source.text.trim_start().starts_with("//!") {
        return Vec::new();
    }
    vec![Finding::failure(&source.path, 1, "no `//!` at the top", &HEADER)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_files_open_with_what_they_own() {
        let long = "a();\n".repeat(30);
        assert!(check(&Source::new("a.rs", &format!("//! Owns a.\n{long}"))).is_empty());
        assert!(check(&Source::new("a.rs", "a();\n")).is_empty());
        assert!(check(&Source::new("a.sql", &long)).is_empty());
        assert_eq!(check(&Source::new("a.rs", &long)).len(), 1);
    }
}
