//! A theme: an entrance at which people sign in. It picks the provider, says who may come in there,
//! and where they may be sent on to.

mod return_to;

use crate::criteria::{Principal, PrincipalEntry};
use crate::name::RealmName;
use crate::text;

pub use return_to::{InvalidReturnTo, MAX_STATE_CHARS, ReturnPrefix, ReturnTo, encoded};

/// The number of the theme at `/`. It can be neither switched off, nor renamed, nor removed.
pub const DEFAULT_THEME: i64 = 1;

/// An entrance. A value that exists is valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    /// Stable number.
    pub id: i64,
    /// Its name, unique without regard to letter case; part of its address.
    pub name: ThemeName,
    /// What the administrator noted, 0 to 255 characters, one line.
    pub description: Note,
    /// Whether anybody may sign in there.
    pub is_enabled: bool,
    /// What people read once they are signed in, 0 to 2,048 characters.
    pub post_logon_message: Message,
    /// Whether [`Theme::realm`] takes the place of whatever realm people name.
    pub overrides_realm: bool,
    /// The realm people are looked for in; kept also while it is not looked at.
    pub realm: Option<RealmName>,
    /// Whether only people whom [`Theme::members`] names may sign in there.
    pub filters_members: bool,
    /// Users and groups; kept also while they are not looked at. At most [`MAX_MEMBERS`].
    pub members: Vec<PrincipalEntry>,
    /// The provider; without one nobody signs in there.
    pub provider_id: Option<i64>,
    /// Where people may be sent on to. At most [`MAX_PREFIXES`].
    pub return_to: Vec<ReturnPrefix>,
}

/// The name of a theme: 1 to 255 letters, digits, hyphens, underscores or dots of ASCII, the first one
/// a letter or a digit. It is part of an address, and letter case does not matter.
#[derive(Debug, Clone)]
pub struct ThemeName(String);

/// What a theme cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTheme {
    /// The default theme is always there.
    #[error("the default theme cannot be switched off, renamed or removed")]
    Default,
    /// More members or return addresses than a theme holds.
    #[error("a theme has at most {most} {what}, got {got}")]
    Many {
        /// Of what.
        what: &'static str,
        /// How many are allowed.
        most: usize,
        /// How many were given.
        got: usize,
    },
    /// Not a name.
    #[error(
        "the name of a theme has 1 to 255 letters, digits, hyphens, underscores or dots (a-z, 0-9, -, _, .) and \
         begins with a letter or a digit"
    )]
    Name,
    /// The name is part of an address of ours.
    #[error("'{0}' is the address of a page of the server itself; choose another name")]
    Reserved(String),
    /// A realm is to take the place of others, and none is named.
    #[error("name the realm that takes the place of the one people name, or switch the override off")]
    NoRealm,
    /// Text too long, or with control characters.
    #[error("the {field} must have at most {most} characters{lines}, and no control characters, got {got}")]
    Text {
        /// Which text.
        field: &'static str,
        /// Most characters allowed.
        most: usize,
        /// What is said about lines.
        lines: &'static str,
        /// Characters given, counted as UTF-16 units.
        got: usize,
    },
}

/// Users and groups that one theme names, at most.
pub const MAX_MEMBERS: usize = 500;
/// Return addresses of one theme, at most.
pub const MAX_PREFIXES: usize = 50;

impl ThemeName {
    /// Reads a name.
    pub fn parse(text: &str) -> Result<Self, InvalidTheme> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let begins = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !begins || text.len() > MAX_NAME || !text.chars().all(is_plain) {
            return Err(InvalidTheme::Name);
        }
        let name = Self(text.to_owned());
        if RESERVED.contains(&name.key().as_str()) { Err(InvalidTheme::Reserved(name.0)) } else { Ok(name) }
    }

    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of a copy with that number; none where it would be too long.
    pub fn copied(&self, number: usize) -> Option<Self> {
        Self::parse(&format!("{}-{number}", self.0)).ok()
    }

    /// The form in which names are compared.
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl PartialEq for ThemeName {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for ThemeName {}

macro_rules! theme_text {
    ($(#[$doc:meta])* $name:ident, $field:literal, $most:literal, $lines:literal, $is_allowed:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub struct $name(String);

        impl $name {
            /// Reads the text and holds it to its range.
            pub fn parse(text: &str) -> Result<Self, InvalidTheme> {
                let is_allowed: fn(char) -> bool = $is_allowed;
                let got = text::utf16_len(text);
                if got > $most || !text.chars().all(|c| !text::is_unprintable(c) || is_allowed(c)) {
                    return Err(InvalidTheme::Text { field: $field, most: $most, lines: $lines, got });
                }
                Ok(Self(text.to_owned()))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}

theme_text! {
    /// What the administrator noted.
    Note, "description", 255, " in one line", |_| false
}
theme_text! {
    /// What people read once they are signed in.
    Message, "post-logon message", 2048, "", |c| matches!(c, '\n' | '\r' | '\t')
}

impl Theme {
    /// The default theme of a new installation. It has no provider: nobody signs in before an administrator says how.
    pub fn standard() -> Self {
        Self::new(DEFAULT_THEME, ThemeName("Default".to_owned()))
    }

    /// A theme with nothing but a name.
    pub fn new(id: i64, name: ThemeName) -> Self {
        Self {
            id,
            name,
            description: Note::default(),
            is_enabled: true,
            post_logon_message: Message::default(),
            overrides_realm: false,
            realm: None,
            filters_members: false,
            members: Vec::new(),
            provider_id: None,
            return_to: Vec::new(),
        }
    }

    /// Whether it is the one at `/`.
    pub fn is_default(&self) -> bool {
        self.id == DEFAULT_THEME
    }

    /// The provider, where people may sign in here.
    pub fn open_with(&self) -> Option<i64> {
        self.provider_id.filter(|_| self.is_enabled)
    }

    /// The realm that counts here, whatever realm people name.
    pub fn forced_realm(&self) -> Option<&RealmName> {
        self.realm.as_ref().filter(|_| self.overrides_realm)
    }

    /// Whether somebody may sign in here. Whom nobody knows is in no group; a list of nobody lets nobody in.
    pub fn admits(&self, principals: Option<&[Principal]>) -> bool {
        let is_named = |entry: &PrincipalEntry| principals.unwrap_or_default().iter().any(|one| entry.names(one));
        !self.filters_members || self.members.iter().any(is_named)
    }

    /// Whether people may be sent on to that place.
    pub fn returns_to(&self, place: &ReturnTo) -> bool {
        self.return_to.iter().any(|prefix| prefix.covers(place))
    }

    /// Checks what no single setting can.
    pub fn checked(self) -> Result<Self, InvalidTheme> {
        if self.is_default() && (!self.is_enabled || self.name.key() != DEFAULT_NAME) {
            return Err(InvalidTheme::Default);
        }
        if self.overrides_realm && self.realm.is_none() {
            return Err(InvalidTheme::NoRealm);
        }
        let counts = [
            ("members in its group filter", MAX_MEMBERS, self.members.len()),
            ("return addresses", MAX_PREFIXES, self.return_to.len()),
        ];
        match counts.into_iter().find(|(_, most, got)| got > most) {
            Some((what, most, got)) => Err(InvalidTheme::Many { what, most, got }),
            None => Ok(self),
        }
    }
}

const MAX_NAME: usize = 255;
const DEFAULT_NAME: &str = "default";
/// Pages of the server below `/signin/`.
const RESERVED: [&str; 3] = ["code", "done", "resend"];

#[cfg(test)]
mod tests;
