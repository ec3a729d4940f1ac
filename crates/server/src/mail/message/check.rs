//! The last look at a finished message, as a receiver will read it: one of each header that matters,
//! none that adds recipients, no line end that some server might read differently.

use super::MessageError;

/// Refuses bytes that are not exactly the one message they should be.
pub(super) fn finished(bytes: &[u8]) -> Result<(), MessageError> {
    if has_bare_line_end(bytes) {
        return Err(MessageError::Unsound("a CR or LF stands alone"));
    }
    if bytes.split(|byte| *byte == b'\n').any(|line| line.len() > LINE_OCTETS + 1) {
        return Err(MessageError::Unsound("a line is longer than 998 octets"));
    }
    let message = std::str::from_utf8(bytes).map_err(|_| MessageError::Unsound("it is not UTF-8"))?;
    let (head, body) = message.split_once("\r\n\r\n").ok_or(MessageError::Unsound("it has no body"))?;
    if !body.is_ascii() {
        return Err(MessageError::Unsound("its body has 8-bit octets"));
    }
    let names = header_names(head)?;
    for name in ONCE {
        if names.iter().filter(|found| found.eq_ignore_ascii_case(name)).count() != 1 {
            return Err(MessageError::Unsound("a header is missing or there twice"));
        }
    }
    if names.iter().any(|found| !ONCE.iter().any(|name| found.eq_ignore_ascii_case(name))) {
        return Err(MessageError::Unsound("there is a header we did not write"));
    }
    Ok(())
}

/// Whether a CR or LF occurs other than as CRLF: servers disagree on what such a line end means,
/// and messages have been smuggled through the gap.
pub(crate) fn has_bare_line_end(bytes: &[u8]) -> bool {
    let mut last = 0;
    for &byte in bytes {
        if (byte == b'\n') != (last == b'\r') {
            return true;
        }
        last = byte;
    }
    last == b'\r'
}

/// The names of all headers; a folded line belongs to the one before (RFC 5322 section 2.2.3).
fn header_names(head: &str) -> Result<Vec<&str>, MessageError> {
    head.split("\r\n")
        .filter(|line| !line.starts_with([' ', '\t']))
        .map(|line| line.split_once(':').map(|(name, _)| name).ok_or(MessageError::Unsound("a line is no header")))
        .collect()
}

/// Every header a message of ours has, each exactly once. What is not listed may not be there, so
/// no `Bcc`, no `Resent-To`, no second `Content-Type`.
const ONCE: [&str; 9] = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
];

/// RFC 5322 section 2.1.1, without the line end.
const LINE_OCTETS: usize = 998;

#[cfg(test)]
mod tests {
    use super::*;

    fn sound() -> String {
        let head = ONCE.map(|name| format!("{name}: x\r\n")).concat();
        format!("{head}\r\nbody\r\n")
    }

    #[test]
    fn the_expected_message_passes() {
        assert_eq!(finished(sound().as_bytes()), Ok(()));
    }

    #[test]
    fn everything_else_is_refused() {
        let bad = [
            sound().replace("Date: x\r\n", ""),
            format!("Bcc: a@b.example\r\n{}", sound()),
            format!("subject: again\r\n{}", sound()),
            sound().replace("body", "bo\ndy"),
            sound().replace("body", "bo\rdy"),
            sound().replace("body", &"x".repeat(999)),
            sound().replace("body", "bödy"),
            sound().replace("Date: x", "Date x"),
            format!("{}\r", sound()),
        ];
        for message in bad {
            assert!(finished(message.as_bytes()).is_err(), "{message:?}");
        }
    }

    #[test]
    fn a_line_end_is_both_or_nothing() {
        for good in ["", "a", "a\r\n", "\r\n\r\n"] {
            assert!(!has_bare_line_end(good.as_bytes()), "{good:?}");
        }
        for bad in ["\n", "\r", "a\nb", "a\rb", "\r\r\n", "\n\r", "\r\n\n"] {
            assert!(has_bare_line_end(bad.as_bytes()), "{bad:?}");
        }
    }
}
