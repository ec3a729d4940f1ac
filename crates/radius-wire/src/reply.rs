//! A reply: Message-Authenticator first, always, then what is to be said, then the request's
//! Proxy-States in their order.
//!
//! First, because an attacker who can choose what follows a prefix can forge a Response Authenticator
//! (CVE-2024-3596), and then there is no prefix to choose.

use crate::attribute;
use crate::packet::{Code, HEADER_OCTETS, MOST_OCTETS, Packet};
use crate::signature;

/// A reply on its way.
#[derive(Debug, Clone)]
pub struct Reply {
    code: Code,
    attributes: Vec<u8>,
}

/// It does not fit: a request can hold more Proxy-States than leave room in its reply, and a password is
/// at most 128 octets long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the packet would be longer than 4096 octets, or its password than 128")]
pub struct TooLong;

impl Reply {
    /// A reply that says nothing yet but its code.
    pub fn new(code: Code) -> Self {
        Self { code, attributes: Vec::new() }
    }

    /// Adds an attribute; octets beyond 253 are cut off.
    #[must_use]
    pub fn attribute(mut self, kind: u8, value: &[u8]) -> Self {
        push(&mut self.attributes, kind, value);
        self
    }

    /// Adds an attribute of a vendor, in the form that RFC 2865 5.26 recommends; octets beyond 247 are cut off.
    #[must_use]
    pub fn of_vendor(self, vendor: u32, kind: u8, value: &[u8]) -> Self {
        let value = value.get(..attribute::MOST_OCTETS_OF_VENDOR).unwrap_or(value);
        let mut whole = vendor.to_be_bytes().to_vec();
        push(&mut whole, kind, value);
        self.attribute(attribute::VENDOR_SPECIFIC, &whole)
    }

    /// Adds a text, as many attributes of that number as it takes, none of which splits a character.
    #[must_use]
    pub fn text(mut self, kind: u8, text: &str) -> Self {
        let mut rest = text;
        while !rest.is_empty() {
            let (head, tail) = rest.split_at(rest.floor_char_boundary(attribute::MOST_OCTETS));
            push(&mut self.attributes, kind, head.as_bytes());
            rest = tail;
        }
        self
    }

    /// Signs the reply to a request.
    pub fn seal(self, request: &Packet, shared: &[u8]) -> Result<Vec<u8>, TooLong> {
        let mut octets = vec![self.code.number(), request.id, 0, 0];
        octets.extend(request.authenticator);
        push(&mut octets, attribute::MESSAGE_AUTHENTICATOR, &[0; 16]);
        octets.extend(self.attributes);
        for state in request.list(attribute::PROXY_STATE) {
            push(&mut octets, attribute::PROXY_STATE, state);
        }
        put_length(&mut octets)?;
        let signed = signature::sign(&octets, shared);
        put(&mut octets, HEADER_OCTETS + 2, &signed);
        let authenticator = signature::response_authenticator(&octets, shared);
        put(&mut octets, 4, &authenticator);
        Ok(octets)
    }
}

/// Writes the length of a packet into its header.
pub(crate) fn put_length(octets: &mut [u8]) -> Result<(), TooLong> {
    let length = u16::try_from(octets.len()).ok().filter(|length| usize::from(*length) <= MOST_OCTETS);
    put(octets, 2, &length.ok_or(TooLong)?.to_be_bytes());
    Ok(())
}

pub(crate) fn push(octets: &mut Vec<u8>, kind: u8, value: &[u8]) {
    let value = value.get(..attribute::MOST_OCTETS).unwrap_or(value);
    // At most 253 octets and two of header: the length fits.
    octets.extend([kind, u8::try_from(value.len() + 2).unwrap_or(u8::MAX)]);
    octets.extend(value);
}

pub(crate) fn put(octets: &mut [u8], at: usize, value: &[u8]) {
    for (octet, new) in octets.iter_mut().skip(at).zip(value) {
        *octet = *new;
    }
}
