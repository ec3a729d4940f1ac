//! Local users: their names, addresses and passwords.

use domain::enrollment::PinHash;
use domain::time::Timestamp;

use super::sql::{Row, Statement, values};
use super::{Store, StoreError};

/// A user of a local resolver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Stable identifier; what the counters are keyed by.
    pub id: String,
    /// The resolver that holds it.
    pub resolver: String,
    /// The name as it was given.
    pub name: String,
    /// The canonical name, unique in its resolver.
    pub name_key: String,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub surname: String,
    /// Mail address, empty if none.
    pub email: String,
    /// Telephone.
    pub phone: String,
    /// Mobile telephone.
    pub mobile: String,
    /// Anything the administrator noted.
    pub description: String,
    /// The password, where this user has one here.
    pub password: Option<PinHash>,
    /// The provider this user is served by until an enrollment names one; the default one, if none.
    pub provider_id: Option<i64>,
    /// When it was added.
    pub created_at: Timestamp,
}

impl Account {
    /// Whether they are in a directory: an account is kept of them while something is theirs.
    pub fn is_in_directory(&self) -> bool {
        self.id.strip_prefix(&self.resolver).is_some_and(|rest| rest.starts_with('/'))
    }

    /// What makes sure that their row is there, so that something can be theirs.
    pub fn hold(&self) -> Vec<Statement> {
        if self.is_in_directory() { Vec::from(adopt(self)) } else { vec![must_exist(&self.id)] }
    }
}

impl Store {
    /// The user of that canonical name.
    pub async fn find_account(&self, resolver: &str, name_key: &str) -> Result<Option<Account>, StoreError> {
        self.select_one("account", SELECT_BY_NAME, &values![resolver, name_key], read_account).await
    }

    /// The user of that identifier.
    pub async fn find_account_by_id(&self, id: &str) -> Result<Option<Account>, StoreError> {
        self.select_one("account", SELECT_BY_ID, &values![id], read_account).await
    }

    /// Up to `limit` users of a resolver whose canonical name comes after `after`, in order of name.
    pub async fn list_accounts(&self, resolver: &str, after: &str, limit: usize) -> Result<Vec<Account>, StoreError> {
        self.select("account", SELECT_PAGE, &values![resolver, after, limit], read_account).await
    }
}

/// Adds a user.
pub fn insert(account: &Account) -> Statement {
    Statement::new(INSERT, parameters(account))
}

/// Keeps a user of a directory, so that something can be theirs; whoever had the name before has none now.
pub fn adopt(account: &Account) -> [Statement; 2] {
    let params = values![account.resolver.as_str(), account.name_key.as_str(), account.id.as_str()];
    [Statement::new(RELEASE_NAME, params), Statement::new(ADOPT, parameters(account))]
}

/// Gives a user the address that they have proven, if they have none.
pub fn fill_email(id: &str, email: &str) -> Statement {
    Statement::must_hit("UPDATE account SET email = ?2 WHERE id = ?1 AND email = ''", values![id, email])
}

/// Writes a user back.
pub fn update(account: &Account) -> Statement {
    Statement::must_hit(UPDATE, parameters(account))
}

/// Writes back what is known about a user, except for name and password.
pub fn set_profile(account: &Account) -> Statement {
    let params = values![
        account.id.as_str(),
        account.given_name.as_str(),
        account.surname.as_str(),
        account.email.as_str(),
        account.phone.as_str(),
        account.mobile.as_str(),
        account.description.as_str(),
    ];
    Statement::must_hit(SET_PROFILE, params)
}

/// Gives a user a new password.
pub fn set_password(id: &str, password: &PinHash) -> Statement {
    Statement::must_hit("UPDATE account SET password_hash = ?2 WHERE id = ?1", values![id, password.as_stored()])
}

/// Says which provider serves a user.
pub fn set_provider(id: &str, provider_id: Option<i64>) -> Statement {
    Statement::must_hit("UPDATE account SET provider_id = ?2 WHERE id = ?1", values![id, provider_id])
}

/// Changes nothing, but lets the change fail if the user has gone.
pub fn must_exist(id: &str) -> Statement {
    Statement::must_hit("UPDATE account SET id = id WHERE id = ?1", values![id])
}

/// Forgets those of a resolver to whom no enrollment belongs.
pub fn forget_unenrolled(resolver: &str) -> Statement {
    Statement::new(FORGET_UNENROLLED, values![resolver])
}

/// Removes a user; their enrollments must be given away or removed in the same change.
pub fn delete(id: &str) -> Statement {
    Statement::must_hit("DELETE FROM account WHERE id = ?1", values![id])
}

fn parameters(account: &Account) -> Vec<super::sql::Value> {
    Vec::from(values![
        account.id.as_str(),
        account.resolver.as_str(),
        account.name.as_str(),
        account.name_key.as_str(),
        account.given_name.as_str(),
        account.surname.as_str(),
        account.email.as_str(),
        account.phone.as_str(),
        account.mobile.as_str(),
        account.description.as_str(),
        account.password.as_ref().map(PinHash::as_stored),
        account.provider_id,
        account.created_at.millis(),
    ])
}

pub(super) fn read_account(row: &mut Row) -> Result<Account, StoreError> {
    Ok(Account {
        id: row.take()?,
        resolver: row.take()?,
        name: row.take()?,
        name_key: row.take()?,
        given_name: row.take()?,
        surname: row.take()?,
        email: row.take()?,
        phone: row.take()?,
        mobile: row.take()?,
        description: row.take()?,
        password: row.take::<Option<String>>()?.map(PinHash::from_stored),
        provider_id: row.take()?,
        created_at: Timestamp::from_millis(row.take()?),
    })
}

const SELECT_BY_NAME: &str = "SELECT id, resolver, name, name_key, given_name, surname, email, phone, mobile, \
    description, password_hash, provider_id, created_at FROM account WHERE resolver = ?1 AND name_key = ?2";

const SELECT_BY_ID: &str = "SELECT id, resolver, name, name_key, given_name, surname, email, phone, mobile, \
    description, password_hash, provider_id, created_at FROM account WHERE id = ?1";

const SELECT_PAGE: &str = "SELECT id, resolver, name, name_key, given_name, surname, email, phone, mobile, \
    description, password_hash, provider_id, created_at FROM account WHERE resolver = ?1 AND name_key > ?2 \
    ORDER BY name_key LIMIT ?3";

const INSERT: &str = "INSERT INTO account (id, resolver, name, name_key, given_name, surname, email, phone, mobile, \
    description, password_hash, provider_id, created_at) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";

const RELEASE_NAME: &str = "UPDATE account SET name_key = id WHERE resolver = ?1 AND name_key = ?2 AND id <> ?3";

const ADOPT: &str = "INSERT INTO account (id, resolver, name, name_key, given_name, surname, email, phone, mobile, \
    description, password_hash, provider_id, created_at) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) ON CONFLICT (id) DO UPDATE SET name = ?3, \
    name_key = ?4, given_name = ?5, surname = ?6, email = ?7, phone = ?8, mobile = ?9";

const UPDATE: &str = "UPDATE account SET resolver = ?2, name = ?3, name_key = ?4, given_name = ?5, surname = ?6, \
    email = ?7, phone = ?8, mobile = ?9, description = ?10, password_hash = ?11, provider_id = ?12, created_at = ?13 \
    WHERE id = ?1";

const FORGET_UNENROLLED: &str = "DELETE FROM account WHERE resolver = ?1 \
    AND NOT EXISTS (SELECT 1 FROM enrollment WHERE user_id = account.id)";

const SET_PROFILE: &str = "UPDATE account SET given_name = ?2, surname = ?3, email = ?4, phone = ?5, mobile = ?6, \
    description = ?7 WHERE id = ?1";
