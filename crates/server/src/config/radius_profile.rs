//! Owns how people sign in at one RADIUS client: the keys of `[[radius.client]]` that are about the dialogue,
//! and which of them go together.

use domain::attempt::FrontDoor;
use domain::criteria::PrincipalEntry;
use domain::theme::ThemeName;

use super::choice::{RadiusFirstFactor, RadiusMode};
use super::parse::FromText;
use super::read::{Noted, Reader};
use super::schema::ROWS;

/// How people sign in at a client.
#[derive(Clone, Debug, Default)]
pub struct RadiusProfile {
    /// Which dialogue it can have. Default a challenge.
    pub mode: RadiusMode,
    /// Who checks the first factor. Default we do.
    pub first_factor: RadiusFirstFactor,
    /// The group in which challenges can be answered. Default one of its own.
    pub client_group: Option<String>,
    /// The theme people come in by. Default none.
    pub theme: Option<ThemeName>,
    /// What people read when the code is asked for. Default the provider's prompt.
    pub prompt: Option<String>,
    /// Octets of the longest text it can show. Default any.
    pub max_reply_length: Option<usize>,
    /// Whether it is believed about the person's address and device. Default no.
    pub is_believed: bool,
    /// Whether a sign-in on the pages lets people in. Default no.
    pub front_door: FrontDoor,
    /// What members of groups are given. Default nothing.
    pub grants: Vec<Grant>,
}

/// What members of a group are given when they come in.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The group, or a user.
    pub to: PrincipalEntry,
    /// In which attribute.
    pub by: GrantedBy,
    /// What stands there, 1 to 253 octets.
    pub text: String,
}

/// The attributes by which clients take grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantedBy {
    /// Class.
    Class,
    /// Filter-Id.
    FilterId,
}

/// The words for [`FrontDoor`].
pub(super) const FRONT_DOOR_NAMES: &[&str] = &["no", "same-address", "any-source"];

impl FromText for FrontDoor {
    fn from_text(text: &str) -> Result<Self, &'static str> {
        match text {
            "no" => Ok(Self::Closed),
            "same-address" => Ok(Self::SameAddress),
            "any-source" => Ok(Self::AnySource),
            _ => Err("is none of the allowed words"),
        }
    }
}

impl FromText for ThemeName {
    fn from_text(text: &str) -> Result<Self, &'static str> {
        Self::parse(text).map_err(|_| "is no name of a theme")
    }
}

impl FromText for Grant {
    fn from_text(text: &str) -> Result<Self, &'static str> {
        let (group, given) = text.rsplit_once("->").ok_or("has no -> between group and attribute")?;
        let (attribute, text) = given.split_once('=').ok_or("has no = between attribute and text")?;
        let group = group.trim();
        let is_sid = group.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("S-1-"));
        let (account, sid) = if is_sid { (None, Some(group)) } else { (Some(group), None) };
        let to = PrincipalEntry::parse(account, sid).map_err(|_| "names no group")?;
        let by = match attribute.trim().to_ascii_lowercase().as_str() {
            "class" => GrantedBy::Class,
            "filter-id" => GrantedBy::FilterId,
            _ => return Err("names another attribute than Filter-Id and Class"),
        };
        let text = String::from_text(text.trim())?;
        if text.is_empty() || text.len() > MOST_OCTETS {
            return Err("has a text that is empty or longer than 253 octets");
        }
        Ok(Self { to, by, text })
    }
}

/// Reads the keys of a row that are about the dialogue.
pub(super) fn read(reader: &mut Reader<'_>, row: usize) -> Result<RadiusProfile, Noted> {
    let path = |name: &str| format!("{ROWS}[{row}].{name}");
    let (mode, first_factor) = (reader.required(&path("mode")), reader.required(&path("first_factor")));
    let (client_group, theme) = (reader.optional(&path("client_group")), reader.optional(&path("theme")));
    let (prompt, grants) = (reader.optional(&path("prompt")), reader.required(&path("groups")));
    let max_reply_length = reader.optional_whole(&path("max_reply_length"));
    let (is_believed, front_door) = (reader.required(&path("assert_client")), reader.required(&path("front_door")));
    let profile = RadiusProfile {
        mode: mode?,
        first_factor: first_factor?,
        client_group: client_group?,
        theme: theme?,
        prompt: prompt?,
        max_reply_length: max_reply_length?,
        is_believed: is_believed?,
        front_door: front_door?,
        grants: grants?,
    };
    if let Err((key, what, remedy)) = check(&profile) {
        reader.refuse(&path(key), what, remedy);
    }
    Ok(profile)
}

/// The key, what is wrong with it, and what to do about it.
type Refusal = (&'static str, &'static str, &'static str);

/// What does not go together.
fn check(profile: &RadiusProfile) -> Result<(), Refusal> {
    let RadiusProfile { mode, first_factor, front_door, .. } = profile;
    let is_vouched = *first_factor == RadiusFirstFactor::None;
    match (front_door, mode) {
        (_, RadiusMode::PasswordAndCode) if is_vouched => {
            let what = "leaves no password that could stand before the code";
            Err(("first_factor", what, "take mode = \"challenge\" or \"code\", or have the password checked here"))
        }
        (FrontDoor::Closed, RadiusMode::Code) if profile.client_group.is_none() => {
            let what = "is missing: no code could ever be good there";
            Err(("client_group", what, "name the group in which people begin, such as client_group = \"web\""))
        }
        (FrontDoor::Closed, _) => Ok(()),
        (_, RadiusMode::Challenge | RadiusMode::PasswordAndCode) => {
            Err(("front_door", "opens only with mode = \"code\"", "set that mode, or front_door = \"no\""))
        }
        (FrontDoor::SameAddress, _) if !profile.is_believed => {
            let what = "needs to know where people are";
            Err(("front_door", what, "set assert_client = true, if the client names their address"))
        }
        (FrontDoor::AnySource, _) if !is_vouched => {
            let what = "would let in whoever knows a name";
            Err(("front_door", what, "only where the client checks passwords: set first_factor = \"none\""))
        }
        _ => Ok(()),
    }
}

const MOST_OCTETS: usize = 253;
