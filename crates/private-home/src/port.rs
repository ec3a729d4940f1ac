//! A port of one's own.

use std::io::{Error, Result};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr as Name, UnixDatagram};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

/// An address of this machine at which nobody listens. No other process that asks here is given it before this one
/// ends, so a server may stop and start again at it.
pub fn keep() -> Result<SocketAddr> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // Each process begins somewhere else, so that they are not in each other's way.
    let begin = process::id().wrapping_mul(STEP);
    for _ in 0..PORTS {
        let number = begin.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % PORTS;
        let address = SocketAddr::from(([127, 0, 0, 1], FIRST + u16::try_from(number).map_err(Error::other)?));
        if is_free(address) && claim(address.port()) {
            return Ok(address);
        }
    }
    Err(Error::other("no port of this machine is free"))
}

/// Whether a server could listen there, with either protocol.
fn is_free(address: SocketAddr) -> bool {
    TcpListener::bind(address).is_ok() && UdpSocket::bind(address).is_ok()
}

/// Takes the port's name, which one process on this machine can have at a time, and nobody after its end.
fn claim(port: u16) -> bool {
    static CLAIMED: Mutex<Vec<UnixDatagram>> = Mutex::new(Vec::new());
    let name = Name::from_abstract_name(format!("port {port} of a private server"));
    let Ok(socket) = name.and_then(|name| UnixDatagram::bind_addr(&name)) else {
        return false;
    };
    CLAIMED.lock().unwrap_or_else(PoisonError::into_inner).push(socket);
    true
}

/// Below those that the system gives to whoever asks for any, and to every connection that leaves.
const FIRST: u16 = 10_000;
const PORTS: u32 = 20_000;
/// More than most processes want.
const STEP: u32 = 11;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_given_once_though_nobody_listens_there_yet() {
        let address = keep().unwrap();
        assert!(is_free(address));
        assert!(!claim(address.port()));
        assert_ne!(keep().unwrap(), address);
    }

    #[test]
    fn a_port_where_somebody_listens_is_given_to_nobody() {
        let (tcp, udp) = (TcpListener::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
        assert!(!is_free(tcp.local_addr().unwrap()));
        assert!(!is_free(udp.local_addr().unwrap()));
    }
}
