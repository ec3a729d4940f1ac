//! `otpost radius test`: the dialogue of one sign-in, as the mode of the client has it.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use domain::secret::Secret;

use super::{by_width, reachable};
use crate::cli::error::CliError;
use crate::cli::{Context, secret_input};
use crate::config::{self, RadiusClient, RadiusMode};
use crate::os::OsRandom;
use crate::radius::probe::{Probe, ProbeError, Question, Said};

/// Whom to sign in, and where.
#[derive(clap::Args)]
pub(in crate::cli) struct Test {
    /// The user.
    user: String,
    /// The server; the first address of `radius.listen`, if not given.
    #[arg(long, value_name = "ADDR")]
    server: Option<SocketAddr>,
    /// A file with the shared secret; that of the client with this machine's address, if not given.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// How the server has it that people sign in: challenge, password+code or code. As the client with this
    /// machine's address, if neither this nor a secret is given; else challenge.
    #[arg(long, value_name = "MODE", value_parser = mode)]
    mode: Option<RadiusMode>,
}

/// What the server knows of us.
struct Gear {
    shared: Secret,
    mode: RadiusMode,
}

/// Somebody on their way in.
struct Dialogue<'a> {
    context: &'a Context,
    probe: Probe,
    shared: Secret,
    user: &'a str,
}

pub(super) fn run(context: &Context, asked: &Test) -> Result<(), CliError> {
    let radius = context.load()?.radius;
    let probe = Probe::new(server(asked, &radius)?)?;
    let gear = gear(asked, radius, probe.local_address()?)?;
    let dialogue = Dialogue { context, probe, shared: gear.shared, user: &asked.user };
    match asked.mode.unwrap_or(gear.mode) {
        RadiusMode::Challenge => dialogue.challenge(),
        RadiusMode::PasswordAndCode => dialogue.password_and_code(),
        RadiusMode::Code => dialogue.last(&secret_input::read_line("code")?, None),
    }
}

impl Dialogue<'_> {
    /// The password, and when it is asked for the code.
    fn challenge(&self) -> Result<(), CliError> {
        let (state, prompt) = match self.ask(&secret_input::read_line("password")?, None)? {
            Said::Accept => return self.line("accepted without a code"),
            Said::Challenge { state, prompt } => (state, prompt),
            Said::Reject(why) => return Err(refused(&why)),
        };
        self.line(&format!("challenged: {prompt}"))?;
        self.last(&secret_input::read_line("code")?, Some(&state))
    }

    /// The password, which mails the code and is turned away; then both in one field.
    fn password_and_code(&self) -> Result<(), CliError> {
        let password = secret_input::read_line("password")?;
        let said = self.ask(&password, None)?;
        let is_refusal = said.is_refusal();
        match said {
            Said::Accept => return self.line("accepted without a code"),
            Said::Challenge { .. } => {
                return Err(CliError::no("challenged: this client has mode challenge at the server"));
            }
            Said::Reject(why) if is_refusal => return Err(refused(&why)),
            Said::Reject(why) => self.line(&format!("turned away: {why}"))?,
        }
        let code = secret_input::read_line("code")?;
        self.last(&Secret::new(format!("{}{}", password.expose(), code.expose())), None)
    }

    /// After this it is yes or no.
    fn last(&self, typed: &Secret, state: Option<&[u8]>) -> Result<(), CliError> {
        match self.ask(typed, state)? {
            Said::Accept => self.line("accepted"),
            Said::Challenge { prompt, .. } => Err(CliError::no(format!("challenged again: {prompt}"))),
            Said::Reject(why) => Err(refused(&why)),
        }
    }

    fn ask(&self, typed: &Secret, state: Option<&[u8]>) -> Result<Said, CliError> {
        let question = Question { shared: &self.shared, user: self.user, typed, state };
        Ok(self.probe.ask(&OsRandom, &question)?)
    }

    fn line(&self, text: &str) -> Result<(), CliError> {
        self.context.out.line(text)
    }
}

/// Where to ask; a server that listens everywhere is asked on loopback.
fn server(asked: &Test, radius: &config::Radius) -> Result<SocketAddr, CliError> {
    let missing = || CliError::configuration("radius.listen is empty; set it, or say --server ADDRESS:PORT");
    asked.server.or(radius.listen.first().copied()).map(reachable).ok_or_else(missing)
}

fn gear(asked: &Test, radius: config::Radius, own: IpAddr) -> Result<Gear, CliError> {
    if let Some(file) = &asked.secret_file {
        return Ok(Gear { shared: read(file)?, mode: RadiusMode::default() });
    }
    let is_asked_from = |client: &RadiusClient| client.certificate_name.is_none() && client.address.contains(&own);
    let client = by_width(radius.clients).into_iter().find(is_asked_from);
    let missing = || {
        let remedy = "add a [[radius.client]] for it, or say --secret-file FILE";
        CliError::not_found(format!("no RADIUS client is listed for {own}, from where this test asks; {remedy}"))
    };
    client.map(|client| Gear { shared: client.secret, mode: client.profile.mode }).ok_or_else(missing)
}

fn read(file: &Path) -> Result<Secret, CliError> {
    let unreadable = |error| CliError::usage(format!("--secret-file {}: {error}", file.display()));
    let line = zeroize::Zeroizing::new(std::fs::read_to_string(file).map_err(unreadable)?);
    Ok(Secret::new(line.trim_end_matches(['\r', '\n'])))
}

fn mode(word: &str) -> Result<RadiusMode, String> {
    let all = [RadiusMode::Challenge, RadiusMode::PasswordAndCode, RadiusMode::Code];
    let unknown = || format!("is none of {}", RadiusMode::NAMES.join(", "));
    all.into_iter().find(|mode| mode.as_str() == word).ok_or_else(unknown)
}

fn refused(why: &str) -> CliError {
    CliError::no(format!("refused: {why}"))
}

impl From<ProbeError> for CliError {
    fn from(error: ProbeError) -> Self {
        match error {
            ProbeError::TooLong(_) => Self::usage(error.to_string()),
            _ => Self::unreachable(error.to_string()),
        }
    }
}
