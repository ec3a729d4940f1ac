//! Every encoding of the same fields gives the same fields.

use axum::body::Body;

use super::*;

async fn read(agent: &str, kind: &str, query: &str, body: &str) -> Result<Params, Failure> {
    let request = Request::post(format!("/validate/check{query}"))
        .header("user-agent", agent)
        .header("content-type", kind)
        .body(Body::from(body.to_owned()))
        .expect("request");
    Params::from_request(request, &()).await
}

const FORM: &str = "application/x-www-form-urlencoded";

async fn pass_of(agent: &str, body: &str) -> String {
    let params = read(agent, FORM, "", body).await.unwrap_or_else(|failure| panic!("refused: {failure:?}"));
    params.secret("pass").ok().flatten().expect("given").expose().to_owned()
}

#[tokio::test]
async fn the_extra_layer_follows_the_agent() {
    assert_eq!(pass_of("FreeRADIUS", "pass=a%252541%2Bb").await, "a%41+b");
    assert_eq!(pass_of("FreeRADIUS", "pass=a%2520b%2Bc").await, "a b+c");
    assert_eq!(pass_of("privacyIDEA-Keycloak/1.8 Keycloak/26", "pass=a%2Bb%252Bc").await, "a b+c");
    assert_eq!(pass_of("curl/8.0", "pass=a%2541").await, "a%41");
    assert_eq!(pass_of("PAM/2.15.0", "pass=100%25").await, "100%");
    assert_eq!(pass_of("something", "pass=100%25").await, "100%", "a lone percent sign stands for itself");
}

#[tokio::test]
async fn every_way_of_sending_gives_the_same_fields() {
    let multipart = "--B\r\nContent-Disposition: form-data; name=\"user\"\r\n\r\nann\r\n--B\r\n\
        Content-Disposition: form-data; name=\"pass\"\r\n\r\na%41 b\r\n--B--\r\n";
    let ways = [
        read("curl", FORM, "", "user=ann&pass=a%2541+b").await,
        read("curl", FORM, "?user=ann&pass=a%2541%20b", "").await,
        read("x", "application/json", "", r#"{"user": "ann", "pass": "a%41 b"}"#).await,
        read("x", "text/plain", "", r#"{"user": "ann", "pass": "a%41 b"}"#).await,
        read("x", "multipart/form-data; boundary=B", "", multipart).await,
    ];
    for way in ways {
        let params = way.unwrap_or_else(|failure| panic!("refused: {failure:?}"));
        assert_eq!((params.text("user"), params.text("pass")), (Some("ann"), Some("a%41 b")));
    }
}

#[tokio::test]
async fn the_query_wins_over_the_body() {
    let params = read("curl", FORM, "?user=query", "user=body&pass=")
        .await
        .unwrap_or_else(|failure| panic!("refused: {failure:?}"));
    assert_eq!(params.text("user"), Some("query"));
    assert!(params.secret("pass").ok().flatten().is_some_and(|pass| pass.is_empty()), "an empty pass is a pass");
}

#[tokio::test]
async fn bad_input_is_refused_in_words() {
    let long = format!("pass={}", "x".repeat(257));
    let many = (0..101).map(|n| format!("p{n}=1")).collect::<Vec<_>>().join("&");
    for (kind, body, words) in [
        (FORM, "user=a&user=b", "more than once"),
        ("application/json", r#"{"user": "a", "user": "b"}"#, "more than once"),
        ("application/json", r#"{"user": "#, "line 1, column"),
        ("application/json", "[1]", "could not be read"),
        (FORM, "user=%ff", "UTF-8"),
        (FORM, &many, "More than 100"),
    ] {
        let failure = read("curl", kind, "", body).await.err().expect("refused");
        assert!(format!("{failure:?}").contains(words), "{failure:?}");
    }
    let params = read("curl", FORM, "", &long).await.unwrap_or_else(|failure| panic!("refused: {failure:?}"));
    assert!(params.secret("pass").is_err());
}
