//! What is called a secret must be one: a type that cannot be printed and is wiped when dropped.

use super::finding::{Advice, Finding};
use super::source::Source;

/// Names that promise a secret, alone or after an underscore.
const NAMES: [&str; 7] = ["pin", "code", "otp", "password", "secret", "token", "passwd"];

/// Types that anybody may print and nobody wipes.
const PLAIN: [&str; 3] = ["String", "str", "Vec<u8>"];

/// Types that change nothing about what they hold.
const WRAPPERS: [&str; 5] = ["Option<", "Box<", "Arc<", "Rc<", "Cow<"];

const SECRET: Advice = Advice {
    why: "plain text ends in logs, errors and freed memory",
    remedy: "make it `Secret`, `Code`, or a …Hash, …Digest or …Mac; if it is none, end the line with \
             `// tidy: not a secret, because …`",
};

/// Judges one file.
pub(crate) fn check(source: &Source) -> Vec<Finding> {
    if !source.is_product() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (number, line) in source.product_code() {
        for (name, kind) in declarations(line) {
            if is_secret_name(name) && is_plain(kind) && !source.is_waived(number, "not a secret") {
                let what = format!("`{name}: {}` is a secret in plain text", kind.trim());
                findings.push(Finding::failure(&source.path, number, what, &SECRET));
            }
        }
    }
    findings
}

/// Every `name: Type` of a line of fields or parameters. A `let` is not one: it names what came from somewhere judged.
fn declarations(line: &str) -> Vec<(&str, &str)> {
    let colons = line.match_indices(':').map(|(at, _)| at);
    colons.filter_map(|at| declaration(line.get(..at)?, line.get(at + 1..)?)).collect()
}

fn declaration<'a>(before: &'a str, after: &'a str) -> Option<(&'a str, &'a str)> {
    if before.ends_with(':') || after.starts_with(':') {
        return None;
    }
    let before = before.trim_end();
    let start = before.rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |at| at + 1);
    let (lead, name) = before.split_at_checked(start)?;
    let lead = lead.trim_end();
    let is_let = lead.ends_with("let") || lead.ends_with("let mut");
    (!is_let && !name.is_empty()).then(|| (name, type_at_start(after)))
}

/// The text up to the end of the type: a comma, bracket or equals sign that belongs to none of its own.
fn type_at_start(text: &str) -> &str {
    let mut depth = 0_usize;
    let end = text.find(|c| match c {
        '<' | '(' | '[' => {
            depth += 1;
            false
        }
        '>' | ')' | ']' if depth > 0 => {
            depth -= 1;
            false
        }
        ',' => depth == 0,
        ')' | ';' | '{' | '}' | '=' | '|' => true,
        _ => false,
    });
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

fn is_secret_name(name: &str) -> bool {
    NAMES.iter().any(|secret| name.strip_suffix(secret).is_some_and(|rest| rest.is_empty() || rest.ends_with('_')))
}

fn is_plain(kind: &str) -> bool {
    let bare = bare(kind);
    let mut inner = bare.as_str();
    while let Some(next) = WRAPPERS.iter().find_map(|wrapper| inner.strip_prefix(wrapper)?.strip_suffix('>')) {
        inner = next;
    }
    inner.starts_with("Zeroizing<") || PLAIN.contains(&inner)
}

/// The type without borrows, lifetimes, spaces and module paths.
fn bare(kind: &str) -> String {
    let mut words = Vec::new();
    for word in kind.split(|c: char| c.is_whitespace() || c == '&' || c == ',') {
        let before_lifetime = word.split_once('\'').map_or(word, |(before, _)| before);
        if word != "mut" {
            words.push(before_lifetime);
        }
    }
    let joined = words.concat();
    let generics = joined.split_inclusive('<').map(|part| part.rsplit("::").next().unwrap_or(part));
    generics.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<usize> {
        check(&Source::new("crates/server/src/a.rs", text)).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn plain_secrets_are_found_in_fields_and_parameters() {
        for line in [
            "    pub(crate) password: String,",
            "    smtp_password: Option<String>,",
            "fn login(user: &str, pin: &str) {",
            "fn login<'a>(api_token: Cow<'a, str>) {",
            "    otp: &'a str,",
            "    code: Zeroizing<String>,",
            "    key_secret: std::vec::Vec<u8>,",
        ] {
            assert_eq!(found(line), [1], "{line}");
        }
    }

    #[test]
    fn typed_secrets_and_other_names_pass() {
        for line in [
            "    password: Secret, pin: PinHash, code_mac: String,",
            "    status_code: u16, code: ErrorCode, tokens: String,",
            "    let code: String = a();",
            "    Login { password: String::new(), token: text }",
            "use password::String;",
            "// password: String,",
        ] {
            assert_eq!(found(line), [0_usize; 0], "{line}");
        }
    }

    #[test]
    fn what_is_no_secret_says_why() {
        assert_eq!(found("    code: String, // tidy: not a secret, because it is the problem's name"), [0_usize; 0]);
        assert_eq!(found("    code: String, // tidy: not a secret"), [1]);
    }
}
