//! `otpost policy …`

use std::net::IpAddr;

use clap::Subcommand;
use domain::attempt::{Audience, Client, Device, Who};
use domain::criteria::{InvalidMember, Label, Os};
use domain::name::{InvalidName, Login, RealmName};
use domain::provider::FirstFactor;
use domain::verdict::Refusal;

use super::Context;
use super::error::CliError;
use super::user::check_realm;
use crate::app::App;
use crate::auth::explain::{Explained, explain};

/// Who is asked for a code, and why.
#[derive(Subcommand)]
pub(super) enum Policy {
    /// Says in plain words why somebody is asked for a code, or not, and what they would see.
    Explain(Question),
}

/// Whom, and from where. What is not given counts as not known.
#[derive(clap::Args)]
pub(super) struct Question {
    /// The name, or name@realm.
    name: String,
    /// The realm; the default one, if not given.
    #[arg(long)]
    realm: Option<String>,
    /// Address of the client.
    #[arg(long)]
    address: Option<IpAddr>,
    /// Address of the gateway.
    #[arg(long)]
    gateway: Option<IpAddr>,
    /// Operating system of the client, for instance windows.
    #[arg(long)]
    os: Option<String>,
    /// Device name of the client.
    #[arg(long)]
    device: Option<String>,
    /// The theme they come in by.
    #[arg(long)]
    theme: Option<String>,
    /// Hardware id of the client.
    #[arg(long)]
    hardware_id: Option<String>,
}

pub(super) async fn run(app: &App, context: &Context, verb: Policy) -> Result<(), CliError> {
    let Policy::Explain(question) = verb;
    if let Some(realm) = &question.realm {
        check_realm(app, realm)?;
    }
    if let Some(theme) = question.theme.as_deref().filter(|theme| app.settings().theme(theme).is_none()) {
        return Err(CliError::not_found(format!("there is no theme {theme}; otpost theme list")));
    }
    let client = client(&question)?;
    let explained = explain(app, &who(app, &question)?, &client).await?;
    context.out.line(&words(&question, &explained))
}

fn who(app: &App, question: &Question) -> Result<Who, CliError> {
    let settings = app.settings();
    let named = |error: InvalidName| CliError::usage(format!("the name: {error}"));
    let exists = |realm: &RealmName| settings.realm(Some(realm)).is_some();
    let login = Login::parse(&question.name, exists).map_err(named)?;
    let realm = question.realm.as_deref().map(RealmName::parse).transpose().map_err(named)?;
    Ok(Who::User { name: login.user, realm: realm.or(login.realm), serial: None })
}

fn client(question: &Question) -> Result<Client, CliError> {
    let label = |option: &str, text: &Option<String>| {
        let refuse = |error: InvalidMember| CliError::usage(format!("{option}: {error}"));
        text.as_deref().map(Label::parse).transpose().map_err(refuse)
    };
    let known = || Os::ALL.map(Os::as_str).join(", ");
    let os = question.os.as_deref().map(|name| {
        Os::parse(name).ok_or_else(|| CliError::usage(format!("--os: there is no {name}; there are: {}", known())))
    });
    Ok(Client {
        group: String::new(),
        label: "command line".to_owned(),
        address: question.address,
        device: Device {
            address: question.address,
            gateway: question.gateway,
            hardware_id: label("--hardware-id", &question.hardware_id)?,
            name: label("--device", &question.device)?,
            os: os.transpose()?,
        },
        audience: Audience::Person,
        theme: question.theme.clone(),
        request_id: String::new(),
        request_key: None,
    })
}

fn words(question: &Question, explained: &Explained) -> String {
    let Explained { provider, asked, right, wrong, .. } = explained;
    let (name, stranger) = (&question.name, explained.turned_away.map_or(String::new(), |why| stranger(question, why)));
    let right = right.map_or("they are signed in".to_owned(), |course| course.to_string());
    let (first, the_right, a_wrong) = first_factor(explained);
    format!(
        "{name} is served by the provider {provider}.{stranger}\n{asked}\nFirst comes {first}.\n\
         After {the_right}: {right}.\nAfter {a_wrong}: {wrong}."
    )
}

/// Why somebody is nobody at this door.
fn stranger(question: &Question, why: Refusal) -> String {
    let theme = question.theme.as_deref().unwrap_or_default();
    match why {
        Refusal::Barred => " The directory does not let them in; who is barred is treated so.".to_owned(),
        Refusal::NotAdmitted => format!(" They are not on the list of the theme {theme}; who is not is treated so."),
        Refusal::UnknownTheme => {
            format!(" The theme {theme} is off or without provider, so that nobody comes in; all are treated so.")
        }
        _ => " There is no such user; strangers are treated so.".to_owned(),
    }
}

/// What comes first, a right one, and a wrong one.
fn first_factor(explained: &Explained) -> (&'static str, &'static str, &'static str) {
    match explained.first_factor {
        FirstFactor::None => ("nothing: whoever asks has checked a password before", EMPTY, ANY_OTHER),
        FirstFactor::TokenPin if explained.takes_empty => {
            ("nothing that proves who it is: there is an enrollment without a PIN", EMPTY, ANY_OTHER)
        }
        FirstFactor::TokenPin => ("the PIN of an enrollment", "a right PIN", "a wrong PIN"),
        FirstFactor::UserStore => ("the password", "a right password", "a wrong password"),
    }
}

const EMPTY: &str = "an empty password";
const ANY_OTHER: &str = "any other";
