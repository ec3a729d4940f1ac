//! The description of the calls, held to the calls themselves.

use std::collections::BTreeSet;
use std::path::Path;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use otpost::config::{Config, Source};
use otpost::http::manage::{Watched, router};
use otpost::http::parallels;
use otpost::openapi::{GROUPS, Listener, document};
use otpost::serve;
use tower::ServiceExt;

use crate::app::TestApp;

type Call = (String, String);

#[tokio::test(flavor = "multi_thread")]
async fn every_call_of_the_public_listener_is_described_and_every_described_one_exists() {
    let test = TestApp::start().await;
    let doors = serve::doors(&test.app, None);
    let mut known = paths(&format!("{doors:?}"));
    // Behind the doors' own paths: those that are taken in any letter case.
    known.extend(paths(&format!("{:?}", parallels::routes())));
    known.retain(|path| is_for_programs(path));
    let offered = offered(&doors, known).await;
    assert_eq!(described(Listener::Public), offered);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_of_the_manage_listener_is_described_and_every_described_one_exists() {
    let test = TestApp::start().await;
    let (mailer, (_stopper, stop)) = (otpost::delivery::Mailer::default(), otpost::stop::channel());
    let watched = Watched { app: test.app.clone(), mailer, stop };
    let router = router(watched);
    let known = paths(&format!("{router:?}"));
    assert_eq!(described(Listener::Manage), offered(&router, known).await);
}

/// What is read without a running server is what a running one serves. A change of a call shows in review.
#[test]
fn the_document_in_the_repository_is_that_of_the_code() {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/openapi.json");
    let fresh = serde_json::to_string_pretty(&document("")).unwrap() + "\n";
    let kept = std::fs::read_to_string(&place).unwrap_or_default();
    let offered = Path::new(env!("CARGO_TARGET_TMPDIR")).join("openapi.json");
    std::fs::write(&offered, &fresh).unwrap();
    assert!(kept == fresh, "docs/reference/openapi.json is out of date: put {} in its place", offered.display());
}

#[test]
fn the_document_names_every_call_once() {
    let document = document("");
    let paths = document["paths"].as_object().unwrap();
    let calls = paths.values().flat_map(|item| item.as_object().unwrap().values());
    let ids: Vec<_> = calls.filter_map(|call| call["operationId"].as_str()).collect();
    let expected = GROUPS.iter().map(|group| group.operations.len()).sum::<usize>();
    assert_eq!(ids.len(), expected, "two calls share a path and a method");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), expected, "two calls share an id");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_served_with_the_path_people_reach_us_under() {
    let test = TestApp::start_with(|config| {
        let url = ("OTPOST_HTTP__PUBLIC_URL".to_owned(), "https://example.org/otp".to_owned());
        config.http.public_url = Config::load(Source::Nowhere, std::iter::once(url)).unwrap().http.public_url;
    });
    let reply = test.await.send(Request::get("/openapi.json").body(Body::empty()).unwrap()).await;
    assert_eq!(reply.json()["servers"][0]["url"], "/otp");
    assert_eq!(reply.json()["info"]["version"], env!("CARGO_PKG_VERSION"));
}

fn described(listener: Listener) -> BTreeSet<Call> {
    let groups = GROUPS.iter().filter(|group| group.listener == listener);
    let operations = groups.flat_map(|group| group.operations);
    let path = |path: &str| if parallels::owns(path) { path.to_lowercase() } else { path.to_owned() };
    operations.map(|operation| (operation.method.as_str().to_owned(), path(operation.path))).collect()
}

/// Pages for people are not calls.
fn is_for_programs(path: &str) -> bool {
    !["/assets/", "/console", "/enroll", "/gate", "/openapi", "/signin"].iter().any(|start| path.starts_with(start))
        || path == "/openapi.json"
}

/// Every method of these paths that the router knows: it tells by not refusing it.
async fn offered(router: &Router, paths: BTreeSet<String>) -> BTreeSet<Call> {
    let mut offered = BTreeSet::new();
    for path in paths {
        for method in ["DELETE", "GET", "PATCH", "POST", "PUT"] {
            let concrete = path.replace(['{', '}'], "");
            let mut request = Request::builder()
                .method(method)
                .uri(&concrete)
                .header("host", "localhost")
                .body(Body::empty())
                .unwrap();
            let peer: std::net::SocketAddr = "127.0.0.1:40000".parse().unwrap();
            request.extensions_mut().insert(ConnectInfo(peer));
            let status = router.clone().oneshot(request).await.unwrap().status();
            // A redirect adds the slash to a path that is described with it. Only the GET with a PIN in
            // its address is there and switched off.
            let is_there = status != 405 || (method, path.as_str()) == ("GET", "/validate/check");
            if is_there && status != 308 {
                offered.insert((method.to_owned(), path.clone()));
            }
        }
    }
    offered
}

fn paths(printed: &str) -> BTreeSet<String> {
    let quoted = printed.split('"').skip(1).step_by(2).filter(|text| text.starts_with('/'));
    // The framework's own: what it asks where no path fits.
    let paths: BTreeSet<_> =
        quoted.filter(|path| *path != "/" && !path.contains("__private")).map(str::to_owned).collect();
    assert!(paths.len() > 3, "the router does not tell its paths any more: {printed}");
    paths
}
