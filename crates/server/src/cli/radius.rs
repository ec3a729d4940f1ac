//! `otpost radius …`

mod sign_in;
mod watch;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use clap::Subcommand;

use super::Context;
use super::error::CliError;
use crate::config::RadiusClient;

/// RADIUS.
#[derive(Subcommand)]
pub(super) enum Radius {
    /// Lists who may ask, the narrowest network first.
    Clients,
    /// Signs a user in as network gear would: password and code come from standard input.
    Test(sign_in::Test),
    /// Shows packets as they come to the running server, and what is wrong with them in words.
    Watch,
}

pub(super) fn run(context: &Context, verb: &Radius) -> Result<(), CliError> {
    match verb {
        Radius::Clients => list(context),
        Radius::Test(asked) => sign_in::run(context, asked),
        Radius::Watch => watch::run(context),
    }
}

fn list(context: &Context) -> Result<(), CliError> {
    let clients = by_width(context.load()?.radius.clients);
    let row = |client: &RadiusClient| {
        let word = client.require_message_authenticator.as_str();
        let mode = client.profile.mode.as_str();
        let certificate = client.certificate_name.as_ref().map_or("", AsRef::as_ref);
        let cells = [&client.name, &client.address.to_string(), mode, word, certificate];
        cells.map(str::to_owned).to_vec()
    };
    let rows: Vec<_> = clients.iter().map(row).collect();
    context.out.table(&["name", "address", "mode", "require_message_authenticator", "certificate_name"], &rows)
}

/// An address at which a server that listens there can be asked.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

/// The narrowest network first, as packets are judged.
fn by_width(mut clients: Vec<RadiusClient>) -> Vec<RadiusClient> {
    clients.sort_by_key(|client| std::cmp::Reverse(client.address.prefix_len()));
    clients
}
