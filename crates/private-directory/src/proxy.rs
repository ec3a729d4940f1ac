//! A road to a server on which things go wrong. It carries octets and knows nothing of what they mean,
//! so it serves with and without TLS.

use std::io::{Error, Read, Result, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use socket2::SockRef;

use crate::scripted::garbage;

/// How the road is, for connections that are there and those to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Weather {
    /// Everything gets through.
    #[default]
    Fair,
    /// Every answer is on its way for so long.
    Slow(Duration),
    /// Questions arrive, answers never do.
    Silent,
    /// Nobody listens; who is connected is cut off.
    Closed,
    /// Each connection ends once so many octets of answers have got through.
    CutAfter(usize),
    /// The same, with a reset instead of a farewell.
    ResetAfter(usize),
    /// Each answer is replaced by as many octets that mean nothing.
    Garbled,
}

/// The road. Dropping it closes it.
#[derive(Debug)]
pub struct LdapProxy {
    address: SocketAddr,
    road: Arc<Road>,
    /// Who takes connections while the road is open.
    porter: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Road {
    to: SocketAddr,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    weather: Weather,
    /// Held weakly: a reset is sent only when nobody has the connection any more.
    open: Vec<Weak<TcpStream>>,
    /// How many connections were made over it.
    count: usize,
}

impl LdapProxy {
    /// A road to a server, in fair weather.
    pub fn start(to: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let road = Arc::new(Road { to, state: Mutex::default() });
        let porter = Some(attend(listener, &road));
        Ok(Self { address, road, porter })
    }

    /// Where it begins.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections have been made over it so far.
    pub fn connections(&self) -> usize {
        self.road.lock().count
    }

    /// Changes the weather at once.
    pub fn turn(&mut self, weather: Weather) -> Result<()> {
        self.road.lock().weather = weather;
        match (weather, self.porter.take()) {
            (Weather::Closed, porter) => self.close(porter),
            (_, Some(porter)) => {
                self.porter = Some(porter);
                Ok(())
            }
            (_, None) => {
                self.porter = Some(attend(TcpListener::bind(self.address)?, &self.road));
                Ok(())
            }
        }
    }

    /// Ends every connection; the weather stays, and new ones may come.
    pub fn cut(&self) {
        self.road.cut();
    }

    fn close(&self, porter: Option<JoinHandle<()>>) -> Result<()> {
        if let Some(porter) = porter {
            // The porter looks up only when somebody comes.
            drop(TcpStream::connect(self.address));
            porter.join().map_err(|_| Error::other("the porter is gone"))?;
        }
        self.road.cut();
        Ok(())
    }
}

impl Drop for LdapProxy {
    fn drop(&mut self) {
        drop(self.turn(Weather::Closed));
    }
}

impl Road {
    fn take(self: &Arc<Self>, client: TcpStream) -> Result<()> {
        let (client, server) = (Arc::new(client), Arc::new(TcpStream::connect(self.to)?));
        let mut state = self.lock();
        state.count += 1;
        for stream in [&client, &server] {
            stream.set_nodelay(true)?;
            state.open.push(Arc::downgrade(stream));
        }
        drop(state);
        let (from, to) = (Arc::clone(&client), Arc::clone(&server));
        // Whoever ends first, the other one is told.
        thread::spawn(move || drop(ask(&from, &to)));
        let road = Arc::clone(self);
        thread::spawn(move || {
            let how = road.answer(&server, &client).unwrap_or(Shutdown::Both);
            drop((server.shutdown(Shutdown::Both), client.shutdown(how)));
        });
        Ok(())
    }

    /// Carries answers, as the weather is when each arrives; then how the client is to be left.
    fn answer(&self, mut server: &TcpStream, mut client: &TcpStream) -> Result<Shutdown> {
        let (mut piece, mut through) = ([0; 16_384], 0);
        loop {
            let count = server.read(&mut piece)?;
            let Some(octets) = piece.get(..count).filter(|octets| !octets.is_empty()) else {
                return Ok(Shutdown::Both);
            };
            let weather = self.lock().weather;
            match weather {
                Weather::Fair => client.write_all(octets)?,
                Weather::Slow(delay) => {
                    thread::sleep(delay);
                    client.write_all(octets)?;
                }
                Weather::Silent => (),
                Weather::Closed => return Ok(Shutdown::Both),
                Weather::Garbled => client.write_all(&garbage(octets.len()))?,
                Weather::CutAfter(limit) | Weather::ResetAfter(limit) => {
                    let room = limit.saturating_sub(through);
                    client.write_all(octets.get(..room).unwrap_or(octets))?;
                    if octets.len() >= room {
                        return end(client, weather);
                    }
                }
            }
            through += count;
        }
    }

    fn cut(&self) {
        for stream in self.lock().open.drain(..).filter_map(|stream| stream.upgrade()) {
            drop(stream.shutdown(Shutdown::Both));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes connections until the road is closed.
fn attend(listener: TcpListener, road: &Arc<Road>) -> JoinHandle<()> {
    let road = Arc::clone(road);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            if road.lock().weather == Weather::Closed {
                return;
            }
            // Who does not get through is hung up on.
            drop(road.take(stream));
        }
    })
}

fn ask(mut from: &TcpStream, mut to: &TcpStream) -> Result<()> {
    std::io::copy(&mut from, &mut to)?;
    to.shutdown(Shutdown::Write)
}

/// Half an answer is all there was. For a reset the client must hear no farewell before.
fn end(client: &TcpStream, weather: Weather) -> Result<Shutdown> {
    if !matches!(weather, Weather::ResetAfter(_)) {
        return Ok(Shutdown::Both);
    }
    SockRef::from(client).set_linger(Some(Duration::ZERO))?;
    Ok(Shutdown::Read)
}
