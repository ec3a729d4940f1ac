//! Reading the properties of an object, one line each. What is wrong is noted with its place and reading
//! goes on, so that a caller learns of every fault at once; see [`Body::read`](super::body::Body::read).
//!
//! Absent and null are the same wherever a property is optional, on update too: both leave things as they
//! are. Lengths are counted in UTF-16 units, as the incumbent counts them. What a method answers after a
//! fault is a stand-in that nobody sees.

mod choice;
mod text;

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

pub(super) use self::choice::{Choice, number_of};
pub(super) use self::text::shown;
use super::fault::{Code, Fault};
use super::json::Json;

/// The properties of one object that are still to be read.
pub(super) struct Fields<'a> {
    /// Pointer to this object.
    place: String,
    left: Vec<(String, Json)>,
    known: Vec<&'static str>,
    nulls: Vec<&'static str>,
    faults: &'a mut Vec<Fault>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(place: &str, members: Vec<(String, Json)>, faults: &'a mut Vec<Fault>) -> Self {
        let mut fields =
            Self { place: place.to_owned(), left: Vec::new(), known: Vec::new(), nulls: Vec::new(), faults };
        let mut seen = BTreeSet::new();
        for (name, value) in members {
            if seen.insert(name.clone()) {
                fields.left.push((name, value));
            } else {
                let message = format!("is given more than once: duplicate field '{}'", shown(&name));
                fields.note(&name, Code::Repeated, message);
            }
        }
        fields
    }

    /// true or false.
    pub(super) fn flag(&mut self, name: &'static str) -> Option<bool> {
        match self.take(name)? {
            Json::Flag(flag) => Some(flag),
            other => self.wrong_type(name, "true or false", &other),
        }
    }

    /// A whole number within these borders.
    pub(super) fn number(&mut self, name: &'static str, range: RangeInclusive<i64>) -> Option<i64> {
        let value = self.take(name)?;
        self.as_number(name, &value, &range)
    }

    /// The number of a thing.
    pub(super) fn id(&mut self, name: &'static str) -> Option<i64> {
        self.number(name, IDS)
    }

    /// One of a few, by number or by name in any letter case.
    pub(super) fn choice<T: Choice>(&mut self, name: &'static str) -> Option<T> {
        let value = self.take(name)?;
        let found = choice::read(&value);
        if found.is_none() {
            self.note(name, Code::Choice, choice::refusal::<T>(&value));
        }
        found
    }

    /// Whole numbers of things, at most so many.
    pub(super) fn ids(&mut self, name: &'static str, most: usize) -> Option<Vec<i64>> {
        self.list(name, most, |fields, at, value| fields.as_number(at, &value, &IDS))
    }

    /// Objects, at most so many.
    pub(super) fn objects<T>(
        &mut self,
        name: &'static str,
        most: usize,
        mut read: impl FnMut(&mut Fields<'_>) -> T,
    ) -> Option<Vec<T>> {
        self.list(name, most, |fields, at, value| fields.inner(at, value, &mut read))
    }

    /// One of a few that must be there.
    pub(super) fn required_choice<T: Choice>(&mut self, name: &'static str) -> T {
        let found = self.choice(name);
        let found = self.must_be_there(name, found).or(T::ALL.first().map(|(.., value)| *value));
        found.unwrap_or_else(|| unreachable!("a choice has values"))
    }

    /// Notes that a property must be there when it is not.
    pub(super) fn required<T: Default>(&mut self, name: &'static str, value: Option<T>) -> T {
        self.must_be_there(name, value).unwrap_or_default()
    }

    /// The same for what has no stand-in.
    pub(super) fn must_be_there<T>(&mut self, name: &'static str, value: Option<T>) -> Option<T> {
        // What was read and refused has its fault already.
        if value.is_none() && !self.has_fault(name) {
            let is_null = self.nulls.contains(&name);
            let (code, hint) = if is_null { (Code::Null, " and must not be null") } else { (Code::Missing, "") };
            self.note(name, code, format!("is required{hint}"));
        }
        value
    }

    /// Notes it when a property that may be absent is null. Comes before the property is read.
    pub(super) fn not_null(&mut self, names: &[&'static str]) {
        for name in names {
            if self.left.iter().any(|(given, value)| given == name && matches!(value, Json::Null)) {
                self.note(name, Code::Null, "must not be null; leave it out to get the usual value");
            }
        }
    }

    /// Notes a fault that is found by looking at several properties, or at what a value means.
    pub(super) fn refuse(&mut self, name: &str, message: impl Into<String>) {
        self.note(name, Code::Value, message);
    }

    /// Notes a fault that somebody else found, unless the property has one already.
    pub(super) fn blame(&mut self, name: &'static str, code: Code, message: String) {
        if !self.has_fault(name) {
            self.note(name, code, message);
        }
    }

    /// Everything that nobody asked for is a fault.
    pub(super) fn refuse_the_rest(&mut self) {
        for (name, _) in std::mem::take(&mut self.left) {
            let slips = |known: &&&str| strsim::osa_distance(known, &name);
            let nearest =
                self.known.iter().filter(|known| known.len().abs_diff(name.len()) <= MOST_SLIPS).min_by_key(slips);
            let hint = match nearest.filter(|near| slips(near) <= MOST_SLIPS) {
                Some(near) => format!("did you mean '{near}'?"),
                None => format!("there are: {}", self.known.join(", ")),
            };
            self.note(&name, Code::Unknown, format!("is no property of this object; {hint}"));
        }
    }

    /// The value of a property; none when it is absent or null.
    fn take(&mut self, name: &'static str) -> Option<Json> {
        self.known.push(name);
        let at = self.left.iter().position(|(given, _)| given == name)?;
        let value = self.left.remove(at).1;
        if matches!(value, Json::Null) {
            self.nulls.push(name);
            return None;
        }
        Some(value)
    }

    fn as_number(&mut self, name: &str, value: &Json, range: &RangeInclusive<i64>) -> Option<i64> {
        let Json::Number(number) = value else {
            return self.wrong_type(name, "a whole number", value);
        };
        if range.contains(number) {
            return Some(*number);
        }
        let message = format!("must be between {} and {}, got {number}", range.start(), range.end());
        self.fault(name, Code::Range, message)
    }

    fn inner<T>(&mut self, name: &str, value: Json, read: impl FnOnce(&mut Fields<'_>) -> T) -> Option<T> {
        let Json::Object(members) = value else {
            return self.wrong_type(name, "an object", &value);
        };
        let place = self.pointer(name);
        let mut inner = Fields::new(&place, members, self.faults);
        let value = read(&mut inner);
        inner.refuse_the_rest();
        Some(value)
    }

    /// Reads each item; faults stand at `NAME/0` and so on.
    fn list<T>(
        &mut self,
        name: &'static str,
        most: usize,
        mut read: impl FnMut(&mut Self, &str, Json) -> Option<T>,
    ) -> Option<Vec<T>> {
        let items = match self.take(name)? {
            Json::List(items) => items,
            other => return self.wrong_type(name, "an array", &other),
        };
        if items.len() > most {
            let message = format!("must have at most {most} items, got {}", items.len());
            return self.fault(name, Code::Length, message);
        }
        let place = self.pointer(name);
        let outer = std::mem::replace(&mut self.place, place);
        let items = items.into_iter().enumerate();
        let read: Vec<_> = items.map(|(at, item)| read(self, &at.to_string(), item)).collect();
        self.place = outer;
        read.into_iter().collect()
    }

    fn wrong_type<T>(&mut self, name: &str, wanted: &str, value: &Json) -> Option<T> {
        self.fault(name, Code::Type, format!("must be {wanted}, got {}", value.in_words()))
    }

    fn fault<T>(&mut self, name: &str, code: Code, message: impl Into<String>) -> Option<T> {
        self.note(name, code, message);
        None
    }

    fn note(&mut self, name: &str, code: Code, message: impl Into<String>) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(Fault::new(self.pointer(name), code, message));
        }
    }

    /// Whether the property, or something inside it, has a fault.
    pub(super) fn has_fault(&self, name: &str) -> bool {
        let pointer = self.pointer(name);
        let inside = format!("{pointer}/");
        self.faults.iter().any(|fault| fault.pointer == pointer || fault.pointer.starts_with(&inside))
    }

    /// RFC 6901; names of strangers are cut and escaped.
    fn pointer(&self, name: &str) -> String {
        format!("{}/{}", self.place, shown(name).replace('~', "~0").replace('/', "~1"))
    }
}

const IDS: RangeInclusive<i64> = 1..=2_147_483_647;
/// Told at once; an answer must not be many times as long as its question.
const MOST_FAULTS: usize = 100;
/// Letters between what was typed and what may have been meant.
const MOST_SLIPS: usize = 2;
