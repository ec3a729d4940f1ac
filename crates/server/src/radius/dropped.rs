//! Packets that nobody answers: each is counted, and one a minute from each source is spoken of. A secret
//! that differs is spoken of beside it, because that is what an operator looks for.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::time::Timestamp;
use radius_wire::packet::Malformed;

use crate::app::App;

/// Why a packet is not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dropped {
    /// No room; the client asks again.
    Busy,
    /// It breaks a rule of the format.
    Malformed(Malformed),
    /// A reply, where requests are taken.
    NotARequest,
    /// It went through a proxy and is not signed.
    ProxiedUnsigned,
    /// Its Message-Authenticator is wrong.
    SecretDiffers,
    /// Nobody listed lives there.
    UnknownSource,
    /// It is not signed and has to be.
    Unsigned,
    /// It is not signed, and what it says is noise.
    UnsignedNoise,
}

impl Dropped {
    /// The name in metrics.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Malformed(malformed) => malformed.as_str(),
            Self::NotARequest => "not-a-request",
            Self::ProxiedUnsigned => "proxied-unsigned",
            Self::SecretDiffers => "secret-differs",
            Self::UnknownSource => "unknown-source",
            Self::Unsigned => "unsigned",
            Self::UnsignedNoise => "unsigned-noise",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Busy => "too much to do; the client will ask again",
            Self::Malformed(_) => "the packet breaks a rule of the format",
            Self::NotARequest => "a reply came where requests are taken; does the client send to its own kind?",
            Self::ProxiedUnsigned => "a proxied request without Message-Authenticator; switch it on at the proxy",
            Self::SecretDiffers => "shared secret differs between this client and us, or the packet was changed",
            Self::UnknownSource => {
                "no client is listed for this address; add a [[radius.client]] if it is one of yours"
            }
            Self::Unsigned => {
                "the request has no Message-Authenticator; update the client or switch it on there; for old gear \
                 there is require_message_authenticator = \"auto\""
            }
            Self::UnsignedNoise => "shared secret differs, most likely: the password is no text",
        }
    }
}

/// When each source was last spoken of. Bounded: a forger has many addresses.
#[derive(Default)]
pub(super) struct Complaints(Mutex<HashMap<(IpAddr, bool), Timestamp>>);

impl Complaints {
    /// Counts a dropped packet, and says so unless its source was spoken of within the last minute.
    pub(super) fn note(&self, app: &App, source: SocketAddr, dropped: Dropped) {
        app.metrics.radius.count_dropped(dropped.as_str());
        let topic = (source.ip(), dropped == Dropped::SecretDiffers);
        if !self.is_due(topic, app.now()) {
            return;
        }
        let (reason, words) = (dropped.as_str(), dropped.words());
        let rule = if let Dropped::Malformed(rule) = dropped { rule.to_string() } else { String::new() };
        tracing::warn!(%source, reason, rule, "RADIUS: {words}");
    }

    fn is_due(&self, topic: (IpAddr, bool), now: Timestamp) -> bool {
        let mut spoken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = spoken.get(&topic)
            && now.since(*at) < SILENCE
        {
            return false;
        }
        if spoken.len() >= MOST_SOURCES {
            spoken.retain(|_, at| now.since(*at) < SILENCE);
        }
        if spoken.len() >= MOST_SOURCES {
            return false;
        }
        spoken.insert(topic, now);
        true
    }
}

const SILENCE: Duration = Duration::from_mins(1);
/// Sources spoken of in one minute; those beyond are counted alone.
const MOST_SOURCES: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_spoken_of_once_a_minute_and_a_wrong_secret_beside_it() {
        let (complaints, at) = (Complaints::default(), |seconds: i64| Timestamp::from_millis(seconds * 1000));
        let [one, other] = [1, 2].map(|last| IpAddr::from([192, 0, 2, last]));
        let spoken = [0, 0, 59, 60, 61, 120].map(|seconds| complaints.is_due((one, false), at(seconds)));
        assert_eq!(spoken, [true, false, false, true, false, true]);
        assert!(complaints.is_due((other, false), at(61)) && complaints.is_due((one, true), at(61)));
    }

    #[test]
    fn many_sources_are_counted_and_not_spoken_of() {
        let complaints = Complaints::default();
        let source = |number: u32| (IpAddr::from(number.to_be_bytes()), false);
        let now = Timestamp::from_millis(0);
        let spoken = (0..10_000).filter(|number| complaints.is_due(source(*number), now)).count();
        assert_eq!(spoken, MOST_SOURCES);
        assert!(complaints.is_due(source(10_000), now + SILENCE), "a minute later there is room again");
    }
}
