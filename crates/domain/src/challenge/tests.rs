//! Never accepted twice, never at or after expiry, never beyond the tries.

use proptest::prelude::*;

use super::*;

const ISSUED: i64 = 1_800_000_000_000;
const LIFE: i64 = 120_000;

struct Counting(std::sync::atomic::AtomicU64);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        for byte in bytes {
            let next = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            *byte = next.wrapping_mul(0x9E37_79B9).to_le_bytes()[1];
        }
        Ok(())
    }
}

fn at(offset: i64) -> Timestamp {
    Timestamp::from_millis(ISSUED + offset)
}

fn open() -> Challenge {
    Challenge {
        id: ChallengeId::parse("00000000000000000000").expect("20 digits"),
        state: State::Open,
        is_real: true,
        tries: 0,
        sends: 1,
        issued_at: at(0),
        expires_at: at(LIFE),
        last_sent_at: at(0),
    }
}

#[test]
fn identifiers_sort_by_time_and_keep_their_zeros() {
    let random = Counting(0.into());
    let early = ChallengeId::new(Timestamp::from_millis(1_577_836_801_000), &random).expect("random");
    let late = ChallengeId::new(at(0), &random).expect("random");
    assert!(early < late);
    assert!(early.as_str().starts_with("00000000100"));
    assert!(ChallengeId::first_at(at(0)) <= late && late < ChallengeId::first_at(at(1_000)));
    assert_eq!(ChallengeId::parse(early.as_str()), Some(early));
    for bad in ["", "1", "0000000000000000000a", "000000000000000000000", "١٢٣٤٥٦٧٨٩٠"] {
        assert_eq!(ChallengeId::parse(bad), None, "{bad}");
    }
}

#[test]
fn the_expiry_instant_itself_is_too_late() {
    assert_eq!(open().judge(true, at(LIFE - 1)), Judgement::Accepted);
    assert_eq!(open().judge(true, at(LIFE)), Judgement::NotOpen);
    assert_eq!(open().judge(true, at(-1)), Judgement::NotOpen, "from a clock that ran ahead");
}

#[test]
fn a_decoy_is_never_accepted() {
    let mut decoy = Challenge { is_real: false, ..open() };
    let answers: Vec<_> = (0..6).map(|_| decoy.judge(true, at(1))).collect();
    assert_eq!(answers[..4], [Judgement::Missed; 4]);
    assert_eq!(answers[4..], [Judgement::Burned, Judgement::NotOpen]);
}

#[test]
fn a_first_step_that_was_overtaken_continues_what_was_opened_meanwhile() {
    let challenge = open();
    assert_eq!(challenge.on_first_step(at(-5_000)), FirstStep::Continue { mail_again: false });
    assert_eq!(challenge.on_first_step(at(-5_001)), FirstStep::Replace, "that clock is wrong");
}

#[test]
fn a_first_step_continues_while_half_the_life_is_left() {
    let challenge = open();
    assert_eq!(challenge.on_first_step(at(1_000)), FirstStep::Continue { mail_again: false });
    assert_eq!(challenge.on_first_step(at(30_000)), FirstStep::Continue { mail_again: true });
    assert_eq!(challenge.on_first_step(at(60_000)), FirstStep::Continue { mail_again: true });
    assert_eq!(challenge.on_first_step(at(60_001)), FirstStep::Replace);
    let sent_out = Challenge { sends: MAX_SENDS, ..open() };
    assert_eq!(sent_out.on_first_step(at(40_000)), FirstStep::Continue { mail_again: false });
}

#[test]
fn the_mail_is_sent_again_at_most_five_times_thirty_seconds_apart() {
    assert_eq!(open().on_resend(at(29_999)), Resend::TooSoon);
    assert_eq!(open().on_resend(at(30_000)), Resend::Mail);
    assert_eq!(Challenge { sends: 5, ..open() }.on_resend(at(30_000)), Resend::TooMany);
    assert_eq!(open().on_resend(at(LIFE)), Resend::NotOpen);
}

proptest! {
    #[test]
    fn any_history_accepts_at_most_once_in_time_and_within_the_tries(
        guesses in prop::collection::vec((any::<bool>(), -1_000_i64..LIFE * 2), 0..40),
        is_real: bool,
    ) {
        let mut challenge = Challenge { is_real, ..open() };
        let (mut accepted, mut compared) = (0, 0);
        for (is_right, offset) in guesses {
            let judgement = challenge.judge(is_right, at(offset));
            compared += usize::from(judgement != Judgement::NotOpen);
            if judgement == Judgement::Accepted {
                accepted += 1;
                prop_assert!(is_real && is_right && (0..LIFE).contains(&offset));
            }
        }
        prop_assert!(accepted <= 1);
        prop_assert!(compared <= usize::from(MAX_TRIES));
    }
}
