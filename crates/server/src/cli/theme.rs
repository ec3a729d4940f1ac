//! `otpost theme …`

use clap::Subcommand;
use domain::criteria::{InvalidMember, PrincipalEntry};
use domain::name::{InvalidName, RealmName};
use domain::theme::{InvalidReturnTo, InvalidTheme, Message, Note, ReturnPrefix, Theme, ThemeName};

use super::error::CliError;
use super::{Context, by};
use crate::app::App;
use crate::manage::themes;
use crate::settings::Settings;

/// Themes: the entrances at which people sign in.
#[derive(Subcommand)]
pub(super) enum ThemeVerb {
    /// Lists themes.
    List,
    /// Removes a theme; the default one stays.
    Remove {
        /// Its name.
        name: String,
    },
    /// Makes a theme, or changes what is given of one.
    Set(Set),
}

/// What a theme is to be. What is not given stays as it is.
#[derive(clap::Args)]
pub(super) struct Set {
    /// Its name, part of its address: /signin/NAME.
    name: String,
    /// The provider by its name; an empty text for none, and then nobody signs in there.
    #[arg(long)]
    provider: Option<String>,
    /// Whether anybody may sign in there.
    #[arg(long)]
    enabled: Option<bool>,
    /// What you call it.
    #[arg(long)]
    description: Option<String>,
    /// What people read once they are signed in.
    #[arg(long)]
    message: Option<String>,
    /// The realm that takes the place of the one people name; an empty text for none.
    #[arg(long)]
    realm: Option<String>,
    /// Who may sign in there, several with commas: user, REALM\user or a group; an empty text for everybody.
    #[arg(long = "member", visible_alias = "members", value_delimiter = ',')]
    members: Option<Vec<String>>,
    /// Where people may be sent on to: scheme, host, port and the beginning of the path. Several with
    /// commas; an empty text for nowhere.
    #[arg(long, value_delimiter = ',')]
    return_to: Option<Vec<String>>,
}

pub(super) async fn run(app: &App, context: &Context, verb: ThemeVerb) -> Result<(), CliError> {
    match verb {
        ThemeVerb::List => list(app, context),
        ThemeVerb::Remove { name } => {
            let id = find(&app.settings(), &name)?.id;
            context.confirm(&format!("Remove the theme {name}?"))?;
            themes::remove(app, &by("theme remove"), id).await?;
            context.out.line(&format!("theme {name} removed"))
        }
        ThemeVerb::Set(set) => save(app, context, set).await,
    }
}

async fn save(app: &App, context: &Context, set: Set) -> Result<(), CliError> {
    let settings = app.settings();
    let name = ThemeName::parse(&set.name).map_err(|error| usage(&error))?;
    let known = settings.theme(name.as_str()).cloned();
    let theme = set.apply(&settings, known.clone().unwrap_or_else(|| Theme::new(0, name.clone())))?;
    let is_open = theme.open_with().is_some();
    match known {
        Some(_) => themes::update(app, &by("theme set"), theme).await?,
        None => drop(themes::add(app, &by("theme set"), theme).await?),
    }
    let state = if is_open { "people sign in" } else { "nobody signs in" };
    context.out.line(&format!("theme {} saved; {state} at /signin/{}", name.as_str(), name.as_str()))
}

impl Set {
    fn apply(self, settings: &Settings, mut theme: Theme) -> Result<Theme, CliError> {
        let given = |list: Vec<String>| list.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>();
        if let Some(name) = self.provider {
            theme.provider_id = provider(settings, &name)?;
        }
        theme.is_enabled = self.enabled.unwrap_or(theme.is_enabled);
        if let Some(text) = self.description {
            theme.description = Note::parse(&text).map_err(|error| usage(&error))?;
        }
        if let Some(text) = self.message {
            theme.post_logon_message = Message::parse(&text).map_err(|error| usage(&error))?;
        }
        if let Some(text) = self.realm {
            let refuse = |error: InvalidName| CliError::usage(format!("--realm: {error}"));
            theme.overrides_realm = !text.is_empty();
            theme.realm = if text.is_empty() { None } else { Some(RealmName::parse(&text).map_err(refuse)?) };
        }
        if let Some(members) = self.members.map(given) {
            let refuse = |error: InvalidMember| CliError::usage(format!("--member: {error}"));
            theme.filters_members = !members.is_empty();
            let entries = members.iter().map(|member| PrincipalEntry::parse(Some(member), None));
            theme.members = entries.collect::<Result<_, _>>().map_err(refuse)?;
        }
        if let Some(list) = self.return_to.map(given) {
            let refuse = |error: InvalidReturnTo| CliError::usage(format!("--return-to: {error}"));
            theme.return_to =
                list.iter().map(|one| ReturnPrefix::parse(one)).collect::<Result<_, _>>().map_err(refuse)?;
        }
        Ok(theme)
    }
}

fn provider(settings: &Settings, name: &str) -> Result<Option<i64>, CliError> {
    if name.is_empty() {
        return Ok(None);
    }
    let providers = || settings.providers.iter().map(|stored| &stored.provider);
    let found = providers().find(|provider| provider.name.as_str().to_lowercase() == name.to_lowercase());
    let known = providers().map(|provider| provider.name.as_str()).collect::<Vec<_>>().join(", ");
    found
        .map(|provider| Some(provider.id))
        .ok_or_else(|| CliError::usage(format!("--provider: there is no provider {name}; there are: {known}")))
}

fn find<'a>(settings: &'a Settings, name: &str) -> Result<&'a Theme, CliError> {
    settings.theme(name).ok_or_else(|| CliError::not_found(format!("there is no theme {name}")))
}

fn list(app: &App, context: &Context) -> Result<(), CliError> {
    let settings = app.settings();
    let row = |theme: &Theme| {
        let return_to: Vec<_> = theme.return_to.iter().map(ReturnPrefix::as_str).collect();
        let provider = theme.provider_id.map(|id| settings.provider(id).name.to_string()).unwrap_or_default();
        let members = if theme.filters_members { theme.members.len().to_string() } else { "everybody".to_owned() };
        let state = if theme.open_with().is_some() { "open" } else { "closed" };
        vec![theme.name.as_str().to_owned(), state.to_owned(), provider, members, return_to.join(" ")]
    };
    let rows: Vec<_> = settings.all_themes().map(row).collect();
    context.out.table(&["name", "state", "provider", "members", "return to"], &rows)
}

fn usage(error: &InvalidTheme) -> CliError {
    CliError::usage(error.to_string())
}
