//! The repository must read the same on every machine: no path of one, no host that only one can reach.

use super::finding::{Advice, Finding};
use super::source::Source;

/// Beginnings of paths that exist for one person only. Split, so that this file does not find itself.
const PERSONAL: [&str; 4] =
    [concat!("/ro", "ot/"), concat!("/Us", "ers/"), concat!(".cargo/reg", "istry"), concat!("file:", "///")];

/// Folders every machine has; a checkout in one of them does not make its name personal.
const COMMON: [&str; 9] = ["/", "/home", "/mnt", "/opt", "/srv", "/tmp", "/usr/src", "/var", "/var/lib"];

/// Files that say where packages come from, and the words on the lines that do.
const SOURCE_FILES: [&str; 7] =
    ["Cargo.lock", "Cargo.toml", ".cargo/config.toml", "package-lock.json", ".npmrc", "requirements.txt", "pip.conf"];
const SOURCE_WORDS: [&str; 5] = ["source", "resolved", "registry", "index", "find-links"];

/// Hosts everybody can reach.
const PUBLIC_HOSTS: [&str; 6] =
    ["github.com", "index.crates.io", "crates.io", "registry.npmjs.org", "pypi.org", "files.pythonhosted.org"];

const PATH: Advice = Advice {
    why: "nobody else has this path",
    remedy: "make it relative, or an argument; where it is a made-up example end the line with \
             `// tidy: example path, because …`",
};
const HOST: Advice = Advice {
    why: "packages come from the public registries",
    remedy: "take the mirror out and write the lock file again",
};

/// Judges one file; `checkout` is where the repository lies on this machine.
pub(crate) fn check(source: &Source, checkout: &str) -> Vec<Finding> {
    let prefixes = prefixes(checkout);
    let names_sources =
        SOURCE_FILES.iter().any(|file| source.path == *file || source.path.ends_with(&format!("/{file}")));
    let mut findings = Vec::new();
    for (number, line) in (1..).zip(source.text.lines()) {
        if let Some(prefix) = prefixes.iter().find(|prefix| holds_path(line, prefix))
            && !source.is_waived(number, "example path")
        {
            let what = format!("`{prefix}` is a path of one machine");
            findings.push(Finding::failure(&source.path, number, what, &PATH));
        }
        if let Some(host) = foreign_host(line).filter(|_| names_sources) {
            let what = format!("`{host}` is not a public registry");
            findings.push(Finding::failure(&source.path, number, what, &HOST));
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

fn foreign_host(line: &str) -> Option<&str> {
    if !SOURCE_WORDS.iter().any(|word| line.contains(word)) {
        return None;
    }
    let rest = line.split_once("://")?.1;
    let host = rest.split(|c: char| !c.is_alphanumeric() && !".-@:".contains(c)).next()?;
    (!PUBLIC_HOSTS.contains(&host)).then_some(host)
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

    #[test]
    fn packages_come_from_public_registries() {
        assert_eq!(found("Cargo.lock", "source = \"registry+https://github.com/rust-lang/crates.io-index\"\n"), 0);
        assert_eq!(found("Cargo.lock", "source = \"registry+https://mirror.example:8080/index\"\n"), 1);
        assert_eq!(found("Cargo.toml", "homepage = \"https://otpost.example\"\n"), 0);
    }
}
