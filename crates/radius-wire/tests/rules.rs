//! Every rule of length, by name, and what holds for all octets there are.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

use proptest::collection::vec;
use proptest::prelude::*;
use radius_wire::attribute::{self, Attribute};
use radius_wire::packet::{Code, MOST_ATTRIBUTES, Malformed, Packet};
use radius_wire::password;
use radius_wire::reply::Reply;
use radius_wire::request::Request;
use radius_wire::signature::{self, Signature};

/// A request with these attributes, its length right.
fn request(attributes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(20 + attributes.len()).unwrap().to_be_bytes();
    [&[1, 7][..], &length, &[9; 16], attributes].concat()
}

fn with_length(length: u16) -> Vec<u8> {
    let mut octets = request(&[1, 3, b'a']);
    octets[2..4].copy_from_slice(&length.to_be_bytes());
    octets
}

fn broken(octets: &[u8]) -> Malformed {
    Packet::parse(octets).expect_err("a broken rule")
}

#[test]
fn the_length_of_a_packet_lies_between_twenty_and_what_came() {
    for length in 0..20 {
        assert_eq!(broken(&request(&[])[..length]), Malformed::TooShort, "{length}");
        assert_eq!(broken(&with_length(u16::try_from(length).unwrap())), Malformed::TooShort, "{length}");
    }
    assert_eq!(broken(&with_length(24)), Malformed::Truncated);
    assert_eq!(broken(&with_length(4096)), Malformed::Truncated);
    assert_eq!(broken(&with_length(4097)), Malformed::TooLong);
    assert_eq!(broken(&with_length(65_535)), Malformed::TooLong);
    assert!(Packet::parse(&request(&[])).is_ok());
    let padded = [request(&[1, 3, b'a']), vec![0; 5000]].concat();
    assert_eq!(Packet::parse(&padded).unwrap().octets().len(), 23, "what follows is padding");
}

#[test]
fn attributes_fill_the_packet_to_its_last_octet() {
    assert_eq!(broken(&request(&[1, 0])), Malformed::AttributeLength(1));
    assert_eq!(broken(&request(&[1, 1])), Malformed::AttributeLength(1));
    assert_eq!(broken(&request(&[1])), Malformed::AttributeRest);
    assert_eq!(broken(&request(&[1, 3, b'a', 24])), Malformed::AttributeRest);
    assert_eq!(broken(&request(&[1, 4, b'a'])), Malformed::AttributeOverrun(1));
    assert_eq!(broken(&request(&[0, 3, b'a'])), Malformed::AttributeZero);
    assert!(Packet::parse(&request(&[1, 2])).is_ok(), "an empty value is legal");
}

#[test]
fn some_attributes_stand_there_once() {
    let (signed, hidden) = ([&[80, 18][..], &[0; 16]].concat(), [&[2, 18][..], &[0; 16]].concat());
    for (kind, octets) in [(1, &[1, 3, b'a'][..]), (2, &hidden), (24, &[24, 3, b'a']), (80, &signed)] {
        assert!(Packet::parse(&request(octets)).is_ok(), "{kind}");
        assert_eq!(broken(&request(&octets.repeat(2))), Malformed::Repeated(kind));
    }
    assert!(Packet::parse(&request(&[33, 3, b'a', 33, 3, b'a'])).is_ok(), "others may be repeated");
}

#[test]
fn signatures_and_passwords_have_their_lengths() {
    for length in 0..=253_u8 {
        let of = |kind| request(&[vec![kind, length + 2], vec![0; length.into()]].concat());
        let is_hidden = (16..=128).contains(&length) && length % 16 == 0;
        assert_eq!(Packet::parse(&of(80)).is_ok(), length == 16, "{length}");
        assert_eq!(Packet::parse(&of(2)).is_ok(), is_hidden, "{length}");
    }
    assert_eq!(broken(&request(&[80, 2])), Malformed::MessageAuthenticatorLength);
    assert_eq!(broken(&request(&[2, 2])), Malformed::PasswordLength);
}

#[test]
fn there_are_two_hundred_attributes_at_most() {
    assert!(Packet::parse(&request(&[33, 2].repeat(MOST_ATTRIBUTES))).is_ok());
    assert_eq!(broken(&request(&[33, 2].repeat(MOST_ATTRIBUTES + 1))), Malformed::TooManyAttributes);
    assert_eq!(broken(&request(&[33, 2].repeat(2000))), Malformed::TooManyAttributes);
}

#[test]
fn codes_we_have_no_use_for_are_named() {
    for code in 0..=255 {
        let mut octets = request(&[]);
        octets[0] = code;
        let expected = if [1, 2, 3, 11, 12].contains(&code) { None } else { Some(Malformed::UnknownCode(code)) };
        assert_eq!(Packet::parse(&octets).err(), expected);
    }
}

/// Attributes that any packet may hold any number of.
fn free_attributes() -> impl Strategy<Value = Vec<(u8, Vec<u8>)>> {
    let kind = (3..=255_u8).prop_filter("not one of those that stand there once", |kind| ![24, 80, 33].contains(kind));
    vec((kind, vec(any::<u8>(), 0..=60)), 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_octets_make_it_panic(octets in vec(any::<u8>(), 0..300)) {
        if let Ok(packet) = Packet::parse(&octets) {
            look_at_everything(&packet);
        }
    }

    #[test]
    fn no_attributes_make_it_panic(attributes in vec(any::<u8>(), 0..300)) {
        if let Ok(packet) = Packet::parse(&request(&attributes)) {
            look_at_everything(&packet);
        }
    }

    #[test]
    fn what_is_built_is_read_as_it_was_meant(attributes in free_attributes(), shared in vec(any::<u8>(), 0..40)) {
        let asked = request(&[33, 3, b'p']);
        let asked = Packet::parse(&asked).unwrap();
        let empty = Reply::new(Code::AccessChallenge).attribute(attribute::STATE, b"state");
        let reply = attributes.iter().fold(empty, |reply, (kind, value)| reply.attribute(*kind, value));
        let octets = reply.seal(&asked, &shared).unwrap();
        let read = Packet::parse(&octets).unwrap();
        let state = Attribute { kind: attribute::STATE, value: b"state" };
        let proxy = Attribute { kind: attribute::PROXY_STATE, value: b"p" };
        let meant = attributes.iter().map(|(kind, value)| Attribute { kind: *kind, value });
        let meant: Vec<_> = std::iter::once(state).chain(meant).chain([proxy]).collect();
        prop_assert_eq!(read.attributes().next().map(|first| first.kind), Some(attribute::MESSAGE_AUTHENTICATOR));
        prop_assert_eq!(read.attributes().skip(1).collect::<Vec<_>>(), meant);
        prop_assert_eq!(signature::check_reply(&read, &asked.authenticator, &shared), Signature::Good);
    }

    #[test]
    fn a_request_is_read_as_it_was_meant(clear in vec(1..=255_u8, 0..=128), shared in vec(any::<u8>(), 0..40)) {
        let request = Request::new(7, [9; 16]).attribute(attribute::USER_NAME, b"alice");
        let octets = request.password(&clear, &shared).unwrap().seal(&shared).unwrap();
        let read = Packet::parse(&octets).unwrap();
        let kinds: Vec<u8> = read.attributes().map(|attribute| attribute.kind).collect();
        prop_assert_eq!(kinds, [80, 1, 2]);
        prop_assert_eq!((read.code, read.id, read.authenticator), (Code::AccessRequest, 7, [9; 16]));
        prop_assert_eq!(signature::check(&read, &shared), Signature::Good);
        let hidden = read.find(attribute::USER_PASSWORD).unwrap();
        prop_assert_eq!(&*password::unhide(hidden, &shared, &[9; 16]), &clear);
    }

    #[test]
    fn a_hidden_password_comes_back(clear in vec(1..=255_u8, 0..=128), shared in vec(any::<u8>(), 0..40)) {
        let hidden = password::hide(&clear, &shared, &[7; 16]).unwrap();
        prop_assert!(hidden.len().is_multiple_of(16) && (16..=128).contains(&hidden.len()));
        prop_assert_eq!(&*password::unhide(&hidden, &shared, &[7; 16]), &clear);
    }
}

fn look_at_everything(packet: &Packet) {
    let octets: usize = packet.attributes().map(|attribute| attribute.value.len() + 2).sum();
    assert_eq!(octets + 20, packet.octets().len(), "attributes fill the packet");
    assert!(packet.attributes().flat_map(Attribute::of_vendor).count() <= octets);
    let _: (Signature, Signature) =
        (signature::check(packet, b"shared"), signature::check_reply(packet, &[0; 16], b"shared"));
    if let Some(hidden) = packet.find(attribute::USER_PASSWORD) {
        assert!(password::unhide(hidden, b"shared", &packet.authenticator).len() <= 128);
    }
}
