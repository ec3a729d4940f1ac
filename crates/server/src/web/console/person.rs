//! One person: enrollments, what can be done about them, and why sign-ins failed.

use std::time::Duration;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::badge::Badge;
use super::frame::{Console, Tab};
use super::line::{ShownLine, day};
use super::posted::Posted;
use super::problem;
use super::query::encode;
use super::said::Said;
use super::session::Session;
use crate::app::App;
use crate::manage::audit::{self, AuditFilter, Order};
use crate::manage::enrollments::{self, Targets};
use crate::manage::people::{self, Held, Person, State as Standing};
use crate::manage::{ManageError, users};
use crate::web::frame::{page, redirect};

#[derive(Template)]
#[template(path = "web/console/person.html")]
struct PersonPage {
    frame: Console,
    said: Option<Said>,
    id: String,
    address: String,
    name: String,
    full_name: String,
    realm: String,
    resolver: String,
    state: Badge,
    is_known_since: String,
    enrollments: Vec<Card>,
    lines: Vec<ShownLine>,
}

struct Card {
    serial: String,
    address: Option<String>,
    is_dynamic: bool,
    state: Badge,
    failures: u32,
    max_failures: u32,
    since: String,
    description: String,
    is_on: bool,
    is_revoked: bool,
}

/// The address of somebody's page. What names a person of a directory may hold anything, a slash too: that one
/// stays as it is, because some proxies refuse it in any other form.
pub(super) fn address(id: &str) -> String {
    let parts: Vec<_> = id.split('/').map(encode).collect();
    format!("/console/person/{}", parts.join("/"))
}

/// `GET /console/person/{id}`
pub(super) async fn get(
    State(app): State<App>,
    Extension(session): Extension<Session>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    match load(&app, &session, &id, Said::read(query.as_deref())).await {
        Ok(Some(shown)) => page(StatusCode::OK, &shown),
        Ok(None) => problem::not_found(&app),
        Err(error) => problem::failed(&app, &error),
    }
}

/// `POST /console/person/{id}`: all failures forgotten, all budgets given back.
pub(super) async fn reset(State(app): State<App>, Path(id): Path<String>, posted: Posted) -> Response {
    let by = posted.by("POST /console/person/reset");
    let outcome = async {
        let person = people::find(&app, &id).await?.ok_or_else(gone)?;
        let owner: users::Owner = (person.account, person.realm);
        enrollments::reset(&app, &by, Targets::of(&app, &owner).await?).await
    };
    match outcome.await {
        Ok(_) => redirect(&app, &format!("{}{}", address(&id), Said::Reset.query())),
        Err(error) => problem::failed(&app, &error),
    }
}

fn gone() -> ManageError {
    ManageError::NotFound("there is no such person any more".to_owned())
}

async fn load(app: &App, session: &Session, id: &str, said: Option<Said>) -> Result<Option<PersonPage>, ManageError> {
    let Some(person) = people::find(app, id).await? else {
        return Ok(None);
    };
    let since = Some(app.now() - SHOWN_FOR);
    let filter = AuditFilter { user_name: Some(person.account.name.clone()), since, ..AuditFilter::default() };
    let wanted = audit::Wanted { filter, order: Order::Newest, skip: 0, limit: SHOWN_LINES };
    let (lines, _) = audit::search(app, wanted).await?;
    let account = &person.account;
    Ok(Some(PersonPage {
        frame: Console::new(app, session, Tab::People),
        said,
        id: account.id.clone(),
        address: address(&account.id),
        name: account.name.clone(),
        full_name: format!("{} {}", account.given_name, account.surname).trim().to_owned(),
        realm: person.realm.clone(),
        resolver: account.resolver.clone(),
        state: Badge::of_state(person.state),
        is_known_since: day(account.created_at),
        enrollments: person.enrollments.iter().map(|held| Card::new(&person, held)).collect(),
        lines: lines.iter().map(ShownLine::new).collect(),
    }))
}

impl Card {
    fn new(person: &Person, held: &Held) -> Self {
        let enrollment = &held.stored.enrollment;
        Self {
            serial: enrollment.serial.as_str().to_owned(),
            address: person.masked_address(held),
            is_dynamic: enrollment.is_address_dynamic,
            state: Badge::of_state(held.state),
            failures: held.failures,
            max_failures: enrollment.max_failures,
            since: day(held.stored.created_at),
            description: held.stored.description.clone(),
            is_on: enrollment.is_active,
            is_revoked: held.state == Standing::Revoked,
        }
    }
}

const SHOWN_LINES: usize = 20;
const SHOWN_FOR: Duration = Duration::from_hours(30 * 24);
