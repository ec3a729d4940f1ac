//! What a client has asked for, octet by octet (RFC 4511 4.2 to 4.12).

use crate::ber::{ENUMERATED, Elements, INTEGER, OCTETS, SEQUENCE, SET, text};

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// A proof of who asks, by name and password.
    Bind {
        /// The name.
        name: String,
        /// The password, as it came.
        password: Vec<u8>, // tidy: not a secret, because it opens made-up data and is compared in tests
    },
    /// A search.
    Search(Search),
    /// A change of an entry's attributes.
    Modify {
        /// The entry's name.
        dn: String,
        /// Each attribute that is touched, and the values that came for it.
        changes: Vec<(String, Vec<Vec<u8>>)>,
    },
    /// An extended one, by its number.
    Extended(String),
    /// A polite end.
    Unbind,
    /// Any other, by its tag.
    Other(u8),
}

/// A search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// Where it begins.
    pub base: String,
    /// How deep it goes: 0 the entry itself, 1 its children, 2 everything below.
    pub scope: u8,
    /// Whether aliases are followed: 0 never.
    pub aliases: u8,
    /// The most entries that may come.
    pub size_limit: u32,
    /// What is asked for.
    pub filter: Filter,
    /// The attributes that are wanted.
    pub attributes: Vec<String>,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// All of them.
    And(Vec<Filter>),
    /// One of them.
    Or(Vec<Filter>),
    /// Not this.
    Not(Vec<Filter>),
    /// One value of one attribute, as it came.
    Equal(String, Vec<u8>),
    /// Any value.
    Present(String),
    /// By a rule of its own: the rule, the attribute, the value.
    Rule(String, String, Vec<u8>),
    /// Any other kind, by its tag.
    Other(u8),
}

impl Request {
    /// A message's content as its number and what it asks for; nothing when it is no request.
    pub(crate) fn parse(message: &[u8]) -> Option<(u32, Self)> {
        let mut elements = Elements(message);
        let id = number(elements.tagged(INTEGER)?)?;
        let (tag, content) = elements.next()?;
        let mut parts = Elements(content);
        let request = match tag {
            0x60 => bind(&mut parts)?,
            0x42 => Self::Unbind,
            0x63 => Self::Search(search(&mut parts)?),
            0x66 => modify(&mut parts)?,
            0x77 => Self::Extended(text(parts.tagged(0x80)?)?),
            other => Self::Other(other),
        };
        Some((id, request))
    }
}

impl Filter {
    /// Every equality in it, at any depth.
    pub fn equalities(&self) -> Vec<(&str, &[u8])> {
        match self {
            Self::And(parts) | Self::Or(parts) | Self::Not(parts) => parts.iter().flat_map(Self::equalities).collect(),
            Self::Equal(attribute, value) => vec![(attribute, value)],
            _ => Vec::new(),
        }
    }

    fn parse(tag: u8, content: &[u8]) -> Option<Self> {
        let mut parts = Elements(content);
        let all = |parts: Elements<'_>| parts.map(|(tag, content)| Self::parse(tag, content)).collect::<Option<_>>();
        Some(match tag {
            0xA0 => Self::And(all(parts)?),
            0xA1 => Self::Or(all(parts)?),
            0xA2 => Self::Not(all(parts)?),
            0xA3 => Self::Equal(parts.text()?, parts.tagged(OCTETS)?.to_vec()),
            0x87 => Self::Present(text(content)?),
            0xA9 => rule(&parts)?,
            other => Self::Other(other),
        })
    }
}

fn bind(parts: &mut Elements<'_>) -> Option<Request> {
    let _version = parts.tagged(INTEGER)?;
    let name = parts.text()?;
    let password = parts.tagged(0x80)?.to_vec();
    Some(Request::Bind { name, password })
}

fn search(parts: &mut Elements<'_>) -> Option<Search> {
    let base = parts.text()?;
    let (&[scope], &[aliases]) = (parts.tagged(ENUMERATED)?, parts.tagged(ENUMERATED)?) else {
        return None;
    };
    let size_limit = number(parts.tagged(INTEGER)?)?;
    let (_seconds, _types_only) = (parts.next()?, parts.next()?);
    let (tag, content) = parts.next()?;
    let filter = Filter::parse(tag, content)?;
    let attributes = Elements(parts.tagged(SEQUENCE)?).map(|(_, name)| text(name)).collect::<Option<_>>()?;
    Some(Search { base, scope, aliases, size_limit, filter, attributes })
}

fn modify(parts: &mut Elements<'_>) -> Option<Request> {
    let dn = parts.text()?;
    let change = |(_, content)| {
        let mut change = Elements(content);
        let _kind = change.tagged(ENUMERATED)?;
        let mut attribute = Elements(change.tagged(SEQUENCE)?);
        let name = attribute.text()?;
        Some((name, Elements(attribute.tagged(SET)?).map(|(_, value)| value.to_vec()).collect()))
    };
    let changes = Elements(parts.tagged(SEQUENCE)?).map(change).collect::<Option<_>>()?;
    Some(Request::Modify { dn, changes })
}

fn rule(parts: &Elements<'_>) -> Option<Filter> {
    let of = |wanted| parts.clone().find(|(tag, _)| *tag == wanted).map(|(_, content)| content);
    Some(Filter::Rule(text(of(0x81)?)?, text(of(0x82).unwrap_or_default())?, of(0x83)?.to_vec()))
}

fn number(octets: &[u8]) -> Option<u32> {
    octets.iter().try_fold(0_u32, |number, octet| number.checked_mul(256)?.checked_add(u32::from(*octet)))
}
