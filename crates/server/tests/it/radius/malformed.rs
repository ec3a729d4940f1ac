//! Packets that break the rules: silence, a counter by name, and the next good one is answered.

use std::time::Duration;

use super::wire::{CHALLENGE, attribute, packet};
use super::{Desk, SECRET};

/// What is wrong with a packet, by the name of its counter, and its octets.
type Broken = (&'static str, Vec<u8>);

#[tokio::test(flavor = "multi_thread")]
async fn malformed_packets_are_counted_and_met_with_silence() {
    let desk = Desk::start().await;
    let vpn = desk.vpn().await;
    let broken = all();
    assert!(broken.len() >= 60, "{}", broken.len());
    for (reason, octets) in &broken {
        let before = desk.dropped(reason);
        vpn.send(octets).await;
        vpn.hears_nothing(SECRET).await;
        assert_eq!(desk.dropped(reason), before + 1, "{reason}: {octets:?}");
    }
    let started = tokio::time::Instant::now();
    let mut good = vpn.alice(1).octets();
    good.extend([0; 30]);
    vpn.send(&good).await;
    assert_eq!(vpn.alice(1).read(&vpn.receive().await).code, CHALLENGE, "padding is none of our business");
    assert!(started.elapsed() < Duration::from_secs(2));
}

fn all() -> Vec<Broken> {
    [lengths(), attributes(), repeated(), codes()].concat()
}

fn request(attributes: &[u8]) -> Vec<u8> {
    packet(1, 9, &[9; 16], attributes)
}

fn saying(length: u16, mut octets: Vec<u8>) -> Vec<u8> {
    octets[2..4].copy_from_slice(&length.to_be_bytes());
    octets
}

fn lengths() -> Vec<Broken> {
    let name = attribute(1, b"alice");
    let mut broken: Vec<Broken> =
        [0, 1, 2, 3, 4, 10, 19].map(|length| ("too-short", request(&name)[..length].to_vec())).into();
    broken.extend([0, 1, 4, 19].map(|length| ("too-short", saying(length, request(&name)))));
    broken.extend([28, 100, 4096].map(|length| ("truncated", saying(length, request(&name)))));
    broken.extend([4097, 5000, 40_000, 65_535].map(|length| ("too-long", saying(length, request(&name)))));
    // A header that cuts the last attribute in two.
    broken.push(("attribute-overrun", saying(26, request(&name))));
    broken.push(("attribute-rest", saying(21, request(&name))));
    broken.push(("too-long", saying(60_000, vec![1; 60_000])));
    broken
}

fn attributes() -> Vec<Broken> {
    let name = attribute(1, b"alice");
    let after = |octets: &[u8]| request(&[&name, octets].concat());
    let mut broken = vec![
        ("attribute-length", request(&[1, 0])),
        ("attribute-length", request(&[1, 1])),
        ("attribute-length", after(&[24, 0])),
        ("attribute-length", after(&[24, 1, 2])),
        ("attribute-rest", after(&[24])),
        ("attribute-rest", request(&[80])),
        ("attribute-zero", request(&[0, 2])),
        ("attribute-zero", after(&[0, 3, 1])),
        ("attribute-zero", after(&[0, 0])),
        ("attribute-overrun", request(&[1, 3])),
        ("attribute-overrun", after(&[24, 255, 1])),
        ("attribute-overrun", after(&[80, 18, 0])),
        ("attribute-overrun", after(&[2, 18, 0])),
        ("too-many-attributes", request(&[33, 2].repeat(201))),
        ("too-many-attributes", request(&[25, 2].repeat(2000))),
        ("too-many-attributes", request(&[&name[..], &[33, 3, 0].repeat(1000)].concat())),
    ];
    for length in [0, 1, 15, 17, 32, 253] {
        broken.push(("message-authenticator-length", after(&attribute(80, &vec![0; length]))));
    }
    for length in [0, 1, 15, 17, 31, 33, 127, 129, 144, 253] {
        broken.push(("password-length", after(&attribute(2, &vec![0; length]))));
    }
    broken
}

fn repeated() -> Vec<Broken> {
    let twice = |kind, length| ("repeated-attribute", request(&attribute(kind, &vec![1; length]).repeat(2)));
    let apart = [attribute(80, &[0; 16]), attribute(1, b"alice"), attribute(80, &[0; 16])].concat();
    let thrice = attribute(24, b"state").repeat(3);
    vec![
        twice(1, 1),
        twice(2, 16),
        twice(24, 20),
        twice(80, 16),
        ("repeated-attribute", request(&apart)),
        ("repeated-attribute", request(&thrice)),
    ]
}

fn codes() -> Vec<Broken> {
    // Accounting, disconnecting, and what nobody has ever used.
    [0, 4, 5, 13, 40, 43, 44, 255]
        .map(|code| ("unknown-code", packet(code, 9, &[9; 16], &attribute(1, b"alice"))))
        .into()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_noise_brings_it_down() {
    let desk = Desk::start().await;
    let vpn = desk.vpn().await;
    let good = vpn.alice(1).octets();
    let mut noise = 1_u64;
    for round in 0..4000_usize {
        let mut octets = good.clone();
        for _ in 0..=round % 5 {
            noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = usize::try_from(noise >> 40).unwrap() % octets.len();
            octets[at] = (noise >> 32) as u8;
        }
        if octets != good {
            vpn.send(&octets).await;
        }
        if round % 50 == 0 {
            vpn.hears_nothing(SECRET).await;
        }
    }
    assert_eq!(vpn.ask(&vpn.alice(1)).await.code, CHALLENGE);
}
