//! From a mail that waits to the bytes of its message: the code is derived again, here alone.

use domain::address::MailAddress;
use domain::code::Binding;
use domain::secret::Secret;
use domain::text;
use domain::time::Timestamp;

use crate::app::App;
use crate::mail::message::{self, Mail, MessageError, Sender};
use crate::store::command::MailJob;

/// Writes the message. The same job gives the same bytes, so a repeated mail is the same mail.
pub(super) fn write(app: &App, job: &MailJob, sender: &MailAddress) -> Result<Vec<u8>, MessageError> {
    let provider = app.settings().provider(job.provider_id);
    let binding = Binding { challenge: &job.key, subject: &job.subject, purpose: job.purpose, group: &job.group };
    let code = binding.derive(&app.keys.code, &job.nonce, job.code_length);
    let seconds = job.expires_at.since(job.issued_at).as_secs();
    let render = |template| Secret::new(text::render(template, code.expose(), seconds));
    let (subject, body) = (render(provider.subject.as_str()), render(provider.content.as_str()));
    let from = Sender { address: sender.clone(), name: None };
    message::build(&Mail {
        from: &from,
        to: &job.address,
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

/// A mail without a code.
pub(super) fn test_message(app: &App, to: &MailAddress, sender: &MailAddress) -> Result<Vec<u8>, MessageError> {
    let now = app.now();
    message::build(&Mail {
        from: &Sender { address: sender.clone(), name: None },
        to,
        subject: "Otpost test mail",
        text: "This mail shows that Otpost can send mail through this relay. It holds no code.",
        code: None,
        bound_host: None,
        message_id: &format!("test.{}@{}", now.millis(), sender.host()),
        date_ms: now.millis(),
        banner: app.banner,
    })
}

fn message_id(job: &MailJob, sender: &MailAddress) -> String {
    format!("{}.{}.{}@{}", job.key.id, job.key.part, job.send, sender.host())
}

/// Name of an audit line made from the mail's own name.
pub(super) fn fallback_event_id(job: &MailJob, now: Timestamp) -> [u8; 16] {
    let mut id = [0; 16];
    let name = job.key.id.as_str().bytes().rev().chain([job.key.part]);
    for (to, from) in id.iter_mut().zip(now.millis().to_be_bytes().into_iter().skip(2).chain(name)) {
        *to = from;
    }
    id
}
