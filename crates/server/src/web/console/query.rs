//! What stands behind the question mark of an address.

use std::collections::HashMap;

use axum::extract::Query as Parsed;
use axum::http::Uri;

/// The fields of an address.
pub(super) struct Query(HashMap<String, String>);

impl Query {
    /// Reads them; an address that cannot be read has none.
    pub(super) fn parse(query: Option<&str>) -> Self {
        let uri: Option<Uri> = format!("/?{}", query.unwrap_or_default()).parse().ok();
        let fields = uri.and_then(|uri| Parsed::<HashMap<String, String>>::try_from_uri(&uri).ok());
        Self(fields.map(|Parsed(fields)| fields).unwrap_or_default())
    }

    /// A field; an absent one is empty.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |text| text.trim())
    }

    /// A field to look for; an empty one wants all.
    pub(super) fn pattern(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// The page asked for, from 1.
    pub(super) fn page(&self) -> usize {
        self.text("page").parse().unwrap_or(1).clamp(1, LAST_PAGE)
    }
}

/// A text as it stands in an address.
pub(super) fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

const LAST_PAGE: usize = 100_000;
