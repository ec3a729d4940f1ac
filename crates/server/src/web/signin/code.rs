//! The second step: the code. Its page has an address of its own, and showing it does nothing.

use std::time::Duration;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::attempt::{Attempt, Proof};
use domain::challenge::{MAX_SENDS, RESEND_AFTER};
use domain::secret::Secret;
use domain::time::Timestamp;
use domain::verdict::Verdict;
use serde::Deserialize;

use super::{Pending, Said, client, done};
use crate::app::App;
use crate::auth;
use crate::auth::waiting::{self, ShownChallenge};
use crate::origin::Origin;
use crate::web::frame::{Frame, page, redirect};
use crate::web::problem;
use crate::web::same_origin::OwnForm;
use crate::web::visit::Visit;
use crate::web::when::When;

#[derive(Template)]
#[template(path = "web/signin/code.html")]
struct CodePage {
    frame: Frame,
    said: Option<Said>,
    id: String,
    name: String,
    /// What people call the provider.
    provider: String,
    prompt: String,
    until: When,
    /// Milliseconds until the code is refused.
    left: u128,
    /// Milliseconds until the mail may be asked for again; none when it never may.
    wait: Option<u128>,
}

/// What the form sends.
#[derive(Deserialize)]
pub(crate) struct Typed {
    id: String,
    #[serde(deserialize_with = "super::secret")]
    code: Secret,
}

/// `GET /signin/code/{id}`
pub(crate) async fn get(
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    visit: Visit,
    headers: HeaderMap,
) -> Response {
    let said = Said::read(query.as_deref());
    let Some(pending) = Pending::find(&app, &headers, &id) else {
        return problem::ended(&app, &visit, said);
    };
    let visit = visit.on(&pending.journey);
    match waiting::find(&app, &pending.id).await {
        Ok(Some(open)) => page(StatusCode::OK, &CodePage::new(&app, &visit, &pending, (&open, said))),
        Ok(None) => problem::ended(&app, &visit, said),
        Err(error) => problem::busy(&app, &visit, &error),
    }
}

/// `POST /signin/code`
pub(crate) async fn post(
    State(app): State<App>,
    Extension(origin): Extension<Origin>,
    visit: Visit,
    headers: HeaderMap,
    OwnForm(typed): OwnForm<Typed>,
) -> Response {
    let Some(pending) = Pending::find(&app, &headers, &typed.id) else {
        return problem::ended(&app, &visit, None);
    };
    let visit = visit.on(&pending.journey);
    let proof = Proof::Answer { challenge: Some(pending.id.clone()), typed: tidy(&typed.code) };
    let attempt = Attempt { who: pending.who(), proof, client: client(&origin, &pending.journey) };
    match auth::authenticate(&app, &attempt, "POST /signin/code").await {
        Ok(Verdict::Accept(accepted)) => {
            let by = (&attempt.client, &attempt.who);
            done::accepted(&app, &visit, &pending.journey, by, (&accepted, Some(&pending.id))).await
        }
        // To a page of its own: a reload shows the refusal again and tries nothing.
        Ok(_) => redirect(&app, &pending.path(Some(Said::Wrong))),
        Err(error) => problem::busy(&app, &visit, &error),
    }
}

impl CodePage {
    fn new(app: &App, visit: &Visit, pending: &Pending, (open, said): (&ShownChallenge, Option<Said>)) -> Self {
        let provider = pending.journey.provider(app);
        let now = app.now();
        let may_resend = open.sends < i64::from(MAX_SENDS);
        Self {
            frame: Frame::around(app, visit),
            said,
            id: pending.id.as_str().to_owned(),
            name: pending.name.as_str().to_owned(),
            provider: provider.shown_name().to_owned(),
            prompt: provider.prompt.as_str().to_owned(),
            until: When::new(open.expires_at),
            left: open.expires_at.since(now).as_millis(),
            wait: may_resend.then(|| resend_in(open, now).as_millis()),
        }
    }

    fn is_wrong(&self) -> bool {
        self.said.is_some_and(Said::is_error)
    }
}

fn resend_in(open: &ShownChallenge, now: Timestamp) -> Duration {
    (open.last_sent_at + RESEND_AFTER).since(now)
}

/// What copying brings along goes: blanks, invisible characters. Digits of other scripts are none, as at every door.
pub(in crate::web) fn tidy(typed: &Secret) -> Secret {
    let is_noise =
        |c: &char| c.is_whitespace() || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}');
    let narrow = |c: char| match c {
        '\u{2010}'..='\u{2015}' => '-',
        other => other,
    };
    Secret::new(typed.expose().chars().filter(|c| !is_noise(c)).map(narrow).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_copying_adds_is_dropped_and_nothing_else() {
        for typed in ["123 456", " 123456\n", "\u{feff}123\u{200b}456", "123\u{a0}456"] {
            assert_eq!(tidy(&Secret::new(typed)).expose(), "123456", "{typed:?}");
        }
        assert_eq!(tidy(&Secret::new("12a456")).expose(), "12a456");
        assert_eq!(tidy(&Secret::new("１２３４５６")).expose(), "１２３４５６");
    }
}
