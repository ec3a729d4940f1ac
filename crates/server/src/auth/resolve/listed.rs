//! People of a directory, as accounts: what of them is the same for everybody, and what the directory alone knows.

use std::sync::Arc;

use domain::address::MailAddress;
use domain::decide::ExternalAddress;
use domain::provider::{ExternalStorage, Provider};
use domain::time::Timestamp;

use super::Person;
use crate::app::App;
use crate::auth::AuthError;
use crate::directory::{Directory, Freshness, Group, Listed, NoAddress, Standing};
use crate::settings::Settings;
use crate::store::accounts::Account;

/// What a directory says of somebody.
#[derive(Clone)]
pub(in crate::auth) struct InDirectory {
    /// Their entry.
    pub(in crate::auth) entry: Listed,
    /// Their groups, if any rule asks for groups.
    pub(in crate::auth) groups: Vec<Group>,
    /// The directory.
    pub(in crate::auth) directory: Arc<Directory>,
}

impl std::fmt::Debug for InDirectory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InDirectory").field("entry", &self.entry).field("groups", &self.groups).finish_non_exhaustive()
    }
}

impl InDirectory {
    /// Takes what was looked up, and looks for the groups where a rule needs them.
    pub(super) async fn read(
        settings: &Settings,
        directory: &Arc<Directory>,
        entry: Listed,
        (freshness, now): (Freshness, Timestamp),
    ) -> Result<Self, AuthError> {
        let may_enter = entry.standing == Standing::Good && settings.has_rules_about_groups();
        let groups = if may_enter { directory.groups_of(&entry, freshness, now).await? } else { Vec::new() };
        Ok(Self { entry, groups, directory: Arc::clone(directory) })
    }

    /// Why the directory would not let them in, in a word.
    pub(super) fn why_barred(&self) -> Option<&'static str> {
        let standing = self.entry.standing;
        (standing != Standing::Good).then_some(standing.as_str())
    }

    /// What is wrong with their address, if there is one.
    pub(super) fn why_no_address(&self) -> Option<NoAddress> {
        self.entry.address.as_ref().err().copied().filter(|fault| *fault != NoAddress::Missing)
    }

    /// Whether somebody who was looked up again is as they were.
    pub(in crate::auth) fn is_as(&self, other: &Self) -> bool {
        self.entry == other.entry && self.groups == other.groups
    }
}

impl Person {
    /// The address in the directory, if it can be mailed to: the one that people have named themselves where the
    /// provider keeps those there, else the one of the directory.
    pub(in crate::auth) fn listed_address(&self) -> Option<MailAddress> {
        match self.kept_value() {
            Some(value) => MailAddress::parse(value).ok(),
            None => MailAddress::parse(&self.account.as_ref()?.email).ok(),
        }
    }

    /// Whether they may name another address, and it has a place: no address that is in the directory already is
    /// ever written over.
    pub(in crate::auth) fn external(&self) -> ExternalAddress {
        let is_occupied = match self.provider.external_storage {
            ExternalStorage::DirectoryMail => self.has_mail(),
            ExternalStorage::CustomAttribute | ExternalStorage::Database => false,
        };
        if is_occupied { ExternalAddress::Forbidden } else { self.provider.external_address }
    }

    /// The value of the attribute in which the provider keeps addresses, if it has one.
    fn kept_value(&self) -> Option<&str> {
        let attribute = custom_attribute(&self.provider)?;
        let kept = &self.listed.as_ref()?.entry.kept;
        kept.iter().find(|(name, _)| name.eq_ignore_ascii_case(attribute)).map(|(_, value)| value.as_str())
    }

    fn has_mail(&self) -> bool {
        match (&self.listed, &self.account) {
            (Some(listed), _) => listed.entry.address != Err(NoAddress::Missing),
            (None, Some(account)) => !account.email.is_empty(),
            (None, None) => false,
        }
    }
}

/// The attribute in which a provider keeps addresses that people name.
fn custom_attribute(provider: &Provider) -> Option<&'static str> {
    let attribute = provider.custom_attribute.filter(|_| provider.external_storage == ExternalStorage::CustomAttribute);
    attribute.map(domain::provider::AttributeName::as_str)
}

/// What has become of somebody of whom we keep an account.
pub(super) enum Kept {
    /// Their directory does not know them any more: the account lets nobody in.
    Gone(Account),
    /// No directory has them.
    Here(Account),
    /// The account as their directory has it now.
    There(Account, Box<InDirectory>),
}

impl Kept {
    /// Asks the directory that the account is from, if it is from one.
    pub(super) async fn find(
        app: &App,
        settings: &Settings,
        kept: Account,
        freshness: Freshness,
    ) -> Result<Self, AuthError> {
        let Some(directory) = app.directories.find(settings, &app.keys, &kept.resolver)? else {
            return Ok(Self::Here(kept));
        };
        let id = kept.id.strip_prefix(&format!("{}/", kept.resolver)).unwrap_or_default();
        let Some(listed) = directory.find_by_id(id, freshness, app.now()).await? else {
            return Ok(Self::Gone(kept));
        };
        let account = listed.account(&kept.resolver, app.now());
        let listed = InDirectory::read(settings, &directory, listed, (freshness, app.now())).await?;
        Ok(Self::There(account, Box::new(listed)))
    }
}
