//! SQL: only under the store, and only what both engines read alike.

use super::finding::{Advice, Finding};
use super::source::{Source, has_word};

const VERBS: [&str; 6] = ["SELECT", "INSERT INTO", "UPDATE", "DELETE FROM", "CREATE", "WITH"];

/// Calls that only a statement or a piece of one contains, in any case.
const CALLS: [&str; 3] = ["now()", "random(", "datetime("];

/// Words that are SQL when written in capitals, and in any case inside a statement.
const WORDS: [&str; 7] = ["REPLACE INTO", "INSERT OR", "FOR UPDATE", "SKIP LOCKED", "OFFSET", "AUTOINCREMENT", "ROWID"];

const PLACE: Advice =
    Advice { why: "SQL lives under store/ and nowhere else", remedy: "add a function there and call it" };
const PORTABLE: Advice = Advice {
    why: "one text runs on both engines, and the database invents nothing",
    remedy: "bind the value, upsert with ON CONFLICT, page by key; where the engines truly differ \
             end the line with `// tidy: one engine, because …`",
};

/// Judges one file.
pub(crate) fn check(source: &Source) -> Vec<Finding> {
    // The load driver fills databases with made-up rows of its own, and a private server is asked how it is.
    let is_tool = ["crates/bench/", "crates/private-postgres/"].iter().any(|tool| source.path.starts_with(tool));
    if !source.is_product() || is_tool {
        return Vec::new();
    }
    if source.is_in_server("store") { check_portable(source) } else { check_place(source) }
}

fn check_place(source: &Source) -> Vec<Finding> {
    let statements = source.product_literals().filter(|literal| is_statement(&literal.text));
    statements.map(|literal| Finding::failure(&source.path, literal.line, "SQL outside the store", &PLACE)).collect()
}

fn check_portable(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for literal in source.product_literals() {
        for (number, line) in (literal.line..).zip(literal.text.split('\n')) {
            let waived = source.is_waived(literal.line, "one engine") || source.is_waived(number, "one engine");
            let banned = banned(line, is_statement(&literal.text.to_uppercase()));
            findings.extend(banned.filter(|_| !waived).map(|word| {
                Finding::failure(&source.path, number, format!("`{word}` is not portable SQL"), &PORTABLE)
            }));
        }
    }
    findings
}

fn banned(line: &str, in_statement: bool) -> Option<&'static str> {
    let lower = line.to_lowercase();
    let words = if in_statement { line.to_uppercase() } else { line.to_owned() };
    let call = CALLS.into_iter().find(|call| has_word(&lower, call));
    call.or_else(|| WORDS.into_iter().find(|word| has_word(&words, word)))
}

fn is_statement(text: &str) -> bool {
    let begins = |verb: &str| text.trim_start().strip_prefix(verb).is_some_and(|rest| rest.starts_with([' ', '\n']));
    VERBS.into_iter().any(begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<usize> {
        check(&Source::new(path, text)).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn statements_live_in_the_store() {
        let text = "a(\"Select a theme\");\nb(\n    \"\n     SELECT 1\",\n);\nc(\"SELECTED\");\n";
        assert_eq!(found("crates/server/src/auth/begin.rs", text), [3]);
        assert_eq!(found("crates/server/src/store/users.rs", text), [0_usize; 0]);
        assert_eq!(found("crates/server/tests/it/store/users.rs", text), [0_usize; 0]);
        assert_eq!(found("crates/domain/src/otp.rs", "a(\"DELETE FROM users\");\n"), [1]);
    }

    #[test]
    fn only_portable_sql_is_written() {
        let path = "crates/server/src/store/users.rs";
        let good = "a(\"INSERT INTO users (id) VALUES ($1) ON CONFLICT DO NOTHING\");\nb(\"offset from now\");\n";
        assert_eq!(found(path, good), [0_usize; 0]);
        let bad = "a(\"SELECT now()\");\nb(\"INSERT OR IGNORE INTO a\");\nc(\"SELECT 1\n limit 1 offset 2\");\nd(\" OFFSET $3\");\n";
        assert_eq!(found(path, bad), [1, 2, 4, 5]);
    }

    #[test]
    fn a_true_difference_is_waived_with_its_reason() {
        let path = "crates/server/src/store/outbox.rs";
        let text = "a(\"SELECT 1 FOR UPDATE\"); // tidy: one engine, because SQLite has no row locks\n";
        assert_eq!(found(path, text), [0_usize; 0]);
        assert_eq!(found(path, "a(\"SELECT 1 FOR UPDATE\"); // tidy: one engine\n"), [1]);
    }
}
