//! The checker: holds what clients were told against what is left. Every finding is a sentence that
//! begins with the number of the promise.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::evidence::{Evidence, Line, Mail, address_of};
use super::history::{Op, Record, Told};

#[cfg(test)]
mod tests;

/// What was looked at, for the last line of a run.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) issued: usize,
    pub(super) accepted: usize,
    pub(super) accepted_twice: usize,
    pub(super) writes: usize,
    pub(super) lost: usize,
    /// Number of challenges by the number of their mails.
    pub(super) mails: BTreeMap<usize, usize>,
    pub(super) ambiguous: usize,
}

/// All findings; none is the promise kept.
pub(super) fn check(evidence: &Evidence) -> Vec<String> {
    let rules = [accepted_once, accepted_rightly, guesses_bounded, writes_kept, mails_once, answers_audited];
    rules.iter().flat_map(|rule| rule(evidence)).collect()
}

pub(super) fn count(evidence: &Evidence) -> Counts {
    let told = |wanted: fn(&Told) -> bool| evidence.records.iter().filter(|record| wanted(&record.told)).count();
    let mut mails: BTreeMap<usize, usize> = BTreeMap::new();
    for challenge in challenges(evidence).keys() {
        *mails.entry(mails_of(evidence, challenge).count()).or_default() += 1;
    }
    Counts {
        issued: told(|told| matches!(told, Told::Challenge(_))),
        accepted: told(|told| *told == Told::Accepted),
        accepted_twice: accepted_once(evidence).len(),
        writes: told(|told| *told == Told::Done),
        lost: writes_kept(evidence).len(),
        mails,
        ambiguous: told(|told| matches!(told, Told::Ambiguous | Told::Unavailable)),
    }
}

/// I1. Both what clients heard and what the audit says.
fn accepted_once(evidence: &Evidence) -> Vec<String> {
    let heard = answers(evidence).filter(|answer| answer.record.told == Told::Accepted).map(|answer| answer.challenge);
    let written = evidence.audit.iter().filter(|line| line.outcome == "accept").map(|line| line.challenge.as_str());
    let (heard, written) = (tally(heard), tally(written));
    let twice = heard.iter().chain(&written).filter(|(_, count)| **count > 1).map(|(challenge, _)| *challenge);
    let twice: BTreeSet<&str> = twice.collect();
    twice.into_iter().map(|challenge| format!("I1 {challenge} was accepted twice")).collect()
}

/// I2. A mail carried that very code, for that challenge, and it had not expired.
fn accepted_rightly(evidence: &Evidence) -> Vec<String> {
    let begun = challenges(evidence);
    let mut findings = Vec::new();
    for answer in answers(evidence).filter(|answer| answer.record.told == Told::Accepted) {
        let (challenge, code) = (answer.challenge, answer.code);
        if !mails_of(evidence, challenge).any(|mail| mail.code == code) {
            findings.push(format!("I2 {challenge} was accepted, but no mail carried {code}"));
        }
        let latest = begun.get(challenge).map(|begin| begin.back + evidence.rules.lifetime + GRACE);
        if latest.is_none_or(|latest| answer.record.call > latest) {
            findings.push(format!("I2 {challenge} was accepted after its end, or never begun"));
        }
        if begun.get(challenge).is_some_and(|begin| begin.op != Op::Begin { serial: answer.serial.to_owned() }) {
            findings.push(format!("I2 {challenge} was accepted for {}, whose it is not", answer.serial));
        }
    }
    findings
}

/// I3. What the audit says was compared, and what clients were told.
fn guesses_bounded(evidence: &Evidence) -> Vec<String> {
    let compared = evidence.audit.iter().filter(|line| line.reason == "wrong-code").map(|line| line.serial.as_str());
    let over = tally(compared).into_iter().filter(|(_, count)| *count > evidence.rules.guesses);
    over.map(|(serial, count)| format!("I3 {count} wrong codes of {serial} were compared")).collect()
}

/// I4.
fn writes_kept(evidence: &Evidence) -> Vec<String> {
    let acknowledged = evidence.records.iter().filter_map(|record| match (&record.op, &record.told) {
        (Op::Enroll { serial }, Told::Done) => Some(serial),
        _ => None,
    });
    let lost = acknowledged.filter(|serial| !evidence.there.contains(*serial));
    lost.map(|serial| format!("I4 {serial} was acknowledged and is lost")).collect()
}

/// I5. One mail per challenge, after a fault perhaps another copy of the same one; and no more challenges
/// with mails than sign-ins were begun, even where one request reached two nodes.
fn mails_once(evidence: &Evidence) -> Vec<String> {
    let mut mails: BTreeMap<&str, Vec<&Mail>> = BTreeMap::new();
    for mail in &evidence.mails {
        mails.entry(&mail.challenge).or_default().push(mail);
    }
    let mut findings = Vec::new();
    for (challenge, copies) in mails.into_iter().filter(|(_, copies)| copies.len() > 1) {
        if copies.iter().any(|copy| *copy != copies[0]) {
            findings.push(format!("I5 {challenge} got different mails: {copies:?}"));
        } else if !evidence.rules.had_faults {
            findings.push(format!("I5 {challenge} got {} mails, and nothing explains it", copies.len()));
        }
    }
    findings.extend(challenges_bounded(evidence));
    findings
}

/// A copy of a request that comes when the sign-in is through already is a new beginning.
fn challenges_bounded(evidence: &Evidence) -> Vec<String> {
    let mut mailed: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for mail in &evidence.mails {
        mailed.entry(&mail.to).or_default().insert(&mail.challenge);
    }
    let mut begun: BTreeMap<String, usize> = BTreeMap::new();
    for record in &evidence.records {
        if let Op::Begin { serial } = &record.op {
            *begun.entry(address_of(serial)).or_default() += 1;
        }
    }
    let doubled: BTreeSet<String> = evidence.doubled.iter().map(|serial| address_of(serial)).collect();
    let mut findings = Vec::new();
    for (to, challenges) in mailed {
        let times = begun.get(to).copied().unwrap_or(0);
        let late = if doubled.contains(to) { late_copies(evidence, &challenges) } else { 0 };
        if challenges.len() > times + late {
            let story: Vec<_> = evidence.audit.iter().filter(|line| challenges.contains(&*line.challenge)).collect();
            findings.push(format!("I5 {to} began {times} times and got mails of {challenges:?}: {story:?}"));
        }
    }
    findings
}

/// How many of these were opened after the one before them had been accepted. Audit lines are in the
/// order of their commits.
fn late_copies(evidence: &Evidence, challenges: &BTreeSet<&str>) -> usize {
    let place = |challenge: &str, outcome: &str| {
        evidence.audit.iter().position(|line| line.challenge == challenge && line.outcome == outcome)
    };
    let mut challenges: Vec<&str> = challenges.iter().copied().collect();
    challenges.sort_by_key(|challenge| place(challenge, "challenge"));
    let pairs = challenges.iter().zip(challenges.iter().skip(1));
    let is_late =
        |earlier: &str, later: &str| place(earlier, "accept").is_some_and(|end| place(later, "challenge") > Some(end));
    pairs.filter(|(earlier, later)| is_late(earlier, later)).count()
}

/// I6. Exactly one line per answered verdict; one more at most for each request whose answer was lost or
/// that went to two nodes.
fn answers_audited(evidence: &Evidence) -> Vec<String> {
    let doubled = tally(evidence.doubled.iter().map(String::as_str));
    let mut told: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut unsure: BTreeMap<&str, usize> = BTreeMap::new();
    for record in &evidence.records {
        match (&record.op, &record.told) {
            (Op::Begin { .. }, Told::Challenge(id)) => *told.entry((id, "challenge")).or_default() += 1,
            (Op::Answer { challenge, .. }, Told::Accepted) => *told.entry((challenge, "accept")).or_default() += 1,
            (Op::Answer { challenge, .. }, Told::Refused) => *told.entry((challenge, "refuse")).or_default() += 1,
            (Op::Answer { challenge, .. }, _) => *unsure.entry(challenge).or_default() += 1,
            _ => {}
        }
    }
    for (id, begin) in challenges(evidence) {
        let Op::Begin { serial } = &begin.op else { continue };
        *unsure.entry(id).or_default() += doubled.get(serial.as_str()).copied().unwrap_or(0);
    }
    let lines = |wanted: &(&str, &str)| {
        let is_it = |line: &&Line| line.challenge == wanted.0 && line.outcome == wanted.1;
        evidence.audit.iter().filter(is_it).count()
    };
    let judge = |(wanted, count): (&(&str, &str), &usize)| {
        let (found, room) = (lines(wanted), unsure.get(wanted.0).copied().unwrap_or(0));
        let is_right = (*count..=count + room).contains(&found);
        (!is_right).then(|| format!("I6 {} was told {} {count} times, the audit has {found}", wanted.0, wanted.1))
    };
    told.iter().filter_map(judge).collect()
}

/// A code that was handed in.
struct Handed<'a> {
    record: &'a Record,
    serial: &'a str,
    challenge: &'a str,
    code: &'a str,
}

fn answers(evidence: &Evidence) -> impl Iterator<Item = Handed<'_>> {
    evidence.records.iter().filter_map(|record| match &record.op {
        Op::Answer { serial, challenge, code } => Some(Handed { record, serial, challenge, code }),
        _ => None,
    })
}

/// Challenges that clients were told of, and when.
fn challenges(evidence: &Evidence) -> BTreeMap<&str, &Record> {
    let begun = evidence.records.iter().filter_map(|record| match &record.told {
        Told::Challenge(id) => Some((id.as_str(), record)),
        _ => None,
    });
    begun.collect()
}

fn mails_of<'a>(evidence: &'a Evidence, challenge: &'a str) -> impl Iterator<Item = &'a Mail> {
    evidence.mails.iter().filter(move |mail| mail.challenge == challenge)
}

fn tally<'a>(names: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    names.fold(BTreeMap::new(), |mut counts, name| {
        *counts.entry(name).or_default() += 1;
        counts
    })
}

/// Clocks of nodes may differ by so much.
const GRACE: Duration = Duration::from_secs(1);
