//! Handing on that somebody has signed in: a ticket for the application that asked, a session for a gate.
//!
//! Either says what the sign-in rested on. It holds only as long as that does: the account, its password,
//! the enrollment whose code was right, the theme that let them in.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::attempt::{Client, Who};
use domain::enrollment::Serial;
use domain::name::{RealmName, UserName};
use domain::random;
use domain::secret::Secret;
use domain::theme::ReturnTo;
use domain::time::Timestamp;
use domain::verdict::Accepted;
use hmac::Mac;
use sha2::Sha256;

use super::{AuthError, enroll, event, facts, resolve};
use crate::app::App;
use crate::directory::Freshness;
use crate::store::StoreError;
use crate::store::command::{Change, Event};
use crate::store::passages::{self, GateSession, Passage};
use crate::token::{self, hash};

/// Somebody who has signed in, as an application or a gate is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The name of the account.
    pub user: String,
    /// Its realm.
    pub realm: String,
    /// The theme they signed in at.
    pub theme: String,
    /// The provider of that theme.
    pub provider: String,
    /// When they signed in.
    pub at: Timestamp,
}

/// Issues a ticket to somebody who was just accepted: it is good once, for one minute, for that address.
/// None if they are nobody by now.
pub async fn issue(
    app: &App,
    client: &Client,
    who: &Who,
    accepted: &Accepted,
    return_to: &ReturnTo,
) -> Result<Option<Secret>, AuthError> {
    let Some(passage) = passage(app, client, who, accepted.serial.clone()).await? else {
        return Ok(None);
    };
    let ticket = signed(app)?;
    let statements = vec![
        passages::forget_tickets_before(app.now() - TICKET_LIFE),
        passages::issue_ticket(hash(&ticket), &passage, return_to.as_str()),
    ];
    let event = Event { detail: return_to.origin().to_owned(), ..line(app, client, "ticket", &passage)? };
    app.store.keep(Change { statements, event }).await?;
    Ok(Some(ticket))
}

/// Where a ticket is shown.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The theme.
    pub theme: &'a str,
    /// The address that somebody comes back to.
    pub return_to: &'a str,
}

/// Redeems a ticket, once, at the theme and for the very address that it was issued for. None for
/// everything that is no good, for whatever reason.
pub async fn redeem(
    app: &App,
    client: &Client,
    ticket: &Secret,
    place: Place<'_>,
) -> Result<Option<SignedIn>, AuthError> {
    let Some(passage) = find(app, ticket, place).await? else {
        let event = event::line(app, client, "ticket check")?;
        app.store.record(Event { outcome: "refuse", reason: REFUSED.to_owned(), ..event }).await?;
        return Ok(None);
    };
    let event = Event { outcome: "accept", ..line(app, client, "ticket check", &passage)? };
    let statements = vec![passages::redeem_ticket(hash(ticket))];
    match app.store.keep(Change { statements, event }).await {
        Ok(()) => Ok(told(app, &passage)),
        Err(StoreError::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Redeems a ticket for a session at a gate; answers its token.
pub async fn open_session(
    app: &App,
    client: &Client,
    ticket: &Secret,
    place: Place<'_>,
) -> Result<Option<Secret>, AuthError> {
    let Some(passage) = find(app, ticket, place).await? else {
        return Ok(None);
    };
    let (token, now) = (token::fresh(&*app.random)?, app.now());
    let statements = vec![
        passages::end_gate_sessions_before(now - LONGEST, now - IDLE),
        passages::redeem_ticket(hash(ticket)),
        passages::open_gate_session(hash(&token), &passage, now),
    ];
    let event = Event { outcome: "accept", ..line(app, client, "gate", &passage)? };
    match app.store.keep(Change { statements, event }).await {
        Ok(()) => Ok(Some(token)),
        Err(StoreError::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whose session a token of that theme is, if what it rests on still holds: an exception by a rule holds
/// for who is where the rule says. It is in use from now on, which is written once a minute.
pub async fn find_session(
    app: &App,
    client: &Client,
    theme: &str,
    token: &Secret,
) -> Result<Option<SignedIn>, AuthError> {
    let now = app.now();
    let Some(GateSession { passage, opened_at, used_at }) = app.store.find_gate_session(hash(token)).await? else {
        return Ok(None);
    };
    let is_alive = now < opened_at + LONGEST && now < used_at + IDLE;
    if !is_alive || !is_at(app, &passage, theme) || !holds(app, &passage, Some(client)).await? {
        return Ok(None);
    }
    if now >= used_at + NOTED {
        app.store.mark(passages::use_gate_session(hash(token), now)).await?;
    }
    Ok(told(app, &passage))
}

/// Ends a session, on every node.
pub async fn end_session(app: &App, token: &Secret) -> Result<(), AuthError> {
    Ok(app.store.mark(passages::end_gate_session(hash(token))).await?)
}

/// What the sign-in of somebody who was just accepted rests on.
pub(super) async fn passage(
    app: &App,
    client: &Client,
    who: &Who,
    serial: Option<Serial>,
) -> Result<Option<Passage>, AuthError> {
    let person = resolve::resolve(app, who, client.theme.as_deref(), Freshness::Recent).await?;
    let theme = app.settings().entrance(client.theme.as_deref()).map(|theme| theme.id);
    let proven_by = enroll::mark_of_password(app, &person);
    Ok(person.account.zip(theme).map(|(account, theme_id)| Passage {
        theme_id,
        proven_by,
        user_id: account.id,
        user_name: account.name,
        realm: person.realm_name,
        serial,
        at: app.now(),
    }))
}

/// The ticket that this is, if it is good here and now.
async fn find(app: &App, ticket: &Secret, place: Place<'_>) -> Result<Option<Passage>, AuthError> {
    if !is_signed(app, ticket) {
        return Ok(None);
    }
    let Some((passage, issued_for)) = app.store.find_ticket(hash(ticket)).await? else {
        return Ok(None);
    };
    let is_meant = is_at(app, &passage, place.theme) && issued_for == place.return_to;
    let is_alive = app.now() < passage.at + TICKET_LIFE;
    Ok(if is_meant && is_alive && holds(app, &passage, None).await? { Some(passage) } else { None })
}

/// Whether everything is still there that a sign-in rested on.
pub(super) async fn holds(app: &App, passage: &Passage, client: Option<&Client>) -> Result<bool, AuthError> {
    let (Ok(name), Ok(realm)) = (UserName::parse(&passage.user_name), RealmName::parse(&passage.realm)) else {
        return Ok(false);
    };
    let Some(theme) = name_of(app, passage) else { return Ok(false) };
    let who = Who::User { name, realm: Some(realm), serial: None };
    // A ticket lets somebody in; a session, of which proxies ask before each request, goes on.
    let freshness = if client.is_some() { Freshness::Recent } else { Freshness::Now };
    let person = resolve::resolve(app, &who, Some(&theme), freshness).await?;
    let Some(account) = &person.account else { return Ok(false) };
    if account.id != passage.user_id || enroll::mark_of_password(app, &person) != passage.proven_by {
        return Ok(false);
    }
    Ok(match (&passage.serial, client) {
        (Some(serial), _) => person.enrollments.iter().any(|stored| {
            let enrollment = &stored.enrollment;
            enrollment.serial == *serial && enrollment.is_active && !enrollment.is_revoked
        }),
        (None, Some(client)) => !facts::explain(app, &person, client).is_required(),
        (None, None) => true,
    })
}

fn is_at(app: &App, passage: &Passage, theme: &str) -> bool {
    app.settings().entrance(Some(theme)).is_some_and(|theme| theme.id == passage.theme_id)
}

fn name_of(app: &App, passage: &Passage) -> Option<String> {
    let settings = app.settings();
    settings.find_theme(passage.theme_id).map(|stored| stored.theme.name.as_str().to_owned())
}

fn told(app: &App, passage: &Passage) -> Option<SignedIn> {
    let settings = app.settings();
    let theme = &settings.find_theme(passage.theme_id)?.theme;
    Some(SignedIn {
        user: passage.user_name.clone(),
        realm: passage.realm.clone(),
        theme: theme.name.as_str().to_owned(),
        provider: settings.provider(theme.open_with()?).name.to_string(),
        at: passage.at,
    })
}

pub(super) fn line(app: &App, client: &Client, action: &str, passage: &Passage) -> Result<Event, AuthError> {
    Ok(Event {
        outcome: "ok",
        user_name: passage.user_name.clone(),
        realm: passage.realm.clone(),
        serials: passage.serial.as_ref().map(|serial| serial.as_str().to_owned()).unwrap_or_default(),
        ..event::line(app, client, action)?
    })
}

/// A token that nobody else can make: what was made up elsewhere costs no look at the database.
fn signed(app: &App) -> Result<Secret, AuthError> {
    let chance: [u8; 32] = random::bytes(&*app.random)?;
    let tag = signature(app, &chance).finalize().into_bytes();
    let bytes: Vec<u8> = chance.into_iter().chain(tag).collect();
    Ok(Secret::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))))
}

fn is_signed(app: &App, ticket: &Secret) -> bool {
    let bytes = ticket.expose().strip_prefix(PREFIX).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    let parts = bytes.as_deref().and_then(|bytes| bytes.split_first_chunk::<32>());
    parts.is_some_and(|(chance, tag)| signature(app, chance).verify_slice(tag).is_ok())
}

fn signature(app: &App, chance: &[u8]) -> hmac::Hmac<Sha256> {
    let mut mac = app.keys.token.hmac_for("ticket");
    mac.update(chance);
    mac
}

const PREFIX: &str = "otpt_";
const REFUSED: &str = "ticket-refused";
/// From issuing to the first instant at which a ticket is refused.
const TICKET_LIFE: Duration = Duration::from_mins(1);
/// Sessions at gates: without use, and in all.
const IDLE: Duration = Duration::from_hours(1);
const LONGEST: Duration = Duration::from_hours(12);
/// Between two notes that a session is in use.
const NOTED: Duration = Duration::from_mins(1);
