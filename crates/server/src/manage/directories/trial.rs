//! Trying a directory out, before anybody depends on it.

use domain::name::UserName;
use domain::provider::AttributeName;

use super::{ManageError, NewDirectory, plan};
use crate::app::App;
use crate::directory::{Directory, Freshness, Listed};
use crate::manage::wording::shown;

/// What a directory said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// How many people it showed, at most a hundred.
    pub people: usize,
    /// Whether there are more.
    pub has_more: bool,
    /// What is wrong when there is nobody at all.
    pub complaint: Option<String>,
    /// The person that was asked about, if there is one.
    pub person: Option<Listed>,
    /// Their groups.
    pub groups: Vec<String>,
}

/// Connects, signs in, looks for people, and for one of them by name. Nothing is stored.
pub async fn try_out(app: &App, new: NewDirectory, name: Option<&str>) -> Result<Trial, ManageError> {
    let directory = Directory::new(&plan(app, new)?, &app.keys, &[])?;
    let found = directory.list("*", MOST, app.now()).await?;
    let name = name.map(UserName::parse).transpose();
    let name = name.map_err(|error| ManageError::Invalid(format!("the name of a user: {error}")))?;
    let person = match name {
        Some(name) => directory.find(&name, Freshness::Now, app.now()).await?.listed(),
        None => None,
    };
    let groups = match &person {
        Some(listed) => directory.groups_of(listed, Freshness::Now, app.now()).await?,
        None => Vec::new(),
    };
    let in_words = |group: crate::directory::Group| match group.sid {
        Some(sid) => format!("{} {sid}", group.name).trim_start().to_owned(),
        None => group.name,
    };
    let complaint = if found.people.is_empty() { Some(why_nobody(&directory).await?) } else { None };
    Ok(Trial {
        people: found.people.len(),
        has_more: found.is_cut,
        complaint,
        person,
        groups: groups.into_iter().map(in_words).collect(),
    })
}

/// What to look at where a directory answers and shows nobody.
async fn why_nobody(directory: &Directory) -> Result<String, ManageError> {
    let base = &directory.settings().base;
    Ok(if directory.has_base().await? {
        format!(
            "no entry below LDAPBASE {base} fits LDAPSEARCHFILTER and has a name in LOGINNAMEATTRIBUTE and an \
             identifier in UIDTYPE, as far as BINDDN may read"
        )
    } else {
        format!("LDAPBASE {base} is not there, or BINDDN may not read it")
    })
}

/// Proves in every directory that addresses may be written into that attribute, on the entry of that name, or, where
/// none is named, on that of the account that writes. Nothing changes. Answers which directories were asked.
pub async fn try_attribute(
    app: &App,
    attribute: AttributeName,
    name: Option<&str>,
) -> Result<Vec<String>, ManageError> {
    let settings = app.settings();
    if settings.directories.is_empty() {
        let reason = format!(
            "{} may hold addresses, but no directory is connected that has this attribute: users and their external \
             addresses are kept in Otpost's own database (externalEmailStorage 0, RASDatabase)",
            attribute.as_str()
        );
        return Err(ManageError::Taken(reason));
    }
    let name = name.map(UserName::parse).transpose();
    let name = name.map_err(|error| ManageError::Invalid(format!("the name of a user: {error}")))?;
    let mut asked = Vec::new();
    for stored in &settings.directories {
        let Some(directory) = app.directories.find(&settings, &app.keys, &stored.resolver)? else { continue };
        match &name {
            Some(name) => {
                let said = directory.find(name, Freshness::Now, app.now()).await?;
                let missing =
                    || ManageError::NotFound(format!("{} has no user '{}'", stored.resolver, shown(name.as_str())));
                directory.try_writing(&said.listed().ok_or_else(missing)?.dn, attribute).await?;
            }
            None => directory.try_writing_itself(attribute).await?,
        }
        asked.push(stored.resolver.clone());
    }
    Ok(asked)
}

/// People that a trial counts.
const MOST: u32 = 100;
