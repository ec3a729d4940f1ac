//! The repository must read the same on every machine: no path of one. Where packages come from is
//! for `cargo-deny` to judge.

use super::finding::{Advice, Finding};
use super::source::Source;

/// Beginnings of paths that exist for one person only. Split, so that this file does not find itself.
const PERSONAL: [&str; 4] =
    [concat!("/ro", "ot/"), concat!("/Us", "ers/"), concat!(".cargo/reg", "istry"), concat!("file:", "///")];

/// Folders every machine has; a checkout in one of them does not make its name personal.
const COMMON: [&str; 9] = ["/", "/home", "/mnt", "/opt", "/srv", "/tmp", "/usr/src", "/var", "/var/lib"];

const PATH: Advice = Advice {
    why: "nobody else has this path",
    remedy: "make it relative, or an argument; where it is a made-up example end the line with \
             `// tidy: example path, because …`",
};
/// Judges one file; `checkout` is where the repository lies on this machine.
pub(crate) fn check(source: &Source, checkout: &str) -> Vec<Finding> {
    let prefixes = prefixes(checkout);
    let mut findings = Vec::new();
    for (number, line) in (1..).zip(source.text.lines()) {
        if let Some(prefix) = prefixes.iter().find(|prefix| holds_path(line, prefix))
            && !source.is_waived(number, "example path")
        {
            let what = format!("`{prefix}` is a path of one machine");
            findings.push(Finding::failure(&source.path, number, what, &PATH));
        }
    }
    findings
}

fn prefixes(checkout: &str) -> Vec<String> {
    let parent = checkout.rsplit_once('/').map_or("", |(parent, _)| parent);
    let own = [checkout, parent].into_iter().filter(|path| !path.is_empty() && !COMMON.contains(path));
    PERSONAL.iter().map(|path| (*path).to_owned()).chain(own.map(|path| format!("{path}/"))).collect()
}

/// Whether the prefix stands there as the beginning of a path, not inside a longer one.
fn holds_path(line: &str, prefix: &str) -> bool {
    line.match_indices(prefix).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        !prefix.starts_with('/') || !before.is_some_and(|c| c.is_alphanumeric() || "._-~}".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> usize {
        check(&Source::new(path, text), "/builds/otpost").len()
    }

    #[test]
    fn paths_of_one_machine_are_found() {
        assert_eq!(found("a.md", "See docs/a.md, /etc/otpost/otpost.toml, https://a.example/builds/x\n"), 0);
        assert_eq!(found("a.md", "See /builds/shared/notes.md\n"), 1);
        assert_eq!(found("a.rs", &format!("open(\"{}x\");\n", PERSONAL[0])), 1);
        assert_eq!(found("a.rs", &format!("open(\"{}x\"); // tidy: example path, because made up\n", PERSONAL[0])), 0);
    }

    #[test]
    fn a_checkout_in_a_common_folder_makes_nothing_personal() {
        assert!(check(&Source::new("a.md", "Data in /srv/otp.\n"), "/srv/otpost").is_empty());
    }
}
