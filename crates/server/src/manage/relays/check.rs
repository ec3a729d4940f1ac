//! One relay's values, each held to its range. Knows nothing of what is stored elsewhere.

use domain::address::MailAddress;
use domain::secret::Secret;

use super::NewRelay;
use crate::host::is_host;
use crate::mail::relay::{Relay, Security};
use crate::manage::ManageError;
use crate::manage::wording::{number, one_line, plain_name, refused};
use crate::store::relays::StoredRelay;

/// The row without its password.
pub(super) fn checked(new: NewRelay, old: Option<&StoredRelay>, after_last: i64) -> Result<StoredRelay, ManageError> {
    plain_name("relay", &new.name)?;
    let (host, security) = place(&new)?;
    let port = number("port", &new.port.unwrap_or(usual_port(security)).to_string(), 1..=65_535)?;
    let seconds = number("timeout", &new.timeout_seconds.unwrap_or(10).to_string(), 1..=30)?;
    one_line("username", &new.user_name, 255)?;
    let position = new.position.unwrap_or(old.map_or(after_last.min(1000), |old| old.position));
    let row = StoredRelay {
        port: u16::try_from(port).map_err(|_| ManageError::Invalid("port: out of range".to_owned()))?,
        security: security_name(security).to_owned(),
        sealed_password: None,
        mechanism: mechanism(new.mechanism.as_deref().or(old.map(|old| old.mechanism.as_str())))?,
        sender: sender(&new.sender)?,
        timeout_seconds: seconds,
        ca_file: ca_file(new.ca_file.or(old.map(|old| old.ca_file.clone())))?,
        allow_plaintext: new.allow_plaintext.unwrap_or(old.is_some_and(|old| old.allow_plaintext)),
        description: description(new.description.or(old.map(|old| old.description.clone())))?,
        position: number("position", &position.to_string(), 0..=1000)?,
        user_name: new.user_name,
        name: new.name,
        host,
    };
    check_plaintext(&row, security)?;
    Ok(row)
}

/// A password that can be said to a relay at all; access tokens are long.
pub(super) fn password(secret: &Secret) -> Result<(), ManageError> {
    let text = secret.expose();
    if text.len() > 4096 || text.chars().any(char::is_control) {
        let reason = "password: at most 4096 bytes without control characters are allowed";
        return Err(ManageError::Invalid(reason.to_owned()));
    }
    Ok(())
}

/// Host and protection, from the three ways in which clients say them.
fn place(new: &NewRelay) -> Result<(String, Security), ManageError> {
    let server = new.server.trim();
    let implicit = server.strip_prefix("smtps://").map(|host| host.trim_end_matches('/'));
    let security = match new.security.as_deref() {
        Some("implicit") => Security::Implicit,
        Some("starttls") => Security::StartTls,
        Some("plaintext") if implicit.is_none() && !new.tls => Security::Plaintext,
        Some("plaintext") => {
            return Err(refused("security", "plaintext contradicts smtps:// and tls=1", "plaintext"));
        }
        Some(other) => return Err(refused("security", "implicit, starttls or plaintext is allowed", other)),
        None if implicit.is_some() => Security::Implicit,
        None if new.tls => Security::StartTls,
        None => Security::Plaintext,
    };
    let host = implicit.unwrap_or(server);
    if is_host(host) {
        return Ok((host.to_owned(), security));
    }
    Err(refused(
        "server",
        "a host name or an address that mail can be sent to is allowed, or smtps://HOST",
        &new.server,
    ))
}

fn check_plaintext(row: &StoredRelay, security: Security) -> Result<(), ManageError> {
    // No consent covers a password: every mail would be refused.
    let allow_plaintext = row.allow_plaintext && row.user_name.is_empty();
    let relay = Relay { security, allow_plaintext, ..Relay::new(row.name.as_str(), row.host.as_str()) };
    relay.check_plaintext().map_err(|_| {
        ManageError::Invalid(format!(
            "security: codes would go to {} in clear: use smtps://{} or tls=1, or accept it with allow_plaintext=1, \
             which takes an empty user name",
            row.host, row.host
        ))
    })
}

fn sender(text: &str) -> Result<String, ManageError> {
    let address = MailAddress::parse(text).map_err(|error| refused("sender", &error.to_string(), text))?;
    Ok(address.as_str().to_owned())
}

fn mechanism(name: Option<&str>) -> Result<String, ManageError> {
    match name {
        None | Some("") => Ok("auto".to_owned()),
        Some(known @ ("auto" | "login" | "plain" | "xoauth2")) => Ok(known.to_owned()),
        Some(other) => Err(refused("mechanism", "auto, plain, login or xoauth2 is allowed", other)),
    }
}

fn ca_file(path: Option<String>) -> Result<String, ManageError> {
    let path = path.unwrap_or_default();
    one_line("ca_file", &path, 1000)?;
    if path.is_empty() || path.starts_with('/') {
        return Ok(path);
    }
    Err(refused("ca_file", "a path from the root is allowed", &path))
}

fn description(text: Option<String>) -> Result<String, ManageError> {
    let text = text.unwrap_or_default();
    one_line("description", &text, 1000)?;
    Ok(text)
}

const fn usual_port(security: Security) -> i64 {
    match security {
        Security::Implicit => 465,
        Security::Plaintext | Security::StartTls => 25,
    }
}

const fn security_name(security: Security) -> &'static str {
    match security {
        Security::Implicit => "implicit",
        Security::Plaintext => "plaintext",
        Security::StartTls => "starttls",
    }
}
