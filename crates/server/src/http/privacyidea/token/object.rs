//! An enrollment as this interface shows it. Values that mean nothing here have their usual ones.

use serde_json::{Value, json};

use crate::manage::enrollments::list::Shown;

/// The object in a list.
pub(super) fn of(shown: &Shown) -> Value {
    let (stored, enrollment) = (&shown.stored, &shown.stored.enrollment);
    let owner = shown.account.as_ref();
    let realms: Vec<&str> = Some(stored.realm.as_str()).filter(|realm| !realm.is_empty()).into_iter().collect();
    json!({
        "active": enrollment.is_active,
        "container_serial": "",
        "count": 0,
        "count_window": 10,
        "description": stored.description,
        "failcount": shown.failures,
        "id": number(enrollment.serial.as_str()),
        "info": shown.info,
        "locked": enrollment.is_revoked,
        "maxfail": enrollment.max_failures,
        "otplen": enrollment.code_length.digits(),
        "realms": realms,
        "resolver": owner.map_or("", |account| account.resolver.as_str()),
        "revoked": enrollment.is_revoked,
        "rollout_state": "",
        "serial": enrollment.serial.as_str(),
        "sync_window": 1000,
        "tokengroup": [],
        "tokentype": "email",
        "user_editable": owner.is_some_and(|owner| !owner.is_in_directory()),
        "user_id": stored.user_id,
        "user_realm": owner.map_or("", |_| stored.realm.as_str()),
        "username": owner.map_or("", |account| account.name.as_str()),
    })
}

/// A number for something that has none here: always the same for the same text (FNV-1a, 31 bits).
pub(super) fn number(text: &str) -> u32 {
    let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    hash >> 1
}
