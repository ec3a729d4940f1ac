//! The doctor of network gear: packet by packet, what is wrong with a client, in words. Knows no more than a
//! watcher sees, and forgets it all when the watching ends.

use std::collections::HashMap;
use std::net::SocketAddr;

use super::sighting::{Came, Facts, Sighting};

/// What has been seen of everybody so far.
#[derive(Default)]
pub struct Doctor {
    clients: HashMap<String, Patient>,
    /// When each packet came first, by its sender and identifier.
    firsts: HashMap<(SocketAddr, u8), i64>,
}

/// What has been seen of one client.
#[derive(Default)]
struct Patient {
    challenges: u32,
    has_echoed: bool,
    is_told: bool,
}

impl Doctor {
    /// What there is to say about a packet, each a sentence or two.
    pub fn examine(&mut self, seen: &Sighting) -> Vec<String> {
        let mut findings = Vec::new();
        if let Came::Dropped { words, .. } = &seen.came {
            findings.push(words.clone());
        }
        if matches!(seen.came, Came::Failed) {
            findings.push(FAILED.to_owned());
        }
        let Some(packet) = &seen.packet else { return findings };
        let is_believed = !matches!(seen.came, Came::Dropped { .. });
        if is_believed && !packet.is_signed && seen.over == "udp" {
            findings.push(UNSIGNED.to_owned());
        }
        findings.extend(refused_method(seen, packet));
        findings.extend(self.repeated(seen, packet));
        findings.extend(self.echo(seen, packet));
        findings
    }

    /// A copy tells how long the client waits; only one that comes soon is a fault of the client's settings.
    fn repeated(&mut self, seen: &Sighting, packet: &Facts) -> Option<String> {
        let name = (seen.source, packet.id);
        if !matches!(seen.came, Came::Copy) {
            if self.firsts.len() >= MOST_REMEMBERED {
                self.firsts.clear();
            }
            // An answer is seen when it leaves, and its packet came earlier.
            let took = if let Came::Answered { milliseconds, .. } = &seen.came { *milliseconds } else { 0 };
            self.firsts.insert(name, seen.at.saturating_sub(i64::try_from(took).unwrap_or(i64::MAX)));
            return None;
        }
        let waited = self.firsts.get(&name).map(|first| seen.at.saturating_sub(*first))?;
        (waited < SOON).then(|| {
            format!("sent again after {waited} ms; it got the same answer. Set a timeout of five seconds or more at the client")
        })
    }

    /// A client that is challenged again and again and never sends a State back cannot do challenges.
    fn echo(&mut self, seen: &Sighting, packet: &Facts) -> Option<String> {
        let patient = self.clients.entry(seen.client.clone()?).or_default();
        let Came::Answered { outcome, .. } = &seen.came else { return None };
        if packet.has_state {
            let is_first = !std::mem::replace(&mut patient.has_echoed, true);
            return is_first.then(|| ECHOES.to_owned());
        }
        if outcome == "challenge" {
            patient.challenges += 1;
        }
        let is_mute = patient.challenges >= ENOUGH_CHALLENGES && !patient.has_echoed && !patient.is_told;
        patient.is_told |= is_mute;
        is_mute.then(|| NO_ECHO.to_owned())
    }
}

fn refused_method(seen: &Sighting, packet: &Facts) -> Option<String> {
    let Came::Answered { outcome, .. } = &seen.came else { return None };
    let is_unread = outcome == "reject" && packet.kind == "Access-Request" && packet.method != "PAP";
    is_unread.then(|| match packet.method.as_str() {
        "none" => NO_PASSWORD.to_owned(),
        method => format!("refused: it asks by {method}. Set PAP at the client, unless its mode here takes {method}"),
    })
}

const UNSIGNED: &str = "no Message-Authenticator: firmware from before 2024, or switched off there. It is taken because of \
    require_message_authenticator = \"auto\"; update the client";
const NO_PASSWORD: &str = "refused: it carries no password at all. Only a client with a front door here takes that, from people \
    who have just signed in on the page";
const FAILED: &str =
    "not answered, so that the client asks its next server: something of ours failed, and the log says what";
const ECHOES: &str = "well: this client sends State back, so it can do challenges";
const NO_ECHO: &str = "this client does not echo State: it was challenged three times, and no request has brought a State. Either \
    nobody has typed a code yet, or it cannot show challenges; then people type password and code in one";
/// Milliseconds. Above, the client is patient and the network lost something.
const SOON: i64 = 5000;
const ENOUGH_CHALLENGES: u32 = 3;
/// Packets whose first copy is remembered.
const MOST_REMEMBERED: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(at: i64, came: Came) -> Sighting {
        let source = "192.0.2.10:40000".parse().expect("an address");
        let packet = Facts {
            kind: "Access-Request".to_owned(),
            id: 7,
            method: "PAP".to_owned(),
            user: None,
            nas: None,
            is_signed: true,
            has_state: false,
            is_proxied: false,
        };
        Sighting { at, source, over: "udp".to_owned(), client: Some("vpn".to_owned()), packet: Some(packet), came }
    }

    fn answered(outcome: &str) -> Sighting {
        seen(10_000, Came::Answered { outcome: outcome.to_owned(), milliseconds: 40 })
    }

    fn with(mut sighting: Sighting, change: impl FnOnce(&mut Facts)) -> Sighting {
        change(sighting.packet.as_mut().expect("a packet"));
        sighting
    }

    #[test]
    fn a_client_that_never_echoes_state_is_named_once() {
        let mut doctor = Doctor::default();
        let told: Vec<_> = (0..5).map(|_| doctor.examine(&answered("challenge")).len()).collect();
        assert_eq!(told, [0, 0, 1, 0, 0]);
        let mut doctor = Doctor::default();
        doctor.examine(&answered("challenge"));
        let answer = with(answered("accept"), |facts| facts.has_state = true);
        assert_eq!(doctor.examine(&answer), [ECHOES]);
        assert!((0..5).all(|_| doctor.examine(&answered("challenge")).is_empty()));
        assert!(doctor.examine(&answer).is_empty(), "said once");
    }

    #[test]
    fn an_impatient_client_is_told_its_own_timeout() {
        let mut doctor = Doctor::default();
        doctor.examine(&answered("challenge"));
        let copy = |at| seen(at, Came::Copy);
        assert!(doctor.examine(&copy(10_960))[0].starts_with("sent again after 1000 ms"));
        assert!(doctor.examine(&copy(16_000)).is_empty(), "a patient one may have lost the answer");
    }

    #[test]
    fn what_cannot_be_read_is_named_by_its_method() {
        let mut doctor = Doctor::default();
        let refused = |method: &str| with(answered("reject"), |facts| method.clone_into(&mut facts.method));
        assert!(doctor.examine(&refused("CHAP"))[0].contains("asks by CHAP"));
        assert!(doctor.examine(&refused("none"))[0].contains("no password at all"));
        assert!(doctor.examine(&refused("PAP")).is_empty(), "a wrong code is no fault of the client");
    }

    #[test]
    fn unsigned_packets_and_failures_are_spoken_of() {
        let mut doctor = Doctor::default();
        let unsigned = with(answered("challenge"), |facts| facts.is_signed = false);
        assert_eq!(doctor.examine(&unsigned), [UNSIGNED]);
        assert_eq!(doctor.examine(&Sighting { over: "tls".to_owned(), ..unsigned }), [""; 0]);
        assert_eq!(doctor.examine(&seen(1, Came::Failed)), [FAILED]);
        let (reason, words) = ("secret-differs".to_owned(), "shared secret differs".to_owned());
        let dropped = with(seen(1, Came::Dropped { reason, words: words.clone() }), |facts| facts.is_signed = false);
        assert_eq!(doctor.examine(&dropped), [words], "one word for one fault");
    }
}
