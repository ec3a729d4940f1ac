//! Turns final texts into the bytes of one mail: a text part with the code alone on a line, the same
//! as HTML, and the headers that keep vacation replies away. Owns the form, not the wording. What
//! leaves here has been read again and found to be exactly one message.

mod check;
mod html;
mod quoted_printable;

use domain::address::MailAddress;
use domain::secret::Secret;
use domain::text::is_unprintable;
use mail_builder::MessageBuilder;
use mail_builder::headers::address::Address;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::date::Date;
use mail_builder::headers::raw::Raw;
use mail_builder::mime::{BodyPart, MimePart};

pub(crate) use self::check::has_bare_line_end;

/// Who a mail comes from, as people see it.
#[derive(Debug, Clone)]
pub struct Sender {
    /// The address in `From`.
    pub address: MailAddress,
    /// The name beside it.
    pub name: Option<String>,
}

/// One mail before it is put into bytes. No `Debug`: the text holds the code.
#[derive(Clone, Copy)]
pub struct Mail<'a> {
    /// The `From` header.
    pub from: &'a Sender,
    /// The `To` header: the one recipient.
    pub to: &'a MailAddress,
    /// The subject, as people shall read it.
    pub subject: &'a str,
    /// The body, final, lines ended by LF or CRLF.
    pub text: &'a str,
    /// The code the text is about, to be set apart; `None` for a mail without one.
    pub code: Option<&'a Secret>,
    /// The host the code is for. Adds the line that lets a browser fill the code in there only
    /// (domain-bound one-time codes: `@host #code` as the last line).
    pub bound_host: Option<&'a str>,
    /// `left@right`, without the angle brackets. The same for every attempt at this mail.
    pub message_id: &'a str,
    /// The `Date` header, in milliseconds since 1970 UTC.
    pub date_ms: i64,
    /// A line above everything else, such as "test mail".
    pub banner: Option<&'a str>,
}

/// Why there is no mail. None of these shows the text it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// A control character, a line separator or a change of direction in a header text.
    #[error("{field} holds a control or direction character")]
    Unprintable {
        /// Which text.
        field: &'static str,
    },
    /// Not a host name, not a message id, not one line.
    #[error("{field} is malformed")]
    Malformed {
        /// Which text.
        field: &'static str,
    },
    /// The finished bytes are not exactly one well-formed message. A fault of ours, never sent.
    #[error("the finished message failed its check: {0}")]
    Unsound(&'static str),
}

/// A message id for `Mail::message_id` from the name of a mail. It is ASCII even where the sender's domain is not.
pub fn id(name: impl std::fmt::Display, sender: &MailAddress) -> String {
    let host = sender.host();
    let host = if is_host(&host) { host.as_str() } else { "otpost.invalid" };
    format!("{name}@{host}")
}

/// Builds the message: RFC 5322 and MIME, CRLF, bodies quoted-printable. Equal input gives equal
/// bytes, so that a repeated attempt is the same message.
pub fn build(mail: &Mail<'_>) -> Result<Vec<u8>, MessageError> {
    check_inputs(mail)?;
    let text = plain_text(mail);
    let parts = vec![part("text/plain", &text), part("text/html", &html::document(mail))];
    // "=_" never occurs in quoted-printable text, so no body can hold the boundary (RFC 2045 6.7).
    let alternatives = ContentType::new("multipart/alternative").attribute("boundary", BOUNDARY);
    let bytes = MessageBuilder::new()
        .from(Address::new_address(mail.from.name.as_deref(), mail.from.address.as_str()))
        .to(Address::new_address(None::<&str>, mail.to.as_str()))
        .subject(mail.subject)
        .date(Date::new(mail.date_ms.div_euclid(1000)))
        .message_id(mail.message_id)
        // RFC 3834 section 5, and what Exchange heeds: no absence notes, no receipts.
        .header("Auto-Submitted", Raw::new("auto-generated"))
        .header("X-Auto-Response-Suppress", Raw::new("All"))
        .body(MimePart::new(alternatives, BodyPart::Multipart(parts)))
        .write_to_vec()
        .map_err(|_| MessageError::Unsound("it could not be written"))?;
    check::finished(&bytes)?;
    Ok(bytes)
}

fn part<'a>(kind: &'static str, body: &str) -> MimePart<'a> {
    MimePart::new(ContentType::new(kind).attribute("charset", "utf-8"), quoted_printable::encode(body))
        .transfer_encoding("quoted-printable")
}

/// Banner, text, the code alone on a line unless the text has it so, and the bound line last.
fn plain_text(mail: &Mail<'_>) -> String {
    let mut text = String::new();
    if let Some(banner) = mail.banner {
        text.push_str(banner);
        text.push_str("\n\n");
    }
    for line in lines(mail.text) {
        text.push_str(&line);
        text.push('\n');
    }
    if let Some(code) = code_to_add(mail) {
        text.push('\n');
        text.push_str(code);
        text.push('\n');
    }
    if let Some(bound) = bound_line(mail) {
        text.push('\n');
        text.push_str(&bound);
        text.push('\n');
    }
    text
}

/// The lines of the text, without trailing blanks and empty last lines; what a terminal might
/// obey is replaced, because a body is data too.
fn lines(text: &str) -> impl Iterator<Item = String> {
    let tame = |c: char| if c.is_control() && c != '\t' { '\u{fffd}' } else { c };
    text.trim_end().lines().map(move |line| line.trim_end().chars().map(tame).collect())
}

/// The code, if the text has no line with nothing but the code.
fn code_to_add<'a>(mail: &Mail<'a>) -> Option<&'a str> {
    let code = mail.code?.expose();
    (!mail.text.lines().any(|line| line.trim() == code)).then_some(code)
}

/// The line that ties the code to a host. It must be the last one of the mail.
fn bound_line(mail: &Mail<'_>) -> Option<String> {
    Some(format!("@{} #{}", mail.bound_host?, mail.code?.expose()))
}

fn check_inputs(mail: &Mail<'_>) -> Result<(), MessageError> {
    let texts = [
        ("subject", Some(mail.subject)),
        ("sender name", mail.from.name.as_deref()),
        ("banner", mail.banner),
        ("code", mail.code.map(Secret::expose)),
    ];
    for (field, text) in texts {
        if text.is_some_and(|text| text.chars().any(is_unprintable)) {
            return Err(MessageError::Unprintable { field });
        }
    }
    if !is_message_id(mail.message_id) {
        return Err(MessageError::Malformed { field: "message id" });
    }
    if mail.bound_host.is_some_and(|host| !is_host(host)) {
        return Err(MessageError::Malformed { field: "bound host" });
    }
    if mail.code.is_some_and(|code| code.is_empty() || code.expose().contains(char::is_whitespace)) {
        return Err(MessageError::Malformed { field: "code" });
    }
    Ok(())
}

fn is_message_id(id: &str) -> bool {
    let good =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._+=".contains(&b));
    id.len() <= 200 && id.split_once('@').is_some_and(|(left, right)| good(left) && good(right))
}

fn is_host(host: &str) -> bool {
    (1..=253).contains(&host.len()) && host.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
}

/// Stands between the two parts.
const BOUNDARY: &str = "=_otpost";
