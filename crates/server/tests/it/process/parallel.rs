//! Many right answers to one challenge at the same time, over real sockets.

use std::sync::Barrier;

use tokio::time::Instant;

use super::http::{Client, FORM, form};
use super::peers::{Peers, code_to};
use super::place::Place;

#[test]
fn of_64_parallel_right_answers_one_is_accepted_in_each_of_30_rounds() {
    let (place, peers) = (Place::ready(), Peers::new());
    let sink = peers.sink(100);
    let server = place.serve();
    let admin = server.admin();
    server.relay(&admin, "main", sink.addr());
    let client = server.client();
    for round in 0..ROUNDS {
        let (serial, address) = (format!("RACE{round}"), format!("race{round}@example.org"));
        admin.done("/token/init", &[("type", "email"), ("serial", &serial), ("email", &address)]);
        let id = client.begin(&[("serial", &serial), ("pass", "")]);
        let code = code_to(&sink, &address);
        let accepted = race(&client, &[("serial", &serial), ("pass", &code), ("transaction_id", &id)]);
        assert_eq!(accepted, 1, "round {round}");
    }
}

/// How many of all callers are accepted. Their connections stand before the first one asks.
fn race(client: &Client, fields: &[(&str, &str)]) -> usize {
    let start = Barrier::new(CALLERS);
    let request = client.request("POST", "/validate/check", FORM, &form(fields));
    let call = || {
        let mut stream = client.connect().unwrap();
        start.wait();
        std::io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
        client.receive(stream, Instant::now()).unwrap().is_accepted()
    };
    std::thread::scope(|scope| {
        let callers: Vec<_> = (0..CALLERS).map(|_| scope.spawn(call)).collect();
        callers.into_iter().map(|caller| caller.join().unwrap()).filter(|accepted| *accepted).count()
    })
}

const CALLERS: usize = 64;
const ROUNDS: usize = 30;
