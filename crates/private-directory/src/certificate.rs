//! An authority of one's own, and the certificates it issues: a good one, or one wrong in one way.

use std::io::{Error, Result};
use std::net::IpAddr;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};

/// What is wrong with a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Flaw {
    /// Nothing.
    #[default]
    None,
    /// It ended years ago.
    Expired,
    /// It is for another name.
    OtherName,
    /// An authority has signed it whom nobody knows.
    UnknownAuthority,
}

/// An authority that clients are told to trust.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate chain and its key, in PEM.
pub(crate) struct Issued {
    pub(crate) chain: String,
    pub(crate) key: String,
}

impl Authority {
    /// A new one.
    pub(crate) fn new(name: &str) -> Result<Self> {
        let mut params = CertificateParams::new(Vec::<String>::new()).map_err(Error::other)?;
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().map_err(Error::other)?;
        CertifiedIssuer::self_signed(params, key).map(Self).map_err(Error::other)
    }

    /// Its own certificate, for those who trust it.
    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for a server at this address and `localhost`.
    pub(crate) fn issue(&self, address: IpAddr, flaw: Flaw) -> Result<Issued> {
        let names = match flaw {
            Flaw::OtherName => vec!["other.example".to_owned()],
            _ => vec!["localhost".to_owned(), address.to_string()],
        };
        let mut params = CertificateParams::new(names).map_err(Error::other)?;
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(if flaw == Flaw::Expired { 2021 } else { 2090 }, 1, 1);
        let key = KeyPair::generate().map_err(Error::other)?;
        let certificate = match flaw {
            Flaw::UnknownAuthority => params.signed_by(&key, &Self::new("stranger")?.0),
            _ => params.signed_by(&key, &self.0),
        };
        Ok(Issued { chain: certificate.map_err(Error::other)?.pem(), key: key.serialize_pem() })
    }
}
