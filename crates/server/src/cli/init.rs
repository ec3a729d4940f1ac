//! `otpost init`

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use super::error::CliError;
use super::output::Output;
use super::{Context, migrate};
use crate::config;
use crate::keys;
use crate::os::OsRandom;

/// Writes a first configuration, makes a key and a database.
#[derive(clap::Args)]
pub(super) struct Init {
    /// Put everything into this folder instead of /etc/otpost and /var/lib/otpost.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

pub(super) fn run(context: &Context, init: &Init) -> Result<(), CliError> {
    let (usual, text) = if let Some(folder) = &init.folder {
        let made = std::fs::create_dir_all(folder).and_then(|()| std::fs::canonicalize(folder));
        let folder = made.map_err(|error| CliError::file("make the folder", folder, &error))?;
        (folder.join("otpost.toml"), local_sample(&folder))
    } else {
        (PathBuf::from(config::DEFAULT_FILE), config::sample())
    };
    let file = context.path.clone().unwrap_or(usual);
    write_new(&file, &text)?;
    let inner = Context { path: Some(file.clone()), out: Output::new(false), yes: context.yes };
    let loaded = inner.load()?;
    if !loaded.keys.file.exists() {
        keys::create(&loaded.keys.file, &OsRandom)?;
    }
    super::block_on(migrate::run(&inner))?;
    let file = file.display();
    Output::text(&format!(
        "configuration in {file}, key in {key}\nNext:\n  otpost --config {file} admin add NAME --password-stdin\n  \
         otpost --config {file} serve\nThen name a mail relay: POST /smtpserver/NAME, and email.identifier=NAME \
         at POST /system/setConfig.",
        key = loaded.keys.file.display()
    ))
}

/// The commented sample with paths in one folder: key and database side by side is for trying out.
fn local_sample(folder: &std::path::Path) -> String {
    let folder = folder.display();
    format!(
        "# Otpost, everything in one folder: good for trying out. For service keep the key elsewhere.\n\
         # Every key is explained by `otpost config reference`.\n\n\
         [store]\nurl = \"sqlite:{folder}/otpost.db\"\n\n[keys]\nfile = \"{folder}/otpost.key\"\n"
    )
}

fn write_new(path: &std::path::Path, text: &str) -> Result<(), CliError> {
    let opened = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o640).open(path);
    let mut file = opened.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            CliError::conflict(format!("{} exists already and was left as it is", path.display()))
        }
        _ => CliError::file("write", path, &error),
    })?;
    file.write_all(text.as_bytes()).map_err(|error| CliError::file("write", path, &error))
}
