//! What a packet tells of the person's device, by attributes of the standard and of vendors. Only a client that
//! may assert such things is asked.
//!
//! Two attributes that look right are left out. Framed-IP-Address and Fortinet-Client-IP-Address name the address
//! that somebody gets inside: a rule for the inner network would except everybody.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use domain::attempt::Device;
use domain::criteria::{Label, Os};
use radius_wire::attribute;
use radius_wire::microsoft::{self, VENDOR as MICROSOFT};
use radius_wire::packet::Packet;

/// Everything a packet that came from this address tells.
pub(super) fn device(packet: &Packet, source: IpAddr) -> Device {
    let cisco = |key: &str| cisco(packet, key);
    let palo_alto = |kind| packet.find_of_vendor(PALO_ALTO, kind).and_then(text);
    let caller = packet.find(attribute::CALLING_STATION_ID).and_then(text);
    let endpoint = packet.find(attribute::TUNNEL_CLIENT_ENDPOINT).and_then(untagged);
    let addresses = [palo_alto(PALO_ALTO_CLIENT_SOURCE_IP), cisco("ip:source-ip="), caller, endpoint];
    let windows = packet.find_of_vendor(MICROSOFT, microsoft::RAS_CLIENT_NAME).and_then(text).map(ras_name);
    let os = [palo_alto(PALO_ALTO_CLIENT_OS), cisco("mdm-tlv=device-platform=")];
    let hardware = [cisco("mdm-tlv=device-uid="), caller.filter(|caller| is_hardware(caller))];
    Device {
        address: addresses.into_iter().flatten().find_map(address),
        gateway: Some(gateway(packet).unwrap_or(source)),
        hardware_id: label(&hardware),
        name: label(&[windows, palo_alto(PALO_ALTO_CLIENT_HOSTNAME)]),
        os: os.into_iter().flatten().find_map(system),
    }
}

/// The gateway's own address, by whichever attribute names it.
fn gateway(packet: &Packet) -> Option<IpAddr> {
    let four = packet.find(attribute::NAS_IP_ADDRESS).and_then(|octets| <[u8; 4]>::try_from(octets).ok());
    let six = packet.find(attribute::NAS_IPV6_ADDRESS).and_then(|octets| <[u8; 16]>::try_from(octets).ok());
    let named = [attribute::NAS_IDENTIFIER, attribute::CALLED_STATION_ID];
    let mut named = named.into_iter().filter_map(|kind| packet.find(kind).and_then(text).and_then(address));
    let usable = |address: &IpAddr| !address.is_unspecified() && !address.is_loopback();
    let four = four.map(|octets| IpAddr::from(Ipv4Addr::from(octets))).filter(usable);
    let six = six.map(|octets| IpAddr::from(Ipv6Addr::from(octets))).filter(usable);
    four.or(six).or_else(|| named.find(usable))
}

/// The rest of the av-pair that begins so.
fn cisco<'a>(packet: &'a Packet, key: &str) -> Option<&'a str> {
    packet.list_of_vendor(CISCO, CISCO_AV_PAIR).filter_map(text).find_map(|pair| pair.strip_prefix(key))
}

fn text(octets: &[u8]) -> Option<&str> {
    str::from_utf8(octets).ok().map(str::trim).filter(|text| !text.is_empty())
}

/// RFC 2868 3.3: an octet below 0x20 in front is a tag.
fn untagged(octets: &[u8]) -> Option<&str> {
    let rest = octets.split_first().filter(|(tag, _)| **tag < 0x20).map_or(octets, |(_, rest)| rest);
    text(rest)
}

/// An address, alone or with a port: `192.0.2.7`, `192.0.2.7:50000`, `[2001:db8::7]:50000`, and as `strongSwan`
/// writes it, `192.0.2.7[4500]`.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.split_once('[').map_or(text, |(before, _)| if before.is_empty() { text } else { before });
    let with_port = || bare.parse::<SocketAddr>().ok().map(|socket| socket.ip());
    bare.parse::<IpAddr>().ok().or_else(with_port).map(|address| address.to_canonical())
}

/// Twelve digits in pairs: what Wi-Fi says of a device.
fn is_hardware(text: &str) -> bool {
    let digits = text.chars().filter(|c| !matches!(c, ':' | '-' | '.'));
    text.len() <= 17 && digits.clone().count() == 12 && digits.clone().all(|c| c.is_ascii_hexdigit())
}

/// Windows writes `MSRAS-0-NAME`.
fn ras_name(text: &str) -> &str {
    text.strip_prefix("MSRAS-0-").unwrap_or(text)
}

fn label(texts: &[Option<&str>]) -> Option<Label> {
    texts.iter().flatten().find_map(|text| Label::parse(text).ok())
}

/// `Windows 11`, `Microsoft Windows 10 Enterprise , 64-bit`, `win`, `apple-ios`, `mac-intel` …
fn system(text: &str) -> Option<Os> {
    let text = text.to_ascii_lowercase();
    let known = [
        ("win", Os::Windows),
        ("ios", Os::Ios),
        ("ipados", Os::Ios),
        ("mac", Os::Mac),
        ("android", Os::Android),
        ("chrome", Os::Chrome),
        ("linux", Os::Linux),
    ];
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words.find_map(|word| known.iter().find(|(start, _)| word.starts_with(start)).map(|(_, os)| *os))
}

const CISCO: u32 = 9;
const CISCO_AV_PAIR: u8 = 1;
const PALO_ALTO: u32 = 25461;
const PALO_ALTO_CLIENT_SOURCE_IP: u8 = 7;
const PALO_ALTO_CLIENT_OS: u8 = 8;
const PALO_ALTO_CLIENT_HOSTNAME: u8 = 9;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_with_or_without_a_port() {
        let read = |text| address(text).map(|address| address.to_string());
        for written in ["192.0.2.7", "192.0.2.7:50000", "192.0.2.7[4500]", "::ffff:192.0.2.7"] {
            assert_eq!(read(written).as_deref(), Some("192.0.2.7"), "{written}");
        }
        for written in ["2001:db8::7", "[2001:db8::7]:50000", "2001:db8::7[4500]"] {
            assert_eq!(read(written).as_deref(), Some("2001:db8::7"), "{written}");
        }
        for written in ["00-11-22-33-44-55", "UserAuthType:PW", "vpn.example.org", "192.0.2", "192.0.2.7 "] {
            assert_eq!(read(written), None, "{written}");
        }
    }

    #[test]
    fn systems_are_known_by_what_vendors_call_them() {
        for (written, os) in [
            ("Microsoft Windows 10 Enterprise , 64-bit", Some(Os::Windows)),
            ("win", Some(Os::Windows)),
            ("apple-ios", Some(Os::Ios)),
            ("mac-intel", Some(Os::Mac)),
            ("Apple Mac OS X 10.15", Some(Os::Mac)),
            ("Linux Ubuntu 22.04", Some(Os::Linux)),
            ("Android 14", Some(Os::Android)),
            ("Darwin", None),
        ] {
            assert_eq!(system(written), os, "{written}");
        }
    }

    #[test]
    fn a_device_is_known_by_its_name_and_its_hardware() {
        for (written, is_one) in [
            ("00-11-22-33-44-55", true),
            ("0011.2233.4455", true),
            ("001122334455", true),
            ("00:11:22:33:44", false),
            ("00-11-22-33-44-5g", false),
            ("192.0.2.7", false),
        ] {
            assert_eq!(is_hardware(written), is_one, "{written}");
        }
        assert_eq!((ras_name("MSRAS-0-LAPTOP"), ras_name("LAPTOP")), ("LAPTOP", "LAPTOP"));
        assert_eq!((untagged(b"\x01192.0.2.7"), untagged(b"192.0.2.7")), (Some("192.0.2.7"), Some("192.0.2.7")));
    }
}
