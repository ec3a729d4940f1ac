//! What is set: shown, not changed. Changing is done by the calls, which the page names.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::provider::FirstFactor;
use domain::time::Timestamp;

use super::badge::Badge;
use super::frame::{Console, Tab};
use super::line::day;
use super::session::Session;
use crate::app::App;
use crate::config::RadiusClient;
use crate::manage::settings;
use crate::settings::Settings;
use crate::web::frame::page;

#[derive(Template)]
#[template(path = "web/console/settings.html")]
struct SettingsPage {
    frame: Console,
    /// What applies, in words, with its name at the interface.
    provider: Vec<(&'static str, String, &'static str)>,
    content: String,
    /// Name, what proves the first factor, resolvers, whether it is the default one.
    realms: Vec<(String, &'static str, String, bool)>,
    keys: Vec<KeyRow>,
    /// Where RADIUS is answered; empty for nowhere.
    radius: String,
    /// Name, address, whether each packet must be signed; the narrowest network first.
    clients: Vec<(String, String, &'static str)>,
    /// Names and values as they are stored, sealed ones behind a placeholder.
    values: Vec<(String, String)>,
}

struct KeyRow {
    name: String,
    id: String,
    scopes: String,
    state: Badge,
    until: String,
}

/// `GET /console/settings`
pub(super) async fn get(State(app): State<App>, Extension(session): Extension<Session>) -> Response {
    let current = app.settings();
    let provider = current.default_provider();
    let standard = current.first_factor(None, &provider);
    let realms = current.realms.iter().map(|realm| {
        let is_default = current.default_realm().is_some_and(|default| default.name == realm.name);
        let factor = realm.first_factor.unwrap_or(standard);
        (realm.name.as_str().to_owned(), in_words(factor), realm.resolvers.join(", "), is_default)
    });
    let shown = SettingsPage {
        frame: Console::new(&app, &session, Tab::Settings),
        provider: facts(&current),
        content: provider.content.as_str().to_owned(),
        realms: realms.collect(),
        keys: keys(&current, app.now()),
        radius: app.config.radius.listen.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        clients: clients(&app),
        values: settings::list(&current).into_iter().collect(),
    };
    page(StatusCode::OK, &shown)
}

fn facts(settings: &Settings) -> Vec<(&'static str, String, &'static str)> {
    let provider = settings.default_provider();
    let truth = |is: bool| if is { "yes" } else { "no" }.to_owned();
    let forgotten = match settings.clear_failures_after().as_secs() / 60 {
        0 => "never by themselves".to_owned(),
        minutes => format!("after {minutes} minutes"),
    };
    vec![
        ("Digits of a code", provider.code_length.digits().to_string(), "DefaultOtpLen"),
        ("A code lives", format!("{} seconds", provider.lifetime.seconds()), "email.validtime"),
        ("First factor", in_words(provider.first_factor).to_owned(), "otppin"),
        ("Several challenges at once", truth(provider.concurrent_challenges), "email.concurrent_challenges"),
        ("Failures are forgotten", forgotten, "failcounter_clear_timeout"),
        ("Wrong PINs count as failures", truth(settings.counts_wrong_pins()), "IncFailCountOnFalsePin"),
        ("user@realm is taken apart", truth(settings.splits_at_sign()), "splitAtSign"),
        ("Prompt", provider.prompt.as_str().to_owned(), "email.challenge_text"),
        ("Language of notices", settings.notice_language().tag().to_owned(), "notice.language"),
        ("Subject of the mail", provider.subject.as_str().to_owned(), "email.subject"),
    ]
}

/// Never a secret.
fn clients(app: &App) -> Vec<(String, String, &'static str)> {
    let mut clients: Vec<_> = app.config.radius.clients.iter().collect();
    clients.sort_by_key(|client| std::cmp::Reverse(client.address.prefix_len()));
    let row = |client: &&RadiusClient| {
        (client.name.clone(), client.address.to_string(), client.require_message_authenticator.as_str())
    };
    clients.iter().map(row).collect()
}

fn keys(settings: &Settings, now: Timestamp) -> Vec<KeyRow> {
    let rows = settings.api_keys.iter().map(|key| KeyRow {
        name: key.name.clone(),
        id: key.id.clone(),
        scopes: crate::api_key::SCOPES
            .iter()
            .filter(|scope| key.may(**scope))
            .map(|scope| scope.as_str())
            .collect::<Vec<_>>()
            .join(", "),
        state: Badge::of_key(key.revoked_at.is_some(), key.expires_at.is_some_and(|at| at <= now)),
        until: key.expires_at.map(day).unwrap_or_default(),
    });
    rows.collect()
}

/// What proves the first factor.
pub(super) const fn in_words(factor: FirstFactor) -> &'static str {
    match factor {
        FirstFactor::None => "none: the code alone",
        FirstFactor::TokenPin => "the PIN of the enrollment",
        FirstFactor::UserStore => "the user's password",
    }
}
