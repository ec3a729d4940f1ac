//! kill -9 in the middle of load, again and again, on the same folder.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use otpost::demo::sink::Sink;
use tokio::time::Instant;

use super::http::Client;
use super::peers::Peers;
use super::place::Place;

/// A code that was handed in, and what became of it as far as anybody knows.
#[derive(Clone)]
struct HandedIn {
    serial: String,
    id: String,
    code: String,
    accepted: usize,
}

/// What the clients were told, over all lives of the server.
#[derive(Default)]
struct Told {
    enrolled: Mutex<Vec<String>>,
    codes: Mutex<Vec<HandedIn>>,
    /// Callers whom a kill left without the rest.
    cut: AtomicUsize,
}

#[test]
fn kills_under_load_lose_no_acknowledged_enrollment_and_no_code_is_accepted_twice() {
    let (place, peers) = (Place::ready(), Peers::new());
    let sink = Arc::new(peers.sink(100));
    let told = Told::default();
    let mut chance = 0x5DEE_CE66_D1CE_4E5B_u64;
    let server = place.serve();
    server.relay(&server.admin(), "main", sink.addr());
    let mut server = server;
    let mut checked = 0;
    for life in 0..KILLS {
        let (admin, client) = (server.admin(), server.client());
        let until = Instant::now() + Duration::from_millis(20 + next(&mut chance) % 230);
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for caller in 0..CALLERS {
                let caller = Caller { admin: &admin, client: &client, sink: &sink, told: &told, stop: &stop, caller };
                scope.spawn(move || {
                    let is_through = caller.work(life).is_some();
                    caller.told.cut.fetch_add(usize::from(!is_through), Ordering::SeqCst);
                });
            }
            std::thread::sleep(until.saturating_duration_since(Instant::now()));
            server.child.kill();
            stop.store(true, Ordering::SeqCst);
        });
        server = place.serve();
        checked += check_all(&server.admin(), &server.client(), &told);
    }
    let (enrolled, codes) = (told.enrolled.lock().unwrap(), told.codes.lock().unwrap());
    let accepted = codes.iter().filter(|code| code.accepted == 1).count();
    let cut = told.cut.load(Ordering::SeqCst);
    let twice = codes.iter().filter(|code| code.accepted > 1).count();
    eprintln!(
        "kill -9: {KILLS} kills, {} enrollments acknowledged, {accepted} codes accepted, {twice} twice, {checked} checks, \
         {cut} of {} callers cut off",
        enrolled.len(),
        KILLS * CALLERS
    );
    assert_eq!(twice, 0);
    assert!(cut > KILLS * CALLERS / 2, "only {cut} callers were cut off: the kills came too late");
    assert!(accepted > KILLS && enrolled.len() > KILLS, "there was hardly any load");
}

/// One of those who make the load.
struct Caller<'a> {
    admin: &'a Client,
    client: &'a Client,
    sink: &'a Sink,
    told: &'a Told,
    stop: &'a AtomicBool,
    caller: usize,
}

impl Caller<'_> {
    /// Enrolls and signs in until nobody answers any more; nothing then.
    fn work(&self, life: usize) -> Option<()> {
        let Self { admin, client, sink, told, stop, caller } = self;
        for turn in 0..MOST_TURNS {
            let (serial, address) =
                (format!("L{life}C{caller}T{turn}"), format!("l{life}c{caller}t{turn}@example.org"));
            let fields = [("type", "email"), ("serial", serial.as_str()), ("email", address.as_str())];
            let Ok(answer) = admin.try_post("/token/init", &fields) else { return None };
            assert_eq!(answer.json()["result"]["value"], true, "{}", answer.body);
            told.enrolled.lock().unwrap().push(serial.clone());
            let Ok(answer) = client.try_post("/validate/check", &[("serial", &serial), ("pass", "")]) else {
                return None;
            };
            let id = answer.transaction().expect("a challenge");
            let code = code(sink, &address, stop)?;
            let fields = [("serial", serial.as_str()), ("pass", code.as_str()), ("transaction_id", id.as_str())];
            let answered = client.try_post("/validate/check", &fields);
            let accepted = usize::from(answered.as_ref().is_ok_and(super::http::Answer::is_accepted));
            if answered.is_ok() {
                assert_eq!(accepted, 1, "the right code of an open challenge");
            }
            told.codes.lock().unwrap().push(HandedIn { serial, id, code, accepted });
            if answered.is_err() {
                return None;
            }
        }
        Some(())
    }
}

/// The code mailed to an address; nothing once the server is gone.
fn code(sink: &Sink, address: &str, stop: &AtomicBool) -> Option<String> {
    while !stop.load(Ordering::SeqCst) {
        if let Some(mail) = sink.mails().into_iter().find(|mail| mail.to == address) {
            return Some(crate::app::code_in(&mail));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    None
}

/// Every enrollment that was acknowledged is there; every code handed in before is handed in again.
fn check_all(admin: &Client, client: &Client, told: &Told) -> usize {
    let mut there = BTreeSet::new();
    for page in 1.. {
        let list = admin.get(&format!("/token/?pagesize=500&page={page}")).json();
        let tokens = list["result"]["value"]["tokens"].as_array().expect("a list").clone();
        there.extend(tokens.iter().filter_map(|token| token["serial"].as_str().map(str::to_owned)));
        if list["result"]["value"]["next"].is_null() {
            break;
        }
    }
    let enrolled = told.enrolled.lock().unwrap();
    let lost: Vec<_> = enrolled.iter().filter(|serial| !there.contains(*serial)).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    let mut codes = told.codes.lock().unwrap();
    let count = codes.len();
    std::thread::scope(|scope| {
        for part in codes.chunks_mut(count.div_ceil(8).max(1)) {
            scope.spawn(move || {
                for code in part {
                    let fields = [("serial", &*code.serial), ("pass", &*code.code), ("transaction_id", &*code.id)];
                    let again = client.check(&fields);
                    // Unanswered when the process died: it may count now, once.
                    code.accepted += usize::from(again.is_accepted());
                    assert!(code.accepted <= 1, "{} accepted twice", code.id);
                }
            });
        }
    });
    enrolled.len() + count
}

/// `SplitMix64`: the same kills in every run, as far as the machine allows.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

const KILLS: usize = 12;
const CALLERS: usize = 4;
/// Of one caller in one life, so that checking everything again stays affordable.
const MOST_TURNS: usize = 200;
