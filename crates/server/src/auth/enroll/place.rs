//! Where an address is kept that somebody has proven: here, or in their directory, as the provider says.

use domain::address::MailAddress;
use domain::provider::{AttributeName, ExternalStorage};

use super::super::AuthError;
use super::{Person, Wanted};
use crate::directory::Written;
use crate::store::Statement;
use crate::store::accounts;

/// The place of an address.
pub(super) struct Place {
    /// The address, where it is kept with the enrollment; otherwise it is read from the directory each time.
    pub(super) address: Option<MailAddress>,
    /// What has to be written with the enrollment.
    pub(super) statement: Option<Statement>,
    /// The name in the audit.
    pub(super) name: String,
}

/// Puts the address where it belongs. Nothing if another one is there, which stays.
pub(super) async fn keep(person: &Person, wanted: &Wanted) -> Result<Option<Place>, AuthError> {
    let Wanted::Other(address) = wanted else {
        return Ok(Some(Place { address: None, statement: None, name: "in the directory".to_owned() }));
    };
    let provider = &person.provider;
    match (provider.external_storage, provider.custom_attribute) {
        (ExternalStorage::DirectoryMail, _) => in_mail(person, address).await,
        (ExternalStorage::CustomAttribute, Some(attribute)) if person.listed.is_some() => {
            in_directory(person, attribute, address).await
        }
        // Accounts that are kept here have no further attributes.
        _ => Ok(Some(Place { address: Some(address.clone()), statement: None, name: "here".to_owned() })),
    }
}

async fn in_mail(person: &Person, address: &MailAddress) -> Result<Option<Place>, AuthError> {
    let Some(attribute) = AttributeName::parse("mail").ok().filter(|_| person.listed.is_some()) else {
        let account = person.account.as_ref();
        let statement = account.map(|account| accounts::fill_email(&account.id, address.as_str()));
        return Ok(Some(Place { address: None, statement, name: "with the account".to_owned() }));
    };
    in_directory(person, attribute, address).await
}

async fn in_directory(
    person: &Person,
    attribute: AttributeName,
    address: &MailAddress,
) -> Result<Option<Place>, AuthError> {
    let Some(listed) = &person.listed else { return Ok(None) };
    // What we wrote ourselves, at an earlier enrollment, gives way; an address in `mail` never does.
    let known = listed.entry.kept.iter().find(|(name, _)| name == attribute.as_str() && name != "mail");
    let known = known.map(|(_, value)| value.as_str());
    match listed.directory.write(&listed.entry, attribute, address, known).await? {
        Written::Occupied => Ok(None),
        Written::Done => {
            let name = format!("in {} of the directory", attribute.as_str());
            Ok(Some(Place { address: None, statement: None, name }))
        }
    }
}
