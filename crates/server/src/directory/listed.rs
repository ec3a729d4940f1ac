//! Somebody as a directory lists them, read from their entry. Pure: what counts as a usable account and as one
//! mail address is decided here.

use domain::address::MailAddress;
use domain::name::canonical;
use domain::time::Timestamp;
use ldap_wire::reply::Entry;

use super::identity::{guid_text, sid_text};
use super::settings::{IdAttribute, LdapSettings};
use crate::store::accounts::Account;

/// Somebody in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The distinguished name of their entry.
    pub dn: String,
    /// What never changes about them; unique in its directory.
    pub id: String,
    /// The name they sign in with.
    pub login: String,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub surname: String,
    /// Telephone.
    pub phone: String,
    /// Mobile telephone.
    pub mobile: String,
    /// Their mail address, or why there is none to use.
    pub address: Result<MailAddress, NoAddress>,
    /// Whether the directory would let them in.
    pub standing: Standing,
    /// Changes when their password does; empty where the directory does not say.
    pub password_changed: String,
    /// Their security identifier, in directories that have one.
    pub sid: Option<String>,
    /// Further names they go by, such as `name@domain`.
    pub names: Vec<String>,
    /// Attributes in which addresses are kept that people have named, and their first values.
    pub kept: Vec<(String, String)>,
}

/// Why no mail can be sent to the address in the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoAddress {
    /// A value that is not one address.
    #[error("the directory has an address that is no single mailbox")]
    Malformed,
    /// None of the attributes has a value.
    #[error("the directory has no address")]
    Missing,
    /// Several values, and none of them marked as the first.
    #[error("the directory has several addresses in one attribute")]
    Several,
}

/// What the directory thinks of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It may sign in.
    Good,
    /// Switched off.
    Disabled,
    /// Past its date.
    Expired,
    /// Too many wrong passwords.
    Locked,
    /// The password must be changed first.
    PasswordChangeDue,
}

impl Standing {
    /// The name in audit and report.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Expired => "expired",
            Self::Good => "good",
            Self::Locked => "locked",
            Self::PasswordChangeDue => "password-change-due",
        }
    }
}

impl Listed {
    /// Reads an entry; nothing where it has no identifier or no name to sign in with.
    pub(super) fn read(settings: &LdapSettings, entry: &Entry, now: Timestamp) -> Option<Self> {
        let kept = |name: &&str| entry.text(name).map(|value| ((*name).to_owned(), value.to_owned()));
        let text = |attribute: &str| entry.text(attribute).unwrap_or_default().to_owned();
        let id = match &settings.id {
            IdAttribute::Guid(attribute) => guid_text(entry.values(attribute).first()?)?,
            IdAttribute::Name => entry.name.clone(),
            IdAttribute::Text(attribute) => entry.text(attribute)?.to_owned(),
        };
        let login = settings.login_attributes.iter().find_map(|attribute| entry.text(attribute))?.to_owned();
        let profile = &settings.profile;
        Some(Self {
            dn: entry.name.clone(),
            id,
            login,
            given_name: text(&profile.given_name),
            surname: text(&profile.surname),
            phone: text(&profile.phone),
            mobile: text(&profile.mobile),
            address: address(settings, entry),
            standing: standing(entry, now),
            password_changed: PASSWORD_CHANGED.iter().find_map(|name| entry.text(name)).unwrap_or_default().to_owned(),
            sid: entry.values("objectSid").first().and_then(|octets| sid_text(octets)),
            names: entry.texts("userPrincipalName").map(str::to_owned).collect(),
            kept: settings.kept_attributes.iter().filter_map(kept).collect(),
        })
    }

    /// The account that they are here. Nothing is kept of it until something is theirs.
    pub fn account(&self, resolver: &str, now: Timestamp) -> Account {
        Account {
            id: format!("{resolver}/{}", self.id),
            resolver: resolver.to_owned(),
            name: self.login.clone(),
            name_key: canonical(&self.login),
            given_name: self.given_name.clone(),
            surname: self.surname.clone(),
            email: self.address.as_ref().map_or("", MailAddress::as_str).to_owned(),
            phone: self.phone.clone(),
            mobile: self.mobile.clone(),
            description: String::new(),
            password: None,
            provider_id: None,
            created_at: now,
        }
    }

    /// The attributes that [`Listed::read`] looks at.
    pub(super) fn attributes(settings: &LdapSettings) -> Vec<&str> {
        let profile = &settings.profile;
        let mut names: Vec<&str> = [&profile.given_name, &profile.surname, &profile.phone, &profile.mobile]
            .into_iter()
            .map(String::as_str)
            .filter(|name| !name.is_empty())
            .collect();
        names.extend(settings.login_attributes.iter().chain(&settings.mail_attributes).map(String::as_str));
        names.extend(&settings.kept_attributes);
        if let IdAttribute::Guid(name) | IdAttribute::Text(name) = &settings.id {
            names.push(name);
        }
        names.extend(PASSWORD_CHANGED);
        names.extend(if settings.is_active_directory() { &MICROSOFT[..] } else { &OTHERS[..] });
        names.sort_unstable_by_key(|name| name.to_ascii_lowercase());
        names.dedup_by(|one, other| one.eq_ignore_ascii_case(other));
        names
    }
}

/// The first attribute with a value decides: a broken address is never passed over for another one.
fn address(settings: &LdapSettings, entry: &Entry) -> Result<MailAddress, NoAddress> {
    let values = settings.mail_attributes.iter().map(|attribute| entry.values(attribute));
    let values = values.into_iter().find(|values| !values.is_empty()).ok_or(NoAddress::Missing)?;
    let texts: Vec<_> = values.iter().map(|value| str::from_utf8(value).unwrap_or("\u{fffd}").trim()).collect();
    let value = match texts.as_slice() {
        [only] => without_kind(only).ok_or(NoAddress::Malformed)?,
        several => first_of(several)?,
    };
    MailAddress::parse(value).map_err(|_| NoAddress::Malformed)
}

/// `smtp:bob@example.org` as Exchange writes addresses; those of other kinds are no mail addresses.
fn without_kind(value: &str) -> Option<&str> {
    match value.split_once(':') {
        Some((kind, address)) if kind.eq_ignore_ascii_case("smtp") => Some(address),
        Some(_) => None,
        None => Some(value),
    }
}

/// The one that Exchange marks as primary by capitals; else the only mail address of several proxies.
fn first_of<'a>(values: &[&'a str]) -> Result<&'a str, NoAddress> {
    let mut primary = values.iter().filter_map(|value| value.strip_prefix("SMTP:"));
    if let (Some(address), None) = (primary.next(), primary.next()) {
        return Ok(address);
    }
    let mut mails = values.iter().filter_map(|value| without_kind(value));
    match (mails.next(), mails.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(NoAddress::Missing),
        _ => Err(NoAddress::Several),
    }
}

fn standing(entry: &Entry, now: Timestamp) -> Standing {
    let flags = entry.number("userAccountControl").unwrap_or(0);
    let computed = entry.number("msDS-User-Account-Control-Computed").unwrap_or(0);
    let has = |flag| (flags | computed) & flag != 0;
    let is_true = |attribute| entry.text(attribute).is_some_and(|text| text.eq_ignore_ascii_case("true"));
    match () {
        () if has(ACCOUNT_DISABLE) || is_true("nsAccountLock") => Standing::Disabled,
        () if is_past(entry, now) => Standing::Expired,
        () if has(LOCKOUT) || entry.text("pwdAccountLockedTime").is_some() => Standing::Locked,
        () if has(PASSWORD_EXPIRED) || entry.text("pwdLastSet") == Some("0") || is_true("pwdReset") => {
            Standing::PasswordChangeDue
        }
        () => Standing::Good,
    }
}

/// `accountExpires` counts tenths of microseconds from 1601 (MS-ADA1 2.3), `shadowExpire` days from 1970
/// (RFC 2307).
fn is_past(entry: &Entry, now: Timestamp) -> bool {
    let expires = entry.number("accountExpires").filter(|&at| at != 0 && at != i64::MAX);
    let by_microsoft = expires.is_some_and(|at| at / 10_000 - MILLIS_FROM_1601_TO_1970 <= now.millis());
    let days = entry.number("shadowExpire").filter(|&days| days >= 0);
    by_microsoft || days.is_some_and(|days| days.saturating_mul(MILLIS_OF_A_DAY) <= now.millis())
}

/// MS-ADTS 2.2.16.
const ACCOUNT_DISABLE: i64 = 0x2;
const LOCKOUT: i64 = 0x10;
const PASSWORD_EXPIRED: i64 = 0x80_0000;
const MILLIS_FROM_1601_TO_1970: i64 = 11_644_473_600_000;
const MILLIS_OF_A_DAY: i64 = 86_400_000;

const PASSWORD_CHANGED: [&str; 2] = ["pwdLastSet", "pwdChangedTime"];
const MICROSOFT: [&str; 5] =
    ["userAccountControl", "msDS-User-Account-Control-Computed", "accountExpires", "objectSid", "userPrincipalName"];
const OTHERS: [&str; 4] = ["pwdAccountLockedTime", "pwdReset", "nsAccountLock", "shadowExpire"];

#[cfg(test)]
mod tests;
