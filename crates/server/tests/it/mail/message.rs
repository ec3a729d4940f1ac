//! What a message looks like, and that nothing a person can type makes it two.

use domain::address::MailAddress;
use domain::secret::Secret;
use mail_parser::MessageParser;
use otpost::mail::message::{Mail, MessageError, Sender, build};
use proptest::prelude::*;

use super::battery::{CODE, alice};

const TEXT: &str =
    "Hello Alice,\n\nyour code for <intranet> & mail is\n\n493817\n\nIt is valid for 3 minutes.\n.hidden\n";

fn sender(name: Option<&str>) -> Sender {
    Sender { address: MailAddress::parse("otp@example.org").expect("valid"), name: name.map(str::to_owned) }
}

/// Builds with these texts and the usual rest.
fn built(subject: &str, name: Option<&str>, text: &str) -> Result<Vec<u8>, MessageError> {
    let (from, to, code) = (sender(name), alice(), Secret::new(CODE));
    build(&Mail {
        from: &from,
        to: &to,
        subject,
        text,
        code: Some(&code),
        bound_host: Some("login.example.org"),
        message_id: "0195.a1@otp.example.org",
        date_ms: 1_790_000_000_123,
        banner: None,
    })
}

fn parts(message: &[u8]) -> (String, String, String) {
    let parsed = MessageParser::default().parse(message).expect("parses");
    let subject = parsed.subject().unwrap_or_default().to_owned();
    let text = parsed.body_text(0).expect("text").into_owned();
    (subject, text, parsed.body_html(0).expect("html").into_owned())
}

#[test]
fn the_text_has_the_code_alone_and_the_bound_line_last() {
    let (subject, text, html) = parts(&built("Sign-in", Some("Otpost"), TEXT).expect("builds"));
    assert_eq!(subject, "Sign-in");
    assert!(text.lines().any(|line| line == CODE));
    assert_eq!(text.lines().last(), Some("@login.example.org #493817"));
    assert!(text.contains("\r\n.hidden\r\n") && text.contains("<intranet> & mail"));
    assert!(html.contains("&lt;intranet&gt; &amp; mail") && html.contains(">493817</p>"));
    assert!(!html.contains("href") && !html.contains("src="));
}

#[test]
fn a_code_inside_a_sentence_gets_a_line_of_its_own() {
    let (_, text, html) = parts(&built("Sign-in", None, "Your code is 493817.").expect("builds"));
    assert_eq!(text, "Your code is 493817.\r\n\r\n493817\r\n\r\n@login.example.org #493817\r\n");
    assert!(html.contains(">493817</p>"));
}

#[test]
fn a_mail_without_a_code_is_only_its_text() {
    let (from, to) = (sender(None), alice());
    let mail = Mail {
        from: &from,
        to: &to,
        subject: "Test",
        text: "It works.",
        code: None,
        bound_host: Some("login.example.org"),
        message_id: "a@b",
        date_ms: 0,
        banner: Some("Test mail"),
    };
    let (_, text, html) = parts(&build(&mail).expect("builds"));
    assert_eq!(text, "Test mail\r\n\r\nIt works.\r\n");
    assert!(html.contains(">Test mail</p>"));
}

#[test]
fn the_headers_say_who_when_and_that_nobody_should_answer() {
    let message = String::from_utf8(built("Sign-in", Some("Otpost, Inc."), TEXT).expect("builds")).expect("ASCII");
    for line in [
        "From: \"Otpost, Inc.\" <otp@example.org>",
        "To: <alice@example.org>",
        "Date: Mon, 21 Sep 2026 14:13:20 +0000",
        "Message-ID: <0195.a1@otp.example.org>",
        "MIME-Version: 1.0",
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: All",
        "Content-Transfer-Encoding: quoted-printable",
    ] {
        assert!(
            message.contains(&format!("\r\n{line}\r\n")) || message.starts_with(&format!("{line}\r\n")),
            "{line}\n{message}"
        );
    }
    assert_eq!(built("Sign-in", Some("Otpost, Inc."), TEXT).expect("builds"), message.as_bytes(), "repeatable");
}

/// 300 subjects, each with something in it that must never reach a header.
fn hostile_subjects() -> Vec<String> {
    let breaks = [
        "\r\n",
        "\n",
        "\r",
        "\0",
        "\u{1}",
        "\u{8}",
        "\t",
        "\u{b}",
        "\u{c}",
        "\u{1b}",
        "\u{1f}",
        "\u{7f}",
        "\u{80}",
        "\u{85}",
        "\u{9f}",
        "\u{2028}",
        "\u{2029}",
        "\u{202a}",
        "\u{202d}",
        "\u{202e}",
        "\u{2066}",
        "\u{2069}",
        "\u{200e}",
        "\u{61c}",
        "\r\n ",
        "\n\t",
        "\r\r\n",
        "\n\n",
        "\r\n\r\n",
        "\u{2029}\r\n",
    ];
    let tails = [
        "",
        "Bcc: eve@evil.example",
        "To: eve@evil.example",
        "Subject: other",
        "X: y",
        "\r\n\r\nbody",
        ".\r\nMAIL FROM:<>",
        "Content-Type: text/html",
        "=?utf-8?q?=0aBcc:_eve?=",
        "é",
    ];
    breaks.iter().flat_map(|b| tails.iter().map(move |tail| format!("Your code{b}{tail}"))).collect()
}

#[test]
fn hostile_subjects_names_and_banners_are_refused() {
    let hostile = hostile_subjects();
    assert_eq!(hostile.len(), 300);
    for text in &hostile {
        assert_eq!(built(text, None, TEXT), Err(MessageError::Unprintable { field: "subject" }), "{text:?}");
        assert_eq!(built("ok", Some(text), TEXT), Err(MessageError::Unprintable { field: "sender name" }), "{text:?}");
    }
}

#[test]
fn malformed_ids_and_hosts_are_refused() {
    let (from, to, code) = (sender(None), alice(), Secret::new(CODE));
    let good = Mail {
        from: &from,
        to: &to,
        subject: "s",
        text: TEXT,
        code: Some(&code),
        bound_host: None,
        message_id: "a@b",
        date_ms: 0,
        banner: None,
    };
    for message_id in ["", "a", "a@", "<a@b>", "a@b\r\nBcc: x", "a b@c", "a@b@c"] {
        assert!(build(&Mail { message_id, ..good }).is_err(), "{message_id:?}");
    }
    for host in ["", "a b", "a\nb", "https://a", "a#1"] {
        assert!(build(&Mail { bound_host: Some(host), ..good }).is_err(), "{host:?}");
    }
    for code in ["", "12 34", "12\n34"] {
        assert!(build(&Mail { code: Some(&Secret::new(code)), ..good }).is_err(), "{code:?}");
    }
}

/// What every receiver must agree on: line ends, line lengths, one end of data.
fn assert_sound(message: &[u8]) {
    let mut last = 0;
    for &byte in message {
        assert_eq!(byte == b'\n', last == b'\r', "a bare CR or LF");
        last = byte;
    }
    assert!(message.ends_with(b"\r\n"));
    assert!(message.split(|b| *b == b'\n').all(|line| line.len() <= 999), "a long line");
    assert!(!message.windows(3).any(|w| w == b"\n.\r" || w == b"\n.."), "a line begins with a dot");
    assert!(message.is_ascii());
}

proptest! {
    #[test]
    fn whatever_the_texts_it_is_one_sound_message(subject in "\\PC{0,300}", name in "\\PC{0,80}", text in "(?s).{0,400}") {
        let name = (!name.is_empty()).then_some(name.as_str());
        match built(&subject, name, &text) {
            Ok(message) => {
                assert_sound(&message);
                let (read, _, _) = parts(&message);
                let squeeze = |s: &str| s.split_whitespace().collect::<Vec<_>>().join(" ");
                prop_assert_eq!(squeeze(&read), squeeze(&subject));
            }
            Err(error) => prop_assert!(matches!(error, MessageError::Unprintable { .. }), "{}", error),
        }
    }

    #[test]
    fn smuggling_attempts_stay_text(pieces in prop::collection::vec(
        prop::sample::select(vec!["\r\n.\r\n", "\n.\n", "\r.\r", ".", "\n.\r\n", "--=_otpost--", "MAIL FROM:<>", "\r\n", "From x", "=\r\n"]), 0..40,
    )) {
        let message = built("s", None, &pieces.concat()).expect("builds");
        assert_sound(&message);
        let text = String::from_utf8(message).expect("ASCII");
        prop_assert_eq!(text.matches("\r\n--=_otpost--\r\n").count(), 1);
        prop_assert_eq!(text.matches("\r\n--=_otpost\r\n").count(), 2);
    }

    #[test]
    fn the_code_appears_only_where_it_stands(code in "[0-9]{6}") {
        // Dates, ids, boundaries and addresses hold no digits here that could make up a code.
        let (from, to, secret) = (sender(None), alice(), Secret::new(code.as_str()));
        let text = format!("Hello\n{code}\n");
        let mail = Mail {
            from: &from, to: &to, subject: "s", text: &text, code: Some(&secret),
            bound_host: Some("login.example.org"), message_id: "a@b", date_ms: 0, banner: None,
        };
        let message = String::from_utf8(build(&mail).expect("builds")).expect("ASCII");
        let (head, body) = message.split_once("\r\n\r\n").expect("a head");
        prop_assert!(!head.contains(&code));
        // Line and bound line, in text and in HTML; the style has a colour of six digits.
        prop_assert_eq!(body.replace("=\r\n", "").matches(&code).count(), 4 + usize::from(code == "767676"));
    }
}
