//! The key file and everything made from it: labelled sub-keys, sealed secrets.
//!
//! A stolen database says nothing without this file; it lives outside the data folder.

use std::fs::{File, Metadata};
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::random::{self, NoRandomness, Random};
use domain::secret::{Key, Secret};
use hkdf::Hkdf;
use hmac::Mac;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::hex;

/// All keys of an installation, each good for one thing.
#[derive(Clone)]
pub struct Keys {
    /// From which codes are derived.
    pub code: Key,
    /// With which codes are stored and compared.
    pub mac: Key,
    /// With which accounts are named in counters.
    pub subject: Key,
    /// Pepper of PINs and passwords.
    pub pin: Key,
    /// From which salts of PINs are made.
    pub salt: Key,
    /// Signs the access tokens of administrators and of the pages.
    pub token: Key,
    seal: Key,
    watch: Key,
}

/// Why the key file cannot be used, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// There is no such file.
    #[error("there is no key file at {0}; make one with `otpost keys new`")]
    Missing(PathBuf),
    /// There is one already.
    #[error("{0} exists already and was left as it is; a new key would make the database unreadable")]
    Exists(PathBuf),
    /// Others may read it.
    #[error("others may read the key file {path} (mode {mode:04o}); run: chmod 0600 {path}")]
    Permissions {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It belongs to somebody else.
    #[error("the key file {path} belongs to user {owner}, this program runs as {user}; run: chown {user} {path}")]
    Owner {
        /// The file.
        path: PathBuf,
        /// Who owns it.
        owner: u32,
        /// Who runs this program.
        user: u32,
    },
    /// Not a plain file.
    #[error("the key file {0} must be a regular file, not a link or a device")]
    NotAFile(PathBuf),
    /// Not 32 bytes in base64.
    #[error("the key file {0} does not hold one line of base64 with 32 bytes; restore it from your copy")]
    Malformed(PathBuf),
    /// It cannot be read or written.
    #[error("cannot use the key file {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No randomness to make a key from.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// A sealed value does not open: another key, another place, or damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value does not open with this key")]
pub struct Unsealable;

impl Keys {
    /// Reads the key file and holds it to its permissions.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let mut file = open(path)?;
        let mut line = Zeroizing::new(String::new());
        file.read_to_string(&mut line).map_err(|source| KeyError::Io { path: path.to_owned(), source })?;
        let malformed = || KeyError::Malformed(path.to_owned());
        let bytes = Zeroizing::new(STANDARD.decode(line.trim()).map_err(|_| malformed())?);
        let master: [u8; 32] = bytes.as_slice().try_into().map_err(|_| malformed())?;
        Ok(Self::from_master(&Key::new(master)))
    }

    /// Makes all keys from the master key (HKDF-SHA-256, RFC 5869, one label each).
    pub fn from_master(master: &Key) -> Self {
        let expand = Hkdf::<Sha256>::new(Some(b"otpost"), master.expose());
        let key = |label: &str| {
            let mut bytes = [0; 32];
            // 32 bytes are far below the 8,160 that HKDF-SHA-256 can give.
            if expand.expand(label.as_bytes(), &mut bytes).is_err() {
                unreachable!("HKDF-SHA-256 gives 32 bytes");
            }
            Key::new(bytes)
        };
        Self {
            code: key("code v1"),
            mac: key("mac v1"),
            subject: key("subject v1"),
            pin: key("pin v1"),
            salt: key("salt v1"),
            token: key("token v1"),
            seal: key("seal v1"),
            watch: key("watch v1"),
        }
    }

    /// By which the running server knows a program of its own machine that may read the key file.
    pub fn watch_pass(&self) -> Secret {
        Secret::new(hex::encode(&self.watch.hmac_for("radius watch").finalize().into_bytes()))
    }

    /// Seals a secret for one place; in another place it does not open (AES-256-GCM).
    pub fn seal(&self, place: &str, secret: &Secret, random: &dyn Random) -> Result<Vec<u8>, NoRandomness> {
        let nonce: [u8; NONCE_LEN] = random::bytes(random)?;
        let mut sealed = secret.expose().as_bytes().to_vec();
        let aad = Aad::from(place.as_bytes());
        // Sealing fails only beyond 64 GiB.
        if self.cipher().seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed).is_err() {
            unreachable!("a short text can be sealed");
        }
        Ok([&[SEAL_VERSION][..], &nonce, &sealed].concat())
    }

    /// Opens what was sealed for this place.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Secret, Unsealable> {
        let (version, rest) = sealed.split_first().ok_or(Unsealable)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(Unsealable)?;
        let mut body = Zeroizing::new(body.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = self.cipher().open_in_place(nonce, Aad::from(place.as_bytes()), &mut body);
        match opened {
            Ok(text) if *version == SEAL_VERSION => std::str::from_utf8(text).map(Secret::new).map_err(|_| Unsealable),
            _ => Err(Unsealable),
        }
    }

    fn cipher(&self) -> LessSafeKey {
        let Ok(key) = UnboundKey::new(&AES_256_GCM, self.seal.expose()) else { unreachable!("AES-256 takes 32 bytes") };
        LessSafeKey::new(key)
    }
}

/// Writes a new key file, mode 0600. Never replaces one.
pub fn create(path: &Path, random: &dyn Random) -> Result<(), KeyError> {
    let key: Zeroizing<[u8; 32]> = Zeroizing::new(random::bytes(random)?);
    let line = Zeroizing::new(format!("{}\n", STANDARD.encode(key.as_slice())));
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(path);
    let io = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::AlreadyExists => KeyError::Exists(path.to_owned()),
        _ => KeyError::Io { path: path.to_owned(), source },
    };
    let mut file = file.map_err(io)?;
    file.write_all(line.as_bytes()).and_then(|()| file.sync_all()).map_err(io)
}

/// Opens the key file. What was opened is what is held to the rules, whatever stands at its path by then.
fn open(path: &Path) -> Result<File, KeyError> {
    let missing = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::NotFound => KeyError::Missing(path.to_owned()),
        _ => KeyError::Io { path: path.to_owned(), source },
    };
    // Neither a link is followed nor a pipe waited for.
    let named = std::fs::symlink_metadata(path).map_err(missing)?;
    if !named.is_file() {
        return Err(KeyError::NotAFile(path.to_owned()));
    }
    let file = File::open(path).map_err(missing)?;
    let found = file.metadata().map_err(missing)?;
    if !found.is_file() || (found.dev(), found.ino()) != (named.dev(), named.ino()) {
        return Err(KeyError::NotAFile(path.to_owned()));
    }
    check_private(path, &found)?;
    Ok(file)
}

/// Holds an open file to what any key has to be: its owner's alone, who runs this program.
pub(crate) fn check_private(path: &Path, found: &Metadata) -> Result<(), KeyError> {
    let mode = found.mode() & 0o7777;
    if mode & 0o177 != 0 {
        return Err(KeyError::Permissions { path: path.to_owned(), mode });
    }
    let user = user()?;
    if found.uid() != user {
        return Err(KeyError::Owner { path: path.to_owned(), owner: found.uid(), user });
    }
    Ok(())
}

/// Who runs this program: the owner of its own process entry. Where that cannot be read, nobody is who they should be.
fn user() -> Result<u32, KeyError> {
    let path = Path::new("/proc/self");
    let own = std::fs::metadata(path).map_err(|source| KeyError::Io { path: path.to_owned(), source })?;
    Ok(own.uid())
}

const SEAL_VERSION: u8 = 1;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::os::OsRandom;

    fn keys(byte: u8) -> Keys {
        Keys::from_master(&Key::new([byte; 32]))
    }

    #[test]
    fn a_sealed_secret_opens_only_in_its_place_and_with_its_key() {
        let sealed = keys(1).seal("relay/a", &Secret::new("canary"), &OsRandom).expect("sealed");
        assert_eq!(keys(1).open("relay/a", &sealed).expect("opens").expose(), "canary");
        assert!(keys(1).open("relay/b", &sealed).is_err());
        assert!(keys(2).open("relay/a", &sealed).is_err());
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert!(keys(1).open("relay/a", &damaged).is_err(), "byte {at}");
        }
    }

    #[test]
    fn a_key_file_that_others_may_read_is_refused_with_the_remedy() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("otpost.key");
        create(&path, &OsRandom).expect("written");
        assert!(Keys::load(&path).is_ok());
        assert!(matches!(create(&path, &OsRandom), Err(KeyError::Exists(_))));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("chmod");
        let error = Keys::load(&path).err().expect("refused").to_string();
        assert!(error.contains("chmod 0600"), "{error}");
    }
}
