//! Forms are taken from our own pages only.

use axum::Form;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::Response;

use serde::de::DeserializeOwned;

use super::cookie::{self, Kind};
use super::problem;
use super::visit::Visit;

use crate::app::App;
use crate::config::PublicUrl;

/// Proof that a form was sent by one of our pages, or by no browser at all.
pub struct SameOrigin;

impl FromRequestParts<App> for SameOrigin {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let headers = &parts.headers;
        let has_visited = [Kind::Console, Kind::Enroll, Kind::Visit, Kind::SignIn]
            .iter()
            .any(|kind| cookie::find(app, *kind, headers).is_some());
        let public_url = app.config.http.public_url.as_ref();
        if is_ours(headers, public_url, has_visited) {
            Ok(Self)
        } else {
            Err(problem::cross_site(app, &Visit::of(app, parts)))
        }
    }
}

/// What a form of our own pages brought. Anything else is answered before a handler sees it.
pub struct OwnForm<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for OwnForm<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        SameOrigin::from_request_parts(&mut parts, app).await?;
        let visit = Visit::of(app, &parts);
        let form = Form::from_request(Request::from_parts(parts, body), app).await;
        form.map(|Form(typed)| Self(typed)).map_err(|_| problem::unreadable(app, &visit))
    }
}

/// What the browser says about the page a form is on. `Sec-Fetch-Site` settles it; without it (old
/// browsers, plain HTTP) `Origin` does. Our own pages send `Origin: null` there, because they send
/// no referrer; then a cookie that never crosses sites has to be there.
fn is_ours(headers: &HeaderMap, public_url: Option<&PublicUrl>, has_visited: bool) -> bool {
    let text = |value: &axum::http::HeaderValue| value.to_str().unwrap_or_default().to_owned();
    if let Some(site) = headers.get("sec-fetch-site").map(text) {
        return matches!(site.as_str(), "same-origin" | "none");
    }
    let Some(origin) = headers.get(header::ORIGIN).map(text) else {
        return true;
    };
    if origin == "null" {
        return has_visited;
    }
    let host = headers.get(header::HOST).map(text).unwrap_or_default();
    let is_host = origin.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(&host));
    is_host || public_url.is_some_and(|url| url.origin().eq_ignore_ascii_case(&origin))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: &[(&'static str, &str)], has_visited: bool) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert("host", "otp.example.org:8443".parse().expect("host"));
        for (name, value) in lines {
            headers.insert(*name, value.parse().expect("header"));
        }
        is_ours(&headers, None, has_visited)
    }

    #[test]
    fn forms_of_other_sites_are_refused() {
        for site in ["cross-site", "same-site", "", "nonsense"] {
            assert!(!check(&[("sec-fetch-site", site)], true), "{site}");
        }
        assert!(!check(&[("origin", "https://evil.example")], true));
        assert!(!check(&[("origin", "https://otp.example.org:8443.evil.example")], true));
        assert!(!check(&[("origin", "otp.example.org:8443")], true));
        assert!(!check(&[("origin", "null")], false));
        assert!(!check(&[("sec-fetch-site", "cross-site"), ("origin", "https://otp.example.org:8443")], true));
    }

    #[test]
    fn our_own_forms_are_taken_from_every_browser() {
        assert!(check(&[("sec-fetch-site", "same-origin"), ("origin", "null")], false));
        assert!(check(&[("origin", "https://OTP.example.org:8443")], false));
        assert!(check(&[("origin", "null")], true));
        assert!(check(&[], false), "no browser, no site to cross");
    }
}
