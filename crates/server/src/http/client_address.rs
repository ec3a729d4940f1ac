//! Who is the client? A header is a claim by whoever connected, believed only from trusted proxies.

use std::net::IpAddr;

use axum::http::HeaderMap;

use crate::config::{ForwardedHeader, Http};

/// The client's address: the peer's, or the first untrusted one when the header of the configured
/// kind is walked from right to left.
pub fn of(config: &Http, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let peer = peer.to_canonical();
    let name = match config.forwarded_header {
        ForwardedHeader::Forwarded => "forwarded",
        ForwardedHeader::None => return peer,
        ForwardedHeader::XForwardedFor => "x-forwarded-for",
    };
    let is_trusted = |address: &IpAddr| config.trusted_proxies.iter().any(|network| network.contains(address));
    let lines = headers.get_all(name).iter().map(|line| line.to_str().ok()).collect::<Option<Vec<_>>>();
    let joined = lines.unwrap_or_default().join(",");
    if !is_trusted(&peer) || joined.len() > MOST_OCTETS {
        return peer;
    }
    let mut client = peer;
    for hop in joined.rsplit(',').take(MOST_HOPS) {
        // A hop that cannot be read ends the walk: never look further left.
        let Some(address) = read_hop(config.forwarded_header, hop) else {
            return client;
        };
        client = address;
        if !is_trusted(&client) {
            return client;
        }
    }
    client
}

fn read_hop(kind: ForwardedHeader, hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let node = match kind {
        ForwardedHeader::Forwarded => hop.split(';').find_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            key.eq_ignore_ascii_case("for").then(|| value.trim_matches('"'))
        })?,
        _ => hop,
    };
    let bare = match node.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None if node.matches(':').count() == 1 => node.split_once(':')?.0,
        None => node,
    };
    let without_zone = bare.split_once('%').map_or(bare, |(address, _)| address);
    without_zone.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

const MOST_HOPS: usize = 20;
const MOST_OCTETS: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Source};

    fn address(kind: ForwardedHeader, peer: &str, lines: &[&str]) -> String {
        let mut http = Config::load(Source::Nowhere, std::iter::empty()).expect("defaults").http;
        http.forwarded_header = kind;
        http.trusted_proxies = vec!["10.0.0.0/8".parse().expect("network")];
        let name = if kind == ForwardedHeader::Forwarded { "forwarded" } else { "x-forwarded-for" };
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(name, line.parse().expect("header"));
        }
        of(&http, peer.parse().expect("address"), &headers).to_string()
    }

    #[test]
    fn the_first_untrusted_hop_from_the_right_is_the_client() {
        let via = |peer, lines: &[&str]| address(ForwardedHeader::XForwardedFor, peer, lines);
        assert_eq!(via("10.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(via("10.0.0.1", &["6.6.6.6, 203.0.113.9", "10.0.0.2"]), "203.0.113.9");
        assert_eq!(via("192.0.2.1", &["203.0.113.9"]), "192.0.2.1", "an untrusted peer claims nothing");
        assert_eq!(via("10.0.0.1", &["6.6.6.6, rubbish, 10.0.0.2"]), "10.0.0.2", "rubbish ends the walk");
        assert_eq!(via("10.0.0.1", &["::ffff:203.0.113.9"]), "203.0.113.9");
        assert_eq!(via("10.0.0.1", &["203.0.113.9:4711"]), "203.0.113.9");
        assert_eq!(address(ForwardedHeader::None, "10.0.0.1", &["203.0.113.9"]), "10.0.0.1");
    }

    #[test]
    fn the_forwarded_header_is_read_too() {
        let via = |lines: &[&str]| address(ForwardedHeader::Forwarded, "10.0.0.1", lines);
        assert_eq!(via(&["for=192.0.2.60;proto=http;by=203.0.113.43"]), "192.0.2.60");
        assert_eq!(via(&["For=\"[2001:db8:cafe::17]:4711\""]), "2001:db8:cafe::17");
    }
}
