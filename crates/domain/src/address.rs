//! A mail address: parsed once, exactly one mailbox, safe to put on the wire.

use std::fmt;

/// The longest address that fits an SMTP path, in octets (RFC 5321 section 4.5.3.1.3, less the brackets).
pub const MAX_ADDRESS_OCTETS: usize = 254;

/// The longest local part, in octets (RFC 5321 section 4.5.3.1.1).
const MAX_LOCAL_OCTETS: usize = 64;

/// One mailbox. A value that exists has one `@`, no control characters, no list, no address literal.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct MailAddress(String);

/// Why a text is not a mail address we send to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAddress {
    /// Nothing but blanks.
    #[error("an address is needed")]
    Empty,
    /// Longer than [`MAX_ADDRESS_OCTETS`], or its local part longer than 64 octets.
    #[error("an address has at most 254 octets, at most 64 of them before the @")]
    TooLong,
    /// Anything else: two addresses, a line break, an address literal, no `@`.
    #[error("not a single mail address of the form name@example.org")]
    Malformed,
}

impl MailAddress {
    /// Reads one address. Surrounding ASCII blanks are dropped; nothing else is repaired.
    ///
    /// Stricter than RFC 5321 on purpose: quoted local parts, comments and address literals are
    /// refused, because each has carried an injection somewhere and no real mailbox needs them.
    pub fn parse(text: &str) -> Result<Self, InvalidAddress> {
        let text = text.trim_matches([' ', '\t']);
        if text.is_empty() {
            return Err(InvalidAddress::Empty);
        }
        let (local, host) = text.split_once('@').ok_or(InvalidAddress::Malformed)?;
        if text.len() > MAX_ADDRESS_OCTETS || local.len() > MAX_LOCAL_OCTETS {
            return Err(InvalidAddress::TooLong);
        }
        if is_dot_atom(local) && is_host(host) { Ok(Self(text.to_owned())) } else { Err(InvalidAddress::Malformed) }
    }

    /// The address as it was given, for the envelope and the `To` header.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part after the `@`, lower case.
    pub fn host(&self) -> String {
        self.0.rsplit('@').next().unwrap_or_default().to_ascii_lowercase()
    }

    /// A form fit for people who are not the owner: `a•••@example.org`.
    pub fn masked(&self) -> String {
        let (local, host) = self.0.split_once('@').unwrap_or((&self.0, ""));
        let first = local.chars().next().unwrap_or('•');
        format!("{first}•••@{host}")
    }
}

impl fmt::Debug for MailAddress {
    /// Masked: an address in a log identifies a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

/// RFC 5322 dot-atom, widened to the letters of RFC 6531 (any alphanumeric character).
fn is_dot_atom(local: &str) -> bool {
    local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom_char))
}

fn is_atom_char(c: char) -> bool {
    c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c)
}

/// A host name of at least one label that is not an address: the last label holds a letter.
fn is_host(host: &str) -> bool {
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && l.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    host.split('.').all(label) && host.rsplit('.').next().is_some_and(|last| last.chars().any(char::is_alphabetic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_addresses_are_read() {
        for good in ["a@b.example", " ann.o'hara+otp@mail.example.org ", "ünal@bücher.example", "root@localhost"] {
            assert!(MailAddress::parse(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn anything_that_is_not_one_mailbox_is_refused() {
        let long = format!("{}@example.org", "a".repeat(65));
        for bad in [
            "",
            "a",
            "a@",
            "@b",
            "a@b,c@d",
            "a@b c@d",
            "a@b\r\nBcc: c@d",
            "\"a b\"@c.example",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "a@@b",
            "a..b@c.example",
            ".a@c.example",
            "a@-b.example",
            "a@b..example",
            "<a@b.example>",
            "a@b.example\0",
            "a@b.example;c@d.example",
            "\u{202e}a@b.example",
            &long,
        ] {
            assert!(MailAddress::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn debug_output_is_masked() {
        let address = MailAddress::parse("alice@example.org").expect("valid");
        assert_eq!(format!("{address:?}"), "a•••@example.org");
    }
}
