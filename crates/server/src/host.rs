//! Hosts that administrators name and this machine dials: mail relays and directories.

use std::net::IpAddr;

/// RFC 952 and 1123 names whose last label cannot be read as a number, and addresses that are some
/// one machine's: not the metadata services of clouds, not everyone's.
pub fn is_host(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    if let Ok(address) = bare.parse::<IpAddr>() {
        return is_usable(address.to_canonical()) && (bare == host || address.is_ipv6());
    }
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit()) || last.to_ascii_lowercase().starts_with("0x");
    host.len() <= 253 && host.split('.').all(is_label) && !is_number
}

fn is_usable(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !(v4.is_link_local() || v4.is_multicast() || v4.is_unspecified() || v4.is_broadcast()),
        IpAddr::V6(v6) => {
            // fd00:ec2::254 is where one cloud keeps the secrets of its machines.
            let is_metadata = v6.segments() == [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254];
            !(v6.is_unicast_link_local() || v6.is_multicast() || v6.is_unspecified() || is_metadata)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names_or_usable_addresses() {
        for good in ["localhost", "mail.example.org", "192.0.2.1", "127.0.0.1", "::1", "[2001:db8::1]", "a_b.example"] {
            assert!(is_host(good), "{good}");
        }
        let long = "a.".repeat(130);
        for bad in [
            "",
            "a b",
            "mail..example",
            "-a.example",
            "a-.example",
            "mail.example.org:25",
            "user@mail",
            "1.2.3",
            "0x7f.1",
            "2130706433",
            "mail.0x7f",
            "169.254.169.254",
            "fe80::1",
            "[fe80::1]",
            "224.0.0.1",
            "0.0.0.0",
            "::",
            "ff02::1",
            "255.255.255.255",
            "::ffff:169.254.169.254",
            "[127.0.0.1]",
            "fd00:ec2::254",
            "mail\r\n.example",
            "a/b",
            &long,
        ] {
            assert!(!is_host(bad), "{bad}");
        }
    }
}
