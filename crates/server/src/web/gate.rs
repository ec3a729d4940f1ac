//! Gates: a proxy asks before each request whether its visitor may pass. Who has no session is sent to the
//! sign-in pages and comes back with a ticket, which the gate turns into a cookie of the guarded host.
//!
//! Only trusted proxies are answered: what they say about a request decides where people are sent.

use std::net::SocketAddr;

use axum::Extension;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::attempt::{Audience, Client, Device};
use domain::random;
use domain::secret::Secret;
use domain::theme::{ReturnTo, Theme, encoded};

use super::asked::Asked;
use crate::app::App;
use crate::auth::AuthError;
use crate::auth::passage::{self, Place, SignedIn};
use crate::failure;
use crate::origin::Origin;

/// How a gate answers who may not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// With 401 and the address in `Location`: nginx makes a redirect of it.
    Ask,
    /// With a redirect: Caddy and Traefik hand it to the browser.
    Redirect,
}

/// `GET /gate/{theme}`
pub(crate) async fn ask(
    State(app): State<App>,
    Extension(origin): Extension<Origin>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(theme): Path<String>,
    headers: HeaderMap,
) -> Response {
    answer(&app, (&origin, peer), &theme, &headers, Manner::Ask).await
}

/// `GET /gate/{theme}/redirect`
pub(crate) async fn redirect(
    State(app): State<App>,
    Extension(origin): Extension<Origin>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(theme): Path<String>,
    headers: HeaderMap,
) -> Response {
    answer(&app, (&origin, peer), &theme, &headers, Manner::Redirect).await
}

async fn answer(
    app: &App,
    (origin, peer): (&Origin, SocketAddr),
    theme: &str,
    headers: &HeaderMap,
    manner: Manner,
) -> Response {
    let peer = peer.ip().to_canonical();
    if !app.config.http.trusted_proxies.iter().any(|network| network.contains(&peer)) {
        tracing::warn!(%peer, "a gate was asked by a proxy that is not in http.trusted_proxies");
        return refuse("this proxy is not in http.trusted_proxies");
    }
    let settings = app.settings();
    let Some(theme) = settings.entrance(Some(theme)) else {
        return refuse("there is no such theme, or nobody can sign in there");
    };
    let Some(asked) = Asked::read(headers) else {
        return refuse("X-Forwarded-Proto, X-Forwarded-Host and X-Forwarded-Uri are needed, each once");
    };
    let gate = Gate { app, theme, asked: &asked, headers, client: client(origin, theme) };
    match gate.judge().await {
        Ok(Verdict::Pass(person)) => pass(&person),
        Ok(Verdict::Elsewhere { location, cookie }) => elsewhere(manner, &location, &cookie),
        Ok(Verdict::Refused(reason)) => refuse(reason),
        Err(error) => {
            failure::log(&error, "a gate could not judge");
            (StatusCode::SERVICE_UNAVAILABLE, "try again shortly\n").into_response()
        }
    }
}

/// One question of a proxy.
struct Gate<'a> {
    app: &'a App,
    theme: &'a Theme,
    asked: &'a Asked,
    headers: &'a HeaderMap,
    client: Client,
}

enum Verdict {
    /// They may.
    Pass(SignedIn),
    /// Not yet: this is the way there.
    Elsewhere { location: String, cookie: String },
    /// Never from here.
    Refused(&'static str),
}

impl Gate<'_> {
    async fn judge(&self) -> Result<Verdict, AuthError> {
        let (app, asked, theme) = (self.app, self.asked, self.theme.name.as_str());
        let token = asked.cookie(self.headers, &self.session_name()).map(Secret::new);
        if let Some(token) = &token {
            if asked.is_sign_out() {
                passage::end_session(app, token).await?;
            } else if let Some(person) = passage::find_session(app, &self.client, theme, token).await? {
                return Ok(Verdict::Pass(person));
            }
        }
        let place = asked.place();
        let Some(place) = place.filter(|place| self.theme.returns_to(place)) else {
            return Ok(Verdict::Refused("this address is not among the return addresses of the theme"));
        };
        match self.redeem(&place).await? {
            Some(cookie) => Ok(Verdict::Elsewhere { location: place.as_str().to_owned(), cookie }),
            None => self.to_sign_in(&place),
        }
    }

    /// The cookie of a new session, if they come back with a ticket that this very browser was sent for.
    async fn redeem(&self, place: &ReturnTo) -> Result<Option<String>, AuthError> {
        let Some((ticket, state)) = self.asked.ticket() else { return Ok(None) };
        if self.asked.cookie(self.headers, &self.way_name()) != Some(state) {
            return Ok(None);
        }
        let meant = Place { theme: self.theme.name.as_str(), return_to: place.as_str() };
        let token = passage::open_session(self.app, &self.client, &Secret::new(ticket), meant).await?;
        Ok(token.map(|token| self.asked.cookie_line(&self.session_name(), token.expose(), "")))
    }

    /// The way to the sign-in pages and back. A second tab takes the way of the first one.
    fn to_sign_in(&self, place: &ReturnTo) -> Result<Verdict, AuthError> {
        let Some(public_url) = &self.app.config.http.public_url else {
            return Ok(Verdict::Refused("http.public_url is not set: nobody knows where the sign-in pages are"));
        };
        let state = match self.asked.cookie(self.headers, &self.way_name()).filter(|kept| kept.len() == STATE_LENGTH) {
            Some(kept) => kept.to_owned(),
            None => URL_SAFE_NO_PAD.encode(random::bytes::<16>(&*self.app.random)?),
        };
        let (base, theme) = (public_url.as_str().trim_end_matches('/'), self.theme.name.as_str());
        let location = format!("{base}/signin/{theme}?return_to={}&state={}", encoded(place.as_str()), encoded(&state));
        let cookie = self.asked.cookie_line(&self.way_name(), &state, "; Max-Age=600");
        Ok(Verdict::Elsewhere { location, cookie })
    }

    fn session_name(&self) -> String {
        format!("otpost-gate-{}", self.theme.id)
    }

    fn way_name(&self) -> String {
        format!("otpost-way-{}", self.theme.id)
    }
}

fn client(origin: &Origin, theme: &Theme) -> Client {
    Client {
        group: "gate".to_owned(),
        label: "gate".to_owned(),
        address: origin.address,
        device: Device { address: origin.address, ..Device::default() },
        audience: Audience::Program,
        theme: Some(theme.name.as_str().to_owned()),
        request_id: origin.request_id.clone(),
        request_key: None,
    }
}

/// Both headers are always there, so that what a visitor sends under their names is always replaced.
fn pass(person: &SignedIn) -> Response {
    let mut response = StatusCode::OK.into_response();
    for (name, value) in [("remote-user", &person.user), ("remote-realm", &person.realm)] {
        let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) else {
            return refuse("the name cannot stand in a header");
        };
        response.headers_mut().insert(HeaderName::from_static(name), value);
    }
    response
}

fn elsewhere(manner: Manner, location: &str, cookie: &str) -> Response {
    let status = match manner {
        Manner::Ask => StatusCode::UNAUTHORIZED,
        Manner::Redirect => StatusCode::FOUND,
    };
    (status, [(header::LOCATION, location), (header::SET_COOKIE, cookie)]).into_response()
}

fn refuse(reason: &'static str) -> Response {
    (StatusCode::FORBIDDEN, format!("{reason}\n")).into_response()
}

/// 128 bits in base64.
const STATE_LENGTH: usize = 22;
