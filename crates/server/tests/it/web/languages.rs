//! The languages of the pages.

use axum::body::Body;
use axum::http::Request;

use super::{Visitor, id_in, location};
use crate::app::{Reply, TestApp};

async fn get(visitor: &mut Visitor<'_>, path: &str, accepts: &str) -> Reply {
    let request = Request::get(path).header("host", "localhost").header("accept-language", accepts);
    visitor.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_says_which_language_and_the_address_says_it_louder() {
    let test = TestApp::start().await;
    let mut visitor = Visitor::new(&test);
    for (path, accepts, tag, title) in [
        ("/", "de-AT,de;q=0.9", "de", "Anmelden"),
        ("/", "fr", "fr", "Se connecter"),
        ("/", "es-MX", "es", "Iniciar sesión"),
        ("/", "ja", "en", "Sign in"),
        ("/?lang=fr", "de", "fr", "Se connecter"),
        ("/signin/default?lang=DE", "es", "de", "Anmelden"),
        ("/?lang=ja", "es", "es", "Iniciar sesión"),
        ("/signin/nowhere", "de", "de", "Diese Seite gibt es nicht"),
    ] {
        let page = get(&mut visitor, path, accepts).await.text();
        assert!(page.contains(&format!("<html lang=\"{tag}\">")), "{path} {accepts}: {page}");
        assert!(page.contains(&format!("<h1>{title}</h1>")), "{path} {accepts}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_language_that_was_asked_for_stays_in_every_address() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    let mut alice = Visitor::new(&test);
    let start = alice.get("/?lang=de").await.text();
    assert!(start.contains("action=\"/signin?lang=de\""), "{start}");
    let begun = alice.post("/signin?lang=de", &[("name", "alice"), ("password", "1234")]).await;
    let path = location(&begun.headers);
    assert!(path.ends_with("?lang=de"), "{path}");
    let page = alice.get(&path).await.text();
    assert!(page.contains("Sehen Sie in Ihr Postfach") && page.contains("action=\"/signin/code?lang=de\""), "{page}");
    assert!(page.contains("Enter the code sent to your e-mail address."), "the prompt is the administrator's");
    let id = id_in(&path);
    let wrong = alice.post("/signin/code?lang=de", &[("id", &id), ("code", "000000")]).await;
    assert_eq!(location(&wrong.headers), format!("/signin/code/{id}?said=wrong&lang=de"));
    let page = alice.get(&location(&wrong.headers)).await.text();
    assert!(page.contains("Der Code ist falsch oder abgelaufen."), "{page}");
    let code = test.code_to("alice@example.org").await;
    let done = alice.post("/signin/code?lang=de", &[("id", &id), ("code", &code)]).await;
    assert_eq!(location(&done.headers), "/signin/done?lang=de");
    assert!(alice.get("/signin/done?lang=de").await.text().contains("Sie sind angemeldet"));
}
