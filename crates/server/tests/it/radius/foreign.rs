//! Gear that others wrote: FreeRADIUS's `radclient`, and pyrad in Python, in every mode.

use std::net::SocketAddr;
use std::process::{Command, Stdio};

use otpost::config::{RadiusFirstFactor, RadiusMode, RadiusProfile};
use serde_json::Value;

use super::front_door::{HOME, same_address};
use super::modes::code_alone;
use super::wire::{ACCEPT, CHALLENGE, REJECT};
use super::{Desk, SECRET};
use crate::foreign::judges;

const ALICE: &str = "alice@example.org";

/// Runs what blocks, without stopping the product.
async fn beside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

impl Desk {
    /// What pyrad was told.
    async fn pyrad(&self, method: &'static str, typed: &str, state: &str) -> Value {
        let (server, typed, state) = (self.server, typed.to_owned(), state.to_owned());
        beside(move || {
            let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/radius/pyrad_dialogue.py");
            let (address, port) = (server.ip().to_string(), server.port().to_string());
            let said = judges::RADIUS.python(&[script, &address, &port, SECRET, method, "TEST\\alice", &typed, &state]);
            serde_json::from_str(&said).unwrap_or_else(|_| panic!("no JSON: {said}"))
        })
        .await
    }

    /// The first line of what `radclient` received.
    pub(crate) async fn radclient(&self, attributes: &[&str]) -> String {
        let attributes = attributes.join("\n") + "\nMessage-Authenticator = 0x00\n";
        let server = self.server;
        beside(move || radclient(server, &attributes)).await
    }

    /// Begins at a portal; answers the code.
    async fn code_of_portal(&self) -> String {
        self.test.check(&[("user", "alice"), ("pass", "1234")]).await;
        self.test.code_to(ALICE).await
    }
}

fn radclient(server: SocketAddr, attributes: &str) -> String {
    use std::io::Write as _;
    let mut child = Command::new("radclient")
        .args(["-x", "-r", "2", "-t", "5", &server.to_string(), "auth", SECRET])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("radclient; install Debian's package freeradius-utils");
    child.stdin.take().unwrap().write_all(attributes.as_bytes()).unwrap();
    let printed = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    let received: Vec<&str> = printed.lines().skip_while(|line| !line.starts_with("Received")).collect();
    assert!(received.get(1).is_some_and(|line| line.contains("Message-Authenticator = 0x")), "{printed}");
    received.join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn pyrad_comes_in_by_mschapv2_and_gets_its_keys() {
    let desk = Desk::start_as(code_alone()).await;
    let code = desk.code_of_portal().await;
    let wrong = desk.pyrad("mschap2", "000", "").await;
    assert_eq!(wrong["code"], REJECT);
    assert!(wrong["MS-CHAP-Error"].as_str().unwrap().starts_with("\tE=691 R=0 C="), "{wrong}");
    let accepted = desk.pyrad("mschap2", &code, "").await;
    assert_eq!((&accepted["code"], &accepted["keys"]), (&ACCEPT.into(), &true.into()), "{accepted}");
    assert_eq!(desk.pyrad("mschap2", &code, "").await["code"], REJECT, "the second time");
}

#[tokio::test(flavor = "multi_thread")]
async fn pyrad_answers_challenges_by_any_method() {
    let desk = Desk::start().await;
    for (mails, method) in (1..).zip(["pap", "chap", "mschap2"]) {
        let challenge = desk.pyrad("pap", "1234", "").await;
        assert_eq!(challenge["code"], CHALLENGE, "{challenge}");
        let state = challenge["State"].as_str().unwrap();
        let code = crate::app::code_in(&desk.test.mails_to(ALICE, mails).await[0]);
        let accepted = desk.pyrad(method, &code, state).await;
        assert_eq!((&accepted["code"], accepted["keys"] == true), (&ACCEPT.into(), method == "mschap2"), "{accepted}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pyrad_is_told_what_a_pin_cannot_come_by() {
    let desk = Desk::start().await;
    for method in ["chap", "mschap2"] {
        let refused = desk.pyrad(method, "1234", "").await;
        assert_eq!((&refused["code"], &refused["Reply-Message"]), (&REJECT.into(), &"PAP required".into()));
    }
    assert!(desk.test.sink.mails().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn radclient_comes_in_with_password_and_code() {
    let desk = Desk::start_as(RadiusProfile { mode: RadiusMode::PasswordAndCode, ..RadiusProfile::default() }).await;
    let user = "User-Name = \"alice\"";
    let first = desk.radclient(&[user, "User-Password = \"1234\""]).await;
    assert!(first.starts_with("Received Access-Reject") && first.contains("the code behind it"), "{first}");
    let both = format!("User-Password = \"1234{}\"", desk.test.code_to(ALICE).await);
    for expected in ["Received Access-Accept", "Received Access-Reject"] {
        let reply = desk.radclient(&[user, &both]).await;
        assert!(reply.starts_with(expected), "{reply}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn radclient_comes_in_with_the_code_alone() {
    let desk = Desk::start_as(code_alone()).await;
    let user = "User-Name = \"alice\"";
    let code = desk.code_of_portal().await;
    let first = desk.radclient(&[user, "MS-CHAP-Password = \"1\""]).await;
    assert!(first.contains("PAP, CHAP or MS-CHAPv2 required"), "version 1: {first}");
    let chap = format!("CHAP-Password = \"{code}\"");
    for expected in ["Received Access-Accept", "Received Access-Reject"] {
        let reply = desk.radclient(&[user, &chap]).await;
        assert!(reply.starts_with(expected), "{reply}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn radclient_that_has_checked_the_password_is_asked_for_the_code() {
    let profile = RadiusProfile { first_factor: RadiusFirstFactor::None, ..RadiusProfile::default() };
    let desk = Desk::start_as(profile).await;
    let user = "User-Name = \"alice\"";
    let challenge = desk.radclient(&[user, "CHAP-Password = \"its own\""]).await;
    assert!(challenge.starts_with("Received Access-Challenge"), "{challenge}");
    let state = challenge.lines().map(str::trim).find(|line| line.starts_with("State = 0x")).unwrap();
    let code = format!("User-Password = \"{}\"", desk.test.code_to(ALICE).await);
    let reply = desk.radclient(&[user, &code, state]).await;
    assert!(reply.starts_with("Received Access-Accept"), "{reply}");
}

#[tokio::test(flavor = "multi_thread")]
async fn radclient_comes_in_after_a_sign_in_on_the_page() {
    let desk = Desk::start_as(same_address()).await;
    desk.signed_in(0).await;
    let (user, caller) = ("User-Name = \"alice\"", format!("Calling-Station-Id = \"{HOME}\""));
    for expected in ["Received Access-Accept", "Received Access-Reject"] {
        let reply = desk.radclient(&[user, "User-Password = \"of the gateway\"", &caller]).await;
        assert!(reply.starts_with(expected), "{reply}");
    }
}
