//! Mail relays: how they do, and a test mail.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::badge::Badge;
use super::frame::{Console, Tab};
use super::posted::Posted;
use super::problem;
use super::query::encode;
use super::session::Session;
use crate::app::App;
use crate::manage::overview;
use crate::manage::relays::{self, StoredRelay, TestMail, TestOutcome};
use crate::web::frame::page;

#[derive(Template)]
#[template(path = "web/console/relays.html")]
struct RelaysPage {
    frame: Console,
    relays: Vec<Row>,
    /// What came of a test, and whether that was good.
    tested: Option<(String, bool)>,
    recipient: String,
}

struct Row {
    name: String,
    /// The name as it stands in an address.
    path: String,
    server: String,
    security: &'static str,
    sender: String,
    user_name: String,
    has_password: bool,
    description: String,
    health: Badge,
}

/// `GET /console/relays`
pub(super) async fn get(State(app): State<App>, Extension(session): Extension<Session>) -> Response {
    show(&app, &session, None, "")
}

/// `POST /console/relays/test`: with the stored values; the answer is as coarse as everywhere.
pub(super) async fn test(State(app): State<App>, posted: Posted) -> Response {
    let recipient = posted.text("recipient").trim().to_owned();
    let outcome = async {
        let relay = relays::find(&app, posted.text("relay"))?;
        let mail = TestMail { relay, recipient: recipient.clone() };
        relays::test(&app, &posted.by("POST /console/relays/test"), mail).await
    };
    match outcome.await {
        Ok(outcome) => {
            let tested = (outcome.message(), outcome == TestOutcome::Accepted);
            show(&app, &posted.session, Some(tested), &recipient)
        }
        Err(error) => problem::failed(&app, &error),
    }
}

fn show(app: &App, session: &Session, tested: Option<(String, bool)>, recipient: &str) -> Response {
    let relays = overview::relays(app).into_iter();
    let shown = RelaysPage {
        frame: Console::new(app, session, Tab::Relays),
        relays: relays.map(|(relay, health)| Row::new(relay, Badge::of_health(health))).collect(),
        tested,
        recipient: recipient.to_owned(),
    };
    page(StatusCode::OK, &shown)
}

impl Row {
    fn new(relay: StoredRelay, health: Badge) -> Self {
        Self {
            server: format!("{} port {}", relay.host, relay.port),
            security: match relay.security.as_str() {
                "implicit" => "TLS from the first byte",
                "starttls" => "STARTTLS, required",
                _ => "no encryption",
            },
            has_password: relay.sealed_password.is_some(),
            path: encode(&relay.name),
            name: relay.name,
            sender: relay.sender,
            user_name: relay.user_name,
            description: relay.description,
            health,
        }
    }
}
