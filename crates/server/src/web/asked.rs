//! What a trusted proxy says about the request that it asks about.

use axum::http::{HeaderMap, header};
use domain::theme::ReturnTo;

/// The request at the proxy.
#[derive(Debug)]
pub(super) struct Asked {
    is_https: bool,
    origin: String,
    /// Path and query, without the ticket.
    uri: String,
    /// The ticket and the state that somebody came back with.
    ticket: Option<(String, String)>,
}

impl Asked {
    /// Reads the headers; nothing if one is missing or is there twice.
    pub(super) fn read(headers: &HeaderMap) -> Option<Self> {
        let (scheme, host) = (one(headers, "x-forwarded-proto")?, one(headers, "x-forwarded-host")?);
        let uri = one(headers, "x-forwarded-uri")?;
        if !matches!(scheme, "http" | "https") || host.contains(['/', '?', '#', '@']) || !uri.starts_with('/') {
            return None;
        }
        let (uri, ticket) = split_ticket(uri);
        Some(Self { is_https: scheme == "https", origin: format!("{scheme}://{host}"), uri, ticket })
    }

    /// Where people come back to. What is too long or too strange to come back to is cut to its path, and
    /// then to the root of its host.
    pub(super) fn place(&self) -> Option<ReturnTo> {
        let path = self.uri.split('?').next().unwrap_or_default();
        let path = if self.is_sign_out() { "/" } else { path };
        let whole = if self.is_sign_out() { "/" } else { &self.uri };
        let places = [whole, path, "/"].map(|end| ReturnTo::parse(&format!("{}{end}", self.origin)));
        places.into_iter().find_map(Result::ok)
    }

    /// What somebody came back with.
    pub(super) fn ticket(&self) -> Option<(&str, &str)> {
        self.ticket.as_ref().map(|(ticket, state)| (ticket.as_str(), state.as_str()))
    }

    /// Whether somebody wants their session to end.
    pub(super) fn is_sign_out(&self) -> bool {
        self.uri.split('?').next() == Some(SIGN_OUT)
    }

    /// A cookie of the guarded host.
    pub(super) fn cookie<'a>(&self, headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
        let name = self.cookie_name(name);
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find_map(|(key, value)| (key == name).then_some(value))
    }

    /// The line that sets one. A link from elsewhere brings it along, a form from elsewhere does not.
    pub(super) fn cookie_line(&self, name: &str, value: &str, age: &str) -> String {
        let secure = if self.is_https { "; Secure" } else { "" };
        format!("{}={value}; Path=/{age}; HttpOnly; SameSite=Lax{secure}", self.cookie_name(name))
    }

    fn cookie_name(&self, name: &str) -> String {
        if self.is_https { format!("__Host-{name}") } else { name.to_owned() }
    }
}

/// Takes off what the sign-in pages have put at the end.
fn split_ticket(uri: &str) -> (String, Option<(String, String)>) {
    let found = uri.rfind("ticket=otpt_").filter(|at| uri.get(..*at).is_some_and(|left| left.ends_with(['?', '&'])));
    let parts = found.and_then(|at| Some((uri.get(..at - 1)?, uri.get(at..)?)));
    let read = |tail: &str| {
        let (ticket, state) = tail.strip_prefix("ticket=")?.split_once("&state=")?;
        (!state.contains('&')).then(|| (ticket.to_owned(), state.to_owned()))
    };
    match parts.and_then(|(left, tail)| Some((left, read(tail)?))) {
        Some((left, ticket)) => (left.to_owned(), Some(ticket)),
        None => (uri.to_owned(), None),
    }
}

fn one<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut lines = headers.get_all(name).iter();
    let line = lines.next()?;
    if lines.next().is_some() { None } else { line.to_str().ok() }
}

/// The path that ends a session, at every guarded host.
const SIGN_OUT: &str = "/.otpost/signout";

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(uri: &str) -> Option<Asked> {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-proto", "https".parse().expect("header"));
        headers.insert("x-forwarded-host", "app.example.org".parse().expect("header"));
        headers.insert("x-forwarded-uri", uri.parse().expect("header"));
        Asked::read(&headers)
    }

    fn place(uri: &str) -> String {
        asked(uri).and_then(|asked| asked.place()).map(|place| place.as_str().to_owned()).unwrap_or_default()
    }

    #[test]
    fn the_ticket_at_the_end_is_taken_off() {
        for (uri, left, ticket) in [
            ("/x?ticket=otpt_A&state=B", "/x", Some(("otpt_A", "B"))),
            ("/x?a=1&ticket=otpt_A&state=B", "/x?a=1", Some(("otpt_A", "B"))),
            ("/x?ticket=mine&state=B", "/x?ticket=mine&state=B", None),
            ("/x?ticket=otpt_A&state=B&c=1", "/x?ticket=otpt_A&state=B&c=1", None),
            ("/x?aticket=otpt_A&state=B", "/x?aticket=otpt_A&state=B", None),
            ("/x", "/x", None),
        ] {
            let asked = asked(uri).expect("read");
            assert_eq!((asked.uri.as_str(), asked.ticket()), (left, ticket), "{uri}");
        }
    }

    #[test]
    fn what_cannot_be_come_back_to_is_cut() {
        assert_eq!(place("/a?b=c"), "https://app.example.org/a?b=c");
        assert_eq!(place("/a%2fb?c"), "https://app.example.org/");
        assert_eq!(place(&format!("/a?{}", "x".repeat(2000))), "https://app.example.org/a");
        assert_eq!(place("/.otpost/signout?x"), "https://app.example.org/");
        assert!(asked("//evil.example/").is_some_and(|asked| asked.origin == "https://app.example.org"));
        assert!(asked("evil").is_none());
    }
}
