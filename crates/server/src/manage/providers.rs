//! Use cases: providers, the criteria of the site, and which provider serves whom.

use domain::criteria::Criteria;
use domain::provider::{Provider, UserEnrollment};

use super::wording::one_line;
use super::{About, By, ManageError, apply};
use crate::app::App;
use crate::store::accounts::{self, Account};
use crate::store::{criteria, settings};

/// Adds a provider, or writes it back. Its name is unique without regard to letter case.
pub async fn save(app: &App, by: &By, provider: Provider) -> Result<(), ManageError> {
    let provider = provider.checked().map_err(|error| ManageError::Invalid(error.to_string()))?;
    if provider.name.trim() != provider.name || provider.name.is_empty() {
        return Err(ManageError::Invalid("the name of a provider begins and ends with a visible character".to_owned()));
    }
    one_line("the name of a provider", &provider.name, MOST_NAME_CHARS)?;
    let about = About { detail: detail(&provider), ..About::default() };
    apply(app, by, about, vec![settings::save_provider(&provider)]).await
}

/// Sets the criteria of the site: those of every provider that has none of its own.
pub async fn set_site_criteria(app: &App, by: &By, criteria: &Criteria) -> Result<(), ManageError> {
    let about = About { detail: "criteria of the site".to_owned(), ..About::default() };
    apply(app, by, about, vec![criteria::save_site(criteria)]).await
}

/// Has a user served by that provider, or by the default one, until they are enrolled: an
/// enrollment stays with the provider it was made for.
pub async fn assign(app: &App, by: &By, account: &Account, provider_id: Option<i64>) -> Result<(), ManageError> {
    let found = provider_id.map(|id| app.settings().providers.iter().find(|provider| provider.id == id).cloned());
    let name = match found {
        Some(None) => return Err(ManageError::NotFound("there is no such provider".to_owned())),
        Some(Some(provider)) => provider.name,
        None => "the default one".to_owned(),
    };
    let detail = format!("provider {name}");
    let about = About { user_name: account.name.clone(), detail, ..About::default() };
    apply(app, by, about, vec![accounts::set_provider(&account.id, provider_id)]).await
}

fn detail(provider: &Provider) -> String {
    let Provider { name, user_enrollment, .. } = provider;
    let asks = if provider.is_enabled { "on" } else { "off" };
    let criteria = if provider.inherits_criteria { "of the site" } else { "its own" };
    let until = match user_enrollment {
        UserEnrollment::AllowUntil(until) => {
            jiff::Timestamp::from_millisecond(until.millis()).map(|until| format!(" {until}")).unwrap_or_default()
        }
        UserEnrollment::Allow | UserEnrollment::DoNotAllow => String::new(),
    };
    let show = provider.show_information.as_str();
    format!("provider {name}: {asks}, enrollment {}{until}, show {show}, criteria {criteria}", user_enrollment.as_str())
}

const MOST_NAME_CHARS: usize = 255;
