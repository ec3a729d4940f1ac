//! A UDP socket as RADIUS wants it.

use std::io;
use std::net::SocketAddr;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::UdpSocket;

/// Opens a socket. One for IPv6 takes IPv6 alone, so that `0.0.0.0:1812` and `[::]:1812` can stand
/// side by side.
pub(super) fn open(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    // A burst waits here while the packets before it are looked at; the system may give less.
    socket.set_recv_buffer_size(RECEIVE_OCTETS)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    UdpSocket::from_std(socket.into())
}

const RECEIVE_OCTETS: usize = 1 << 20;
