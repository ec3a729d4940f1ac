//! Identifiers of Microsoft's directories: octets on the wire, text for people.

/// A GUID as text: its first three parts are stored with the last octet first (MS-DTYP 2.3.4).
pub(super) fn guid_text(octets: &[u8]) -> Option<String> {
    let octets = <[u8; 16]>::try_from(octets).ok()?;
    let (first, rest) = octets.split_first_chunk::<4>()?;
    let (second, rest) = rest.split_first_chunk::<2>()?;
    let (third, rest) = rest.split_first_chunk::<2>()?;
    let (fourth, last) = rest.split_at(2);
    let (first, second) = (u32::from_le_bytes(*first), u16::from_le_bytes(*second));
    let third = u16::from_le_bytes(*third);
    Some(format!("{first:08x}-{second:04x}-{third:04x}-{}-{}", crate::hex::encode(fourth), crate::hex::encode(last)))
}

/// And back.
pub(super) fn guid_octets(text: &str) -> Option<Vec<u8>> {
    let digits: String = text.chars().filter(|&c| c != '-').collect();
    let number = u128::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 32)?;
    let mut octets = number.to_be_bytes().to_vec();
    for part in [0..4, 4..6, 6..8] {
        octets.get_mut(part)?.reverse();
    }
    Some(octets)
}

/// A security identifier as text (MS-DTYP 2.4.2.1).
pub(super) fn sid_text(octets: &[u8]) -> Option<String> {
    let (&[revision, count], rest) = octets.split_first_chunk::<2>()?;
    let (authority, parts) = rest.split_first_chunk::<6>()?;
    if revision != 1 || parts.len() != usize::from(count) * 4 {
        return None;
    }
    let authority = authority.iter().fold(0, |number: u64, &octet| (number << 8) | u64::from(octet));
    let parts = parts.as_chunks::<4>().0.iter().map(|part| format!("-{}", u32::from_le_bytes(*part)));
    Some(format!("S-1-{authority}{}", parts.collect::<String>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_written_as_microsoft_writes_them() {
        let octets = [0x78, 0x56, 0x34, 0x12, 0x34, 0x12, 0x78, 0x56, 0x9a, 0xbc, 0xde, 0xf0, 1, 2, 3, 4];
        let text = guid_text(&octets).expect("a GUID");
        assert_eq!(text, "12345678-1234-5678-9abc-def001020304");
        assert_eq!(guid_octets(&text).expect("octets"), octets);
        let sid = [1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 2, 0, 0];
        assert_eq!(sid_text(&sid).as_deref(), Some("S-1-5-21-1-2-3-512"));
    }

    #[test]
    fn what_is_none_is_none() {
        assert_eq!(guid_text(&[0; 15]), None);
        assert_eq!(guid_octets("12345678-1234-5678-9abc-def00102030"), None);
        assert_eq!(guid_octets("zz345678-1234-5678-9abc-def001020304"), None);
        for sid in [&[][..], &[1, 1, 0, 0, 0, 0, 0, 5], &[2, 0, 0, 0, 0, 0, 0, 5], &[1, 0, 0, 0, 0, 0, 0, 5, 9]] {
            assert_eq!(sid_text(sid), None);
        }
    }
}
