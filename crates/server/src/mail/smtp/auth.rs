//! Signing in to a relay (RFC 4954): PLAIN, LOGIN and `XOAUTH2`, one mechanism per attempt. Written
//! here rather than left to the library because the lines must be wiped, the mechanism must be the
//! chosen one, and nothing of a reply's text may be shown: it may quote what we sent.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mail_send::SmtpClient;
use smtp_proto::{AUTH_LOGIN, AUTH_PLAIN, AUTH_XOAUTH2, Response};
use zeroize::Zeroizing;

use super::guard::Guard;
use super::reply::{Step, breakdown, status};
use crate::mail::error::MailError;
use crate::mail::relay::{Credentials, Mechanism};

/// Signs in. `offered` is what the relay listed after its last EHLO, as bits of `smtp_proto`.
pub(super) async fn sign_in(client: &mut SmtpClient<Guard>, offered: u64, who: &Credentials) -> Result<(), MailError> {
    if who.user.chars().chain(who.secret.expose().chars()).any(char::is_control) {
        return Err(MailError::misconfigured("user name or secret holds a control character"));
    }
    let (user, secret) = (who.user.as_str(), who.secret.expose());
    let reply = match choose(offered, who.mechanism)? {
        Mechanism::Plain | Mechanism::Auto => {
            let response = Zeroizing::new(format!("\0{user}\0{secret}"));
            say(client, "AUTH PLAIN ", &response).await?
        }
        Mechanism::Login => login(client, user, secret).await?,
        Mechanism::XOAuth2 => xoauth2(client, user, secret).await?,
    };
    judge(&reply)
}

/// The mechanism to use: exactly the configured one, if the relay offers it.
fn choose(offered: u64, wanted: Mechanism) -> Result<Mechanism, MailError> {
    let candidates: &[(Mechanism, u64)] = match wanted {
        Mechanism::Auto => &[(Mechanism::Plain, AUTH_PLAIN), (Mechanism::Login, AUTH_LOGIN)],
        Mechanism::Plain => &[(Mechanism::Plain, AUTH_PLAIN)],
        Mechanism::Login => &[(Mechanism::Login, AUTH_LOGIN)],
        Mechanism::XOAuth2 => &[(Mechanism::XOAuth2, AUTH_XOAUTH2)],
    };
    let found = candidates.iter().find(|(_, bit)| offered & bit != 0);
    found
        .map(|(mechanism, _)| *mechanism)
        .ok_or_else(|| MailError::misconfigured("the relay does not offer the configured way of signing in"))
}

// tidy: not a secret, because it is borrowed from a Secret to be encoded at once
async fn login(client: &mut SmtpClient<Guard>, user: &str, secret: &str) -> Result<Response<String>, MailError> {
    let mut reply = client.cmd("AUTH LOGIN\r\n").await.map_err(|error| breakdown(Step::SignIn, &error))?;
    for answer in [user, secret] {
        if reply.code != 334 {
            break;
        }
        reply = say(client, "", answer).await?;
    }
    Ok(reply)
}

// tidy: not a secret, because it is borrowed from a Secret to be encoded at once
async fn xoauth2(client: &mut SmtpClient<Guard>, user: &str, token: &str) -> Result<Response<String>, MailError> {
    let response = Zeroizing::new(format!("user={user}\x01auth=Bearer {token}\x01\x01"));
    let reply = say(client, "AUTH XOAUTH2 ", &response).await?;
    if reply.code != 334 {
        return Ok(reply);
    }
    // A refused token comes as a challenge; an empty answer fetches the real reply.
    client.cmd("\r\n").await.map_err(|error| breakdown(Step::SignIn, &error))
}

/// Sends `response` in base64 behind `command` and waits for the reply.
async fn say(client: &mut SmtpClient<Guard>, command: &str, response: &str) -> Result<Response<String>, MailError> {
    // Full size at once: a string that grows leaves unwiped copies behind.
    let size = command.len() + response.len().div_ceil(3) * 4 + 2;
    let mut line = Zeroizing::new(String::with_capacity(size));
    line.push_str(command);
    STANDARD.encode_string(response, &mut line);
    line.push_str("\r\n");
    client.cmd(line.as_bytes()).await.map_err(|error| breakdown(Step::SignIn, &error))
}

fn judge(reply: &Response<String>) -> Result<(), MailError> {
    match reply.code {
        235 => Ok(()),
        400..=499 => Err(MailError::try_later(format!("when signing in: {}", status(reply)))),
        _ => Err(MailError::misconfigured(format!("the relay refused user name or secret: {}", status(reply)))),
    }
}
