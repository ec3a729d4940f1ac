//! An Access-Request, for whoever asks: Message-Authenticator first, as replies have it.

use crate::attribute;
use crate::packet::{Authenticator, Code, HEADER_OCTETS};
use crate::reply::{TooLong, push, put, put_length};
use crate::{password, signature};

/// A request on its way.
#[derive(Debug, Clone)]
pub struct Request {
    id: u8,
    authenticator: Authenticator,
    attributes: Vec<u8>,
}

impl Request {
    /// A request that says nothing yet. No two may share both identifier and authenticator, and nobody
    /// may foresee the authenticator.
    pub fn new(id: u8, authenticator: Authenticator) -> Self {
        Self { id, authenticator, attributes: Vec::new() }
    }

    /// Adds an attribute; octets beyond 253 are cut off.
    #[must_use]
    pub fn attribute(mut self, kind: u8, value: &[u8]) -> Self {
        push(&mut self.attributes, kind, value);
        self
    }

    /// Adds what a person typed, hidden.
    pub fn password(self, clear: &[u8], shared: &[u8]) -> Result<Self, TooLong> {
        let hidden = password::hide(clear, shared, &self.authenticator).ok_or(TooLong)?;
        Ok(self.attribute(attribute::USER_PASSWORD, &hidden))
    }

    /// Signs it.
    pub fn seal(self, shared: &[u8]) -> Result<Vec<u8>, TooLong> {
        let mut octets = vec![Code::AccessRequest.number(), self.id, 0, 0];
        octets.extend(self.authenticator);
        push(&mut octets, attribute::MESSAGE_AUTHENTICATOR, &[0; 16]);
        octets.extend(self.attributes);
        put_length(&mut octets)?;
        let signed = signature::sign(&octets, shared);
        put(&mut octets, HEADER_OCTETS + 2, &signed);
        Ok(octets)
    }
}
