//! Attributes: a number and some bytes, and the numbers this product knows by name.

/// User-Name, RFC 2865 5.1.
pub const USER_NAME: u8 = 1;
/// User-Password, RFC 2865 5.2: the only one that carries what a person typed.
pub const USER_PASSWORD: u8 = 2;
/// CHAP-Password, RFC 2865 5.3.
pub const CHAP_PASSWORD: u8 = 3;
/// NAS-IP-Address, RFC 2865 5.4.
pub const NAS_IP_ADDRESS: u8 = 4;
/// Filter-Id, RFC 2865 5.11: the name of a rule set at the client.
pub const FILTER_ID: u8 = 11;
/// Reply-Message, RFC 2865 5.18: text for the person.
pub const REPLY_MESSAGE: u8 = 18;
/// State, RFC 2865 5.24: comes back unchanged with the answer to a challenge.
pub const STATE: u8 = 24;
/// Class, RFC 2865 5.25: what the client notes about the session.
pub const CLASS: u8 = 25;
/// Vendor-Specific, RFC 2865 5.26.
pub const VENDOR_SPECIFIC: u8 = 26;
/// Session-Timeout, RFC 2865 5.27: in a challenge, the seconds until its answer is refused.
pub const SESSION_TIMEOUT: u8 = 27;
/// Called-Station-Id, RFC 2865 5.30.
pub const CALLED_STATION_ID: u8 = 30;
/// Calling-Station-Id, RFC 2865 5.31.
pub const CALLING_STATION_ID: u8 = 31;
/// NAS-Identifier, RFC 2865 5.32.
pub const NAS_IDENTIFIER: u8 = 32;
/// Proxy-State, RFC 2865 5.33: goes back unchanged and in order.
pub const PROXY_STATE: u8 = 33;
/// CHAP-Challenge, RFC 2865 5.40.
pub const CHAP_CHALLENGE: u8 = 60;
/// Tunnel-Client-Endpoint, RFC 2868 3.3.
pub const TUNNEL_CLIENT_ENDPOINT: u8 = 66;
/// EAP-Message, RFC 3579 3.1.
pub const EAP_MESSAGE: u8 = 79;
/// Message-Authenticator, RFC 3579 3.2.
pub const MESSAGE_AUTHENTICATOR: u8 = 80;

/// NAS-IPv6-Address, RFC 3162 2.1.
pub const NAS_IPV6_ADDRESS: u8 = 95;

/// Octets that one attribute can hold.
pub const MOST_OCTETS: usize = 253;
/// Octets that one attribute of a vendor can hold.
pub const MOST_OCTETS_OF_VENDOR: usize = 247;

/// One attribute inside a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// Its number, never 0.
    pub kind: u8,
    /// What it holds, at most 253 octets.
    pub value: &'a [u8],
}

/// One attribute of a vendor, inside a Vendor-Specific one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VendorAttribute<'a> {
    /// The vendor's number at IANA; Microsoft is 311.
    pub vendor: u32,
    /// The number the vendor gave it.
    pub kind: u8,
    /// What it holds.
    pub value: &'a [u8],
}

impl<'a> Attribute<'a> {
    /// The attributes of a vendor inside; none when this is no Vendor-Specific one. What does not have
    /// the form that RFC 2865 5.26 recommends ends the list: vendors may use another.
    pub fn of_vendor(self) -> impl Iterator<Item = VendorAttribute<'a>> {
        let head = self.value.split_first_chunk::<4>().filter(|_| self.kind == VENDOR_SPECIFIC);
        let (vendor, mut rest) = head.map_or((0, &[][..]), |(vendor, rest)| (u32::from_be_bytes(*vendor), rest));
        std::iter::from_fn(move || {
            let (kind, value, after) = split_first(rest)?;
            rest = after;
            Some(VendorAttribute { vendor, kind, value })
        })
    }
}

/// Number, value and what follows; nothing when the length lies.
pub(crate) fn split_first(octets: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[kind, length], _) = octets.split_first_chunk::<2>()?;
    let (whole, rest) = octets.split_at_checked(usize::from(length))?;
    Some((kind, whole.get(2..)?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_of_vendors_are_found_by_number() {
        let value = [0, 0, 1, 55, 25, 4, b'a', b'b', 11, 3, b'c'];
        let found: Vec<_> = Attribute { kind: VENDOR_SPECIFIC, value: &value }.of_vendor().collect();
        let expected = [(25, &b"ab"[..]), (11, &b"c"[..])];
        assert_eq!(found, expected.map(|(kind, value)| VendorAttribute { vendor: 311, kind, value }));
    }

    #[test]
    fn what_only_looks_like_a_vendor_has_none() {
        for value in
            [&[][..], &[0, 0, 1], &[0, 0, 1, 55], &[0, 0, 1, 55, 25], &[0, 0, 1, 55, 25, 1], &[0, 0, 1, 55, 25, 9, 1]]
        {
            assert_eq!(Attribute { kind: VENDOR_SPECIFIC, value }.of_vendor().count(), 0, "{value:?}");
        }
        assert_eq!(Attribute { kind: STATE, value: &[0, 0, 1, 55, 25, 3, 1] }.of_vendor().count(), 0);
    }
}
