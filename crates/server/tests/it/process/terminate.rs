//! SIGTERM in the middle of work: answers that began are finished, the end comes soon, and the next
//! start finds everything in order.

use std::io::ErrorKind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::http::Client;
use super::peers::Peers;
use super::place::{Place, until};

#[test]
fn sigterm_under_load_cuts_no_answer_and_ends_with_exit_code_0_within_ten_seconds() {
    let (place, peers) = (Place::ready(), Peers::new());
    let sink = peers.sink(100);
    let mut server = place.serve();
    let admin = server.admin();
    server.relay(&admin, "main", sink.addr());
    admin.done("/token/init", &[("type", "email"), ("serial", "SLOW"), ("email", "slow@example.org"), ("pin", "1234")]);
    let client = server.client();
    let (whole, cut) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let took = std::thread::scope(|scope| {
        for caller in 0..8 {
            let (client, admin, whole, cut) = (&client, &admin, &whole, &cut);
            scope.spawn(move || load(caller, client, admin, whole, cut));
        }
        until("some load", Duration::from_secs(20), || (whole.load(Ordering::SeqCst) > 40).then_some(()));
        let started = Instant::now();
        let status = server.child.terminate(Duration::from_secs(10));
        assert_eq!(status.code(), Some(0), "{}", place.read("stderr"));
        started.elapsed()
    });
    assert_eq!(cut.into_inner(), 0, "answers that began and did not end");
    eprintln!("SIGTERM: ended after {took:?}, {} whole answers", whole.into_inner());
    let next = place.serve();
    let again = next.admin().get("/token/?serial=SLOW");
    assert_eq!(again.json()["result"]["value"]["count"], 1, "{}", again.body);
}

/// Calls until there is nobody to answer.
fn load(caller: usize, client: &Client, admin: &Client, whole: &AtomicUsize, cut: &AtomicUsize) {
    for turn in 0.. {
        let serial = format!("T{caller}X{turn}");
        let answered = match caller % 3 {
            // One that keeps the hashing threads busy, one that writes, one that only reads.
            0 => client.try_post("/validate/check", &[("serial", "SLOW"), ("pass", "wrong")]),
            1 => admin.try_post("/token/init", &[("type", "email"), ("serial", &serial), ("email", "t@example.org")]),
            _ => admin.send("GET", "/token/", super::http::FORM, ""),
        };
        match answered {
            Ok(_) => drop(whole.fetch_add(1, Ordering::SeqCst)),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                cut.fetch_add(1, Ordering::SeqCst);
                return;
            }
            Err(_) => return,
        }
    }
}
