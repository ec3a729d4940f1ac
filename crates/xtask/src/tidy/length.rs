//! File length: a hint, then a wall. The test module at the end of a file does not count.

use super::finding::{Advice, Finding};
use super::source::Source;

const PRODUCT_HINT: usize = 300;
const PRODUCT_WALL: usize = 400;
const TEST_HINT: usize = 400;
const TEST_WALL: usize = 700;

const LENGTH: Advice = Advice {
    why: "a file owns one noun and is read in one sitting",
    remedy: "move one of its nouns to a file of its own",
};

/// Judges one file.
pub(crate) fn check(source: &Source) -> Vec<Finding> {
    if !source.is_rust() {
        return Vec::new();
    }
    let (lines, hint, wall) = if source.is_test() {
        (source.text.lines().count(), TEST_HINT, TEST_WALL)
    } else {
        (source.product_lines(), PRODUCT_HINT, PRODUCT_WALL)
    };
    let path = &source.path;
    match lines {
        _ if lines > wall => vec![Finding::failure(path, 1, format!("{lines} lines, the wall is {wall}"), &LENGTH)],
        _ if lines > hint => vec![Finding::warning(path, 1, format!("{lines} lines, the hint is {hint}"), &LENGTH)],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Severity;
    use super::*;

    fn judged(path: &str, lines: usize, end: &str) -> Option<Severity> {
        let text = format!("{}{end}", "a();\n".repeat(lines));
        check(&Source::new(path, &text)).first().map(|finding| finding.severity)
    }

    #[test]
    fn product_code_is_hinted_at_300_and_stopped_at_400() {
        let path = "crates/server/src/a.rs";
        assert_eq!(judged(path, 300, ""), None);
        assert_eq!(judged(path, 301, ""), Some(Severity::Warning));
        assert_eq!(judged(path, 401, ""), Some(Severity::Failure));
    }

    #[test]
    fn tests_may_be_longer() {
        let module = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "    a();\n".repeat(300));
        assert_eq!(judged("crates/server/src/a.rs", 200, &module), None);
        assert_eq!(judged("crates/server/tests/it/a.rs", 400, ""), None);
        assert_eq!(judged("crates/server/tests/it/a.rs", 401, ""), Some(Severity::Warning));
        assert_eq!(judged("crates/server/tests/it/a.rs", 701, ""), Some(Severity::Failure));
    }
}
