//! PINs and passwords: argon2id and a pepper, on a few threads of their own with a bounded queue.
//!
//! One check costs tens of milliseconds of a core and 19 MiB. Without a bound it is a way to stop
//! the service; so the queue is short, waiting has an end, and everybody else never notices.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use domain::enrollment::PinHash;
use domain::secret::{Key, Secret};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use tokio::sync::{mpsc, oneshot};
use zeroize::Zeroizing;

use crate::keys::Keys;

/// The pool of hashing threads. Cheap to clone.
#[derive(Clone)]
pub struct Hasher {
    jobs: mpsc::Sender<Job>,
    pepper: Key,
    salt: Key,
}

/// Why no hash was computed. Nothing was compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// More checks are waiting than the queue holds, or ours waited too long.
    #[error("too many PIN checks are waiting")]
    Busy,
    /// A stored hash has a form that no version of this program writes.
    #[error("a stored hash is damaged: set that PIN or password anew")]
    Corrupt,
}

struct Job {
    typed: Secret,
    salt: [u8; SALT],
    reply: oneshot::Sender<Tag>,
}

type Tag = Zeroizing<[u8; TAG]>;

impl Hasher {
    /// Starts `workers` threads with room for `queue` waiting checks.
    pub fn start(keys: &Keys, workers: usize, queue: usize) -> std::io::Result<Self> {
        let (jobs, waiting) = mpsc::channel(queue);
        let waiting = Arc::new(Mutex::new(waiting));
        for number in 0..workers {
            let waiting = Arc::clone(&waiting);
            thread::Builder::new().name(format!("hash-{number}")).spawn(move || work(&waiting))?;
        }
        Ok(Self { jobs, pepper: keys.pin.clone(), salt: keys.salt.clone() })
    }

    /// Hashes a PIN or password. All PINs of one owner share a salt, so that one computation
    /// answers for all of them; the salt is keyed, so owners cannot be guessed from it.
    pub async fn hash(&self, typed: &Secret, owner: &str) -> Result<PinHash, HashError> {
        let salt = self.salt_of(owner);
        let tag = self.peppered(&*self.compute(typed, salt).await?);
        let (salt, tag) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(tag));
        Ok(PinHash::from_stored(format!("{PREFIX}{salt}${tag}")))
    }

    /// Which of the stored hashes the typed text fits. Computes once for each distinct salt, and
    /// once for nobody's salt where there is no hash at all, so that strangers cost the same.
    pub async fn matches(&self, typed: &Secret, stored: &[Option<PinHash>]) -> Result<Vec<bool>, HashError> {
        let parsed = stored.iter().map(|hash| hash.as_ref().map(parse).transpose()).collect::<Result<Vec<_>, _>>()?;
        let mut salts: Vec<_> = parsed.iter().flatten().map(|(salt, _)| *salt).collect();
        salts.sort_unstable();
        salts.dedup();
        if salts.is_empty() {
            salts.push(self.salt_of(""));
        }
        let mut fits = vec![false; stored.len()];
        for salt in salts {
            let tag = self.peppered(&*self.compute(typed, salt).await?);
            for (fits, hash) in fits.iter_mut().zip(&parsed) {
                *fits |= hash.is_some_and(|(own, stored)| own == salt && bool::from(stored.ct_eq(&tag)));
            }
        }
        Ok(fits)
    }

    /// Whether the typed text fits the one stored hash, if there is one.
    pub async fn matches_one(&self, typed: &Secret, stored: Option<&PinHash>) -> Result<bool, HashError> {
        Ok(self.matches(typed, &[stored.cloned()]).await?.contains(&true))
    }

    async fn compute(&self, typed: &Secret, salt: [u8; SALT]) -> Result<Tag, HashError> {
        let (reply, answer) = oneshot::channel();
        self.jobs.try_send(Job { typed: typed.clone(), salt, reply }).map_err(|_| HashError::Busy)?;
        let answer = tokio::time::timeout(DEADLINE, answer).await;
        answer.map_err(|_| HashError::Busy)?.map_err(|_| HashError::Busy)
    }

    fn peppered(&self, tag: &[u8]) -> [u8; TAG] {
        keyed(&self.pepper, tag)
    }

    fn salt_of(&self, owner: &str) -> [u8; SALT] {
        let full = keyed(&self.salt, owner.as_bytes());
        *full.first_chunk().unwrap_or(&[0; SALT])
    }
}

/// One hashing thread. It keeps its 19 MiB while checks are waiting and gives them back when idle.
fn work(waiting: &Mutex<mpsc::Receiver<Job>>) {
    let wait = || waiting.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
    // An idle thread holds the lock while it waits: then nothing is waiting for us.
    let another = || waiting.try_lock().ok()?.try_recv().ok();
    let Ok(params) = Params::new(MEMORY_KIB, PASSES, LANES, Some(TAG)) else {
        unreachable!("the parameters are constants in range")
    };
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    while let Some(first) = wait() {
        let mut memory = vec![Block::default(); argon2.params().block_count()];
        let mut job = Some(first);
        while let Some(current) = job {
            // Whoever stopped waiting needs no answer.
            if !current.reply.is_closed() {
                compute(&argon2, current, &mut memory);
            }
            job = another();
        }
    }
}

fn compute(argon2: &Argon2<'_>, job: Job, memory: &mut [Block]) {
    let mut tag = Zeroizing::new([0; TAG]);
    match argon2.hash_password_into_with_memory(job.typed.expose().as_bytes(), &job.salt, &mut *tag, memory) {
        Ok(()) => drop(job.reply.send(tag)),
        Err(error) => tracing::error!(%error, "hashing failed; the check is refused"),
    }
}

fn parse(hash: &PinHash) -> Result<([u8; SALT], [u8; TAG]), HashError> {
    let parts = hash.as_stored().strip_prefix(PREFIX).and_then(|rest| rest.split_once('$'));
    let decode = |text| STANDARD_NO_PAD.decode(text).ok();
    parts
        .and_then(|(salt, tag)| Some((decode(salt)?.try_into().ok()?, decode(tag)?.try_into().ok()?)))
        .ok_or(HashError::Corrupt)
}

fn keyed(key: &Key, input: &[u8]) -> [u8; TAG] {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.expose()) else {
        unreachable!("HMAC takes keys of any length")
    };
    mac.update(input);
    mac.finalize().into_bytes().into()
}

/// OWASP's minimum for argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const TAG: usize = 32;
const SALT: usize = 16;
/// Names the algorithm, its parameters and the pepper (1: the `pin v1` key).
const PREFIX: &str = "$argon2id-hmac$1$m=19456,t=2,p=1$";
const DEADLINE: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    fn hasher(key: u8) -> Hasher {
        Hasher::start(&Keys::from_master(&Key::new([key; 32])), 1, 4).expect("started")
    }

    #[tokio::test]
    async fn a_pin_fits_its_own_hash_alone() {
        let hasher = hasher(1);
        let (right, wrong) = (Secret::new("1234"), Secret::new("1235"));
        let own = hasher.hash(&right, "ann").await.expect("hash");
        let other = hasher.hash(&wrong, "ann").await.expect("hash");
        let fits = hasher.matches(&right, &[Some(own.clone()), Some(other), None]).await.expect("compared");
        assert_eq!(fits, [true, false, false]);
        assert!(!self::hasher(2).matches_one(&right, Some(&own)).await.expect("compared"), "without the pepper");
    }

    #[tokio::test]
    async fn a_damaged_hash_is_an_error_and_never_a_match() {
        let damaged = PinHash::from_stored("$argon2id-hmac$1$m=19456,t=2,p=1$AA$AA".to_owned());
        assert_eq!(hasher(1).matches_one(&Secret::new("x"), Some(&damaged)).await, Err(HashError::Corrupt));
    }
}
