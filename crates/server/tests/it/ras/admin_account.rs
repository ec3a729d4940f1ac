//! `/api/AdminAccount`: accounts, levels, rights.

use serde_json::{Value, json};

use super::{Ras, lines, log_on, problem};
use crate::app::{ADMIN_PASSWORD, TestApp};

const ACCOUNTS: &str = "/api/AdminAccount";
const SECRET: &str = "canary horse battery";

async fn add(root: &Ras<'_>, body: Value) -> i64 {
    let reply = root.post(ACCOUNTS, body).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let id = reply.json()["id"].as_i64().unwrap();
    assert_eq!(reply.headers["location"], format!("{ACCOUNTS}/{id}"));
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_made_changed_and_removed() {
    for test in [TestApp::start().await, TestApp::start_on_postgres().await] {
        let root = Ras::root(&test).await;
        let id = add(&root, json!({"name": "Eve", "password": SECRET, "email": "eve@example.org", "notify": 1})).await;
        let path = format!("{ACCOUNTS}/{id}");
        let shown = root.get(&path).await.json();
        for (name, expected) in [
            ("name", json!("Eve")),
            ("type", json!(0)),
            ("email", json!("eve@example.org")),
            ("mobile", json!("")),
            ("enabled", json!(true)),
            ("notify", json!(1)),
            ("permissions", json!(0)),
            ("fullPermissions", json!(false)),
            ("adminCreate", json!("admin")),
            ("adminLastMod", json!("admin")),
        ] {
            assert_eq!(shown[name], expected, "{name}");
        }
        assert!(shown["timeCreate"].as_str().unwrap().ends_with("Z"));
        assert!(!shown.to_string().contains("canary") && !shown.to_string().contains("argon2"));
        test.clock.advance(std::time::Duration::from_secs(5));
        // What is absent or null stays.
        let change = json!({"mobile": "+49 30 1234", "enabled": null, "permissions": "customadmin", "name": "EVE"});
        assert_eq!(root.put(&path, change).await.status, 204);
        let changed = root.get(&path).await.json();
        assert_eq!((&changed["mobile"], &changed["permissions"]), (&json!("+49 30 1234"), &json!(2)));
        assert_eq!((&changed["email"], &changed["enabled"]), (&shown["email"], &json!(true)));
        assert_ne!(changed["timeLastMod"], shown["timeLastMod"]);
        assert_eq!(changed["timeCreate"], shown["timeCreate"]);
        let named = root.get(&format!("{ACCOUNTS}?NAME=eve")).await.json();
        assert_eq!(named.as_array().unwrap().len(), 1);
        assert_eq!(root.get(ACCOUNTS).await.json().as_array().unwrap().len(), 2);
        assert_eq!(root.delete(&path).await.status, 204);
        assert_eq!(problem(&root.get(&path).await, 404).0, format!("there is no administrator with id {id}"));
        problem(&root.put(&path, json!({})).await, 404);
        problem(&root.delete(&path).await, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_value_of_an_account_has_its_limits() {
    let test = TestApp::start().await;
    let root = Ras::root(&test).await;
    let long = "x".repeat(256);
    let bad = json!({"name": long, "password": "short", "email": "nobody", "mobile": "", "enabled": "yes",
        "notify": 2, "permissions": "Superuser", "groupName": "x"});
    let (_, mut faults) = problem(&root.post(ACCOUNTS, bad).await, 400);
    faults.sort();
    assert_eq!(
        faults,
        [
            "/email format",
            "/enabled type",
            "/groupName unknown",
            "/mobile length",
            "/name length",
            "/notify choice",
            "/password length",
            "/permissions choice"
        ]
    );
    let nulls = json!({"name": null, "password": null, "enabled": null, "notify": null});
    let (_, mut faults) = problem(&root.post(ACCOUNTS, nulls).await, 400);
    faults.sort();
    assert_eq!(faults, ["/enabled null", "/name null", "/notify null", "/password null"]);
    for name in ["  ", "a\u{0}b", "a\u{202e}b", "\u{e9}".repeat(200).as_str()] {
        let reply = root.post(ACCOUNTS, json!({"name": name, "password": SECRET})).await;
        problem(&reply, 400);
        assert!(!reply.text().contains("canary"));
    }
    assert_eq!(root.get(ACCOUNTS).await.json().as_array().unwrap().len(), 1, "nothing was made");
    let (detail, faults) = problem(&root.put(&format!("{ACCOUNTS}/1"), json!({"name": "other"})).await, 400);
    assert_eq!((faults, detail.contains("keeps its name")), (vec!["/name value".to_owned()], true));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_accounts_of_one_name_are_one_too_many() {
    for test in [TestApp::start().await, TestApp::start_on_postgres().await] {
        let root = Ras::root(&test).await;
        let id = add(&root, json!({"name": "Straße", "password": SECRET})).await;
        let again = root.post(ACCOUNTS, json!({"name": "STRASSE", "password": SECRET})).await;
        assert_eq!(problem(&again, 409).0, format!("an administrator named 'Straße' exists (id {id})"));
        // Two at once: both look first and find nobody.
        let (one, other) = (json!({"name": "twin", "password": SECRET}), json!({"name": "TWIN", "password": SECRET}));
        let (one, other) = tokio::join!(root.post(ACCOUNTS, one), root.post(ACCOUNTS, other));
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409], "{} {}", one.text(), other.text());
        let refused = if one.status == 409 { one } else { other };
        assert!(problem(&refused, 409).0.contains("exists (id "), "{}", refused.text());
        assert_eq!(root.get(ACCOUNTS).await.json().as_array().unwrap().len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_may_everything_always_remains() {
    for test in [TestApp::start().await, TestApp::start_on_postgres().await] {
        let root = Ras::root(&test).await;
        for refused in [
            root.delete("/api/AdminAccount/1").await,
            root.put("/api/AdminAccount/1", json!({"enabled": false})).await,
            root.put("/api/AdminAccount/1", json!({"permissions": 0})).await,
        ] {
            assert!(problem(&refused, 409).0.contains("the last enabled root administrator"));
        }
        // A second one who cannot sign in does not count; nor does one who may less.
        let second =
            add(&root, json!({"name": "second", "password": SECRET, "permissions": 1, "enabled": false})).await;
        add(&root, json!({"name": "third", "password": SECRET})).await;
        problem(&root.delete("/api/AdminAccount/1").await, 409);
        assert_eq!(root.put(&format!("{ACCOUNTS}/{second}"), json!({"enabled": true})).await.status, 204);
        // Each of the two takes the other away in the same moment: one of them stays.
        let other = Ras::of(&test, "second", SECRET).await;
        let demotion = format!("{ACCOUNTS}/{second}");
        let (one, other) = tokio::join!(
            root.put(&demotion, json!({"permissions": 2})),
            other.put("/api/AdminAccount/1", json!({"enabled": false}))
        );
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert!([[204, 409], [204, 403], [204, 401]].contains(&statuses), "{} {}", one.text(), other.text());
        let admins = otpost::manage::admins::accounts::list(&test.app).await.unwrap();
        assert_eq!(admins.iter().filter(|admin| admin.is_acting_root()).count(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_disabled_demoted_or_given_a_new_password_is_out_at_once() {
    let test = TestApp::start().await;
    let root = Ras::root(&test).await;
    let id = add(&root, json!({"name": "eve", "password": SECRET, "permissions": 1})).await;
    let path = format!("{ACCOUNTS}/{id}");
    let eve = Ras::of(&test, "eve", SECRET).await;
    assert_eq!(eve.get(ACCOUNTS).await.status, 200);
    assert_eq!(root.put(&path, json!({"permissions": 0})).await.status, 204);
    assert!(problem(&eve.get(ACCOUNTS).await, 403).0.contains("root administrator"));
    assert_eq!(root.put(&path, json!({"enabled": false})).await.status, 204);
    problem(&eve.get(ACCOUNTS).await, 401);
    problem(&log_on(&test, "eve", SECRET).await, 401);
    assert_eq!(root.put(&path, json!({"enabled": true})).await.status, 204);
    problem(&eve.get(ACCOUNTS).await, 401);
    let eve = Ras::of(&test, "eve", SECRET).await;
    assert_eq!(root.put(&path, json!({"password": "another password"})).await.status, 204);
    problem(&eve.get("/api/Session").await, 401);
    problem(&log_on(&test, "eve", SECRET).await, 401);
    Ras::of(&test, "eve", "another password").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_those_who_may_everything_come_in_by_the_other_doors() {
    let test = TestApp::start().await;
    let root = Ras::root(&test).await;
    let id = add(&root, json!({"name": "eve", "password": SECRET, "permissions": 1})).await;
    let sign_in = async || test.form("/auth", &[("username", "eve"), ("password", SECRET)]).await;
    let token = sign_in().await.json()["result"]["value"]["token"].as_str().expect("a token").to_owned();
    let realms = async || {
        let request = axum::http::Request::get("/realm/").header("authorization", &token);
        test.send(request.body(axum::body::Body::empty()).unwrap()).await.status
    };
    assert_eq!(realms().await, 200);
    for change in [json!({"permissions": 0}), json!({"enabled": false, "permissions": 1})] {
        assert_eq!(root.put(&format!("{ACCOUNTS}/{id}"), change).await.status, 204);
        assert_eq!(realms().await, 401, "the token of somebody who may less");
        assert_eq!(sign_in().await.status, 401);
        let console = test.form("/console/signin", &[("name", "eve"), ("password", SECRET)]).await;
        assert_ne!(console.status, 303, "{}", console.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_power_administrator_may_what_is_ticked() {
    let test = TestApp::start().await;
    let root = Ras::root(&test).await;
    let id = add(&root, json!({"name": "eve", "password": SECRET})).await;
    let path = format!("{ACCOUNTS}/{id}/PowerPermission");
    let eve = Ras::of(&test, "eve", SECRET).await;
    problem(&eve.get("/api/Site/1").await, 403);
    assert_eq!(eve.get("/api/Site").await.json(), json!([]));
    let ticked = json!({"allowSiteChanges": true, "allowViewingPolicyInfo": true, "allowInSiteIds": [1]});
    assert_eq!(root.put(&path, ticked).await.status, 204);
    let shown = root.get(&path).await.json();
    assert_eq!(shown["adminId"], id);
    assert_eq!((&shown["allowSiteChanges"], &shown["allowConnectionChanges"]), (&json!(true), &json!(false)));
    assert_eq!((&shown["allowAllSites"], &shown["allowInSiteIds"]), (&json!(false), &json!([1])));
    assert_eq!(eve.get("/api/Site/1").await.json()["name"], "Default");
    assert_eq!(eve.put("/api/Site/1", json!({"name": "Berlin"})).await.status, 204);
    for refused in [
        eve.post("/api/Site", json!({"name": "Paris"})).await,
        eve.get(ACCOUNTS).await,
        eve.get(&path).await,
        eve.get("/api/MailboxSettings").await,
    ] {
        assert!(problem(&refused, 403).0.contains("root administrator"));
    }
    // Nobody gives themselves more.
    problem(&eve.put(&path, json!({"allowAllSites": true})).await, 403);
    let own = eve.get("/api/Session/CurrentPermissions").await.json();
    assert_eq!((&own["name"], &own["permissions"]), (&json!("eve"), &json!(0)));
    assert_eq!((&own["allowSiteChanges"], &own["allowInSiteIds"]), (&json!(true), &json!([1])));
    assert_eq!(root.put(&path, json!({"allowAllSites": true, "allowSiteChanges": false})).await.status, 204);
    problem(&eve.put("/api/Site/1", json!({"name": "Paris"})).await, 403);
    let (_, faults) = problem(&root.put(&path, json!({"allowInSiteIds": [1, 7, "x", 0]})).await, 400);
    assert_eq!(faults, ["/allowInSiteIds/2 type", "/allowInSiteIds/3 range"]);
    let (detail, _) = problem(&root.put(&path, json!({"allowInSiteIds": [1, 7]})).await, 400);
    assert!(detail.contains("no site with id 7"), "{detail}");
    let both = json!({"allowAllSites": true, "allowInSiteIds": [1]});
    assert!(problem(&root.put(&path, both).await, 400).0.contains("leave one of the two out"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_custom_administrator_may_what_is_granted() {
    let test = TestApp::start().await;
    let root = Ras::root(&test).await;
    let id = add(&root, json!({"name": "eve", "password": SECRET, "permissions": 2})).await;
    let path = format!("{ACCOUNTS}/{id}/CustomPermission");
    let eve = Ras::of(&test, "eve", SECRET).await;
    problem(&eve.get("/api/Site/1").await, 403);
    let grant = async |body: Value| root.put(&format!("{path}?SiteId=1"), body).await;
    assert_eq!(grant(json!({"objType": "Site", "permissions": "View"})).await.status, 204);
    assert_eq!(eve.get("/api/Site/1").await.status, 200);
    problem(&eve.put("/api/Site/1", json!({"name": "x"})).await, 403);
    assert_eq!(grant(json!({"objType": 0, "permissions": 3})).await.status, 204);
    assert_eq!(eve.put("/api/Site/1", json!({"name": "x"})).await.status, 204);
    assert_eq!(root.get(&path).await.json(), json!([{"siteId": 1, "objType": 0, "permissions": 3}]));
    assert_eq!(grant(json!({"objType": 0, "permissions": 0})).await.status, 204);
    problem(&eve.get("/api/Site/1").await, 403);
    let (_, faults) = problem(&grant(json!({"permissions": 8, "objId": 4})).await, 400);
    assert_eq!(faults, ["/objId value", "/objType missing", "/permissions choice"]);
    problem(&root.put(&format!("{path}?siteid=9"), json!({"objType": 0, "permissions": 1})).await, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trail_tells_before_and_after_and_no_secret() {
    let test = TestApp::start().await;
    let root = Ras::root(&test).await;
    let id = add(&root, json!({"name": "eve", "password": SECRET, "email": "eve-canary@example.org"})).await;
    let change = json!({"permissions": 1, "password": "canary of another kind", "mobile": "canary 1"});
    assert_eq!(root.put(&format!("{ACCOUNTS}/{id}"), change).await.status, 204);
    let power = json!({"allowConnectionChanges": true, "allowAllSites": true});
    assert_eq!(root.put(&format!("{ACCOUNTS}/{id}/PowerPermission"), power).await.status, 204);
    assert_eq!(root.put(&format!("{ACCOUNTS}/{id}"), json!({"permissions": 1})).await.status, 204);
    assert_eq!(root.delete(&format!("{ACCOUNTS}/{id}")).await.status, 204);
    let lines = lines(&test).await;
    let of = |action: &str| lines.iter().filter(|line| line.action == action).collect::<Vec<_>>();
    let added = of("POST /api/AdminAccount")[0];
    assert_eq!((added.user_name.as_str(), added.actor.as_str(), added.address.as_str()), ("eve", "admin", "127.0.0.1"));
    assert!(added.detail.contains("email: '' -> 'e•••@example.org'"), "{}", added.detail);
    // The change that changed nothing left no line.
    let changed = of("PUT /api/AdminAccount/<id>");
    assert_eq!(changed.len(), 1);
    assert_eq!(changed[0].detail, "administrator: level: 'power' -> 'root'; mobile changed; password changed");
    let power = of("PUT /api/AdminAccount/<id>/PowerPermission")[0];
    assert!(power.detail.contains("ConnectionChanges") && power.detail.contains("All"), "{}", power.detail);
    assert_eq!(of("DELETE /api/AdminAccount/<id>").len(), 1);
    let all = format!("{lines:?}");
    for secret in ["canary", SECRET, ADMIN_PASSWORD, &root.auth, "argon2"] {
        assert!(!all.contains(secret), "{secret}");
    }
}
