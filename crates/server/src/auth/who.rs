//! Whom a login string names, for every door alike: `user`, `user@realm`, `REALM\user`.

use domain::attempt::Who;
use domain::name::{Login, RealmName};

use crate::app::App;

/// A user by name, with the realm in or beside it. A name that cannot be one is nobody's, and is
/// refused like nobody's.
pub fn named(app: &App, user: &str, realm: Option<&str>, serial: Option<&str>) -> Who {
    let settings = app.settings();
    let exists = |realm: &RealmName| settings.splits_at_sign() && settings.realm(Some(realm)).is_some();
    let given = realm.map(RealmName::parse).transpose();
    match (Login::parse(user, exists), given) {
        (Ok(login), Ok(realm)) => {
            Who::User { name: login.user, realm: login.realm.or(realm), serial: serial.map(str::to_owned) }
        }
        _ => Who::Nobody(user.to_owned()),
    }
}
