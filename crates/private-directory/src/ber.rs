//! The little of BER that LDAP is written in (RFC 4511 5.1): definite lengths, tags of one octet.

use std::io::{Error, ErrorKind, Read, Result};

/// One element: its tag, its length, its content.
pub fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut octets = vec![tag];
    octets.extend(length(content.len()));
    octets.extend_from_slice(content);
    octets
}

/// One element that holds others.
pub fn group(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    element(tag, &parts.concat())
}

/// A text, or any octets.
pub fn octets(value: impl AsRef<[u8]>) -> Vec<u8> {
    element(OCTETS, value.as_ref())
}

/// A number, in as few octets as it takes: readers refuse more.
pub fn integer(value: u32) -> Vec<u8> {
    let octets = value.to_be_bytes();
    let mut needed: Vec<u8> = octets.into_iter().skip_while(|octet| *octet == 0).collect();
    // A leading bit would make it negative.
    if needed.first().is_none_or(|first| *first >= 0x80) {
        needed.insert(0, 0);
    }
    element(INTEGER, &needed)
}

/// Elements one behind the other.
#[derive(Debug, Clone)]
pub struct Elements<'a>(pub &'a [u8]);

impl<'a> Elements<'a> {
    /// The next one, if it has this tag.
    pub fn tagged(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|(found, _)| *found == tag).map(|(_, content)| content)
    }

    /// The next one as text.
    pub fn text(&mut self) -> Option<String> {
        self.tagged(OCTETS).and_then(text)
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (tag, rest) = self.0.split_first()?;
        let (first, rest) = rest.split_first()?;
        let (length, rest) = match usize::from(*first) {
            short @ ..0x80 => (short, rest),
            long => {
                let (octets, rest) = rest.split_at_checked(long - 0x80)?;
                (octets.iter().fold(0, |length, octet| length << 8 | usize::from(*octet)), rest)
            }
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((*tag, content))
    }
}

/// Octets as text.
pub fn text(octets: &[u8]) -> Option<String> {
    String::from_utf8(octets.to_vec()).ok()
}

/// The content of the next message; nothing once the other side has ended.
pub fn read_message(from: &mut impl Read) -> Result<Option<Vec<u8>>> {
    let mut head = [0; 2];
    match from.read_exact(&mut head) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let [tag, first] = head;
    let mut long = vec![0; usize::from(first).saturating_sub(0x80)];
    from.read_exact(&mut long)?;
    let length =
        if first < 0x80 { usize::from(first) } else { long.iter().fold(0, |sum, o| sum << 8 | usize::from(*o)) };
    if tag != SEQUENCE || length > LONGEST {
        return Err(Error::new(ErrorKind::InvalidData, "this is no message of LDAP"));
    }
    let mut content = vec![0; length];
    from.read_exact(&mut content)?;
    Ok(Some(content))
}

fn length(length: usize) -> Vec<u8> {
    if let Ok(short @ ..0x80) = u8::try_from(length) {
        return vec![short];
    }
    let needed: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|octet| *octet == 0).collect();
    let count = u8::try_from(needed.len()).unwrap_or(8);
    [vec![0x80 | count], needed].concat()
}

pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const OCTETS: u8 = 0x04;
pub(crate) const ENUMERATED: u8 = 0x0A;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;
/// Clients have little to say.
const LONGEST: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_at_every_length() {
        for length in [0, 1, 127, 128, 255, 256, 70_000] {
            let content = vec![7; length];
            let written = [octets(&content), integer(3)].concat();
            let mut elements = Elements(&written);
            assert_eq!(elements.tagged(OCTETS), Some(content.as_slice()), "{length}");
            assert_eq!(elements.next(), Some((INTEGER, [3].as_slice())));
            assert_eq!(elements.next(), None);
            let message = element(SEQUENCE, &content);
            assert_eq!(read_message(&mut message.as_slice()).unwrap(), Some(content));
        }
    }

    #[test]
    fn half_an_element_is_none() {
        let whole = octets([7; 200]);
        for length in 0..whole.len() {
            assert_eq!(Elements(&whole[..length]).next(), None, "{length}");
        }
        assert_eq!(read_message(&mut [].as_slice()).unwrap(), None);
    }
}
