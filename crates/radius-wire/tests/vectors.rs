//! The packets that RFC 2865 section 7 and RFC 5997 section 6 print, byte for byte.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

use radius_wire::attribute;
use radius_wire::chap::Chap;
use radius_wire::mschap2::MsChap2;
use radius_wire::packet::{Code, Packet};
use radius_wire::password;
use radius_wire::reply::Reply;
use radius_wire::signature::{self, Signature};

const SHARED: &[u8] = b"xyzzy5461";

const TELNET: &str = "01 00 00 38 0f 40 3f 94 73 97 80 57 bd 83 d5 cb 98 f4 22 7a 01 06 6e 65 6d 6f 02 12 0d be 70 8d \
    93 d4 13 ce 31 96 e4 3f 78 2a 0a ee 04 06 c0 a8 01 10 05 06 00 00 00 03";
const TELNET_ACCEPT: &str = "02 00 00 26 86 fe 22 0e 76 24 ba 2a 10 05 f6 bf 9b 55 e0 b2 06 06 00 00 00 01 0f 06 \
    00 00 00 00 0e 06 c0 a8 01 03";
const FRAMED: &str = "01 01 00 47 2a ee 86 f0 8d 0d 55 96 9c a5 97 8e 0d 33 67 a2 01 08 66 6c 6f 70 73 79 03 13 16 e9 \
    75 57 c3 16 18 58 95 f2 93 ff 63 44 07 72 75 04 06 c0 a8 01 10 05 06 00 00 00 14 06 06 00 00 00 02 07 06 00 00 00 01";
const CARD: &str = "01 02 00 39 f3 a4 7a 1f 6a 6d 76 71 0b 94 7a b9 30 41 a0 39 01 07 6d 6f 70 73 79 02 12 33 65 75 \
    73 77 82 89 b5 70 88 5e 15 08 48 25 c5 04 06 c0 a8 01 10 05 06 00 00 00 07";
const CARD_CHALLENGE: &str = "0b 02 00 4e 36 f3 c8 76 4a e8 c7 11 57 40 3c 0c 71 ff 9c 45 12 30 43 68 61 6c 6c 65 6e \
    67 65 20 33 32 37 36 39 34 33 30 2e 20 20 45 6e 74 65 72 20 72 65 73 70 6f 6e 73 65 20 61 74 20 70 72 6f \
    6d 70 74 2e 18 0a 33 32 37 36 39 34 33 30";
const STATUS: &str = "0c da 00 26 8a 54 f4 68 6f b3 94 c5 28 66 e3 02 18 5d 06 23 50 12 5a 66 5e 2e 1e 84 11 f3 e2 43 \
    82 20 97 c8 4f a3";

fn octets(text: &str) -> Vec<u8> {
    text.split_whitespace().map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

#[test]
fn the_passwords_of_the_standard_are_read_and_hidden_again() {
    for (text, name, clear) in [(TELNET, "nemo", "arctangent"), (CARD, "mopsy", "challenge")] {
        let octets = octets(text);
        let packet = Packet::parse(&octets).unwrap();
        assert_eq!(packet.find(attribute::USER_NAME), Some(name.as_bytes()));
        let hidden = packet.find(attribute::USER_PASSWORD).unwrap();
        assert_eq!(*password::unhide(hidden, SHARED, &packet.authenticator), clear.as_bytes());
        assert_eq!(password::hide(clear.as_bytes(), SHARED, &packet.authenticator).as_deref(), Some(hidden));
        assert_ne!(*password::unhide(hidden, b"another", &packet.authenticator), clear.as_bytes());
    }
}

#[test]
fn a_chap_request_holds_no_password() {
    let octets = octets(FRAMED);
    let packet = Packet::parse(&octets).unwrap();
    assert_eq!((packet.code, packet.id), (Code::AccessRequest, 1));
    assert_eq!(packet.find(attribute::CHAP_PASSWORD).map(<[u8]>::len), Some(17));
    assert_eq!(packet.find(attribute::USER_PASSWORD), None);
    assert_eq!(packet.attributes().count(), 6);
    let chap = Chap::read(&packet).unwrap();
    assert!(chap.fits(b"arctangent") && !chap.fits(b"challenge"));
    assert_eq!(MsChap2::read(&packet), None);
}

#[test]
fn the_replies_of_the_standard_belong_to_their_requests() {
    for (request, reply) in [(TELNET, TELNET_ACCEPT), (CARD, CARD_CHALLENGE)] {
        let (request, reply) = (octets(request), octets(reply));
        let (request, reply) = (Packet::parse(&request).unwrap(), Packet::parse(&reply).unwrap());
        // The Response Authenticator is right; there was no Message-Authenticator yet.
        assert_eq!(signature::check_reply(&reply, &request.authenticator, SHARED), Signature::Absent);
        assert_eq!(signature::check_reply(&reply, &request.authenticator, b"another"), Signature::Wrong);
        assert_eq!(signature::check_reply(&reply, &[0; 16], SHARED), Signature::Wrong);
    }
}

#[test]
fn a_signed_request_is_good_until_one_bit_of_it_changes() {
    let octets = octets(STATUS);
    let packet = Packet::parse(&octets).unwrap();
    assert_eq!(packet.code, Code::StatusServer);
    assert_eq!(signature::check(&packet, SHARED), Signature::Good);
    assert_eq!(signature::check(&packet, b"another"), Signature::Wrong);
    for bit in 0..octets.len() * 8 {
        let mut flipped = octets.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let judged = Packet::parse(&flipped).map(|packet| signature::check(&packet, SHARED));
        assert_ne!(judged, Ok(Signature::Good), "bit {bit}");
    }
}

#[test]
fn a_reply_is_signed_first_and_brings_every_proxy_state_back() {
    let mut request = octets(TELNET);
    request.extend([33, 4, b'b', b'2', 33, 3, b'a', 33, 2]);
    request[3] = u8::try_from(request.len()).unwrap();
    let request = Packet::parse(&request).unwrap();
    let reply = Reply::new(Code::AccessChallenge)
        .attribute(attribute::STATE, b"a state")
        .text(attribute::REPLY_MESSAGE, &"ä".repeat(200))
        .seal(&request, SHARED)
        .unwrap();
    let reply = Packet::parse(&reply).unwrap();
    let kinds: Vec<u8> = reply.attributes().map(|attribute| attribute.kind).collect();
    assert_eq!(kinds, [80, 24, 18, 18, 33, 33, 33]);
    assert_eq!(reply.list(attribute::PROXY_STATE).collect::<Vec<_>>(), [&b"b2"[..], b"a", b""]);
    let texts: Vec<_> = reply.list(attribute::REPLY_MESSAGE).map(|text| std::str::from_utf8(text).unwrap()).collect();
    assert_eq!((texts.concat(), texts[0].len()), ("ä".repeat(200), 252));
    assert_eq!((reply.id, reply.code), (request.id, Code::AccessChallenge));
    assert_eq!(signature::check_reply(&reply, &request.authenticator, SHARED), Signature::Good);
}

#[test]
fn a_reply_that_does_not_fit_is_none() {
    let mut request = octets(TELNET);
    for _ in 0..15 {
        request.extend([33, 255]);
        request.extend([7; 253]);
    }
    let length = u16::try_from(request.len()).unwrap().to_be_bytes();
    request[2..4].copy_from_slice(&length);
    let request = Packet::parse(&request).unwrap();
    assert!(Reply::new(Code::AccessAccept).seal(&request, SHARED).is_ok());
    let long = Reply::new(Code::AccessAccept).attribute(attribute::REPLY_MESSAGE, &[b'x'; 300]);
    assert_eq!(
        long.seal(&request, SHARED).unwrap_err().to_string(),
        "the packet would be longer than 4096 octets, or its password than 128"
    );
}

#[test]
fn a_password_longer_than_radius_can_carry_is_refused() {
    assert!(password::hide(&[b'x'; 128], SHARED, &[0; 16]).is_some_and(|hidden| hidden.len() == 128));
    assert_eq!(password::hide(&[b'x'; 129], SHARED, &[0; 16]), None);
    assert_eq!(password::hide(b"", SHARED, &[0; 16]).map(|hidden| hidden.len()), Some(16));
}
