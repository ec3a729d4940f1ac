//! A relay that takes every mail, each after a while: more mails wait for it than it takes within the
//! lease of one, and still everybody gets one mail.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::http::Client;
use super::place::{Place, until};

/// How many mails each recipient got.
type Taken = Arc<Mutex<BTreeMap<String, usize>>>;

#[test]
fn mails_that_wait_longer_than_their_lease_are_sent_once() {
    let place = Place::ready();
    let taken = Taken::default();
    let address = slow_relay(&taken);
    let server = place.serve();
    let admin = server.admin();
    server.relay(&admin, "slow", address);
    for number in 0..MAILS {
        let (serial, to) = (format!("SL{number}"), format!("sl{number}@example.org"));
        admin.done("/token/init", &[("type", "email"), ("serial", &serial), ("email", &to)]);
        server.client().begin(&[("serial", &serial), ("pass", "")]);
    }
    let count = || taken.lock().unwrap().len();
    until("a mail for everybody", Duration::from_mins(1), || (count() == MAILS).then_some(()));
    let manage = Client::new(server.manage);
    let is_idle = || manage.get("/metrics").body.contains("otpost_mail_queue_messages 0\n");
    until("an empty queue", Duration::from_mins(1), || is_idle().then_some(()));
    let twice: Vec<_> =
        taken.lock().unwrap().iter().filter(|(_, count)| **count > 1).map(|(to, _)| to.clone()).collect();
    assert!(twice.is_empty(), "{} of {MAILS} people got more than one mail: {twice:?}", twice.len());
}

/// Accepts for as long as the test process lives.
fn slow_relay(taken: &Taken) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, taken) = (listener.local_addr().unwrap(), Arc::clone(taken));
    std::thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            let taken = Arc::clone(&taken);
            // A client that hangs up ends its thread.
            std::thread::spawn(move || drop(session(stream, &taken)));
        }
    });
    address
}

fn session(mut stream: TcpStream, taken: &Taken) -> std::io::Result<()> {
    let input = BufReader::new(stream.try_clone()?);
    stream.write_all(b"220 slow ESMTP\r\n")?;
    let (mut recipient, mut is_message) = (String::new(), false);
    for line in input.lines() {
        let line = line?;
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        if is_message {
            if line == "." {
                is_message = false;
                std::thread::sleep(PAUSE);
                *taken.lock().unwrap().entry(recipient.clone()).or_default() += 1;
                stream.write_all(b"250 2.0.0 kept\r\n")?;
            }
            continue;
        }
        if verb == "RCPT" {
            recipient.clone_from(&line);
        }
        is_message = verb == "DATA";
        stream.write_all(if is_message { b"354 go on\r\n" } else { b"250 2.0.0 ok\r\n" })?;
    }
    Ok(())
}

const MAILS: usize = 200;
/// Eight at a time: the last mails wait for some twenty seconds, longer than any first lease.
const PAUSE: Duration = Duration::from_millis(800);
