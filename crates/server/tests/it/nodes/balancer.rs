//! A tiny balancer: one request per connection, nodes in turn. A node that cannot be reached or does not
//! begin to answer is left out for a while. It never repeats a request by itself: whether the first
//! one was carried out, nobody knows.

use std::io::{ErrorKind, Read, Result, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tokio::time::Instant;

/// A running balancer. Dropping it ends the listener.
pub(super) struct Balancer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    nodes: Mutex<Vec<Backend>>,
    turn: AtomicUsize,
    /// Each so-manieth request goes to two nodes; 0 for none.
    twice_every: AtomicUsize,
    seen: AtomicUsize,
    doubled: Mutex<Vec<Vec<u8>>>,
    stopped: AtomicBool,
}

struct Backend {
    at: SocketAddr,
    out_until: Option<Instant>,
}

impl Balancer {
    pub(super) fn start(nodes: &[SocketAddr]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let nodes = nodes.iter().map(|at| Backend { at: *at, out_until: None }).collect();
        let shared = Arc::new(Shared {
            nodes: Mutex::new(nodes),
            turn: AtomicUsize::new(0),
            twice_every: AtomicUsize::new(0),
            seen: AtomicUsize::new(0),
            doubled: Mutex::default(),
            stopped: AtomicBool::new(false),
        });
        let for_listener = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if for_listener.stopped.load(Ordering::SeqCst) {
                    return;
                }
                let shared = Arc::clone(&for_listener);
                // Whoever hung up has nothing to be told.
                thread::spawn(move || drop(shared.pass(stream)));
            }
        });
        Self { address, shared }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// A node has come back, perhaps elsewhere.
    pub(super) fn set(&self, number: usize, at: SocketAddr) {
        self.shared.nodes.lock().unwrap()[number] = Backend { at, out_until: None };
    }

    /// The requests that went to two nodes.
    pub(super) fn doubled(&self) -> Vec<Vec<u8>> {
        self.shared.doubled.lock().unwrap().clone()
    }

    /// Each so-manieth request goes to two nodes at once, and the first answer is passed on; 0 for none.
    pub(super) fn send_twice_every(&self, requests: usize) {
        self.shared.twice_every.store(requests, Ordering::SeqCst);
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
    }
}

impl Shared {
    fn pass(self: &Arc<Self>, mut client: TcpStream) -> Result<()> {
        let request = read_request(&mut client)?;
        let every = self.twice_every.load(Ordering::SeqCst);
        let is_twice = every > 0 && self.seen.fetch_add(1, Ordering::SeqCst).is_multiple_of(every);
        let answer = if is_twice { self.ask_two(&request) } else { self.ask(&request, self.next()) };
        client.write_all(&answer?)
    }

    /// Both are asked, and both finish; the first answer counts.
    fn ask_two(self: &Arc<Self>, request: &[u8]) -> Result<Vec<u8>> {
        self.doubled.lock().unwrap().push(request.to_vec());
        let (sender, answers) = std::sync::mpsc::channel();
        for number in [self.next(), self.next()] {
            let (shared, request, sender) = (Arc::clone(self), request.to_vec(), sender.clone());
            thread::spawn(move || drop(sender.send(shared.ask(&request, number))));
        }
        drop(sender);
        let mut last = Err(ErrorKind::ConnectionAborted.into());
        for answer in answers {
            last = answer;
            if last.is_ok() {
                break;
            }
        }
        last
    }

    /// One node. A connection that is refused proves that nothing happened, so the next one is tried.
    fn ask(&self, request: &[u8], first: usize) -> Result<Vec<u8>> {
        let count = self.nodes.lock().unwrap().len();
        let mut number = first;
        for _ in 0..count {
            let at = self.nodes.lock().unwrap()[number].at;
            match TcpStream::connect_timeout(&at, CONNECT) {
                Ok(stream) => return self.converse(stream, request).inspect_err(|_| self.leave_out(number)),
                Err(_) => self.leave_out(number),
            }
            number = self.next();
        }
        Err(ErrorKind::ConnectionRefused.into())
    }

    fn converse(&self, mut node: TcpStream, request: &[u8]) -> Result<Vec<u8>> {
        node.set_nodelay(true)?;
        node.set_read_timeout(Some(SILENCE))?;
        node.write_all(request)?;
        let mut answer = Vec::new();
        node.read_to_end(&mut answer)?;
        if answer.is_empty() { Err(ErrorKind::ConnectionAborted.into()) } else { Ok(answer) }
    }

    /// The next node that is not left out; any, when all are.
    fn next(&self) -> usize {
        let mut nodes = self.nodes.lock().unwrap();
        let count = nodes.len();
        let turns: Vec<usize> = (0..count).map(|_| self.turn.fetch_add(1, Ordering::SeqCst) % count).collect();
        let is_in = |number: &usize| nodes[*number].out_until.is_none_or(|until| until <= Instant::now());
        let found = turns.iter().copied().find(is_in).unwrap_or(turns[0]);
        // So that the one after it is next, not the one that was looked at last.
        self.turn.store(found + 1, Ordering::SeqCst);
        nodes[found].out_until = None;
        found
    }

    fn leave_out(&self, number: usize) {
        self.nodes.lock().unwrap()[number].out_until = Some(Instant::now() + OUT);
    }
}

/// Head and body of one request.
fn read_request(client: &mut TcpStream) -> Result<Vec<u8>> {
    client.set_read_timeout(Some(SILENCE))?;
    let (mut request, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let count = client.read(&mut piece)?;
        request.extend_from_slice(&piece[..count]);
        if count == 0 || is_whole(&request) {
            return Ok(request);
        }
    }
}

fn is_whole(request: &[u8]) -> bool {
    let Some(end) = request.windows(4).position(|four| four == b"\r\n\r\n") else {
        return false;
    };
    let head = std::str::from_utf8(&request[..end]).unwrap_or_default().to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    request.len() >= end + 4 + length.unwrap_or(0)
}

const CONNECT: Duration = Duration::from_millis(300);
/// After that a node counts as silent: longer than any answer may take it.
const SILENCE: Duration = Duration::from_secs(10);
const OUT: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::http::Client;
    use crate::process::place::{free, until};

    /// A node that answers with its name and counts.
    fn node(name: &'static str) -> (SocketAddr, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (at, asked) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
        let count = Arc::clone(&asked);
        thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                read_request(&mut stream).unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{name}", name.len()).unwrap();
            }
        });
        (at, asked)
    }

    #[test]
    fn nodes_take_turns_and_a_dead_one_is_passed_over() {
        let ((one, _), (two, _), dead) = (node("one"), node("two"), free());
        let balancer = Balancer::start(&[one, dead, two]);
        let client = Client::new(balancer.address());
        let answers: Vec<_> = (0..8).map(|_| client.post("/", &[("a", "b")]).body).collect();
        assert_eq!(answers.iter().filter(|body| *body == "one").count(), 4, "{answers:?}");
        let (third, _) = node("three");
        balancer.set(1, third);
        let answers: Vec<_> = (0..3).map(|_| client.get("/").body).collect();
        assert!(answers.contains(&"three".to_owned()), "{answers:?}");
    }

    #[test]
    fn one_request_reaches_two_nodes_on_demand() {
        let ((one, first), (two, second)) = (node("one"), node("two"));
        let balancer = Balancer::start(&[one, two]);
        balancer.send_twice_every(1);
        Client::new(balancer.address()).get("/");
        let both = || first.load(Ordering::SeqCst) == 1 && second.load(Ordering::SeqCst) == 1;
        until("both nodes", Duration::from_secs(5), || both().then_some(()));
        assert_eq!(balancer.doubled().len(), 1);
    }

    #[test]
    fn a_request_whose_node_hangs_up_is_not_repeated() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let rude = listener.local_addr().unwrap();
        thread::spawn(move || listener.incoming().map_while(Result::ok).for_each(drop));
        let (kind, asked) = node("kind");
        let balancer = Balancer::start(&[rude, kind]);
        let client = Client::new(balancer.address());
        assert!(client.try_post("/", &[]).is_err(), "nobody knows what became of it");
        assert_eq!(asked.load(Ordering::SeqCst), 0);
        assert_eq!(client.get("/").body, "kind");
    }
}
