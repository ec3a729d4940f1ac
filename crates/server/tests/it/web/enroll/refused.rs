//! Who may not enroll, and what may not be chosen.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_offered_can_be_chosen() {
    let (test, account) = bob(|_| {}).await;
    let mut visitor = Visitor::new(&test);
    visitor.begin("bob", "right").await;
    let other = visitor.post("/enroll", &[("choice", "other"), ("address", "mine@evil.example")]).await;
    assert_eq!((other.status.as_u16(), other.text().contains(CLOSED)), (403, true));
    let change = users::UserChange { email: Some(String::new()), ..users::UserChange::default() };
    users::update(&test.app, &by(), &account.resolver, "bob", change).await.unwrap();
    assert!(visitor.post("/enroll", SEND_LISTED).await.text().contains(NO_ADDRESS));
    let told = visitor.post("/signin", &[("name", "bob"), ("password", "right")]).await;
    assert_eq!((told.status.as_u16(), told.text().contains(NO_ADDRESS)), (403, true), "R8");
    test.set_provider(|provider| provider.external_address = ExternalAddress::Allowed).await;
    assert_eq!(visitor.begin("bob", "right").await, "/enroll", "R7");
    let page = visitor.get("/enroll").await.text();
    assert!(page.contains("Your e-mail address") && !page.contains("value=\"listed\""), "{page}");
    assert!(test.sink.mails().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_enroll_is_told_so_after_the_right_password_alone() {
    let (test, account) = bob(|_| {}).await;
    let closed = ProviderDraft {
        name: Some("Closed".to_owned()),
        display_name: Some(String::new()),
        is_enabled: Some(true),
        user_enrollment: Some(EnrollmentMode::DoNotAllow),
        ..ProviderDraft::default()
    };
    let closed = providers::create(&test.app, &by(), 1, closed).await.unwrap();
    assert_eq!(closed.provider.id, 2);
    providers::assign(&test.app, &by(), &account, Some(2)).await.unwrap();
    let mut visitor = Visitor::new(&test);
    let told = visitor.post("/signin", &[("name", "bob"), ("password", "right")]).await;
    assert_eq!((told.status.as_u16(), told.text().contains(CLOSED)), (403, true));
    assert!(visitor.begin("bob", "wrong").await.starts_with("/signin/code/"));
    providers::assign(&test.app, &by(), &account, None).await.unwrap();
    assert_eq!(visitor.begin("bob", "right").await, "/enroll");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_closes_on_the_way_stops_every_step() {
    let (test, _) = bob(|_| {}).await;
    let until = test.app.now() + Duration::from_secs(60);
    test.set_provider(|provider| provider.user_enrollment = UserEnrollment::AllowUntil(until)).await;
    let mut visitor = Visitor::new(&test);
    let path = visitor.ask(SEND_LISTED).await;
    let code = test.code_to("bob@example.org").await;
    test.clock.advance(Duration::from_secs(60));
    assert!(visitor.hand_in(&path, &code).await.contains(CLOSED));
    assert!(visitor.get("/enroll").await.text().contains(CLOSED));
    assert!(visitor.post("/enroll", SEND_LISTED).await.text().contains(CLOSED));
    assert!(enrolled(&test).await.is_empty());
    test.set_provider(|provider| provider.user_enrollment = UserEnrollment::Allow).await;
    assert_eq!(visitor.hand_in(&path, &code).await, "/signin/done", "the closed window cost no try");
}
