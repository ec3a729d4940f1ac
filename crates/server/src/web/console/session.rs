//! The session of a browser: the layer that asks for one, its cookie, and the token of its forms.
//!
//! The cookie holds the session's token under our signature and the instant until which it may lie
//! idle; each answer sets it anew. What ends a session on the server is its row.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::name::UserName;
use domain::secret::Secret;
use subtle::ConstantTimeEq;

use super::problem;
use crate::app::App;
use crate::manage::sessions::SessionKind;
use crate::manage::{By, sessions};
use crate::origin::Origin;
use crate::web::cookie::{self, Kind};
use crate::web::frame::redirect;

/// Who is signed in, in which browser.
#[derive(Clone)]
pub(super) struct Session {
    /// The administrator.
    pub(super) admin: UserName,
    /// The token of the session.
    pub(super) token: Secret,
    /// What every form of this session brings back.
    pub(super) form_proof: String,
}

impl Session {
    /// The session that a browser shows, if it is still open.
    async fn find(app: &App, headers: &HeaderMap) -> Result<Option<Self>, crate::manage::ManageError> {
        let Some(token) = shown_token(app, headers) else {
            return Ok(None);
        };
        let found = sessions::find(app, SessionKind::Console, &token).await?;
        let form_proof = cookie::bound_to(app, token.expose());
        Ok(found.map(|found| Self { admin: found.admin.name, token, form_proof }))
    }

    /// Whether a form was made for this session.
    pub(super) fn made(&self, shown: &str) -> bool {
        self.form_proof.as_bytes().ct_eq(shown.as_bytes()).into()
    }

    /// The administrator as the audit names them.
    pub(super) fn by(&self, origin: &Origin, action: &str) -> By {
        By {
            actor: self.admin.as_str().to_owned(),
            action: action.to_owned(),
            address: origin.place(),
            request_id: origin.request_id.clone(),
        }
    }
}

/// The token in a cookie that we signed and that has not lain idle for too long.
pub(super) fn shown_token(app: &App, headers: &HeaderMap) -> Option<Secret> {
    let fields = cookie::verify(app, Kind::Console, cookie::find(app, Kind::Console, headers)?)?;
    if let [token] = fields.as_slice() { Some(Secret::new(token.as_str())) } else { None }
}

/// The line that makes the browser keep a token for as long as it may lie idle.
pub(super) fn keep(app: &App, token: &Secret) -> String {
    cookie::set(app, Kind::Console, &cookie::sign(app, Kind::Console, &[token.expose()]))
}

/// The layer: nobody without a session sees anything but the way to sign in.
pub(super) async fn require(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let session = match Session::find(&app, request.headers()).await {
        Ok(Some(session)) => session,
        Ok(None) => return redirect(&app, "/console/signin").into_response(),
        Err(error) => return problem::failed(&app, &error),
    };
    let token = session.token.clone();
    request.extensions_mut().insert(session);
    let mut response = next.run(request).await;
    // Signing out has set the cookie already.
    if !response.headers().contains_key(header::SET_COOKIE)
        && let Ok(line) = HeaderValue::from_str(&keep(&app, &token))
    {
        response.headers_mut().insert(header::SET_COOKIE, line);
    }
    response
}
