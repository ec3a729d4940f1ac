//! Looking for people.

use askama::Template;
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::badge::{Badge, STATES};
use super::frame::{Console, Tab};
use super::person;
use super::problem;
use super::query::{Query, encode};
use super::session::Session;
use crate::app::App;
use crate::manage::people::{self, PAGE_SIZE, Person, Wanted};
use crate::web::frame::page;

#[derive(Template)]
#[template(path = "web/console/people.html")]
struct PeoplePage {
    frame: Console,
    text: String,
    /// Word, name, whether it is chosen.
    states: Vec<(&'static str, &'static str, bool)>,
    people: Vec<Row>,
    count: usize,
    first: usize,
    last: usize,
    /// Addresses of the pages beside this one.
    before: Option<String>,
    after: Option<String>,
}

struct Row {
    address: String,
    name: String,
    full_name: String,
    realm: String,
    state: Badge,
    enrollments: usize,
}

/// `GET /console/people`
pub(super) async fn get(
    State(app): State<App>,
    Extension(session): Extension<Session>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Query::parse(query.as_deref());
    let word = query.text("state");
    let state = STATES.into_iter().find(|(_, name, _)| *name == word).map(|(state, ..)| state);
    let (text, number) = (query.text("text").to_owned(), query.page());
    let (count, people) = match people::list(&app, Wanted { text: text.clone(), state, page: number }).await {
        Ok(found) => found,
        Err(error) => return problem::failed(&app, &error),
    };
    let base = &app_base(&app);
    let to = |number: usize| format!("{base}/console/people?text={}&state={word}&page={number}", encode(&text));
    let first = (number - 1).saturating_mul(PAGE_SIZE);
    let last = first.saturating_add(people.len());
    let shown = PeoplePage {
        frame: Console::new(&app, &session, Tab::People),
        states: STATES.map(|(_, name, label)| (name, label, name == word)).to_vec(),
        before: (number > 1).then(|| to(number - 1)),
        after: (last < count).then(|| to(number + 1)),
        people: people.into_iter().map(Row::new).collect(),
        count,
        first: first + 1,
        last,
        text,
    };
    page(StatusCode::OK, &shown)
}

fn app_base(app: &App) -> String {
    crate::web::frame::Frame::of(app).base
}

impl Row {
    fn new(person: Person) -> Self {
        let Person { account, realm, enrollments, state } = person;
        Self {
            full_name: format!("{} {}", account.given_name, account.surname).trim().to_owned(),
            address: person::address(&account.id),
            name: account.name,
            realm,
            state: Badge::of_state(state),
            enrollments: enrollments.len(),
        }
    }
}
