//! What a client names a request by, so that a copy of it is told from a new one.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::secret::Key;

/// The same for all copies of one request, another for every other request of the client. It is the
/// client that says so: without such a key nobody can tell a copy from somebody who begins again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RequestKey([u8; 32]);

/// What is kept of a first step whose client has named it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestMark {
    /// The client's name for it, hashed with a key: one for each group of clients and each name.
    pub name: [u8; 16],
    /// What was asked, hashed likewise. A name that comes back with another question is no copy.
    pub fingerprint: [u8; 16],
}

impl RequestKey {
    /// From what the client sent, whatever its form. `door` keeps the protocols apart.
    pub fn new(door: &str, named: &[u8]) -> Self {
        let digest = Sha256::new().chain_update(door).chain_update([0]).chain_update(named);
        Self(digest.finalize().into())
    }

    /// What is kept of a first step of this group that asks this.
    pub fn mark(&self, key: &Key, group: &str, asked: &[&[u8]]) -> RequestMark {
        let name: [&[u8]; 3] = [b"request", group.as_bytes(), &self.0];
        let fingerprint: Vec<&[u8]> = [&b"asked"[..]].iter().chain(asked).copied().collect();
        RequestMark {
            name: crate::code::keyed_half(key, &name),
            fingerprint: crate::code::keyed_half(key, &fingerprint),
        }
    }
}

impl fmt::Debug for RequestKey {
    /// What it was made from may have held a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_have_one_mark_and_nobody_else_has_it() {
        let key = Key::new([1; 32]);
        let named = RequestKey::new("http", b"k1");
        let mark = named.mark(&key, "gateway", &[b"alice", b"PIEM1"]);
        assert_eq!(mark, RequestKey::new("http", b"k1").mark(&key, "gateway", &[b"alice", b"PIEM1"]));
        let others = [
            RequestKey::new("radius", b"k1").mark(&key, "gateway", &[]),
            RequestKey::new("http", b"k2").mark(&key, "gateway", &[]),
            named.mark(&key, "portal", &[]),
            named.mark(&Key::new([2; 32]), "gateway", &[]),
        ];
        assert!(others.iter().all(|other| other.name != mark.name));
        for asked in [&[&b"bob"[..], b"PIEM1"][..], &[b"alice"], &[b"alice", b"PIEM1", b"PIEM2"], &[b"alicePIEM1"]] {
            let other = named.mark(&key, "gateway", asked);
            assert_eq!(other.name, mark.name);
            assert_ne!(other.fingerprint, mark.fingerprint, "{asked:?}");
        }
    }
}
