//! The settings of one mail relay: where it is, how the way there is protected, who we are to it
//! and how long we wait. Owns the rule where clear text is allowed; opens nothing itself.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use domain::secret::Secret;

use super::error::MailError;

/// One submission server. Cloning is cheap enough to do once per pool.
#[derive(Debug, Clone)]
pub struct Relay {
    /// The operator's name for it, as shown on the status page.
    pub name: String,
    /// Host name or IP address. The certificate must carry exactly this name.
    pub host: String,
    /// TCP port: 465 for implicit TLS, 587 for STARTTLS by custom.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// Who we sign in as; `None` where the relay trusts our address.
    pub credentials: Option<Credentials>,
    /// PEM file with further trusted certificate authorities, beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// The name we give in EHLO. `None`: this machine's full name, or, where it has none, the
    /// address literal of our end of the connection (RFC 5321 section 4.1.4).
    pub helo: Option<String>,
    /// How long we wait for what.
    pub limits: Limits,
    /// The operator's consent to clear text towards a host that is not this machine.
    pub allow_plaintext: bool,
}

/// How the way to a relay is protected. There is no "if offered": one deleted line would strip it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (RFC 8314 section 3.3). The default.
    Implicit,
    /// Nothing, for a relay on this machine, or with consent.
    Plaintext,
    /// STARTTLS (RFC 3207), required: nothing but EHLO is said in clear.
    StartTls,
}

/// Who we are to a relay.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Account name.
    pub user: String,
    /// Password, or the access token for `XOAUTH2`.
    pub secret: Secret,
    /// Which SASL mechanism to use.
    pub mechanism: Mechanism,
}

/// The SASL mechanisms we speak. All of them show the secret to the relay, so all need TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mechanism {
    /// PLAIN where offered, else LOGIN; never `XOAUTH2`, whose secret is a token.
    Auto,
    /// LOGIN, never standardised, still the only one on some servers.
    Login,
    /// PLAIN (RFC 4616).
    Plain,
    /// `XOAUTH2`, as the large hosted mail services define it.
    XOAuth2,
}

/// How long each step may take. RFC 5321 section 4.5.3.2 allows minutes because it speaks of
/// relays; a person waits for our mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// One whole attempt: opening where needed, and one message.
    pub attempt: Duration,
    /// Name resolution and TCP connect.
    pub connect: Duration,
    /// TLS handshake.
    pub tls: Duration,
    /// One whole reply, however many lines.
    pub reply: Duration,
    /// The message and the reply to its end.
    pub end_of_data: Duration,
    /// How long an unused connection is kept.
    pub idle: Duration,
    /// How long a relay that refused several connections is left alone between probes.
    pub probe: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            attempt: Duration::from_secs(30),
            connect: Duration::from_secs(5),
            tls: Duration::from_secs(5),
            reply: Duration::from_secs(10),
            end_of_data: Duration::from_secs(20),
            idle: Duration::from_secs(25),
            probe: Duration::from_secs(5),
        }
    }
}

impl Relay {
    /// A relay with implicit TLS on port 465, no credentials and the usual limits.
    pub fn new(name: impl Into<String>, host: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            host: host.into(),
            port: 465,
            security: Security::Implicit,
            credentials: None,
            ca_file: None,
            helo: None,
            limits: Limits::default(),
            allow_plaintext: false,
        }
    }

    /// Refuses clear text to another machine unless the operator consented.
    pub fn check_plaintext(&self) -> Result<(), MailError> {
        if self.security != Security::Plaintext || self.is_loopback() {
            return Ok(());
        }
        if self.credentials.is_some() {
            return Err(MailError::misconfigured(format!(
                "a password is never sent in clear to {}: use implicit TLS or STARTTLS, or leave the user name empty",
                self.host
            )));
        }
        if self.allow_plaintext {
            return Ok(());
        }
        Err(MailError::misconfigured(format!(
            "plaintext to {} is not allowed: use TLS, or consent to plaintext for this relay",
            self.host
        )))
    }

    /// The host without the brackets an IPv6 address may be written in.
    pub(super) fn bare_host(&self) -> &str {
        let inner = self.host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        inner.unwrap_or(&self.host)
    }

    /// Whether the host is this machine by its very spelling. `localhost` is believed here and
    /// checked again once the socket shows where it leads.
    fn is_loopback(&self) -> bool {
        let host = self.bare_host();
        host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(host: &str) -> Relay {
        Relay { security: Security::Plaintext, ..Relay::new("main", host) }
    }

    #[test]
    fn clear_text_stays_on_this_machine_without_consent() {
        for near in ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost", "LOCALHOST"] {
            assert!(plain(near).check_plaintext().is_ok(), "{near}");
        }
        for far in ["192.0.2.1", "mail.example.org", "localhost.example.org", "127.0.0.1.example.org", "::2"] {
            assert!(plain(far).check_plaintext().is_err(), "{far}");
            assert!(Relay { allow_plaintext: true, ..plain(far) }.check_plaintext().is_ok(), "{far}");
        }
    }

    #[test]
    fn debug_output_holds_no_secret() {
        let credentials =
            Credentials { user: "otpost".to_owned(), secret: Secret::new("canary"), mechanism: Mechanism::Auto };
        let relay = Relay { credentials: Some(credentials), ..Relay::new("main", "mail.example.org") };
        assert!(!format!("{relay:?}").contains("canary"));
    }
}
