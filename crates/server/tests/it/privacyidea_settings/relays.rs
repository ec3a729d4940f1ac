//! `/smtpserver/`: saving and removing.

use otpost::api_key::Scope;
use serde_json::json;

use super::{admin_json, error, everything_shown, message, value, with_key};
use crate::app::TestApp;

const OLD: [(&str, &str); 6] = [
    ("server", "mail.example.org"),
    ("port", "587"),
    ("tls", "1"),
    ("username", "otpost"),
    ("password", "secret-canary"),
    ("sender", "otpost@example.org"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_is_shown_as_the_incumbent_shows_it_without_its_password() {
    let test = TestApp::start().await;
    let body = json!({"server": "127.0.0.1", "port": 39025, "sender": "mfa@example.test", "timeout": 10, "password": "secret-canary"});
    assert_eq!(value(&admin_json(&test, "/smtpserver/main", &body).await), true);
    let shown = value(&test.admin("GET", "/smtpserver/", &[]).await)["main"].clone();
    for (field, expected) in [
        ("server", json!("127.0.0.1")),
        ("port", json!(39025)),
        ("username", json!("")),
        ("tls", json!(false)),
        ("password", json!("__CENSORED__")),
        ("sender", json!("mfa@example.test")),
        ("timeout", json!(10)),
        ("enqueue_job", json!(false)),
        ("description", json!("")),
        ("security", json!("plaintext")),
    ] {
        assert_eq!(shown[field], expected, "{field}");
    }
    assert!(value(&test.admin("DELETE", "/smtpserver/main", &[]).await).is_u64());
    assert_eq!(error(&test.admin("DELETE", "/smtpserver/main", &[]).await), (404, 601));
    assert!(!everything_shown(&test).await.contains("canary"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_is_protected_unless_somebody_consents() {
    let test = TestApp::start().await;
    let sender = ("sender", "otpost@example.org");
    let shown = async |name: &str| {
        let all = value(&test.admin("GET", "/smtpserver/", &[]).await);
        (all[name]["security"].as_str().unwrap().to_owned(), all[name]["port"].as_u64().unwrap())
    };
    for (name, fields, expected) in [
        ("a", vec![("server", "smtps://mail.example.org")], ("implicit", 465)),
        ("b", vec![("server", "mail.example.org"), ("tls", "1")], ("starttls", 25)),
        ("c", vec![("server", "mail.example.org"), ("tls", "True"), ("port", "587")], ("starttls", 587)),
        ("d", vec![("server", "localhost")], ("plaintext", 25)),
        ("e", vec![("server", "mail.example.org"), ("allow_plaintext", "1")], ("plaintext", 25)),
        ("f", vec![("server", "mail.example.org"), ("security", "implicit"), ("port", "2465")], ("implicit", 2465)),
    ] {
        let reply = test.admin("POST", &format!("/smtpserver/{name}"), &[fields, vec![sender]].concat()).await;
        assert_eq!(value(&reply), true, "{name}");
        assert_eq!(shown(name).await, (expected.0.to_owned(), expected.1), "{name}");
    }
    let clear = test.admin("POST", "/smtpserver/g", &[("server", "mail.example.org"), sender]).await;
    assert_eq!(error(&clear), (400, 905));
    assert!(message(&clear).contains("allow_plaintext=1") && message(&clear).contains("smtps://"));
    let torn = [("server", "smtps://localhost"), ("security", "plaintext"), sender];
    assert_eq!(error(&test.admin("POST", "/smtpserver/g", &torn).await), (400, 905));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stored_password_goes_to_no_other_server() {
    let test = TestApp::start().await;
    assert_eq!(value(&test.admin("POST", "/smtpserver/main", &OLD).await), true);
    let before = test.app.settings().relays.clone();
    for (field, changed) in [
        ("server", "mail.example.net"),
        ("server", "smtps://mail.example.org"),
        ("port", "25"),
        ("username", "somebody"),
        ("ca_file", "/etc/ssl/other.pem"),
        ("security", "implicit"),
    ] {
        for password in [None, Some("__CENSORED__")] {
            let mut fields: Vec<_> =
                OLD.into_iter().filter(|(name, _)| *name != field && *name != "password").collect();
            fields.extend([(field, changed), ("allow_plaintext", "1")]);
            fields.extend(password.map(|text| ("password", text)));
            for path in ["/smtpserver/main", "/smtpserver/send_test_email"] {
                fields.extend([("identifier", "main"), ("recipient", "x@example.org")]);
                let reply = test.admin("POST", path, &fields).await;
                assert_eq!(error(&reply), (400, 905), "{field} {path}");
                assert!(message(&reply).contains("enter the password again"), "{}", reply.text());
                fields.truncate(fields.len() - 2);
            }
        }
    }
    // Nowhere in clear, whichever password it is.
    for password in ["__CENSORED__", "another"] {
        let mut fields: Vec<_> = OLD.into_iter().filter(|(name, _)| !["tls", "password"].contains(name)).collect();
        fields.extend([("tls", "0"), ("allow_plaintext", "1"), ("password", password)]);
        let reply = test.admin("POST", "/smtpserver/main", &fields).await;
        assert_eq!(error(&reply), (400, 905), "{}", reply.text());
        assert!(message(&reply).contains("in clear"), "{}", reply.text());
    }
    assert_eq!(test.app.settings().relays, before, "nothing was changed");
    // What is not about the server may change, and the password stays.
    let mut fields: Vec<_> = OLD.into_iter().filter(|(name, _)| *name != "password").collect();
    fields.extend([("description", "ours"), ("timeout", "5")]);
    assert_eq!(value(&test.admin("POST", "/smtpserver/main", &fields).await), true);
    assert_eq!(value(&test.admin("GET", "/smtpserver/", &[]).await)["main"]["password"], "__CENSORED__");
    // With the password again, or without one at all, everything may.
    let moved = [("server", "mail.example.net"), ("tls", "1"), ("sender", "a@example.org"), ("password", "")];
    assert_eq!(value(&test.admin("POST", "/smtpserver/main", &moved).await), true);
    assert_eq!(value(&test.admin("GET", "/smtpserver/", &[]).await)["main"]["password"], "");
    assert!(!everything_shown(&test).await.contains("canary"));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_value_of_a_relay_has_its_range() {
    let test = TestApp::start().await;
    let long = "x".repeat(5000);
    for (field, good, bad) in [
        ("port", vec!["1", "65535"], vec!["0", "65536", "-1", "x"]),
        ("timeout", vec!["1", "30"], vec!["0", "31"]),
        ("position", vec!["0", "1000"], vec!["-1", "1001"]),
        ("sender", vec!["a@b.example"], vec!["", "a", "a@b, c@d", "a@b\r\nBcc: x@y.example", "<a@b.example>"]),
        (
            "server",
            vec!["[::1]", "127.0.0.1"],
            vec!["", "a b", "169.254.169.254", "0x7f.1", "user@h", "smtps://", "h\r\nx"],
        ),
        ("username", vec!["", "ann"], vec!["a\nb", "a\0b", &long]),
        ("password", vec!["p", "__CENSORED__"], vec!["a\nb", &long]),
        ("mechanism", vec!["auto", "plain", "login", "xoauth2"], vec!["cram-md5"]),
        ("security", vec!["plaintext", "starttls"], vec!["none", "ssl"]),
        ("ca_file", vec!["/etc/ca.pem", ""], vec!["ca.pem", "/a\nb"]),
        ("description", vec!["words"], vec!["a\u{202e}b"]),
    ] {
        for (text, is_good) in good.iter().map(|text| (text, true)).chain(bad.iter().map(|text| (text, false))) {
            let mut fields = vec![("server", "localhost"), ("sender", "a@example.org"), ("password", "")];
            fields.retain(|(name, _)| *name != field);
            fields.push((field, text));
            let reply = test.admin("POST", "/smtpserver/main", &fields).await;
            assert_eq!(reply.status == 200, is_good, "{field}={text:?}: {}", reply.text());
            if !is_good {
                assert_eq!(error(&reply), (400, 905), "{field}={text:?}");
                assert!(!reply.text().contains("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"));
            }
        }
    }
    for name in ["a,b", "a%20b", "a%0Ab", &"x".repeat(101)] {
        let fields = [("server", "localhost"), ("sender", "a@example.org")];
        assert_eq!(error(&test.admin("POST", &format!("/smtpserver/{name}"), &fields).await), (400, 905), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_needs_the_right_to_set_secrets() {
    let test = TestApp::start().await;
    let write = [Scope::AdminWrite];
    assert_eq!(error(&with_key(&test, &write, "POST", "/smtpserver/main", &OLD).await), (403, 303));
    let test_fields = [("identifier", "sink"), ("recipient", "a@example.org")];
    assert_eq!(error(&with_key(&test, &write, "POST", "/smtpserver/send_test_email", &test_fields).await), (403, 303));
    let sealed = [("x", "1"), ("x.type", "password")];
    assert_eq!(error(&with_key(&test, &write, "POST", "/system/setConfig", &sealed).await), (403, 303));
    let both = [Scope::AdminWrite, Scope::Secrets];
    assert_eq!(value(&with_key(&test, &both, "POST", "/smtpserver/main", &OLD).await), true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_needs_the_same_right_to_say_where_codes_go() {
    let test = TestApp::start().await;
    let write = [Scope::AdminWrite];
    assert_eq!(value(&test.admin("POST", "/smtpserver/main", &OLD).await), true);
    let before = test.app.settings().relays.clone();
    let kept: Vec<_> = OLD.into_iter().filter(|(name, _)| *name != "password").collect();
    for (path, field, changed) in [
        ("main", "server", "mail.evil.example"),
        ("main", "port", "2525"),
        ("main", "security", "implicit"),
        ("main", "username", "somebody"),
        ("main", "ca_file", "/tmp/evil.pem"),
        ("further", "server", "mail.evil.example"),
    ] {
        for password in [None, Some("")] {
            let mut fields: Vec<_> = kept.iter().copied().filter(|(name, _)| *name != field).collect();
            fields.push((field, changed));
            fields.extend(password.map(|text| ("password", text)));
            let reply = with_key(&test, &write, "POST", &format!("/smtpserver/{path}"), &fields).await;
            assert_eq!(error(&reply), (403, 303), "{path} {field}: {}", reply.text());
            assert!(message(&reply).contains("secrets"), "{}", reply.text());
        }
    }
    for (name, changed) in [("email.mailserver", "mail.evil.example"), ("email.port", "2525"), ("Email.Tls", "1")] {
        let reply = with_key(&test, &write, "POST", "/system/setConfig", &[(name, changed)]).await;
        assert_eq!(error(&reply), (403, 303), "{name}");
    }
    let directory = [("type", "ldapresolver"), ("LDAPURI", "ldaps://evil.example"), ("LDAPBASE", "dc=evil")];
    assert_eq!(error(&with_key(&test, &write, "POST", "/resolver/people", &directory).await), (403, 303));
    assert_eq!(test.app.settings().relays, before, "nothing was changed");
    let mut fields = kept;
    fields.push(("description", "ours"));
    assert_eq!(value(&with_key(&test, &write, "POST", "/smtpserver/main", &fields).await), true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_asks_for_no_login_needs_no_password() {
    let test = TestApp::start().await;
    assert_eq!(value(&test.admin("POST", "/smtpserver/main", &OLD).await), true);
    let open = [("server", "mail.example.net"), ("tls", "1"), ("sender", "a@example.org")];
    assert_eq!(value(&test.admin("POST", "/smtpserver/main", &open).await), true);
    assert_eq!(value(&test.admin("GET", "/smtpserver/", &[]).await)["main"]["password"], "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_is_named_stays() {
    let test = TestApp::start().await;
    test.admin("POST", "/system/setConfig", &[("email.identifier", "sink")]).await;
    let reply = test.admin("DELETE", "/smtpserver/sink", &[]).await;
    assert_eq!(error(&reply), (400, 302));
    assert!(message(&reply).contains("email.identifier"));
    test.admin("DELETE", "/system/email.identifier", &[]).await;
    assert!(value(&test.admin("DELETE", "/smtpserver/sink", &[]).await).is_u64());
}
