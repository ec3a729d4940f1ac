//! Where an address is kept that is not the one of the directory.

use super::InvalidProvider;
use crate::text;

/// Where an external address is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ExternalStorage {
    /// In our own database.
    #[default]
    Database,
    /// In the directory's attribute `mail`, never over an address that is there.
    DirectoryMail,
    /// In another attribute of the directory, which has to be named.
    CustomAttribute,
}

impl ExternalStorage {
    /// The name used in settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::DirectoryMail => "directory-mail",
            Self::CustomAttribute => "custom-attribute",
        }
    }

    /// Reads the name back.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Database, Self::DirectoryMail, Self::CustomAttribute].into_iter().find(|kind| kind.as_str() == name)
    }
}

/// An attribute of the directory that may hold an address. What a person types is written there with
/// our rights: attributes that decide about rights, names or scripts are therefore not on the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AttributeName(&'static str);

impl AttributeName {
    /// Reads a name of 1 to 200 characters without regard to letter case (RFC 4512, 2.5).
    pub fn parse(text: &str) -> Result<Self, InvalidProvider> {
        let got = text::utf16_len(text);
        if !(1..=MOST_UNITS).contains(&got) {
            return Err(InvalidProvider::TextLength { field: "custom attribute", min: 1, max: MOST_UNITS, got });
        }
        let listed = NAMES.into_iter().find(|name| name.eq_ignore_ascii_case(text));
        listed.map(Self).ok_or(InvalidProvider::AttributeName)
    }

    /// The name as directories write it.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

const MOST_UNITS: usize = 200;

/// The list in words.
pub(super) const PERMITTED: &str = "mail, otherMailbox, extensionAttribute1 to extensionAttribute15";

const NAMES: [&str; 17] = [
    "mail",
    "otherMailbox",
    "extensionAttribute1",
    "extensionAttribute2",
    "extensionAttribute3",
    "extensionAttribute4",
    "extensionAttribute5",
    "extensionAttribute6",
    "extensionAttribute7",
    "extensionAttribute8",
    "extensionAttribute9",
    "extensionAttribute10",
    "extensionAttribute11",
    "extensionAttribute12",
    "extensionAttribute13",
    "extensionAttribute14",
    "extensionAttribute15",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_that_hold_addresses_are_permitted_and_no_others() {
        for name in NAMES {
            assert_eq!(AttributeName::parse(name).map(AttributeName::as_str), Ok(name));
        }
        assert_eq!(AttributeName::parse("OTHERMAILBOX").map(AttributeName::as_str), Ok("otherMailbox"));
        let long = "x".repeat(200);
        for bad in ["mail)(x=*", "userPassword", "1abc", "extensionAttribute16", " mail", "servicePrincipalName", &long]
        {
            assert_eq!(AttributeName::parse(bad), Err(InvalidProvider::AttributeName), "{bad}");
        }
        for bad in ["", &"x".repeat(201)] {
            assert!(matches!(AttributeName::parse(bad), Err(InvalidProvider::TextLength { .. })), "{bad}");
        }
    }
}
