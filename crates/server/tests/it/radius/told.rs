//! What gear tells of the person's device, and what it is told of their groups.

use domain::criteria::{Access, AddressRange, Criteria, Group, Matching, PrincipalEntry};
use otpost::config::{Grant, GrantedBy, RadiusProfile};
use otpost::manage::criteria::{self, Owner};

use super::wire::{ACCEPT, CHALLENGE, Request};
use super::{Desk, Gear, OTHER, OTHER_SECRET};
use crate::app::by;

/// alice has a password, and needs no code at 10.0.0.0/16.
async fn desk() -> Desk {
    let desk = Desk::start_as(RadiusProfile { is_believed: true, ..RadiusProfile::default() }).await;
    let first_factor = domain::provider::FirstFactor::UserStore;
    desk.test.set_provider(|provider| provider.first_factor = first_factor).await;
    let inside = AddressRange::parse("10.0.0.0", Some("10.0.255.255")).unwrap();
    let addresses = Group::enabled(Matching::IsOneOf, vec![inside]);
    let except = Criteria { access: Access::Deny, addresses, ..Criteria::default() };
    criteria::replace(&desk.test.app, &by(), Owner::Site(1), &except).await.unwrap();
    desk
}

fn alice(gear: &Gear, id: u8) -> Request {
    gear.access(id).user("alice").password("the password")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_persons_address_is_the_word_of_gear_that_may_give_it() {
    let desk = desk().await;
    let (vpn, other) = (desk.vpn().await, desk.gear(OTHER, OTHER_SECRET).await);
    let inside = [
        alice(&vpn, 1).with(31, "10.0.3.4"),
        alice(&vpn, 2).with(31, "10.0.3.4[4500]"),
        alice(&vpn, 3).with(31, "10.0.3.4:50000"),
        alice(&vpn, 4).of_vendor(25461, 7, "10.0.3.4").with(31, "203.0.113.9"),
        alice(&vpn, 5).of_vendor(9, 1, "mdm-tlv=device-platform=win").of_vendor(9, 1, "ip:source-ip=10.0.3.4"),
        alice(&vpn, 6).with(66, b"\x0110.0.3.4"),
    ];
    for request in inside {
        assert_eq!(vpn.ask(&request).await.code, ACCEPT, "{}", request.id);
    }
    let outside = [
        alice(&vpn, 10),
        alice(&vpn, 11).with(31, "203.0.113.9"),
        alice(&vpn, 12).with(31, "00-11-22-33-44-55"),
        // Where somebody gets an address inside says nothing of where they are.
        alice(&vpn, 13).with(8, [10, 0, 3, 4]),
        alice(&vpn, 14).with(4, [10, 0, 3, 4]),
        alice(&vpn, 15).with(31, [0xff; 8]),
    ];
    for request in outside {
        assert_eq!(vpn.ask(&request).await.code, CHALLENGE, "{}", request.id);
    }
    assert_eq!(other.ask(&alice(&other, 20).with(31, "10.0.3.4")).await.code, CHALLENGE, "it may say nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_has_the_address_of_gear_that_is_believed() {
    let desk = desk().await;
    let vpn = desk.vpn().await;
    vpn.ask(&alice(&vpn, 1).with(31, "203.0.113.9")).await;
    let lines = desk.test.admin("GET", "/audit/?action=*RADIUS*", &[]).await.json();
    assert_eq!(lines["result"]["value"]["auditdata"][0]["client"], "203.0.113.9", "{lines}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_is_known_by_its_own_word_or_by_where_it_asks_from() {
    let desk = desk().await;
    let vpn = desk.vpn().await;
    for (gateway, request) in [
        ("192.0.2.1", vpn.access(1).with(4, [192, 0, 2, 1])),
        ("192.0.2.2", vpn.access(2).with(4, [0; 4]).with(32, "192.0.2.2")),
        ("2001:db8::3", vpn.access(3).with(95, "2001:db8::3".parse::<std::net::Ipv6Addr>().unwrap().octets())),
        ("127.0.0.1", vpn.access(4).with(32, "vpn.example.org")),
    ] {
        let gateways = Group::enabled(Matching::IsOneOf, vec![gateway.parse().unwrap()]);
        let except = Criteria { access: Access::Deny, gateways, ..Criteria::default() };
        criteria::replace(&desk.test.app, &by(), Owner::Site(1), &except).await.unwrap();
        let reply = vpn.ask(&request.user("alice").password("the password")).await;
        assert_eq!(reply.code, ACCEPT, "{gateway}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acceptance_says_what_the_groups_of_the_person_are_given() {
    let grant = |account: Option<&str>, sid: Option<&str>, by, text: &str| {
        let to = PrincipalEntry::parse(account, sid).unwrap();
        Grant { to, by, text: text.to_owned() }
    };
    let grants = vec![
        grant(Some("TEST\\alice"), None, GrantedBy::FilterId, "admins"),
        grant(Some("bob"), None, GrantedBy::FilterId, "guests"),
        grant(None, Some("S-1-5-32-544"), GrantedBy::Class, "root"),
        grant(Some("ALICE"), None, GrantedBy::Class, "staff"),
    ];
    let desk = Desk::start_as(RadiusProfile { grants, ..RadiusProfile::default() }).await;
    let vpn = desk.vpn().await;
    let challenge = vpn.ask(&vpn.alice(1)).await;
    assert_eq!((challenge.find(11), challenge.find(25)), (None, None), "only who is in is told");
    let code = desk.test.code_to("alice@example.org").await;
    let accepted = vpn.ask(&vpn.access(2).user("alice").password(&code).with(24, challenge.state())).await;
    assert_eq!(accepted.code, ACCEPT);
    assert_eq!(accepted.attributes, [(11, b"admins".to_vec()), (25, b"staff".to_vec())]);
}
