//! Seeded chance and the commands made from it. Codes are random bytes here: the store compares
//! MACs, and what a MAC costs is measured elsewhere.

use std::time::Duration;

use anyhow::Context;
use domain::address::MailAddress;
use domain::budget::Budget;
use domain::challenge::{ChallengeId, Purpose};
use domain::code::{CodeLength, CodeMac};
use domain::enrollment::Serial;
use domain::random::{self, NoRandomness, Random};
use domain::subject::Subject;
use domain::time::Timestamp;
use otpost::store::command::{Begin, Event, Judge, Part};
use std::sync::atomic::{AtomicU64, Ordering};

/// 2026-09-21, when every run begins.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_790_000_000_000);

/// `SplitMix64`: repeats itself for a seed.
pub(crate) struct Chance(AtomicU64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed.wrapping_mul(0xd134_2543_de82_ef95)))
    }

    pub(crate) fn below(&self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    fn next(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut z = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

impl Random for Chance {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        for chunk in bytes.chunks_mut(8) {
            for (byte, random) in chunk.iter_mut().zip(self.next().to_le_bytes()) {
                *byte = random;
            }
        }
        Ok(())
    }
}

/// The subject of an account by its number: evenly spread, as a keyed hash is.
pub(crate) fn subject(account: u64) -> anyhow::Result<Subject> {
    Ok(Subject::new(random::bytes(&Chance::new(account))?))
}

/// A first step of an account.
pub(crate) fn begin(chance: &Chance, subject: Subject, now: Timestamp) -> anyhow::Result<Begin> {
    Ok(Begin {
        subject,
        purpose: Purpose::SignIn,
        group: GROUP.to_owned(),
        id: ChallengeId::new(now, chance)?,
        parts: vec![Part {
            serial: Serial::parse("PIEM0001A2B3").context("a serial")?,
            address: Some(MailAddress::parse("ann.other@mail.example.org")?),
            relay: String::new(),
            provider_id: 1,
            code_length: CodeLength::STANDARD,
            nonce: random::bytes(chance)?,
            mac: random::bytes(chance)?,
        }],
        mark: None,
        is_concurrent: false,
        refund_pin: true,
        now,
        lifetime: Duration::from_mins(2),
        lease: Duration::from_secs(20),
        event: event(chance, now)?,
    })
}

/// The second step of an account, with this MAC.
pub(crate) fn judge(
    chance: &Chance,
    subject: Subject,
    id: ChallengeId,
    mac: CodeMac,
    now: Timestamp,
) -> anyhow::Result<Judge> {
    Ok(Judge {
        id,
        subject,
        purpose: Purpose::SignIn,
        group: GROUP.to_owned(),
        code_length: CodeLength::STANDARD,
        mac,
        budget: Budget::for_guesses(CodeLength::STANDARD),
        clear_failures_after: Duration::from_mins(10),
        now,
        event: event(chance, now)?,
    })
}

/// An audit line as a sign-in writes it; its identifier begins with the time.
pub(crate) fn event(chance: &Chance, now: Timestamp) -> anyhow::Result<Event> {
    let mut id: [u8; 16] = random::bytes(chance)?;
    let time = now.millis().to_be_bytes();
    for (byte, time) in id.iter_mut().zip(time.into_iter().skip(2)) {
        *byte = time;
    }
    Ok(Event {
        id,
        at: now,
        action: "POST /validate/check".to_owned(),
        user_name: "ann.other".to_owned(),
        realm: "corp".to_owned(),
        client: "gateway-1".to_owned(),
        address: "192.0.2.17".to_owned(),
        request_id: "01999f2b-5c1e-7a3d".to_owned(),
        ..Event::default()
    })
}

const GROUP: &str = "gateway";
