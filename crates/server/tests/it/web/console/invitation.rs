//! The link for the first administrator.

use std::time::Duration;

use domain::name::UserName;
use domain::secret::Secret;
use otpost::manage::ManageError;
use otpost::manage::admins::{self, invitations};
use otpost::store::admins as rows;

use super::*;
use crate::app::by;

const NOT_GOOD: &str = "This link is not good any more";
const PASSWORD: &str = "ten thousand mails";

async fn without_administrators(test: TestApp) -> TestApp {
    test.apply(vec![rows::delete(&UserName::parse("admin").unwrap())]).await;
    test
}

async fn invite(test: &TestApp) -> String {
    invitations::invite(&test.app, &by()).await.unwrap().0.expose().to_owned()
}

fn link(token: &str) -> String {
    format!("/console/invitation?token={token}")
}

async fn accept(visitor: &mut Visitor<'_>, token: &str, name: &str) -> Reply {
    let fields = [("token", token), ("name", name), ("password", PASSWORD)];
    visitor.post("/console/invitation", &fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_opens_the_link_becomes_the_first_administrator_and_is_signed_in() {
    for test in [TestApp::start().await, TestApp::start_on_postgres().await] {
        let test = without_administrators(test).await;
        let token = invite(&test).await;
        let mut visitor = Visitor::new(&test);
        for _ in 0..2 {
            let page = visitor.get(&link(&token)).await;
            assert!(page.status == 200 && page.text().contains("autocomplete=\"new-password\""), "{}", page.text());
        }
        let reply = accept(&mut visitor, &token, "Root").await;
        assert_eq!((reply.status.as_u16(), location(&reply.headers)), (303, "/console".to_owned()), "{}", reply.text());
        assert!(visitor.get("/console").await.text().contains("<bdi>Root</bdi>"));
        let admins = test.app.store.list_admins().await.unwrap();
        assert!(admins.len() == 1 && admins[0].is_acting_root() && admins[0].trace.created_by == "invitation");
        let lines = test.app.store.list_audit(None, 99).await.unwrap();
        assert!(lines.iter().any(|line| line.action == "POST /console/invitation" && line.user_name == "Root"));
        assert!(!format!("{lines:?}").contains(&token), "the trail holds no token");
        for status in [visitor.get(&link(&token)).await, accept(&mut visitor, &token, "second").await] {
            assert!(status.status == 404 && status.text().contains(NOT_GOOD), "{}", status.text());
        }
        assert_eq!(test.app.store.list_admins().await.unwrap().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_open_the_link_at_once_make_one_administrator() {
    for test in [TestApp::start().await, TestApp::start_on_postgres().await] {
        let test = without_administrators(test).await;
        let token = invite(&test).await;
        let tries = (0..4).map(|number| {
            let (test, token) = (&test, &token);
            async move { accept(&mut Visitor::new(test), token, &format!("admin{number}")).await.status.as_u16() }
        });
        let mut statuses = futures_util::future::join_all(tries).await;
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 404, 404, 404]);
        assert_eq!(test.app.store.list_admins().await.unwrap().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_ends_after_a_quarter_of_an_hour_with_another_link_and_with_another_administrator() {
    let test = without_administrators(TestApp::start().await).await;
    let mut visitor = Visitor::new(&test);
    let (first, second) = (invite(&test).await, invite(&test).await);
    assert_eq!(visitor.get(&link(&first)).await.status, 404, "replaced");
    test.clock.advance(invitations::LIFETIME - Duration::from_millis(1));
    assert_eq!(visitor.get(&link(&second)).await.status, 200);
    test.clock.advance(Duration::from_millis(1));
    assert_eq!(visitor.get(&link(&second)).await.status, 404);
    assert_eq!(accept(&mut visitor, &second, "late").await.status, 404);
    let third = invite(&test).await;
    admins::add(&test.app, &by(), "other", &Secret::new(PASSWORD)).await.unwrap();
    assert_eq!(visitor.get(&link(&third)).await.status, 404);
    assert_eq!(accept(&mut visitor, &third, "late").await.status, 404);
    assert!(matches!(invitations::invite(&test.app, &by()).await, Err(ManageError::Taken(_))));
    for token in ["", "x", &"A".repeat(43)] {
        assert_eq!(visitor.get(&link(token)).await.status, 404, "{token}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_the_form_is_said_and_costs_nothing() {
    let test = without_administrators(TestApp::start().await).await;
    let token = invite(&test).await;
    let mut visitor = Visitor::new(&test);
    for (name, password, said) in [
        ("root", "seven77", "8 to 128 characters, got 7"),
        ("root", &*"x".repeat(129), "8 to 128 characters, got 129"),
        ("", PASSWORD, "the name of an administrator"),
    ] {
        let fields = [("token", &*token), ("name", name), ("password", password)];
        let reply = visitor.post("/console/invitation", &fields).await;
        assert!(reply.status == 422 && reply.text().contains(said), "{}", reply.text());
        assert!(!reply.text().contains(password) || password.is_empty());
    }
    let mut foreign =
        form_request("/console/invitation", &[("token", &token), ("name", "root"), ("password", PASSWORD)]);
    foreign.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
    assert_eq!(test.send(foreign).await.status, 403);
    assert!(test.app.store.list_admins().await.unwrap().is_empty());
    assert_eq!(accept(&mut visitor, &token, "root").await.status, 303);
}
