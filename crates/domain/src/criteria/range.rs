//! A range of client addresses, both ends included.

use std::net::IpAddr;

/// From one address to another of the same family. IPv4 written as IPv6 is IPv4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AddressRange {
    from: IpAddr,
    to: IpAddr,
}

/// Why two texts are no range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRange {
    /// One end is IPv4, the other IPv6.
    #[error("{from} and {to} are addresses of different kinds; a range stays within IPv4 or within IPv6")]
    Mixed {
        /// The lower end.
        from: IpAddr,
        /// The upper end.
        to: IpAddr,
    },
    /// A network such as 10.0.0.0/8.
    #[error("write {0} as its first and its last address")]
    Network(String),
    /// Not an address, or one with a zone.
    #[error("{0:?} is not an IP address")]
    NotAnAddress(String),
    /// One end of a range is left out.
    #[error("both ends of a range are needed, like 10.0.0.1-10.0.0.9; a single address has no hyphen")]
    OpenEnd,
    /// The upper end is below the lower one.
    #[error("the range runs backwards: {from} comes after {to}")]
    Reversed {
        /// The lower end.
        from: IpAddr,
        /// The upper end.
        to: IpAddr,
    },
}

impl std::fmt::Display for AddressRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.from == self.to { write!(f, "{}", self.from) } else { write!(f, "{}-{}", self.from, self.to) }
    }
}

impl AddressRange {
    /// Reads a range. Without an upper end it is the one address.
    pub fn parse(from: &str, to: Option<&str>) -> Result<Self, InvalidRange> {
        let from = address(from)?;
        match to.map(str::trim).filter(|to| !to.is_empty()) {
            Some(to) => Self::new(from, address(to)?),
            None => Ok(Self { from, to: from }),
        }
    }

    /// Reads one text: an address, or a range like `10.0.0.1-10.0.0.9`.
    pub fn parse_span(text: &str) -> Result<Self, InvalidRange> {
        match text.split_once('-') {
            None => Self::parse(text, None),
            Some((from, to)) if from.trim().is_empty() || to.trim().is_empty() => Err(InvalidRange::OpenEnd),
            Some((from, to)) => Self::parse(from, Some(to)),
        }
    }

    fn new(from: IpAddr, to: IpAddr) -> Result<Self, InvalidRange> {
        match () {
            () if from.is_ipv4() != to.is_ipv4() => Err(InvalidRange::Mixed { from, to }),
            () if from > to => Err(InvalidRange::Reversed { from, to }),
            () => Ok(Self { from, to }),
        }
    }

    /// The first address.
    pub fn from(&self) -> IpAddr {
        self.from
    }

    /// The last address.
    pub fn to(&self) -> IpAddr {
        self.to
    }

    /// Whether an address lies in it. IPv4 never lies in an IPv6 range, nor the other way round.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.from.is_ipv4() && (self.from..=self.to).contains(&address)
    }
}

fn address(text: &str) -> Result<IpAddr, InvalidRange> {
    let text = text.trim();
    if text.contains('/') {
        return Err(InvalidRange::Network(text.to_owned()));
    }
    let address: IpAddr = text.parse().map_err(|_| InvalidRange::NotAnAddress(text.to_owned()))?;
    Ok(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(from: &str, to: &str) -> Result<AddressRange, InvalidRange> {
        AddressRange::parse(from, Some(to))
    }

    #[test]
    fn both_ends_belong_to_it() {
        let office = range("10.0.0.0", "10.0.255.255").expect("a range");
        for (address, is_inside) in
            [("10.0.0.0", true), ("10.0.255.255", true), ("10.1.0.0", false), ("9.255.255.255", false)]
        {
            assert_eq!(office.contains(address.parse().expect("address")), is_inside, "{address}");
        }
    }

    #[test]
    fn families_never_cross_unless_one_is_only_written_as_the_other() {
        let office = range("::ffff:10.0.0.0", "10.0.0.255").expect("a range");
        assert!(office.contains("::ffff:10.0.0.5".parse().expect("address")));
        assert!(!office.contains("::a00:5".parse().expect("address")));
        let all = range("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff").expect("a range");
        assert!(!all.contains("10.0.0.5".parse().expect("address")));
    }

    #[test]
    fn an_open_end_is_the_one_address() {
        for to in [None, Some(""), Some(" ")] {
            let one = AddressRange::parse("192.0.2.1", to).expect("a range");
            assert_eq!((one.from(), one.to()), (one.from(), one.from()));
        }
    }

    #[test]
    fn one_text_is_an_address_or_a_range() {
        let span = AddressRange::parse_span;
        assert_eq!(span("10.0.0.1 - 10.0.0.9"), range("10.0.0.1", "10.0.0.9"));
        assert_eq!(span("2001:db8::1-2001:db8::9"), range("2001:db8::1", "2001:db8::9"));
        assert_eq!(span("10.0.0.1"), range("10.0.0.1", "10.0.0.1"));
        for open in ["10.0.0.1-", "-10.0.0.1", "-"] {
            assert_eq!(span(open), Err(InvalidRange::OpenEnd), "{open}");
        }
        assert!(matches!(span("10.0.0.1-10.0.0.5-10.0.0.9"), Err(InvalidRange::NotAnAddress(_))));
    }

    #[test]
    fn what_is_no_range_is_refused_with_its_reason() {
        for (from, to, reason) in [
            ("10.0.0.9", "10.0.0.1", "backwards"),
            ("10.0.0.256", "", "not an IP address"),
            ("", "10.0.0.1", "not an IP address"),
            ("10.0.0.0/8", "", "first and its last"),
            ("fe80::1%eth0", "", "not an IP address"),
            ("10.0.0.1", "2001:db8::1", "different kinds"),
        ] {
            let error = range(from, to).expect_err("refused").to_string();
            assert!(error.contains(reason), "{from} {to}: {error}");
        }
    }
}
