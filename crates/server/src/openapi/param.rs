//! Parameters of calls, and their JSON schemas.

use serde_json::{Value, json};

/// A parameter.
#[derive(Debug, Clone, Copy)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// Where it stands.
    pub place: Place,
    /// What it can be.
    pub kind: Kind,
    /// Whether the call is refused without it.
    pub is_required: bool,
    /// What it means.
    pub about: &'static str,
    /// A value for examples.
    pub example: &'static str,
}

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the query; with POST and PUT in the body as well, in any of its encodings. Under `/api`: in the
    /// body, if there can be one.
    Given,
    /// In the head.
    Header,
    /// In the path.
    Path,
    /// In the query, whatever the method.
    Query,
}

/// How many texts, and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Items {
    /// Fewest.
    pub least: usize,
    /// Most.
    pub most: usize,
    /// UTF-16 units of one; at least one.
    pub longest: usize,
}

/// What a value can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One of these, by number or by name.
    Choice(&'static [(i64, &'static str)]),
    /// `1`, `true`, `yes`, `on`; anything else is no.
    Flag,
    /// Numbers of things.
    Ids,
    /// Users and groups: objects with `name` and `sid`.
    Members,
    /// Text of at least and at most so many UTF-16 units.
    Limited(usize, usize),
    /// A whole number within these borders.
    Number(i64, i64),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A PIN, password or code, at most 256 bytes.
    Secret,
    /// Text, at most 8,192 bytes.
    Text,
    /// Texts.
    Texts(Items),
    /// `true` or `false`.
    Truth,
}

pub(super) const fn text(name: &'static str, example: &'static str, about: &'static str) -> Param {
    Param { name, place: Place::Given, kind: Kind::Text, is_required: false, about, example }
}

pub(super) const fn secret(name: &'static str, about: &'static str) -> Param {
    Param { kind: Kind::Secret, ..text(name, "1234", about) }
}

pub(super) const fn flag(name: &'static str, about: &'static str) -> Param {
    Param { kind: Kind::Flag, ..text(name, "1", about) }
}

pub(super) const fn number(
    name: &'static str,
    (least, most): (i64, i64),
    example: &'static str,
    about: &'static str,
) -> Param {
    Param { kind: Kind::Number(least, most), ..text(name, example, about) }
}

pub(super) const fn one_of(
    name: &'static str,
    words: &'static [&'static str],
    example: &'static str,
    about: &'static str,
) -> Param {
    Param { kind: Kind::OneOf(words), ..text(name, example, about) }
}

pub(super) const fn choice(name: &'static str, all: &'static [(i64, &'static str)], about: &'static str) -> Param {
    Param { kind: Kind::Choice(all), ..text(name, "1", about) }
}

pub(super) const fn ids(name: &'static str, about: &'static str) -> Param {
    Param { kind: Kind::Ids, ..text(name, "1", about) }
}

pub(super) const fn texts(name: &'static str, items: Items, example: &'static str, about: &'static str) -> Param {
    Param { kind: Kind::Texts(items), ..text(name, example, about) }
}

pub(super) const fn members(name: &'static str, about: &'static str) -> Param {
    Param { kind: Kind::Members, ..text(name, "staff\\alice", about) }
}

pub(super) const fn limited(
    name: &'static str,
    (least, most): (usize, usize),
    example: &'static str,
    about: &'static str,
) -> Param {
    Param { kind: Kind::Limited(least, most), ..text(name, example, about) }
}

pub(super) const fn truth(name: &'static str, about: &'static str) -> Param {
    Param { kind: Kind::Truth, ..text(name, "true", about) }
}

/// The number of a thing in a path of the Parallels RAS interface.
pub(super) const fn id(about: &'static str) -> Param {
    Param { place: Place::Path, is_required: true, ..number("id", IDS, "1", about) }
}

/// The number of a thing: an int32 from 1 on.
pub(super) const IDS: (i64, i64) = (1, 2_147_483_647);

pub(super) const fn path(name: &'static str, example: &'static str, about: &'static str) -> Param {
    Param { place: Place::Path, is_required: true, ..text(name, example, about) }
}

pub(super) const fn header(name: &'static str, example: &'static str, about: &'static str) -> Param {
    Param { place: Place::Header, ..text(name, example, about) }
}

impl Param {
    /// The same, but the call is refused without it.
    pub(super) const fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    /// The same, but in the query whatever the method.
    pub(super) const fn in_query(self) -> Self {
        Self { place: Place::Query, ..self }
    }

    /// Whether an example needs it.
    pub(super) fn is_shown(&self) -> bool {
        self.is_required
    }

    /// What it can be, in words.
    pub fn kind_in_words(&self) -> String {
        match self.kind {
            Kind::Choice(all) => {
                all.iter().map(|(number, name)| format!("{number} ({name})")).collect::<Vec<_>>().join(", ")
            }
            Kind::Flag => "1 or 0".to_owned(),
            Kind::Ids => "array of numbers".to_owned(),
            Kind::Members => "array of {name, sid}".to_owned(),
            Kind::Limited(least, most) => format!("text, {least} to {most} characters"),
            Kind::Number(least, most) => format!("{least} to {most}"),
            Kind::OneOf(words) => words.join(", "),
            Kind::Secret => "secret".to_owned(),
            Kind::Text => "text".to_owned(),
            Kind::Texts(_) => "array of texts".to_owned(),
            Kind::Truth => "true or false".to_owned(),
        }
    }

    /// Its JSON schema.
    pub(super) fn schema(&self) -> Value {
        let mut schema = match self.kind {
            Kind::Choice(all) => {
                let numbers = all.iter().map(|(number, _)| Value::from(*number));
                let names = all.iter().map(|(_, name)| Value::from(*name));
                json!({"enum": numbers.chain(names).collect::<Vec<_>>()})
            }
            Kind::Ids => {
                json!({"type": "array", "items": {"type": "integer", "minimum": IDS.0, "maximum": IDS.1}, "maxItems": 1000})
            }
            Kind::Members => json!({
                "type": "array",
                "maxItems": 500,
                "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "properties": {
                        "name": {"type": "string", "maxLength": 255},
                        "sid": {"type": "string", "maxLength": 255},
                    },
                },
            }),
            Kind::Limited(least, most) => json!({"type": "string", "minLength": least, "maxLength": most}),
            Kind::Texts(Items { least, most, longest }) => {
                let item = json!({"type": "string", "minLength": 1, "maxLength": longest});
                json!({"type": "array", "items": item, "minItems": least, "maxItems": most})
            }
            Kind::Truth => json!({"type": "boolean"}),
            Kind::Flag => json!({"type": "string", "enum": ["1", "0", "true", "false", "yes", "no", "on", "off"]}),
            Kind::Number(least, most) => json!({"type": "integer", "minimum": least, "maximum": most}),
            Kind::OneOf(words) => json!({"type": "string", "enum": words}),
            Kind::Secret => json!({"type": "string", "format": "password", "maxLength": 256}),
            Kind::Text if self.place == Place::Header => {
                json!({"type": "string", "pattern": "^[!-~]{1,255}$"})
            }
            Kind::Text if self.place == Place::Path => json!({"type": "string", "minLength": 1, "maxLength": 255}),
            Kind::Text => json!({"type": "string", "maxLength": 8192}),
        };
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("description".to_owned(), self.about.into());
        }
        schema
    }

    /// A value for examples, as its schema wants it.
    pub(super) fn example_value(&self) -> Value {
        match self.kind {
            Kind::Choice(_) | Kind::Number(..) => self.example.parse::<i64>().map_or(Value::Null, Value::from),
            Kind::Members => json!([{"name": self.example}]),
            Kind::Ids => Value::Array(self.example.parse::<i64>().map(Value::from).into_iter().collect()),
            Kind::Texts(_) => json!([self.example]),
            Kind::Truth => (self.example == "true").into(),
            _ => self.example.into(),
        }
    }
}
