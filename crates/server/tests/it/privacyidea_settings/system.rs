//! `/system/`: settings by name.

use otpost::demo::sink::ReceivedMail;
use serde_json::json;

use super::{error, everything_shown, message, value};
use crate::app::TestApp;

async fn set(test: &TestApp, fields: &[(&str, &str)]) -> crate::app::Reply {
    test.admin("POST", "/system/setConfig", fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_inserted_updated_read_and_removed() {
    let test = TestApp::start().await;
    assert_eq!(
        value(&set(&test, &[("email.validtime", "90"), ("own.key", "x")]).await),
        json!({"email.validtime": "insert", "own.key": "insert"})
    );
    assert_eq!(value(&set(&test, &[("email.validtime", "120")]).await), json!({"email.validtime": "update"}));
    assert_eq!(value(&test.admin("GET", "/system/email.validtime", &[]).await), "120");
    assert_eq!(value(&test.admin("GET", "/system/unset", &[]).await), json!(null));
    assert_eq!(value(&test.admin("GET", "/system/", &[]).await), json!({"email.validtime": "120", "own.key": "x"}));
    assert_eq!(value(&test.admin("DELETE", "/system/own.key", &[]).await), true);
    assert_eq!(value(&test.admin("DELETE", "/system/own.key", &[]).await), false);
    let defaults =
        test.admin("POST", "/system/setDefault", &[("defaultotplen", "8"), ("DefaultMaxFailCount", "5")]).await;
    assert_eq!(value(&defaults), json!({"DefaultOtpLen": "insert", "DefaultMaxFailCount": "insert"}));
    assert_eq!(test.app.settings().default_provider().code_length.digits(), 8);
    assert_eq!(error(&test.admin("POST", "/system/setDefault", &[("x", "1")]).await), (400, 905));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_setting_has_its_range() {
    let test = TestApp::start().await;
    let (subject, body) = ("s".repeat(301), "t".repeat(2049));
    let (whole, most) = ("s".repeat(300), format!("%OTP%{}", "t".repeat(2043)));
    for (key, good, bad) in [
        ("email.validtime", vec!["30", "240"], vec!["29", "241", "", "x", "-30", "1e2"]),
        ("DefaultOtpLen", vec!["4", "20"], vec!["3", "21"]),
        ("DefaultMaxFailCount", vec!["1", "1000"], vec!["0", "1001"]),
        ("failcounter_clear_timeout", vec!["0", "100000"], vec!["-1", "100001"]),
        ("otppin", vec!["tokenpin", "userstore", "none"], vec!["", "pin", "NONE"]),
        ("email.concurrent_challenges", vec!["True", "0"], vec!["maybe"]),
        ("IncFailCountOnFalsePin", vec!["1", "False"], vec!["2"]),
        ("splitAtSign", vec!["on", "off"], vec!["x"]),
        ("email.identifier", vec!["sink", "sink, sink", ""], vec!["none", "sink,none"]),
        ("email.subject", vec!["{otp}", &whole], vec!["", &subject, "two\nlines", "{user}"]),
        ("email.text", vec!["<otp>", &most], vec!["", &body, "{serial} %OTP%", "no code", "file:/etc/otp"]),
        ("email.challenge_text", vec!["", "Code?"], vec!["%OTP%", "{otp}", &subject, "a\u{200e}b"]),
    ] {
        for value in good {
            // A text without the code stands only beside one that has it.
            set(&test, &[("email.text", "%OTP%"), ("email.subject", "s")]).await;
            let reply = set(&test, &[(key, value)]).await;
            assert_eq!(reply.status, 200, "{key}={value:?}: {}", reply.text());
        }
        set(&test, &[("email.subject", "s")]).await;
        let before = test.app.settings();
        for value in bad {
            let reply = set(&test, &[("a.first", "1"), (key, value), ("z.last", "1")]).await;
            assert_eq!(error(&reply), (400, 905), "{key}={value:?}");
            assert!(message(&reply).contains(key), "{}", reply.text());
            assert!(reply.text().len() < 600, "{}", reply.text());
            let after = test.app.settings();
            assert_eq!((&after.values, &after.providers), (&before.values, &before.providers), "{key}={value:?}");
        }
    }
    let mute = set(&test, &[("email.text", "hello")]).await;
    assert!(message(&mute).contains("the user would never receive the code"), "{}", mute.text());
    for name in ["a b", "a/b", "", "policy.x", &"x".repeat(101)] {
        assert_eq!(error(&set(&test, &[(name, "1")]).await), (400, 905), "{name:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_in_force_at_once_and_standard_again_when_removed() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    let new = [
        ("email.text", "It is {otp}, {nothing"),
        ("email.subject", "Anmeldung"),
        ("DEFAULTOTPLEN", "8"),
        ("email.challenge_text", "Well?"),
        ("email.validtime", "60"),
    ];
    assert_eq!(set(&test, &new).await.status, 200);
    let asked = test.check(&[("user", "alice"), ("pass", "1234")]).await;
    assert_eq!(asked.json()["detail"]["message"], "Well?");
    let ReceivedMail { subject, text, .. } = test.mail_to("alice@example.org").await;
    assert_eq!(subject, "Anmeldung");
    assert!(text.starts_with("It is ") && text.contains(", {nothing"), "{text}");
    for key in ["email.text", "email.subject", "DefaultOtpLen", "email.challenge_text", "email.validtime"] {
        assert_eq!(value(&test.admin("DELETE", &format!("/system/{key}"), &[]).await), true, "{key}");
    }
    assert_eq!(*test.app.settings().default_provider(), domain::provider::Provider::standard());
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_subjects_are_refused() {
    let test = TestApp::start().await;
    let before = test.app.settings().default_provider();
    let token = test.admin_token().await;
    let controls = (0..32)
        .chain(127..160)
        .chain([0x61c, 0x200e, 0x200f, 0x2028, 0x2029])
        .chain(0x202a..=0x202e)
        .chain(0x2066..=0x2069);
    let hostile: Vec<char> = controls.filter_map(char::from_u32).collect();
    let shapes = ["Code{}Bcc: x@example.net", "{}Code", "Code{}", "=?utf-8?q?{}?= %OTP%"];
    let subjects: Vec<String> =
        hostile.iter().flat_map(|c| shapes.iter().map(move |shape| shape.replace("{}", &c.to_string()))).collect();
    assert!(subjects.len() >= 300, "{}", subjects.len());
    for subject in &subjects {
        let mut request = crate::app::form_request("/system/setConfig", &[("email.subject", subject)]);
        request.headers_mut().insert("authorization", token.parse().unwrap());
        let reply = test.send(request).await;
        assert_eq!(error(&reply), (400, 905), "{subject:?}");
    }
    assert_eq!(test.app.settings().default_provider(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn sealed_values_are_never_shown() {
    let test = TestApp::start().await;
    let sealed = [("own.password", "secret-canary"), ("own.password.type", "password")];
    assert_eq!(value(&set(&test, &sealed).await), json!({"own.password": "insert"}));
    assert_eq!(value(&test.admin("GET", "/system/own.password", &[]).await), "__CENSORED__");
    let kept = test.app.settings().values["own.password"].clone();
    assert!(!kept.contains("canary"));
    // Given back as it was shown, it stays; given anew without its type, it is sealed all the same.
    set(&test, &[("own.password", "__CENSORED__")]).await;
    assert_eq!(test.app.settings().values["own.password"], kept);
    set(&test, &[("own.password", "another-canary")]).await;
    assert!(!everything_shown(&test).await.contains("canary"));
    assert!(!test.app.settings().values["own.password"].contains("canary"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_settings_of_one_server_make_a_relay() {
    let test = TestApp::start().await;
    let old = [
        ("email.mailserver", "mail.example.org"),
        ("email.port", "587"),
        ("email.username", "otpost"),
        ("email.password", "secret-canary"),
        ("email.mailfrom", "otpost@example.org"),
        ("email.tls", "True"),
        ("email.identifier", "legacy"),
    ];
    assert_eq!(value(&set(&test, &old).await)["email.mailserver"], "insert");
    let relay = value(&test.admin("GET", "/smtpserver/", &[]).await)["legacy"].clone();
    assert_eq!((&relay["server"], &relay["security"]), (&json!("mail.example.org"), &json!("starttls")));
    let shown = value(&test.admin("GET", "/system/", &[]).await);
    assert_eq!((&shown["email.password"], &shown["email.port"]), (&json!("__CENSORED__"), &json!("587")));
    let moved = set(&test, &[("email.mailserver", "rogue.example")]).await;
    assert!(message(&moved).contains("enter the password again"), "{}", moved.text());
    assert_eq!(
        value(&set(&test, &[("email.mailserver", "b.example"), ("email.password", "new-canary")]).await)["email.mailserver"],
        "update"
    );
    assert_eq!(error(&test.admin("DELETE", "/system/email.mailserver", &[]).await), (400, 302));
    test.admin("DELETE", "/system/email.identifier", &[]).await;
    assert_eq!(value(&test.admin("DELETE", "/system/email.mailserver", &[]).await), true);
    assert!(test.app.settings().relays.iter().all(|relay| relay.name != "legacy"));
    assert!(!everything_shown(&test).await.contains("canary"));
}
