//! Migrations: numbered without gaps, alike for every engine, and never changed once released.

use super::finding::{Advice, Finding};

/// Where they live.
pub(crate) const FOLDER: &str = "crates/server/migrations";
/// The list of released files in the format of `sha256sum`, relative to [`FOLDER`].
pub(crate) const CHECKSUMS: &str = "checksums.txt";

const NUMBERS: Advice =
    Advice { why: "migrations run in order, each once", remedy: "name it NNNN_name.sql with the next free number" };
const PARITY: Advice =
    Advice { why: "every engine walks the same steps", remedy: "add the file of the same name for the other engine" };
const RELEASED: Advice = Advice {
    why: "a database out there has already run this file",
    remedy: "put it back and write a new migration; only if it was never released: `cargo xtask tidy --bless`",
};

/// Judges the names below [`FOLDER`]: `sqlite/0001_first.sql`.
pub(crate) fn check_names(files: &[String]) -> Vec<Finding> {
    let steps: Vec<(&str, &str)> = files.iter().filter_map(|file| file.split_once('/')).collect();
    let mut engines: Vec<&str> = steps.iter().map(|(engine, _)| *engine).collect();
    engines.sort_unstable();
    engines.dedup();
    let names = |engine| {
        let mut names: Vec<&str> = steps.iter().filter(|(of, _)| *of == engine).map(|(_, name)| *name).collect();
        names.sort_unstable();
        names
    };
    let numbered = engines.iter().flat_map(|engine| check_numbers(engine, &names(*engine)));
    let missing = engines.iter().flat_map(|engine| {
        let absent = steps.iter().filter(|(_, name)| !names(*engine).contains(name));
        absent.map(move |(of, name)| failure(&format!("{of}/{name}"), format!("not there for {engine}"), &PARITY))
    });
    numbered.chain(missing).collect()
}

fn check_numbers(engine: &str, names: &[&str]) -> Vec<Finding> {
    let numbered = (1..).zip(names);
    let wrong = numbered.filter(|(number, name)| !has_number(name, *number));
    wrong
        .map(|(number, name)| failure(&format!("{engine}/{name}"), format!("not number {number:04}"), &NUMBERS))
        .collect()
}

fn has_number(name: &str, number: usize) -> bool {
    let rest = name.strip_prefix(&format!("{number:04}_")).and_then(|rest| rest.strip_suffix(".sql"));
    rest.is_some_and(|rest| !rest.is_empty())
}

/// Compares the released list with what `sha256sum` says of the files there are now.
/// A file not yet on the list is free to change.
pub(crate) fn check_checksums(released: &str, actual: &str) -> Vec<Finding> {
    let find = |wanted| entries(actual).find(|(_, file)| *file == wanted).map(|(sum, _)| sum);
    let judged = entries(released).map(|(sum, file)| match find(file) {
        None => Some(failure(file, "a released migration is gone", &RELEASED)),
        Some(found) if found != sum => Some(failure(file, "a released migration was changed", &RELEASED)),
        Some(_) => None,
    });
    judged.flatten().collect()
}

fn entries(list: &str) -> impl Iterator<Item = (&str, &str)> {
    list.lines().filter_map(|line| line.split_once("  "))
}

fn failure(file: &str, what: impl Into<String>, advice: &'static Advice) -> Finding {
    Finding::failure(&format!("{FOLDER}/{file}"), 1, what, advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(files: &[&str]) -> usize {
        check_names(&files.iter().map(|file| (*file).to_owned()).collect::<Vec<_>>()).len()
    }

    #[test]
    fn numbers_have_no_gaps() {
        assert_eq!(names(&["sqlite/0001_first.sql", "sqlite/0002_more.sql"]), 0);
        assert_eq!(names(&["sqlite/0001_first.sql", "sqlite/0003_more.sql"]), 1);
        assert_eq!(names(&["sqlite/first.sql"]), 1);
    }

    #[test]
    fn engines_have_the_same_files() {
        assert_eq!(names(&["postgres/0001_first.sql", "sqlite/0001_first.sql"]), 0);
        assert_eq!(names(&["postgres/0001_first.sql", "sqlite/0001_first.sql", "sqlite/0002_more.sql"]), 1);
    }

    #[test]
    fn released_files_never_change() {
        let released = "aa  sqlite/0001_first.sql\n";
        assert!(check_checksums(released, "aa  sqlite/0001_first.sql\nbb  sqlite/0002_more.sql\n").is_empty());
        assert_eq!(check_checksums(released, "cc  sqlite/0001_first.sql\n").len(), 1);
        assert_eq!(check_checksums(released, "").len(), 1);
    }
}
