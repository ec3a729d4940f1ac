//! Owns what people read about the configuration: the reference, the starter file, and the values in
//! effect. Must not show a secret.

use std::fmt::Write as _;

use super::keys::{KEYS, SECTIONS};
use super::layers::{Layers, Raw};
use super::parse::FromText as _;
use super::schema::{self, Key, Kind, ROWS};
use super::store_url::StoreUrl;

/// Every key with type, default, range, environment name and meaning, in Markdown.
pub fn reference() -> String {
    let mut text = String::from(REFERENCE_HEAD);
    for (section, about) in SECTIONS {
        let _ = write!(text, "\n## `{}`\n\n{about}\n", schema::heading(section));
        for key in keys_of(section) {
            describe(&mut text, key);
        }
    }
    text
}

/// Names of what [`rows`] tells of every key.
pub const fn columns() -> [&'static str; 8] {
    ["key", "type", "allowed", "default", "example", "environment", "since", "meaning"]
}

/// Every key as a row for programs; default and example as TOML.
pub fn rows() -> Vec<Vec<String>> {
    let row = |key: &Key| {
        let (default, environment) = (key.default.unwrap_or_default(), schema::environment_name(key.path));
        let texts = [key.path, key.kind.name(), &key.allowed(), default, key.example, &environment, key.since, key.doc];
        texts.map(str::to_owned).to_vec()
    };
    KEYS.iter().map(row).collect()
}

/// A starter file: every key, commented out, at its default or with an example.
pub fn sample() -> String {
    let mut text = String::from(SAMPLE_HEAD);
    for (section, about) in SECTIONS {
        // An uncommented row would be a client without a name.
        let comment = if section.ends_with(']') { "#" } else { "" };
        let _ = write!(text, "\n# {}\n{comment}{}\n", about.replace('`', ""), schema::heading(section));
        for key in keys_of(section) {
            let _ = write!(text, "\n{}", comment_lines(&remark(key)));
            let _ = writeln!(text, "#{} = {}", key.name(), key.default.unwrap_or(key.example));
        }
    }
    text
}

/// What the starter file says about a key.
fn remark(key: &Key) -> String {
    let mut remark = key.doc.replace('`', "");
    if matches!(key.kind, Kind::Choice(_) | Kind::Whole { .. }) {
        let _ = write!(remark, " Allowed: {}.", key.allowed());
    }
    if key.default.is_none() {
        remark.push_str(" Not set by default; for example:");
    }
    remark
}

/// Text as comment lines that fit a terminal.
fn comment_lines(text: &str) -> String {
    let (mut lines, mut line) = (String::new(), String::from("#"));
    for word in text.split(' ') {
        if line.chars().count() + 1 + word.chars().count() > COMMENT_WIDTH {
            let _ = writeln!(lines, "{line}");
            "#".clone_into(&mut line);
        }
        let _ = write!(line, " {word}");
    }
    lines + &line + "\n"
}

/// The values in effect as TOML, each with where it comes from.
pub(super) fn show(layers: &Layers) -> String {
    let mut text = String::new();
    for (section, _) in SECTIONS {
        if section.ends_with(']') {
            for (row, origin) in layers.rows().iter().enumerate() {
                let _ = writeln!(text, "\n{}  # {origin}", schema::heading(section));
                show_keys(&mut text, layers, section, &format!("{ROWS}[{row}]"));
            }
        } else {
            let line = if text.is_empty() { "" } else { "\n" };
            let _ = writeln!(text, "{line}{}", schema::heading(section));
            show_keys(&mut text, layers, section, section);
        }
    }
    text
}

fn describe(text: &mut String, key: &Key) {
    let _ = write!(text, "\n### `{}`\n\n{}\n\n", key.path, key.doc);
    let _ = writeln!(text, "- type: {}", key.kind.name());
    let _ = writeln!(text, "- allowed: {}", key.allowed());
    let _ = match (key.default, key.required) {
        (Some(default), _) => writeln!(text, "- default: `{default}`"),
        (None, true) => writeln!(text, "- default: none, it must be set"),
        (None, false) => writeln!(text, "- default: not set"),
    };
    if key.default != Some(key.example) {
        let _ = writeln!(text, "- example: `{} = {}`", key.name(), key.example);
    }
    let _ = writeln!(text, "- environment: `{}`", schema::environment_name(key.path));
    if key.kind.is_secret() {
        let twin = format!("{}_file", key.path);
        let variable = schema::environment_name(&twin);
        let _ = writeln!(text, "- or from a file: `{twin}`, `{variable}`");
    }
    let _ = writeln!(text, "- since: {}", key.since);
}

fn show_keys(text: &mut String, layers: &Layers, section: &str, prefix: &str) {
    for key in keys_of(section) {
        let path = format!("{prefix}.{}", key.name());
        let twin = format!("{path}_file");
        if let Some(entry) = layers.find(&twin) {
            let _ = writeln!(text, "{}_file = {}  # {}", key.name(), value(&entry.raw, &Kind::Path), entry.origin);
        } else if let Some(entry) = layers.find(&path) {
            let _ = writeln!(text, "{} = {}  # {}", key.name(), value(&entry.raw, &key.kind), entry.origin);
        } else {
            let _ = writeln!(text, "# {} is not set", key.name());
        }
    }
}

/// A value as TOML; a secret as `"[secret]"`, a database without its password.
fn value(raw: &Raw, kind: &Kind) -> String {
    match (raw, kind) {
        (Raw::Text(_), Kind::Secret) => quoted("[secret]"),
        (Raw::Text(text), Kind::StoreUrl) => {
            quoted(&StoreUrl::from_text(text.expose()).map_or_else(|_| "[secret]".to_owned(), |url| url.masked()))
        }
        (Raw::Text(text), _) => quoted(text.expose()),
        (Raw::Bool(truth), _) => truth.to_string(),
        (Raw::Whole(number), _) => number.to_string(),
        (Raw::List(items), kind) => {
            let items: Vec<String> = items.iter().map(|item| value(&item.raw, kind)).collect();
            format!("[{}]", items.join(", "))
        }
        (Raw::Other, _) => quoted(""),
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn keys_of(section: &str) -> impl Iterator<Item = &'static Key> {
    KEYS.iter().filter(move |key| key.section() == section)
}

const REFERENCE_HEAD: &str = "\
# Configuration

<!-- Written by `otpost config reference`; change the list of keys instead. -->

Otpost reads, each over the last: built-in defaults, `/etc/otpost/otpost.toml` (or the file named by
`--config` or `OTPOST_CONFIG`), the drop-ins `conf.d/*.toml` beside that file in name order, and the
environment. `otpost config check` names everything that is wrong, `otpost config show` prints what
is in effect and where it comes from. A key that is not listed here stops the start.

In the environment, lists are written `a,b` or `[\"a\", \"b\"]`; `N` in a name is the row, from 0,
without gaps. A secret may be given as it is or as the name of a file that holds it, never both; one
newline at the end of the file is cut. Relative file names start at the working directory.
";

const SAMPLE_HEAD: &str = "\
# Otpost. Remove the # before a key to set it; until then its default is in effect. Providers,
# criteria, users and mails are not set here but in the console.
#
#   otpost config check        names every mistake in here
#   otpost config show         what is in effect, and why
#   otpost config reference    every key in detail
";

/// Columns of a comment in the starter file.
const COMMENT_WIDTH: usize = 100;
