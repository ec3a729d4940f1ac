//! Whoever has signed in on the page comes in once.

use std::time::Duration;

use domain::attempt::FrontDoor;
use otpost::config::{RadiusFirstFactor, RadiusMode, RadiusProfile, StoreUrl};

use super::Desk;
use super::wire::{ACCEPT, REJECT};
use crate::app::form_request;

pub(super) const HOME: &str = "203.0.113.7";

pub(super) fn same_address() -> RadiusProfile {
    RadiusProfile {
        mode: RadiusMode::Code,
        client_group: Some("web".to_owned()),
        is_believed: true,
        front_door: FrontDoor::SameAddress,
        ..RadiusProfile::default()
    }
}

impl Desk {
    /// The first step of alice on the page, at home; answers her cookie and the id of her challenge.
    async fn begun(&self) -> (String, String) {
        let request = form_request("/signin", &[("name", "alice"), ("password", "1234")]);
        let reply = self.test.send_from(format!("{HOME}:50000").parse().unwrap(), request).await;
        assert_eq!(reply.status, 303, "{}", reply.text());
        let cookie = reply.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let id = reply.headers["location"].to_str().unwrap().rsplit('/').next().unwrap().to_owned();
        (cookie, id)
    }

    /// Signs alice in on the page; so many mails went to her before.
    pub(super) async fn signed_in(&self, mails: usize) {
        let (cookie, id) = self.begun().await;
        let code = crate::app::code_in(&self.test.mails_to("alice@example.org", mails + 1).await[0]);
        let mut request = form_request("/signin/code", &[("id", &id), ("code", &code)]);
        request.headers_mut().insert("cookie", cookie.parse().unwrap());
        let reply = self.test.send_from(format!("{HOME}:50001").parse().unwrap(), request).await;
        assert_eq!(reply.headers["location"], "/signin/done");
    }

    fn passes(&self) -> i64 {
        let StoreUrl::Sqlite(path) = &self.test.app.config.store.url else { panic!("SQLite") };
        let connection = rusqlite::Connection::open(path).unwrap();
        connection.query_row("SELECT COUNT(*) FROM pass", [], |row| row.get(0)).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pass_opens_the_door_once_to_its_owner_at_the_same_address() {
    let desk = Desk::start_as(same_address()).await;
    desk.test.enroll("bob", "1234").await;
    let vpn = desk.vpn().await;
    let ask = async |id, user: &str, from: &str| {
        let request = vpn.access(id).user(user).password("whatever the gear sends");
        vpn.ask(&if from.is_empty() { request } else { request.with(31, from) }).await.code
    };
    assert_eq!(ask(1, "alice", HOME).await, REJECT, "before");
    desk.signed_in(0).await;
    assert_eq!(ask(2, "bob", HOME).await, REJECT);
    assert_eq!(ask(3, "alice", "203.0.113.8").await, REJECT);
    assert_eq!(ask(4, "alice", "").await, REJECT);
    assert_eq!(ask(5, "alice", HOME).await, ACCEPT);
    assert_eq!(ask(6, "alice", HOME).await, REJECT, "the second time");

    desk.test.clock.advance(Duration::from_secs(200));
    desk.signed_in(1).await;
    desk.test.clock.advance(Duration::from_millis(179_999));
    assert_eq!(vpn.ask(&vpn.access(7).user("alice").with(31, HOME)).await.code, ACCEPT, "without any password");
    desk.signed_in(2).await;
    desk.test.clock.advance(Duration::from_mins(3));
    assert_eq!(ask(8, "alice", HOME).await, REJECT, "too late");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_of_the_page_is_good_at_the_door_instead() {
    let desk = Desk::start_as(same_address()).await;
    let vpn = desk.vpn().await;
    desk.begun().await;
    let code = desk.test.code_to("alice@example.org").await;
    let typed = |id| vpn.access(id).user("alice").password(&code);
    assert_eq!(vpn.ask(&typed(1)).await.code, ACCEPT);
    assert_eq!(vpn.ask(&typed(2)).await.code, REJECT);
}

#[tokio::test(flavor = "multi_thread")]
async fn gear_that_checks_passwords_may_know_no_address() {
    let profile =
        RadiusProfile { front_door: FrontDoor::AnySource, first_factor: RadiusFirstFactor::None, ..same_address() };
    let desk = Desk::start_as(profile).await;
    let vpn = desk.vpn().await;
    desk.signed_in(0).await;
    let other = vpn.access(1).user("alice").with(31, "203.0.113.8");
    assert_eq!(vpn.ask(&other).await.code, REJECT, "an address that is known must be the same");
    assert_eq!(vpn.ask(&vpn.access(2).user("alice").with(31, "UserAuthType:PW")).await.code, ACCEPT);
    assert_eq!(vpn.ask(&vpn.access(3).user("alice").with(31, "UserAuthType:PW")).await.code, REJECT);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pass_ends_with_what_it_rests_on() {
    let desk = Desk::start_as(same_address()).await;
    let vpn = desk.vpn().await;
    desk.signed_in(0).await;
    desk.test.admin("POST", "/token/disable", &[("serial", "PIEM_alice")]).await;
    assert_eq!(vpn.ask(&vpn.access(1).user("alice").with(31, HOME)).await.code, REJECT);
    assert_eq!(desk.passes(), 1, "it is there and opens nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_pass_is_left_where_no_door_takes_one() {
    let desk = Desk::start().await;
    desk.signed_in(0).await;
    assert_eq!(desk.passes(), 0);
}
