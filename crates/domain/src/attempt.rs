//! An attempt: what a protocol hands to the one use case. Every door speaks these words.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use crate::challenge::ChallengeId;
use crate::code::Code;
use crate::criteria::{Label, Os};
use crate::name::{RealmName, UserName};
use crate::request_key::RequestKey;
use crate::secret::Secret;

/// Who, proving what, from where.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// Who it is about.
    pub who: Who,
    /// What was given as proof.
    pub proof: Proof,
    /// Who asks on their behalf.
    pub client: Client,
}

/// Whom an attempt is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// What cannot be a name, as it was typed: nobody is called that.
    Nobody(String),
    /// One enrollment, by its serial.
    Serial(String),
    /// A user, in a realm or in the default one.
    User {
        /// The name, without its realm.
        name: UserName,
        /// The realm, if one was named.
        realm: Option<RealmName>,
        /// Their enrollment to use, if only one will do.
        serial: Option<String>,
    },
}

/// What is given as proof.
#[derive(Debug, Clone)]
pub enum Proof {
    /// The answer to a challenge.
    Answer {
        /// Which one; `None` for a text that cannot be an id.
        challenge: Option<ChallengeId>,
        /// What was typed.
        typed: Secret,
    },
    /// The answer to a challenge, by a client that shows no more than that somebody knows it.
    AnswerShown {
        /// Which one; `None` for a text that cannot be an id.
        challenge: Option<ChallengeId>,
        /// What shows it.
        response: Response,
    },
    /// The caller has checked the first factor and asks what follows: a code, or none where a rule says so.
    Checked,
    /// A code and nothing before it, for whichever challenge is open; or nothing, by somebody who has signed
    /// in elsewhere.
    Code {
        /// The code, as it came; none where nothing came.
        given: Option<Given>,
        /// Whether having signed in on our pages opens this door.
        front_door: FrontDoor,
    },
    /// The first step: a PIN, a password, a PIN with a code behind it, or nothing.
    FirstStep {
        /// What was typed.
        typed: Secret,
    },
    /// The caller has checked the first factor and may say so.
    Vouched,
}

/// How a code comes.
#[derive(Debug, Clone)]
pub enum Given {
    /// By something that follows from it.
    Response(Response),
    /// As it was typed.
    Typed(Secret),
}

/// What follows from a text that somebody typed, as CHAP has it: it can be held against a guess, and tells
/// nothing else.
#[derive(Clone)]
pub struct Response(Arc<dyn Fn(&Code) -> bool + Send + Sync>);

/// Whether having passed a code on our pages lets somebody in at another door, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FrontDoor {
    /// Also where nothing is known of the address; what is known must be the same.
    AnySource,
    /// It does not.
    #[default]
    Closed,
    /// From the same address alone.
    SameAddress,
}

impl Response {
    /// By what tells whether a code is the one.
    pub fn new(fits: impl Fn(&Code) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(fits))
    }

    /// Whether this code was typed.
    pub fn fits(&self, code: &Code) -> bool {
        self.0(code)
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[response]")
    }
}

/// Who asks, and what they may say about the person behind them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Clients of one group may answer each other's challenges.
    pub group: String,
    /// What the audit calls this client.
    pub label: String,
    /// Address of the end user, as far as we believe it.
    pub address: Option<IpAddr>,
    /// What is known of the end user's device, for the criteria.
    pub device: Device,
    /// Who reads the answer.
    pub audience: Audience,
    /// The theme they came in by, by its name; none where the door has none.
    pub theme: Option<String>,
    /// The request, in log and audit.
    pub request_id: String,
    /// What the client names the request by, if it does; its copies bear the same name.
    pub request_key: Option<RequestKey>,
}

/// What is known of the device of the end user. Nothing stands for not known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Device {
    /// Its address. That of a program which asks on somebody's behalf is not it.
    pub address: Option<IpAddr>,
    /// The gateway that the connection came through.
    pub gateway: Option<IpAddr>,
    /// The hardware id.
    pub hardware_id: Option<Label>,
    /// The device name.
    pub name: Option<Label>,
    /// The operating system.
    pub os: Option<Os>,
}

/// Who reads the answer: what a refusal may look like hangs on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Audience {
    /// The person signing in, on pages of our own: who only guesses is asked for a code too.
    Person,
    /// A program with a protocol of its own, in which a refusal is a refusal.
    #[default]
    Program,
}
