//! What the pages say, in each language. Which one a person reads is for their browser to say, or for `lang` in the
//! address, which then stays there. Texts of administrators are shown as they were written.

mod de;
mod en;
mod es;
mod fr;
mod texts;

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::language::Language;
pub(super) use texts::Texts;

/// The language of one request, and whether its address says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tongue {
    /// The language.
    pub language: Language,
    is_asked: bool,
}

impl Language {
    /// Everything the pages say in it.
    pub(super) const fn texts(self) -> &'static Texts {
        match self {
            Self::De => &de::TEXTS,
            Self::En => &en::TEXTS,
            Self::Es => &es::TEXTS,
            Self::Fr => &fr::TEXTS,
        }
    }

    /// The one that the browser likes best among ours (RFC 9110, 12.5.4).
    fn preferred(headers: &HeaderMap) -> Option<Self> {
        let lines = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|line| line.to_str().ok());
        let ranges = lines.flat_map(|line| line.split(',')).take(MOST_RANGES);
        let known = ranges.filter_map(|range| {
            let (tag, weight) = range.split_once(';').unwrap_or((range, "q=1"));
            let weight: f32 = weight.trim().strip_prefix("q=")?.trim().parse().ok()?;
            Some((Self::parse(tag)?, weight)).filter(|(_, weight)| *weight > 0.0)
        });
        let best = known.reduce(|best, next| if next.1 > best.1 { next } else { best });
        best.map(|(language, _)| language)
    }
}

impl Tongue {
    fn of(request: &Request) -> Self {
        let asked = request.uri().query().and_then(|query| find(query, "lang")).and_then(Language::parse);
        let language = asked.or_else(|| Language::preferred(request.headers()));
        Self { language: language.unwrap_or_default(), is_asked: asked.is_some() }
    }

    /// A path, with the language where it was asked for.
    pub fn path(self, path: &str) -> String {
        if !self.is_asked {
            return path.to_owned();
        }
        format!("{path}{}lang={}", if path.contains('?') { '&' } else { '?' }, self.language.tag())
    }
}

impl<S: Sync> FromRequestParts<S> for Tongue {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get().copied().unwrap_or_default())
    }
}

/// Finds the language of a request, and keeps it in the addresses of ours that it leads to.
pub(super) async fn keep(mut request: Request, next: Next) -> Response {
    let tongue = Tongue::of(&request);
    request.extensions_mut().insert(tongue);
    let mut response = next.run(request).await;
    let location = response.headers().get(header::LOCATION).and_then(|location| location.to_str().ok());
    let kept = location.filter(|location| location.starts_with('/')).map(|location| tongue.path(location));
    if let Some(kept) = kept.and_then(|location| HeaderValue::from_str(&location).ok()) {
        response.headers_mut().insert(header::LOCATION, kept);
    }
    response
}

/// A parameter of a query, as it stands there.
fn find<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query.split('&').filter_map(|pair| pair.split_once('=')).find_map(|(key, value)| (key == name).then_some(value))
}

const MOST_RANGES: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn preferred(line: &str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, line.parse().expect("header"));
        Language::preferred(&headers).unwrap_or_default()
    }

    #[test]
    fn the_best_of_ours_is_taken() {
        use Language::{De, En, Es, Fr};
        for (line, expected) in [
            ("de", De),
            ("de-AT,de;q=0.9,en;q=0.8", De),
            ("pt-BR, es;q=0.7, en;q=0.3", Es),
            ("en;q=0.5, FR-ca;q=0.6", Fr),
            ("ja, zh;q=0.9", En),
            ("de;q=0, fr;q=0.1", Fr),
            ("*", En),
            ("de;q=rubbish, es", Es),
            ("", En),
        ] {
            assert_eq!(preferred(line), expected, "{line}");
        }
    }

    #[test]
    fn every_language_says_everything() {
        let english = en::TEXTS.all();
        for language in Language::ALL {
            for ((name, text), (_, original)) in language.texts().all().into_iter().zip(&english) {
                let tag = language.tag();
                assert!(!text.trim().is_empty() && text == text.trim(), "{tag}.{name}");
                assert_eq!(text.matches("{}").count(), original.matches("{}").count(), "{tag}.{name}");
                let is_sentence = |text: &str| text.ends_with('.');
                assert_eq!(is_sentence(text), is_sentence(original), "{tag}.{name}: {text}");
                let may_be_alike = ["code", "app_name"].contains(&name);
                assert!(
                    language == Language::En || may_be_alike || text != *original,
                    "{tag}.{name} is not translated"
                );
            }
        }
    }
}
