//! What the pages show, and what they never show.

use std::time::Duration;

use domain::secret::Secret;
use otpost::manage::api_keys::{self, NewKey};
use otpost::manage::relays::{NewRelay, PasswordChange, save};
use otpost::store::accounts::{self, Account};

use super::*;
use crate::app::by;

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_are_text_everywhere() {
    let test = TestApp::start().await;
    let hostile = "<img src=x onerror=alert(1)>\"'&";
    let account = test.enroll("mallory", "1234").await;
    let renamed = Account { given_name: hostile.to_owned(), surname: "</bdi><script>".to_owned(), ..account };
    test.apply(vec![accounts::update(&renamed)]).await;
    test.check(&[("user", hostile), ("pass", "x")]).await;
    test.check(&[("user", "mallory<script>"), ("pass", "x")]).await;
    let mut admin = Visitor::new(&test);
    admin.administer().await;
    let search = "/console/people?text=%3Cscript%3E&state=%22%3E%3Cscript%3E";
    let filter = "/console/audit?user=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E&outcome=%3Cb%3E&from=%22%3E";
    for path in ["/console/people", search, "/console/person/user-mallory", "/console/audit", filter] {
        let page = admin.get(path).await.text();
        for bad in ["<img src=x", "<script", "<b>"] {
            assert!(!page.contains(bad), "{path} holds {bad}: {page}");
        }
    }
    assert!(admin.get("/console/person/user-mallory").await.text().contains("&#60;img src=x"));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_holds_a_secret_a_code_or_an_address_in_full() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    test.check(&[("user", "alice"), ("pass", "1234")]).await;
    let code = test.code_to("alice@example.org").await;
    test.check(&[("user", "alice"), ("pass", "654321")]).await;
    let relay = NewRelay {
        name: "real".to_owned(),
        server: "smtps://smtp.example.org".to_owned(),
        user_name: "codes".to_owned(),
        sender: "codes@example.org".to_owned(),
        password: PasswordChange::Set(Secret::new("relay-password")),
        ..NewRelay::default()
    };
    save(&test.app, &by(), relay).await.unwrap();
    let new = NewKey { name: "gate".to_owned(), scopes: vec!["admin:read".to_owned()], ..NewKey::default() };
    let key = api_keys::add(&test.app, &by(), new).await.unwrap();
    let secret = key.expose().rsplit('_').next().unwrap();
    let mut admin = Visitor::new(&test);
    admin.administer().await;
    let pages = [
        "/console",
        "/console/people",
        "/console/person/user-alice",
        "/console/audit?period=all",
        "/console/relays",
        "/console/settings",
    ];
    for path in pages {
        let page = admin.get(path).await.text();
        for bad in [code.as_str(), "654321", "relay-password", secret, ADMIN_PASSWORD, "argon2", "alice@example.org"] {
            assert!(!page.contains(bad), "{path} holds {bad}");
        }
    }
    let person = admin.get("/console/person/user-alice").await.text();
    assert!(person.contains("a•••@example.org"), "{person}");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_found_by_name_and_by_state() {
    let test = TestApp::start().await;
    for name in ["alice", "albert", "bob"] {
        test.enroll(name, "1234").await;
    }
    test.add_user("carol", "pw").await;
    let mut admin = Visitor::new(&test);
    admin.administer().await;
    admin.act("/console", "/console/enrollment/PIEM_bob/disable", &[]).await;
    let found = async |admin: &mut Visitor<'_>, query: &str| {
        let page = admin.get(&format!("/console/people?{query}")).await.text();
        let names = ["alice", "albert", "bob", "carol"];
        names.into_iter().filter(|name| page.contains(&format!("<bdi>{name}</bdi>"))).collect::<Vec<_>>()
    };
    assert_eq!(found(&mut admin, "").await, ["alice", "albert", "bob", "carol"]);
    assert_eq!(found(&mut admin, "text=AL").await, ["alice", "albert"]);
    assert_eq!(found(&mut admin, "text=alice%40example").await, ["alice"]);
    assert_eq!(found(&mut admin, "state=disabled").await, ["bob"]);
    assert_eq!(found(&mut admin, "state=not-enrolled").await, ["carol"]);
    assert_eq!(found(&mut admin, "state=enrolled&text=b").await, ["albert"]);
    assert_eq!(found(&mut admin, "page=2").await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trail_is_filtered_and_paged() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    for _ in 0..3 {
        test.check(&[("user", "stranger"), ("pass", "x")]).await;
    }
    test.check(&[("user", "alice"), ("pass", "wrong")]).await;
    test.clock.advance(Duration::from_hours(2));
    let mut admin = Visitor::new(&test);
    admin.administer().await;
    let count = async |admin: &mut Visitor<'_>, query: &str| {
        let page = admin.get(&format!("/console/audit?{query}")).await.text();
        page.matches("<time datetime").count()
    };
    assert_eq!(count(&mut admin, "user=stranger").await, 3);
    assert_eq!(count(&mut admin, "user=str*").await, 3);
    assert_eq!(count(&mut admin, "reason=wrong-pin").await, 1);
    assert_eq!(count(&mut admin, "outcome=refuse").await, 4);
    assert_eq!(count(&mut admin, "outcome=refuse&period=hour").await, 0);
    assert_eq!(count(&mut admin, "outcome=refuse&from=2026-11-20&to=2026-11-22").await, 4);
    assert_eq!(count(&mut admin, "outcome=refuse&to=2026-11-01").await, 0);
    for _ in 0..60 {
        test.check(&[("user", "flood"), ("pass", "x")]).await;
    }
    assert_eq!(count(&mut admin, "user=flood").await, 50);
    assert_eq!(count(&mut admin, "user=flood&page=2").await, 10);
    let page = admin.get("/console/audit?user=flood").await.text();
    assert!(page.contains("rel=\"next\"") && page.contains("page=2"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_page_counts() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    test.check(&[("user", "alice"), ("pass", "1234")]).await;
    test.check(&[("user", "alice"), ("pass", "x")]).await;
    let page = Visitor::new(&test).administer().await.text();
    for tile in [
        "<b>1</b> <span>users",
        "<b>1</b> <span>enrollments",
        "<b>1</b> <span>open challenges",
        "<b>1</b> <span>refused, last hour",
    ] {
        assert!(page.contains(tile), "{tile}: {page}");
    }
    assert!(page.contains(env!("CARGO_PKG_VERSION")));
}
