//! RADIUS once more, by somebody else: a few lines that build requests and take replies apart, sharing
//! nothing with the product but MD5 and HMAC.

use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};

/// A request as network gear would send it.
#[derive(Clone)]
pub(crate) struct Request {
    code: u8,
    pub(crate) id: u8,
    attributes: Vec<(u8, Vec<u8>)>,
    secret: String,
    is_signed: bool,
}

/// A reply, taken apart and verified.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) code: u8,
    pub(crate) id: u8,
    pub(crate) attributes: Vec<(u8, Vec<u8>)>,
}

pub(crate) const ACCEPT: u8 = 2;
pub(crate) const REJECT: u8 = 3;
pub(crate) const CHALLENGE: u8 = 11;

impl Request {
    pub(crate) fn access(id: u8, secret: &str) -> Self {
        Self { code: 1, id, attributes: Vec::new(), secret: secret.to_owned(), is_signed: true }
    }

    pub(crate) fn status(id: u8, secret: &str) -> Self {
        Self { code: 12, ..Self::access(id, secret) }
    }

    pub(crate) fn with(mut self, kind: u8, value: impl AsRef<[u8]>) -> Self {
        self.attributes.push((kind, value.as_ref().to_vec()));
        self
    }

    pub(crate) fn user(self, name: &str) -> Self {
        self.with(1, name)
    }

    pub(crate) fn password(self, clear: impl AsRef<[u8]>) -> Self {
        let (mut before, mut hidden) = (self.authenticator(), Vec::new());
        let mut padded = clear.as_ref().to_vec();
        padded.resize(padded.len().max(1).div_ceil(16) * 16, 0);
        for block in padded.chunks(16) {
            let key = Md5::digest([self.secret.as_bytes(), &before].concat());
            let mixed: Vec<u8> = block.iter().zip(key).map(|(octet, key)| octet ^ key).collect();
            before.clone_from(&mixed);
            hidden.extend(mixed);
        }
        self.with(2, hidden)
    }

    /// What shows that somebody typed this, by CHAP.
    pub(crate) fn chap(self, clear: impl AsRef<[u8]>) -> Self {
        let challenge = Md5::digest([b"challenge".as_slice(), &[self.id]].concat());
        let response = Md5::digest([&[5][..], clear.as_ref(), &challenge].concat());
        self.with(60, challenge).with(3, [&[5][..], &response].concat())
    }

    /// An attribute of a vendor.
    pub(crate) fn of_vendor(self, vendor: u32, kind: u8, value: impl AsRef<[u8]>) -> Self {
        self.with(26, [&vendor.to_be_bytes()[..], &attribute(kind, value.as_ref())].concat())
    }

    pub(crate) fn unsigned(mut self) -> Self {
        self.is_signed = false;
        self
    }

    /// Different for each identifier, and the same each time.
    fn authenticator(&self) -> Vec<u8> {
        Md5::digest([b"authenticator".as_slice(), &[self.id]].concat()).to_vec()
    }

    /// The octets, signed at their end unless told otherwise.
    pub(crate) fn octets(&self) -> Vec<u8> {
        let mut attributes: Vec<u8> =
            self.attributes.iter().flat_map(|(kind, value)| attribute(*kind, value)).collect();
        let place = 20 + attributes.len() + 2;
        if self.is_signed {
            attributes.extend(attribute(80, &[0; 16]));
        }
        let mut octets = packet(self.code, self.id, &self.authenticator(), &attributes);
        if self.is_signed {
            let signature = hmac(&self.secret, &octets);
            octets[place..place + 16].copy_from_slice(&signature);
        }
        octets
    }

    /// Takes a reply to this request apart. Its Message-Authenticator stands first and verifies, and so
    /// does its Response Authenticator; anything else fails the test.
    pub(crate) fn read(&self, octets: &[u8]) -> Reply {
        assert_eq!(usize::from(octets[2]) * 256 + usize::from(octets[3]), octets.len(), "the length");
        let mut unanswered = octets.to_vec();
        unanswered[4..20].copy_from_slice(&self.authenticator());
        let expected = Md5::digest([&unanswered, self.secret.as_bytes()].concat());
        assert_eq!(octets[4..20], expected[..], "the Response Authenticator");
        assert_eq!(octets[20..22], [80, 18], "Message-Authenticator stands first");
        unanswered[22..38].fill(0);
        assert_eq!(octets[22..38], hmac(&self.secret, &unanswered), "the Message-Authenticator");
        let (mut attributes, mut at) = (Vec::new(), 38);
        while at < octets.len() {
            let end = at + usize::from(octets[at + 1]);
            attributes.push((octets[at], octets[at + 2..end].to_vec()));
            at = end;
        }
        assert_eq!(octets[1], self.id);
        Reply { code: octets[0], id: octets[1], attributes }
    }
}

impl Reply {
    pub(crate) fn find(&self, kind: u8) -> Option<&[u8]> {
        self.attributes.iter().find(|(found, _)| *found == kind).map(|(_, value)| value.as_slice())
    }

    pub(crate) fn state(&self) -> Vec<u8> {
        self.find(24).expect("a State").to_vec()
    }

    pub(crate) fn message(&self) -> String {
        String::from_utf8(self.find(18).expect("a Reply-Message").to_vec()).unwrap()
    }
}

/// A packet with its length right.
pub(crate) fn packet(code: u8, id: u8, authenticator: &[u8], attributes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(20 + attributes.len()).unwrap().to_be_bytes();
    [&[code, id][..], &length, authenticator, attributes].concat()
}

/// An attribute with its length right.
pub(crate) fn attribute(kind: u8, value: &[u8]) -> Vec<u8> {
    [&[kind, u8::try_from(value.len() + 2).unwrap()], value].concat()
}

fn hmac(secret: &str, octets: &[u8]) -> [u8; 16] {
    Hmac::<Md5>::new_from_slice(secret.as_bytes()).unwrap().chain_update(octets).finalize().into_bytes().into()
}
