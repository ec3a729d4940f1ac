//! What groups of criteria list: people, systems, devices, each compared in one canonical form.

use crate::name::canonical;
use crate::text;

/// The longest account, security identifier, device name or hardware id, in UTF-16 units.
const MAX_UNITS: usize = 255;

/// An operating system of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Os {
    /// Android.
    Android,
    /// Chrome OS.
    Chrome,
    /// iOS and iPadOS.
    Ios,
    /// Linux.
    Linux,
    /// macOS.
    Mac,
    /// A browser.
    WebClient,
    /// Windows.
    Windows,
    /// Wyse thin clients.
    Wyse,
}

/// A device name, a hardware id or a security identifier; letter case does not matter.
#[derive(Debug, Clone)]
pub struct Label {
    /// As it was given.
    text: String,
    /// What is compared.
    key: String,
}

/// An account: a name, and where it says so the domain or realm it is in. Letter case does not matter.
#[derive(Debug, Clone)]
pub struct AccountName {
    /// As it was given.
    text: String,
    domain: Option<String>,
    name: String,
}

/// Somebody, or a group they are in: all names they go by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Principal {
    /// The security identifier, where the directory has one.
    pub sid: Option<Label>,
    /// The accounts: `DOMAIN\name`, `name@domain`, each of them.
    pub names: Vec<AccountName>,
}

/// One user or group in a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalEntry {
    sid: Option<Label>,
    account: Option<AccountName>,
}

/// Why a text cannot stand in a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMember {
    /// A control character.
    #[error("control characters are not allowed")]
    ControlCharacter,
    /// Neither an account nor a security identifier.
    #[error("an account or a security identifier is needed")]
    Nobody,
    /// Not a security identifier.
    #[error("a security identifier is written like S-1-5-21-1004336348-1177238915-682003330-512")]
    NotASid,
    /// Nothing, or more than 255 characters.
    #[error("1 to 255 characters are needed")]
    Length,
}

impl Os {
    /// All of them.
    pub const ALL: [Self; 8] =
        [Self::Android, Self::Chrome, Self::Ios, Self::Linux, Self::Mac, Self::WebClient, Self::Windows, Self::Wyse];

    /// The name in rules and calls.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Android => "android",
            Self::Chrome => "chrome",
            Self::Ios => "ios",
            Self::Linux => "linux",
            Self::Mac => "mac",
            Self::WebClient => "web-client",
            Self::Windows => "windows",
            Self::Wyse => "wyse",
        }
    }

    /// Reads the name back, without regard to letter case or hyphens.
    pub fn parse(name: &str) -> Option<Self> {
        let plain = |text: &str| text.trim().to_ascii_lowercase().replace('-', "");
        Self::ALL.into_iter().find(|os| plain(os.as_str()) == plain(name))
    }
}

impl Label {
    /// Reads a label; blanks around it are dropped.
    pub fn parse(text: &str) -> Result<Self, InvalidMember> {
        checked(text).map(|text| Self { text: text.to_owned(), key: canonical(text) })
    }

    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl PartialEq for Label {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Label {}

impl AccountName {
    /// Reads `DOMAIN\name`, `name@domain`, or a name alone.
    pub fn parse(text: &str) -> Result<Self, InvalidMember> {
        let text = checked(text)?;
        let split = text.split_once('\\').or_else(|| text.rsplit_once('@').map(|(name, domain)| (domain, name)));
        match split {
            Some((domain, name)) => Ok(Self { text: text.to_owned(), ..Self::new(domain, name)? }),
            None => Ok(Self { text: text.to_owned(), domain: None, name: canonical(text) }),
        }
    }

    /// A name in a domain, taken as they are: neither is taken apart.
    pub fn new(domain: &str, name: &str) -> Result<Self, InvalidMember> {
        let (domain, name) = (checked(domain)?, checked(name)?);
        Ok(Self { text: format!("{domain}\\{name}"), domain: Some(canonical(domain)), name: canonical(name) })
    }

    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a rule that says `self` means `other`. A name alone means it in every domain.
    fn means(&self, other: &Self) -> bool {
        self.name == other.name && (self.domain.is_none() || self.domain == other.domain)
    }
}

impl PartialEq for AccountName {
    fn eq(&self, other: &Self) -> bool {
        (&self.domain, &self.name) == (&other.domain, &other.name)
    }
}

impl Eq for AccountName {}

impl PrincipalEntry {
    /// From an account, a security identifier, or both; blank counts as absent.
    pub fn parse(account: Option<&str>, sid: Option<&str>) -> Result<Self, InvalidMember> {
        let given = |text: Option<&str>| text.map(str::to_owned).filter(|text| !text.trim().is_empty());
        let account = given(account).map(|text| AccountName::parse(&text)).transpose()?;
        let sid = given(sid).map(|text| parse_sid(&text)).transpose()?;
        if account.is_none() && sid.is_none() { Err(InvalidMember::Nobody) } else { Ok(Self { sid, account }) }
    }

    /// The security identifier, which decides where there is one: it survives a new name.
    pub fn sid(&self) -> Option<&Label> {
        self.sid.as_ref()
    }

    /// The account.
    pub fn account(&self) -> Option<&AccountName> {
        self.account.as_ref()
    }

    /// Whether both are about one object, as far as they tell: by identifier where both have one.
    pub fn is_same(&self, other: &Self) -> bool {
        match (&self.sid, &other.sid) {
            (Some(own), Some(theirs)) => own == theirs,
            _ => self.account.is_some() && self.account == other.account,
        }
    }

    /// Whether it means this user or group.
    pub fn names(&self, principal: &Principal) -> bool {
        match (&self.sid, &self.account) {
            (Some(sid), _) => principal.sid.as_ref() == Some(sid),
            (None, Some(account)) => principal.names.iter().any(|name| account.means(name)),
            (None, None) => false,
        }
    }
}

/// Revision 1, an authority, and 1 to 15 numbers below it (MS-DTYP 2.4.2.1).
fn parse_sid(text: &str) -> Result<Label, InvalidMember> {
    let label = Label::parse(text)?;
    let rest = label.key.strip_prefix("s-1-").ok_or(InvalidMember::NotASid)?;
    let mut parts = rest.split('-');
    let is_number = |part: &str, most: u64| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()) && part.parse().is_ok_and(|n: u64| n <= most)
    };
    let has_authority = parts.next().is_some_and(|part| is_number(part, MOST_AUTHORITY));
    let below: Vec<_> = parts.collect();
    let fits = (1..=15).contains(&below.len()) && below.iter().all(|part| is_number(part, u32::MAX.into()));
    if has_authority && fits { Ok(label) } else { Err(InvalidMember::NotASid) }
}

fn checked(text: &str) -> Result<&str, InvalidMember> {
    let text = text.trim();
    match text::utf16_len(text) {
        1..=MAX_UNITS if text.chars().any(text::is_unprintable) => Err(InvalidMember::ControlCharacter),
        1..=MAX_UNITS => Ok(text),
        _ => Err(InvalidMember::Length),
    }
}

/// The authority has 48 bits.
const MOST_AUTHORITY: u64 = (1 << 48) - 1;
