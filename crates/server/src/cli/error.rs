//! How a command ended, as an exit code and a sentence.

use std::io::ErrorKind;
use std::path::Path;

use crate::auth::AuthError;
use crate::boot::BootError;
use crate::config::ConfigErrors;
use crate::keys::KeyError;
use crate::manage::ManageError;
use crate::serve::ListenError;
use crate::store::StoreError;
use crate::telemetry::Chain;

/// The answer is no.
const NO: u8 = 1;
/// The command line is wrong.
pub(super) const USAGE: u8 = 2;
const CONFIGURATION: u8 = 3;
const UNREACHABLE: u8 = 4;
const NOT_PERMITTED: u8 = 5;
const NOT_FOUND: u8 = 6;
const CONFLICT: u8 = 7;

/// An exit code with its sentence.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(super) struct CliError {
    pub(super) exit: u8,
    message: String,
}

impl CliError {
    pub(super) fn no(message: impl Into<String>) -> Self {
        Self { exit: NO, message: message.into() }
    }

    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self { exit: USAGE, message: message.into() }
    }

    pub(super) fn configuration(message: impl Into<String>) -> Self {
        Self { exit: CONFIGURATION, message: message.into() }
    }

    pub(super) fn unreachable(message: impl Into<String>) -> Self {
        Self { exit: UNREACHABLE, message: message.into() }
    }

    pub(super) fn not_permitted(message: impl Into<String>) -> Self {
        Self { exit: NOT_PERMITTED, message: message.into() }
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self { exit: NOT_FOUND, message: message.into() }
    }

    /// What the operating system refused, and about which file.
    pub(super) fn file(what: &str, path: &Path, error: &std::io::Error) -> Self {
        Self { exit: exit_of(error), message: format!("cannot {what} {}: {error}", path.display()) }
    }

    /// The same failure, with what was done before it.
    pub(super) fn after(self, done: &str) -> Self {
        Self { message: format!("{}; {done}", self.message), ..self }
    }

    pub(super) fn conflict(message: impl Into<String>) -> Self {
        Self { exit: CONFLICT, message: message.into() }
    }
}

impl From<ConfigErrors> for CliError {
    fn from(errors: ConfigErrors) -> Self {
        Self::configuration(errors.to_string())
    }
}

impl From<KeyError> for CliError {
    fn from(error: KeyError) -> Self {
        let exit = match &error {
            KeyError::Exists(_) => CONFLICT,
            KeyError::Io { source, .. } if source.kind() == ErrorKind::PermissionDenied => NOT_PERMITTED,
            KeyError::Owner { .. } | KeyError::Permissions { .. } => NOT_PERMITTED,
            _ => CONFIGURATION,
        };
        Self { exit, message: error.to_string() }
    }
}

impl From<AuthError> for CliError {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Store(error) => error.into(),
            error @ (AuthError::Directory(_)
            | AuthError::Hash(_)
            | AuthError::NoRandomness(_)
            | AuthError::CodeUsed(_)) => Self::unreachable(error.to_string()),
        }
    }
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        let exit = match &error {
            StoreError::NotFound => NOT_FOUND,
            StoreError::Schema(_) | StoreError::Unfit(_) => CONFIGURATION,
            StoreError::Stale | StoreError::Taken => CONFLICT,
            error if error.is_not_permitted() => NOT_PERMITTED,
            StoreError::Busy | StoreError::Corrupt { .. } | StoreError::Unavailable(_) => UNREACHABLE,
        };
        Self { exit, message: Chain(&error).to_string() }
    }
}

impl From<ManageError> for CliError {
    fn from(error: ManageError) -> Self {
        match error {
            ManageError::Invalid(message) => Self::usage(message),
            ManageError::NotFound(message) => Self::not_found(message),
            ManageError::Store(error) => error.into(),
            ManageError::Stale => Self::conflict(error.to_string()),
            ManageError::Taken(message) => Self::conflict(message),
            ManageError::Directory(_) | ManageError::Hash(_) | ManageError::NoRandomness(_) => {
                Self::unreachable(error.to_string())
            }
        }
    }
}

impl From<BootError> for CliError {
    fn from(error: BootError) -> Self {
        match error {
            BootError::WrongKey(_) => Self::configuration(error.to_string()),
            BootError::Key(error) => error.into(),
            BootError::Manage(error) => error.into(),
            BootError::Store(error) => error.into(),
            BootError::Threads(_) => Self::unreachable(error.to_string()),
        }
    }
}

impl From<ListenError> for CliError {
    fn from(error: ListenError) -> Self {
        match &error {
            ListenError::Bind { source, .. } if source.kind() == ErrorKind::PermissionDenied => {
                Self { exit: NOT_PERMITTED, message: error.to_string() }
            }
            ListenError::Bind { .. } => Self::conflict(error.to_string()),
            ListenError::Tls { .. } => Self::configuration(error.to_string()),
        }
    }
}

impl From<std::io::Error> for CliError {
    fn from(error: std::io::Error) -> Self {
        Self { exit: exit_of(&error), message: error.to_string() }
    }
}

fn exit_of(error: &std::io::Error) -> u8 {
    match error.kind() {
        ErrorKind::NotFound => NOT_FOUND,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => NOT_PERMITTED,
        _ => UNREACHABLE,
    }
}
