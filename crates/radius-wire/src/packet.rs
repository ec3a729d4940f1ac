//! A packet as it came: all rules of length are checked before anything in it is looked at, so that
//! whoever holds a [`Packet`] need not.

use crate::attribute::{self, Attribute};

/// Octets before the first attribute.
pub const HEADER_OCTETS: usize = 20;
/// Octets of the longest packet, RFC 2865 3.
pub const MOST_OCTETS: usize = 4096;
/// Attributes in one packet, as `FreeRADIUS` has it.
pub const MOST_ATTRIBUTES: usize = 200;

/// The sixteen octets that make a request unlike every other.
pub type Authenticator = [u8; 16];

/// What a packet is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// Access-Accept.
    AccessAccept,
    /// Access-Challenge.
    AccessChallenge,
    /// Access-Reject.
    AccessReject,
    /// Access-Request.
    AccessRequest,
    /// Status-Server, RFC 5997.
    StatusServer,
}

/// A well-formed packet. Well-formed says nothing about who sent it: see [`crate::signature`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// What it is for.
    pub code: Code,
    /// Matches replies with requests.
    pub id: u8,
    /// The Request Authenticator, or in a reply the Response Authenticator.
    pub authenticator: Authenticator,
    octets: Box<[u8]>,
}

/// Which rule a datagram breaks. All of them are answered with silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// An attribute whose length leaves no room for its own header.
    #[error("attribute {0} has a length below 2")]
    AttributeLength(u8),
    /// An attribute that ends behind the packet.
    #[error("attribute {0} is longer than the packet")]
    AttributeOverrun(u8),
    /// One octet where an attribute should begin.
    #[error("an odd octet follows the last attribute")]
    AttributeRest,
    /// Attribute number 0.
    #[error("an attribute has the number 0")]
    AttributeZero,
    /// A Message-Authenticator that does not hold 16 octets.
    #[error("Message-Authenticator does not hold 16 octets")]
    MessageAuthenticatorLength,
    /// A User-Password of an impossible length.
    #[error("User-Password is not 16 to 128 octets long in steps of 16")]
    PasswordLength,
    /// An attribute that may stand there once, twice.
    #[error("attribute {0} is there more than once")]
    Repeated(u8),
    /// Fewer octets than a header has, or a header that says so.
    #[error("shorter than 20 octets")]
    TooShort,
    /// A header that says more than 4096 octets.
    #[error("longer than 4096 octets")]
    TooLong,
    /// More than 200 attributes.
    #[error("more than 200 attributes")]
    TooManyAttributes,
    /// A header that says more octets than came.
    #[error("shorter than its header says")]
    Truncated,
    /// A code this product has no use for.
    #[error("packet code {0} is none of ours")]
    UnknownCode(u8),
}

impl Malformed {
    /// The name in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AttributeLength(_) => "attribute-length",
            Self::AttributeOverrun(_) => "attribute-overrun",
            Self::AttributeRest => "attribute-rest",
            Self::AttributeZero => "attribute-zero",
            Self::MessageAuthenticatorLength => "message-authenticator-length",
            Self::PasswordLength => "password-length",
            Self::Repeated(_) => "repeated-attribute",
            Self::TooShort => "too-short",
            Self::TooLong => "too-long",
            Self::TooManyAttributes => "too-many-attributes",
            Self::Truncated => "truncated",
            Self::UnknownCode(_) => "unknown-code",
        }
    }
}

impl Code {
    /// The number on the wire.
    pub const fn number(self) -> u8 {
        match self {
            Self::AccessRequest => 1,
            Self::AccessAccept => 2,
            Self::AccessReject => 3,
            Self::AccessChallenge => 11,
            Self::StatusServer => 12,
        }
    }

    fn parse(number: u8) -> Result<Self, Malformed> {
        [Self::AccessRequest, Self::AccessAccept, Self::AccessReject, Self::AccessChallenge, Self::StatusServer]
            .into_iter()
            .find(|code| code.number() == number)
            .ok_or(Malformed::UnknownCode(number))
    }
}

impl Packet {
    /// Reads a datagram. Octets behind the length that the header gives are padding (RFC 2865 3).
    pub fn parse(datagram: &[u8]) -> Result<Self, Malformed> {
        let (header, _) = datagram.split_first_chunk::<HEADER_OCTETS>().ok_or(Malformed::TooShort)?;
        let [code, id, high, low, authenticator @ ..] = *header;
        let length = usize::from(u16::from_be_bytes([high, low]));
        match length {
            0..HEADER_OCTETS => return Err(Malformed::TooShort),
            length if length > MOST_OCTETS => return Err(Malformed::TooLong),
            _ => {}
        }
        let octets = datagram.get(..length).ok_or(Malformed::Truncated)?;
        check_attributes(octets.get(HEADER_OCTETS..).unwrap_or_default())?;
        Ok(Self { code: Code::parse(code)?, id, authenticator, octets: octets.into() })
    }

    /// The packet as it was on the wire, without padding.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// All attributes in their order.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'_>> {
        let mut rest = self.octets.get(HEADER_OCTETS..).unwrap_or_default();
        std::iter::from_fn(move || {
            let (kind, value, after) = attribute::split_first(rest)?;
            rest = after;
            Some(Attribute { kind, value })
        })
    }

    /// The value of the first attribute with this number.
    pub fn find(&self, kind: u8) -> Option<&[u8]> {
        self.list(kind).next()
    }

    /// The values of all attributes with this number, in their order.
    pub fn list(&self, kind: u8) -> impl Iterator<Item = &[u8]> {
        self.attributes().filter(move |attribute| attribute.kind == kind).map(|attribute| attribute.value)
    }

    /// The value of the first attribute with this number of this vendor.
    pub fn find_of_vendor(&self, vendor: u32, kind: u8) -> Option<&[u8]> {
        self.list_of_vendor(vendor, kind).next()
    }

    /// The values of all attributes with this number of this vendor, in their order.
    pub fn list_of_vendor(&self, vendor: u32, kind: u8) -> impl Iterator<Item = &[u8]> {
        let of_vendor = self.attributes().flat_map(Attribute::of_vendor);
        let wanted = of_vendor.filter(move |attribute| attribute.vendor == vendor && attribute.kind == kind);
        wanted.map(|attribute| attribute.value)
    }
}

/// Attributes must fill the packet to its last octet, each by its own rules.
fn check_attributes(mut rest: &[u8]) -> Result<(), Malformed> {
    let (mut count, mut seen) = (0_usize, [false; 256]);
    while !rest.is_empty() {
        let (value, after) = split_checked(rest)?;
        let kind = rest.first().copied().unwrap_or_default();
        check_value(kind, value)?;
        if let Some(seen) = seen.get_mut(usize::from(kind))
            && std::mem::replace(seen, true)
            && ONCE.contains(&kind)
        {
            return Err(Malformed::Repeated(kind));
        }
        count += 1;
        if count > MOST_ATTRIBUTES {
            return Err(Malformed::TooManyAttributes);
        }
        rest = after;
    }
    Ok(())
}

fn split_checked(rest: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let (&[kind, length], _) = rest.split_first_chunk::<2>().ok_or(Malformed::AttributeRest)?;
    match (kind, length) {
        (0, _) => Err(Malformed::AttributeZero),
        (_, 0 | 1) => Err(Malformed::AttributeLength(kind)),
        _ => attribute::split_first(rest)
            .map(|(_, value, after)| (value, after))
            .ok_or(Malformed::AttributeOverrun(kind)),
    }
}

fn check_value(kind: u8, value: &[u8]) -> Result<(), Malformed> {
    match (kind, value.len()) {
        (attribute::MESSAGE_AUTHENTICATOR, 16) => Ok(()),
        (attribute::MESSAGE_AUTHENTICATOR, _) => Err(Malformed::MessageAuthenticatorLength),
        (attribute::USER_PASSWORD, 16..=128) if value.len().is_multiple_of(16) => Ok(()),
        (attribute::USER_PASSWORD, _) => Err(Malformed::PasswordLength),
        _ => Ok(()),
    }
}

/// Attributes of which a packet holds at most one.
const ONCE: [u8; 4] =
    [attribute::USER_NAME, attribute::USER_PASSWORD, attribute::STATE, attribute::MESSAGE_AUTHENTICATOR];
