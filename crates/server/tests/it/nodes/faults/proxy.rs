//! A road to the database on which packets take their time, and which can be cut.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use tokio::time::Instant;

/// Passes everything on. Dropping it cuts the road for good.
pub(super) struct Proxy {
    address: SocketAddr,
    road: Arc<Road>,
}

struct Road {
    to: SocketAddr,
    /// What each packet takes, each way, in milliseconds.
    delay: AtomicU64,
    is_cut: AtomicBool,
    open: Mutex<Vec<TcpStream>>,
}

impl Proxy {
    pub(super) fn start(to: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let road = Road { to, delay: AtomicU64::new(0), is_cut: AtomicBool::new(false), open: Mutex::default() };
        let road = Arc::new(road);
        let shared = Arc::clone(&road);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                // Who does not get through is hung up on.
                drop(shared.take(stream));
            }
        });
        Self { address, road }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn delay(&self, each_way: Duration) {
        self.road.delay.store(u64::try_from(each_way.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// Ends every connection, and every new one at once.
    pub(super) fn cut(&self) {
        self.road.is_cut.store(true, Ordering::SeqCst);
        for stream in self.road.open.lock().unwrap().drain(..) {
            drop(stream.shutdown(Shutdown::Both));
        }
    }

    pub(super) fn mend(&self) {
        self.road.is_cut.store(false, Ordering::SeqCst);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.cut();
    }
}

impl Road {
    fn take(self: &Arc<Self>, client: TcpStream) -> std::io::Result<()> {
        if self.is_cut.load(Ordering::SeqCst) {
            return Ok(());
        }
        let server = TcpStream::connect(self.to)?;
        for stream in [&client, &server] {
            stream.set_nodelay(true)?;
            self.open.lock().unwrap().push(stream.try_clone()?);
        }
        self.carry(client.try_clone()?, server.try_clone()?);
        self.carry(server, client);
        Ok(())
    }

    /// One direction. What is on its way does not hold up what comes behind it.
    fn carry(self: &Arc<Self>, mut from: TcpStream, mut to: TcpStream) {
        let (sender, due) = mpsc::channel::<(Instant, Vec<u8>)>();
        let road = Arc::clone(self);
        thread::spawn(move || {
            let mut piece = [0; 16_384];
            while let Ok(count @ 1..) = from.read(&mut piece) {
                let delay = Duration::from_millis(road.delay.load(Ordering::SeqCst));
                if sender.send((Instant::now() + delay, piece[..count].to_vec())).is_err() {
                    return;
                }
            }
        });
        thread::spawn(move || {
            for (at, piece) in due {
                thread::sleep(at.saturating_duration_since(Instant::now()));
                if to.write_all(&piece).is_err() {
                    break;
                }
            }
            drop(to.shutdown(Shutdown::Both));
        });
    }
}
