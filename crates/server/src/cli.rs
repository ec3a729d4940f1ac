//! The command line: noun, verb, one file each. Exit codes are part of the contract.

mod admin;
mod api_key;
mod config;
mod demo;
mod directory;
mod doctor;
mod error;
mod healthcheck;
mod init;
mod keys;
mod mail;
mod migrate;
mod output;
mod policy;
mod radius;
mod secret_input;
mod serve;
mod theme;
mod user;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Parser, Subcommand, ValueEnum};

use crate::app::App;
use crate::boot;
use crate::config::{self as configuration, Config, Source};
use crate::manage::By;
use error::CliError;
use output::Output;

/// One-time passwords, by post: a second factor by e-mail for sign-ins that already exist.
#[derive(Parser)]
#[command(name = "otpost", version, disable_help_subcommand = true, after_help = EXIT_CODES)]
struct Cli {
    /// Configuration file.
    #[arg(long, global = true, env = "OTPOST_CONFIG", value_name = "FILE", value_parser = file_name())]
    config: Option<PathBuf>,
    /// How answers are written.
    #[arg(long, global = true, value_enum, default_value = "table")]
    output: OutputFormat,
    /// Do not ask back.
    #[arg(long, global = true)]
    yes: bool,
    #[command(subcommand)]
    verb: Verb,
}

/// How answers are written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OutputFormat {
    /// One JSON value.
    Json,
    /// Columns for people.
    Table,
}

#[derive(Subcommand)]
enum Verb {
    /// Administrators.
    #[command(subcommand)]
    Admin(admin::Admin),
    /// API keys.
    #[command(subcommand)]
    ApiKey(api_key::ApiKey),
    /// The configuration: check it, show it, explain every key.
    #[command(subcommand)]
    Config(config::ConfigVerb),
    /// The whole product on made-up data, on this machine alone.
    Demo(demo::Demo),
    /// Looks at everything the server needs and says what is wrong; changes nothing.
    Doctor,
    /// Asks the running server whether it is ready.
    Healthcheck,
    /// Writes a first configuration, makes a key and a database.
    Init(init::Init),
    /// Directories of users: LDAP and Active Directory.
    #[command(subcommand)]
    Directory(directory::Directory),
    /// The key file.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Mail.
    #[command(subcommand)]
    Mail(mail::Mail),
    /// Brings the database to this version's schema.
    Migrate,
    /// Who is asked for a code, and why.
    #[command(subcommand)]
    Policy(policy::Policy),
    /// RADIUS: who may ask, and asking as network gear does.
    #[command(subcommand)]
    Radius(radius::Radius),
    /// Runs the server.
    Serve,
    /// Themes: the entrances at which people sign in.
    #[command(subcommand)]
    Theme(theme::ThemeVerb),
    /// Users and their enrollments.
    #[command(subcommand)]
    User(user::User),
    /// Says which version this is.
    Version,
}

/// What every verb may need.
struct Context {
    path: Option<PathBuf>,
    out: Output,
    yes: bool,
}

/// Reads the command line, runs it, and answers with the exit code of the contract.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are printed, everything else is a usage error.
            drop(error.print());
            return ExitCode::from(if error.use_stderr() { error::USAGE } else { 0 });
        }
    };
    let context = Context { path: cli.config, out: Output::new(cli.output == OutputFormat::Json), yes: cli.yes };
    match run(&context, cli.verb) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&error.to_string());
            ExitCode::from(error.exit)
        }
    }
}

/// A file that is named; an empty name would be said to be `--config`, where it may be the variable's.
fn file_name() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().try_map(|text| {
        if text.is_empty() { Err("name a file, or unset OTPOST_CONFIG") } else { Ok(PathBuf::from(text)) }
    })
}

fn run(context: &Context, verb: Verb) -> Result<(), CliError> {
    match verb {
        Verb::Admin(verb) => context.with_app(async |app| admin::run(&app, context, verb).await),
        Verb::ApiKey(verb) => context.with_app(async |app| api_key::run(&app, context, verb).await),
        Verb::Config(verb) => config::run(context, &verb),
        Verb::Demo(demo) => block_on(demo::run(demo)),
        Verb::Doctor => block_on(doctor::run(context)),
        Verb::Healthcheck => healthcheck::run(context),
        Verb::Init(init) => init::run(context, &init),
        Verb::Keys(verb) => keys::run(context, &verb),
        Verb::Directory(verb) => context.with_app(async |app| directory::run(&app, context, verb).await),
        Verb::Mail(verb) => context.with_app(async |app| mail::run(&app, context, verb).await),
        Verb::Migrate => block_on(migrate::run(context)),
        Verb::Policy(verb) => context.with_app(async |app| policy::run(&app, context, verb).await),
        Verb::Radius(verb) => radius::run(context, &verb),
        Verb::Serve => block_on(serve::run(context.load()?)),
        Verb::Theme(verb) => context.with_app(async |app| theme::run(&app, context, verb).await),
        Verb::User(verb) => context.with_app(async |app| user::run(&app, context, verb).await),
        Verb::Version => context.out.line(&format!("otpost {}", env!("CARGO_PKG_VERSION"))),
    }
}

impl Context {
    /// The configuration. The usual file may be missing; one that was named may not.
    fn load(&self) -> Result<Config, CliError> {
        Ok(Config::load(self.source(), configuration::process_environment())?)
    }

    fn source(&self) -> Source<'_> {
        match &self.path {
            Some(path) => Source::Named(path),
            None => Source::Usual(Path::new(configuration::DEFAULT_FILE)),
        }
    }

    /// Runs a verb that needs the database and the keys, but no listener.
    fn with_app(&self, verb: impl AsyncFnOnce(App) -> Result<(), CliError>) -> Result<(), CliError> {
        let config = self.load()?;
        block_on(async {
            let (app, _) = boot::open(config, None).await?;
            verb(app).await
        })
    }

    /// Asks back before something that cannot be undone.
    fn confirm(&self, question: &str) -> Result<(), CliError> {
        if self.yes || secret_input::confirm(question)? { Ok(()) } else { Err(CliError::no("nothing was changed")) }
    }
}

/// The command line in the audit trail.
fn by(action: &str) -> By {
    By { actor: "command line".to_owned(), action: action.to_owned(), ..By::default() }
}

fn block_on<T>(work: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| CliError::unreachable(format!("cannot start threads: {error}")))?;
    let outcome = runtime.block_on(work);
    // Hashing threads and idle connections must not hold the process.
    runtime.shutdown_background();
    outcome
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 the answer is no, 2 usage, 3 configuration, 4 a peer or the database \
    cannot be reached, 5 not permitted, 6 not found, 7 conflict.";
