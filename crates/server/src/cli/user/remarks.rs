//! What whoever adds and enrolls people should know about their first factor: said beside the answer, on standard error.

use domain::name::RealmName;
use domain::provider::FirstFactor;

use crate::app::App;
use crate::cli::output;
use crate::manage::users::Owner;

/// After somebody was added with a password.
pub(super) fn with_password(app: &App, realm: &str) {
    if !realm.is_empty() && first_factor(app, realm) != FirstFactor::UserStore {
        output::complain(&format!(
            "note: the realm {realm} does not ask for passwords; POST /realm/{realm} with first_factor=userstore changes that"
        ));
    }
}

/// After somebody was enrolled, with a PIN or without one.
pub(super) fn enrolled(app: &App, (account, realm): &Owner, has_pin: bool) {
    let name = &account.name;
    let has_password = account.password.is_some() || account.is_in_directory();
    let note = match first_factor(app, realm) {
        FirstFactor::UserStore if !has_password => {
            format!("the realm {realm} asks for the password, and {name} has none: they cannot sign in")
        }
        FirstFactor::UserStore if has_pin => {
            format!("the realm {realm} asks for the password; the PIN is not asked for")
        }
        FirstFactor::TokenPin if !has_pin => format!(
            "without a PIN, a code is mailed to {name} for an empty password, whoever asks; give --pin-stdin, or have \
             the realm ask for passwords: POST /realm/{realm} with first_factor=userstore"
        ),
        _ => return,
    };
    output::complain(&format!("note: {note}"));
}

fn first_factor(app: &App, realm: &str) -> FirstFactor {
    let settings = app.settings();
    let name = RealmName::parse(realm).ok();
    let realm = name.as_ref().and_then(|name| settings.realm(Some(name)));
    settings.first_factor(realm, &settings.default_provider())
}
