//! The mailbox: the relay that mails usually go to, under the few settings that one mailbox has.

use domain::address::MailAddress;
use domain::secret::Secret;
use futures_util::future::join_all;

use super::difference::Difference;
use super::relays::{self, NewRelay, PasswordChange, StoredRelay, TestMail, TestOutcome};
use super::{About, By, ManageError, apply};
use crate::app::App;
use crate::store::relays as rows;

/// What is to change; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct MailboxUpdate {
    /// Host and port.
    pub server: Option<(String, u16)>,
    /// Whether the way is protected. There is no "if the relay offers it": that is stripped by whoever
    /// stands in between.
    pub is_protected: Option<bool>,
    /// Who signs in; an empty text for nobody.
    pub user_name: Option<String>,
    /// What becomes of the password.
    pub password: PasswordChange,
    /// Sender address.
    pub sender: Option<String>,
    /// Consent to send without TLS to another machine.
    pub allow_plaintext: Option<bool>,
}

/// The mailbox as it is; none before the first was set.
pub fn find(app: &App) -> Result<Option<StoredRelay>, ManageError> {
    let settings = app.settings();
    let name = match relays::find_usual(app, None) {
        Ok(usual) => usual.name,
        Err(ManageError::NotFound(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(settings.relays.iter().find(|relay| relay.name == name).cloned())
}

/// Changes the mailbox, or makes the first one.
pub async fn save(app: &App, by: &By, update: MailboxUpdate) -> Result<(), ManageError> {
    let before = find(app)?;
    let after = relays::plan(app, &app.settings(), merged(before.as_ref(), update))?;
    if before.as_ref() == Some(&after) {
        return Ok(());
    }
    let about = About { detail: difference(before.as_ref(), &after), ..About::default() };
    apply(app, by, about, vec![rows::save(&after)]).await
}

/// Sends a test mail to each of these at the same time, with the mailbox as it is stored.
pub async fn test(app: &App, by: &By, to: &[MailAddress]) -> Result<Vec<TestOutcome>, ManageError> {
    let Some(stored) = find(app)? else {
        return Err(ManageError::NotFound(NO_MAILBOX.to_owned()));
    };
    let one = |to: &MailAddress| {
        let mail = TestMail { relay: NewRelay::from(&stored), recipient: to.as_str().to_owned() };
        relays::test(app, by, mail)
    };
    join_all(to.iter().map(one)).await.into_iter().collect()
}

fn merged(before: Option<&StoredRelay>, update: MailboxUpdate) -> NewRelay {
    let mut new = match before {
        Some(before) => NewRelay { server: before.host.clone(), tls: false, ..NewRelay::from(before) },
        None => NewRelay { name: NAME.to_owned(), ..NewRelay::default() },
    };
    if let Some((host, port)) = update.server {
        (new.server, new.port) = (host, Some(i64::from(port)));
    }
    let was_implicit = before.is_some_and(|old| old.security == "implicit" && Some(i64::from(old.port)) == new.port);
    let is_protected = update.is_protected.or(before.map(|before| before.security != "plaintext")).unwrap_or(true);
    let security = match is_protected {
        false => "plaintext",
        true if was_implicit || new.port == Some(IMPLICIT_PORT) => "implicit",
        true => "starttls",
    };
    new.security = Some(security.to_owned());
    new.user_name = update.user_name.unwrap_or(new.user_name);
    new.sender = update.sender.unwrap_or(new.sender);
    new.allow_plaintext = update.allow_plaintext.or(new.allow_plaintext);
    new.password = if new.user_name.is_empty() { PasswordChange::Clear } else { update.password };
    new
}

fn difference(before: Option<&StoredRelay>, after: &StoredRelay) -> String {
    let nothing = StoredRelay {
        host: String::new(),
        port: 0,
        security: String::new(),
        user_name: String::new(),
        sealed_password: None,
        sender: String::new(),
        allow_plaintext: false,
        ..after.clone()
    };
    let before = before.unwrap_or(&nothing);
    Difference::default()
        .value("server", &before.host, &after.host)
        .value("port", &before.port, &after.port)
        .value("security", &before.security, &after.security)
        .value("user", &before.user_name, &after.user_name)
        .value("sender", &before.sender, &after.sender)
        .value("allow_plaintext", &before.allow_plaintext, &after.allow_plaintext)
        .masked("password", &before.sealed_password, &after.sealed_password)
        .of(&format!("relay {}", after.name))
}

impl From<Option<Secret>> for PasswordChange {
    /// Nothing keeps, an empty text clears.
    fn from(given: Option<Secret>) -> Self {
        match given {
            None => Self::Keep,
            Some(secret) if secret.is_empty() => Self::Clear,
            Some(secret) => Self::Set(secret),
        }
    }
}

/// What there is to say where there is none.
pub const NO_MAILBOX: &str = "no mailbox is set; PUT /api/MailboxSettings with smtpServer and senderAddress";
/// What a relay is called that this made.
const NAME: &str = "mailbox";
/// Where TLS begins with the first byte (RFC 8314).
const IMPLICIT_PORT: i64 = 465;
