//! What we ask: bind, search, modify, StartTLS, unbind. Values are octets of their own, never parts of a text.

use crate::ber::{self, BOOLEAN, ENUMERATED, INTEGER, OCTET_STRING, SEQUENCE, SET};
use crate::filter::Filter;

/// A request.
#[derive(Debug, Clone, Copy)]
pub enum Request<'a> {
    /// Who we are, by name and password (RFC 4513 section 5.1.3).
    Bind {
        /// The distinguished name; directories of Microsoft also take `name@domain`.
        name: &'a str,
        /// The password. The caller must have refused an empty one: servers answer "success" to it.
        password: &'a [u8],
    },
    /// Sets or adds one value.
    Modify(&'a Modify<'a>),
    /// Entries that fit.
    Search(&'a Search<'a>),
    /// TLS from here on (RFC 4511 section 4.14).
    StartTls,
    /// Goodbye.
    Unbind,
}

/// Which entries, and what of them. Aliases are not followed.
#[derive(Debug, Clone)]
pub struct Search<'a> {
    /// Where to begin.
    pub base: &'a str,
    /// How far.
    pub scope: Scope,
    /// Entries wanted at most; one more makes the server say "size limit exceeded".
    pub most: u32,
    /// Seconds that the server may take.
    pub seconds: u32,
    /// What they must be like.
    pub filter: &'a Filter,
    /// Attributes wanted by name; none at all for the entry alone.
    pub attributes: &'a [&'a str],
}

/// How far below the base a search goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope {
    /// The base alone.
    Base,
    /// What is directly below it.
    OneLevel,
    /// The base and everything below it.
    #[default]
    Subtree,
}

/// A change of one attribute of one entry.
#[derive(Debug, Clone)]
pub struct Modify<'a> {
    /// Its distinguished name.
    pub name: &'a str,
    /// The attribute.
    pub attribute: &'a str,
    /// What happens to it.
    pub change: Change<'a>,
}

/// What happens to an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change<'a> {
    /// The value is added; an attribute that has it already, or takes only one, makes the server refuse.
    Add(&'a str),
    /// The value is removed, and only that value.
    Delete(&'a str),
    /// All values are replaced by this one, or by none.
    Replace(Option<&'a str>),
}

impl Request<'_> {
    /// The message with that number.
    pub fn encode(&self, id: u32) -> Vec<u8> {
        let operation = match self {
            Self::Bind { name, password } => {
                ber::all(BIND, [ber::number(INTEGER, 3), ber::text(name), ber::element(SIMPLE, password)])
            }
            Self::Modify(modify) => modify.encode(),
            Self::Search(search) => search.encode(),
            Self::StartTls => ber::all(EXTENDED, [ber::element(REQUEST_NAME, START_TLS.as_bytes())]),
            Self::Unbind => ber::element(UNBIND, &[]),
        };
        ber::all(SEQUENCE, [ber::number(INTEGER, id), operation])
    }
}

impl Search<'_> {
    fn encode(&self) -> Vec<u8> {
        let scope = match self.scope {
            Scope::Base => 0,
            Scope::OneLevel => 1,
            Scope::Subtree => 2,
        };
        // RFC 4511 section 4.5.1.8: "1.1" asks for no attributes; none named would ask for all.
        let names = if self.attributes.is_empty() { &["1.1"] } else { self.attributes };
        let parts = [
            ber::text(self.base),
            ber::number(ENUMERATED, scope),
            ber::number(ENUMERATED, NEVER_DEREFERENCE),
            ber::number(INTEGER, self.most),
            ber::number(INTEGER, self.seconds),
            ber::element(BOOLEAN, &[0]),
            self.filter.encode(),
            ber::all(SEQUENCE, names.iter().map(|name| ber::text(name))),
        ];
        ber::all(SEARCH, parts)
    }
}

impl Modify<'_> {
    fn encode(&self) -> Vec<u8> {
        let (operation, value) = match self.change {
            Change::Add(value) => (0, Some(value)),
            Change::Delete(value) => (1, Some(value)),
            Change::Replace(value) => (2, value),
        };
        let values = ber::all(SET, value.map(|value| ber::element(OCTET_STRING, value.as_bytes())));
        let attribute = ber::all(SEQUENCE, [ber::text(self.attribute), values]);
        let change = ber::all(SEQUENCE, [ber::number(ENUMERATED, operation), attribute]);
        ber::all(MODIFY, [ber::text(self.name), ber::all(SEQUENCE, [change])])
    }
}

const BIND: u8 = 0x60;
const UNBIND: u8 = 0x42;
const SEARCH: u8 = 0x63;
const MODIFY: u8 = 0x66;
const EXTENDED: u8 = 0x77;
const SIMPLE: u8 = 0x80;
const REQUEST_NAME: u8 = 0x80;
const NEVER_DEREFERENCE: u32 = 0;
const START_TLS: &str = "1.3.6.1.4.1.1466.20037";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bind_is_as_the_standard_has_it() {
        let message = Request::Bind { name: "cn=a", password: b"pw" }.encode(1);
        let wanted = [&[0x30, 0x12, 2, 1, 1, 0x60, 0x0d, 2, 1, 3, 4, 4][..], b"cn=a", &[0x80, 2], b"pw"].concat();
        assert_eq!(message, wanted);
    }

    #[test]
    fn a_search_that_wants_no_attributes_says_so() {
        let filter = Filter::Present("objectClass".to_owned());
        let search = Search { base: "", scope: Scope::Base, most: 2, seconds: 3, filter: &filter, attributes: &[] };
        let message = Request::Search(&search).encode(2);
        assert!(message.ends_with(&[0x30, 5, 4, 3, b'1', b'.', b'1']), "{message:02x?}");
    }

    #[test]
    fn start_tls_and_unbind_are_as_the_standard_has_them() {
        let wanted = [&[0x30, 0x1d, 2, 1, 1, 0x77, 0x18, 0x80, 0x16][..], START_TLS.as_bytes()].concat();
        assert_eq!(Request::StartTls.encode(1), wanted);
        assert_eq!(Request::Unbind.encode(300), [0x30, 6, 2, 2, 1, 0x2c, 0x42, 0]);
    }
}
