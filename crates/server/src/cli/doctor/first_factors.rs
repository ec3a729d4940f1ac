//! Who is mailed a code without having proved anything: for an empty password, because no PIN was ever set.

use std::collections::BTreeMap;

use domain::name::RealmName;
use domain::provider::FirstFactor;

use super::Finding;
use crate::app::App;
use crate::settings::Settings;
use crate::store::StoreError;
use crate::store::enrollments::StoredEnrollment;

/// What is known of the owner of some enrollments.
struct Owner {
    /// The strictest of what their enrollments ask for.
    first_factor: FirstFactor,
    has_no_pin: bool,
}

/// A warning, if there is anybody.
pub(super) async fn look(app: &App) -> Option<Finding> {
    let open = match count(app).await {
        Ok(count) => count,
        Err(error) => return Some(Finding::bad("first factor", error.to_string())),
    };
    let words = format!(
        "{open} enrolled without a PIN in realms that ask for PINs: a code is mailed for an empty password; set PINs, or \
         first_factor=userstore at POST /realm/NAME"
    );
    (open > 0).then(|| Finding::warning("first factor", words))
}

async fn count(app: &App) -> Result<usize, StoreError> {
    let (settings, mut owners, mut after) = (app.settings(), BTreeMap::<String, Owner>::new(), String::new());
    loop {
        let page = app.store.list_enrollments(&after, PAGE).await?;
        let Some(last) = page.last() else { break };
        last.enrollment.serial.as_str().clone_into(&mut after);
        for stored in page.iter().filter(|stored| stored.enrollment.is_active && !stored.enrollment.is_revoked) {
            let (first_factor, has_no_pin) = (asked(&settings, stored), stored.enrollment.pin.is_none());
            let key = if stored.user_id.is_empty() { stored.enrollment.serial.as_str() } else { &stored.user_id };
            let owner = owners.entry(key.to_owned()).or_insert(Owner { first_factor, has_no_pin });
            owner.first_factor = owner.first_factor.max(first_factor);
            owner.has_no_pin |= has_no_pin;
        }
    }
    // Where nothing is asked for on purpose, whoever asks has checked a password before.
    Ok(owners.values().filter(|owner| owner.has_no_pin && owner.first_factor == FirstFactor::TokenPin).count())
}

fn asked(settings: &Settings, stored: &StoredEnrollment) -> FirstFactor {
    if stored.user_id.is_empty() {
        return FirstFactor::TokenPin;
    }
    let realm = RealmName::parse(&stored.realm).ok();
    let realm = realm.as_ref().and_then(|name| settings.realm(Some(name)));
    settings.first_factor(realm, &settings.provider(stored.enrollment.provider_id))
}

const PAGE: usize = 1_000;
