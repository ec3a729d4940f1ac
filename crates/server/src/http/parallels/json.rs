//! JSON as a tree that forgets nothing: repeated properties stay visible, and every text is wiped when it
//! is dropped, because some are passwords.

use std::fmt;

use domain::secret::Secret;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A value.
#[derive(Debug, Clone)]
pub(super) enum Json {
    /// true, false
    Flag(bool),
    /// An array.
    List(Vec<Self>),
    /// null
    Null,
    /// A whole number that fits.
    Number(i64),
    /// Properties in their order, repeated ones too.
    Object(Vec<(String, Self)>),
    /// A number with a fraction, or beyond what any property takes.
    Other,
    /// A text.
    Text(Secret),
}

/// Why bytes are no JSON, without a piece of them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotJson(pub(super) String);

impl Json {
    /// Reads one value and nothing behind it. Nesting ends at 128 levels.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, NotJson> {
        check_encoding(bytes)?;
        serde_json::from_slice(bytes).map_err(|error| NotJson(format!("the body is not valid JSON: {error}")))
    }

    /// What it is, in a message.
    pub(super) const fn in_words(&self) -> &'static str {
        match self {
            Self::Flag(_) => "true or false",
            Self::List(_) => "an array",
            Self::Null => "null",
            Self::Number(_) => "a number",
            Self::Object(_) => "an object",
            Self::Other => "a number with a fraction or too many digits",
            Self::Text(_) => "a text",
        }
    }
}

fn check_encoding(bytes: &[u8]) -> Result<(), NotJson> {
    let refused = |what: &str| Err(NotJson(format!("the body is not valid JSON: {what} at line 1 column 1")));
    match bytes {
        [0xef, 0xbb, 0xbf, ..] => refused("it begins with a byte order mark; send UTF-8 without one"),
        [0xfe, 0xff, ..] | [0xff, 0xfe, ..] | [_, 0, ..] | [0, ..] => refused("it is UTF-16 or UTF-32; send UTF-8"),
        _ => match std::str::from_utf8(bytes) {
            Ok(_) => Ok(()),
            Err(error) => {
                let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
                let line = before.split(|byte| *byte == b'\n').count();
                let column = before.rsplit(|byte| *byte == b'\n').next().map_or(0, <[u8]>::len) + 1;
                let what = format!("the body is not valid JSON: it is not UTF-8 at line {line} column {column}");
                Err(NotJson(what))
            }
        },
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Json, E> {
        Ok(Json::Flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Number(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(i64::try_from(number).map_or(Json::Other, Json::Number))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(Secret::new(text)))
    }

    fn visit_string<E>(self, text: String) -> Result<Json, E> {
        Ok(Json::Text(Secret::new(text)))
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut properties: A) -> Result<Json, A::Error> {
        let mut object = Vec::new();
        while let Some(property) = properties.next_entry()? {
            object.push(property);
        }
        Ok(Json::Object(object))
    }
}
