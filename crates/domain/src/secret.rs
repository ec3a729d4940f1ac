//! Values that must never be printed: no `Display`, no serialisation, a `Debug` that says nothing,
//! wiped from memory when dropped. Every PIN, code, password and key in the product is one of these.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A piece of text that nobody may print: a PIN, a password, an API key, a relay's token.
#[derive(Clone, Default)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes ownership of the text; the caller should not keep another copy.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself. Every call is a place to audit: never in a log, a metric, an error or a URL.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing in it. The length of a secret is not otherwise told.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl PartialEq for Secret {
    /// Compares in constant time for texts of equal length.
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

/// A 256-bit key. Labelled sub-keys are made from one master key; see the server's `keys` module.
#[derive(Clone)]
pub struct Key(Zeroizing<[u8; 32]>);

impl Key {
    /// Wraps key material that came from the operating system's generator or a key derivation.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The key itself, for the primitive that needs it.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// The same for one purpose: its label and the label's length stand first, so that what is signed for one
    /// purpose is worthless for another.
    pub fn hmac_for(&self, label: &str) -> Hmac<Sha256> {
        let mut mac = self.hmac();
        mac.update(&[u8::try_from(label.len()).unwrap_or(u8::MAX)]);
        mac.update(label.as_bytes());
        mac
    }

    /// HMAC-SHA-256 under this key, ready for input.
    pub fn hmac(&self) -> Hmac<Sha256> {
        // HMAC takes keys of any length, so the error of the trait cannot occur.
        Hmac::new_from_slice(self.expose()).unwrap_or_else(|_| unreachable!("HMAC accepts every key length"))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[key]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_shows_nothing() {
        let secret = Secret::new("canary");
        assert_eq!(format!("{secret:?}"), "[secret]");
        assert_eq!(format!("{:?}", Key::new([7; 32])), "[key]");
    }
}
