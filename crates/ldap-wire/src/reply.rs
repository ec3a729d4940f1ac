//! What a server answers, as far as we ask anything.

use crate::ber::{ENUMERATED, INTEGER, Malformed, Reader, SEQUENCE, SET};

/// A message of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The number of the request that it answers; 0 for what nobody asked.
    pub id: u32,
    /// What it says.
    pub body: Body,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// An entry that fits.
    Entry(Entry),
    /// The end of the operation.
    Done(Outcome),
    /// A pointer to another server, or a message of a kind that we did not ask for.
    Other,
}

/// An entry with the attributes that were asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entry {
    /// Its distinguished name.
    pub name: String,
    attributes: Vec<(String, Vec<Vec<u8>>)>,
}

/// How an operation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The result code (RFC 4511 appendix A).
    pub code: u32,
    /// What the server says about it; its own words, so not to be believed or shown to strangers.
    pub message: String,
}

/// Result codes that mean something to us (RFC 4511 appendix A.1).
pub mod code {
    /// It was done.
    pub const SUCCESS: u32 = 0;
    /// There is more than was wanted.
    pub const SIZE_LIMIT_EXCEEDED: u32 = 4;
    /// The value is there already, or another one where there can be one only.
    pub const ATTRIBUTE_OR_VALUE_EXISTS: u32 = 20;
    /// There is no such entry.
    pub const NO_SUCH_OBJECT: u32 = 32;
    /// What was given is not the name of an entry.
    pub const INVALID_NAME: u32 = 34;
    /// The entry has nothing to sign in with.
    pub const INAPPROPRIATE_AUTHENTICATION: u32 = 48;
    /// The name or the password is wrong.
    pub const INVALID_CREDENTIALS: u32 = 49;
    /// Too much to do.
    pub const BUSY: u32 = 51;
    /// Shutting down, or not up yet.
    pub const UNAVAILABLE: u32 = 52;
}

impl Reply {
    /// Reads one whole message.
    pub fn parse(message: &[u8]) -> Result<Self, Malformed> {
        let mut outer = Reader::new(message);
        let mut reader = Reader::new(outer.expect(SEQUENCE)?);
        let id = reader.number(INTEGER)?;
        let (tag, content) = reader.element()?;
        let body = match tag {
            ENTRY => Body::Entry(Entry::parse(content)?),
            BIND_DONE | SEARCH_DONE | MODIFY_DONE | EXTENDED_DONE => Body::Done(Outcome::parse(content)?),
            _ => Body::Other,
        };
        Ok(Self { id, body })
    }
}

impl Entry {
    /// An entry made up of these.
    pub fn new(name: &str, attributes: Vec<(String, Vec<Vec<u8>>)>) -> Self {
        Self { name: name.to_owned(), attributes }
    }

    fn parse(content: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(content);
        let name = reader.text()?.to_owned();
        let (mut list, mut attributes) = (Reader::new(reader.expect(SEQUENCE)?), Vec::new());
        while !list.is_empty() {
            let mut attribute = Reader::new(list.expect(SEQUENCE)?);
            let kind = attribute.text()?.to_owned();
            let (mut set, mut values) = (Reader::new(attribute.expect(SET)?), Vec::new());
            while !set.is_empty() {
                values.push(set.expect(crate::ber::OCTET_STRING)?.to_vec());
            }
            attributes.push((kind, values));
        }
        Ok(Self { name, attributes })
    }

    /// All values of an attribute; letter case does not matter.
    pub fn values(&self, attribute: &str) -> &[Vec<u8>] {
        let found = self.attributes.iter().find(|(name, _)| name.eq_ignore_ascii_case(attribute));
        found.map_or(&[], |(_, values)| values)
    }

    /// Those of them that are text.
    pub fn texts(&self, attribute: &str) -> impl Iterator<Item = &str> {
        self.values(attribute).iter().filter_map(|value| str::from_utf8(value).ok())
    }

    /// The first text of an attribute.
    pub fn text(&self, attribute: &str) -> Option<&str> {
        self.texts(attribute).next()
    }

    /// The first value of an attribute as a whole number.
    pub fn number(&self, attribute: &str) -> Option<i64> {
        self.text(attribute)?.parse().ok()
    }
}

impl Outcome {
    fn parse(content: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(content);
        let code = reader.number(ENUMERATED)?;
        reader.element()?;
        let message = match reader.element() {
            // Microsoft ends its text with a NUL.
            Ok((_, text)) => str::from_utf8(text).unwrap_or_default().trim_end_matches('\0').to_owned(),
            Err(error) => return Err(error),
        };
        Ok(Self { code, message })
    }

    /// Whether the server did what it was asked to.
    pub const fn is_success(&self) -> bool {
        self.code == code::SUCCESS
    }
}

const BIND_DONE: u8 = 0x61;
const ENTRY: u8 = 0x64;
const SEARCH_DONE: u8 = 0x65;
const MODIFY_DONE: u8 = 0x67;
const EXTENDED_DONE: u8 = 0x78;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ber;

    fn entry() -> Vec<u8> {
        let values = ber::all(SET, [ber::text("bob@example.org"), ber::element(ber::OCTET_STRING, &[0xff])]);
        let mail = ber::all(SEQUENCE, [ber::text("mail"), values]);
        let entry = ber::all(ENTRY, [ber::text("uid=bob"), ber::all(SEQUENCE, [mail])]);
        ber::all(SEQUENCE, [ber::number(INTEGER, 7), entry])
    }

    fn done(tag: u8, code: u32) -> Vec<u8> {
        let outcome = ber::all(tag, [ber::number(ENUMERATED, code), ber::text(""), ber::text("why\0")]);
        ber::all(SEQUENCE, [ber::number(INTEGER, 7), outcome])
    }

    #[test]
    fn an_entry_is_read_with_its_values() {
        let Ok(Reply { id: 7, body: Body::Entry(entry) }) = Reply::parse(&entry()) else { panic!("an entry") };
        assert_eq!((entry.name.as_str(), entry.text("MAIL")), ("uid=bob", Some("bob@example.org")));
        assert_eq!((entry.values("mail").len(), entry.texts("mail").count()), (2, 1));
        assert_eq!(entry.values("cn"), &[] as &[Vec<u8>]);
    }

    #[test]
    fn an_end_says_how() {
        for tag in [BIND_DONE, SEARCH_DONE, MODIFY_DONE, EXTENDED_DONE] {
            let Ok(Reply { body: Body::Done(outcome), .. }) = Reply::parse(&done(tag, 49)) else { panic!("an end") };
            assert_eq!((outcome.code, outcome.message.as_str(), outcome.is_success()), (49, "why", false));
        }
        let Ok(Reply { body, .. }) = Reply::parse(&done(0x73, 0)) else { panic!("a reference") };
        assert_eq!(body, Body::Other);
    }

    #[test]
    fn half_a_message_is_never_a_success() {
        for whole in [entry(), done(BIND_DONE, 0), done(SEARCH_DONE, 0)] {
            for cut in 0..whole.len() {
                assert!(Reply::parse(&whole[..cut]).is_err(), "{cut}");
            }
        }
    }

    proptest! {
        #[test]
        fn noise_is_refused_or_read_and_never_a_panic(noise: Vec<u8>) {
            let _ = Reply::parse(&noise);
            let _ = Reply::parse(&ber::element(SEQUENCE, &noise));
            let _ = Entry::parse(&noise);
        }
    }
}
