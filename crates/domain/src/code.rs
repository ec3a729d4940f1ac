//! The code itself: how it is derived, what is stored of it, how a typed one is read.
//!
//! A code is a keyed function of a random nonce and of everything it is bound to. It is stored
//! nowhere: the row keeps the nonce and a MAC, the sender derives the code again for the mail.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::challenge::{ChallengeKey, Purpose};
use crate::provider::InvalidProvider;
use crate::random::fair_digit;
use crate::secret::Key;
use crate::subject::Subject;

/// Digits in a code, 4 to 20.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CodeLength(u8);

impl CodeLength {
    /// Six digits: what people know, and the floor of OWASP ASVS 6.5.4 (20 bits).
    pub const STANDARD: Self = Self(6);

    /// From a number of digits, 4 to 20.
    pub fn from_digits(digits: i64) -> Result<Self, InvalidProvider> {
        match u8::try_from(digits) {
            Ok(short @ 4..=20) => Ok(Self(short)),
            _ => Err(InvalidProvider::CodeLength(digits)),
        }
    }

    /// Number of digits.
    pub fn digits(self) -> usize {
        usize::from(self.0)
    }

    /// How many digits, as databases count.
    pub fn digits_i64(self) -> i64 {
        self.0.into()
    }
}

/// The digits that were mailed, or that somebody typed. Cannot be printed; wiped on drop.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(Zeroizing<String>);

impl Code {
    /// Reads a typed code of the given length. ASCII blanks and hyphens are dropped, nothing else is
    /// repaired: other alphabets' digits are simply not a code.
    pub fn parse(typed: &str, length: CodeLength) -> Option<Self> {
        let digits: String = typed.chars().filter(|c| !matches!(c, ' ' | '-' | '\t')).collect();
        let is_code = digits.len() == length.digits() && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_code.then(|| Self(Zeroizing::new(digits)))
    }

    /// A code of that length that is none of these: a guess that is sure to be wrong.
    pub fn none_of(codes: &[Self], length: CodeLength) -> Self {
        let digits = length.digits();
        let all = (0_usize..).map(|number| Self(Zeroizing::new(format!("{number:0digits$}"))));
        let mut others = all.filter(|code| !codes.contains(code));
        // Of at least ten thousand codes, one more than there are codes is enough to look at.
        others.next().unwrap_or_else(|| unreachable!("there is no end to numbers"))
    }

    /// The digits, for the mail and for holding it against a response; nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// How many digits it has.
    pub fn length(&self) -> CodeLength {
        CodeLength(u8::try_from(self.0.len()).unwrap_or(u8::MAX))
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[code]")
    }
}

/// Random value from which, with the key, one code follows. 128 bits.
pub type Nonce = [u8; 16];

/// What the database keeps of a code.
pub type CodeMac = [u8; 32];

/// Everything a code is good for; change any of it and the code is another one. The part makes
/// codes differ but is left out of the MAC: one typed code is compared with every part at once.
#[derive(Debug, Clone, Copy)]
pub struct Binding<'a> {
    /// The challenge it answers.
    pub challenge: &'a ChallengeKey,
    /// The account it belongs to.
    pub subject: &'a Subject,
    /// What an acceptance would allow.
    pub purpose: Purpose,
    /// Which clients may hand it in.
    pub group: &'a str,
}

impl Binding<'_> {
    /// The code that follows from the nonce: HMAC-SHA-256 in counter mode, each byte below 250
    /// giving one digit, so that every code of the length is equally likely.
    pub fn derive(&self, key: &Key, nonce: &Nonce, length: CodeLength) -> Code {
        let mut digits = Zeroizing::new(String::with_capacity(length.digits()));
        for block in 0_u32.. {
            let mut mac = self.keyed(key, b"otpost code v1");
            mac.update(&[self.challenge.part]);
            mac.update(nonce);
            mac.update(&block.to_be_bytes());
            let bytes = mac.finalize().into_bytes();
            let fair = bytes.iter().filter_map(|byte| fair_digit(*byte));
            let missing = length.digits() - digits.len();
            digits.extend(fair.take(missing));
            if digits.len() == length.digits() {
                break;
            }
        }
        Code(digits)
    }

    /// What is stored and compared instead of the code.
    pub fn mac(&self, key: &Key, code: &Code) -> CodeMac {
        let mut mac = self.keyed(key, b"otpost mac v1");
        mac.update(code.expose().as_bytes());
        mac.finalize().into_bytes().into()
    }

    fn keyed(&self, key: &Key, label: &[u8]) -> Hmac<Sha256> {
        let mut mac = key.hmac();
        let fields: [&[u8]; 5] = [
            label,
            self.challenge.id.as_str().as_bytes(),
            self.subject.as_bytes(),
            self.purpose.as_str().as_bytes(),
            self.group.as_bytes(),
        ];
        for field in fields {
            update_prefixed(&mut mac, field);
        }
        mac
    }
}

/// Takes `PIN` and code apart: the last `length` characters, if they are digits, are the code.
/// The PIN part is returned exactly as sent.
pub fn split_pin(typed: &str, length: CodeLength) -> Option<(&str, Code)> {
    let at = typed.len().checked_sub(length.digits())?;
    let (pin, tail) = typed.split_at_checked(at)?;
    let digits = tail.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| (pin, Code(Zeroizing::new(tail.to_owned()))))
}

/// A keyed hash of these fields, cut to 128 bits: it names them and tells nothing of them.
pub(crate) fn keyed_half(key: &Key, fields: &[&[u8]]) -> [u8; 16] {
    let mut mac = key.hmac();
    for field in fields {
        update_prefixed(&mut mac, field);
    }
    let full: [u8; 32] = mac.finalize().into_bytes().into();
    let mut half = [0; 16];
    half.copy_from_slice(full.first_chunk::<16>().unwrap_or(&[0; 16]));
    half
}

/// Adds a field with its length in front, so that no two lists of fields read alike.
pub(crate) fn update_prefixed(mac: &mut Hmac<Sha256>, field: &[u8]) {
    mac.update(&u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
    mac.update(field);
}

#[cfg(test)]
#[path = "code/tests.rs"]
mod tests;
