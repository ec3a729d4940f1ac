//! Providers, themes and mail relays at the console: listed, made, changed, copied, deleted; what is wrong is said at its field.

use domain::provider::{FirstFactor, UserEnrollment};

use super::*;
use crate::app::by;

/// Everything that the form of a page would send, with some of it filled in otherwise.
fn filled(page: &str, changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let (_, form) = page.split_once("<form class=\"edit\"").expect("a form");
    let (form, _) = form.split_once("</form>").expect("its end");
    let mut fields = Vec::new();
    for piece in form.split('<').skip(1) {
        let attribute = |name: &str| {
            let (_, rest) = piece.split_once(&format!(" {name}=\""))?;
            Some(plain(rest.split('"').next().unwrap()))
        };
        let (tag, name) = (piece.split([' ', '>']).next().unwrap(), attribute("name"));
        match (tag, name) {
            ("input", Some(name)) if piece.contains("type=\"checkbox\"") => {
                fields.extend(piece.contains(" checked").then(|| (name, "on".to_owned())));
            }
            ("input", Some(name)) => fields.push((name, attribute("value").unwrap_or_default())),
            ("select", Some(name)) => fields.push((name, String::new())),
            ("textarea", Some(name)) => fields.push((name, plain(piece.split_once(">\n").expect("a text").1))),
            ("option", None) if piece.contains(" selected") => {
                fields.last_mut().unwrap().1 = attribute("value").unwrap()
            }
            _ => {}
        }
    }
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        // A browser says nothing of a box that is not ticked.
        if *value != "off" {
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
    }
    fields
}

/// As a browser reads it.
pub(super) fn plain(html: &str) -> String {
    html.replace("&#60;", "<").replace("&#62;", ">").replace("&#34;", "\"").replace("&#39;", "'").replace("&#38;", "&")
}

impl Visitor<'_> {
    /// Opens a page, fills its form in otherwise, and sends it.
    async fn fill(&mut self, page: &str, action: &str, changes: &[(&str, &str)]) -> Reply {
        let fields = filled(&self.get(page).await.text(), changes);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
        self.post(action, &fields).await
    }
}

const NEW: &str = "/console/providers/new";
const NEW_THEME: &str = "/console/themes/new";

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_is_made_changed_copied_and_deleted() {
    for test in [TestApp::start().await, TestApp::start_on_postgres().await] {
        let mut admin = Visitor::new(&test);
        admin.administer().await;
        let fields = [("name", "Guests"), ("display_name", "Codes for guests"), ("length", "8")];
        let made = location(&admin.fill(NEW, NEW, &fields).await.headers);
        assert_eq!(made, "/console/provider/2?said=created");
        let page = admin.get(&made).await.text();
        assert!(page.contains("role=\"status\"") && page.contains("<bdi>Guests</bdi>"), "{page}");
        let stored = test.app.settings().find_provider(2).unwrap().clone();
        assert_eq!((stored.provider.code_length.digits(), stored.provider.is_enabled), (8, true));
        assert_eq!((stored.provider.first_factor, &*stored.trace.created_by), (FirstFactor::UserStore, "admin"));

        let path = "/console/provider/2";
        let same = admin.fill(path, path, &[]).await;
        assert_eq!(location(&same.headers), "/console/provider/2?said=saved");
        assert_eq!(
            test.app.settings().find_provider(2).unwrap(),
            &stored,
            "what is sent back as it was changes nothing"
        );
        let changes = [
            ("lifetime", "240"),
            ("content", "Code:\r\n%OTP%\r\n"),
            ("enrollment", "allow-until"),
            ("until", "2026-12-24T18:00"),
            ("external", "on"),
            ("enabled", "off"),
        ];
        assert_eq!(location(&admin.fill(path, path, &changes).await.headers), "/console/provider/2?said=saved");
        let provider = test.app.settings().find_provider(2).unwrap().provider.clone();
        assert_eq!((provider.lifetime.seconds(), provider.content.as_str()), (240, "Code:\n%OTP%\n"));
        let until = domain::time::Timestamp::from_millis(1_798_135_200_000);
        assert_eq!((provider.user_enrollment, provider.is_enabled), (UserEnrollment::AllowUntil(until), false));

        let copy = admin.act(path, "/console/provider/2/duplicate", &[]).await;
        assert_eq!(location(&copy.headers), "/console/provider/3?said=copied");
        assert!(admin.get("/console/providers").await.text().contains("Guests (2)"));
        let gone = admin.act("/console/provider/3", "/console/provider/3/delete", &[]).await;
        assert_eq!(location(&gone.headers), "/console/providers?said=deleted");
        assert!(test.app.settings().find_provider(3).is_none());
        for action in ["POST /console/providers/new", "POST /console/provider", "POST /console/provider/delete"] {
            assert!(is_on_record(&test, action, "ok").await, "{action}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_provider_stands_at_its_field_and_changes_nothing() {
    let test = TestApp::start().await;
    let mut admin = Visitor::new(&test);
    admin.administer().await;
    let (page, before) = ("/console/provider/1", test.app.settings().find_provider(1).unwrap().clone());
    for (field, value, said) in [
        ("name", "", "must have 1 to 255 characters, got 0"),
        ("name", &*"x".repeat(256), "must have 1 to 255 characters, got 256"),
        ("display_name", &*"x".repeat(201), "must have 0 to 200 characters, got 201"),
        ("length", "3", "between 4 and 20, got 3"),
        ("length", "21", "between 4 and 20, got 21"),
        ("length", "six", "a whole number is needed"),
        ("lifetime", "29", "between 30 and 240 seconds, got 29"),
        ("lifetime", "241", "between 30 and 240 seconds, got 241"),
        ("prompt", &*"x".repeat(301), "must have 0 to 300 characters, got 301"),
        ("subject", "", "must have 1 to 300 characters, got 0"),
        ("content", "no code", "put %OTP% in the content or the subject"),
        ("enrollment", "allow-until", "which has to be given"),
        ("until", "tomorrow", "a date and a time are needed"),
        ("storage", "custom-attribute", "the attribute has to be named"),
        ("attribute", "userPassword", "not a permitted attribute name"),
    ] {
        let reply = admin.fill(page, page, &[(field, value)]).await;
        let text = plain(&reply.text());
        assert_eq!(reply.status, 422, "{field} {value}");
        assert!(text.contains(&format!("id=\"{field}-fault\"")) && text.contains(said), "{field} {value}: {text}");
        assert!(text.contains("aria-invalid=\"true\"") && text.contains("role=\"alert\""), "{text}");
        assert!(value.is_empty() || text.contains(value), "what was typed stays");
    }
    assert_eq!(test.app.settings().find_provider(1).unwrap(), &before);
    let twin = admin.fill(NEW, NEW, &[("name", "e-MAIL"), ("display_name", "x")]).await;
    assert!(
        twin.status == 422 && plain(&twin.text()).contains("an MFA provider named 'E-mail' exists"),
        "{}",
        twin.text()
    );
    let first = admin.act(page, "/console/provider/1/delete", &[]).await;
    assert!(first.status == 422 && first.text().contains("switch it off instead"), "{}", first.text());
    assert_eq!(admin.get("/console/provider/99").await.status, 404);
    assert_eq!(admin.get("/console/provider/x").await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_filled_in_an_older_state_undoes_nobodys_change() {
    let test = TestApp::start().await;
    let (mut admin, mut other) = (Visitor::new(&test), Visitor::new(&test));
    admin.administer().await;
    other.administer().await;
    for (page, field, value) in
        [("/console/provider/1", "prompt", "Which code?"), ("/console/theme/1", "description", "the first")]
    {
        let old = filled(&admin.get(page).await.text(), &[(field, "from an older state")]);
        assert_eq!(other.fill(page, page, &[(field, value)]).await.status, 303, "{page}");
        let old: Vec<_> = old.iter().map(|(name, value)| (&**name, &**value)).collect();
        let late = admin.post(page, &old).await;
        assert!(late.status == 409 && late.text().contains("somebody else changed this"), "{}", late.text());
        assert!(admin.get(page).await.text().contains(value), "{page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_theme_is_made_changed_copied_and_deleted() {
    for test in [TestApp::start().await, TestApp::start_on_postgres().await] {
        let mut admin = Visitor::new(&test);
        admin.administer().await;
        let fields = [
            ("name", "vpn"),
            ("provider", "1"),
            ("realm", "test"),
            ("overrides_realm", "on"),
            ("filtered", "on"),
            ("members", "test\\alice\r\nstaff; S-1-5-21-7\r\n"),
            ("message", "Welcome\r\nback"),
            ("return_to", "https://app.example.org/\r\n"),
        ];
        let made = location(&admin.fill(NEW_THEME, NEW_THEME, &fields).await.headers);
        assert_eq!(made, "/console/theme/2?said=created");
        let stored = test.app.settings().find_theme(2).unwrap().clone();
        assert_eq!((stored.theme.provider_id, stored.theme.members.len()), (Some(1), 2));
        assert_eq!(stored.theme.members[1].sid().unwrap().as_str(), "S-1-5-21-7");
        assert_eq!(stored.theme.post_logon_message.as_str(), "Welcome\nback");
        assert_eq!(stored.theme.forced_realm().unwrap().as_str(), "test");
        assert!(
            admin.get("/signin/vpn").await.status == 200
                && admin.get("/console/provider/1").await.text().contains("vpn")
        );

        let path = "/console/theme/2";
        assert_eq!(location(&admin.fill(path, path, &[]).await.headers), "/console/theme/2?said=saved");
        assert_eq!(test.app.settings().find_theme(2).unwrap().theme, stored.theme, "nothing is lost on the way");
        assert_eq!(admin.fill(path, path, &[("overrides_realm", "off")]).await.status, 303);
        for _ in 0..2 {
            let theme = test.app.settings().find_theme(2).unwrap().theme.clone();
            assert_eq!((theme.forced_realm(), &theme.realm), (None, &stored.theme.realm), "kept, and not in force");
            assert_eq!(admin.fill(path, path, &[]).await.status, 303);
        }
        assert_eq!(admin.fill(path, path, &[("provider", ""), ("filtered", "off")]).await.status, 303);
        assert_eq!(admin.get("/signin/vpn").await.status, 404, "without a provider nobody signs in");

        let copy = admin.act(path, "/console/theme/2/duplicate", &[]).await;
        assert_eq!(location(&copy.headers), "/console/theme/3?said=copied");
        assert!(admin.get("/console/themes").await.text().contains("vpn-2"));
        let gone = admin.act("/console/theme/3", "/console/theme/3/delete", &[]).await;
        assert_eq!(location(&gone.headers), "/console/themes?said=deleted");
        let standard = admin.act("/console/theme/1", "/console/theme/1/delete", &[]).await;
        assert!(standard.status == 422 && standard.text().contains("default theme"), "{}", standard.text());
        for action in ["POST /console/themes/new", "POST /console/theme", "POST /console/theme/delete"] {
            assert!(is_on_record(&test, action, "ok").await, "{action}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_theme_is_said_and_changes_nothing() {
    let test = TestApp::start().await;
    let mut admin = Visitor::new(&test);
    admin.administer().await;
    for (field, value, said) in [
        ("name", "", "has 1 to 255 letters"),
        ("name", "a b", "has 1 to 255 letters"),
        ("name", "done", "is the address of a page of the server itself"),
        ("description", &*"x".repeat(256), "at most 255 characters"),
        ("message", &*"x".repeat(2049), "at most 2048 characters"),
        ("return_to", "https://ok.example/\nhttp://app.example.org/", "line 2: "),
        ("members", "x\ny; nonsense", "line 2: "),
        ("provider", "first", "choose one of the list"),
    ] {
        let reply = admin.fill(NEW_THEME, NEW_THEME, &[("name", "x"), (field, value)]).await;
        let text = plain(&reply.text());
        assert_eq!(reply.status, 422, "{field} {value}");
        assert!(text.contains(&format!("id=\"{field}-fault\"")) && text.contains(said), "{field} {value}: {text}");
    }
    for (fields, said) in [
        (&[("name", "DEFAULT")][..], "exists already"),
        (&[("name", "x"), ("provider", "99")][..], "there is no provider with the number 99"),
    ] {
        let reply = admin.fill(NEW_THEME, NEW_THEME, fields).await;
        assert!(reply.status == 422 && reply.text().contains(said), "{}", reply.text());
    }
    assert_eq!(test.app.settings().themes.len(), 1);
    let off = admin.fill("/console/theme/1", "/console/theme/1", &[("enabled", "off")]).await;
    assert!(off.status == 422 && off.text().contains("default theme"), "{}", off.text());
    let hostile = [("name", "x"), ("message", "</textarea><script>alert(1)</script>"), ("description", "\"><b>")];
    assert_eq!(admin.fill(NEW_THEME, NEW_THEME, &hostile).await.status, 303);
    let page = admin.get("/console/theme/2").await.text();
    assert!(!page.contains("<script>alert") && !page.contains("\"><b>"), "{page}");
    otpost::manage::themes::remove(&test.app, &by(), 2).await.unwrap();
    assert_eq!(admin.get("/console/theme/2").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_relay_is_made_changed_and_deleted_and_its_password_stays_where_it_was_given_for() {
    let test = TestApp::start().await;
    let mut admin = Visitor::new(&test);
    admin.administer().await;
    let new = "/console/relays/new";
    let fields = [
        ("relay", "backup"),
        ("server", "mail.example.org"),
        ("sender", "otp@example.org"),
        ("username", "otp"),
        ("password", "a secret of relays"),
    ];
    assert_eq!(location(&admin.fill(new, new, &fields).await.headers), "/console/relays");
    let find = || test.app.settings().relays.iter().find(|relay| relay.name == "backup").cloned();
    let made = find().unwrap();
    assert_eq!((&*made.security, made.port, made.position), ("starttls", 587, 1));
    assert!(made.sealed_password.is_some());
    let path = "/console/relay/backup";
    let page = admin.get(path).await.text();
    assert!(page.contains("mail.example.org") && !page.contains("a secret of relays"), "{page}");
    assert_eq!(admin.fill(path, path, &[("timeout", "20")]).await.status, 303);
    let kept = find().unwrap();
    assert_eq!((kept.timeout_seconds, &kept.sealed_password), (20, &made.sealed_password), "an empty field keeps it");
    for (field, value, fault, said) in [
        ("server", "evil.example", "password", "enter the password again"),
        ("port", "0", "port", "1"),
        ("port", "many", "port", "a whole number is needed"),
        ("sender", "nobody", "sender", ""),
        ("timeout", "31", "timeout", "30"),
        ("ca_file", "ca.pem", "ca_file", "a path from the root"),
        ("server", "169.254.169.254", "server", "a host name or an address"),
    ] {
        let reply = admin.fill(path, path, &[(field, value)]).await;
        let text = plain(&reply.text());
        assert_eq!(reply.status, 422, "{field} {value}");
        assert!(text.contains(&format!("id=\"{fault}-fault\"")) && text.contains(said), "{field} {value}: {text}");
    }
    assert_eq!(find().unwrap(), kept);
    let twin = admin.fill(new, new, &fields).await;
    assert!(twin.status == 422 && twin.text().contains("of that name already"), "{}", twin.text());
    assert_eq!(admin.fill(path, path, &[("forget", "on"), ("username", "")]).await.status, 303);
    assert!(find().unwrap().sealed_password.is_none());
    assert_eq!(admin.act(path, "/console/relay/backup/delete", &[]).await.status, 303);
    assert!(find().is_none());
    assert_eq!(admin.get(path).await.status, 404);
    for action in ["POST /console/relays/new", "POST /console/relay", "POST /console/relay/delete"] {
        assert!(is_on_record(&test, action, "ok").await, "{action}");
    }
}
