//! The description of every HTTP call, written once: the document and the page about it are
//! both made from these tables. Knows no HTTP framework; a test holds it to the routes.

mod audit;
mod document;
mod example;
mod health;
mod param;
mod policies;
mod ras_admins;
mod ras_criteria;
mod ras_mailbox;
mod ras_mfa;
mod ras_session;
mod ras_sites;
mod ras_themes;
mod realms;
mod relays;
mod settings;
mod signing_in;
mod tokens;
mod users;

use crate::api_key::Scope;
pub use document::document;
pub use example::curl;
pub use param::{Kind, Param, Place};

/// Calls that belong together.
#[derive(Debug)]
pub struct Group {
    /// What they are about.
    pub title: &'static str,
    /// In a sentence.
    pub about: &'static str,
    /// Which listener answers them.
    pub listener: Listener,
    /// The calls.
    pub operations: &'static [Operation],
}

/// Which listener answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listener {
    /// `manage.listen`
    Manage,
    /// `http.listen`
    Public,
}

/// One method of one path.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// The method.
    pub method: Method,
    /// The path; `{name}` stands for a parameter.
    pub path: &'static str,
    /// What it does, in a line without a full stop.
    pub summary: &'static str,
    /// What else there is to know; may be empty.
    pub notes: &'static str,
    /// What the caller needs.
    pub right: Right,
    /// Parameters.
    pub params: &'static [Param],
    /// What it answers.
    pub answer: Answer,
    /// What `answer` means.
    pub meaning: &'static str,
}

/// A method of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Removes.
    Delete,
    /// Reads.
    Get,
    /// Does.
    Post,
    /// Changes.
    Put,
}

/// What a caller needs.
#[derive(Debug, Clone, Copy)]
pub enum Right {
    /// An administrator's token, or a key with all of these scopes.
    All(&'static [Scope]),
    /// An administrator's token, or a key with one of these scopes.
    Any(&'static [Scope]),
    /// An administrator's session at the Parallels RAS interface, and this.
    Session(&'static str),
    /// An address in `validate.allow`, or a key with the scope `validate:check`.
    Check,
    /// Nothing.
    Nothing,
}

/// What a successful call answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// A new thing as JSON object, and where it is.
    Created,
    /// A file of comma-separated values.
    Csv,
    /// The envelope with a whole number.
    Count,
    /// Nothing: it is done.
    Done,
    /// The envelope with the outcome of a sign-in.
    Judged,
    /// The envelope with a list of objects.
    List,
    /// The envelope with an object.
    Object,
    /// A JSON object without envelope.
    Plain,
    /// A JSON array without envelope.
    PlainList,
    /// The envelope of a health check.
    State,
    /// The envelope with a text.
    Text,
    /// The envelope with a text or null.
    TextOrNull,
    /// Metrics as `OpenMetrics` text.
    Metrics,
    /// The envelope with a truth value.
    Truth,
}

/// All calls, grouped, in reading order.
pub const GROUPS: [Group; 18] = [
    signing_in::GROUP,
    tokens::GROUP,
    users::GROUP,
    realms::GROUP,
    relays::GROUP,
    settings::GROUP,
    policies::GROUP,
    audit::GROUP,
    ras_session::GROUP,
    ras_admins::GROUP,
    ras_sites::GROUP,
    ras_themes::GROUP,
    ras_mailbox::GROUP,
    ras_mfa::GROUP,
    ras_criteria::OF_PROVIDERS,
    ras_criteria::OF_SITES,
    health::GROUP,
    health::MANAGE,
];

impl Operation {
    const fn new(method: Method, path: &'static str, summary: &'static str, right: Right) -> Self {
        let answer = Answer::Truth;
        Self { method, path, summary, notes: "", right, params: &[], answer, meaning: "" }
    }

    const fn get(path: &'static str, summary: &'static str, right: Right) -> Self {
        Self::new(Method::Get, path, summary, right)
    }

    const fn post(path: &'static str, summary: &'static str, right: Right) -> Self {
        Self::new(Method::Post, path, summary, right)
    }

    const fn put(path: &'static str, summary: &'static str, right: Right) -> Self {
        Self::new(Method::Put, path, summary, right)
    }

    const fn delete(path: &'static str, summary: &'static str, right: Right) -> Self {
        Self::new(Method::Delete, path, summary, right)
    }

    const fn noting(self, notes: &'static str) -> Self {
        Self { notes, ..self }
    }

    const fn with(self, params: &'static [Param]) -> Self {
        Self { params, ..self }
    }

    const fn gives(self, answer: Answer, meaning: &'static str) -> Self {
        Self { answer, meaning, ..self }
    }

    /// A name that no other call has, for links and for generated clients.
    pub fn id(&self) -> String {
        let words = self.path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let path = words.collect::<Vec<_>>().join("-");
        let slash = if self.path.ends_with('/') { "-all" } else { "" };
        format!("{}-{path}{slash}", self.method.as_str().to_lowercase())
    }

    /// Whether parameters outside the path travel in the body.
    pub fn has_body(&self) -> bool {
        let is_rare = self.is_parallels() && self.method == Method::Delete && self.given().next().is_some();
        matches!(self.method, Method::Post | Method::Put) || is_rare
    }

    /// Whether it belongs to the Parallels RAS interface.
    pub fn is_parallels(&self) -> bool {
        self.path.starts_with("/api/")
    }

    /// Whether its answer says so when the product is not ready.
    fn may_be_down(&self) -> bool {
        self.answer == Answer::State || ["/health/ready", "/healthz"].contains(&self.path)
    }

    /// Parameters outside the path.
    pub fn given(&self) -> impl Iterator<Item = &'static Param> {
        self.params.iter().filter(|param| param.place == Place::Given)
    }
}

impl Method {
    /// The method as HTTP writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "DELETE",
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

impl Right {
    /// What the caller needs, in words.
    pub fn in_words(&self) -> String {
        let names = |scopes: &[Scope], between: &str| {
            scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(between)
        };
        match self {
            Self::All(scopes) => format!("administrator, or API key with {}", names(scopes, " and ")),
            Self::Any(scopes) => format!("administrator, or API key with {}", names(scopes, " or ")),
            Self::Session(more) => format!("auth_token of {more}"),
            Self::Check => "address in validate.allow, or API key with validate:check".to_owned(),
            Self::Nothing => "nothing".to_owned(),
        }
    }
}

/// Reading what administrators see.
const READ: Right = Right::All(&[Scope::AdminRead]);
/// Changing what administrators change.
const WRITE: Right = Right::All(&[Scope::AdminWrite]);
/// Changing what touches stored secrets.
const WRITE_SECRETS: Right = Right::All(&[Scope::AdminWrite, Scope::Secrets]);
