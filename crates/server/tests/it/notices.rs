//! People are told when their codes go elsewhere: real changes at every door, real mails in the sink.

use std::time::Duration;

use domain::decide::ExternalAddress;
use domain::provider::{FirstFactor, UserEnrollment};
use otpost::demo::sink::ReceivedMail;
use otpost::store::notices::Notice;
use otpost::store::relays;
use serde_json::json;

use crate::app::TestApp;
use crate::ras::Ras;
use crate::web::{Visitor, id_in, location};

const FORMER: &str = "Your sign-in codes go to another address now";
const LISTED: &str = "Your sign-in codes do not go to this address";
/// So long nobody else takes over what one node is sending; what is put off waits longer.
const LEASE: Duration = Duration::from_mins(1);

/// The product on each engine, at a time that a database server does not take for the past.
async fn engines() -> [TestApp; 2] {
    let tests = [TestApp::start().await, TestApp::start_on_postgres().await];
    for test in &tests {
        let theirs = test.app.store.server_time().await.unwrap().unwrap_or_default();
        test.clock.advance(theirs.since(test.app.now()) + Duration::from_secs(60));
    }
    tests
}

/// Notices that no relay has taken yet, under way or not.
async fn unsent(test: &TestApp) -> Vec<Notice> {
    test.app.store.list_due_notices(test.app.now() + Duration::from_hours(999), 99).await.unwrap()
}

/// Whether nobody was told of anything, nor will be.
async fn is_quiet(test: &TestApp) -> bool {
    // In this order: a row goes when its mail is there.
    unsent(test).await.is_empty() && test.sink.mails().iter().all(|mail| ![FORMER, LISTED].contains(&&*mail.subject))
}

fn assert_tells(test: &TestApp, mail: &ReceivedMail, subject: &str, elsewhere: &str) {
    assert_eq!(mail.subject, subject);
    let at = jiff::Timestamp::from_millisecond(test.app.now().millis()).unwrap().strftime("%-d %B %Y at %H:%M UTC");
    let at = at.to_string();
    for text in [&mail.text, &mail.html] {
        assert!(text.contains("alice") && text.contains(&at), "{text}");
        assert!(text.contains(elsewhere) && text.contains("tell your administrator or help desk"), "{text}");
        assert!(!text.contains("://") && !text.contains("href") && !text.contains("new@"), "{text}");
        assert!(!text.split_whitespace().any(|word| word.len() > 4 && word.parse::<u64>().is_ok()), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_an_administrator_changes_is_told_at_every_door() {
    let new = [("email", "new@home.example")];
    let again = [("type", "email"), ("serial", "PIEM_alice"), ("user", "alice"), ("email", "new@home.example")];
    let calls: [(&str, &[(&str, &str)]); 3] = [
        ("/token/set/PIEM_alice", &new),
        ("/token/info/PIEM_alice/email", &[("value", "new@home.example")]),
        ("/token/init", &again),
    ];
    for (path, fields) in calls {
        for test in engines().await {
            test.enroll("alice", "1234").await;
            for _ in 0..2 {
                let reply = test.admin("POST", path, fields).await;
                assert_eq!(reply.status, 200, "{path} {}", reply.text());
            }
            let told = test.mail_to("alice@example.org").await;
            assert_tells(&test, &told, FORMER, "n•••@home.example");
            assert_eq!(told.headers["Auto-Submitted"], "auto-generated");
            test.check(&[("user", "alice"), ("pass", "1234")]).await;
            test.mail_to("new@home.example").await;
            assert_eq!(test.sink.mails().len(), 2, "{path}: once, and nobody else");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_on_record_that_codes_go_to_is_told_of_the_next_one() {
    for test in engines().await {
        test.add_user("alice", "right").await;
        let mail = async |address| {
            let fields = [("resolver", "local"), ("user", "alice"), ("email", address)];
            assert_eq!(test.admin("PUT", "/user/", &fields).await.status, 200);
        };
        mail("first@example.org").await;
        assert!(is_quiet(&test).await, "no codes went there");
        let dynamic = [("type", "email"), ("user", "alice"), ("dynamic_email", "1")];
        assert_eq!(test.admin("POST", "/token/init", &dynamic).await.status, 200);
        mail("First@example.org").await;
        assert!(is_quiet(&test).await, "the same mailbox");
        mail("new@home.example").await;
        assert_tells(&test, &test.mail_to("First@example.org").await, FORMER, "n•••@home.example");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_told_when_somebody_enrolls_another_after_a_reset() {
    for test in engines().await {
        let ras = Ras::root(&test).await;
        test.enroll("alice", "").await;
        let reset = ras.put("/api/MFA/Users", json!({"users": ["alice"], "mfaId": 1})).await;
        assert_eq!(reset.status, 204, "{}", reset.text());
        assert!(is_quiet(&test).await, "a reset alone says nothing");
        let body = json!({"user": "alice", "mfaId": 1, "email": "new@home.example"});
        assert_eq!(ras.post("/api/MFA/Users", body).await.status, 201);
        // It is the address on record, too: one mail is enough.
        assert_tells(&test, &test.mail_to("alice@example.org").await, FORMER, "n•••@home.example");
        for path in ["/token/unassign", "/token/revoke"] {
            let listed = test.admin("GET", "/token/?user=alice", &[]).await.json();
            let serial = listed["result"]["value"]["tokens"][0]["serial"].as_str().unwrap().to_owned();
            assert_eq!(test.admin("POST", path, &[("serial", &serial)]).await.status, 200);
            let back = [("type", "email"), ("user", "alice"), ("email", "alice@example.org")];
            assert_eq!(test.admin("POST", "/token/init", &back).await.status, 200);
        }
        assert_eq!(test.mail_to("new@home.example").await.subject, FORMER);
        while !unsent(&test).await.is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(test.sink.mails().len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_enrolls_another_address_than_the_one_on_record_has_that_told() {
    for test in engines().await {
        test.set_provider(|provider| {
            provider.first_factor = FirstFactor::UserStore;
            provider.user_enrollment = UserEnrollment::Allow;
            provider.external_address = ExternalAddress::Allowed;
        })
        .await;
        for (name, fields, address) in [
            ("bob", &[("choice", "listed")][..], "bob@example.org"),
            ("alice", &[("choice", "other"), ("address", "new@home.example")][..], "new@home.example"),
        ] {
            test.add_user(name, "right").await;
            let mut visitor = Visitor::new(&test);
            visitor.begin(name, "right").await;
            let path = location(&visitor.post("/enroll", fields).await.headers);
            let code = test.code_to(address).await;
            assert!(is_quiet(&test).await, "nothing is enrolled before the code is back");
            let done = visitor.post("/enroll/code", &[("id", &id_in(&path)), ("code", &code)]).await;
            assert_eq!(location(&done.headers), "/signin/done", "{name}");
        }
        assert_tells(&test, &test.mail_to("alice@example.org").await, LISTED, "n•••@home.example");
        assert_eq!(test.sink.mails().len(), 3, "two codes and a notice");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_is_in_the_language_that_is_set_for_all_of_them() {
    for (language, subject, parts) in [
        (
            "de",
            "Ihre Anmeldecodes gehen jetzt an eine andere Adresse",
            ["Benutzername: alice", "21.11.2026, 01:21 UTC"],
        ),
        ("es", "Sus códigos de acceso llegan ahora a otra dirección", ["Usuario: alice", "21/11/2026, 01:21 UTC"]),
        ("fr-CH", "Vos codes de connexion arrivent désormais à une autre adresse", ["alice", "21/11/2026 à 01:21 UTC"]),
        ("EN", FORMER, ["User name: alice", "21 November 2026 at 01:21 UTC"]),
    ] {
        let test = TestApp::start().await;
        test.enroll("alice", "1234").await;
        let set = test.admin("POST", "/system/setConfig", &[("notice.language", language)]).await;
        assert_eq!(set.status, 200, "{}", set.text());
        let change = [("email", "new@home.example")];
        assert_eq!(test.admin("POST", "/token/set/PIEM_alice", &change).await.status, 200);
        let told = test.mail_to("alice@example.org").await;
        assert_eq!(told.subject, subject);
        for text in [&told.text, &told.html] {
            assert!(parts.iter().all(|part| text.contains(part)) && text.contains("n•••@home.example"), "{text}");
            assert!(!text.contains("://") && !text.contains("{}"), "{text}");
        }
    }
    let test = TestApp::start().await;
    let refused = test.admin("POST", "/system/setConfig", &[("notice.language", "klingon")]).await;
    assert!(refused.status == 400 && refused.text().contains("de, en, es or fr"), "{}", refused.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_waits_for_a_relay_and_is_audited() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    test.apply(vec![relays::delete("sink")]).await;
    let change = [("email", "new@home.example")];
    assert_eq!(test.admin("POST", "/token/set/PIEM_alice", &change).await.status, 200);
    let put_off = async || {
        let waits = |notice: &Notice| notice.attempts == 1 && notice.lease_until.since(notice.written_at) > LEASE;
        unsent(&test).await.iter().any(waits)
    };
    while !put_off().await {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    test.apply(vec![relays::save(&test.relay("sink", test.sink.addr()))]).await;
    test.clock.advance(Duration::from_mins(5));
    let told = test.mail_to("alice@example.org").await;
    assert!(told.subject == FORMER && told.text.contains("21 November 2026 at 01:21 UTC"), "{}", told.text);
    while !unsent(&test).await.is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let lines = test.app.store.list_audit(None, 99).await.unwrap();
    let line = lines.iter().find(|line| line.action == "notice").unwrap();
    assert_eq!((&*line.outcome, &*line.reason, &*line.user_name), ("ok", "sent", "alice"));
    assert_eq!(line.detail, "to a•••@example.org: sink");
}
