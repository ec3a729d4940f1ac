//! `/audit/`: pages, filters, the file.

use std::time::Duration;

use serde_json::json;

use super::{error, value, with_key};
use crate::app::TestApp;
use otpost::api_key::Scope;

#[tokio::test(flavor = "multi_thread")]
async fn lines_are_shown_page_by_page_in_the_columns_of_the_incumbent() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    test.clock.advance(Duration::from_secs(1));
    let asked = test.check(&[("user", "alice"), ("pass", "1234")]).await;
    test.clock.advance(Duration::from_secs(1));
    let answer = [
        ("user", "alice"),
        ("transaction_id", &*asked.transaction()),
        ("pass", &*test.code_to("alice@example.org").await),
    ];
    test.check(&answer).await;

    let read = [Scope::AuditRead];
    let all = value(&with_key(&test, &read, "GET", "/audit/?action=POST%20/validate/*", &[]).await);
    assert_eq!(
        (&all["count"], &all["current"], &all["next"], &all["prev"]),
        (&json!(2), &json!(1), &json!(null), &json!(null))
    );
    assert_eq!(all["auditcolumns"].as_array().unwrap().len(), 27);
    let (newest, older) = (&all["auditdata"][0], &all["auditdata"][1]);
    for column in all["auditcolumns"].as_array().unwrap() {
        assert!(newest.get(column.as_str().unwrap()).is_some(), "{column}");
    }
    assert_eq!((&newest["authentication"], &newest["success"]), (&json!("ACCEPT"), &json!(1)));
    assert_eq!((&older["authentication"], &older["success"]), (&json!("CHALLENGE"), &json!(0)));
    assert_eq!(
        (&newest["serial"], &newest["token_type"], &newest["realm"]),
        (&json!("PIEM_alice"), &json!("email"), &json!("test"))
    );
    assert!(newest["number"].as_i64().unwrap() > older["number"].as_i64().unwrap());

    let second = value(&test.admin("GET", "/audit/?page=2&page_size=1&sortorder=asc&user=alice", &[]).await);
    assert_eq!((&second["count"], &second["next"], &second["prev"]), (&json!(2), &json!(null), &json!(1)));
    assert_eq!(second["auditdata"][0]["authentication"], "ACCEPT");
    for (filter, count) in [
        ("authentication=ACCEPT", 1),
        ("authentication=REJECT", 0),
        ("success=1&user=al*", 1),
        ("user=%25", 0),
        ("user=_lice", 0),
        ("serial=*alice*&success=0", 1),
        ("client=127.*&user=*&realm=test", 2),
        ("user=bob", 0),
    ] {
        assert_eq!(value(&test.admin("GET", &format!("/audit/?{filter}"), &[]).await)["count"], count, "{filter}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_have_their_range() {
    let test = TestApp::start().await;
    for (query, is_good) in [
        ("page_size=1", true),
        ("page_size=500", true),
        ("page_size=0", false),
        ("page_size=501", false),
        ("page=1", true),
        ("page=1000000", true),
        ("page=0", false),
        ("page=1000001", false),
        ("page=x", false),
        ("sortorder=asc", true),
        ("sortorder=up", false),
        ("authentication=*", true),
        ("authentication=YES", false),
    ] {
        let reply = test.admin("GET", &format!("/audit/?{query}"), &[]).await;
        assert_eq!(reply.status == 200, is_good, "{query}: {}", reply.text());
    }
    assert_eq!(error(&with_key(&test, &[Scope::AdminRead], "GET", "/audit/", &[]).await), (403, 303));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_runs_nothing_in_a_spreadsheet() {
    let test = TestApp::start().await;
    test.check(&[("user", "=HYPERLINK(\"http://x\")"), ("pass", "1")]).await;
    let reply = test.admin("GET", "/audit/trail.csv", &[]).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.headers["content-type"], "text/csv; charset=utf-8");
    assert!(reply.headers["content-disposition"].to_str().unwrap().contains("trail.csv"));
    let csv = reply.text();
    assert!(csv.starts_with("\"number\",\"action\",\"success\""), "{csv}");
    assert!(csv.contains("\"'=HYPERLINK(\"\"http://x\"\")\""), "{csv}");
    assert_eq!(error(&test.admin("GET", "/audit/trail.txt", &[]).await), (404, 601));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_is_on_record_under_its_method_and_its_path() {
    let test = TestApp::start().await;
    let relay = [("server", "127.0.0.1"), ("sender", "otpost@example.org")];
    let policy = [("scope", "authentication"), ("action", "otppin=userstore"), ("realm", "other")];
    let calls: [(&str, &str, &[(&str, &str)], &str); 9] = [
        ("POST", "/resolver/more", &[("type", "local")], "POST /resolver/<resolver>"),
        ("POST", "/realm/other", &[("resolvers", "more")], "POST /realm/<realm>"),
        ("POST", "/defaultrealm/other", &[], "POST /defaultrealm/<realm>"),
        ("POST", "/policy/rule", &policy, "POST /policy/<name>"),
        ("DELETE", "/policy/rule", &[], "DELETE /policy/<name>"),
        ("POST", "/smtpserver/more", &relay, "POST /smtpserver/<identifier>"),
        ("POST", "/system/setConfig", &[("splitAtSign", "true")], "POST /system/setConfig"),
        ("DELETE", "/system/splitAtSign", &[], "DELETE /system/<key>"),
        ("POST", "/user/", &[("user", "ann"), ("resolver", "more")], "POST /user/"),
    ];
    for (method, path, fields, action) in calls {
        let reply = test.admin(method, path, fields).await;
        assert_eq!(reply.status, 200, "{action}: {}", reply.text());
        let found = test
            .admin(
                "GET",
                &format!("/audit/?action={}", action.replace(' ', "%20").replace('<', "%3C").replace('>', "%3E")),
                &[],
            )
            .await;
        assert_eq!(value(&found)["count"], 1, "{action}");
    }
}
