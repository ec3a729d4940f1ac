//! Where the packages' programs are.

use std::io::{Error, Result};
use std::path::{Path, PathBuf};

/// A program's file; an error that names the package it comes from.
pub(crate) fn find(program: &str, package: &str) -> Result<PathBuf> {
    let file = FOLDERS.iter().map(|folder| Path::new(folder).join(program)).find(|file| file.is_file());
    let missing = || Error::other(format!("{program} is not here: install Debian's package `{package}`"));
    file.ok_or_else(missing)
}

/// Some of them are for administrators, who have these on the path.
const FOLDERS: [&str; 4] = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];
