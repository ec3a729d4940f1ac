//! What must hold for all octets there are. Each function takes any octets and panics when something does not.
//!
//! The fuzzer feeds them with what it makes up; the tests of `radius-wire` with the corpus.

use radius_wire::attribute::{self, Attribute};
use radius_wire::chap::Chap;
use radius_wire::mschap2::MsChap2;
use radius_wire::packet::{Code, MOST_ATTRIBUTES, Packet};
use radius_wire::password;
use radius_wire::reply::Reply;
use radius_wire::request::Request;
use radius_wire::signature::{self, Signature};

/// Octets as a packet: never past their end, and exactly what a slow second reader makes of them.
pub fn packet(octets: &[u8]) {
    let (parsed, expected) = (Packet::parse(octets), read_slowly(octets));
    let Ok(packet) = parsed else {
        assert_eq!(expected, None, "refused, and the rules allow it");
        return;
    };
    let attributes: Vec<_> = packet.attributes().map(|attribute| (attribute.kind, attribute.value.to_vec())).collect();
    assert_eq!(Some(&attributes), expected.as_ref(), "taken, and what it says");
    assert_eq!(packet.octets(), &octets[..packet.octets().len()]);
    assert_eq!(Packet::parse(packet.octets()).as_ref(), Ok(&packet), "padding says nothing");
    assert!(packet.attributes().flat_map(Attribute::of_vendor).count() <= octets.len());
    let _ = (signature::check(&packet, b"shared"), signature::check_reply(&packet, &[7; 16], b"shared"));
    assert!(Chap::read(&packet).is_none_or(|chap| !chap.fits(b"a password that nobody has")));
    if let Some(asked) = MsChap2::read(&packet) {
        assert!(asked.prove("a password that nobody has").is_none());
        assert!(asked.error(&[7; 16], "no").len() <= attribute::MOST_OCTETS);
    }
    if let Some(hidden) = packet.find(attribute::USER_PASSWORD) {
        assert!(password::unhide(hidden, b"shared", &packet.authenticator).len() <= hidden.len());
    }
    let sealed = Reply::new(Code::AccessChallenge).text(attribute::REPLY_MESSAGE, "text").seal(&packet, b"shared");
    assert!(sealed.is_err() || Packet::parse(&sealed.unwrap_or_default()).is_ok(), "what we answer can be read");
}

/// Octets as a secret, an authenticator and a password: hidden and back it is the same, and with another secret it is not.
pub fn password(octets: &[u8]) {
    let Some((&length, rest)) = octets.split_first() else { return };
    let Some((shared, rest)) = rest.split_at_checked(usize::from(length % 64)) else { return };
    let Some((authenticator, clear)) = rest.split_first_chunk::<16>() else { return };
    let Some(hidden) = password::hide(clear, shared, authenticator) else {
        assert!(clear.len() > password::MOST_OCTETS, "every length that RADIUS can carry is hidden");
        return;
    };
    assert!(hidden.len().is_multiple_of(16) && (16..=128).contains(&hidden.len()));
    let end = clear.iter().rposition(|octet| *octet != 0).map_or(0, |last| last + 1);
    assert_eq!(&*password::unhide(&hidden, shared, authenticator), &clear[..end], "zeros at the end are padding");
    let other = [shared, b"!"].concat();
    assert!(*password::unhide(&hidden, &other, authenticator) != clear[..end], "another secret gives noise");
    assert!(password::unhide(clear, shared, authenticator).len() <= clear.len(), "nothing it cannot take");
}

/// Octets as a request and its reply: both are read as they were meant, and no bit of either can be changed.
pub fn dialogue(octets: &[u8]) {
    let Some((&[id, high, low, kinds], rest)) = octets.split_first_chunk::<4>() else { return };
    let Some((authenticator, values)) = rest.split_first_chunk::<16>() else { return };
    let values: Vec<(u8, &[u8])> =
        values.chunks(usize::from(kinds % 48) + 2).map(|chunk| (free_kind(chunk[0]), &chunk[1..])).collect();
    let (asked, answered) = values.split_at(values.len() / 2);
    let request =
        asked.iter().fold(Request::new(id, *authenticator), |request, (kind, value)| request.attribute(*kind, value));
    let Ok(sent) = request.seal(SHARED) else { return };
    let Ok(request) = Packet::parse(&sent) else {
        assert!(asked.len() >= MOST_ATTRIBUTES, "what is built can be read");
        return;
    };
    assert_eq!(signature::check(&request, SHARED), Signature::Good);
    assert_eq!(signature::check(&request, b"another"), Signature::Wrong);
    let bit = usize::from(high) * 256 + usize::from(low);
    let judge = |octets: &[u8]| Packet::parse(octets).map(|packet| signature::check(&packet, SHARED));
    assert_ne!(judge(&flipped(&sent, bit)), Ok(Signature::Good), "one bit of a request");
    let reply =
        answered.iter().fold(Reply::new(Code::AccessAccept), |reply, (kind, value)| reply.attribute(*kind, value));
    let Ok(sent) = reply.seal(&request, SHARED) else { return };
    let judge =
        |octets: &[u8]| Packet::parse(octets).map(|reply| signature::check_reply(&reply, authenticator, SHARED));
    assert_ne!(judge(&flipped(&sent, bit)), Ok(Signature::Good), "one bit of a reply");
    let Ok(reply) = Packet::parse(&sent) else {
        assert!(answered.len() + asked.len() >= MOST_ATTRIBUTES, "what is answered can be read");
        return;
    };
    assert_eq!(signature::check_reply(&reply, authenticator, SHARED), Signature::Good);
    said(&request, &reply, answered);
}

/// Message-Authenticator, what was to be said, and the Proxy-States of the request in their order.
fn said(request: &Packet, reply: &Packet, answered: &[(u8, &[u8])]) {
    let mut attributes = reply.attributes();
    assert_eq!(attributes.next().map(|first| first.kind), Some(attribute::MESSAGE_AUTHENTICATOR));
    for (kind, value) in answered {
        assert_eq!(attributes.next(), Some(Attribute { kind: *kind, value }));
    }
    let rest: Vec<&[u8]> = attributes.map(|attribute| attribute.value).collect();
    assert_eq!(rest, request.list(attribute::PROXY_STATE).collect::<Vec<_>>());
}

/// What RFC 2865 and our limits say, once more and without a thought for speed: the attributes, if all rules hold.
fn read_slowly(octets: &[u8]) -> Option<Vec<(u8, Vec<u8>)>> {
    let length = usize::from(*octets.get(2)?) * 256 + usize::from(*octets.get(3)?);
    if !(20..=4096).contains(&length) || octets.len() < length || ![1, 2, 3, 11, 12].contains(&octets[0]) {
        return None;
    }
    let (mut at, mut found) = (20, Vec::new());
    while at < length {
        let (kind, size) = (octets[at], usize::from(*octets[..length].get(at + 1)?));
        if kind == 0 || size < 2 || at + size > length {
            return None;
        }
        found.push((kind, octets[at + 2..at + size].to_vec()));
        at += size;
    }
    let count = |kind| found.iter().filter(|(found, _)| *found == kind).count();
    let is_once = [1, 2, 24, 80].into_iter().all(|kind| count(kind) <= 1);
    let has_lengths = found.iter().all(|(kind, value)| match kind {
        80 => value.len() == 16,
        2 => [16, 32, 48, 64, 80, 96, 112, 128].contains(&value.len()),
        _ => true,
    });
    (is_once && has_lengths && found.len() <= 200).then_some(found)
}

/// A number that may stand in a packet any number of times.
fn free_kind(kind: u8) -> u8 {
    if [0, 1, 2, 24, 80].contains(&kind) { attribute::PROXY_STATE } else { kind }
}

fn flipped(octets: &[u8], bit: usize) -> Vec<u8> {
    let (mut octets, at) = (octets.to_vec(), bit / 8 % octets.len());
    octets[at] ^= 1 << (bit % 8);
    octets
}

const SHARED: &[u8] = b"what both sides know";
