//! The encoding (X.690, as RFC 4511 section 5.1 narrows it): tag, definite length, content. Owns the limits.

/// The longest message that is read, in octets with its head.
pub const MOST_OCTETS: usize = 1 << 20;

/// Octets that are no message of ours to understand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// A length of indefinite form, or of more than four octets.
    #[error("a length that LDAP does not allow")]
    Length,
    /// A message longer than [`MOST_OCTETS`].
    #[error("a message of more than 1 MiB")]
    TooLong,
    /// An element that ends after what holds it, or is missing.
    #[error("an element that is cut off")]
    Truncated,
    /// Another element than the protocol has at this place.
    #[error("an element of another kind than LDAP has there")]
    Unexpected,
}

/// The octets of the first message in a buffer; nothing while more of them must come.
pub fn frame(buffer: &[u8]) -> Result<Option<usize>, Malformed> {
    match buffer.first() {
        None => return Ok(None),
        Some(&SEQUENCE) => {}
        Some(_) => return Err(Malformed::Unexpected),
    }
    let Some((length, head)) = length(buffer.get(1..).unwrap_or_default())? else {
        return Ok(None);
    };
    let whole = 1 + head + length;
    match whole {
        _ if whole > MOST_OCTETS => Err(Malformed::TooLong),
        _ if whole > buffer.len() => Ok(None),
        _ => Ok(Some(whole)),
    }
}

/// A length, and of how many octets it is; nothing while more of them must come.
fn length(octets: &[u8]) -> Result<Option<(usize, usize)>, Malformed> {
    let Some((&first, rest)) = octets.split_first() else {
        return Ok(None);
    };
    if first < LONG_FORM {
        return Ok(Some((usize::from(first), 1)));
    }
    let count = usize::from(first - LONG_FORM);
    if !(1..=4).contains(&count) {
        return Err(Malformed::Length);
    }
    let Some(digits) = rest.get(..count) else {
        return Ok(None);
    };
    let length = digits.iter().fold(0, |length: usize, &digit| (length << 8) | usize::from(digit));
    if length > MOST_OCTETS { Err(Malformed::TooLong) } else { Ok(Some((length, 1 + count))) }
}

/// Reads elements one after the other. What it holds inside is read by another one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) const fn new(octets: &'a [u8]) -> Self {
        Self(octets)
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next element: its tag and its content.
    pub(crate) fn element(&mut self) -> Result<(u8, &'a [u8]), Malformed> {
        let (&tag, rest) = self.0.split_first().ok_or(Malformed::Truncated)?;
        let (length, head) = length(rest)?.ok_or(Malformed::Truncated)?;
        let content = rest.get(head..head + length).ok_or(Malformed::Truncated)?;
        self.0 = rest.get(head + length..).unwrap_or_default();
        Ok((tag, content))
    }

    /// The content of the next element, which must be of that kind.
    pub(crate) fn expect(&mut self, tag: u8) -> Result<&'a [u8], Malformed> {
        match self.element()? {
            (found, content) if found == tag => Ok(content),
            _ => Err(Malformed::Unexpected),
        }
    }

    /// A number of at most four octets that is not negative.
    pub(crate) fn number(&mut self, tag: u8) -> Result<u32, Malformed> {
        let octets = self.expect(tag)?;
        let is_negative = octets.first().is_none_or(|&first| first >= 0x80);
        if is_negative || octets.len() > 5 || (octets.len() == 5 && octets.first() != Some(&0)) {
            return Err(Malformed::Unexpected);
        }
        Ok(octets.iter().fold(0, |number: u32, &octet| (number << 8) | u32::from(octet)))
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, Malformed> {
        str::from_utf8(self.expect(OCTET_STRING)?).map_err(|_| Malformed::Unexpected)
    }
}

/// One element.
pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut octets = Vec::with_capacity(content.len() + 6);
    octets.push(tag);
    let length = content.len().to_be_bytes();
    match content.len() {
        short if short < usize::from(LONG_FORM) => octets.extend(length.last()),
        _ => {
            let digits: Vec<u8> = length.into_iter().skip_while(|&digit| digit == 0).collect();
            octets.push(LONG_FORM | u8::try_from(digits.len()).unwrap_or(8));
            octets.extend(digits);
        }
    }
    octets.extend(content);
    octets
}

/// An element that holds these.
pub(crate) fn all(tag: u8, parts: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    element(tag, &parts.into_iter().flatten().collect::<Vec<_>>())
}

/// A number that is not negative.
pub(crate) fn number(tag: u8, number: u32) -> Vec<u8> {
    let octets = number.to_be_bytes();
    let mut digits: Vec<u8> = octets.into_iter().skip_while(|&digit| digit == 0).collect();
    if digits.first().is_none_or(|&first| first >= 0x80) {
        digits.insert(0, 0);
    }
    element(tag, &digits)
}

pub(crate) fn text(text: &str) -> Vec<u8> {
    element(OCTET_STRING, text.as_bytes())
}

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const ENUMERATED: u8 = 0x0a;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;
/// From here on the octet says how many octets of length follow.
const LONG_FORM: u8 = 0x80;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_message_is_whole_when_its_last_octet_is_there() {
        let message = element(SEQUENCE, &[7; 300]);
        assert_eq!(message.get(..4), Some(&[0x30, 0x82, 0x01, 0x2c][..]));
        for cut in 0..message.len() {
            assert_eq!(frame(&message[..cut]), Ok(None), "{cut}");
        }
        assert_eq!(frame(&message), Ok(Some(304)));
        assert_eq!(frame(&[message, vec![0x30]].concat()), Ok(Some(304)));
    }

    #[test]
    fn lengths_that_lie_are_refused_before_anything_is_kept() {
        assert_eq!(frame(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), Err(Malformed::TooLong));
        assert_eq!(frame(&[0x30, 0x83, 0x0f, 0xff, 0xff]), Err(Malformed::TooLong));
        assert_eq!(frame(&[0x30, 0x80]), Err(Malformed::Length));
        assert_eq!(frame(&[0x30, 0x85, 0, 0, 0, 0, 1]), Err(Malformed::Length));
        assert_eq!(frame(b"HTTP/1.1 400"), Err(Malformed::Unexpected));
        assert_eq!(Reader::new(&[0x04, 0x05, 1]).element(), Err(Malformed::Truncated));
    }

    proptest! {
        #[test]
        fn numbers_come_back(wanted: u32) {
            let octets = number(INTEGER, wanted);
            prop_assert_eq!(Reader::new(&octets).number(INTEGER), Ok(wanted));
        }

        #[test]
        fn elements_come_back(tag: u8, content: Vec<u8>) {
            let octets = element(tag, &content);
            let mut reader = Reader::new(&octets);
            prop_assert_eq!(reader.element(), Ok((tag, content.as_slice())));
            prop_assert!(reader.is_empty());
        }

        #[test]
        fn noise_is_an_error_or_an_end(noise: Vec<u8>) {
            let _ = frame(&noise);
            let mut reader = Reader::new(&noise);
            while !reader.is_empty() && reader.element().is_ok() {}
        }
    }
}
