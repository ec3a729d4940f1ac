//! Names that people type: parsed once, compared in one canonical form.
//!
//! The canonical form decides which counters a guess is charged to, so every spelling of one person
//! must end in one form: that is what closes the "same user, fresh budget" hole.

use unicode_normalization::UnicodeNormalization;

/// The longest user, realm or resolver name accepted, in octets.
pub const MAX_NAME_OCTETS: usize = 255;

/// Why a text cannot be a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// Nothing but blanks.
    #[error("a name is needed")]
    Empty,
    /// Longer than [`MAX_NAME_OCTETS`].
    #[error("a name has at most 255 octets")]
    TooLong,
    /// A control character, a line separator or a text direction override.
    #[error("a name has no control characters")]
    ControlCharacter,
}

/// The name of a user inside one realm, as typed, without its realm.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UserName(String);

/// The name of a realm; letter case does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RealmName(String);

impl UserName {
    /// Reads a user name; blanks around it are dropped.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        checked(text).map(|name| Self(name.to_owned()))
    }

    /// As it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which names are compared and counted.
    pub fn canonical(&self) -> String {
        canonical(&self.0)
    }
}

impl RealmName {
    /// Reads a realm name and folds its case.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        checked(text).map(|name| Self(canonical(name)))
    }

    /// The folded name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A login string taken apart: `user@realm` and `realm\user` name a realm only if it exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The user part.
    pub user: UserName,
    /// The realm part, when the string named a realm that exists.
    pub realm: Option<RealmName>,
}

impl Login {
    /// Takes a login string apart. `exists` says which realms there are.
    pub fn parse(text: &str, exists: impl Fn(&RealmName) -> bool) -> Result<Self, InvalidName> {
        let known = |realm: &str| RealmName::parse(realm).ok().filter(|realm| exists(realm));
        let split = text
            .rsplit_once('@')
            .and_then(|(user, realm)| Some((user, known(realm)?)))
            .or_else(|| text.split_once('\\').and_then(|(realm, user)| Some((user, known(realm)?))));
        Ok(match split {
            Some((user, realm)) => Self { user: UserName::parse(user)?, realm: Some(realm) },
            None => Self { user: UserName::parse(text)?, realm: None },
        })
    }
}

fn checked(text: &str) -> Result<&str, InvalidName> {
    let name = text.trim();
    match name {
        "" => Err(InvalidName::Empty),
        _ if name.len() > MAX_NAME_OCTETS => Err(InvalidName::TooLong),
        _ if name.chars().any(crate::text::is_unprintable) => Err(InvalidName::ControlCharacter),
        _ => Ok(name),
    }
}

/// NFKC, full case folding, no blanks around. Upper-casing first folds what has no simple
/// lower-case partner (ß and SS, the final sigma).
pub fn canonical(text: &str) -> String {
    let fold = |text: &str| text.nfkc().collect::<String>().to_uppercase().to_lowercase();
    let mut once = fold(text.trim());
    // A fold can expose another composition (rare, and settled by the second or third round).
    for _ in 0..3 {
        let again = fold(once.trim());
        if again == once {
            break;
        }
        once = again;
    }
    once
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn canonical_of(text: &str) -> String {
        UserName::parse(text).map(|name| name.canonical()).unwrap_or_default()
    }

    #[test]
    fn spellings_of_one_name_have_one_form() {
        for spelling in ["bob", "BOB", " Bob ", "ｂｏｂ", "BoB\u{a0}"] {
            assert_eq!(canonical_of(spelling), "bob", "{spelling:?}");
        }
        assert_eq!(canonical_of("Jose\u{301}"), canonical_of("JOSÉ"));
        assert_eq!(canonical_of("STRASSE"), canonical_of("straße"));
    }

    #[test]
    fn a_realm_is_split_off_only_if_it_exists() {
        let exists = |realm: &RealmName| realm.as_str() == "corp";
        let login = |text| Login::parse(text, exists).expect("valid");
        assert_eq!(login("ann@CORP").user.as_str(), "ann");
        assert_eq!(login("Corp\\ann").realm, RealmName::parse("corp").ok());
        assert_eq!(login("ann@elsewhere").user.as_str(), "ann@elsewhere");
        assert_eq!(login("ann@elsewhere").realm, None);
    }

    #[test]
    fn hostile_names_are_refused() {
        assert_eq!(UserName::parse("  "), Err(InvalidName::Empty));
        assert_eq!(UserName::parse("a\0b"), Err(InvalidName::ControlCharacter));
        assert_eq!(UserName::parse("a\u{202e}b"), Err(InvalidName::ControlCharacter));
        assert_eq!(UserName::parse(&"x".repeat(256)), Err(InvalidName::TooLong));
    }

    proptest! {
        #[test]
        fn canonical_is_idempotent(name in "\\PC{1,40}") {
            let once = canonical(&name);
            prop_assert_eq!(canonical(&once), once);
        }
    }
}
