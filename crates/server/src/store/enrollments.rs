//! Enrollments: which user may use which provider, at which address.

use domain::address::MailAddress;
use domain::code::CodeLength;
use domain::enrollment::{Enrollment, PinHash, Serial};
use domain::provider::Provider;
use domain::time::Timestamp;

use super::sql::{Row, Statement, Value, values};
use super::{Store, StoreError};

/// An enrollment as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEnrollment {
    /// What the rules look at.
    pub enrollment: Enrollment,
    /// Its owner; empty while it belongs to nobody.
    pub user_id: String,
    /// The realm of its owner, or the one it was put in.
    pub realm: String,
    /// Anything the administrator noted.
    pub description: String,
    /// Further facts by name, as a JSON object of strings.
    pub info: String,
    /// When it was made.
    pub created_at: Timestamp,
}

impl StoredEnrollment {
    /// A new enrollment that belongs to nobody yet and has no address.
    pub fn new(serial: Serial, provider: &Provider, max_failures: u32, created_at: Timestamp) -> Self {
        let enrollment = Enrollment {
            serial,
            provider_id: provider.id,
            address: None,
            is_address_dynamic: false,
            pin: None,
            code_length: provider.code_length,
            is_active: true,
            is_revoked: false,
            failures: 0,
            max_failures,
            failed_at: None,
            relay: None,
        };
        let (user_id, realm, description) = (String::new(), String::new(), String::new());
        Self { enrollment, user_id, realm, description, info: "{}".to_owned(), created_at }
    }
}

impl Store {
    /// The enrollment of that serial.
    pub async fn find_enrollment(&self, serial: &Serial) -> Result<Option<StoredEnrollment>, StoreError> {
        self.select_one("enrollment", SELECT_BY_SERIAL, &values![serial.as_str()], read_enrollment).await
    }

    /// The enrollment that this text names; what cannot be a serial names none.
    pub async fn find_enrollment_named(&self, serial: &str) -> Result<Option<StoredEnrollment>, StoreError> {
        match Serial::parse(serial) {
            Some(serial) => self.find_enrollment(&serial).await,
            None => Ok(None),
        }
    }

    /// All enrollments of a user, in order of serial.
    pub async fn list_enrollments_of(&self, user_id: &str) -> Result<Vec<StoredEnrollment>, StoreError> {
        self.select("enrollment", SELECT_BY_USER, &values![user_id], read_enrollment).await
    }

    /// Up to `limit` enrollments whose serial comes after `after`, in order of serial.
    pub async fn list_enrollments(&self, after: &str, limit: usize) -> Result<Vec<StoredEnrollment>, StoreError> {
        self.select("enrollment", SELECT_PAGE, &values![after, limit], read_enrollment).await
    }
}

/// Adds an enrollment.
pub fn insert(stored: &StoredEnrollment) -> Statement {
    Statement::new(INSERT, parameters(stored))
}

/// Writes an enrollment back, except for its failures, which only verdicts and [`reset_failures`] change.
pub fn update(stored: &StoredEnrollment) -> Statement {
    let mut params = parameters(stored);
    params.truncate(UPDATED_COLUMNS);
    Statement::must_hit(UPDATE, params)
}

/// Switches an enrollment on or off, unless it was revoked.
pub fn set_active(serial: &Serial, is_active: bool) -> Statement {
    Statement::must_hit(SET_ACTIVE, values![serial.as_str(), is_active])
}

/// Switches an enrollment off for good.
pub fn revoke(serial: &Serial) -> Statement {
    Statement::must_hit(REVOKE, values![serial.as_str()])
}

/// Gives an enrollment a PIN, or none, unless it was revoked.
pub fn set_pin(serial: &Serial, pin: Option<&PinHash>) -> Statement {
    Statement::must_hit(SET_PIN, values![serial.as_str(), pin.map(PinHash::as_stored)])
}

/// Writes back where the mail of an enrollment goes, unless it was revoked.
pub fn set_address(enrollment: &Enrollment) -> Statement {
    let params = values![
        enrollment.serial.as_str(),
        enrollment.address.as_ref().map_or("", MailAddress::as_str),
        enrollment.is_address_dynamic,
    ];
    Statement::must_hit(SET_ADDRESS, params)
}

/// Writes back the relay of an enrollment, unless it was revoked.
pub fn set_relay(enrollment: &Enrollment) -> Statement {
    let relay = enrollment.relay.as_deref().unwrap_or_default();
    Statement::must_hit(SET_RELAY, values![enrollment.serial.as_str(), relay])
}

/// Writes back how an enrollment is described and how many failures lock it, unless it was revoked.
pub fn set_limits(stored: &StoredEnrollment) -> Statement {
    let enrollment = &stored.enrollment;
    let params = values![enrollment.serial.as_str(), stored.description.as_str(), enrollment.max_failures];
    Statement::must_hit(SET_LIMITS, params)
}

/// Writes back the further facts, if they still are what was read, unless it was revoked.
pub fn set_info(stored: &StoredEnrollment, read: &str) -> Statement {
    let serial = stored.enrollment.serial.as_str();
    Statement::must_hit(SET_INFO, values![serial, stored.info.as_str(), read])
}

/// Writes back the owner and the realm, if the owner still is who was read.
pub fn set_owner(stored: &StoredEnrollment, read: &str) -> Statement {
    let params = values![
        stored.enrollment.serial.as_str(),
        stored.user_id.as_str(),
        stored.realm.as_str(),
        stored.info.as_str(),
        read,
    ];
    Statement::must_hit(SET_OWNER, params)
}

/// Writes an enrollment back that was enrolled once more, if its owner still is who was read. PIN,
/// switch and failures stay as they are, and a revoked one is not touched.
pub fn enroll_again(stored: &StoredEnrollment, read: &str) -> Statement {
    let enrollment = &stored.enrollment;
    let params = values![
        enrollment.serial.as_str(),
        stored.user_id.as_str(),
        stored.realm.as_str(),
        enrollment.address.as_ref().map_or("", MailAddress::as_str),
        enrollment.is_address_dynamic,
        enrollment.code_length.digits(),
        stored.description.as_str(),
        stored.info.as_str(),
        read,
    ];
    Statement::must_hit(ENROLL_AGAIN, params)
}

/// Takes all enrollments away from a user who leaves, and switches them off.
pub fn release_all(user_id: &str) -> Statement {
    Statement::new(RELEASE_ALL, values![user_id])
}

/// Forgets the failures of an enrollment.
pub fn reset_failures(serial: &Serial) -> Statement {
    Statement::must_hit(RESET_FAILURES, values![serial.as_str()])
}

/// Sets the failures of an enrollment, for imports and demonstrations.
pub fn set_failures(serial: &Serial, failures: u32, at: Timestamp) -> Statement {
    Statement::must_hit(SET_FAILURES, values![serial.as_str(), failures, at.millis()])
}

/// Removes an enrollment.
pub fn delete(serial: &Serial) -> Statement {
    Statement::must_hit("DELETE FROM enrollment WHERE serial = ?1", values![serial.as_str()])
}

/// Calls off every open challenge of an enrollment: what follows a reset, a new address or a removal.
pub fn cancel_challenges(serial: &Serial) -> Statement {
    Statement::new(CANCEL_CHALLENGES, values![serial.as_str()])
}

fn parameters(stored: &StoredEnrollment) -> Vec<Value> {
    let enrollment = &stored.enrollment;
    Vec::from(values![
        enrollment.serial.as_str(),
        stored.user_id.as_str(),
        stored.realm.as_str(),
        enrollment.provider_id,
        enrollment.address.as_ref().map_or("", MailAddress::as_str),
        enrollment.is_address_dynamic,
        enrollment.pin.as_ref().map(PinHash::as_stored),
        enrollment.code_length.digits(),
        enrollment.is_active,
        enrollment.is_revoked,
        enrollment.max_failures,
        enrollment.relay.as_deref().unwrap_or_default(),
        stored.description.as_str(),
        stored.info.as_str(),
        stored.created_at.millis(),
        enrollment.failures,
        enrollment.failed_at.map(Timestamp::millis),
    ])
}

pub(super) fn read_enrollment(row: &mut Row) -> Result<StoredEnrollment, StoreError> {
    let serial = row.take_as(|serial: String| Serial::parse(&serial))?;
    let (user_id, realm) = (row.take()?, row.take()?);
    let enrollment = Enrollment {
        serial,
        provider_id: row.take()?,
        address: read_address(row)?,
        is_address_dynamic: row.take()?,
        pin: row.take::<Option<String>>()?.map(PinHash::from_stored),
        code_length: row.take_as(|digits| CodeLength::from_digits(digits).ok())?,
        is_active: row.take()?,
        is_revoked: row.take()?,
        max_failures: row.take_as(|count: i64| u32::try_from(count).ok())?,
        relay: Some(row.take::<String>()?).filter(|name| !name.is_empty()),
        failures: row.take_as(|count: i64| u32::try_from(count).ok())?,
        failed_at: row.take::<Option<i64>>()?.map(Timestamp::from_millis),
    };
    let (description, info) = (row.take()?, row.take()?);
    let created_at = Timestamp::from_millis(row.take()?);
    Ok(StoredEnrollment { enrollment, user_id, realm, description, info, created_at })
}

/// No address is a state of its own; an unreadable one is damage.
fn read_address(row: &mut Row) -> Result<Option<MailAddress>, StoreError> {
    let text: Option<String> = Some(row.take()?).filter(|text: &String| !text.is_empty());
    let address = text.as_deref().map(MailAddress::parse).transpose();
    address.map_err(|_| StoreError::Corrupt { table: "enrollment", column: ADDRESS_COLUMN })
}

/// Where the address stands in the SELECTs below.
const ADDRESS_COLUMN: usize = 4;

/// The parameters of an update: all but failures and the time of the last one.
const UPDATED_COLUMNS: usize = 15;

const SELECT_BY_SERIAL: &str = "SELECT serial, user_id, realm, provider_id, address, is_address_dynamic, pin_hash, \
    code_length, is_active, is_revoked, max_failures, relay, failures, failed_at, description, info, created_at \
    FROM enrollment WHERE serial = ?1";

const SELECT_BY_USER: &str = "SELECT serial, user_id, realm, provider_id, address, is_address_dynamic, pin_hash, \
    code_length, is_active, is_revoked, max_failures, relay, failures, failed_at, description, info, created_at \
    FROM enrollment WHERE user_id = ?1 AND user_id <> '' ORDER BY serial";

const SELECT_PAGE: &str = "SELECT serial, user_id, realm, provider_id, address, is_address_dynamic, pin_hash, \
    code_length, is_active, is_revoked, max_failures, relay, failures, failed_at, description, info, created_at \
    FROM enrollment WHERE serial > ?1 ORDER BY serial LIMIT ?2";

const INSERT: &str = "INSERT INTO enrollment (serial, user_id, realm, provider_id, address, is_address_dynamic, \
    pin_hash, code_length, is_active, is_revoked, max_failures, relay, description, info, created_at, failures, \
    failed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";

const UPDATE: &str = "UPDATE enrollment SET user_id = ?2, realm = ?3, provider_id = ?4, address = ?5, \
    is_address_dynamic = ?6, pin_hash = ?7, code_length = ?8, is_active = ?9, is_revoked = ?10, max_failures = ?11, \
    relay = ?12, description = ?13, info = ?14, created_at = ?15 WHERE serial = ?1";

const RESET_FAILURES: &str = "UPDATE enrollment SET failures = 0, failed_at = NULL WHERE serial = ?1";

const SET_FAILURES: &str = "UPDATE enrollment SET failures = ?2, failed_at = ?3 WHERE serial = ?1";

const CANCEL_CHALLENGES: &str = "UPDATE challenge SET state = 'cancelled' WHERE serial = ?1 AND state = 'open'";

const SET_ACTIVE: &str = "UPDATE enrollment SET is_active = ?2 WHERE serial = ?1 AND is_revoked = 0";

const REVOKE: &str = "UPDATE enrollment SET is_revoked = 1, is_active = 0 WHERE serial = ?1";

const SET_PIN: &str = "UPDATE enrollment SET pin_hash = ?2 WHERE serial = ?1 AND is_revoked = 0";

const SET_ADDRESS: &str =
    "UPDATE enrollment SET address = ?2, is_address_dynamic = ?3 WHERE serial = ?1 AND is_revoked = 0";

const SET_RELAY: &str = "UPDATE enrollment SET relay = ?2 WHERE serial = ?1 AND is_revoked = 0";

const SET_LIMITS: &str =
    "UPDATE enrollment SET description = ?2, max_failures = ?3 WHERE serial = ?1 AND is_revoked = 0";

const SET_INFO: &str = "UPDATE enrollment SET info = ?2 WHERE serial = ?1 AND info = ?3 AND is_revoked = 0";

const SET_OWNER: &str = "UPDATE enrollment SET user_id = ?2, realm = ?3, info = ?4 WHERE serial = ?1 AND user_id = ?5";

const ENROLL_AGAIN: &str = "UPDATE enrollment SET user_id = ?2, realm = ?3, address = ?4, is_address_dynamic = ?5, \
    code_length = ?6, description = ?7, info = ?8 WHERE serial = ?1 AND user_id = ?9 AND is_revoked = 0";

const RELEASE_ALL: &str = "UPDATE enrollment SET user_id = '', is_active = 0 WHERE user_id = ?1 AND user_id <> ''";
