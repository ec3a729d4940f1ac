//! Quoted-printable (RFC 2045 section 6.7), chosen for every body: seven bits, short lines, and no
//! line that begins with a dot, so that nothing on the way has to change a byte.

use std::fmt::Write;

/// Encodes a text whose lines end with LF; the result has CRLF.
pub(super) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for line in text.split_terminator('\n') {
        encode_line(line, &mut out);
        out.push_str("\r\n");
    }
    out
}

fn encode_line(line: &str, out: &mut String) {
    let mut column = 0;
    let last = line.len().saturating_sub(1);
    for (at, byte) in line.bytes().enumerate() {
        // Breaking where an escaped octet would no longer fit keeps the rule independent of it.
        if column + 3 > LINE_OCTETS {
            out.push_str("=\r\n");
            column = 0;
        }
        // A dot at the start would need SMTP's escape, an F might become ">From", and a blank at
        // the end would be eaten.
        let literal = match byte {
            b'=' => false,
            b'.' | b'F' => column > 0,
            b' ' | b'\t' => at != last,
            _ => byte.is_ascii_graphic(),
        };
        if literal {
            out.push(char::from(byte));
            column += 1;
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "={byte:02X}");
            column += 3;
        }
    }
}

/// Octets of a line before the soft break's `=`: 76 with it.
const LINE_OCTETS: usize = 75;

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn only_harmless_octets_stand_for_themselves() {
        assert_eq!(encode("1 = 1\n"), "1 =3D 1\r\n");
        assert_eq!(encode(".\n..\nFrom x\n"), "=2E\r\n=2E.\r\n=46rom x\r\n");
        assert_eq!(encode("trailing \né\n"), "trailing=20\r\n=C3=A9\r\n");
        assert_eq!(encode("a\rb\0\n"), "a=0Db=00\r\n");
    }

    #[test]
    fn lines_stay_within_76_octets_and_never_begin_with_a_dot() {
        for filler in ["x", ".", "é", "=", " "] {
            let encoded = encode(&format!("{}\n", filler.repeat(500)));
            assert!(encoded.split("\r\n").all(|line| line.len() <= 76 && !line.starts_with('.')), "{filler}");
        }
    }
}
