//! Owns the step from parsed TOML to values whose places are known.

use domain::secret::Secret;
use toml::de::{DeInteger, DeValue};

use super::layers::{Entry, Raw};
use super::origin::Origin;

/// A single TOML value, such as `["a", "b"]`, without places; nothing when it is not one.
pub(super) fn parse(text: &str) -> Option<Raw> {
    let value = DeValue::parse(text).ok()?;
    Some(raw(value.get_ref(), &|_| Origin::Default))
}

/// A parsed value; `place` turns a byte offset into a place.
pub(super) fn raw(value: &DeValue<'_>, place: &impl Fn(usize) -> Origin) -> Raw {
    match value {
        DeValue::Array(items) => Raw::List(
            items
                .iter()
                .map(|item| Entry { raw: raw(item.get_ref(), place), origin: place(item.span().start) })
                .collect(),
        ),
        DeValue::Boolean(truth) => Raw::Bool(*truth),
        DeValue::Datetime(_) | DeValue::Float(_) | DeValue::Table(_) => Raw::Other,
        DeValue::Integer(number) => whole(number),
        DeValue::String(text) => Raw::Text(Secret::new(text.as_ref())),
    }
}

fn whole(number: &DeInteger<'_>) -> Raw {
    i64::from_str_radix(number.as_str(), number.radix()).map_or(Raw::Other, Raw::Whole)
}
