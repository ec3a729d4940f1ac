//! Use cases: themes, the entrances at which people sign in.

use domain::name::RealmName;
use domain::theme::{InvalidTheme, ReturnPrefix, Theme};

use super::{About, By, ManageError, apply};
use crate::app::App;
use crate::settings::Settings;
use crate::store::themes;

impl From<InvalidTheme> for ManageError {
    fn from(error: InvalidTheme) -> Self {
        Self::Invalid(error.to_string())
    }
}

/// Adds a theme under the next free number, which is answered.
pub async fn add(app: &App, by: &By, theme: Theme) -> Result<i64, ManageError> {
    let settings = app.settings();
    let id = settings.themes.iter().map(|theme| theme.id).max().unwrap_or_default() + 1;
    let theme = check(&settings, Theme { id, ..theme })?;
    apply(app, by, about(&settings, None, &theme), vec![themes::insert(&theme)]).await?;
    Ok(id)
}

/// Writes a theme back as a whole.
pub async fn update(app: &App, by: &By, theme: Theme) -> Result<(), ManageError> {
    let settings = app.settings();
    let theme = check(&settings, theme)?;
    let before = find(&settings, theme.id)?;
    apply(app, by, about(&settings, Some(before), &theme), vec![themes::update(&theme)]).await
}

/// Removes a theme. Whoever is in the middle of signing in there begins elsewhere.
pub async fn remove(app: &App, by: &By, id: i64) -> Result<(), ManageError> {
    let settings = app.settings();
    let theme = find(&settings, id)?;
    if theme.is_default() {
        return Err(InvalidTheme::Default.into());
    }
    let detail = format!("theme {} removed; it was: {}", theme.name.as_str(), summary(&settings, theme));
    apply(app, by, About { detail, ..About::default() }, themes::delete(id)).await
}

fn find(settings: &Settings, id: i64) -> Result<&Theme, ManageError> {
    let found = settings.themes.iter().find(|theme| theme.id == id);
    found.ok_or_else(|| ManageError::NotFound("there is no such theme".to_owned()))
}

fn check(settings: &Settings, theme: Theme) -> Result<Theme, ManageError> {
    let theme = theme.checked()?;
    if settings.themes.iter().any(|other| other.id != theme.id && other.name == theme.name) {
        return Err(ManageError::Taken(format!("a theme of the name {} exists already", theme.name.as_str())));
    }
    if let Some(realm) = theme.forced_realm()
        && settings.realm(Some(realm)).is_none()
    {
        return Err(ManageError::Invalid(format!("there is no realm {}; make it first", realm.as_str())));
    }
    match theme.provider_id {
        Some(id) if !settings.providers.iter().any(|stored| stored.provider.id == id) => {
            Err(ManageError::Invalid(format!("there is no provider with the number {id}")))
        }
        _ => Ok(theme),
    }
}

fn about(settings: &Settings, before: Option<&Theme>, theme: &Theme) -> About {
    let was = before.map(|before| format!("; it was: {}", summary(settings, before))).unwrap_or_default();
    About { detail: format!("theme {}: {}{was}", theme.name.as_str(), summary(settings, theme)), ..About::default() }
}

fn summary(settings: &Settings, theme: &Theme) -> String {
    let provider = theme.provider_id.map_or("none".to_owned(), |id| settings.provider(id).name.to_string());
    let realm = theme.forced_realm().map_or("any", RealmName::as_str);
    let members = if theme.filters_members { theme.members.len().to_string() } else { "everybody".to_owned() };
    let return_to: Vec<&str> = theme.return_to.iter().map(ReturnPrefix::as_str).collect();
    let state = if theme.is_enabled { "on" } else { "off" };
    format!("{state}, provider {provider}, realm {realm}, members {members}, return to [{}]", return_to.join(" "))
}
