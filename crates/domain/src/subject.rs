//! Whom guesses are charged to. Everybody has a subject, also who is nobody.

use std::fmt;
use std::net::IpAddr;

use crate::secret::{Key, Secret};

/// The account a guess is charged to: a keyed hash of the canonical identity, never of a string
/// that the caller chose.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Subject([u8; 16]);

impl Subject {
    /// From stored bytes.
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The subject of somebody we know, by the stable identifier of the account.
    pub fn of_user(key: &Key, user_id: &str) -> Self {
        Self::keyed(key, &[b"user", user_id.as_bytes()])
    }

    /// The subject of a name that nobody has. Counted like everybody else's.
    pub fn of_unknown(key: &Key, realm: &str, canonical_name: &str) -> Self {
        Self::keyed(key, &[b"unknown", realm.as_bytes(), canonical_name.as_bytes()])
    }

    /// The subject of an enrollment that belongs to nobody yet.
    pub fn of_serial(key: &Key, serial: &str) -> Self {
        Self::keyed(key, &[b"serial", serial.as_bytes()])
    }

    /// The subject of the decoys that a wrong first factor of somebody leads to: none of theirs, so
    /// that guesses cost them nothing. The same guess leads to the same subject, because the right
    /// one does too. All but 16 bits of what was typed are lost.
    pub fn of_decoy(key: &Key, somebody: &Self, typed: &Secret) -> Self {
        let Self([first, second, ..]) = Self::keyed(key, &[b"typed", somebody.as_bytes(), typed.expose().as_bytes()]);
        Self::keyed(key, &[b"decoy", somebody.as_bytes(), &[first, second]])
    }

    /// The subject of an administrator, whether there is one of that name or not.
    pub fn of_admin(key: &Key, canonical_name: &str) -> Self {
        Self::keyed(key, &[b"admin", canonical_name.as_bytes()])
    }

    /// The subject of all who come from one network: an address of IPv4, or the 64 bits of IPv6 that one
    /// subscriber has. Those of unknown address are in one network together.
    pub fn of_source(key: &Key, address: Option<IpAddr>) -> Self {
        Self::of_network(key, b"source", address)
    }

    /// The same at the doors of administrators: people who sign in from there spend nothing of it.
    pub fn of_admin_source(key: &Key, address: Option<IpAddr>) -> Self {
        Self::of_network(key, b"admin source", address)
    }

    fn of_network(key: &Key, what: &[u8], address: Option<IpAddr>) -> Self {
        match address.as_ref().map(IpAddr::to_canonical) {
            None => Self::keyed(key, &[what]),
            Some(IpAddr::V4(address)) => Self::keyed(key, &[what, &address.octets()]),
            Some(IpAddr::V6(address)) => Self::keyed(key, &[what, &(address.to_bits() >> 64).to_be_bytes()]),
        }
    }

    /// The hash itself.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    pub(crate) fn keyed(key: &Key, fields: &[&[u8]]) -> Self {
        Self(crate::code::keyed_half(key, fields))
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in &self.0 {
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoys_belong_to_a_guess_and_never_to_the_account() {
        let key = Key::new([7; 32]);
        let (ann, bob) = (Subject::new([1; 16]), Subject::new([2; 16]));
        let decoy = |whose, typed| Subject::of_decoy(&key, whose, &Secret::new(typed));
        assert_eq!(decoy(&ann, "a guess"), decoy(&ann, "a guess"));
        assert_ne!(decoy(&ann, "a guess"), decoy(&ann, "another"));
        assert_ne!(decoy(&ann, "a guess"), decoy(&bob, "a guess"));
        assert_ne!(decoy(&ann, "a guess"), ann);
    }
}
