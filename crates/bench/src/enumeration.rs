//! Whether the time of an answer tells who exists, who is enrolled or which password is right: guesses of two
//! kinds in turns, each about somebody whom nobody has asked for before.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::Duration;

use domain::enrollment::PinHash;
use domain::provider::{FirstFactor, Provider, ShowInformation, UserEnrollment};
use domain::secret::Secret;
use domain::theme::Theme;
use otpost::app::App;
use otpost::boot;
use otpost::config::{Config, Source};
use otpost::manage::{self, About, By, ManageError};
use otpost::store::accounts::{self, Account};
use otpost::store::themes::{self, StoredTheme};
use otpost::store::{Statement, enrollments};

use crate::client::Client;
use crate::meter::{self, now};
use crate::postgres::Postgres;
use crate::server::{self, Database, Server};
use crate::smtp_sink::{self, Codes};

/// How many guesses, at which server.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The binary that is asked.
    #[arg(long, default_value = "target/release/otpost")]
    binary: PathBuf,
    /// Guesses of each kind and row.
    #[arg(long, default_value_t = 2000)]
    guesses: usize,
    /// On a private `PostgreSQL` instead of a `SQLite` file.
    #[arg(long)]
    postgres: bool,
}

/// Where a guess is made.
#[derive(Clone, Copy)]
enum Door {
    Check,
    Pages,
}

/// Whom a guess is about, and whether it is right.
#[derive(Clone, Copy)]
enum Guess {
    EnrolledRight,
    EnrolledWrong,
    Nobody,
    Unenrolled,
}

/// Makes all guesses and prints a row for each pair of kinds.
pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let sink = smtp_sink::start(Codes::default()).await?;
    let cluster = if options.postgres { Some(Postgres::start()?) } else { None };
    let database = match &cluster {
        Some(cluster) => Database::Url(cluster.create("otpost")?),
        None => Database::File,
    };
    // One user of its own brings realm and relay along.
    let server = Server::start(&options.binary, &database, 1, sink, None).await?;
    move_in(&server, options.guesses).await?;
    // The server sees other people's changes within a second.
    tokio::time::sleep(Duration::from_secs(2)).await;
    println!("{} guesses of each kind in each row, one at a time, in turns", options.guesses);
    println!("| at | these | those | median of these / those ms | AUC |");
    println!("| --- | --- | --- | --- | --- |");
    let mut telling = 0;
    for (number, (door, these, those)) in ROWS.into_iter().enumerate() {
        let [mut a, mut b] = take_turns(&server, options.guesses, (number, door, [these, those])).await?;
        let auc = area(&mut a, &mut b);
        let median = |times| meter::millis(meter::percentile(times, 50));
        let (a, b) = (median(&mut a), median(&mut b));
        println!("| {} | {} | {} | {a} / {b} | {auc:.3} |", door.name(), these.name(), those.name());
        telling += usize::from(!(0.45..=0.55).contains(&auc));
    }
    anyhow::ensure!(
        telling == 0,
        "{telling} rows can be told apart by their times: the AUC is not within 0.45 to 0.55"
    );
    Ok(())
}

/// Times of the guesses of both kinds. Which is first changes from pair to pair.
async fn take_turns(
    server: &Server,
    guesses: usize,
    (row, door, kinds): (usize, Door, [Guess; 2]),
) -> anyhow::Result<[Vec<Duration>; 2]> {
    let mut client = Client::new(server.address, true);
    let mut times = [Vec::with_capacity(guesses), Vec::with_capacity(guesses)];
    for pair in 0..guesses {
        let is_swapped = pair.wrapping_mul(0x9e37_79b9).count_ones() % 2 == 1;
        let [first, second] = kinds;
        let mut turns = [(0, first), (1, second)];
        if is_swapped {
            turns.reverse();
        }
        for (kind, guess) in turns {
            let took = door.knock(&mut client, guess, row * guesses + pair).await?;
            if let Some(times) = times.get_mut(kind) {
                times.push(took);
            }
        }
    }
    Ok(times)
}

/// The chance that a time of the first took longer than one of the second, ties by half: 0.5 tells nothing.
fn area(first: &mut [Duration], second: &mut [Duration]) -> f64 {
    first.sort_unstable();
    second.sort_unstable();
    let beaten = |time: &Duration| {
        let less = second.partition_point(|other| other < time);
        let not_more = second.partition_point(|other| other <= time);
        count(less + not_more) / 2.0
    };
    first.iter().map(beaten).sum::<f64>() / (count(first.len()) * count(second.len())).max(1.0)
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

impl Door {
    const fn name(self) -> &'static str {
        match self {
            Self::Check => "`/validate/check`",
            Self::Pages => "the pages",
        }
    }

    /// One guess from a network of its own; answers how long it took.
    async fn knock(self, client: &mut Client, guess: Guess, number: usize) -> anyhow::Result<Duration> {
        let number = u32::try_from(number)?;
        let (name, password) =
            (guess.about(number), if matches!(guess, Guess::EnrolledRight) { RIGHT } else { "wrong" });
        let began = now();
        let status = match self {
            Self::Check => {
                let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
                client.post_for(here, "/validate/check", &format!("user={name}&pass={password}")).await?
            }
            Self::Pages => {
                let browser = IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 | number));
                client.post_for(browser, "/signin", &format!("name={name}&password={password}")).await?
            }
        };
        let took = began.elapsed();
        let expected = if matches!(self, Self::Check) { 200 } else { 303 };
        anyhow::ensure!(status == expected, "{name} was answered with {status}");
        Ok(took)
    }
}

impl Guess {
    const fn name(self) -> &'static str {
        match self {
            Self::EnrolledRight => "enrolled, right password",
            Self::EnrolledWrong => "enrolled, wrong password",
            Self::Nobody => "nobody",
            Self::Unenrolled => "not enrolled, wrong password",
        }
    }

    /// Names of one length; each is guessed at once.
    fn about(self, number: u32) -> String {
        let kind = match self {
            Self::EnrolledRight => 'r',
            Self::EnrolledWrong => 'w',
            Self::Nobody => 'n',
            Self::Unenrolled => 'u',
        };
        format!("{kind}{number:07}")
    }
}

/// Everybody whom a guess is about; under "never", at both doors by their own password.
async fn move_in(server: &Server, guesses: usize) -> anyhow::Result<()> {
    let config = Config::load(Source::Named(&server::config_file(&server.folder)), std::iter::empty())?;
    let (app, _) = boot::open(config, None).await?;
    let by = By { actor: "bench".to_owned(), action: "set-up".to_owned(), ..By::default() };
    let change = |provider| {
        Ok::<_, ManageError>(Provider {
            first_factor: FirstFactor::UserStore,
            show_information: ShowInformation::Never,
            user_enrollment: UserEnrollment::Allow,
            ..provider
        })
    };
    manage::providers::edit(&app, &by, Provider::STANDARD, change).await?;
    let entrance = Theme { provider_id: Some(Provider::STANDARD), ..Theme::standard() };
    let entrance = StoredTheme::new(entrance, &by.actor, app.now());
    let mut statements = vec![themes::update(&entrance)];
    let password = app.hasher.hash(&Secret::new(RIGHT), "bench").await?;
    for number in 0..guesses * ROWS.len() {
        for kind in [Guess::EnrolledRight, Guess::EnrolledWrong, Guess::Unenrolled] {
            statements.extend(person(kind, u32::try_from(number)?, &password)?);
        }
        if statements.len() >= 1000 || number + 1 == guesses * ROWS.len() {
            write(&app, &by, std::mem::take(&mut statements)).await?;
        }
    }
    Ok(())
}

async fn write(app: &App, by: &By, statements: Vec<Statement>) -> anyhow::Result<()> {
    Ok(manage::apply(app, by, About::default(), statements).await?)
}

fn person(kind: Guess, number: u32, password: &PinHash) -> anyhow::Result<Vec<Statement>> {
    let name = kind.about(number);
    let account = Account {
        name: name.clone(),
        name_key: name.clone(),
        email: format!("{name}@bench.example"),
        password: Some(password.clone()),
        ..server::account(&format!("user-{name}"), 0)
    };
    let mut statements = vec![accounts::insert(&account)];
    if !matches!(kind, Guess::Unenrolled) {
        statements.push(enrollments::insert(&server::enrollment(&account, Some(password.clone()))?));
    }
    Ok(statements)
}

const ROWS: [(Door, Guess, Guess); 5] = [
    (Door::Pages, Guess::Nobody, Guess::EnrolledWrong),
    (Door::Pages, Guess::Unenrolled, Guess::EnrolledWrong),
    (Door::Pages, Guess::EnrolledRight, Guess::EnrolledWrong),
    (Door::Check, Guess::Nobody, Guess::EnrolledWrong),
    (Door::Check, Guess::Unenrolled, Guess::EnrolledWrong),
];

const RIGHT: &str = "right";
