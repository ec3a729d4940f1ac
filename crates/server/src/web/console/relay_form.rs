//! The form of a mail relay: its fields, named as the use case names what is wrong, and what they ask for.

use super::form::{self, Field, Kind, Section, choices};
use super::posted::Posted;
use crate::manage::relays::{NewRelay, PasswordChange, StoredRelay};

/// The fields with what is set; a new relay has a name to be filled in.
pub(super) fn sections(stored: Option<&StoredRelay>) -> Vec<Section> {
    vec![server(stored), signing_in(stored), more(stored)]
}

fn server(stored: Option<&StoredRelay>) -> Section {
    let name = Field::new("relay", "Name", Kind::Line, "").hinting("Letters, digits, hyphens, underscores and dots.");
    let security = stored.map_or("starttls", |relay| relay.security.as_str());
    let port = stored.map_or_else(|| "587".to_owned(), |relay| relay.port.to_string());
    let fields = [
        Field::new("server", "Server", Kind::Line, stored.map_or("", |relay| &relay.host))
            .hinting("A host name, as it stands in its certificate, or an address."),
        Field::new("security", "Encryption", choices(SECURITY), security),
        Field::new("port", "Port", Kind::Number, port)
            .hinting("Usually 587 with STARTTLS, 465 with TLS from the first byte."),
        Field::new("sender", "Sender", Kind::Line, stored.map_or("", |relay| &relay.sender))
            .hinting("The address that mails come from."),
    ];
    let fields = stored.is_none().then_some(name).into_iter().chain(fields).collect();
    Section { title: "The server", fields }
}

fn signing_in(stored: Option<&StoredRelay>) -> Section {
    let has_password = stored.is_some_and(|relay| relay.sealed_password.is_some());
    let hint = if has_password {
        "Empty for the stored one, which goes to no other server than the one it was given for."
    } else {
        "Stored sealed, and shown to nobody."
    };
    let fields = [
        Field::new("username", "User name", Kind::Line, stored.map_or("", |relay| &relay.user_name))
            .hinting("Empty for none."),
        Field::new("password", "Password", Kind::Password, "").hinting(hint),
        Field::new("mechanism", "How", choices(MECHANISMS), stored.map_or("auto", |relay| &relay.mechanism)),
    ];
    let forget = has_password.then(|| Field::tick("forget", "Forget the stored password", false));
    let fields = fields.into_iter().chain(forget).collect();
    Section { title: "Signing in there", fields }
}

fn more(stored: Option<&StoredRelay>) -> Section {
    let timeout = stored.map_or(10, |relay| relay.timeout_seconds).to_string();
    let position = stored.map(|relay| relay.position.to_string()).unwrap_or_default();
    let fields = vec![
        Field::new("timeout", "Seconds for one attempt", Kind::Number, timeout).hinting("1 to 30."),
        Field::new("position", "Place in the order", Kind::Number, position)
            .hinting("0 to 1,000, the smallest first. Empty for the last."),
        Field::new(
            "ca_file",
            "File with further certificate authorities",
            Kind::Line,
            stored.map_or("", |r| &r.ca_file),
        )
        .hinting("A path on the server, from the root."),
        Field::tick(
            "plaintext",
            "Codes may go there without encryption",
            stored.is_some_and(|relay| relay.allow_plaintext),
        )
        .hinting("Only for another machine that signs nobody in. Anybody on the way can read them."),
        Field::new("description", "Note", Kind::Line, stored.map_or("", |relay| &relay.description)),
    ];
    Section { title: "Further", fields }
}

/// What was filled in; what cannot be read as a number is said at its field.
pub(super) fn read(posted: &Posted, name: &str, sections: &mut [Section]) -> NewRelay {
    let mut number = |name: &str| {
        let text = posted.text(name).trim();
        let number = text.parse().ok();
        if number.is_none() && !text.is_empty() {
            form::blame(sections, name, "a whole number is needed");
        }
        number
    };
    let (port, timeout_seconds, position) = (number("port"), number("timeout"), number("position"));
    let text = |name: &str| posted.text(name).trim().to_owned();
    let password = match posted.secret("password") {
        typed if !typed.is_empty() => PasswordChange::Set(typed),
        _ if form::is_ticked(posted, "forget") => PasswordChange::Clear,
        _ => PasswordChange::Keep,
    };
    NewRelay {
        name: name.to_owned(),
        server: text("server"),
        port,
        tls: false,
        security: Some(text("security")),
        user_name: text("username"),
        password,
        mechanism: Some(text("mechanism")),
        sender: text("sender"),
        timeout_seconds,
        ca_file: Some(text("ca_file")),
        allow_plaintext: Some(form::is_ticked(posted, "plaintext")),
        description: Some(text("description")),
        position,
    }
}

/// Says a refusal at the field that it begins with, if there is one; otherwise gives it back.
pub(super) fn blame(sections: &mut [Section], reason: String) -> Option<String> {
    match reason.split_once(": ") {
        Some((field, why)) if form::has(sections, field) => {
            form::blame(sections, field, why);
            None
        }
        _ => Some(reason),
    }
}

const SECURITY: [(&str, &str); 3] =
    [("starttls", "STARTTLS, required"), ("implicit", "TLS from the first byte"), ("plaintext", "none")];
const MECHANISMS: [(&str, &str); 4] = [
    ("auto", "PLAIN, else LOGIN"),
    ("plain", "PLAIN"),
    ("login", "LOGIN"),
    ("xoauth2", "XOAUTH2, with an access token"),
];
