//! Every public function of the store must be called by its contract suite, which runs on each engine.

use super::finding::{Advice, Finding};
use super::source::{Source, has_word};

const STORE: &str = "crates/server/src/store/";
const SUITE: &str = "crates/server/tests/it/store";

/// Files of one engine; the suite reaches them through the others.
const ENGINES: [&str; 2] = ["sqlite", "postgres"];

const CONTRACT: Advice = Advice {
    why: "what the suite does not call drifts between the engines",
    remedy: "call it from a test under crates/server/tests/it/store/, or make it `pub(crate)`",
};

/// Judges the store against its suite.
pub(crate) fn check(sources: &[Source]) -> Vec<Finding> {
    let suite: Vec<&Source> = sources.iter().filter(|source| source.path.starts_with(SUITE)).collect();
    let is_called = |name: &str| suite.iter().any(|source| source.code().any(|(_, line)| has_word(line, name)));
    let store = sources.iter().filter(|source| is_shared(source));
    let functions = store.flat_map(|source| functions(source).map(move |(line, name)| (source, line, name)));
    functions
        .filter(|(_, _, name)| !is_called(name))
        .map(|(source, line, name)| {
            let what = format!("`{name}` is missing from the store's contract suite");
            Finding::failure(&source.path, line, what, &CONTRACT)
        })
        .collect()
}

fn is_shared(source: &Source) -> bool {
    let below = source.path.strip_prefix(STORE).filter(|below| !below.contains('/') && source.is_rust());
    below.is_some_and(|below| !source.is_test() && !ENGINES.iter().any(|engine| below.starts_with(engine)))
}

fn functions(source: &Source) -> impl Iterator<Item = (usize, &str)> {
    source.product_code().filter_map(|(number, line)| {
        let line = line.trim_start();
        let rest = line.strip_prefix("pub fn ").or_else(|| line.strip_prefix("pub async fn "))?;
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_')?;
        Some((number, rest.get(..end)?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(store: &str, suite: &str) -> usize {
        let sources = [
            Source::new("crates/server/src/store/users.rs", store),
            Source::new("crates/server/src/store/sqlite.rs", "pub fn open_file() {}\n"),
            Source::new("crates/server/src/store/sqlite/pool.rs", "pub fn take() {}\n"),
            Source::new("crates/server/tests/it/store/users.rs", suite),
        ];
        check(&sources).len()
    }

    #[test]
    fn public_functions_are_called_by_the_suite() {
        let store = "pub async fn find_user() {}\npub(crate) fn row() {}\n    pub fn insert_user<'a>() {}\n";
        assert_eq!(found(store, "store.find_user().await;\nstore.insert_user();\n"), 0);
        assert_eq!(found(store, "// find_user\nstore.insert_user_twice();\n"), 2);
    }
}
