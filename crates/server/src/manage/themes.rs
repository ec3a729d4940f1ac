//! Use cases: themes, the entrances at which people sign in.

use domain::name::RealmName;
use domain::theme::{InvalidTheme, ReturnPrefix, Theme, ThemeName};

use super::providers::ATTEMPTS;
use super::{About, By, ManageError, apply};
use crate::app::App;
use crate::settings::Settings;
use crate::store::themes;
pub use crate::store::themes::StoredTheme;

impl From<InvalidTheme> for ManageError {
    fn from(error: InvalidTheme) -> Self {
        Self::Invalid(error.to_string())
    }
}

/// Adds a theme under the next free number.
pub async fn add(app: &App, by: &By, theme: Theme) -> Result<StoredTheme, ManageError> {
    let settings = app.settings();
    let id = settings.all_themes().map(|theme| theme.id).max().unwrap_or_default() + 1;
    let theme = check(&settings, Theme { id, ..theme })?;
    let new = StoredTheme::new(theme, &by.actor, app.now());
    apply(app, by, about(&settings, None, &new.theme), vec![themes::insert(&new)]).await?;
    Ok(new)
}

/// Writes a theme back as a whole, whatever it was.
pub async fn update(app: &App, by: &By, theme: Theme) -> Result<(), ManageError> {
    edit(app, by, theme.id, |_| Ok(theme.clone())).await
}

/// Changes a theme by a rule of one's own. When somebody else was faster it is asked again, about what is there
/// now, so that neither change is lost.
pub async fn edit<E: From<ManageError>>(
    app: &App,
    by: &By,
    id: i64,
    change: impl Fn(Theme) -> Result<Theme, E>,
) -> Result<(), E> {
    for _ in 0..ATTEMPTS {
        let settings = app.settings();
        let before = find(&settings, id)?;
        let theme = check(&settings, change(before.theme.clone())?)?;
        let about = about(&settings, Some(&before.theme), &theme);
        let after = before.changed(theme, &by.actor, app.now());
        match apply(app, by, about, vec![themes::update(&after)]).await {
            Err(ManageError::Stale) => drop(app.settings.refresh(&app.store).await.map_err(ManageError::from)?),
            done => return Ok(done?),
        }
    }
    Err(ManageError::Stale.into())
}

/// Writes back a theme that was read in this version of it; [`ManageError::Stale`] where there is a later one.
pub async fn write(app: &App, by: &By, (theme, version): (Theme, i64)) -> Result<(), ManageError> {
    let settings = app.settings();
    let before = find(&settings, theme.id)?;
    if before.trace.version != version {
        return Err(ManageError::Stale);
    }
    let theme = check(&settings, theme)?;
    let about = about(&settings, Some(&before.theme), &theme);
    apply(app, by, about, vec![themes::update(&before.changed(theme, &by.actor, app.now()))]).await
}

/// Copies a theme: switched off, under a name of its own.
pub async fn duplicate(app: &App, by: &By, id: i64) -> Result<StoredTheme, ManageError> {
    let settings = app.settings();
    let original = &find(&settings, id)?.theme;
    let is_free = |name: &ThemeName| settings.all_themes().all(|theme| theme.name != *name);
    let name = (2..MOST_COPIES).filter_map(|number| original.name.copied(number)).find(is_free);
    let name = name.ok_or_else(|| ManageError::Taken("there are too many copies of this theme already".to_owned()))?;
    add(app, by, Theme { name, is_enabled: false, ..original.clone() }).await
}

/// Removes a theme. Whoever is in the middle of signing in there begins elsewhere.
pub async fn remove(app: &App, by: &By, id: i64) -> Result<(), ManageError> {
    let settings = app.settings();
    let theme = &find(&settings, id)?.theme;
    if theme.is_default() {
        return Err(InvalidTheme::Default.into());
    }
    let detail = format!("theme {} removed; it was: {}", theme.name.as_str(), summary(&settings, theme));
    apply(app, by, About { detail, ..About::default() }, themes::delete(id)).await
}

fn find(settings: &Settings, id: i64) -> Result<&StoredTheme, ManageError> {
    settings.find_theme(id).ok_or_else(|| ManageError::NotFound("there is no such theme".to_owned()))
}

fn check(settings: &Settings, theme: Theme) -> Result<Theme, ManageError> {
    let theme = theme.checked()?;
    if settings.all_themes().any(|other| other.id != theme.id && other.name == theme.name) {
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

/// Copies of one theme that may bear a number.
const MOST_COPIES: usize = 1000;
