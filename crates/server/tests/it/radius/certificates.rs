//! Certificates for RadSec, as files: made afresh for every test.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    PKCS_RSA_SHA256,
};

/// An authority, and the folder in which the files lie.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: PathBuf,
}

impl Authority {
    pub(crate) fn new(folder: &Path, file: &str) -> Self {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, file);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        std::fs::write(folder.join(file), issuer.pem()).unwrap();
        Self { issuer, folder: folder.to_owned() }
    }

    /// A certificate with these names, and its key.
    pub(crate) fn certify(&self, file: &str, names: &[&str]) {
        self.certify_key(file, names, &KeyPair::generate().unwrap());
    }

    /// The same with an RSA key, for what knows no others.
    pub(crate) fn certify_rsa(&self, file: &str, names: &[&str]) {
        self.certify_key(file, names, &KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap());
    }

    fn certify_key(&self, file: &str, names: &[&str], key: &KeyPair) {
        let mut params =
            CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = params.signed_by(key, &self.issuer).unwrap();
        let path = |ending: &str| -> PathBuf { self.folder.join(format!("{file}.{ending}")) };
        std::fs::write(path("pem"), certificate.pem()).unwrap();
        let mut options = std::fs::OpenOptions::new();
        let file = options.write(true).create(true).truncate(true).mode(0o600).open(path("key"));
        file.unwrap().write_all(key.serialize_pem().as_bytes()).unwrap();
    }
}
