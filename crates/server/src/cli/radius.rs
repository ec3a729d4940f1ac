//! `otpost radius …`

mod watch;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use clap::Subcommand;
use domain::secret::Secret;

use super::error::CliError;
use super::{Context, secret_input};
use crate::config::{self, RadiusClient};
use crate::os::OsRandom;
use crate::radius::probe::{Probe, ProbeError, Question, Said};

/// RADIUS.
#[derive(Subcommand)]
pub(super) enum Radius {
    /// Lists who may ask, the narrowest network first.
    Clients,
    /// Signs a user in as network gear would: password and code come from standard input.
    Test(Test),
    /// Shows packets as they come to the running server, and what is wrong with them in words.
    Watch,
}

/// Whom to sign in, and where.
#[derive(clap::Args)]
pub(super) struct Test {
    /// The user.
    user: String,
    /// The server; the first address of `radius.listen`, if not given.
    #[arg(long, value_name = "ADDR")]
    server: Option<SocketAddr>,
    /// A file with the shared secret; that of the client with this machine's address, if not given.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
}

pub(super) fn run(context: &Context, verb: &Radius) -> Result<(), CliError> {
    match verb {
        Radius::Clients => list(context),
        Radius::Test(asked) => sign_in(context, asked),
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

fn sign_in(context: &Context, asked: &Test) -> Result<(), CliError> {
    let radius = context.load()?.radius;
    let probe = Probe::new(server(asked, &radius)?)?;
    let (shared, user) = (shared(asked, radius, probe.local_address()?)?, asked.user.as_str());
    let typed = secret_input::read_line("password")?;
    let first = Question { shared: &shared, user, typed: &typed, state: None };
    let (state, prompt) = match probe.ask(&OsRandom, &first)? {
        Said::Accept => return context.out.line("accepted without a code"),
        Said::Challenge { state, prompt } => (state, prompt),
        Said::Reject(why) => return Err(CliError::no(format!("refused: {why}"))),
    };
    context.out.line(&format!("challenged: {prompt}"))?;
    let typed = secret_input::read_line("code")?;
    match probe.ask(&OsRandom, &Question { typed: &typed, state: Some(&state), ..first })? {
        Said::Accept => context.out.line("accepted"),
        Said::Challenge { prompt, .. } => Err(CliError::no(format!("challenged again: {prompt}"))),
        Said::Reject(why) => Err(CliError::no(format!("refused: {why}"))),
    }
}

/// Where to ask; a server that listens everywhere is asked on loopback.
fn server(asked: &Test, radius: &config::Radius) -> Result<SocketAddr, CliError> {
    let missing = || CliError::configuration("radius.listen is empty; set it, or say --server ADDRESS:PORT");
    asked.server.or(radius.listen.first().copied()).map(reachable).ok_or_else(missing)
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

fn shared(asked: &Test, radius: config::Radius, own: IpAddr) -> Result<Secret, CliError> {
    if let Some(file) = &asked.secret_file {
        let unreadable = |error| CliError::usage(format!("--secret-file {}: {error}", file.display()));
        let line = zeroize::Zeroizing::new(std::fs::read_to_string(file).map_err(unreadable)?);
        return Ok(Secret::new(line.trim_end_matches(['\r', '\n'])));
    }
    let is_asked_from = |client: &RadiusClient| client.certificate_name.is_none() && client.address.contains(&own);
    let client = by_width(radius.clients).into_iter().find(is_asked_from);
    let missing = || {
        let remedy = "add a [[radius.client]] for it, or say --secret-file FILE";
        CliError::not_found(format!("no RADIUS client is listed for {own}, from where this test asks; {remedy}"))
    };
    Ok(client.ok_or_else(missing)?.secret)
}

/// The narrowest network first, as packets are judged.
fn by_width(mut clients: Vec<RadiusClient>) -> Vec<RadiusClient> {
    clients.sort_by_key(|client| std::cmp::Reverse(client.address.prefix_len()));
    clients
}

impl From<ProbeError> for CliError {
    fn from(error: ProbeError) -> Self {
        match error {
            ProbeError::TooLong(_) => Self::usage(error.to_string()),
            _ => Self::unreachable(error.to_string()),
        }
    }
}
