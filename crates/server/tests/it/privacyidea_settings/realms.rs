//! `/realm/`, `/defaultrealm` and `/resolver/`.

use serde_json::json;

use super::{error, message, value};
use crate::app::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn a_realm_is_made_listed_and_removed() {
    let test = TestApp::start().await;
    assert!(value(&test.admin("POST", "/resolver/second", &[("type", "internal")]).await).is_u64());
    let fields = [
        ("resolvers", "local,second,absent"),
        ("priority.second", "1"),
        ("priority.local", "2"),
        ("first_factor", "none"),
    ];
    let made = test.admin("POST", "/realm/Corp", &fields).await;
    assert_eq!(value(&made), json!({"added": ["second", "local"], "failed": ["absent"]}));

    let listed = value(&test.admin("GET", "/realm/", &[]).await);
    let corp = &listed["corp"];
    assert_eq!(corp["default"], false);
    assert_eq!(corp["first_factor"], "none");
    assert_eq!(corp["resolver"][0], json!({"name": "second", "node": "", "priority": 1, "type": "local"}));
    assert_eq!(corp["resolver"][1]["name"], "local");
    assert_eq!(listed["test"]["default"], true);

    let removed = value(&test.admin("DELETE", "/realm/CORP", &[]).await);
    assert_eq!(removed, corp["id"]);
    assert_eq!(error(&test.admin("DELETE", "/realm/corp", &[]).await), (404, 601));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_default_realm_is_the_first_one_until_another_is_chosen() {
    let test = TestApp::start().await;
    test.admin("DELETE", "/realm/test", &[]).await;
    assert_eq!(value(&test.admin("GET", "/defaultrealm", &[]).await), json!({}));
    for name in ["one", "two"] {
        test.admin("POST", &format!("/realm/{name}"), &[("resolvers", "local")]).await;
    }
    assert_eq!(value(&test.admin("GET", "/defaultrealm", &[]).await)["one"]["default"], true);
    let chosen = value(&test.admin("POST", "/defaultrealm/two", &[]).await);
    let default = value(&test.admin("GET", "/defaultrealm", &[]).await);
    assert_eq!((&default["two"]["id"], default.get("one")), (&chosen, None));
    // Saving a realm again leaves it the default one, with its first factor.
    test.admin("POST", "/realm/two", &[("resolvers", "local"), ("first_factor", "userstore")]).await;
    test.admin("POST", "/realm/two", &[("resolvers", "local")]).await;
    let default = value(&test.admin("GET", "/defaultrealm", &[]).await);
    assert_eq!(default["two"]["first_factor"], "userstore");
    assert_eq!(value(&test.admin("DELETE", "/defaultrealm", &[]).await), chosen);
    assert_eq!(value(&test.admin("DELETE", "/defaultrealm", &[]).await), 0);
    assert_eq!(error(&test.admin("POST", "/defaultrealm/none", &[]).await), (404, 601));
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_realms_are_refused_and_unknown_resolvers_empty_none() {
    let test = TestApp::start().await;
    for name in ["a@b", "a%5Cb", "a,b", "*", "a%00b", "a%E2%80%AEb", &"x".repeat(256)] {
        let reply = test.admin("POST", &format!("/realm/{name}"), &[("resolvers", "local")]).await;
        assert_eq!(error(&reply), (400, 905), "{name}");
    }
    assert_eq!(error(&test.admin("POST", "/realm/x", &[]).await), (400, 905));
    let odd = test.admin("POST", "/realm/x", &[("resolvers", "local"), ("first_factor", "pin")]).await;
    assert!(message(&odd).contains("tokenpin, userstore or none"), "{}", odd.text());
    let emptied = test.admin("POST", "/realm/test", &[("resolvers", "gone")]).await;
    assert_eq!(value(&emptied), json!({"added": [], "failed": ["gone"]}));
    assert_eq!(value(&test.admin("GET", "/realm/", &[]).await)["test"]["resolver"][0]["name"], "local");
}

#[tokio::test(flavor = "multi_thread")]
async fn resolvers_of_the_offered_kind_are_made_and_removed_when_unused() {
    let test = TestApp::start().await;
    let one = value(&test.admin("GET", "/resolver/local", &[]).await);
    assert_eq!(one, json!({"local": {"censor_keys": [], "data": {}, "resolvername": "local", "type": "local"}}));
    assert_eq!(value(&test.admin("GET", "/resolver/none", &[]).await), json!({}));

    let sql = test.admin("POST", "/resolver/db", &[("type", "sqlresolver"), ("Password", "secret-canary")]).await;
    assert_eq!(error(&sql), (400, 905));
    assert!(message(&sql).contains("ldapresolver") && !sql.text().contains("canary"));
    // Everything that is missing, at once.
    let ldap = test.admin("POST", "/resolver/ad", &[("type", "ldapresolver"), ("BINDPW", "secret-canary")]).await;
    assert_eq!(error(&ldap), (400, 905));
    let missing = ["LDAPURI", "LDAPBASE", "LOGINNAMEATTRIBUTE"];
    assert!(missing.iter().all(|name| message(&ldap).contains(name)) && !ldap.text().contains("canary"));

    let used = test.admin("DELETE", "/resolver/local", &[]).await;
    assert_eq!(error(&used), (400, 302));
    assert!(message(&used).starts_with("ERR302: "));
    test.add_user("alice", "pw").await;
    test.admin("DELETE", "/realm/test", &[]).await;
    assert_eq!(error(&test.admin("DELETE", "/resolver/local", &[]).await), (400, 302), "it holds a user");
    test.admin("POST", "/resolver/spare", &[("type", "local")]).await;
    assert!(value(&test.admin("DELETE", "/resolver/spare", &[]).await).is_u64());
    assert_eq!(error(&test.admin("DELETE", "/resolver/spare", &[]).await), (404, 601));

    let tried = test.admin("POST", "/resolver/test", &[("type", "local")]).await;
    assert_eq!(value(&tried), true);
    assert!(tried.json()["detail"]["description"].is_string());
}
