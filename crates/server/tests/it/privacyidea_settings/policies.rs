//! `/policy/`: the few that are offered.

use domain::provider::{FirstFactor, Provider};
use serde_json::json;

use super::{admin_json, error, message, value};
use crate::app::TestApp;

const AUTHENTICATION: (&str, &str) = ("scope", "authentication");

fn factor(test: &TestApp) -> Option<FirstFactor> {
    test.app.settings().realms[0].first_factor
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_sets_what_it_names_until_it_goes() {
    let test = TestApp::start().await;
    let fields = [AUTHENTICATION, ("action", r"emailtext=Hello\, it is {otp}, emailsubject=Code"), ("priority", "3")];
    let made = value(&test.admin("POST", "/policy/mailtext", &fields).await);
    assert!(made["setPolicy mailtext"].is_u64(), "{made}");
    let provider = test.app.settings().default_provider();
    assert_eq!((provider.content.as_str(), provider.subject.as_str()), ("Hello, it is %OTP%", "Code"));

    let listed = value(&test.admin("GET", "/policy/", &[]).await);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(value(&test.admin("GET", "/policy/mailtext", &[]).await), listed);
    let policy = &listed[0];
    assert_eq!(policy["action"], json!({"emailsubject": "Code", "emailtext": "Hello, it is {otp}"}));
    assert_eq!((&policy["active"], &policy["priority"], &policy["realm"]), (&json!(true), &json!(3), &json!([])));
    assert_eq!(value(&test.admin("GET", "/system/", &[]).await), json!({}), "policies are no settings");

    assert!(value(&test.admin("POST", "/policy/disable/mailtext", &[]).await).is_u64());
    assert_eq!(*test.app.settings().default_provider(), Provider::standard());
    assert!(value(&test.admin("POST", "/policy/enable/mailtext", &[]).await).is_u64());
    assert_eq!(test.app.settings().default_provider().subject.as_str(), "Code");
    assert!(value(&test.admin("DELETE", "/policy/mailtext", &[]).await).is_u64());
    assert_eq!(*test.app.settings().default_provider(), Provider::standard());
    assert_eq!(error(&test.admin("DELETE", "/policy/mailtext", &[]).await), (404, 601));
    assert_eq!(error(&test.admin("POST", "/policy/enable/mailtext", &[]).await), (404, 601));
    assert_eq!(value(&test.admin("GET", "/policy/mailtext", &[]).await), json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_factor_is_set_for_the_realms_that_are_named() {
    let test = TestApp::start().await;
    let body =
        json!({"scope": "authentication", "action": {"otppin": "userstore"}, "realm": ["TEST"], "conditions": []});
    assert_eq!(admin_json(&test, "/policy/pin", &body).await.status, 200);
    assert_eq!(factor(&test), Some(FirstFactor::UserStore));
    assert_eq!(test.app.settings().default_provider().first_factor, FirstFactor::TokenPin);
    test.admin("POST", "/policy/pin", &[AUTHENTICATION, ("action", r#"{"otppin": "none"}"#)]).await;
    assert_eq!(factor(&test), None, "the realm is no longer named");
    assert_eq!(test.app.settings().default_provider().first_factor, FirstFactor::None);
    test.admin("POST", "/policy/pin", &[AUTHENTICATION, ("action", "otppin=userstore"), ("active", "0")]).await;
    assert_eq!(*test.app.settings().default_provider(), Provider::standard(), "switched off");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_offered_is_refused_and_nothing_is_changed() {
    let test = TestApp::start().await;
    let version = test.app.settings().version;
    for fields in [
        vec![("scope", "admin"), ("action", "otppin=none")],
        vec![AUTHENTICATION, ("action", "otppin=none, passthru=userstore")],
        vec![AUTHENTICATION, ("action", "passOnNoUser")],
        vec![AUTHENTICATION, ("action", "otppin=pin")],
        vec![AUTHENTICATION, ("action", "otppin=pin"), ("active", "0")],
        vec![AUTHENTICATION, ("action", "emailtext=no code"), ("realm", "")],
        vec![AUTHENTICATION, ("action", "emailtext={serial} {otp}")],
        vec![AUTHENTICATION, ("action", "emailtext={otp}"), ("realm", "test")],
        vec![AUTHENTICATION, ("action", "otppin=none"), ("realm", "elsewhere")],
        vec![AUTHENTICATION, ("action", "otppin=none"), ("user", "alice")],
        vec![AUTHENTICATION, ("action", "otppin=none"), ("client", "10.0.0.0/8")],
        vec![AUTHENTICATION, ("action", "otppin=none"), ("time", "Mon: 8-9")],
        vec![AUTHENTICATION, ("action", "")],
        vec![AUTHENTICATION],
        vec![("action", "otppin=none")],
    ] {
        let reply = test.admin("POST", "/policy/p", &fields).await;
        assert_eq!(error(&reply), (400, 905), "{fields:?}");
    }
    let other = test.admin("POST", "/policy/p", &[AUTHENTICATION, ("action", "challenge_response=email")]).await;
    for offered in ["otppin", "emailtext", "emailsubject", "email_challenge_text", "Nothing was changed"] {
        assert!(message(&other).contains(offered), "{}", other.text());
    }
    assert_eq!(
        error(&test.admin("POST", "/policy/a,b", &[AUTHENTICATION, ("action", "otppin=none")]).await),
        (400, 905)
    );
    assert_eq!(test.app.settings().version, version);
}
