//! The old settings of one mail server, from before there were named ones: they set the relay
//! called `legacy`.

use crate::manage::ManageError;
use crate::manage::relays::{CENSORED, NewRelay, PasswordChange};
use crate::manage::wording::{number, truth};
use crate::settings::Settings;
use crate::store::relays::StoredRelay;

/// The relay they set.
pub(super) const NAME: &str = "legacy";

/// The one that is a secret.
pub(super) const PASSWORD: &str = "email.password";

/// Their names.
pub(super) const KEYS: [&str; 6] = [SERVER, PASSWORD, SENDER, "email.port", "email.tls", "email.username"];

const SENDER: &str = "email.mailfrom";

/// What removes the relay when it is removed.
pub(super) const SERVER: &str = "email.mailserver";

/// Whether it says where mails go, or as whom.
pub(super) fn is_of_place(key: &str) -> bool {
    KEYS.iter().any(|known| *known != SENDER && known.eq_ignore_ascii_case(key))
}

/// The relay as it is, or as it begins.
pub(super) fn begin(settings: &Settings) -> NewRelay {
    find(settings).map_or_else(
        || NewRelay {
            name: NAME.to_owned(),
            server: "localhost".to_owned(),
            sender: STANDARD_SENDER.to_owned(),
            ..NewRelay::default()
        },
        NewRelay::from,
    )
}

/// Puts one value in.
pub(super) fn set(relay: &mut NewRelay, key: &str, value: &str) -> Result<(), ManageError> {
    match key {
        SERVER => value.clone_into(&mut relay.server),
        PASSWORD => relay.password = PasswordChange::read(Some(value)),
        SENDER => value.clone_into(&mut relay.sender),
        "email.port" => relay.port = Some(number(key, value, 1..=65_535)?),
        "email.tls" => relay.tls = truth(key, value)?,
        _ => value.clone_into(&mut relay.user_name),
    }
    Ok(())
}

/// Puts one value back to its standard.
pub(super) fn reset(relay: &mut NewRelay, key: &str) {
    match key {
        PASSWORD => relay.password = PasswordChange::Clear,
        SENDER => STANDARD_SENDER.clone_into(&mut relay.sender),
        "email.port" => relay.port = None,
        "email.tls" => relay.tls = false,
        _ => relay.user_name = String::new(),
    }
}

/// The values as they may be shown.
pub(super) fn shown(settings: &Settings) -> Vec<(String, String)> {
    let Some(relay) = find(settings) else { return Vec::new() };
    let new = NewRelay::from(relay);
    let mut shown = vec![
        (SERVER, new.server),
        (SENDER, new.sender),
        ("email.port", relay.port.to_string()),
        ("email.tls", if new.tls { "1" } else { "0" }.to_owned()),
        ("email.username", new.user_name),
    ];
    if relay.sealed_password.is_some() {
        shown.push((PASSWORD, CENSORED.to_owned()));
    }
    shown.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn find(settings: &Settings) -> Option<&StoredRelay> {
    settings.relays.iter().find(|relay| relay.name == NAME)
}

const STANDARD_SENDER: &str = "otpost@localhost";
