//! Opening a connection: where nothing secret may be said until the way is protected. Owns the steps
//! up to the point where the first message may follow.

use std::net::SocketAddr;

use mail_send::SmtpClient;
use smtp_proto::{EXT_START_TLS, EhloResponse};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::auth;
use super::guard::Guard;
use super::reply::{Step, breakdown};
use super::tls::Tls;
use super::{expect, too_late};
use crate::mail::error::{MailError, Place};
use crate::mail::relay::{Relay, Security};

/// Connects, protects, greets, signs in. Returns what the relay offers once protected; what it
/// offered in clear is forgotten (RFC 3207 section 4.2).
pub(super) async fn open(
    relay: &Relay,
    tls: Option<&Tls>,
) -> Result<(SmtpClient<Guard>, EhloResponse<String>), MailError> {
    relay.check_plaintext()?;
    let socket = connect(relay).await?;
    let (mut client, offered) = match (relay.security, tls) {
        (Security::Plaintext, _) => greet(relay, Guard::plain(socket)).await?,
        (_, None) => return Err(MailError::misconfigured("TLS is not usable on this machine").at(Place::Tls)),
        (Security::Implicit, Some(tls)) => greet(relay, Guard::tls(tls.shake_hands(relay, socket).await?)).await?,
        (Security::StartTls, Some(tls)) => {
            let socket = start_tls(relay, socket).await?;
            let mut client = client(relay, Guard::tls(tls.shake_hands(relay, socket).await?));
            let offered = hello(relay, &mut client).await?;
            (client, offered)
        }
    };
    if let Some(credentials) = &relay.credentials {
        let signed_in = auth::sign_in(&mut client, offered.auth(), credentials).await;
        signed_in.map_err(|error| error.at(Place::SignIn))?;
    }
    Ok((client, offered))
}

async fn connect(relay: &Relay) -> Result<TcpStream, MailError> {
    let address = (relay.bare_host(), relay.port);
    let lost =
        |what: String| MailError::try_later(format!("cannot connect to {} port {}: {what}", relay.host, relay.port));
    let socket = timeout(relay.limits.connect, TcpStream::connect(address))
        .await
        .map_err(|_| lost("no answer in time".to_owned()))?
        .map_err(|error| lost(error.to_string()))?;
    // Without it every message waits 40 ms for a delayed acknowledgement.
    socket.set_nodelay(true).map_err(|error| lost(error.to_string()))?;
    let peer = socket.peer_addr().map_err(|error| lost(error.to_string()))?;
    // The name `localhost` is only as local as the resolver makes it.
    if relay.security == Security::Plaintext && !relay.allow_plaintext && !peer.ip().to_canonical().is_loopback() {
        return Err(MailError::misconfigured(format!("plaintext is not allowed: {} is not this machine", relay.host)));
    }
    Ok(socket)
}

/// Everything said in clear on the way to STARTTLS: greeting, EHLO, STARTTLS. Returns the socket
/// alone, so that neither buffered lines nor capabilities can cross over.
async fn start_tls(relay: &Relay, socket: TcpStream) -> Result<TcpStream, MailError> {
    let (mut client, offered) = greet(relay, Guard::plain(socket)).await?;
    if !offered.has_capability(EXT_START_TLS) {
        let reason =
            "TLS is required, but the relay does not offer STARTTLS; if it should, something on the way removes it";
        return Err(MailError::misconfigured(reason).at(Place::Tls));
    }
    let reply = client.cmd("STARTTLS\r\n").await.map_err(|error| breakdown(Step::StartTls, &error))?;
    expect(Step::StartTls, reply, 220)?;
    client.stream.into_socket().map_err(|_| {
        let reason = "lines were sent in clear behind the reply to STARTTLS: something on the way injects them";
        MailError::misconfigured(reason).at(Place::Tls)
    })
}

/// Reads the greeting and says EHLO.
async fn greet(relay: &Relay, stream: Guard) -> Result<(SmtpClient<Guard>, EhloResponse<String>), MailError> {
    let mut client = client(relay, stream);
    let greeting = timeout(relay.limits.reply, client.read()).await.map_err(|_| too_late(Step::Greeting))?;
    expect(Step::Greeting, greeting.map_err(|error| breakdown(Step::Greeting, &error))?, 220)?;
    let offered = hello(relay, &mut client).await?;
    Ok((client, offered))
}

async fn hello(relay: &Relay, client: &mut SmtpClient<Guard>) -> Result<EhloResponse<String>, MailError> {
    let name = our_name(relay, client)?;
    client.ehlo(&name).await.map_err(|error| breakdown(Step::Hello, &error))
}

fn client(relay: &Relay, stream: Guard) -> SmtpClient<Guard> {
    SmtpClient { stream, timeout: relay.limits.reply }
}

/// The name for EHLO: configured, else this machine's if it is a full one, else our address.
fn our_name(relay: &Relay, client: &SmtpClient<Guard>) -> Result<String, MailError> {
    if let Some(name) = &relay.helo {
        return if is_plain_name(name) {
            Ok(name.clone())
        } else {
            Err(MailError::misconfigured("the name for EHLO is not a host name"))
        };
    }
    let machine = gethostname::gethostname().into_string().unwrap_or_default();
    if machine.contains('.') && is_plain_name(&machine) {
        return Ok(machine);
    }
    let ours = client.stream.addresses().map_err(|error| MailError::try_later(error.to_string()))?.0;
    Ok(address_literal(ours))
}

fn is_plain_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 255 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._[]:".contains(&b))
}

/// RFC 5321 section 4.1.3.
fn address_literal(ours: SocketAddr) -> String {
    match ours.ip().to_canonical() {
        std::net::IpAddr::V4(ip) => format!("[{ip}]"),
        std::net::IpAddr::V6(ip) => format!("[IPv6:{ip}]"),
    }
}
