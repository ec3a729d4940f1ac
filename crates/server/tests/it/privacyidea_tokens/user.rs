//! `/user/`.

use serde_json::json;

use super::{add_user, assert_error, init, post, token, value};
use crate::app::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn users_are_added_found_changed_and_removed() {
    let test = TestApp::start().await;
    let id = add_user(&test, "Ann").await;
    add_user(&test, "bob").await;
    let found = value(&test.admin("GET", "/user/?username=ANN", &[]).await);
    let ann = json!({
        "description": "", "editable": true, "email": "Ann@example.org", "givenname": "", "mobile": "", "phone": "",
        "realm": "test", "resolver": "local", "surname": "", "userid": id, "username": "Ann",
    });
    assert_eq!(found, json!([ann]));
    for (query, count) in [
        ("", 2),
        ("?realm=test", 2),
        ("?realm=nowhere", 0),
        ("?username=*", 2),
        ("?username=a*", 1),
        ("?email=*@EXAMPLE*", 2),
        ("?username=ann&email=bob*", 0),
        ("?resolver=other", 0),
        ("?username=ghost", 0),
    ] {
        let found = value(&test.admin("GET", &format!("/user/{query}"), &[]).await);
        assert_eq!(found.as_array().map(Vec::len), Some(count), "{query}");
    }
    let change = [("resolver", "local"), ("username", "ann"), ("givenname", "Ann"), ("email", "ann@mail.example")];
    assert_eq!(value(&test.admin("PUT", "/user/", &change).await), true);
    let found = value(&test.admin("GET", "/user/?username=ann", &[]).await);
    assert_eq!((&found[0]["givenname"], &found[0]["email"]), (&json!("Ann"), &json!("ann@mail.example")));
    value(&init(&test, &[("serial", "S1"), ("user", "ann"), ("email", "s1@example.org"), ("pin", "1234")]).await);
    test.check(&[("user", "ann"), ("pass", "1234")]).await;
    assert_eq!(value(&test.admin("DELETE", "/user/local/ANN", &[]).await), 1);
    let left = token(&test, "S1").await;
    assert_eq!((&left["user_id"], &left["active"]), (&json!(""), &json!(false)));
    let challenges = test.app.store.list_newest_challenges("S1", 0, 9).await.expect("challenges");
    assert_eq!(challenges[0].state.as_str(), "cancelled");
    assert_error(&test.admin("DELETE", "/user/local/ann", &[]).await, 400, 904);
}

#[tokio::test(flavor = "multi_thread")]
async fn users_that_cannot_be_are_refused() {
    let test = TestApp::start().await;
    add_user(&test, "ann").await;
    let add = |fields: Vec<(&'static str, String)>| {
        let test = &test;
        async move {
            let fields: Vec<_> = fields.iter().map(|(name, text)| (*name, text.as_str())).collect();
            post(test, "/user/", &fields).await
        }
    };
    let with = |name: &'static str, text: &str| {
        vec![("resolver", "local".to_owned()), ("user", "new".to_owned()), (name, text.to_owned())]
    };
    for (name, bad) in [
        ("email", "a@b.example,c@d.example"),
        ("email", "a@b.example\r\nBcc: c@d.example"),
        ("email", "a@[127.0.0.1]"),
        ("password", ""),
        ("password", &"x".repeat(129)),
        ("surname", "a\u{202e}b"),
        ("description", &"x".repeat(256)),
    ] {
        assert_error(&add(with(name, bad)).await, 400, 905);
    }
    let named = |resolver: &str, user: &str| vec![("resolver", resolver.to_owned()), ("user", user.to_owned())];
    assert_error(&add(named("nowhere", "new")).await, 400, 905);
    assert_error(&add(named("local", "a\0b")).await, 400, 905);
    assert_error(&add(named("local", "ＡＮＮ")).await, 400, 302);
    assert_error(&add(vec![("user", "new".to_owned())]).await, 400, 905);
    assert_error(&add(vec![("resolver", "local".to_owned())]).await, 400, 905);
    let ghost = [("resolver", "local"), ("user", "ghost"), ("phone", "1")];
    assert_error(&test.admin("PUT", "/user/", &ghost).await, 400, 904);
    assert_eq!(value(&test.admin("GET", "/user/", &[]).await).as_array().map(Vec::len), Some(1));
}
