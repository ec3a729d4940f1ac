//! Themes: which entrances open, whom they let in, which provider they pick.

use axum::body::Body;
use axum::http::Request;
use domain::criteria::PrincipalEntry;
use domain::name::RealmName;
use domain::provider::{DisplayName, FirstFactor, Prompt, Provider, ProviderName, ShowInformation, UserEnrollment};
use domain::theme::{DEFAULT_THEME, Message, Theme, ThemeName};
use otpost::manage::{ManageError, api_keys, themes};
use otpost::store::providers::{self, StoredProvider};

use super::{Visitor, id_in, location};
use crate::app::{Reply, TestApp, by, form_request};

/// Passwords are `right`; alice and brian are enrolled with the standard provider. The theme `vpn` is open.
async fn stage() -> TestApp {
    let test = TestApp::start().await;
    test.set_provider(|provider| provider.first_factor = FirstFactor::UserStore).await;
    for name in ["alice", "brian"] {
        let account = test.add_user(name, "right").await;
        test.enroll_again(&account, &format!("PIEM_{name}"), "").await;
    }
    add(&test, "vpn", |_| {}).await;
    test
}

async fn add(test: &TestApp, name: &str, change: impl FnOnce(&mut Theme)) -> i64 {
    let mut theme = Theme { provider_id: Some(1), ..Theme::new(0, ThemeName::parse(name).unwrap()) };
    change(&mut theme);
    themes::add(&test.app, &by(), theme).await.unwrap().theme.id
}

async fn change(test: &TestApp, name: &str, change: impl FnOnce(&mut Theme)) {
    let mut theme = test.app.settings().theme(name).unwrap().clone();
    change(&mut theme);
    themes::update(&test.app, &by(), theme).await.unwrap();
}

async fn second_provider(test: &TestApp) {
    let provider = Provider {
        id: 2,
        name: ProviderName::parse("Guests").unwrap(),
        display_name: DisplayName::parse("Codes for guests").unwrap(),
        prompt: Prompt::parse("Sagen Sie den Code.").unwrap(),
        first_factor: FirstFactor::UserStore,
        user_enrollment: UserEnrollment::Allow,
        ..Provider::standard()
    };
    let stored = StoredProvider::new(provider, "test", test.app.now());
    test.apply(providers::insert(&stored).to_vec()).await;
}

async fn first_step(test: &TestApp, path: &str, name: &str, password: &str) -> Reply {
    Visitor::new(test).post(path, &[("name", name), ("password", password)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entrance_is_open_while_it_is_on_and_has_a_provider() {
    let test = stage().await;
    let mut visitor = Visitor::new(&test);
    for path in ["/signin/vpn", "/signin/VPN", "/?theme=vpn", "/signin?theme=Vpn", "/"] {
        assert_eq!(visitor.get(path).await.status, 200, "{path}");
    }
    let closed = visitor.get("/signin/nowhere").await;
    change(&test, "vpn", |theme| theme.is_enabled = false).await;
    let off = visitor.get("/signin/vpn").await;
    change(&test, "vpn", |theme| (theme.is_enabled, theme.provider_id) = (true, None)).await;
    let unserved = visitor.get("/signin/vpn").await;
    for reply in [&closed, &off, &unserved, &visitor.get("/?theme=../x").await] {
        assert_eq!((reply.status.as_u16(), &reply.body), (404, &closed.body));
    }
    for path in ["/signin/vpn", "/signin/nowhere", "/signin?theme=nowhere"] {
        assert_eq!(first_step(&test, path, "alice", "right").await.status, 404, "{path}");
    }
    assert!(test.sink.mails().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_installation_lets_nobody_try_passwords() {
    let test = stage().await;
    change(&test, "default", |theme| theme.provider_id = None).await;
    for path in ["/", "/signin", "/signin/default"] {
        assert_eq!(Visitor::new(&test).get(path).await.status, 404, "{path}");
    }
    let audit = test.app.store.count_audit().await.unwrap();
    assert_eq!(first_step(&test, "/signin", "alice", "wrong").await.status, 404);
    assert_eq!(test.app.store.count_audit().await.unwrap(), audit, "nothing was looked at");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_leads_back_to_its_theme() {
    let test = stage().await;
    let mut alice = Visitor::new(&test);
    let start = alice.get("/signin/vpn").await.text();
    assert!(start.contains("action=\"/signin/vpn\""), "{start}");
    let begun = alice.post("/signin/vpn", &[("name", "alice"), ("password", "right")]).await;
    let path = location(&begun.headers);
    assert!(alice.get(&path).await.text().contains("href=\"/signin/vpn\">Start again"));
    let mut other = Visitor::new(&test);
    other.get("/signin/vpn").await;
    assert!(other.get(&path).await.text().contains("href=\"/signin/vpn\">Start again"), "also where it has ended");

    change(&test, "vpn", |theme| theme.post_logon_message = Message::parse("Mind the <gap>.").unwrap()).await;
    let code = test.code_to("alice@example.org").await;
    let done = alice.post("/signin/code", &[("id", &id_in(&path)), ("code", &code)]).await;
    let page = alice.get(&location(&done.headers)).await.text();
    assert!(page.contains("Mind the &#60;gap&#62;.") && page.contains("You can close this window."), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_theme_picks_the_provider() {
    let test = stage().await;
    second_provider(&test).await;
    change(&test, "vpn", |theme| theme.provider_id = Some(2)).await;
    let mut alice = Visitor::new(&test);
    let enroll = alice.post("/signin/vpn", &[("name", "alice"), ("password", "right")]).await;
    assert_eq!(location(&enroll.headers), "/enroll", "she is enrolled with the other provider alone");
    let sent = alice.post("/enroll", &[("choice", "listed")]).await;
    let path = location(&sent.headers);
    let code = test.code_to("alice@example.org").await;
    let done = alice.post("/enroll/code", &[("id", &id_in(&path)), ("code", &code)]).await;
    assert_eq!(location(&done.headers), "/signin/done");

    let again = alice.post("/signin/vpn", &[("name", "alice"), ("password", "right")]).await;
    let page = alice.get(&location(&again.headers)).await.text();
    assert!(page.contains("Codes for guests") && page.contains("Sagen Sie den Code."), "{page}");
    let elsewhere = alice.post("/signin", &[("name", "alice"), ("password", "right")]).await;
    let page = alice.get(&location(&elsewhere.headers)).await.text();
    assert!(page.contains("Enter the code sent to your e-mail address."), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_no_member_meets_what_a_wrong_password_meets() {
    let test = stage().await;
    change(&test, "vpn", |theme| {
        theme.filters_members = true;
        theme.members = vec![PrincipalEntry::parse(Some("test\\alice"), None).unwrap()];
    })
    .await;
    for show in [ShowInformation::Never, ShowInformation::Always] {
        test.set_provider(|provider| provider.show_information = show).await;
        let member = first_step(&test, "/signin/vpn", "alice", "right").await;
        assert_eq!(member.status, 303);
        let other = first_step(&test, "/signin/vpn", "brian", "right").await;
        let nobody = first_step(&test, "/signin/vpn", "zelda", "right").await;
        assert_eq!((other.status, &other.body), (nobody.status, &nobody.body), "{show:?}");
    }
    test.set_provider(|provider| provider.show_information = ShowInformation::Never).await;
    let mut brian = Visitor::new(&test);
    let decoy = brian.post("/signin/vpn", &[("name", "brian"), ("password", "right")]).await;
    assert!(brian.get(&location(&decoy.headers)).await.text().contains("Check your mail"));
    assert!(test.sink.mails().iter().all(|mail| mail.to == "alice@example.org"), "{:?}", test.sink.mails());
    assert_eq!(location(&first_step(&test, "/signin", "brian", "right").await.headers).len(), decoy_length());
}

fn decoy_length() -> usize {
    "/signin/code/".len() + 20
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_taken_off_the_list_answers_no_open_code() {
    let test = stage().await;
    let mut alice = Visitor::new(&test);
    let begun = alice.post("/signin/vpn", &[("name", "alice"), ("password", "right")]).await;
    let id = id_in(&location(&begun.headers));
    let code = test.code_to("alice@example.org").await;
    change(&test, "vpn", |theme| theme.filters_members = true).await;
    let late = alice.post("/signin/code", &[("id", &id), ("code", &code)]).await;
    assert!(location(&late.headers).ends_with("?said=wrong"), "a list of nobody");
    change(&test, "vpn", |theme| theme.filters_members = false).await;
    let done = alice.post("/signin/code", &[("id", &id), ("code", &code)]).await;
    assert_eq!(location(&done.headers), "/signin/done");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_theme_may_say_which_realm_counts() {
    let test = stage().await;
    change(&test, "vpn", |theme| {
        theme.overrides_realm = true;
        theme.realm = RealmName::parse("test").ok();
    })
    .await;
    for name in ["alice", "alice@test", "TEST\\alice"] {
        let reply = first_step(&test, "/signin/vpn", name, "right").await;
        assert!(location(&reply.headers).starts_with("/signin/code/"), "{name}");
    }
    let unknown =
        Theme { realm: RealmName::parse("elsewhere").ok(), ..test.app.settings().theme("vpn").unwrap().clone() };
    let refused = themes::update(&test.app, &by(), unknown).await.unwrap_err();
    assert!(refused.to_string().contains("there is no realm elsewhere"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_may_name_the_theme_if_the_caller_may_say_such_things() {
    let test = stage().await;
    change(&test, "vpn", |theme| theme.filters_members = true).await;
    let key = async |scopes: &[&str]| {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let new = api_keys::NewKey { name: "app".to_owned(), scopes, ..api_keys::NewKey::default() };
        api_keys::add(&test.app, &by(), new).await.unwrap()
    };
    let asserting = key(&["validate:check", "assert-client"]).await;
    let plain = key(&["validate:check"]).await;
    let check = async |key: &str, theme: &str| {
        let mut request = form_request("/validate/check", &[("user", "alice"), ("pass", "right"), ("theme", theme)]);
        request.headers_mut().insert("x-api-key", key.parse().unwrap());
        test.send(request).await.authentication()
    };
    assert_eq!(check(asserting.expose(), "vpn").await, "REJECT", "a list of nobody");
    assert_eq!(check(asserting.expose(), "nowhere").await, "REJECT");
    assert_eq!(check(asserting.expose(), "DEFAULT").await, "CHALLENGE");
    assert_eq!(check(plain.expose(), "vpn").await, "CHALLENGE", "not for this caller to say");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_default_theme_stays() {
    let test = stage().await;
    let theme = test.app.settings().theme("default").unwrap().clone();
    let refusals = [
        themes::remove(&test.app, &by(), DEFAULT_THEME).await.unwrap_err(),
        themes::update(&test.app, &by(), Theme { is_enabled: false, ..theme.clone() }).await.unwrap_err(),
        themes::update(&test.app, &by(), Theme { name: ThemeName::parse("x").unwrap(), ..theme }).await.unwrap_err(),
    ];
    for refusal in refusals {
        assert!(matches!(&refusal, ManageError::Invalid(text) if text.contains("default theme")), "{refusal}");
    }
    let twin = Theme::new(0, ThemeName::parse("VPN").unwrap());
    assert!(matches!(themes::add(&test.app, &by(), twin).await, Err(ManageError::Taken(_))));
    let id = test.app.settings().theme("vpn").unwrap().id;
    themes::remove(&test.app, &by(), id).await.unwrap();
    assert!(matches!(themes::remove(&test.app, &by(), id).await, Err(ManageError::NotFound(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_network_has_so_many_first_steps_and_no_more() {
    let test = stage().await;
    let from = async |peer: &str, name: &str| {
        let request = form_request("/signin", &[("name", name), ("password", "")]);
        test.send_from(peer.parse().unwrap(), request).await.status.as_u16()
    };
    for turn in 0..300 {
        assert_eq!(from("[2001:db8::1]:1", &format!("name{turn}")).await, 303, "{turn}");
    }
    assert_eq!(from("[2001:db8::2]:1", "alice").await, 429, "the same network");
    assert!(test.app.metrics.render().contains("otpost_rate_limited_total{limit=\"sources\"} 1"));
    assert_eq!(from("[2001:db8:0:1::1]:1", "alice").await, 303, "another one");
    test.clock.advance(std::time::Duration::from_secs(1));
    assert_eq!(from("[2001:db8::3]:1", "alice").await, 303);
    assert_eq!(from("[2001:db8::3]:1", "alice").await, 429);
    let request = Request::get("/signin").body(Body::empty()).unwrap();
    assert_eq!(test.send_from("[2001:db8::3]:1".parse().unwrap(), request).await.status, 200, "looking is free");
}
