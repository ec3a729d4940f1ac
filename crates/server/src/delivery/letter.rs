//! From a mail that waits to the bytes of its message: the code is derived again, here alone. Also the
//! mails without one.

use domain::address::MailAddress;
use domain::code::Binding;
use domain::secret::Secret;
use domain::text;
use domain::time::Timestamp;
use sha2::{Digest, Sha256};

use super::wording::Wording;
use crate::app::App;
use crate::hex;
use crate::mail::message::{self, Mail, MessageError, Sender};
use crate::store::command::MailJob;
use crate::store::notices::{Notice, NoticeKind};

/// Writes the message. The same job gives the same bytes, so a repeated mail is the same mail.
pub(super) fn write(app: &App, job: &MailJob, to: &MailAddress, sender: &MailAddress) -> Result<Vec<u8>, MessageError> {
    let provider = app.settings().provider(job.provider_id);
    let binding = Binding { challenge: &job.key, subject: &job.subject, purpose: job.purpose, group: &job.group };
    let code = binding.derive(&app.keys.code, &job.nonce, job.code_length);
    let seconds = job.expires_at.since(job.issued_at).as_secs();
    let render = |template, seconds| Secret::new(text::render(template, code.expose(), seconds));
    let subject = render(provider.subject.as_str(), None);
    let body = render(provider.content.as_str(), Some(seconds));
    let from = Sender { address: sender.clone(), name: None };
    message::build(&Mail {
        from: &from,
        to,
        subject: subject.expose(),
        text: body.expose(),
        code: Some(&Secret::new(code.expose())),
        bound_host: app.config.http.public_url.as_ref().map(crate::config::PublicUrl::host).filter(is_name),
        message_id: &message_id(job, sender),
        date_ms: job.issued_at.millis(),
        banner: app.banner,
    })
}

/// Codes are bound to host names; a bare address has none.
fn is_name(host: &&str) -> bool {
    host.rsplit('.').next().is_some_and(|label| label.contains(char::is_alphabetic)) && !host.contains(':')
}

/// A mail without a code, to try a relay out.
pub fn test_message(app: &App, to: &MailAddress, sender: &MailAddress) -> Result<Vec<u8>, MessageError> {
    let now = app.now();
    message::build(&Mail {
        from: &Sender { address: sender.clone(), name: None },
        to,
        subject: "Otpost test mail",
        text: "This mail shows that Otpost can send mail through this relay. It holds no code.",
        code: None,
        bound_host: None,
        message_id: &message::id(format_args!("test.{}", now.millis()), sender),
        date_ms: now.millis(),
        banner: app.banner,
    })
}

/// Tells somebody where codes go now. The same notice gives the same bytes while the settings stay.
pub(super) fn notice(app: &App, notice: &Notice, sender: &MailAddress) -> Result<Vec<u8>, MessageError> {
    let settings = app.settings();
    let wording = Wording::of(settings.notice_language());
    let (subject, opening) = match notice.kind {
        NoticeKind::Former => wording.former,
        NoticeKind::Listed => wording.listed,
    };
    let at = jiff::Timestamp::from_millisecond(notice.written_at.millis()).unwrap_or_default();
    let provider = settings.provider(notice.provider_id);
    let facts = [
        (wording.user_name, notice.user_name.clone()),
        (wording.sign_in, provider.display_name.as_str().to_owned()),
        (wording.changed_on, at.strftime(wording.date).to_string()),
        (wording.codes_go_to, notice.elsewhere.clone()),
    ];
    let facts = facts.map(|(label, fact)| label.replace("{}", &fact)).join("\n");
    message::build(&Mail {
        from: &Sender { address: sender.clone(), name: None },
        to: &notice.address,
        subject,
        text: &[opening, &facts, wording.what_to_do].join("\n\n"),
        code: None,
        bound_host: None,
        message_id: &message::id(format_args!("notice.{}.{}", notice.id, fingerprint(&notice.address)), sender),
        date_ms: notice.written_at.millis(),
        banner: app.banner,
    })
}

/// Tells apart the addresses that one change is told to.
fn fingerprint(address: &MailAddress) -> String {
    let digest = Sha256::digest(address.as_str().as_bytes());
    hex::encode(digest.get(..8).unwrap_or_default())
}

fn message_id(job: &MailJob, sender: &MailAddress) -> String {
    message::id(format_args!("{}.{}.{}", job.key.id, job.key.part, job.send), sender)
}

/// Name of an audit line made from the mail's own name.
pub(super) fn fallback_event_id(job: &MailJob, now: Timestamp) -> [u8; 16] {
    event_id(now, job.key.id.as_str().bytes().rev().chain([job.key.part]))
}

/// The same for a notice.
pub(super) fn notice_event_id(notice: &Notice, now: Timestamp) -> [u8; 16] {
    event_id(now, fingerprint(&notice.address).into_bytes().into_iter())
}

fn event_id(now: Timestamp, name: impl Iterator<Item = u8>) -> [u8; 16] {
    let mut id = [0; 16];
    for (to, from) in id.iter_mut().zip(now.millis().to_be_bytes().into_iter().skip(2).chain(name)) {
        *to = from;
    }
    id
}
