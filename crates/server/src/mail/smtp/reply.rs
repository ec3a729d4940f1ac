//! What a relay's answer means, and what of it may be shown. A reply is a stranger's text: it may
//! quote the message, and with it the code, so it is redacted before anybody sees it.

use std::iter::Peekable;
use std::str::Chars;

use mail_send::Error;
use smtp_proto::Response;

use crate::mail::error::{MailError, Place};
use domain::text::is_unprintable;

/// Where in the dialogue we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Greeting,
    Hello,
    StartTls,
    SignIn,
    Sender,
    Recipient,
    Data,
    Message,
    Reset,
    Quit,
}

impl Step {
    fn words(self) -> &'static str {
        match self {
            Self::Greeting => "when connecting",
            Self::Hello => "after EHLO",
            Self::StartTls => "after STARTTLS",
            Self::SignIn => "when signing in",
            Self::Sender => "for the sender",
            Self::Recipient => "for the recipient",
            Self::Data => "before the message",
            Self::Message => "after the message",
            Self::Reset => "after RSET",
            Self::Quit => "after QUIT",
        }
    }

    /// Whether a 5xx here says something about us rather than about the message.
    fn precedes_messages(self) -> bool {
        matches!(self, Self::Greeting | Self::Hello | Self::StartTls | Self::SignIn)
    }
}

/// The error for a reply that is not the one we hoped for (RFC 5321 section 4.2.1).
pub(super) fn refusal(step: Step, reply: &Response<String>) -> MailError {
    let reason = format!("{}: {}", step.words(), describe(reply));
    let error = match reply.code {
        // RFC 4954 section 6: 530 asks for authentication, 538 for encryption.
        530 | 538 => MailError::misconfigured(reason),
        500..=599 if step.precedes_messages() => MailError::misconfigured(reason),
        500..=599 => MailError::rejected(reason),
        _ => MailError::try_later(reason),
    };
    match step {
        Step::Sender | Step::Recipient | Step::Data | Step::Message => error.at(Place::Mail(reply.code)),
        Step::StartTls => error.at(Place::Tls),
        Step::Greeting | Step::Hello | Step::SignIn | Step::Reset | Step::Quit => error,
    }
}

/// The error for a dialogue that broke off: no reply, too late a reply, or no SMTP at all.
pub(super) fn breakdown(step: Step, error: &Error) -> MailError {
    let step_words = step.words();
    match error {
        Error::UnexpectedReply(reply) => refusal(step, reply),
        Error::Timeout => MailError::try_later(format!("{step_words}: no reply in time")),
        Error::Io(error) => MailError::try_later(format!("{step_words}: {error}")),
        _ => MailError::try_later(format!("{step_words}: the reply is not SMTP")),
    }
}

/// Code, enhanced status (RFC 3463) and redacted text.
pub(super) fn describe(reply: &Response<String>) -> String {
    let text = redact(&reply.message);
    format!("{} {text}", status(reply)).trim_end().to_owned()
}

/// Code and enhanced status alone, for replies whose text must not be shown at all.
pub(super) fn status(reply: &Response<String>) -> String {
    match reply.esc {
        [0, ..] => reply.code.to_string(),
        [class, subject, detail] => format!("{} {class}.{subject}.{detail}", reply.code),
    }
}

/// At most 200 characters, with every run of four or more digits replaced by `#` and everything
/// that could disturb a terminal or a log line escaped. Digits apart by one blank or hyphen count
/// as one run, because codes are written so.
pub(super) fn redact(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(SHOWN_CHARS));
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\n' => shown.push_str(" / "),
            '\r' => (),
            c if c.is_numeric() => shown.push_str(&digit_run(c, &mut rest)),
            c if is_unprintable(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
        if shown.len() > SHOWN_CHARS * 4 {
            break;
        }
    }
    shown.chars().take(SHOWN_CHARS).collect()
}

/// Takes the rest of a run of digits; gives it back if it is short, else `#`.
fn digit_run(first: char, rest: &mut Peekable<Chars<'_>>) -> String {
    let mut run = String::from(first);
    let mut digits = 1;
    while let Some(&next) = rest.peek() {
        if !next.is_numeric() {
            let mut ahead = rest.clone();
            ahead.next();
            if !(next == ' ' || next == '-') || !ahead.peek().is_some_and(|c| c.is_numeric()) {
                break;
            }
        }
        rest.next();
        digits += usize::from(next.is_numeric());
        run.push(next);
    }
    if digits < 4 { run } else { "#".to_owned() }
}

/// The most characters of a relay's text that are shown.
const SHOWN_CHARS: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_do_not_survive_redaction() {
        for (raw, shown) in [
            ("spam: Your code is 493817!", "spam: Your code is #!"),
            ("493 817 and 49-38-17", "# and #"),
            ("4\u{ff19}3\u{0663}8", "#"),
            ("user 123 unknown, 5.1.1", "user 123 unknown, 5.1.1"),
            ("two\r\nlines\u{1b}[31m\u{202e}", "two / lines\\u{1b}[31m\\u{202e}"),
        ] {
            assert_eq!(redact(raw), shown);
        }
        assert_eq!(redact(&"x".repeat(5000)).chars().count(), 200);
        assert!(redact(&"\u{1b}".repeat(5000)).chars().count() <= 200);
    }

    #[test]
    fn classes_follow_the_reply_code() {
        let class = |step, code| refusal(step, &Response { code, esc: [0; 3], message: String::new() });
        assert!(matches!(class(Step::Recipient, 450), MailError::TryLater { .. }));
        assert!(matches!(class(Step::Recipient, 550), MailError::Rejected { .. }));
        assert!(matches!(class(Step::Greeting, 554), MailError::Misconfigured { .. }));
        assert!(matches!(class(Step::Sender, 530), MailError::Misconfigured { .. }));
        assert!(matches!(class(Step::Message, 421), MailError::TryLater { .. }));
        assert!(matches!(class(Step::Message, 999), MailError::TryLater { .. }));
    }
}
