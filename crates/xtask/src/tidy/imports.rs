//! The import table: which folder may mention what. Edit the tables; the code below them only reads.

use std::collections::BTreeSet;

use super::finding::{Advice, Finding};
use super::source::{Source, has_word};

/// What the rules of the product, and RADIUS as bytes, must not know.
const DOMAIN_BANS: [&str; 9] =
    ["tokio", "serde", "rusqlite", "tracing", "SystemTime", "std::time::Instant", "getrandom", "std::env", "std::fs"];

/// Words of the server that have a home: a file or folder of this name, and nowhere else.
const HOMES: [(&[&str], &[&str]); 5] = [
    (&["rusqlite", "tokio_postgres"], &["store"]),
    (&["axum", "hyper", "hyper_util"], &["http", "web", "serve", "demo", "telemetry"]),
    (&["mail_send", "mail_builder"], &["mail"]),
    (&["ldap_wire"], &["directory"]),
    (&["std::env"], &["config", "main", "cli"]),
];

/// Folders of the server, and the parts of it they must not reach for.
const ARROWS: [(&str, &[&str]); 3] = [
    ("http", &["crate::store", "crate::mail", "crate::web"]),
    ("radius", &["crate::store", "crate::mail", "crate::http", "crate::web"]),
    ("web", &["crate::store", "crate::mail", "crate::http"]),
];

const PURE: Advice = Advice {
    why: "domain and radius-wire are pure: no async, serde, clock, chance or I/O of their own",
    remedy: "take it as an argument, or move this to the server",
};
const HOME: Advice = Advice {
    why: "each library has one home, so that it can be replaced there",
    remedy: "move this to its home, or change the table in crates/xtask/src/tidy/imports.rs with a decision record",
};
const ARROW: Advice = Advice {
    why: "a protocol translates and calls use cases; it never reaches past them or sideways",
    remedy: "go through `crate::auth` or `crate::manage`",
};

/// Judges one file.
pub(crate) fn check(source: &Source) -> Vec<Finding> {
    if !source.is_product() {
        return Vec::new();
    }
    match source.crate_path() {
        Some(("domain" | "ldap-wire" | "radius-wire", _)) => mentions(source, &DOMAIN_BANS, &PURE),
        Some(("server", _)) => check_server(source),
        _ => Vec::new(),
    }
}

fn check_server(source: &Source) -> Vec<Finding> {
    let away = HOMES.iter().filter(|(_, homes)| !homes.iter().any(|home| source.is_in_server(home)));
    let away = away.flat_map(|(words, _)| mentions(source, words, &HOME));
    let arrows = ARROWS.iter().filter(|(folder, _)| source.is_in_server(folder));
    away.chain(arrows.flat_map(|(_, words)| mentions(source, words, &ARROW))).collect()
}

/// Every line that mentions one of the words, in an import or spelled out.
fn mentions(source: &Source, words: &[&str], advice: &'static Advice) -> Vec<Finding> {
    let mut hits = BTreeSet::new();
    for word in words {
        let spelled = source.product_code().filter(|(_, line)| has_word(line, word)).map(|(number, _)| number);
        let imported = imports(source).into_iter().filter(|(_, path)| has_word(path, word)).map(|(number, _)| number);
        hits.extend(spelled.chain(imported).map(|number| (number, *word)));
    }
    hits.into_iter()
        .map(|(line, word)| Finding::failure(&source.path, line, format!("`{word}` does not belong here"), advice))
        .collect()
}

/// Every path a `use` brings in, written out: `use a::{b, c::d};` gives `a::b` and `a::c::d`.
fn imports(source: &Source) -> Vec<(usize, String)> {
    let mut paths = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (number, line) in source.product_code() {
        let line = line.trim();
        let begins = line.split_once("use ").filter(|(before, _)| before.is_empty() || before.starts_with("pub"));
        match (&mut open, begins) {
            (Some((_, tree)), _) => tree.push_str(line),
            (None, Some((_, rest))) => open = Some((number, rest.to_owned())),
            (None, None) => {}
        }
        if let Some((start, tree)) = open.take_if(|(_, tree)| tree.contains(';')) {
            let tree: String = tree.chars().take_while(|c| *c != ';').collect();
            paths.extend(expand("", &tree).into_iter().map(|path| (start, path)));
        }
    }
    paths
}

fn expand(prefix: &str, tree: &str) -> Vec<String> {
    let Some((before, group)) = tree.trim().split_once('{') else {
        return vec![format!("{prefix}{}", tree.trim())];
    };
    let prefix = format!("{prefix}{}", before.trim());
    let group = group.trim_end().strip_suffix('}').unwrap_or(group);
    branches(group).into_iter().flat_map(|branch| expand(&prefix, branch)).collect()
}

/// Splits at the commas that are in no inner group.
fn branches(group: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    let parts = group.split(|c| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    parts.filter(|branch| !branch.trim().is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<usize> {
        check(&Source::new(path, text)).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn the_domain_stays_pure() {
        let path = "crates/domain/src/otp.rs";
        assert_eq!(found(path, "use std::fmt;\n// tokio is for others\nlet a = \"serde\";\n"), [0_usize; 0]);
        assert_eq!(
            found(path, "use std::fmt;\nuse std::{env, fs};\nlet t = std::time::SystemTime::now();\n"),
            [2, 2, 3]
        );
        assert_eq!(found(path, "fn a() {}\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}\n"), [0_usize; 0]);
    }

    #[test]
    fn libraries_stay_at_home() {
        let text = "use rusqlite::Connection;\n";
        assert_eq!(found("crates/server/src/store/sqlite.rs", text), [0_usize; 0]);
        assert_eq!(found("crates/server/src/store.rs", text), [0_usize; 0]);
        assert_eq!(found("crates/server/src/auth/answer.rs", text), [1]);
        assert_eq!(found("crates/server/src/auth.rs", "use std::{\n    env,\n    io,\n};\n"), [1]);
        assert_eq!(found("crates/server/src/config.rs", "std::env::vars();\n"), [0_usize; 0]);
        assert_eq!(found("crates/server/src/auth.rs", "axum::serve(a, b);\n"), [1]);
    }

    #[test]
    fn protocols_call_use_cases_and_nothing_else() {
        let path = "crates/server/src/http/parallels/session.rs";
        assert_eq!(found(path, "use crate::auth::begin;\nuse crate::{app::App, manage};\n"), [0_usize; 0]);
        assert_eq!(found(path, "use crate::{auth, store::Store};\npub(crate) use crate::web::page;\n"), [1, 2]);
        assert_eq!(found("crates/server/src/web/console.rs", "crate::mail::send();\n"), [1]);
        assert_eq!(found("crates/server/src/radius/exchange.rs", "use crate::http::caller;\n"), [1]);
    }
}
