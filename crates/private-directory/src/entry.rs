//! What a directory holds, as LDIF tells it (RFC 2849): reading what the tools print, and writing what
//! they take.

use std::fmt::Write;
use std::io::{Error, Result};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// One entry: its name, and every value of every attribute in the server's order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entry {
    /// Its distinguished name.
    pub dn: String,
    attributes: Vec<(String, Vec<u8>)>,
}

impl Entry {
    /// An entry without attributes.
    pub fn new(dn: impl Into<String>) -> Self {
        Self { dn: dn.into(), attributes: Vec::new() }
    }

    /// The same with one more value.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.attributes.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// Every value of an attribute.
    pub fn values(&self, name: &str) -> Vec<&[u8]> {
        let named = self.attributes.iter().filter(|(attribute, _)| attribute.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_slice()).collect()
    }

    /// Its values as text; one that is none is left out.
    pub fn texts(&self, name: &str) -> Vec<&str> {
        self.values(name).into_iter().filter_map(|value| str::from_utf8(value).ok()).collect()
    }

    /// Its only value as text; none when there are several.
    pub fn text(&self, name: &str) -> Option<&str> {
        let &[only] = self.values(name).as_slice() else {
            return None;
        };
        str::from_utf8(only).ok()
    }

    /// Its security identifiers, in their text form.
    pub fn sids(&self, name: &str) -> Vec<String> {
        self.values(name).into_iter().filter_map(sid).collect()
    }

    /// The entry as a tool takes it, with an empty line behind it.
    pub fn to_ldif(&self) -> String {
        let mut text = String::new();
        line(&mut text, "dn", self.dn.as_bytes());
        for (name, value) in &self.attributes {
            line(&mut text, name, value);
        }
        text.push('\n');
        text
    }
}

/// The change that gives an attribute these values and no others, or none at all.
pub fn replacement(dn: &str, name: &str, values: &[&str]) -> String {
    let mut text = String::new();
    line(&mut text, "dn", dn.as_bytes());
    text.push_str("changetype: modify\n");
    line(&mut text, "replace", name.as_bytes());
    for value in values {
        line(&mut text, name, value.as_bytes());
    }
    text.push('\n');
    text
}

/// The entries of a text; references to other servers are left out.
pub(crate) fn parse(text: &str) -> Result<Vec<Entry>> {
    let unfolded = text.replace("\n ", "");
    unfolded.split("\n\n").filter_map(|block| parse_entry(block).transpose()).collect()
}

/// A security identifier as people write it: `S-1-5-21-…`.
pub fn sid(octets: &[u8]) -> Option<String> {
    let (head, rest) = octets.split_at_checked(8)?;
    let (&[revision, count], authority) = head.split_first_chunk::<2>()?;
    let authority = authority.iter().fold(0_u64, |number, octet| number << 8 | u64::from(*octet));
    let (parts, left) = rest.as_chunks::<4>();
    if parts.len() != usize::from(count) || !left.is_empty() {
        return None;
    }
    let mut text = format!("S-{revision}-{authority}");
    for part in parts {
        write!(text, "-{}", u32::from_le_bytes(*part)).ok()?;
    }
    Some(text)
}

fn line(text: &mut String, name: &str, value: &[u8]) {
    text.push_str(name);
    match str::from_utf8(value) {
        Ok(plain) if is_plain(plain) => {
            text.push_str(": ");
            text.push_str(plain);
        }
        _ => {
            text.push_str(":: ");
            text.push_str(&BASE64_STANDARD.encode(value));
        }
    }
    text.push('\n');
}

/// Whether it may stand as it is.
fn is_plain(value: &str) -> bool {
    let is_safe = |octet: u8| (b' '..0x7f).contains(&octet);
    value.bytes().all(is_safe) && !value.starts_with([' ', ':', '<']) && !value.ends_with(' ')
}

fn parse_entry(block: &str) -> Result<Option<Entry>> {
    let mut entry = None::<Entry>;
    for (name, value) in block.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(':')) {
        let octets = match value.strip_prefix(':') {
            Some(encoded) => BASE64_STANDARD.decode(encoded.trim()).map_err(Error::other)?,
            None => value.trim_start_matches(' ').as_bytes().to_vec(),
        };
        match &mut entry {
            Some(entry) => entry.attributes.push((name.to_owned(), octets)),
            None if name == "dn" => entry = Some(Entry::new(String::from_utf8(octets).map_err(Error::other)?)),
            None => (),
        }
    }
    Ok(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let entry =
            Entry::new("uid=jürgen,dc=example,dc=org").with("cn", " leading").with("cn", "plain").with("x", [0]);
        assert_eq!(parse(&entry.to_ldif()).unwrap(), [entry]);
    }

    #[test]
    fn long_lines_comments_and_references_are_understood() {
        let text = "dn: cn=a,\n dc=b\nmail: one\n\n# refldap://other/\n\ndn:: Y249Yw==\nMail: one\nmail: two\n";
        let [first, second] = <[Entry; 2]>::try_from(parse(text).unwrap()).unwrap();
        assert_eq!((first.dn.as_str(), first.text("MAIL")), ("cn=a,dc=b", Some("one")));
        assert_eq!((second.dn.as_str(), second.text("mail")), ("cn=c", None));
        assert_eq!(second.texts("mail"), ["one", "two"]);
    }

    #[test]
    fn a_security_identifier_has_a_text() {
        let octets = [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0];
        assert_eq!(sid(&octets).as_deref(), Some("S-1-5-32-544"));
        assert_eq!(sid(&octets[..15]), None);
    }
}
