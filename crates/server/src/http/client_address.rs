//! Who is the client? A header is a claim by whoever connected, believed only from trusted proxies.

use std::net::IpAddr;

use axum::http::HeaderMap;

use crate::config::{ForwardedHeader, Http};

/// The client's address: the peer's, or the first untrusted one when the header of the configured
/// kind is walked from right to left. None where a trusted proxy says what cannot be read: then nobody
/// knows who it was, and least of all was it the proxy.
pub fn of(config: &Http, peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
    let peer = peer.to_canonical();
    let (name, read): (_, fn(&str) -> Option<IpAddr>) = match config.forwarded_header {
        ForwardedHeader::Forwarded => ("forwarded", read_element),
        ForwardedHeader::None => return Some(peer),
        ForwardedHeader::XForwardedFor => ("x-forwarded-for", read_address),
    };
    let is_trusted = |address: &IpAddr| config.trusted_proxies.iter().any(|network| network.contains(address));
    let mut client = peer;
    // What stands further left is the word of whoever came to the last trusted proxy, however odd or long it is.
    let lines = headers.get_all(name).iter().rev();
    for (at, hop) in lines.flat_map(|line| line.as_bytes().rsplit(|octet| *octet == b',')).enumerate() {
        if !is_trusted(&client) {
            break;
        }
        if at == MOST_HOPS {
            return None;
        }
        client = read(std::str::from_utf8(hop).ok()?.trim())?;
    }
    Some(client)
}

/// The one `for` of an element (RFC 7239, 4). A comma inside quotes would have cut the element in two, so its
/// quotes must be whole: what the halves say is not what was meant.
fn read_element(element: &str) -> Option<IpAddr> {
    let mut found = None;
    for pair in element.split(';') {
        let (key, value) = pair.trim().split_once('=')?;
        let bare = value.strip_prefix('"').map_or(Some(value), |rest| rest.strip_suffix('"'))?;
        if bare.contains(['"', '\\']) || (key.eq_ignore_ascii_case("for") && found.replace(bare).is_some()) {
            return None;
        }
    }
    read_address(found?)
}

fn read_address(node: &str) -> Option<IpAddr> {
    let bare = match node.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None if node.matches(':').count() == 1 => node.split_once(':')?.0,
        None => node,
    };
    let without_zone = bare.split_once('%').map_or(bare, |(address, _)| address);
    without_zone.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

/// More proxies than this in a row are none that anybody trusts.
const MOST_HOPS: usize = 20;

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;
    use crate::config::{Config, Source};

    fn address(kind: ForwardedHeader, peer: &str, lines: &[&[u8]]) -> String {
        let mut http = Config::load(Source::Nowhere, std::iter::empty()).expect("defaults").http;
        http.forwarded_header = kind;
        http.trusted_proxies = vec!["10.0.0.0/8".parse().expect("network")];
        let name = if kind == ForwardedHeader::Forwarded { "forwarded" } else { "x-forwarded-for" };
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(name, HeaderValue::from_bytes(line).expect("header"));
        }
        let found = of(&http, peer.parse().expect("address"), &headers);
        found.map_or_else(|| "unknown".to_owned(), |address| address.to_string())
    }

    #[test]
    fn the_first_untrusted_hop_from_the_right_is_the_client() {
        let via = |peer, lines: &[&[u8]]| address(ForwardedHeader::XForwardedFor, peer, lines);
        assert_eq!(via("10.0.0.1", &[b"203.0.113.9"]), "203.0.113.9");
        assert_eq!(via("10.0.0.1", &[b"6.6.6.6, 203.0.113.9", b"10.0.0.2"]), "203.0.113.9");
        assert_eq!(via("192.0.2.1", &[b"203.0.113.9"]), "192.0.2.1", "an untrusted peer claims nothing");
        assert_eq!(via("10.0.0.1", &[b"::ffff:203.0.113.9"]), "203.0.113.9");
        assert_eq!(via("10.0.0.1", &[b"203.0.113.9:4711"]), "203.0.113.9");
        assert_eq!(via("10.0.0.1", &[b"10.0.0.3, 10.0.0.2"]), "10.0.0.3", "a proxy's own word is its own");
        assert_eq!(via("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(address(ForwardedHeader::None, "10.0.0.1", &[b"203.0.113.9"]), "10.0.0.1");
    }

    #[test]
    fn what_a_stranger_puts_before_the_proxys_word_changes_nothing() {
        let long = [b"x".repeat(1100).as_slice(), b", 203.0.113.9"].concat();
        let many = [b"10.0.0.1, ".repeat(120).as_slice(), b"203.0.113.9"].concat();
        let odd: &[u8] = b"\xff, 203.0.113.9";
        for spoof in
            [long.as_slice(), &many, odd, b"10.0.0.1, 203.0.113.9", b", 203.0.113.9", b"\"10.0.0.1, 203.0.113.9"]
        {
            assert_eq!(address(ForwardedHeader::XForwardedFor, "10.0.0.1", &[spoof]), "203.0.113.9");
            let elements: &[&[u8]] = &[spoof, b"for=203.0.113.9"];
            assert_eq!(address(ForwardedHeader::Forwarded, "10.0.0.1", elements), "203.0.113.9");
            let lines: &[&[u8]] = &[spoof, b"203.0.113.9"];
            assert_eq!(address(ForwardedHeader::XForwardedFor, "10.0.0.1", lines), "203.0.113.9");
        }
    }

    #[test]
    fn where_a_trusted_proxy_cannot_be_read_the_client_is_unknown() {
        let many = b"10.0.0.2, ".repeat(25);
        for line in
            [b"\xff".as_slice(), &b"x".repeat(1100), b"", b"203.0.113.9,", b"unknown", b"\"203.0.113.9\"", &many]
        {
            assert_eq!(address(ForwardedHeader::XForwardedFor, "10.0.0.1", &[line]), "unknown");
        }
        assert_eq!(address(ForwardedHeader::XForwardedFor, "10.0.0.1", &[b"6.6.6.6, rubbish, 10.0.0.2"]), "unknown");
        let elements: [&[u8]; 5] = [
            b"proto=http",
            b"for=_hidden",
            b"for=203.0.113.9;host=\"a, for=10.0.0.1\"",
            b"for=10.0.0.1;for=203.0.113.9",
            b"for=203.0.113.9;host=\"a, for=10.0.0.1;x=\\\"\"",
        ];
        for line in elements {
            assert_eq!(address(ForwardedHeader::Forwarded, "10.0.0.1", &[line]), "unknown");
        }
    }

    #[test]
    fn the_forwarded_header_is_read_too() {
        let via = |lines: &[&[u8]]| address(ForwardedHeader::Forwarded, "10.0.0.1", lines);
        assert_eq!(via(&[b"for=192.0.2.60;proto=http;by=203.0.113.43"]), "192.0.2.60");
        assert_eq!(via(&[b"For=\"[2001:db8:cafe::17]:4711\""]), "2001:db8:cafe::17");
    }
}
