//! Packets such as a Remote Desktop Gateway's own NPS hands on, at a client configured to the letter of
//! `docs/integrate/rd-gateway.md`. No Windows takes part: the shape is that of what NPS writes into the event log
//! of such a gateway, with the attributes of MS-RNAS as FreeRADIUS's dictionary numbers them.

use super::{Desk, profile};
use crate::foreign::recipes::{Page, with_file};

/// No password in any form, no address of anybody, and how the person has shown who they are to the gateway.
const ASKED: [&str; 7] = [
    "User-Name = \"TEST\\\\alice\"",
    "Service-Type = Framed-User",
    "NAS-Port-Type = Virtual",
    "Called-Station-Id = \"UserAuthType:PW\"",
    "MS-Network-Access-Server-Type = Terminal-Server-Gateway",
    "MS-Machine-Name = \"laptop.home.example\"",
    "Proxy-State = 0xfe80000000000000c0ffee0000000001000000a5",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_remote_desktop_gateway_hears_yes_once_after_a_sign_in_on_the_page() {
    let desk = desk().await;
    let before = desk.radclient(&ASKED).await;
    assert!(before.starts_with("Received Access-Reject"), "nobody has signed in: {before}");
    desk.signed_in(0).await;
    let stranger: Vec<_> = ASKED.iter().map(|line| line.replace("alice", "bob")).collect();
    let stranger: Vec<_> = stranger.iter().map(String::as_str).collect();
    assert!(desk.radclient(&stranger).await.starts_with("Received Access-Reject"), "somebody else");
    for expected in ["Received Access-Accept", "Received Access-Reject"] {
        let reply = desk.radclient(&ASKED).await;
        assert!(reply.starts_with(expected), "{expected}: {reply}");
        assert!(reply.contains(ASKED[6]), "Proxy-State comes back: {reply}");
    }
    assert_eq!(desk.test.sink.mails().len(), 1, "that of the page");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remote_desktop_gateway_with_a_smart_card_is_asked_for_the_same() {
    let desk = desk().await;
    let card =
        ASKED.map(|line| if line.contains("UserAuthType") { "Called-Station-Id = \"UserAuthType:SC\"" } else { line });
    assert!(desk.radclient(&card).await.starts_with("Received Access-Reject"));
    desk.signed_in(0).await;
    assert!(desk.radclient(&card).await.starts_with("Received Access-Accept"));
}

async fn desk() -> Desk {
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(secret.path(), "a-secret-of-this-test-alone").unwrap();
    let block = Page::read("rd-gateway.md").block("[[radius.client]]");
    let desk = Desk::start_as(profile(&with_file("secret_file", &block, secret.path()))).await;
    desk.test.enroll("bob", "1234").await;
    desk
}
