//! The desk that the contract suite works at: a fresh store, seeded chance, commands in one line.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::address::MailAddress;
use domain::budget::Budget;
use domain::challenge::{ChallengeId, ChallengeKey, Purpose};
use domain::code::{Binding, Code, CodeLength};
use domain::enrollment::Serial;
use domain::random::{self, NoRandomness, Random};
use domain::secret::Key;
use domain::subject::Subject;
use domain::time::Timestamp;
use otpost::store::command::{Begin, Begun, Event, Judge, Judged, MailJob, Part, Resend};
use otpost::store::{Store, migrate};

pub(super) use super::place::{Engine, Place};

/// When the tests begin.
pub(super) const T0: Timestamp = Timestamp::from_millis(1_790_000_000_000);

/// Where a mail of `ann` goes.
pub(super) const ADDRESS: &str = "ann@example.org";

/// A store that nobody has written to.
pub(super) async fn fresh(engine: Engine) -> (Store, Place) {
    fresh_with_queue(engine, 1024).await
}

/// The same with room for so many waiting commands.
pub(super) async fn fresh_with_queue(engine: Engine, queue: usize) -> (Store, Place) {
    let place = Place::new(engine);
    migrate::migrate(&place.url(), T0.millis()).await.expect("migrated");
    (place.open(queue).await, place)
}

/// A desk at a fresh store.
pub(super) async fn desk(engine: Engine) -> (Desk, Place) {
    let (store, place) = fresh(engine).await;
    (Desk::new(store, 1), place)
}

/// Chance that repeats itself: `SplitMix64`.
pub(super) struct Chance(AtomicU64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed.wrapping_mul(0xd134_2543_de82_ef95)))
    }

    pub(super) fn next(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut z = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub(super) fn below(&self, end: u64) -> u64 {
        self.next() % end
    }
}

impl Random for Chance {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// What a first step asks for; the second step repeats whom it is about.
#[derive(Clone)]
pub(super) struct Ask {
    pub(super) subject: Subject,
    pub(super) purpose: Purpose,
    pub(super) group: &'static str,
    pub(super) serials: Vec<&'static str>,
    pub(super) is_real: bool,
    pub(super) digits: i64,
    pub(super) lifetime: Duration,
    pub(super) is_concurrent: bool,
    pub(super) refund_pin: bool,
    pub(super) now: Timestamp,
}

/// Ann signs in at the gateway, with six digits that live two minutes.
pub(super) fn ann() -> Ask {
    Ask {
        subject: subject(1),
        purpose: Purpose::SignIn,
        group: "gateway",
        serials: vec!["PIEM0001"],
        is_real: true,
        digits: 6,
        lifetime: Duration::from_secs(120),
        is_concurrent: false,
        refund_pin: false,
        now: T0,
    }
}

/// Any other account.
pub(super) fn subject(number: u64) -> Subject {
    Subject::of_user(&key(), &number.to_string())
}

pub(super) fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

impl Ask {
    pub(super) fn at(&self, now: Timestamp) -> Self {
        Self { now, ..self.clone() }
    }

    pub(super) fn length(&self) -> CodeLength {
        CodeLength::from_digits(self.digits).expect("a length")
    }

    pub(super) fn budget(&self) -> Budget {
        Budget::for_guesses(self.length())
    }
}

/// An open challenge as the first step hands it back.
pub(super) struct Opened {
    pub(super) id: ChallengeId,
    pub(super) expires_at: Timestamp,
    pub(super) mails: Vec<MailJob>,
}

impl Opened {
    /// The code of the first mail.
    pub(super) fn code(&self) -> Code {
        code_of(&self.mails[0])
    }
}

/// A store and what is needed to write commands for it.
pub(super) struct Desk {
    pub(super) store: Store,
    chance: Chance,
    events: AtomicU64,
}

impl Desk {
    pub(super) fn new(store: Store, seed: u64) -> Self {
        Self { store, chance: Chance::new(seed), events: AtomicU64::new(seed << 32) }
    }

    pub(super) fn event(&self, at: Timestamp) -> Event {
        // Six octets of time, then a number: ordered as the product's identifiers are.
        let number = u128::from(self.events.fetch_add(1, Ordering::Relaxed));
        let time = u128::from(at.millis().unsigned_abs()) << 80;
        Event {
            id: (time | number).to_be_bytes(),
            at,
            action: "POST /validate/check".to_owned(),
            user_name: "ann".to_owned(),
            client: "gateway-1".to_owned(),
            ..Event::default()
        }
    }

    /// The command of a first step, with the MACs of codes that follow from seeded nonces.
    pub(super) fn begin(&self, ask: &Ask) -> Begin {
        let id = ChallengeId::new(ask.now, &self.chance).expect("chance");
        let parts = (0..).zip(&ask.serials).map(|(number, serial)| {
            let nonce = random::bytes(&self.chance).expect("chance");
            let key_of = ChallengeKey { id: id.clone(), part: number };
            let code = binding(ask, &key_of).derive(&key(), &nonce, ask.length());
            Part {
                serial: serial_of(serial),
                address: ask.is_real.then(|| MailAddress::parse(ADDRESS).expect("an address")),
                relay: String::new(),
                provider_id: 1,
                code_length: ask.length(),
                nonce,
                mac: binding_of_answer(ask, &id, |binding| binding.mac(&key(), &code)),
            }
        });
        let parts = parts.collect();
        Begin {
            subject: ask.subject,
            purpose: ask.purpose,
            group: ask.group.to_owned(),
            id,
            parts,
            mark: None,
            is_concurrent: ask.is_concurrent,
            refund_pin: ask.refund_pin,
            now: ask.now,
            lifetime: ask.lifetime,
            lease: LEASE,
            event: self.event(ask.now),
        }
    }

    pub(super) async fn first_step(&self, ask: &Ask) -> Begun {
        self.store.begin(self.begin(ask)).await.expect("the store answers")
    }

    /// A first step that must leave a challenge open.
    pub(super) async fn open(&self, ask: &Ask) -> Opened {
        opened(self.first_step(ask).await)
    }

    /// The command of a second step.
    pub(super) fn judge(&self, ask: &Ask, id: &ChallengeId, typed: &Code) -> Judge {
        Judge {
            id: id.clone(),
            subject: ask.subject,
            purpose: ask.purpose,
            group: ask.group.to_owned(),
            code_length: ask.length(),
            mac: binding_of_answer(ask, id, |binding| binding.mac(&key(), typed)),
            budget: ask.budget(),
            clear_failures_after: Duration::ZERO,
            now: ask.now,
            event: self.event(ask.now),
        }
    }

    pub(super) async fn answer(&self, ask: &Ask, id: &ChallengeId, typed: &Code) -> Judged {
        self.store.judge(self.judge(ask, id, typed)).await.expect("the store answers")
    }

    pub(super) fn resend(&self, ask: &Ask, id: &ChallengeId) -> Resend {
        Resend {
            id: id.clone(),
            subject: ask.subject,
            group: ask.group.to_owned(),
            now: ask.now,
            lease: LEASE,
            event: self.event(ask.now),
        }
    }
}

/// How long the issuer may take over a mail.
pub(super) const LEASE: Duration = Duration::from_secs(20);

/// The key from which all codes of the suite follow.
pub(super) fn key() -> Key {
    Key::new([7; 32])
}

pub(super) fn serial_of(text: &str) -> Serial {
    Serial::parse(text).expect("a serial")
}

/// The code that this mail carries.
pub(super) fn code_of(mail: &MailJob) -> Code {
    let binding = Binding { challenge: &mail.key, subject: &mail.subject, purpose: mail.purpose, group: &mail.group };
    binding.derive(&key(), &mail.nonce, mail.code_length)
}

/// The code that a decoy would have mailed.
pub(super) fn code_of_part(command: &Begin, part: u8) -> Code {
    let challenge = ChallengeKey { id: command.id.clone(), part };
    let binding =
        Binding { challenge: &challenge, subject: &command.subject, purpose: command.purpose, group: &command.group };
    let asked = &command.parts[usize::from(part)];
    binding.derive(&key(), &asked.nonce, asked.code_length)
}

/// Another code than this one.
pub(super) fn not(code: &Code) -> Code {
    let mut digits = code.expose().to_owned();
    let last = digits.pop().expect("digits");
    digits.push(if last == '0' { '1' } else { '0' });
    let length = CodeLength::from_digits(digits.len().try_into().expect("short")).expect("a length");
    Code::parse(&digits, length).expect("a code")
}

/// Those that go somewhere.
pub(super) fn leaving(mut mails: Vec<MailJob>) -> Vec<MailJob> {
    mails.retain(|mail| mail.address.is_some());
    mails
}

pub(super) fn address_of(mail: &MailJob) -> &str {
    mail.address.as_ref().expect("it goes somewhere").as_str()
}

pub(super) fn opened(begun: Begun) -> Opened {
    match begun {
        Begun::Open { id, expires_at, mails, .. } => Opened { id, expires_at, mails: leaving(mails) },
        other => panic!("nothing was opened: {other:?}"),
    }
}

/// Runs all at once, each a task of its own, and hands back what they answer.
pub(super) async fn at_once<T: Send + 'static>(
    tasks: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let mut set = tokio::task::JoinSet::new();
    for task in tasks {
        set.spawn(task);
    }
    set.join_all().await
}

fn binding<'a>(ask: &'a Ask, challenge: &'a ChallengeKey) -> Binding<'a> {
    Binding { challenge, subject: &ask.subject, purpose: ask.purpose, group: ask.group }
}

/// One answer is compared with every part of a challenge, so its MAC is bound to the first of them.
fn binding_of_answer<T>(ask: &Ask, id: &ChallengeId, work: impl FnOnce(Binding<'_>) -> T) -> T {
    let challenge = ChallengeKey { id: id.clone(), part: 0 };
    work(binding(ask, &challenge))
}
