//! What can go wrong with a transaction, sorted by what helps.

use tokio_postgres::error::SqlState;

use super::StoreError;

/// Why a transaction was not committed.
#[derive(Debug)]
pub(super) enum Fault {
    /// It got in another's way: the whole of it may be run again.
    Again,
    /// One of its rows is there already, or may not be: its commands have to be told apart.
    Conflict(Option<String>),
    /// The connection or the server is of no use now.
    Down(StoreError),
}

impl Fault {
    /// The server takes connections, or has one, and says nothing.
    pub(super) fn silent() -> Self {
        Self::Down(StoreError::unavailable("the database server does not answer in time"))
    }

    /// The server answers, but changes nothing.
    pub(super) fn read_only() -> Self {
        Self::Down(StoreError::unavailable(READ_ONLY))
    }

    /// What the caller of a single command is told.
    pub(super) fn into_error(self) -> StoreError {
        match self {
            Self::Again => StoreError::Busy,
            Self::Conflict(_) => StoreError::Taken,
            Self::Down(error) => error,
        }
    }
}

impl From<tokio_postgres::Error> for Fault {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(refused) = error.as_db_error() else {
            let words = distrusted(&error);
            return Self::Down(words.unwrap_or_else(|| StoreError::Unavailable(Box::new(error))));
        };
        let state = refused.code();
        // A statement behind the one that failed says only that the transaction is over.
        let in_the_way = [
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::LOCK_NOT_AVAILABLE,
            SqlState::IN_FAILED_SQL_TRANSACTION,
        ];
        if in_the_way.contains(state) {
            return Self::Again;
        }
        // Class 22: a value that cannot be; class 23: an integrity constraint.
        if state.code().starts_with("22") || state.code().starts_with("23") {
            return Self::Conflict(refused.constraint().map(str::to_owned));
        }
        Self::Down(in_words(state).unwrap_or_else(|| StoreError::Unavailable(Box::new(error))))
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Down(error)
    }
}

/// A certificate that the standard library's own words would not explain.
fn distrusted(error: &tokio_postgres::Error) -> Option<StoreError> {
    let error = std::error::Error::source(error)?.downcast_ref::<std::io::Error>()?.get_ref()?;
    let rustls::Error::InvalidCertificate(reason) = error.downcast_ref()? else { return None };
    let words = match reason {
        rustls::CertificateError::UnknownIssuer => {
            "no authority that is trusted signed it; name the right one in sslrootcert".to_owned()
        }
        reason => reason.to_string(),
    };
    Some(StoreError::Unavailable(format!("the certificate of the database server is refused: {words}").into()))
}

/// What an operator can do something about.
fn in_words(state: &SqlState) -> Option<StoreError> {
    let words = match *state {
        SqlState::INVALID_PASSWORD | SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
            "the database server refuses the user or the password of store.url"
        }
        SqlState::INVALID_CATALOG_NAME => "the database of store.url does not exist on its server",
        SqlState::TOO_MANY_CONNECTIONS => "the database server has no connection left (max_connections)",
        SqlState::DISK_FULL => "the disk of the database server is full",
        SqlState::READ_ONLY_SQL_TRANSACTION => READ_ONLY,
        SqlState::INSUFFICIENT_PRIVILEGE => "the user of store.url lacks a right on a table of the database",
        SqlState::CANNOT_CONNECT_NOW | SqlState::ADMIN_SHUTDOWN | SqlState::CRASH_SHUTDOWN => {
            "the database server is starting or stopping"
        }
        SqlState::QUERY_CANCELED => "the database server was too slow for a statement",
        _ => return None,
    };
    Some(StoreError::Unavailable(words.into()))
}

const READ_ONLY: &str = "the database server takes no writes: a standby, or set read-only";
