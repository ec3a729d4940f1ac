//! Owns reading one value of the gathered layers as its type, noting what is wrong with it.

use std::path::PathBuf;

use domain::secret::Secret;

use super::file;
use super::layers::{Entry, Layers, Raw};
use super::origin::Origin;
use super::parse::{Complaints, FromEntry, FromText};
use super::problem::Problem;
use super::schema::{self, Kind};

/// Stands for a value that is wrong; why has been noted already.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noted;

/// Reads values, collecting problems.
pub(super) struct Reader<'a> {
    layers: &'a Layers,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(layers: &'a Layers) -> Self {
        Self { layers, problems: Vec::new() }
    }

    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// How many rows the array of tables has.
    pub(super) fn rows(&self) -> usize {
        self.layers.rows().len()
    }

    /// A value that must be there.
    pub(super) fn required<T: FromEntry>(&mut self, path: &str) -> Result<T, Noted> {
        let value = self.optional(path)?;
        value.ok_or_else(|| self.missing(path))
    }

    /// A value that may be absent.
    pub(super) fn optional<T: FromEntry>(&mut self, path: &str) -> Result<Option<T>, Noted> {
        match self.layers.find(path) {
            Some(entry) => self.convert(path, entry).map(Some),
            None => Ok(None),
        }
    }

    /// A value that is checked elsewhere; nothing is noted here.
    pub(super) fn glance<T: FromEntry>(&self, path: &str) -> Option<T> {
        T::from_entry(self.layers.find(path)?, &mut Complaints::new())
    }

    /// The good ones of a list, for rules that hold for each; nothing is noted here.
    pub(super) fn good_items<T: FromText>(&self, path: &str) -> Vec<T> {
        match self.layers.find(path).map(|entry| &entry.raw) {
            Some(Raw::List(items)) => items.iter().filter_map(|item| T::from_entry(item, &mut Vec::new())).collect(),
            _ => Vec::new(),
        }
    }

    /// A number within the range of its key.
    pub(super) fn whole(&mut self, path: &str) -> Result<usize, Noted> {
        let number = self.required::<i64>(path)?;
        let Some(Kind::Whole { min, max }) = schema::find(path).map(|found| &found.key.kind) else {
            return Err(self.missing(path));
        };
        let in_range = u64::try_from(number).ok().filter(|number| (min..=max).contains(&number));
        let value = in_range.and_then(|number| usize::try_from(number).ok());
        value.ok_or_else(|| self.note(path, &self.layers.origin(path), "is out of range"))
    }

    /// A number within the range of its key, which may be absent.
    pub(super) fn optional_whole(&mut self, path: &str) -> Result<Option<usize>, Noted> {
        match self.layers.find(path) {
            Some(_) => self.whole(path).map(Some),
            None => Ok(None),
        }
    }

    /// A secret that must be there, in either form.
    pub(super) fn required_secret<T: FromText>(&mut self, path: &str) -> Result<T, Noted> {
        let value = self.secret(path)?;
        value.ok_or_else(|| self.missing(path))
    }

    /// Whether somebody has set a secret, in either form.
    pub(super) fn has_secret(&self, path: &str) -> bool {
        [path, &format!("{path}_file")].into_iter().any(|path| self.layers.find(path).is_some())
    }

    /// A secret, given as it is or by the name of a file that holds it; both in one layer is a mistake.
    fn secret<T: FromText>(&mut self, path: &str) -> Result<Option<T>, Noted> {
        let twin = format!("{path}_file");
        let Some(by_file) = self.layers.find(&twin) else {
            return self.optional(path);
        };
        if let Some(direct) = self.layers.find(path) {
            let what = format!("is given twice, the other time at {}", direct.origin);
            let remedy = format!("keep one of {path} and {twin}");
            self.problems.push(Problem::new(&by_file.origin, &twin, what).remedy(remedy));
            return Err(Noted);
        }
        let name = self.convert::<PathBuf>(&twin, by_file)?;
        let text = file::read_text(&name).map_err(|error| {
            let what = format!("cannot be read: {}: {}", name.display(), file::reason(&error));
            let problem = Problem::new(&by_file.origin, &twin, what);
            self.problems.push(problem.remedy("check its name and who may read it"));
            Noted
        })?;
        let line = text.strip_suffix('\n').unwrap_or(&text);
        let secret = Secret::new(line.strip_suffix('\r').unwrap_or(line));
        self.read_secret(path, secret, &by_file.origin).map(Some)
    }

    /// The value of a secret whose text stood in a file of its own.
    fn read_secret<T: FromText>(&mut self, path: &str, text: Secret, origin: &Origin) -> Result<T, Noted> {
        let mut complaints = Complaints::new();
        let entry = Entry { raw: Raw::Text(text), origin: origin.clone() };
        let value = T::from_entry(&entry, &mut complaints);
        for (origin, complaint) in &complaints {
            let what = format!("names a file whose text {complaint}");
            let problem = Problem::new(origin, &format!("{path}_file"), what);
            let allowed = schema::find(path).map(|found| found.key.allowed());
            let problem = problem.allowed(allowed.unwrap_or_default());
            self.problems.push(problem.remedy("put it into the file, on one line"));
        }
        value.ok_or(Noted)
    }

    /// Notes that a key which a row must have is not there.
    fn missing(&mut self, path: &str) -> Noted {
        let row = path.split(['[', ']']).nth(1).and_then(|row| row.parse::<usize>().ok());
        let origin = row.and_then(|row| self.layers.rows().get(row));
        let origin = origin.cloned().unwrap_or(Origin::Default);
        self.note(path, &origin, "is missing")
    }

    /// Notes a broken rule, at the place where the value was written.
    pub(super) fn refuse(&mut self, path: &str, what: &str, remedy: &str) {
        let twin = format!("{path}_file");
        let written = if self.layers.find(&twin).is_some() { &twin } else { path };
        let problem = Problem::new(&self.layers.origin(written), written, what).remedy(remedy);
        self.problems.push(problem);
    }

    /// Where the value at a path was written.
    pub(super) fn origin(&self, path: &str) -> Origin {
        self.layers.origin(path)
    }

    /// Notes a problem that was found elsewhere.
    pub(super) fn add(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    fn convert<T: FromEntry>(&mut self, path: &str, entry: &Entry) -> Result<T, Noted> {
        let mut complaints = Complaints::new();
        let value = T::from_entry(entry, &mut complaints);
        for (origin, complaint) in &complaints {
            self.note(path, origin, complaint);
        }
        value.ok_or(Noted)
    }

    /// Notes a problem together with what the key allows and an example.
    fn note(&mut self, path: &str, origin: &Origin, what: &str) -> Noted {
        let mut problem = Problem::new(origin, path, what);
        if let Some(found) = schema::find(path) {
            let key = found.key;
            let (allowed, name, example) = if found.by_file {
                ("a file name".to_owned(), format!("{}_file", key.name()), A_FILE)
            } else {
                (key.allowed(), key.name().to_owned(), key.example)
            };
            problem = problem.allowed(allowed).remedy(match origin {
                Origin::Environment(variable) => {
                    format!("such as {variable}={}", schema::plain(example))
                }
                _ => format!("such as {name} = {example}"),
            });
        }
        self.problems.push(problem);
        Noted
    }
}

/// An example for every key that names the file of a secret.
const A_FILE: &str = "\"/etc/otpost/secret\"";
