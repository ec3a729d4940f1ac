//! A process that sends every datagram back as it came: what any UDP server here can do at most.

use std::net::{SocketAddr, UdpSocket};
use std::process::Stdio;
use std::time::Duration;

use private_home::port;

use crate::process::{Process, mortal};

/// Where to listen.
#[derive(clap::Args)]
pub(crate) struct Options {
    #[arg(long)]
    listen: SocketAddr,
}

/// A running one; it ends with this value.
pub(crate) struct Echo {
    pub(crate) address: SocketAddr,
    process: Process,
}

/// Echoes until the process is ended.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let socket = UdpSocket::bind(options.listen)?;
    let mut buffer = [0; 4096];
    loop {
        let (length, from) = socket.recv_from(&mut buffer)?;
        socket.send_to(buffer.get(..length).unwrap_or_default(), from)?;
    }
}

impl Echo {
    pub(crate) fn start() -> anyhow::Result<Self> {
        let address = port::keep()?;
        let mut command = mortal(std::env::current_exe()?);
        command.args(["echo", "--listen", &address.to_string()]).stdout(Stdio::null());
        let echo = Self { address, process: Process::start(&mut command)? };
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.connect(address)?;
        socket.set_read_timeout(Some(Duration::from_millis(20)))?;
        for _ in 0..500 {
            // Until it listens, the system refuses one of the two at once.
            if socket.send(b"?").and_then(|_| socket.recv(&mut [0; 1])).is_ok() {
                return Ok(echo);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        anyhow::bail!("the echo does not come up")
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }
}
