//! The form of a theme: its fields, and what somebody wants by what they filled in.

use domain::criteria::{AccountName, Label, PrincipalEntry};
use domain::name::RealmName;
use domain::theme::{Message, Note, ReturnPrefix, Theme, ThemeName};

use super::form::{self, Field, Kind, Section};
use super::posted::Posted;
use crate::settings::Settings;

/// The fields with what is set.
pub(super) fn sections(settings: &Settings, theme: &Theme) -> Vec<Section> {
    vec![about(settings, theme), entering(settings, theme), leaving(theme)]
}

fn about(settings: &Settings, theme: &Theme) -> Section {
    let providers = settings.providers.iter().map(|stored| &stored.provider);
    let providers = providers.map(|provider| (provider.id.to_string(), provider.name.to_string()));
    let picked = theme.provider_id.map(|id| id.to_string()).unwrap_or_default();
    let fields = vec![
        Field::new("name", "Name", Kind::Line, theme.name.as_str())
            .hinting("Letters, digits, hyphens, underscores and dots: it is part of the address /signin/NAME."),
        Field::new("provider", "Provider", with_none("none: nobody signs in here", providers), picked),
        Field::tick("enabled", "People may sign in here", theme.is_enabled),
        Field::new("description", "Note", Kind::Line, theme.description.as_str()).hinting("Up to 255 characters."),
    ];
    Section { title: "The theme", fields }
}

fn entering(settings: &Settings, theme: &Theme) -> Section {
    let realms = settings.realms.iter().map(|realm| realm.name.as_str().to_owned());
    let realms = realms.map(|name| (name.clone(), name));
    let realm = theme.realm.as_ref().map_or("", RealmName::as_str);
    let members: Vec<String> = theme.members.iter().map(shown_member).collect();
    let fields = vec![
        Field::new("realm", "Realm", with_none("none", realms), realm),
        Field::tick(
            "overrides_realm",
            "People are looked for in this realm, whichever they name",
            theme.overrides_realm,
        )
        .hinting("Without it, it is the realm that people name, or the default one."),
        Field::tick("filtered", "Only those of the list below may sign in here", theme.filters_members),
        Field::new("members", "Users and groups", Kind::Text, members.join("\n")).hinting(
            "One a line: REALM\\name, name@realm or a name; a security identifier after a semicolon, if it has one.",
        ),
    ];
    Section { title: "Who comes in", fields }
}

fn leaving(theme: &Theme) -> Section {
    let return_to: Vec<&str> = theme.return_to.iter().map(ReturnPrefix::as_str).collect();
    let fields = vec![
        Field::new(
            "message",
            "What people read once they are signed in",
            Kind::Text,
            theme.post_logon_message.as_str(),
        )
        .hinting("Up to 2,048 characters."),
        Field::new("return_to", "Where people may be sent on to", Kind::Text, return_to.join("\n"))
            .hinting("One address a line, such as https://app.example.org/: every address below it counts."),
    ];
    Section { title: "After the sign-in", fields }
}

/// The theme as it is wanted; what is wrong is said at the fields.
pub(super) fn read(posted: &Posted, known: &Theme, sections: &mut [Section]) -> Option<Theme> {
    let mut field = Reading { posted, sections };
    let name = field.read("name", |text| ThemeName::parse(text.trim()).map_err(|error| error.to_string()));
    let description = field.read("description", |text| Note::parse(text).map_err(|error| error.to_string()));
    let message = field.read("message", |text| Message::parse(text).map_err(|error| error.to_string()));
    let realm = field.read("realm", |text| match text {
        "" => Ok(None),
        name => RealmName::parse(name).map(Some).map_err(|error| error.to_string()),
    });
    let provider = field.read("provider", |text| match text {
        "" => Ok(None),
        id => id.parse().map(Some).map_err(|_| "choose one of the list".to_owned()),
    });
    let members = field.read("members", |text| each_line(text, member));
    let return_to =
        field.read("return_to", |text| each_line(text, |line| ReturnPrefix::parse(line).map_err(|e| e.to_string())));
    Some(Theme {
        name: name?,
        description: description?,
        is_enabled: form::is_ticked(posted, "enabled"),
        post_logon_message: message?,
        overrides_realm: form::is_ticked(posted, "overrides_realm"),
        realm: realm?,
        filters_members: form::is_ticked(posted, "filtered"),
        members: members?,
        provider_id: provider?,
        return_to: return_to?,
        ..known.clone()
    })
}

/// Fields on their way to values.
struct Reading<'a> {
    posted: &'a Posted,
    sections: &'a mut [Section],
}

impl Reading<'_> {
    fn read<T>(&mut self, name: &'static str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        match parse(&form::lines(self.posted, name)) {
            Ok(value) => Some(value),
            Err(reason) => {
                form::blame(self.sections, name, reason);
                None
            }
        }
    }
}

fn each_line<T>(text: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    let lines = (1..).zip(text.lines().map(str::trim)).filter(|(_, line)| !line.is_empty());
    lines.map(|(number, line)| parse(line).map_err(|reason| format!("line {number}: {reason}"))).collect()
}

fn member(line: &str) -> Result<PrincipalEntry, String> {
    let (name, sid) = line.split_once(';').unwrap_or((line, ""));
    let [name, sid] = [name, sid].map(|part| Some(part.trim()).filter(|part| !part.is_empty()));
    PrincipalEntry::parse(name, sid).map_err(|error| error.to_string())
}

fn shown_member(entry: &PrincipalEntry) -> String {
    let name = entry.account().map_or("", AccountName::as_str);
    entry.sid().map_or_else(|| name.to_owned(), |sid| format!("{name}; {}", Label::as_str(sid)))
}

fn with_none(label: &str, options: impl Iterator<Item = (String, String)>) -> Kind {
    Kind::Choice(std::iter::once((String::new(), label.to_owned())).chain(options).collect())
}
