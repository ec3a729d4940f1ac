//! The head of a request, held to its rules before anything looks at what is asked.

use axum::extract::Request;
use axum::http::{StatusCode, Version, header};

use crate::config::Http;

/// Why a request is not answered, if it is not: status and sentence.
pub(super) fn refusal(http: &Http, request: &Request) -> Option<(StatusCode, &'static str)> {
    if octets(request) > MOST_OCTETS {
        return Some((StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, TOO_LONG));
    }
    // RFC 9112, 3.2. Two names would let two programs on the way read two different ones.
    let hosts = request.headers().get_all(header::HOST).iter().count();
    if hosts > 1 || (hosts == 0 && request.version() == Version::HTTP_11) {
        return Some((StatusCode::BAD_REQUEST, "a request of HTTP/1.1 has one line Host, not none and not two\n"));
    }
    if !is_known_host(http, request) {
        return Some((StatusCode::MISDIRECTED_REQUEST, "this server does not answer for that host name\n"));
    }
    None
}

/// As it came, but for blanks around values.
fn octets(request: &Request) -> usize {
    let address = request.uri().path_and_query().map_or(0, |address| address.as_str().len());
    let lines = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len());
    address + lines.sum::<usize>()
}

/// Where host names are listed, no other is answered: nothing is ever built from a Host header,
/// and a rebound name reaches nothing.
fn is_known_host(http: &Http, request: &Request) -> bool {
    if http.allowed_hosts.is_empty() {
        return true;
    }
    let named = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let host = named.rsplit_once(':').map_or(named, |(host, port)| if port.ends_with(']') { named } else { host });
    let is_public = http.public_url.as_ref().is_some_and(|url| url.host().eq_ignore_ascii_case(host));
    is_public || http.allowed_hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(host))
}

/// Of address and head together.
pub(super) const MOST_OCTETS: usize = 32 * 1024;
const TOO_LONG: &str = "address and head of a request have at most 32 KiB together, in at most 100 lines\n";
