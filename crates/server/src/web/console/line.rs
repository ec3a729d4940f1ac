//! A line of the audit trail in plain words: what happened, and why.

use domain::time::Timestamp;

use super::badge::{Badge, Outcome};
use crate::manage::audit::Line;

/// A line as pages show it.
pub(super) struct ShownLine {
    /// `2026-11-21 14:03:07`, UTC.
    pub(super) at: String,
    /// RFC 3339.
    pub(super) iso: String,
    /// Whom it was about.
    pub(super) user: String,
    /// Their realm.
    pub(super) realm: String,
    /// What happened.
    pub(super) what: String,
    /// What came of it.
    pub(super) outcome: Option<Badge>,
    /// Why, in a sentence; empty where nothing needs to be said.
    pub(super) why: String,
    /// Who or what asked, and from where.
    pub(super) from: String,
    /// The reason as the trail has it, for searching.
    pub(super) reason: String,
    /// What else the trail has.
    pub(super) detail: String,
}

impl ShownLine {
    pub(super) fn new(line: &Line) -> Self {
        let at = moment(line.at);
        let who = if line.actor.is_empty() { &line.client } else { &line.actor };
        // A network names itself by its address.
        let address = Some(line.address.as_str()).filter(|address| !address.is_empty() && !who.ends_with(address));
        let from = Some(who.as_str()).filter(|who| !who.is_empty()).into_iter().chain(address);
        Self {
            at: at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            iso: at.to_string(),
            user: line.user_name.clone(),
            realm: line.realm.clone(),
            what: what(line),
            outcome: Outcome::parse(&line.outcome).map(Badge::of_outcome),
            why: why(&line.reason).to_owned(),
            from: from.collect::<Vec<_>>().join(", "),
            reason: line.reason.clone(),
            detail: line.detail.clone(),
        }
    }
}

/// The day of an instant, in UTC.
pub(super) fn day(at: Timestamp) -> String {
    moment(at).strftime("%Y-%m-%d").to_string()
}

fn moment(at: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default()
}

fn what(line: &Line) -> String {
    let is_sign_in = matches!(line.outcome.as_str(), "accept" | "challenge" | "refuse");
    match line.action.as_str() {
        "mail" => "Mail".to_owned(),
        "notice" => "Told of another address".to_owned(),
        "resend" => "Mail sent once more".to_owned(),
        "sign-in of an administrator" => "Administrator signs in".to_owned(),
        "POST /validate/triggerchallenge" => "Code triggered".to_owned(),
        _ if is_sign_in && line.outcome == "challenge" => "Sign-in, first step".to_owned(),
        _ if is_sign_in => "Sign-in".to_owned(),
        action => CHANGES.into_iter().find(|(name, _)| *name == action).map_or(action, |(_, what)| what).to_owned(),
    }
}

/// Why, for somebody at the telephone.
fn why(reason: &str) -> &'static str {
    REASONS.into_iter().find(|(name, _)| *name == reason).map_or("", |(_, why)| why)
}

/// Changes of the console in words; all others are called by their address.
const CHANGES: [(&str, &str); 19] = [
    ("POST /console/enrollment/disable", "Enrollment switched off"),
    ("POST /console/enrollment/enable", "Enrollment switched on"),
    ("POST /console/enrollment/reset", "Enrollment unlocked"),
    ("POST /console/enrollment/revoke", "Enrollment revoked"),
    ("POST /console/person/reset", "Person unlocked"),
    ("POST /console/invitation", "First administrator"),
    ("POST /console/provider", "Provider changed"),
    ("POST /console/provider/delete", "Provider deleted"),
    ("POST /console/provider/duplicate", "Provider copied"),
    ("POST /console/providers/new", "Provider made"),
    ("POST /console/relay", "Mail relay changed"),
    ("POST /console/relay/delete", "Mail relay deleted"),
    ("POST /console/relays/new", "Mail relay made"),
    ("POST /console/relays/test", "Test mail"),
    ("POST /console/signout", "Administrator signs out"),
    ("POST /console/theme", "Theme changed"),
    ("POST /console/theme/delete", "Theme deleted"),
    ("POST /console/theme/duplicate", "Theme copied"),
    ("POST /console/themes/new", "Theme made"),
];

/// Reasons, each with a sentence about what happened and what helps.
pub(super) const REASONS: [(&str, &str); 32] = [
    ("address-proven", "The code came back from the address that this person wants to enroll."),
    ("already-enrolled", "This person was enrolled meanwhile. Nobody enrolls over that."),
    (
        "barred",
        "The directory does not let this person in: disabled, expired, locked, or the password must be changed. The detail says which.",
    ),
    ("challenge-closed", "The code came too late, was used already, or was replaced by a newer one. Sign in again."),
    ("decoy", "A prompt that no code answers: the line beside it says why."),
    ("disabled", "The enrollment is switched off. Enable it."),
    ("enroll-code", "A code is on its way to the address that this person wants to enroll."),
    ("enroll-offered", "This person may enroll an address now."),
    ("enrolled", "The code came back: the address is enrolled."),
    ("enrollment-closed", "This person is not enrolled, and enrollment is closed. Enroll them, or open it."),
    ("excepted", "A rule excepts this person from the second step."),
    ("expired-unsent", "The mail could not be sent before its code expired. Look at the mail relays."),
    ("guess-budget-spent", "Too many wrong codes for this account. It recovers by itself; unlock to end it now."),
    ("mail-budget-spent", "Enough codes were mailed to this person for now, so this mail was held back."),
    ("no-address", "There is no mail address to send a code to. Add one to the enrollment or the user."),
    ("no-enrollment", "This person is not enrolled. Enroll a mail address first."),
    ("no-such-challenge", "The sign-in this code was for is not known here, or belongs to another client."),
    ("not-admitted", "The theme of this sign-in lets only others in. Look at its list of users and groups."),
    ("pin-budget-spent", "Too many wrong PINs or passwords. It recovers by itself; unlock to end it now."),
    ("rejected", "The mail server refused the mail for good. The detail has its words."),
    ("relay-test", "Somebody tried a relay out."),
    (
        "request-key-reused",
        "The client gave two different sign-ins the same name (nonce or Idempotency-Key). That is a fault of the client.",
    ),
    ("revoked", "The enrollment was revoked. This person needs a new one."),
    ("sent", "The mail server took the mail."),
    ("source-budget-spent", "Too many sign-ins were begun from one network. It recovers by itself within minutes."),
    (
        "storage-occupied",
        "The place for the address in the directory holds another one, which stays. Clear it there, or enroll this person yourself.",
    ),
    ("too-many-failures", "Locked after too many failures in a row. Unlock it."),
    ("unknown-serial", "No enrollment has that serial."),
    ("unknown-theme", "There is no theme of that name, or nobody may sign in there. Look at the themes."),
    ("unknown-user", "Nobody of that name is known here. Check the spelling and the realm."),
    ("wrong-code", "The code was not the one that was mailed. The newest mail has the right one."),
    ("wrong-pin", "The PIN or password was wrong."),
];

#[cfg(test)]
mod tests {
    use domain::verdict::Refusal;

    use super::*;

    #[test]
    fn every_refusal_has_a_sentence_for_the_help_desk() {
        let bare: Vec<_> = Refusal::ALL.map(Refusal::as_str).into_iter().filter(|name| why(name).is_empty()).collect();
        assert_eq!(bare, [""; 0]);
        assert!(REASONS.is_sorted(), "they are a list to choose from");
    }
}
