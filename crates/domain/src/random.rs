//! Chance. The operating system's generator in the product, a seeded one in tests.

/// The generator gave nothing. There is no fallback: whatever needed chance fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operating system's random generator is unavailable")]
pub struct NoRandomness;

/// Where randomness comes from.
pub trait Random: Send + Sync {
    /// Fills the whole slice with unpredictable bytes, or fails and the caller fails with it.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness>;
}

/// An array of unpredictable bytes.
pub fn bytes<const N: usize>(random: &dyn Random) -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    random.fill(&mut bytes)?;
    Ok(bytes)
}

/// `count` decimal digits, each equally likely, as text with leading zeros.
pub fn digits(random: &dyn Random, count: usize) -> Result<String, NoRandomness> {
    let mut digits = String::with_capacity(count);
    while digits.len() < count {
        let pool: [u8; 32] = bytes(random)?;
        let fair = pool.iter().filter_map(|byte| fair_digit(*byte));
        let missing = count - digits.len();
        digits.extend(fair.take(missing));
    }
    Ok(digits)
}

/// One decimal digit from one byte, or nothing: 250 to 255 would favour the low digits.
pub(crate) fn fair_digit(byte: u8) -> Option<char> {
    (byte < 250).then(|| char::from(b'0' + byte % 10))
}
