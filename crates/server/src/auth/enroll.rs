//! Enrolling oneself: after a right password an address is chosen, a code goes there, and when it
//! comes back the address is stored. Until then nothing is, and nobody enrolls over an enrollment.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
mod place;

use domain::address::MailAddress;
use domain::attempt::{Attempt, Client, Proof, Who};
use domain::challenge::{ChallengeId, Purpose};
use domain::code::Code;
use domain::decide::{Choice, Course, Enrolled, Password, decide};
use domain::enrollment::{PinHash, Serial};
use domain::name::{RealmName, UserName};
use domain::secret::Secret;
use domain::verdict::{Accepted, AcceptedBy, Refusal, Verdict};
use hmac::Mac;

use super::answer::{self, Meant};
use super::open::{self, Opening, Recipient};
use super::resolve::{self, Person};
use super::{AuthError, Scene, facts};
use crate::app::App;
use crate::directory::Freshness;
use crate::store::StoreError;
use crate::store::command::{Change, Event};
use crate::store::enrolled;
use crate::store::enrollments::StoredEnrollment;
use crate::store::notices::{self, Arrival};

/// Somebody whose first factor was right a moment ago.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrollee {
    /// The stable identifier of the account; a new account of the same name is somebody else.
    pub user_id: String,
    /// What the password that was right is recognised by: with another one it must be proven again.
    pub proven_by: String,
    /// The name, as typed.
    pub name: UserName,
    /// The realm, if one was named.
    pub realm: Option<RealmName>,
    /// The theme they came in by.
    pub theme: String,
}

/// Which address somebody wants their codes at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The one in the directory, read at each sign-in.
    Listed,
    /// Another one.
    Other(MailAddress),
}

/// What somebody may enroll now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Which addresses.
    pub choice: Choice,
    /// The address in the directory.
    pub listed: Option<MailAddress>,
}

/// Says what somebody may enroll at this moment, or why nothing.
pub async fn offer(app: &App, enrollee: &Enrollee) -> Result<Result<Offer, Refusal>, AuthError> {
    let person = resolve::resolve(app, &enrollee.who(), Some(&enrollee.theme), Freshness::Recent).await?;
    Ok(check(app, enrollee, &person))
}

/// Mails a code to the address, or says why not. Asked again for the same address soon after, it is
/// the same code; for another address it never is.
pub async fn send(
    app: &App,
    enrollee: &Enrollee,
    wanted: &Wanted,
    client: &Client,
) -> Result<Result<ChallengeId, Refusal>, AuthError> {
    let person = resolve::resolve(app, &enrollee.who(), Some(&enrollee.theme), Freshness::Recent).await?;
    let attempt = attempt(enrollee, client, None, Secret::default());
    let scene = Scene { app, attempt: &attempt, person: &person, action: "POST /enroll" };
    let address = match check(app, enrollee, &person).and_then(|offer| offer.address(wanted)) {
        Ok(address) => address,
        Err(refusal) => return scene.refuse(refusal).await.map(|_| Err(refusal)),
    };
    let recipient = Recipient {
        // A challenge goes on only for the very address that its code went to.
        serial: scene.stand_in(wanted, &address),
        address: Some(address),
        relay: String::new(),
        code_length: person.provider.code_length,
    };
    let (subject, purpose) = (person.subject, Purpose::Enroll);
    let opening = Opening { subject, purpose, refund_pin: false, reason: "enroll-code" };
    Ok(open::write(&scene, opening, vec![recipient]).await?.map(|challenged| challenged.id))
}

/// Judges the code that came back. A right one enrolls the address and signs the person in.
pub async fn complete(
    app: &App,
    enrollee: &Enrollee,
    (id, wanted): (&ChallengeId, &Wanted),
    typed: &Secret,
    client: &Client,
) -> Result<Verdict, AuthError> {
    let person = resolve::resolve(app, &enrollee.who(), Some(&enrollee.theme), Freshness::Now).await?;
    let attempt = attempt(enrollee, client, Some(id), typed.clone());
    let scene = Scene { app, attempt: &attempt, person: &person, action: "POST /enroll/code" };
    let verdict = judge(&scene, enrollee, (id, wanted), typed).await?;
    app.metrics.count_verdict(&client.group, &verdict);
    Ok(verdict)
}

async fn judge(
    scene: &Scene<'_>,
    enrollee: &Enrollee,
    (id, wanted): (&ChallengeId, &Wanted),
    typed: &Secret,
) -> Result<Verdict, AuthError> {
    // Before the code is compared: a window that has closed costs no try.
    let address = match check(scene.app, enrollee, scene.person).and_then(|offer| offer.address(wanted)) {
        Ok(address) => address,
        Err(refusal) => return scene.refuse(refusal).await,
    };
    let Some(code) = Code::parse(typed.expose(), scene.person.provider.code_length) else {
        return scene.refuse(Refusal::WrongCode).await;
    };
    let meant = Meant { challenge: id, subject: scene.person.subject, purpose: Purpose::Enroll };
    match answer::judge(scene, meant, &code, AcceptedBy::Enrolled).await? {
        Verdict::Accept(accepted) => {
            let is_proven = accepted.serial.is_some_and(|serial| serial == scene.stand_in(wanted, &address));
            let outcome = if is_proven {
                store(scene, wanted, &address).await
            } else {
                scene.refuse(Refusal::ChallengeClosed).await
            };
            outcome.map_err(|error| AuthError::CodeUsed(Box::new(error)))
        }
        refused => Ok(refused),
    }
}

/// The address is proven: it is stored, unless another one was stored meanwhile.
async fn store(scene: &Scene<'_>, wanted: &Wanted, address: &MailAddress) -> Result<Verdict, AuthError> {
    let (app, person) = (scene.app, scene.person);
    let Some(account) = &person.account else {
        return scene.refuse(Refusal::UnknownUser).await;
    };
    let Some(place) = place::keep(person, wanted).await? else {
        return scene.refuse(Refusal::StorageOccupied).await;
    };
    let serial = Serial::new(&*app.random)?;
    let mut stored = StoredEnrollment::new(serial.clone(), &person.provider, app.settings().max_failures(), app.now());
    stored.user_id.clone_from(&account.id);
    stored.realm.clone_from(&person.realm_name);
    "enrolled by the person".clone_into(&mut stored.description);
    stored.enrollment.is_address_dynamic = place.address.is_none();
    stored.enrollment.address = place.address;
    let event = Event {
        outcome: "ok",
        reason: "enrolled".to_owned(),
        serials: serial.as_str().to_owned(),
        detail: format!("{} address, kept {}", wanted.source(), place.name),
        ..scene.event()?
    };
    let mut statements = account.hold();
    statements.extend(place.statement);
    statements.extend(enrolled::insert_first(&stored));
    statements.extend(notices::tell(&Arrival {
        id: notices::new_id(app.now(), &*app.random)?,
        user_id: &account.id,
        user_name: &account.name,
        address,
        provider_id: person.provider.id,
        at: app.now(),
    }));
    match app.store.change(Change { statements, event }).await {
        Ok(()) => Ok(Verdict::Accept(Accepted { serial: Some(serial), by: AcceptedBy::Enrolled, code: None })),
        Err(StoreError::NotFound) => scene.refuse(Refusal::AlreadyEnrolled).await,
        Err(error) => Err(error.into()),
    }
}

/// What the table says of somebody who is not enrolled and whose password was right.
fn check(app: &App, enrollee: &Enrollee, person: &Person) -> Result<Offer, Refusal> {
    let is_theirs = person.account.as_ref().is_some_and(|account| account.id == enrollee.user_id);
    if !is_theirs || mark_of_password(app, person) != enrollee.proven_by {
        return Err(Refusal::UnknownUser);
    }
    if !person.enrollments.is_empty() {
        return Err(Refusal::AlreadyEnrolled);
    }
    match decide(facts::situation(app, person, Enrolled::No, Password::Right)) {
        Course::Enroll(choice) => Ok(Offer { choice, listed: person.listed_address() }),
        Course::NoAddress => Err(Refusal::NoAddress),
        _ => Err(Refusal::EnrollmentClosed),
    }
}

/// A keyed hash of the stored password, or of when a directory says it was set: it tells nothing of it, and changes
/// whenever it does. Of a password in a directory that does not say when, it never changes: what was proven by one
/// password then lasts to its own end.
pub(super) fn mark_of_password(app: &App, person: &Person) -> String {
    let kept = person.account.as_ref().and_then(|account| account.password.as_ref());
    let stored = match &person.listed {
        Some(listed) => listed.entry.password_changed.as_str(),
        None => kept.map_or("", PinHash::as_stored),
    };
    let mut mac = app.keys.token.hmac_for("password");
    mac.update(stored.as_bytes());
    URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

fn attempt(enrollee: &Enrollee, client: &Client, challenge: Option<&ChallengeId>, typed: Secret) -> Attempt {
    let proof = Proof::Answer { challenge: challenge.cloned(), typed };
    Attempt { who: enrollee.who(), proof, client: client.clone() }
}

impl Scene<'_> {
    /// Stands for this address in a challenge that proves it. The one in the directory may change
    /// while its code is on the way: then another one was proven.
    fn stand_in(&self, wanted: &Wanted, address: &MailAddress) -> Serial {
        Serial::stand_in(&self.app.keys.subject, &self.person.subject, wanted.source(), address.as_str())
    }
}

impl Enrollee {
    /// Them as an attempt names them.
    pub fn who(&self) -> Who {
        Who::User { name: self.name.clone(), realm: self.realm.clone(), serial: None }
    }
}

impl Wanted {
    /// The name in the audit.
    const fn source(&self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::Other(_) => "other",
        }
    }
}

impl Offer {
    /// Where the code goes, if that address may be enrolled.
    fn address(&self, wanted: &Wanted) -> Result<MailAddress, Refusal> {
        match (wanted, self.choice) {
            (Wanted::Listed, Choice::Directory | Choice::Either) => self.listed.clone().ok_or(Refusal::NoAddress),
            (Wanted::Other(address), Choice::Either | Choice::External) => Ok(address.clone()),
            (Wanted::Listed, Choice::External) => Err(Refusal::NoAddress),
            (Wanted::Other(_), Choice::Directory) => Err(Refusal::EnrollmentClosed),
        }
    }
}
