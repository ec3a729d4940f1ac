//! How many connections each network has open.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use ipnet::IpNet;

/// The counts of one listener. Cheap to clone.
#[derive(Clone)]
pub(super) struct Shares {
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
    most: usize,
    uncounted: Arc<[IpNet]>,
}

/// One connection's place in its network's count; given back on drop.
pub(super) struct Share {
    of: Option<(Shares, IpAddr)>,
}

impl Shares {
    /// At most so many for each network, but for these peers and our own machine.
    pub(super) fn new(most: usize, uncounted: &[IpNet]) -> Self {
        Self { open: Arc::default(), most, uncounted: uncounted.into() }
    }

    /// A place for this peer, if its network has one left.
    pub(super) fn enter(&self, peer: IpAddr) -> Option<Share> {
        let peer = peer.to_canonical();
        // Behind a proxy, and our own machine is one or a test, are many people: only the total counts there.
        if peer.is_loopback() || self.uncounted.iter().any(|network| network.contains(&peer)) {
            return Some(Share { of: None });
        }
        let network = network(peer);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(network).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Share { of: Some((self.clone(), network)) })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let Some((shares, network)) = &self.of else { return };
        let mut open = shares.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(network) {
            *count -= 1;
            if *count == 0 {
                open.remove(network);
            }
        }
    }
}

/// What one subscriber has: an address, by IPv6 a whole /64.
fn network(peer: IpAddr) -> IpAddr {
    match peer {
        IpAddr::V4(_) => peer,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_has_its_share_however_many_addresses_it_has() {
        let shares = Shares::new(2, &["10.0.0.0/8".parse().expect("a network")]);
        let enter = |peer: &str| shares.enter(peer.parse().expect("an address"));
        for [first, second, third, other] in [
            ["192.0.2.1", "192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2"],
            ["2001:db8::1", "2001:db8::2", "2001:db8::ffff:0:0:1", "2001:db8:0:1::1"],
        ] {
            let held = (enter(first).expect("room"), enter(second).expect("room"));
            assert!(enter(third).is_none(), "{third} is the same network");
            assert!(enter(other).is_some(), "{other} is another one");
            drop(held);
            assert!(enter(third).is_some(), "places come back");
        }
        for many in ["127.0.0.1", "::1", "10.1.2.3", "::ffff:10.1.2.3"] {
            let held: Vec<_> = (0..9).map(|_| enter(many)).collect();
            assert!(held.iter().all(Option::is_some), "{many}");
        }
        assert!(shares.open.lock().expect("a lock").is_empty(), "nothing is kept of those who are gone");
    }
}
