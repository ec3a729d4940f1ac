//! Room for work: bounded, and some of it kept for those who are halfway in (RFC 5080 2.2.3).

use std::sync::Arc;

use radius_wire::attribute;
use radius_wire::packet::Packet;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The places.
pub(super) struct Admission {
    all: Arc<Semaphore>,
    first_steps: Arc<Semaphore>,
}

/// One place, given back when dropped.
pub(super) struct Place {
    _place: OwnedSemaphorePermit,
    _of_first_steps: Option<OwnedSemaphorePermit>,
}

impl Default for Admission {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(MOST)), first_steps: Arc::new(Semaphore::new(MOST_FIRST_STEPS)) }
    }
}

impl Admission {
    /// A place for a packet, if there is one. When it gets crowded, only packets with a State get in.
    pub(super) fn enter(&self, packet: &Packet) -> Option<Place> {
        let of_first_steps = match packet.find(attribute::STATE) {
            Some(_) => None,
            None => Some(Arc::clone(&self.first_steps).try_acquire_owned().ok()?),
        };
        let place = Arc::clone(&self.all).try_acquire_owned().ok()?;
        Some(Place { _place: place, _of_first_steps: of_first_steps })
    }
}

/// Packets in work at the same time.
const MOST: usize = 1024;
const MOST_FIRST_STEPS: usize = 768;

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(attributes: &[u8]) -> Packet {
        let length = u8::try_from(20 + attributes.len()).expect("short");
        Packet::parse(&[&[1, 7, 0, length][..], &[9; 16], attributes].concat()).expect("a packet")
    }

    #[test]
    fn those_halfway_in_find_room_where_new_ones_do_not() {
        let (admission, new, halfway) = (Admission::default(), packet(&[1, 3, b'a']), packet(&[24, 3, b's']));
        let first_steps: Vec<_> = std::iter::from_fn(|| admission.enter(&new)).collect();
        assert_eq!(first_steps.len(), MOST_FIRST_STEPS);
        let answers: Vec<_> = std::iter::from_fn(|| admission.enter(&halfway)).collect();
        assert_eq!(answers.len(), MOST - MOST_FIRST_STEPS);
        drop(first_steps);
        assert!(admission.enter(&new).is_some() && admission.enter(&halfway).is_some());
    }
}
