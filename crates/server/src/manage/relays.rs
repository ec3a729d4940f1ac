//! Mail relays: saving, removing, trying out. A stored password goes to no other server than the
//! one it was given for.

mod check;
mod test;

use domain::secret::Secret;

pub use self::test::{TestMail, TestOutcome, test};
use super::{About, By, ManageError, apply};
use crate::app::App;
use crate::delivery::seal_place;
use crate::settings::Settings;
use crate::store::relays;
pub use crate::store::relays::StoredRelay;

/// What a relay is to be. What is absent and optional stays as it was, or takes its usual value.
#[derive(Debug, Clone, Default)]
pub struct NewRelay {
    /// Its name.
    pub name: String,
    /// Host name or address; `smtps://HOST` for TLS from the first byte.
    pub server: String,
    /// TCP port, 1 to 65535; 465 with TLS from the first byte, else 25.
    pub port: Option<i64>,
    /// STARTTLS, required.
    pub tls: bool,
    /// `implicit`, `starttls` or `plaintext`, over what `server` and `tls` say.
    pub security: Option<String>,
    /// User name; empty for none.
    pub user_name: String,
    /// What becomes of the password.
    pub password: PasswordChange,
    /// `auto`, `plain`, `login` or `xoauth2`.
    pub mechanism: Option<String>,
    /// Sender address.
    pub sender: String,
    /// Most seconds one delivery may take, 1 to 30; usually 10.
    pub timeout_seconds: Option<i64>,
    /// File with the certificates of a private authority.
    pub ca_file: Option<String>,
    /// Consent to send without TLS to another machine.
    pub allow_plaintext: Option<bool>,
    /// Anything worth noting.
    pub description: Option<String>,
    /// Place in the order of fallback, 0 to 1000; usually the last.
    pub position: Option<i64>,
}

impl From<&StoredRelay> for NewRelay {
    /// The relay as it is; its password stays.
    fn from(stored: &StoredRelay) -> Self {
        let prefix = if stored.security == "implicit" { "smtps://" } else { "" };
        Self {
            name: stored.name.clone(),
            server: format!("{prefix}{}", stored.host),
            port: Some(i64::from(stored.port)),
            tls: stored.security == "starttls",
            user_name: stored.user_name.clone(),
            sender: stored.sender.clone(),
            timeout_seconds: Some(stored.timeout_seconds),
            ..Self::default()
        }
    }
}

/// What becomes of a stored password.
#[derive(Debug, Clone, Default)]
pub enum PasswordChange {
    /// It is forgotten.
    Clear,
    /// It stays.
    #[default]
    Keep,
    /// This one takes its place.
    Set(Secret),
}

/// Stands for a password that is stored and not shown.
pub const CENSORED: &str = "__CENSORED__";

impl PasswordChange {
    /// What a client means: nothing or the placeholder keeps, an empty text clears.
    pub fn read(text: Option<&str>) -> Self {
        match text {
            None | Some(CENSORED) => Self::Keep,
            Some("") => Self::Clear,
            Some(password) => Self::Set(Secret::new(password)),
        }
    }
}

/// Adds a relay, or writes it anew.
pub async fn save(app: &App, by: &By, new: NewRelay) -> Result<(), ManageError> {
    let stored = plan(app, &app.settings(), new)?;
    let about = About { detail: summary(&stored), ..About::default() };
    apply(app, by, about, vec![relays::save(&stored)]).await
}

/// Whether saving it would send mails elsewhere than this relay sends them now, or as somebody else.
pub fn is_moved(app: &App, new: &NewRelay) -> Result<bool, ManageError> {
    let settings = app.settings();
    let old = settings.relays.iter().find(|relay| relay.name == new.name);
    let row = check::checked(new.clone(), old, 0)?;
    Ok(old.is_none_or(|old| !is_same_server(old, &row)))
}

/// Removes a relay that no setting names.
pub async fn delete(app: &App, by: &By, name: &str) -> Result<(), ManageError> {
    let settings = app.settings();
    let shown = super::wording::shown(name);
    if !settings.relays.iter().any(|relay| relay.name == name) {
        return Err(ManageError::NotFound(format!("The SMTP server '{shown}' does not exist.")));
    }
    let named = settings.values.get("email.identifier").map(String::as_str).unwrap_or_default();
    if named.split(',').any(|one| one.trim() == name) {
        let reason = format!("The SMTP server '{shown}' is still named in email.identifier; change that first.");
        return Err(ManageError::Taken(reason));
    }
    let about = About { detail: format!("relay {shown}"), ..About::default() };
    apply(app, by, about, vec![relays::delete(name)]).await
}

/// The stored relay of that name, as it would be saved again.
pub fn find(app: &App, name: &str) -> Result<NewRelay, ManageError> {
    let settings = app.settings();
    let found = settings.relays.iter().find(|relay| relay.name == name).map(NewRelay::from);
    let shown = super::wording::shown(name);
    found.ok_or_else(|| ManageError::NotFound(format!("The SMTP server '{shown}' does not exist.")))
}

/// The relay of that name; where none is given, the one that mails usually go to.
pub fn find_usual(app: &App, name: Option<&str>) -> Result<NewRelay, ManageError> {
    let settings = app.settings();
    let named = settings.values.get("email.identifier").and_then(|names| names.split(',').next());
    let first = || settings.relays.first().map(|relay| relay.name.as_str());
    match name.or(named.map(str::trim).filter(|name| !name.is_empty())).or_else(first) {
        Some(name) => find(app, name),
        None => Err(ManageError::NotFound("There is no SMTP server; add one under /smtpserver/.".to_owned())),
    }
}

/// The row that a relay would become, checked as a whole.
pub(super) fn plan(app: &App, settings: &Settings, new: NewRelay) -> Result<StoredRelay, ManageError> {
    let old = settings.relays.iter().find(|relay| relay.name == new.name);
    let password = new.password.clone();
    let after_last = settings.relays.iter().map(|relay| relay.position + 1).max().unwrap_or(0);
    let mut row = check::checked(new, old, after_last)?;
    let kept = old.and_then(|old| old.sealed_password.as_ref().map(|sealed| (old, sealed)));
    row.sealed_password = match (password, kept) {
        (PasswordChange::Set(secret), _) => {
            check::password(&secret)?;
            Some(app.keys.seal(&seal_place(&row.name), &secret, &*app.random)?)
        }
        (PasswordChange::Keep, Some((old, sealed))) if is_same_server(old, &row) => Some(sealed.clone()),
        // Nobody signs in there any more, so there is nothing to send.
        (PasswordChange::Keep, Some(_)) if row.user_name.is_empty() => None,
        (PasswordChange::Keep, Some(_)) => return Err(ManageError::Invalid(PASS_BACK.to_owned())),
        (PasswordChange::Clear | PasswordChange::Keep, _) => None,
    };
    Ok(row)
}

/// Whether a password given for one may be sent to the other. The certificates that are trusted
/// are part of who the server is.
fn is_same_server(old: &StoredRelay, new: &StoredRelay) -> bool {
    old.host.eq_ignore_ascii_case(&new.host)
        && old.port == new.port
        && old.security == new.security
        && old.user_name == new.user_name
        && old.ca_file == new.ca_file
        && (old.allow_plaintext || !new.allow_plaintext)
}

/// For the audit.
pub(super) fn summary(relay: &StoredRelay) -> String {
    let StoredRelay { name, host, port, security, .. } = relay;
    let password = if relay.sealed_password.is_some() { "with" } else { "without" };
    format!("relay {name} at {host} port {port}, {security}, {password} a password")
}

const PASS_BACK: &str = "password: enter the password again: the stored one was given for the old server";
