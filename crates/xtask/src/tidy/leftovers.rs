//! Things that were meant to be gone before the push.

use super::finding::{Advice, Finding};
use super::source::{Source, has_word};

const NOTES: [&str; 3] = ["TODO", "FIXME", "XXX"];
const STUBS: [&str; 4] = ["todo!(", "unimplemented!(", "dbg!(", "#[ignore"];

/// Files where a note to oneself would be written. Prose may speak of notes.
const NOTED: [&str; 9] = [".rs", ".toml", ".sql", ".sh", ".py", ".html", ".css", ".js", ".ftl"];

const NOTE: Advice =
    Advice { why: "a note without an issue is forgotten", remedy: "do it, or name the issue: `(#12)`" };
const STUB: Advice =
    Advice { why: "unfinished code and silenced tests are not pushed", remedy: "finish it or take it out" };

/// Judges one file.
pub(crate) fn check(source: &Source) -> Vec<Finding> {
    if source.is_automation() {
        return Vec::new();
    }
    notes(source).chain(stubs(source)).collect()
}

fn notes(source: &Source) -> impl Iterator<Item = Finding> {
    let is_noted = NOTED.iter().any(|ending| source.path.ends_with(ending));
    let lines = (1..).zip(source.text.lines()).filter(move |(_, line)| is_noted && !names_issue(line));
    lines.filter_map(|(number, line)| {
        let note = NOTES.iter().find(|note| has_word(line, note))?;
        Some(Finding::failure(&source.path, number, format!("`{note}` without an issue"), &NOTE))
    })
}

fn stubs(source: &Source) -> impl Iterator<Item = Finding> {
    source.code().filter_map(|(number, line)| {
        let stub = STUBS.iter().find(|stub| has_word(line, stub))?;
        Some(Finding::failure(&source.path, number, format!("`{stub}` left over"), &STUB))
    })
}

fn names_issue(line: &str) -> bool {
    line.split("(#").skip(1).any(|rest| {
        rest.split_once(')').is_some_and(|(number, _)| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<usize> {
        check(&Source::new(path, text)).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn notes_name_their_issue() {
        assert_eq!(found("a.rs", "// TODO(#12): later\n// TODO later\n# PIEMXXXX\n"), [2]);
        assert_eq!(found("a.sql", "-- FIXME (#): later\n"), [1]);
        assert_eq!(found("a.md", "A TODO needs an issue.\n"), [0_usize; 0]);
    }

    #[test]
    fn stubs_and_silenced_tests_are_found_in_code_alone() {
        assert_eq!(found("a.rs", "// dbg!(a)\nlet a = \"todo!(\";\n"), [0_usize; 0]);
        assert_eq!(found("a.rs", "dbg!(a);\ntodo!();\n#[ignore]\nunimplemented!()\n"), [1, 2, 3, 4]);
        assert_eq!(found("crates/xtask/src/a.rs", "todo!(); // TODO\n"), [0_usize; 0]);
    }
}
