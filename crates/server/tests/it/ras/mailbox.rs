//! `/api/MailboxSettings`.

use serde_json::{Value, json};

use super::{Ras, lines, problem};
use crate::app::TestApp;

const MAILBOX: &str = "/api/MailboxSettings";

/// A mailbox of its own, in place of the relay into the sink.
async fn set(root: &Ras<'_>, more: Value) -> u16 {
    let mut body = json!({"smtpServer": "smtp.example.org:587", "useTLS": 1, "requireAuth": true, "username": "codes",
        "password": "canary", "senderAddress": "codes@example.org"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let reply = root.put(MAILBOX, body).await;
    assert!(reply.status == 204 || reply.status == 400, "{}", reply.text());
    reply.status.as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mailbox_is_the_relay_that_is_used_first() {
    let test = TestApp::start().await;
    let root = Ras::root(&test).await;
    let shown = root.get(MAILBOX).await.json();
    assert_eq!(shown["smtpServer"], test.sink.addr().to_string());
    assert_eq!((&shown["useTLS"], &shown["requireAuth"]), (&json!(0), &json!(false)));
    assert_eq!((&shown["username"], &shown["passwordSet"]), (&json!(""), &json!(false)));
    assert_eq!(set(&root, json!({})).await, 204);
    let shown = root.get(MAILBOX).await.json();
    for (name, expected) in [
        ("smtpServer", json!("smtp.example.org:587")),
        ("useTLS", json!(1)),
        ("requireAuth", json!(true)),
        ("username", json!("codes")),
        ("passwordSet", json!(true)),
        ("senderAddress", json!("codes@example.org")),
    ] {
        assert_eq!(shown[name], expected, "{name}");
    }
    assert_eq!(shown.get("password"), None);
    let relays = &test.app.settings().relays;
    assert_eq!((relays.len(), relays[0].name.as_str()), (1, "sink"), "no second relay came into being");
    // The first mailbox of all needs its two values.
    test.admin("DELETE", "/smtpserver/sink", &[]).await;
    assert!(problem(&root.get(MAILBOX).await, 404).0.contains("PUT /api/MailboxSettings"));
    assert_eq!(problem(&root.put(MAILBOX, json!({})).await, 400).1, ["/smtpServer missing", "/senderAddress missing"]);
    problem(&root.post(&format!("{MAILBOX}/Test"), json!({"recipients": "a@example.org"})).await, 404);
    let first = json!({"smtpServer": "smtp.example.org", "senderAddress": "codes@example.org"});
    assert_eq!(root.put(MAILBOX, first).await.status, 204);
    let relays = &test.app.settings().relays;
    assert_eq!((relays[0].name.as_str(), relays[0].security.as_str(), relays[0].port), ("mailbox", "starttls", 25));
}

#[tokio::test(flavor = "multi_thread")]
async fn protection_is_required_or_there_is_none() {
    let test = TestApp::start().await;
    let root = Ras::root(&test).await;
    let security = || test.app.settings().relays[0].security.clone();
    for (server, use_tls, expected, shown) in [
        ("smtp.example.org", json!(1), "starttls", "smtp.example.org"),
        ("smtp.example.org:25", json!("yesifavailable"), "starttls", "smtp.example.org"),
        ("smtp.example.org:587", json!(3), "starttls", "smtp.example.org:587"),
        ("smtp.example.org:465", json!(4), "implicit", "smtp.example.org:465"),
        ("[2001:db8::1]:465", json!(2), "implicit", "[2001:db8::1]:465"),
        ("2001:db8::1", json!(1), "starttls", "2001:db8::1"),
        ("[2001:db8::1]", json!(1), "starttls", "2001:db8::1"),
    ] {
        assert_eq!(set(&root, json!({"smtpServer": server, "useTLS": use_tls})).await, 204, "{server}");
        assert_eq!(
            (security().as_str(), root.get(MAILBOX).await.json()["smtpServer"].as_str().unwrap()),
            (expected, shown)
        );
        assert_eq!(root.get(MAILBOX).await.json()["useTLS"], 1, "what is required is shown as that");
    }
    let clear = json!({"useTLS": 0, "smtpServer": "smtp.example.org", "requireAuth": false});
    let (detail, faults) = problem(&root.put(MAILBOX, clear.clone()).await, 400);
    assert_eq!((faults, detail.contains("allowPlaintext")), (vec!["/useTLS value".to_owned()], true), "{detail}");
    let mut consent = clear;
    consent["allowPlaintext"] = json!(true);
    assert_eq!(root.put(MAILBOX, consent).await.status, 204);
    assert_eq!(security(), "plaintext");
    // No consent covers a password.
    let named = json!({"requireAuth": true, "username": "codes", "password": "canary"});
    assert_eq!(problem(&root.put(MAILBOX, named).await, 400).1, ["/useTLS value"]);
    assert_eq!(root.put(MAILBOX, json!({"smtpServer": "127.0.0.1", "useTLS": "No"})).await.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stored_password_goes_to_no_other_server() {
    let test = TestApp::start().await;
    let root = Ras::root(&test).await;
    assert_eq!(set(&root, json!({})).await, 204);
    let before = test.app.settings().relays.clone();
    for change in [
        json!({"smtpServer": "smtp.example.net:587"}),
        json!({"smtpServer": "smtp.example.org:25"}),
        json!({"smtpServer": "smtp.example.org"}),
        json!({"smtpServer": "smtp.example.org:465"}),
        json!({"username": "somebody"}),
        json!({"smtpServer": "127.0.0.1", "useTLS": 0, "password": null}),
    ] {
        let (detail, faults) = problem(&root.put(MAILBOX, change.clone()).await, 400);
        assert_eq!(faults, ["/password value"], "{change}");
        assert!(detail.contains("enter the password again: the stored one was given for the old server"), "{detail}");
    }
    assert_eq!(test.app.settings().relays, before, "nothing was changed");
    // What is not about the server may change.
    assert_eq!(root.put(MAILBOX, json!({"senderAddress": "otp@example.org", "useTLS": 2})).await.status, 204);
    assert_eq!(test.app.settings().relays[0].sealed_password, before[0].sealed_password);
    // With the password again, or without one at all, everything may.
    assert_eq!(root.put(MAILBOX, json!({"username": "somebody", "password": "canary 2"})).await.status, 204);
    let open = json!({"smtpServer": "smtp.example.net", "requireAuth": false});
    assert_eq!(root.put(MAILBOX, open).await.status, 204);
    let shown = root.get(MAILBOX).await.json();
    assert_eq!((&shown["username"], &shown["passwordSet"]), (&json!(""), &json!(false)));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_value_of_the_mailbox_has_its_limits() {
    let test = TestApp::start().await;
    let root = Ras::root(&test).await;
    let before = test.app.settings().relays.clone();
    for (body, fault) in [
        (json!({"smtpServer": "a b"}), "/smtpServer value"),
        (json!({"smtpServer": ""}), "/smtpServer length"),
        (json!({"smtpServer": "h:0"}), "/smtpServer format"),
        (json!({"smtpServer": "h:65536"}), "/smtpServer format"),
        (json!({"smtpServer": "h:25:25"}), "/smtpServer format"),
        (json!({"smtpServer": "[::1"}), "/smtpServer format"),
        (json!({"smtpServer": "169.254.169.254"}), "/smtpServer value"),
        (json!({"smtpServer": "smtps://h"}), "/smtpServer format"),
        (json!({"senderAddress": "a@b, c@d"}), "/senderAddress format"),
        (json!({"senderAddress": "a@b\r\nBcc: x@y.example"}), "/senderAddress format"),
        (json!({"useTLS": 5}), "/useTLS choice"),
        (json!({"useTLS": true}), "/useTLS choice"),
        (json!({"requireAuth": true}), "/username value"),
        (json!({"requireAuth": false, "username": "x"}), "/username value"),
        (json!({"password": "x"}), "/password value"),
        (json!({"username": "x", "password": "a\nb"}), "/password value"),
        (json!({"username": "x".repeat(256)}), "/username length"),
        (json!({"port": 25}), "/port unknown"),
    ] {
        let reply = root.put(MAILBOX, body.clone()).await;
        assert_eq!(problem(&reply, 400).1, [fault], "{body}: {}", reply.text());
    }
    assert_eq!(test.app.settings().relays, before, "nothing was changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_sends_a_real_mail_to_each_recipient() {
    let test = TestApp::start().await;
    let root = Ras::root(&test).await;
    let path = format!("{MAILBOX}/Test");
    let reply = root.post(&path, json!({"recipients": "a@example.org; b@example.org ;"})).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    for (at, recipient) in ["a@example.org", "b@example.org"].into_iter().enumerate() {
        let result = &reply.json()["results"][at];
        assert_eq!((&result["recipient"], &result["accepted"]), (&json!(recipient), &json!(true)), "{result}");
        assert_eq!(test.mail_to(recipient).await.subject, "Otpost test mail");
    }
    for bad in ["", ";", "nobody", "a@example.org,b@example.org", &"a@example.org;".repeat(7)] {
        let (_, faults) = problem(&root.post(&path, json!({"recipients": bad})).await, 400);
        assert!(faults[0].starts_with("/recipients "), "{bad}");
    }
    assert_eq!(problem(&root.post(&path, json!({})).await, 400).1, ["/recipients missing"]);
    let five: Vec<_> = (0..5).map(|n| format!("{n}@example.org")).collect();
    let reply = root.post(&path, json!({"recipients": five.join(";")})).await.json();
    let accepted = reply["results"].as_array().unwrap().iter().filter(|result| result["accepted"] == true).count();
    assert_eq!(accepted, 4, "six a minute: {reply}");
    let spent = root.post(&path, json!({"recipients": "a@example.org"})).await;
    problem(&spent, 429);
    assert_eq!(spent.headers["retry-after"], "60");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trail_tells_before_and_after_and_no_secret() {
    let test = TestApp::start().await;
    let root = Ras::root(&test).await;
    assert_eq!(set(&root, json!({})).await, 204);
    test.clock.advance(std::time::Duration::from_secs(1));
    assert_eq!(set(&root, json!({"password": "canary 2", "senderAddress": "otp@example.org"})).await, 204);
    assert_eq!(root.put(MAILBOX, json!({"senderAddress": "otp@example.org"})).await.status, 204);
    let lines = lines(&test).await;
    let changes: Vec<_> = lines.iter().filter(|line| line.action == "PUT /api/MailboxSettings").collect();
    assert_eq!(changes.len(), 2, "what changes nothing leaves no line");
    assert_eq!(changes[0].detail, "relay sink: sender: 'codes@example.org' -> 'otp@example.org'; password changed");
    assert!(changes[1].detail.contains("server: '127.0.0.1' -> 'smtp.example.org'"), "{}", changes[1].detail);
    assert!(!format!("{lines:?}").contains("canary"));
}
