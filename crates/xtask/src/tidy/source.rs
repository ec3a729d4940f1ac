//! One file as the rules see it: its path from the root, its text, and for Rust its parts.

use std::path::Path;

use super::lex::{Lexed, Literal, lex};

/// A file of the repository.
pub(crate) struct Source {
    /// From the root of the repository, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
    lexed: Lexed,
    /// How many lines come before the test module at the end.
    product_lines: usize,
}

impl Source {
    /// Takes the file apart when it is Rust.
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let is_rust = has_extension(path, "rs");
        let lexed = if is_rust { lex(text) } else { Lexed::default() };
        let product_lines = if is_rust { lines_before_tests(text) } else { text.lines().count() };
        Self { path: path.to_owned(), text: text.to_owned(), lexed, product_lines }
    }

    /// Whether it is Rust at all.
    pub(crate) fn is_rust(&self) -> bool {
        has_extension(&self.path, "rs")
    }

    /// Whether the whole file is there for tests, benches or fuzzing.
    pub(crate) fn is_test(&self) -> bool {
        let folders = ["/tests/", "/benches/", "/fuzz/"];
        let rooted = format!("/{}", self.path);
        folders.iter().any(|folder| rooted.contains(folder)) || rooted.ends_with("/tests.rs")
    }

    /// Whether it is part of a crate's product code. The automation is not.
    pub(crate) fn is_product(&self) -> bool {
        self.is_rust() && !self.is_test() && !self.is_automation() && self.crate_path().is_some()
    }

    /// Whether it belongs to this very tool.
    pub(crate) fn is_automation(&self) -> bool {
        self.path.starts_with("crates/xtask/")
    }

    /// Crate and path below its `src`: `("server", "store/users.rs")`.
    pub(crate) fn crate_path(&self) -> Option<(&str, &str)> {
        self.path.strip_prefix("crates/")?.split_once("/src/")
    }

    /// Whether it is `home.rs` or lies under `home/` in the server's sources.
    pub(crate) fn is_in_server(&self, home: &str) -> bool {
        let Some(("server", below)) = self.crate_path() else {
            return false;
        };
        below.strip_prefix(home).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
    }

    /// Lines that are not the test module at the end.
    pub(crate) fn product_lines(&self) -> usize {
        self.product_lines
    }

    /// Numbered lines of code, tests included, without comments and with literals emptied.
    pub(crate) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.lexed.code.iter().map(String::as_str))
    }

    /// The same without the test module at the end.
    pub(crate) fn product_code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code().take(self.product_lines)
    }

    /// Text literals outside the test module at the end.
    pub(crate) fn product_literals(&self) -> impl Iterator<Item = &Literal> {
        self.lexed.literals.iter().filter(|literal| literal.line <= self.product_lines)
    }

    /// Whether the line or the one above carries `// tidy: LABEL, because …` with a reason.
    pub(crate) fn is_waived(&self, line: usize, label: &str) -> bool {
        let marker = format!("// tidy: {label}, because ");
        let lines = self.text.lines().skip(line.saturating_sub(2)).take(if line > 1 { 2 } else { 1 });
        lines.filter_map(|text| text.split_once(&marker)).any(|(_, reason)| reason.trim().len() > 3)
    }
}

/// Counts the lines above a `#[cfg(test)] mod … { … }` that ends the file.
fn lines_before_tests(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let Some(start) = lines.iter().rposition(|line| *line == "#[cfg(test)]") else {
        return lines.len();
    };
    let rest = lines.get(start..).unwrap_or_default();
    let opens = rest
        .iter()
        .skip(1)
        .find(|line| !line.starts_with("#["))
        .is_some_and(|line| line.split_whitespace().any(|word| word == "mod") && line.ends_with('{'));
    let is_last = rest.iter().skip_while(|line| **line != "}").skip(1).all(|line| line.trim().is_empty());
    if opens && is_last { start } else { lines.len() }
}

/// Whether the file's name ends so.
pub(crate) fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found == extension)
}

/// Whether `word` stands in `line` with no letter, digit or underscore touching it.
pub(crate) fn has_word(line: &str, word: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let touches = |beside: Option<char>, end: Option<char>| beside.is_some_and(is_name) && end.is_some_and(is_name);
    line.match_indices(word).any(|(at, found)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let after = line.get(at + found.len()..).and_then(|text| text.chars().next());
        !touches(before, word.chars().next()) && !touches(after, word.chars().next_back())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_test_module_at_the_end_is_cut() {
        let at_end = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\n";
        assert_eq!(Source::new("crates/a/src/b.rs", at_end).product_lines(), 1);
        let in_between = format!("{at_end}fn c() {{}}\n");
        assert_eq!(Source::new("crates/a/src/b.rs", &in_between).product_lines(), 6);
        let elsewhere = "#[cfg(test)]\nmod tests;\nfn a() {}\n";
        assert_eq!(Source::new("crates/a/src/b.rs", elsewhere).product_lines(), 3);
    }

    #[test]
    fn homes_are_a_file_or_a_folder_of_the_server() {
        assert!(Source::new("crates/server/src/store.rs", "").is_in_server("store"));
        assert!(Source::new("crates/server/src/store/users.rs", "").is_in_server("store"));
        assert!(!Source::new("crates/server/src/storefront.rs", "").is_in_server("store"));
        assert!(!Source::new("crates/domain/src/store.rs", "").is_in_server("store"));
    }

    #[test]
    fn words_have_borders() {
        assert!(has_word("use hyper::body;", "hyper"));
        assert!(!has_word("use hyper_util::rt;", "hyper"));
        assert!(has_word("now()+1", "now()"));
        assert!(!has_word("snow()", "now()"));
    }

    #[test]
    fn a_waiver_needs_a_reason() {
        let source = Source::new("a.rs", "a: 1, // tidy: fine, because it is\nb: 2,\nc: 3, // tidy: fine, because \n");
        assert!(source.is_waived(1, "fine") && source.is_waived(2, "fine"));
        assert!(!source.is_waived(3, "fine") && !source.is_waived(1, "other"));
    }
}
