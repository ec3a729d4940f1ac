//! One connection to a relay: opened, greeted, protected, signed in, then used for message after
//! message. Owns the order of the dialogue (RFC 5321, 3207, 4954, 2920); reply parsing and EHLO
//! come from the library, limits from `guard`, meaning and redaction from `reply`.

mod auth;
mod guard;
mod open;
mod reply;
mod tls;

use mail_send::SmtpClient;
use smtp_proto::{EXT_PIPELINING, EXT_SMTP_UTF8, Response};
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use domain::address::MailAddress;

use self::guard::Guard;
use self::reply::{Step, breakdown, describe, refusal};
pub use self::tls::Tls;
use super::error::MailError;
use super::message::has_bare_line_end;
use super::relay::{Limits, Relay};

/// Who a message comes from and goes to, on the wire.
#[derive(Debug, Clone, Copy)]
pub struct Envelope<'a> {
    /// Where failures are reported; empty for nowhere (RFC 5321 section 4.5.5).
    pub from: &'a str,
    /// The one recipient.
    pub to: &'a MailAddress,
}

/// The relay has taken responsibility for the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// What it said, redacted like everything a relay says.
    pub reply: String,
}

/// A connection that is ready for messages.
pub struct Connection {
    client: SmtpClient<Guard>,
    limits: Limits,
    pipelining: bool,
    utf8: bool,
    state: State,
    /// Whether the end of the last message was sent: from then on nobody but the relay knows.
    committed: bool,
}

/// What may be said next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing any more.
    Broken,
    /// RSET, because the last message was refused half way.
    Interrupted,
    /// MAIL.
    Ready,
}

impl Connection {
    /// Connects, protects the connection and signs in, each within its limit and the whole within
    /// the limit of one attempt. `tls` must be the one made for this relay.
    pub async fn open(relay: &Relay, tls: &Tls) -> Result<Self, MailError> {
        Self::open_with(relay, Some(tls)).await
    }

    /// As [`Connection::open`], without TLS at hand where the relay is plaintext anyway.
    pub(crate) async fn open_with(relay: &Relay, tls: Option<&Tls>) -> Result<Self, MailError> {
        let opening = Box::pin(open::open(relay, tls));
        let (client, offered) = timeout(relay.limits.attempt, opening)
            .await
            .unwrap_or_else(|_| Err(MailError::try_later("connecting took longer than one attempt may")))?;
        Ok(Self {
            client,
            limits: relay.limits,
            pipelining: offered.has_capability(EXT_PIPELINING),
            utf8: offered.has_capability(EXT_SMTP_UTF8),
            state: State::Ready,
            committed: false,
        })
    }

    /// Sends one message. It must be complete: header, CRLF line ends only, 7-bit bodies.
    ///
    /// After an error ask [`Connection::is_usable`] whether another message may follow.
    pub async fn send(&mut self, envelope: &Envelope<'_>, message: &[u8]) -> Result<Accepted, MailError> {
        self.committed = false;
        let commands = self.commands(envelope, message)?;
        // Broken until proven otherwise: a dropped future leaves a reply unread.
        let before = std::mem::replace(&mut self.state, State::Broken);
        let limit = self.limits.attempt;
        timeout(limit, Box::pin(self.transact(before, &commands, message)))
            .await
            .unwrap_or_else(|_| Err(MailError::try_later("sending took longer than one attempt may")))
    }

    /// Whether another message may be sent over this connection.
    pub fn is_usable(&self) -> bool {
        self.state != State::Broken
    }

    /// Whether the end of the last message had been sent, so that a `TryLater` may hide a delivery.
    pub(crate) fn has_committed(&self) -> bool {
        self.committed
    }

    /// Whether a kept connection still looks alive.
    pub(crate) fn is_quiet(&mut self) -> bool {
        self.is_usable() && self.client.stream.is_quiet()
    }

    /// Says good-bye. A relay that does not answer is none of our concern any more.
    pub async fn quit(mut self) -> Result<(), MailError> {
        let reply = self.client.cmd("QUIT\r\n").await.map_err(|error| breakdown(Step::Quit, &error))?;
        if reply.is_positive_completion() { Ok(()) } else { Err(refusal(Step::Quit, &reply)) }
    }

    /// The three commands before a message, checked: nothing in them may end a line.
    fn commands(&self, envelope: &Envelope<'_>, message: &[u8]) -> Result<[String; 3], MailError> {
        if !self.is_usable() {
            return Err(MailError::try_later("the connection is spent"));
        }
        if !envelope.from.is_empty() && MailAddress::parse(envelope.from).is_err() {
            return Err(MailError::misconfigured("the envelope sender is not a mail address"));
        }
        // The library escapes dots after a line end only, so a message must not begin with one.
        if has_bare_line_end(message) || message.first().is_none_or(|first| *first == b'.') {
            return Err(MailError::rejected("the message is malformed: a bare CR or LF, or no header"));
        }
        let international = !envelope.from.is_ascii() || !envelope.to.as_str().is_ascii() || !message.is_ascii();
        if international && !self.utf8 {
            return Err(MailError::rejected("the relay cannot handle addresses beyond ASCII (SMTPUTF8)"));
        }
        let parameter = if international { " SMTPUTF8" } else { "" };
        let sender = format!("MAIL FROM:<{}>{parameter}\r\n", envelope.from.trim_matches([' ', '\t']));
        Ok([sender, format!("RCPT TO:<{}>\r\n", envelope.to.as_str()), "DATA\r\n".to_owned()])
    }

    async fn transact(&mut self, before: State, commands: &[String; 3], message: &[u8]) -> Result<Accepted, MailError> {
        if before == State::Interrupted {
            let reply = self.client.cmd("RSET\r\n").await.map_err(|error| breakdown(Step::Reset, &error))?;
            expect(Step::Reset, reply, 250)?;
        }
        if self.pipelining {
            self.offer_at_once(commands).await?;
        } else {
            self.offer_in_turn(commands).await?;
        }
        self.committed = true;
        let reply = self.hand_over(message).await?;
        self.state = after(&reply, State::Ready);
        if !reply.is_positive_completion() {
            return Err(refusal(Step::Message, &reply));
        }
        Ok(Accepted { reply: describe(&reply) })
    }

    /// MAIL, RCPT and DATA in one packet (RFC 2920).
    async fn offer_at_once(&mut self, commands: &[String; 3]) -> Result<(), MailError> {
        let wait = self.limits.reply;
        let mut client = Exchange(&mut self.client);
        timeout(wait, client.write(&commands.concat())).await.map_err(|_| too_late(Step::Sender))??;
        let mut refused = None;
        for (step, code) in OFFER {
            self.state = State::Broken;
            let reply = match timeout(wait, client.read(step)).await.unwrap_or_else(|_| Err(too_late(step))) {
                Ok(reply) => reply,
                // What the relay said last counts for more than how it left.
                Err(lost) => return Err(refused.unwrap_or(lost)),
            };
            // RFC 2920 section 3.1: an invitation without a recipient. Hanging up leaves no message.
            let invited = step == Step::Data && refused.is_some() && reply.code == code;
            let next = if invited { State::Broken } else { after(&reply, State::Interrupted) };
            if let (None, Err(error)) = (&refused, expect(step, reply, code)) {
                refused = Some(error);
            }
            self.state = next;
            if next == State::Broken {
                break;
            }
        }
        refused.map_or(Ok(()), Err)
    }

    /// MAIL, RCPT and DATA one after the other, for relays that do not offer PIPELINING.
    async fn offer_in_turn(&mut self, commands: &[String; 3]) -> Result<(), MailError> {
        for ((step, code), command) in OFFER.into_iter().zip(commands) {
            self.state = State::Broken;
            let reply = self.client.cmd(command).await.map_err(|error| breakdown(step, &error))?;
            self.state = after(&reply, State::Interrupted);
            expect(step, reply, code)?;
        }
        Ok(())
    }

    /// The message, its final dot, and the reply.
    async fn hand_over(&mut self, message: &[u8]) -> Result<Response<String>, MailError> {
        self.state = State::Broken;
        // The library ends the last line itself.
        let message = message.strip_suffix(b"\r\n").unwrap_or(message);
        let client = &mut self.client;
        let exchange = async {
            client.write_message(message).await?;
            client.read().await
        };
        timeout(self.limits.end_of_data, exchange)
            .await
            .map_err(|_| too_late(Step::Message))?
            .map_err(|error| breakdown(Step::Message, &error))
    }
}

/// Writing and reading apart, as pipelining needs it.
struct Exchange<'a>(&'a mut SmtpClient<Guard>);

impl Exchange<'_> {
    async fn write(&mut self, commands: &str) -> Result<(), MailError> {
        let stream = &mut self.0.stream;
        let lost = |error| breakdown(Step::Sender, &mail_send::Error::Io(error));
        stream.write_all(commands.as_bytes()).await.map_err(lost)?;
        stream.flush().await.map_err(lost)
    }

    async fn read(&mut self, step: Step) -> Result<Response<String>, MailError> {
        self.0.read().await.map_err(|error| breakdown(step, &error))
    }
}

/// The commands before a message and the codes that let us go on.
const OFFER: [(Step, u16); 3] = [(Step::Sender, 250), (Step::Recipient, 250), (Step::Data, 354)];

/// What may follow a reply. RFC 5321 section 3.8: behind 421 the relay hangs up.
fn after(reply: &Response<String>, next: State) -> State {
    if reply.code == 421 { State::Broken } else { next }
}

/// Turns every other reply into its error. 251 accepts a recipient and forwards.
fn expect(step: Step, reply: Response<String>, code: u16) -> Result<Response<String>, MailError> {
    let forwarded = step == Step::Recipient && reply.code == 251;
    if reply.code == code || forwarded { Ok(reply) } else { Err(refusal(step, &reply)) }
}

fn too_late(step: Step) -> MailError {
    breakdown(step, &mail_send::Error::Timeout)
}
