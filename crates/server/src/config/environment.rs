//! Owns the environment layer: `OTPOST_SECTION__KEY`. The one place that reads the process's
//! environment; everything else is handed in.

use std::ffi::OsStr;
use std::fmt::Write as _;

use domain::secret::Secret;

use super::advice;
use super::layers::{Entry, Layers, Raw};
use super::origin::Origin;
use super::problem::Problem;
use super::schema::{self, Kind, ROWS};
use super::toml_value;

/// The variables of this process that concern us. What is not UTF-8 in them is replaced, and refused
/// later.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn process_environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter(|(name, _)| name.as_encoded_bytes().starts_with(PREFIX.as_bytes()))
        .map(|(name, value)| (lossy(&name), lossy(&value)))
}

/// Puts the variables over what is there already. Other programs' variables are not looked at.
pub(super) fn read(layers: &mut Layers, variables: impl Iterator<Item = (String, String)>) {
    let mut ours: Vec<Variable> = variables
        .filter(|(name, _)| name.starts_with(PREFIX) && !is_foreign(name))
        .map(|(name, value)| Variable::new(name, &value))
        .collect();
    // Rows are numbered without gaps, so the tenth must not come before the second.
    ours.sort_by(|one, other| (one.row, &one.name).cmp(&(other.row, &other.name)));
    for variable in ours {
        match variable.refusal(layers) {
            Some(problem) => layers.problems.push(problem),
            None => variable.apply(layers),
        }
    }
}

/// One variable of ours.
struct Variable {
    name: String,
    /// The path it names, such as `radius.client[0].name`, if it is written as it should be.
    path: String,
    row: Option<usize>,
    value: Secret,
}

impl Variable {
    fn new(name: String, value: &str) -> Self {
        let (mut path, mut row) = (String::new(), None);
        for part in name.trim_start_matches(PREFIX).split("__") {
            match part.parse::<usize>() {
                Ok(number) if path == ROWS => {
                    row = Some(number);
                    let _ = write!(path, "[{number}]");
                }
                _ => {
                    let dot = if path.is_empty() { "" } else { "." };
                    path.push_str(dot);
                    path.push_str(&part.to_lowercase());
                }
            }
        }
        Self { name, path, row, value: Secret::new(value) }
    }

    /// Puts the value over what is there, adding a row if its number is the next one.
    fn apply(self, layers: &mut Layers) {
        let origin = Origin::Environment(self.name);
        if self.row == Some(layers.rows().len()) {
            layers.add_row(origin.clone());
        }
        if let Some(found) = schema::find(&self.path) {
            let kind = if found.by_file { &Kind::Path } else { &found.key.kind };
            let raw = raw(kind, &self.value, &origin);
            layers.set(self.path, Entry { raw, origin });
        }
    }

    /// Why the variable cannot be used, if so.
    fn refusal(&self, layers: &Layers) -> Option<Problem> {
        let origin = Origin::Environment(self.name.clone());
        let is_exact = schema::environment_name(&self.path) == self.name;
        if !is_exact || schema::find(&self.path).is_none() {
            let problem = Problem::new(&origin, "", "names no key of ours");
            return Some(problem.remedy(advice::for_variable(&self.name)));
        }
        if self.value.expose().contains(char::REPLACEMENT_CHARACTER) {
            let problem = Problem::new(&origin, &self.path, "is not UTF-8");
            return Some(problem.remedy("set it again, in UTF-8"));
        }
        let next = layers.rows().len();
        if self.row.is_some_and(|row| row > next) {
            let problem = Problem::new(&origin, &self.path, "leaves out a number");
            return Some(problem.remedy(format!("the next one is {next}")));
        }
        None
    }
}

/// The text of a variable as the kind of its key wants it; what does not fit stays text.
fn raw(kind: &Kind, value: &Secret, origin: &Origin) -> Raw {
    let text = value.expose().trim();
    match kind {
        Kind::Bool => text.parse().map_or_else(|_| Raw::Text(value.clone()), Raw::Bool),
        Kind::Whole { .. } => text.parse().map_or_else(|_| Raw::Text(value.clone()), Raw::Whole),
        kind if kind.is_list() => Raw::List(list(text, origin)),
        Kind::Secret => Raw::Text(value.clone()),
        _ => Raw::Text(Secret::new(text)),
    }
}

/// `a, b` or `["a", "b"]`. `[::1]:53` is no array, so what is not TOML counts as the first form.
fn list(text: &str, origin: &Origin) -> Vec<Entry> {
    if text.is_empty() {
        return Vec::new();
    }
    let entry = |raw| Entry { raw, origin: origin.clone() };
    if text.starts_with('[')
        && let Some(Raw::List(items)) = toml_value::parse(text)
    {
        return items.into_iter().map(|item| entry(item.raw)).collect();
    }
    text.split(',').map(|item| entry(Raw::Text(Secret::new(item.trim())))).collect()
}

/// Variables that begin like ours and are not: the one that names the file, and those which
/// Kubernetes sets in every pod beside a service called `otpost`.
fn is_foreign(name: &str) -> bool {
    name == "OTPOST_CONFIG"
        || name == "OTPOST_PORT"
        || name.starts_with("OTPOST_PORT_")
        || name == "OTPOST_SERVICE_HOST"
        || name == "OTPOST_SERVICE_PORT"
        || name.starts_with("OTPOST_SERVICE_PORT_")
}

fn lossy(text: &OsStr) -> String {
    text.to_string_lossy().into_owned()
}

const PREFIX: &str = "OTPOST_";
