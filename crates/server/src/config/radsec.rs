//! Owns the rules of the section `[radius.tls]`, and what it means for a client to be known by its certificate.

use std::net::SocketAddr;
use std::path::PathBuf;

use domain::secret::Secret;

use super::read::{Noted, Reader};
use super::{RadSec, RadiusClient, Tls};

/// Reads the section. Without an address to listen at there is no `RadSec`, whatever else is set.
pub(super) fn radsec(reader: &mut Reader<'_>) -> Result<Option<RadSec>, Noted> {
    let listen = reader.required::<Vec<SocketAddr>>("radius.tls.listen")?;
    if listen.is_empty() {
        return Ok(None);
    }
    let cert_file = reader.required::<PathBuf>("radius.tls.cert_file");
    let key_file = reader.required::<PathBuf>("radius.tls.key_file");
    let client_ca_file = reader.required::<PathBuf>("radius.tls.client_ca_file");
    let tls = Tls { cert_file: cert_file?, key_file: key_file? };
    Ok(Some(RadSec { listen, tls, client_ca_file: client_ca_file? }))
}

/// The secret of every client of `RadSec`; one that was set would be a misunderstanding.
pub(super) fn secret(reader: &mut Reader<'_>, path: &str) -> Result<Secret, Noted> {
    if reader.has_secret(path) {
        let remedy = "take it out: RadSec has one secret for everybody, and the certificate takes its place";
        reader.refuse(path, "stands beside certificate_name", remedy);
        return Err(Noted);
    }
    Ok(Secret::new(SECRET))
}

/// A certificate must name one client.
pub(super) fn check_distinct<'a>(reader: &mut Reader<'_>, clients: impl Iterator<Item = &'a RadiusClient>) {
    let mut before = Vec::new();
    for client in clients {
        let Some(name) = &client.certificate_name else { continue };
        if before.contains(&name) {
            let what = format!("{} is another client's certificate_name too", name.as_ref());
            reader.refuse("radius.client", &what, "give each client a certificate of its own");
        }
        before.push(name);
    }
}

/// RFC 6614 2.3.
const SECRET: &str = "radsec";
