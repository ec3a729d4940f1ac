//! What names this installation to programs that ask for a name.

use sha2::{Digest, Sha256};

use super::ManageError;
use crate::app::App;
use crate::hex;

/// A name that no other installation has and that never changes, in the form of a GUID. It follows from
/// the constant that marries the database to its key file, and tells nothing about either.
pub async fn guid(app: &App) -> Result<String, ManageError> {
    let digest = Sha256::digest(app.store.find_key_check().await?.unwrap_or_default());
    let digits = hex::encode(&digest);
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| digits.get(part).unwrap_or_default());
    Ok(parts.join("-"))
}

/// The host under which people reach this server, or the machine's own name.
pub fn server_name(app: &App) -> String {
    match &app.config.http.public_url {
        Some(url) => url.host().to_owned(),
        None => gethostname::gethostname().into_string().unwrap_or_default(),
    }
}
