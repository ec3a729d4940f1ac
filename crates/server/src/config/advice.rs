//! Owns what to do about a name that does not exist: which one was meant.

use super::keys::{KEYS, SECTIONS};
use super::schema::{Key, environment_name, heading, strip_section, without_row};

/// What to do about a key that does not exist: the nearest one, its right section, or all there are.
pub(super) fn for_key(path: &str) -> String {
    let path = without_row(path);
    let (section, name) = path.rsplit_once('.').unwrap_or(("", &path));
    let siblings = names_in(section);
    if let Some(near) = nearest(name, siblings.iter().map(String::as_str)) {
        return format!("did you mean `{near}`?");
    }
    let homes: Vec<String> = all_sections()
        .filter(|home| *home != section && names_in(home).iter().any(|other| other == name))
        .map(heading)
        .collect();
    if !homes.is_empty() {
        return format!("`{name}` belongs to {}", homes.join(" or "));
    }
    match siblings.as_slice() {
        [] => "run `otpost config reference` for every key".to_owned(),
        names => format!("it may hold {}", names.join(", ")),
    }
}

/// What to do about a variable that does not exist.
pub(super) fn for_variable(variable: &str) -> String {
    let row = variable
        .split("__")
        .find_map(|part| part.parse::<usize>().ok())
        .map_or_else(|| "N".to_owned(), |row| row.to_string());
    let all: Vec<String> = KEYS
        .iter()
        .flat_map(|key| forms(key, key.path))
        .map(|path| environment_name(&path).replace("__N__", &format!("__{row}__")))
        .collect();
    match nearest(variable, all.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "remove it, or run `otpost config reference` for every name".to_owned(),
    }
}

/// Names directly inside a section, tables included; the sections themselves for the empty path.
fn names_in(section: &str) -> Vec<String> {
    let mut names: Vec<String> = KEYS
        .iter()
        .filter_map(|key| Some((key, strip_section(key.path, section)?)))
        .flat_map(|(key, rest)| match rest.split_once('.') {
            Some((table, _)) => vec![table.trim_end_matches("[]").to_owned()],
            None => forms(key, rest),
        })
        .collect();
    names.dedup();
    names
}

/// A name, and its file twin if it has one.
fn forms(key: &Key, name: &str) -> Vec<String> {
    let mut forms = vec![name.to_owned()];
    if key.kind.is_secret() {
        forms.push(format!("{name}_file"));
    }
    forms
}

/// Every path below which keys stand.
fn all_sections() -> impl Iterator<Item = &'static str> {
    SECTIONS.iter().map(|(section, _)| *section).chain(["http.tls"])
}

/// The nearest of some names, if any is near enough to be meant.
fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: String = wanted.chars().take(LONGEST_MISTAKE).collect();
    let wanted = wanted.to_lowercase();
    let far = 1 + wanted.chars().count() / 4;
    names
        .map(|name| (strsim::damerau_levenshtein(&wanted, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= far)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Characters of a mistaken name that are compared; none of ours is as long.
const LONGEST_MISTAKE: usize = 80;
