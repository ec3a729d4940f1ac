//! Owns where a value came from, for errors and for `show`.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// Where a value, or a mistake, stands. Sorts as people look: files by line, then the environment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Built in.
    Default,
    /// A file as a whole.
    File(Arc<Path>),
    /// A place in a file.
    Place {
        /// The file.
        file: Arc<Path>,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
    },
    /// An environment variable, by name.
    Environment(String),
}

impl Origin {
    /// The place of the byte at `offset` in the text of `file`.
    pub(super) fn at(file: &Arc<Path>, text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self::Place {
            file: Arc::clone(file),
            line: before.matches('\n').count() + 1,
            column: before.chars().count() - before.get(..line_start).map_or(0, |lines| lines.chars().count()) + 1,
        }
    }

    /// Whether both stand in the same layer, so that none of them is over the other.
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Place { file: one, .. }, Self::Place { file: other, .. }) => one == other,
            (Self::Environment(_), Self::Environment(_)) => true,
            _ => self == other,
        }
    }
}

impl fmt::Display for Origin {
    /// `default`, `FILE`, `FILE:LINE:COLUMN` or the name of the variable.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(file) => write!(f, "{}", file.display()),
            Self::Place { file, line, column } => write!(f, "{}:{line}:{column}", file.display()),
            Self::Environment(name) => f.write_str(name),
        }
    }
}
