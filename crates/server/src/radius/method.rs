//! How a request brings what somebody typed.

use radius_wire::attribute;
use radius_wire::chap::Chap;
use radius_wire::microsoft::{self, VENDOR};
use radius_wire::mschap2::MsChap2;
use radius_wire::packet::Packet;
use radius_wire::password;
use zeroize::Zeroizing;

/// The method, and what came by it.
pub(super) enum Method {
    /// What follows from it.
    Chap(Chap),
    /// What follows from it, and lets both sides show that they know it.
    MsChap2(MsChap2),
    /// The text itself.
    Pap(Zeroizing<Vec<u8>>),
    /// Nothing we could use.
    Unusable(Unusable),
}

/// Why there is nothing to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unusable {
    /// A conversation of its own, which we do not have.
    Eap,
    /// MS-CHAP version 1, which is broken.
    MsChap1,
    /// CHAP or MS-CHAPv2 with parts missing or of another length.
    Garbled,
    /// No password in any form.
    Nothing,
}

impl Method {
    /// Reads a request. Where it brings several things, the text counts.
    pub(super) fn read(packet: &Packet, shared: &[u8]) -> Self {
        if let Some(hidden) = packet.find(attribute::USER_PASSWORD) {
            return Self::Pap(password::unhide(hidden, shared, &packet.authenticator));
        }
        let is_microsoft = |kind| packet.find_of_vendor(VENDOR, kind).is_some();
        let read = match () {
            () if packet.find(attribute::EAP_MESSAGE).is_some() => return Self::Unusable(Unusable::Eap),
            () if is_microsoft(microsoft::MS_CHAP2_RESPONSE) => MsChap2::read(packet).map(Self::MsChap2),
            () if packet.find(attribute::CHAP_PASSWORD).is_some() => Chap::read(packet).map(Self::Chap),
            () if is_microsoft(microsoft::MS_CHAP_RESPONSE) => return Self::Unusable(Unusable::MsChap1),
            () => return Self::Unusable(Unusable::Nothing),
        };
        read.unwrap_or(Self::Unusable(Unusable::Garbled))
    }

    /// In words for the log.
    pub(super) const fn as_str(&self) -> &'static str {
        match self {
            Self::Chap(_) => "CHAP",
            Self::MsChap2(_) => "MS-CHAPv2",
            Self::Pap(_) => "PAP",
            Self::Unusable(Unusable::Eap) => "EAP",
            Self::Unusable(Unusable::Garbled) => "garbled",
            Self::Unusable(Unusable::MsChap1) => "MS-CHAP",
            Self::Unusable(Unusable::Nothing) => "none",
        }
    }
}
