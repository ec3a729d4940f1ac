//! Owns the look at files that only listeners read: certificates, keys, authorities. Commands run without them, on
//! machines and as users that do not have them; only who asks whether all is good is told.

use std::fs::File;
use std::path::Path;

use super::file;
use super::layers::{Layers, Raw};
use super::problem::Problem;

/// Those that cannot be opened.
pub(super) fn problems(layers: &Layers) -> Vec<Problem> {
    let named = FILES.iter().filter_map(|path| Some((*path, layers.find(path)?)));
    let closed = named.filter_map(|(path, entry)| {
        let Raw::Text(name) = &entry.raw else { return None };
        let error = File::open(Path::new(name.expose())).err()?;
        let what = format!("cannot be read: {}: {}", name.expose().escape_debug(), file::reason(&error));
        Some(Problem::new(&entry.origin, path, what).remedy("check its name and who may read it"))
    });
    closed.collect()
}

const FILES: [&str; 5] = [
    "http.tls.cert_file",
    "http.tls.key_file",
    "radius.tls.cert_file",
    "radius.tls.key_file",
    "radius.tls.client_ca_file",
];
