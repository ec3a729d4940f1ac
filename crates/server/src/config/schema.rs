//! Owns what a key is: its kind, and its names in file and environment.
//!
//! Paths look like `http.tls.cert_file`; the one array of tables has rows, `radius.client[0].name`
//! in a configuration and `radius.client[].name` in the schema.

use super::keys::{KEYS, SECTIONS};

/// The one array of tables.
pub(super) const ROWS: &str = "radius.client";

/// One key of the configuration.
pub(super) struct Key {
    /// Where it stands, such as `http.tls.cert_file`.
    pub(super) path: &'static str,
    pub(super) kind: Kind,
    /// Value when nobody sets it, as TOML.
    pub(super) default: Option<&'static str>,
    /// Something one might write, as TOML.
    pub(super) example: &'static str,
    /// What a number counts; empty for anything else.
    pub(super) unit: &'static str,
    /// Whether a row without it is refused.
    pub(super) required: bool,
    /// The version that brought it.
    pub(super) since: &'static str,
    /// What it means, in Markdown.
    pub(super) doc: &'static str,
}

/// What may be written for a key.
pub(super) enum Kind {
    Address,
    Addresses,
    Bool,
    Choice(&'static [&'static str]),
    Grants,
    Hosts,
    Network,
    Networks,
    Path,
    Secret,
    StoreUrl,
    Text,
    WebUrl,
    Whole { min: u64, max: u64 },
}

impl Key {
    pub(super) const fn new(path: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self { path, kind, default: None, example: "", unit: "", required: false, since: "0.1.0", doc }
    }

    /// The default is also the example, until another one is given.
    pub(super) const fn default(mut self, toml: &'static str) -> Self {
        self.default = Some(toml);
        self.example = toml;
        self
    }

    pub(super) const fn example(mut self, toml: &'static str) -> Self {
        self.example = toml;
        self
    }

    pub(super) const fn unit(mut self, unit: &'static str) -> Self {
        self.unit = unit;
        self
    }

    pub(super) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The section it stands in; the table `tls` is written inside its section.
    pub(super) fn section(&self) -> &'static str {
        let sections = SECTIONS.iter().map(|(section, _)| *section);
        sections
            .filter(|section| strip_section(self.path, section).is_some())
            .max_by_key(|section| section.len())
            .unwrap_or_default()
    }

    /// Its name inside its section.
    pub(super) fn name(&self) -> &'static str {
        strip_section(self.path, self.section()).unwrap_or(self.path)
    }

    /// What is allowed, for an error and for the reference.
    pub(super) fn allowed(&self) -> String {
        match &self.kind {
            Kind::Choice(words) => words.join(" | "),
            Kind::Whole { min, max } => format!("{min} to {max} {}", self.unit).trim_end().to_owned(),
            kind => kind.rule().to_owned(),
        }
    }
}

impl Kind {
    /// The type, in the words of TOML.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Addresses | Self::Grants | Self::Hosts | Self::Networks => "list of text",
            Self::Bool => "boolean",
            Self::Whole { .. } => "whole number",
            _ => "text",
        }
    }

    /// Whether the value must never be shown and may be given as a file.
    pub(super) const fn is_secret(&self) -> bool {
        matches!(self, Self::Secret | Self::StoreUrl)
    }

    pub(super) const fn is_list(&self) -> bool {
        matches!(self, Self::Addresses | Self::Grants | Self::Hosts | Self::Networks)
    }

    const fn rule(&self) -> &'static str {
        match self {
            Self::Address => "ADDRESS:PORT, IPv6 as [ADDRESS]:PORT",
            Self::Addresses => "a list of ADDRESS:PORT, IPv6 as [ADDRESS]:PORT",
            Self::Bool => "true | false",
            Self::Choice(_) | Self::Whole { .. } => "",
            Self::Grants => "a list of GROUP -> Filter-Id=TEXT or GROUP -> Class=TEXT",
            Self::Hosts => "a list of host names or addresses, without port",
            Self::Network => "ADDRESS or ADDRESS/BITS",
            Self::Networks => "a list of ADDRESS or ADDRESS/BITS",
            Self::Path => "a file name",
            Self::Secret => "text on one line",
            Self::StoreUrl => "sqlite:PATH or postgres://USER@HOST/DATABASE",
            Self::Text => "text without control characters",
            Self::WebUrl => "http:// or https:// address of a host, with port and path if need be",
        }
    }
}

/// A path that exists, or the file twin of a secret.
pub(super) struct Found {
    pub(super) key: &'static Key,
    /// Whether it is the `…_file` form of a secret.
    pub(super) by_file: bool,
}

/// The key at a path, with or without a row number.
pub(super) fn find(path: &str) -> Option<Found> {
    let path = without_row(path);
    let find = |wanted: &str| KEYS.iter().find(|key| key.path == wanted);
    if let Some(key) = find(&path) {
        return Some(Found { key, by_file: false });
    }
    let key = find(path.strip_suffix("_file")?)?;
    key.kind.is_secret().then_some(Found { key, by_file: true })
}

/// The other form of a secret: the name of its file for its text, and the reverse.
pub(super) fn twin(path: &str) -> Option<String> {
    let found = find(path)?;
    if found.by_file {
        return path.strip_suffix("_file").map(str::to_owned);
    }
    found.key.kind.is_secret().then(|| format!("{path}_file"))
}

/// Whether keys stand below this path.
pub(super) fn is_section(path: &str) -> bool {
    let path = without_row(path);
    KEYS.iter().any(|key| strip_section(key.path, &path).is_some())
}

/// Name of the environment variable for a path; `N` stands for the row where none is given.
pub(super) fn environment_name(path: &str) -> String {
    let path = path.replace("[]", "__N").replace('[', "__").replace(']', "");
    format!("OTPOST_{}", path.replace('.', "__").to_uppercase())
}

/// An example in TOML as one would write it into an environment variable.
pub(super) fn plain(example: &str) -> String {
    example.replace(['"', '[', ']'], "").replace(", ", ",")
}

/// A section as one writes it: `[http]`, `[[radius.client]]`.
pub(super) fn heading(section: &str) -> String {
    match section.strip_suffix("[]") {
        Some(rows) => format!("[[{rows}]]"),
        None => format!("[{section}]"),
    }
}

/// What follows a section in a path below it.
pub(super) fn strip_section<'a>(path: &'a str, section: &str) -> Option<&'a str> {
    if section.is_empty() {
        return Some(path);
    }
    path.strip_prefix(section)?.strip_prefix('.')
}

/// `radius.client[3].name` as `radius.client[].name`.
pub(super) fn without_row(path: &str) -> String {
    path.chars()
        .scan(false, |inside, c| {
            *inside = (*inside || c == '[') && c != ']';
            Some((*inside && c != '[', c))
        })
        .filter_map(|(skip, c)| (!skip).then_some(c))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_stands_in_a_listed_section_and_sections_stand_together() {
        let mut seen: Vec<&str> = Vec::new();
        for key in KEYS {
            assert!(!key.section().is_empty(), "{}", key.path);
            if seen.last() != Some(&key.section()) {
                assert!(!seen.contains(&key.section()), "{}", key.path);
                seen.push(key.section());
            }
        }
        assert!(seen.iter().eq(SECTIONS.iter().map(|(section, _)| section)));
    }

    #[test]
    fn names_of_rows_and_tables_follow_the_contract() {
        assert_eq!(environment_name("http.listen"), "OTPOST_HTTP__LISTEN");
        assert_eq!(environment_name("radius.client[0].name"), "OTPOST_RADIUS__CLIENT__0__NAME");
        assert_eq!(environment_name("radius.client[].name"), "OTPOST_RADIUS__CLIENT__N__NAME");
        assert_eq!(without_row("radius.client[12].name"), "radius.client[].name");
    }

    #[test]
    fn only_secrets_have_a_file_twin() {
        assert!(find("radius.client[3].secret_file").is_some_and(|found| found.by_file));
        assert!(find("store.url_file").is_some_and(|found| found.by_file));
        assert!(find("http.listen_file").is_none());
        assert!(find("keys.file").is_some_and(|found| !found.by_file));
    }
}
