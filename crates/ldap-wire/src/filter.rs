//! What entries must be like. A value is a value: whatever somebody typed, it is compared as it is and never
//! read as a part of the filter.

mod parse;

use crate::ber::{self, OCTET_STRING};

pub use parse::InvalidFilter;

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// All of these hold.
    And(Vec<Self>),
    /// One of an entry's values is this one.
    Equals(String, Vec<u8>),
    /// A comparison by a rule of its own: the rule's number, the attribute, the value.
    Matches(String, String, Vec<u8>),
    /// This does not hold.
    Not(Box<Self>),
    /// One of these holds.
    Or(Vec<Self>),
    /// The attribute has any value.
    Present(String),
    /// A value has these parts in this order; the first and the last part are its ends where they are not empty.
    Substrings(String, Vec<Vec<u8>>),
}

impl Filter {
    /// A value that is the same as this text.
    pub fn equals(attribute: &str, value: &str) -> Self {
        Self::Equals(attribute.to_owned(), value.as_bytes().to_vec())
    }

    /// Reads the text form (RFC 4515), as administrators write it.
    pub fn parse(text: &str) -> Result<Self, InvalidFilter> {
        parse::parse(text)
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        match self {
            Self::And(filters) => ber::all(0xa0, filters.iter().map(Self::encode)),
            Self::Or(filters) => ber::all(0xa1, filters.iter().map(Self::encode)),
            Self::Not(filter) => ber::all(0xa2, [filter.encode()]),
            Self::Equals(attribute, value) => ber::all(0xa3, [ber::text(attribute), ber::element(OCTET_STRING, value)]),
            Self::Substrings(attribute, parts) => ber::all(0xa4, [ber::text(attribute), substrings(parts)]),
            Self::Present(attribute) => ber::element(0x87, attribute.as_bytes()),
            Self::Matches(rule, attribute, value) => {
                let parts = [(0x81, rule.as_bytes()), (0x82, attribute.as_bytes()), (0x83, value)];
                ber::all(0xa9, parts.map(|(tag, content)| ber::element(tag, content)))
            }
        }
    }
}

fn substrings(parts: &[Vec<u8>]) -> Vec<u8> {
    let last = parts.len().saturating_sub(1);
    let tagged = parts.iter().enumerate().filter(|(_, part)| !part.is_empty());
    let tag = |at| match at {
        0 => 0x80,
        _ if at == last => 0x82,
        _ => 0x81,
    };
    ber::all(0x30, tagged.map(|(at, part)| ber::element(tag(at), part)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ber::Reader;

    proptest! {
        #[test]
        fn whatever_is_typed_is_one_value(typed in "\\PC{0,60}|[*()\\\\\0|&!=]{1,20}") {
            let octets = Filter::equals("uid", &typed).encode();
            let mut outer = Reader::new(&octets);
            let mut inside = Reader::new(outer.expect(0xa3).expect("an equality"));
            prop_assert!(outer.is_empty());
            prop_assert_eq!(inside.text(), Ok("uid"));
            prop_assert_eq!(inside.expect(OCTET_STRING), Ok(typed.as_bytes()));
            prop_assert!(inside.is_empty());
        }
    }
}
