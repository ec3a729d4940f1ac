//! Owns the file layer: the configuration file and its drop-ins. Knows TOML; knows no meaning of any
//! key beyond whether it exists.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use zeroize::Zeroizing;

use super::layers::{Entry, Layers};
use super::origin::Origin;
use super::problem::Problem;
use super::schema::{self, ROWS};
use super::toml_value;
use super::{Source, advice};

/// Largest configuration file and largest secret file, in bytes.
const LARGEST_FILE: u64 = 1024 * 1024;

/// Reads the file, then `conf.d/*.toml` beside it in name order.
pub(super) fn read(layers: &mut Layers, source: Source<'_>) {
    let (Source::Named(path) | Source::Usual(path)) = source else { return };
    match read_text(path) {
        Err(error) if error.kind() == ErrorKind::NotFound && matches!(source, Source::Usual(_)) => {}
        text => read_one(layers, path, text),
    }
    let folder = path.with_file_name("conf.d");
    match drop_ins(&folder) {
        Ok(files) => {
            for file in files {
                read_one(layers, &file, read_text(&file));
            }
        }
        Err(error) => unreadable(layers, &folder, &error),
    }
}

/// The text of a file that may hold secrets: at most one mebibyte, UTF-8.
pub(super) fn read_text(path: &Path) -> io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    File::open(path)?.take(LARGEST_FILE + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LARGEST_FILE {
        return Err(io::Error::new(ErrorKind::FileTooLarge, "larger than 1 MiB"));
    }
    Ok(text)
}

/// Drop-ins in name order; files that begin with a dot are not ours. No folder, no drop-ins.
fn drop_ins(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(error),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let is_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if path.extension() == Some(OsStr::new("toml")) && !is_hidden {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read_one(layers: &mut Layers, path: &Path, text: io::Result<Zeroizing<String>>) {
    match text {
        Ok(text) => parse(layers, path, &text),
        Err(error) => unreadable(layers, path, &error),
    }
}

fn unreadable(layers: &mut Layers, path: &Path, error: &io::Error) {
    let origin = Origin::File(Arc::from(path));
    let what = format!("cannot be read: {}", reason(error));
    layers.problems.push(Problem::new(&origin, "", what).remedy("check its name and who may read it"));
    layers.broken = true;
}

/// Why a file cannot be read, without what is in it.
pub(super) fn reason(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::InvalidData => "not UTF-8 text".to_owned(),
        kind => kind.to_string(),
    }
}

fn parse(layers: &mut Layers, path: &Path, text: &str) {
    let walk = &mut Walk { file: &Arc::from(path), text, layers };
    let (document, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        walk.table(document.get_ref(), "");
        return;
    }
    for error in errors {
        let origin = walk.place(error.span().map_or(text.len(), |span| span.start));
        let what = format!("not TOML: {}", error.message());
        let remedy = "text stands in double quotes, sections in brackets";
        walk.layers.problems.push(Problem::new(&origin, "", what).remedy(remedy));
    }
    walk.layers.broken = true;
}

/// One file on its way into the layers.
struct Walk<'a> {
    file: &'a Arc<Path>,
    text: &'a str,
    layers: &'a mut Layers,
}

impl Walk<'_> {
    fn table(&mut self, table: &DeTable<'_>, prefix: &str) {
        for (name, value) in table {
            let dot = if prefix.is_empty() { "" } else { "." };
            let path = format!("{prefix}{dot}{}", name.get_ref());
            let named_at = self.place(name.span().start);
            if schema::find(&path).is_some() {
                self.value(path, value);
            } else if path == ROWS {
                self.rows(value, &named_at);
            } else if schema::is_section(&path) {
                self.section(value, &path, &named_at);
            } else {
                let problem = Problem::new(&named_at, &path, "is no key of ours");
                self.layers.problems.push(problem.remedy(advice::for_key(&path)));
            }
        }
    }

    fn value(&mut self, path: String, value: &Spanned<DeValue<'_>>) {
        let entry = Entry {
            raw: toml_value::raw(value.get_ref(), &|offset| self.place(offset)),
            origin: self.place(value.span().start),
        };
        self.layers.set(path, entry);
    }

    fn section(&mut self, value: &Spanned<DeValue<'_>>, path: &str, named_at: &Origin) {
        match value.get_ref() {
            DeValue::Table(table) => self.table(table, path),
            _ => self.misused(path, named_at),
        }
    }

    fn rows(&mut self, value: &Spanned<DeValue<'_>>, named_at: &Origin) {
        let DeValue::Array(rows) = value.get_ref() else {
            return self.misused(&format!("{ROWS}[]"), named_at);
        };
        for row in rows {
            let DeValue::Table(table) = row.get_ref() else {
                self.misused(&format!("{ROWS}[]"), &self.place(row.span().start));
                continue;
            };
            let number = self.layers.add_row(self.place(row.span().start));
            self.table(table, &format!("{ROWS}[{number}]"));
        }
    }

    fn misused(&mut self, section: &str, origin: &Origin) {
        let remedy = format!("write {} on a line of its own, its keys below", schema::heading(section));
        let problem = Problem::new(origin, section.trim_end_matches("[]"), "is a section, not a value");
        self.layers.problems.push(problem.remedy(remedy));
    }

    fn place(&self, offset: usize) -> Origin {
        Origin::at(self.file, self.text, offset)
    }
}
