//! One node on one PostgreSQL, somebody who signs in, and what has to hold while something is wrong
//! with the database, and afterwards.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use otpost::demo::sink::Sink;
use private_postgres::cluster::Cluster;
use tokio::time::Instant;

use super::super::evidence::{Mail, address_of};
use super::gear::{self, Gear, PIN, Person};
use crate::process::http::{Answer, Client};
use crate::process::peers::Peers;
use crate::process::place::{ADMIN_PASSWORD, Place, Said, Server, free, until};
use crate::radius::wire::{ACCEPT, CHALLENGE, REJECT};

/// The node and all that surrounds it.
pub(super) struct Rig {
    pub(super) place: Place,
    pub(super) admin: Client,
    server: Server,
    gear: Gear,
    sink: Sink,
    _peers: Peers,
    /// Somebody for whom challenges are triggered.
    other: String,
    count: AtomicUsize,
}

/// A fault: what an operator must be told, and what is promised meanwhile.
#[derive(Clone, Copy)]
pub(super) struct Fault {
    pub(super) name: &'static str,
    /// Stands in the log.
    pub(super) logged: &'static str,
    /// Stands in what `doctor` says.
    pub(super) diagnosed: &'static str,
    /// How long it lasts at least.
    pub(super) least: Duration,
    pub(super) meanwhile: Meanwhile,
}

/// What still works while a fault lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meanwhile {
    Nothing,
    /// The database answers, so the node counts as ready.
    Reads,
    /// Some requests get through, and are then answered rightly.
    Anything,
}

/// What is asked while a fault lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ask {
    /// The right code.
    Answer,
    FirstStep,
    Trigger,
    Readiness,
}

impl Ask {
    const ALL: [Self; 4] = [Self::Answer, Self::FirstStep, Self::Trigger, Self::Readiness];
}

/// A challenge whose code is known.
#[derive(Clone)]
pub(super) struct Open {
    pub(super) serial: String,
    pub(super) id: String,
    pub(super) code: String,
}

impl Rig {
    /// A node on a database of its own in that server.
    pub(super) fn of(cluster: &Cluster) -> Self {
        Self::behind(cluster, cluster.address())
    }

    /// The same where the node takes another road.
    pub(super) fn behind(cluster: &Cluster, road: SocketAddr) -> Self {
        cluster.create_database(DATABASE).unwrap();
        Self::start(&cluster.url(DATABASE).replace(&cluster.address().to_string(), &road.to_string()))
    }

    /// A node on a database that is there.
    pub(super) fn start(url: &str) -> Self {
        let (mut place, radius) = (Place::on(url), free());
        place.ok(&["keys", "new"], "");
        place.ok(&["migrate"], "");
        place.ok(&["admin", "add", "admin", "--password-stdin"], ADMIN_PASSWORD);
        place.extra = Gear::lines(radius);
        let (server, gear) = (place.serve(), Gear::new(radius));
        let (admin, peers) = (server.admin(), Peers::new());
        admin.done("/resolver/local", &[("type", "local")]);
        admin.done("/realm/staff", &[("resolvers", "local")]);
        let sink = peers.sink(10_000);
        server.relay(&admin, "main", sink.addr());
        let count = AtomicUsize::new(0);
        let mut rig = Self { place, admin, server, gear, sink, _peers: peers, other: String::new(), count };
        rig.other = rig.enroll().expect("an enrollment");
        rig
    }

    /// Enrolls somebody new; nothing when that is not acknowledged.
    pub(super) fn enroll(&self) -> Option<String> {
        let serial = format!("F{}", self.count.fetch_add(1, Ordering::SeqCst));
        let address = address_of(&serial);
        let answer = self.admin.post("/token/init", &[("type", "email"), ("serial", &serial), ("email", &address)]);
        (answer.status == 200).then_some(serial)
    }

    pub(super) fn is_enrolled(&self, serial: &str) -> bool {
        self.admin.get(&format!("/token/?serial={serial}")).json()["result"]["value"]["count"] == 1
    }

    /// The first step of somebody new, and the code out of the mail.
    pub(super) fn open(&self) -> Option<Open> {
        let serial = self.enroll()?;
        let id = self.client().check(&[("serial", &serial), ("pass", "")]).transaction()?;
        self.code(&id).map(|code| Open { serial, id, code })
    }

    /// The code in the mail of a challenge.
    fn code(&self, id: &str) -> Option<String> {
        let started = Instant::now();
        while started.elapsed() < MAIL {
            if let Some(mail) = self.sink.mails().iter().map(Mail::of).find(|mail| mail.challenge == id) {
                return Some(mail.code);
            }
            thread::sleep(SHORT);
        }
        None
    }

    /// Somebody new who signs in through the gear.
    fn person(&self) -> String {
        let name = format!("p{}", self.count.fetch_add(1, Ordering::SeqCst));
        let address = format!("{name}@example.org");
        self.admin.done("/user/", &[("resolver", "local"), ("user", &name), ("email", &address)]);
        let enrolled = [("type", "email"), ("user", &name), ("email", &address), ("pin", PIN)];
        self.admin.done("/token/init", &enrolled);
        name
    }

    /// Their first step through the gear, and the code out of the mail.
    fn challenged(&self, name: String) -> Person {
        let reply = self.gear.ask(&self.gear.first_step(&name), PATIENCE).expect("a reply");
        assert_eq!(reply.code, CHALLENGE, "{}", self.said());
        let state = reply.state();
        let code = self.code(str::from_utf8(&state).unwrap()).expect("a mail");
        Person { name, state, code }
    }

    pub(super) fn answer(&self, open: &Open) -> Answer {
        self.client().check(&[("serial", &open.serial), ("pass", &open.code), ("transaction_id", &open.id)])
    }

    /// A whole sign-in of somebody new.
    pub(super) fn sign_in(&self) -> Option<Open> {
        self.open().filter(|open| is_accepted(&self.answer(open)))
    }

    pub(super) fn client(&self) -> Client {
        self.server.client()
    }

    /// From the end of a fault until a whole sign-in works.
    pub(super) fn recover(&self, from: Instant) -> Duration {
        // So many that every connection that writes is among theirs.
        until("sign-ins after the fault", PATIENCE, || (0..PROOF).all(|_| self.sign_in().is_some()).then_some(()));
        let took = from.elapsed();
        assert!(took < RECOVERY + SLACK, "it took {took:?} until a sign-in worked again\n{}", self.said());
        took
    }

    pub(super) fn said(&self) -> String {
        self.place.read("stderr")
    }

    /// That of the database.
    fn password(&self) -> String {
        let (_, rest) = self.place.store.split_once("otpost:").expect("a user");
        rest.split('@').next().unwrap_or_default().to_owned()
    }

    /// The whole play: before, meanwhile, afterwards. Prints one row of the table.
    pub(super) fn endure(
        &self,
        cluster: &mut Cluster,
        fault: &Fault,
        begin: impl FnOnce(&mut Cluster),
        end: impl FnOnce(&mut Cluster),
    ) {
        let used = self.sign_in().expect("a sign-in before the fault");
        let open = self.open().expect("an open challenge before the fault");
        let enrolled = self.enroll().expect("an enrollment before the fault");
        let (person, next) = (self.challenged(self.person()), self.person());
        let before = self.said().len();
        begin(cluster);
        let (longest, doctor, replies) = self.meanwhile(fault, &open, &person);
        end(cluster);
        let recovered = thread::scope(|scope| {
            let by_radius = scope.spawn(|| self.recover_by_radius(fault, &person, next, replies));
            let by_http = self.recover(Instant::now());
            by_http.max(by_radius.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        });
        self.check_kept(&used, &open, &enrolled, fault);
        self.check_words(fault, &doctor, &self.said()[before..], &[&used, &open]);
        eprintln!(
            "| {} | {:.2} s | {:.2} s | {} |",
            fault.name,
            longest.as_secs_f32(),
            recovered.as_secs_f32(),
            fault.logged
        );
    }

    /// From the end of a fault until gear is answered again, both steps; how often a code was accepted
    /// before does not matter, as long as it was not twice.
    fn recover_by_radius(&self, fault: &Fault, person: &Person, next: String, accepted: usize) -> Duration {
        let started = Instant::now();
        let next = self.challenged(next);
        let reply = self.gear.ask(&self.gear.answer(person), PATIENCE).expect("a reply");
        let took = started.elapsed();
        let name = fault.name;
        assert!(took < RECOVERY + SLACK, "{name}: it took {took:?} until RADIUS was answered again\n{}", self.said());
        // Nobody knows what became of a code that was on its way; but it counts once.
        assert!([ACCEPT, REJECT].contains(&reply.code), "{name}: {reply:?}");
        assert!(accepted + usize::from(reply.code == ACCEPT) < 2, "{name}: accepted twice by RADIUS");
        let reply = self.gear.ask(&self.gear.answer(&next), PATIENCE).expect("a reply");
        assert_eq!(reply.code, ACCEPT, "{name}: {reply:?}\n{}", self.said());
        took
    }

    /// Asks everything at once, again and again; the longest answer, what `doctor` said, and how many RADIUS
    /// let in.
    fn meanwhile(&self, fault: &Fault, open: &Open, person: &Person) -> (Duration, Said, usize) {
        let started = Instant::now();
        thread::scope(|scope| {
            let doctor = scope.spawn(|| {
                let started = Instant::now();
                let said = self.place.cli(&["doctor"], "");
                (said, started.elapsed())
            });
            let by_radius = scope.spawn(|| self.gear.ask_in_vain(person));
            let asking = Ask::ALL.map(|ask| scope.spawn(move || self.ask_on(fault, started, ask, open)));
            let live = Client::new(self.server.manage).get("/health/live");
            assert_eq!(live.status, 200, "{}: what needs no database is as usual", fault.name);
            let longest = asking.map(|asking| asking.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            let (said, took) = doctor.join().expect("no panic");
            assert!(took < Duration::from_secs(8), "{}: doctor took {took:?}: {said:?}", fault.name);
            let replies = by_radius.join().expect("no panic");
            let is_silent = replies.is_empty() || fault.meanwhile == Meanwhile::Anything;
            assert!(is_silent, "{}: RADIUS answered {replies:?}\n{}", fault.name, self.said());
            (longest.into_iter().max().unwrap_or_default(), said, gear::accepted(&replies))
        })
    }

    fn ask_on(&self, fault: &Fault, started: Instant, ask: Ask, open: &Open) -> Duration {
        let (mut longest, mut turns) = (Duration::ZERO, 0);
        while turns < 2 || started.elapsed() < fault.least {
            let answer = self.ask(ask, open);
            longest = longest.max(answer.took);
            turns += 1;
            let told = format!("{}, {ask:?}: {} after {:?}: {}", fault.name, answer.status, answer.took, answer.body);
            assert!(answer.took < ANSWER + SLACK, "{told}\n{}", self.said());
            match (ask, answer.status) {
                (Ask::Readiness, 503) => {}
                (Ask::Readiness, 200) => assert_ne!(fault.meanwhile, Meanwhile::Nothing, "{told}"),
                (_, 503) => {
                    assert_eq!(answer.json()["result"]["error"]["code"], -503, "{told}");
                    assert_eq!(answer.json()["result"]["status"], false, "{told}");
                }
                (_, status) => {
                    assert_eq!((fault.meanwhile, status), (Meanwhile::Anything, 200), "{told}\n{}", self.said());
                    assert!(ask == Ask::Answer || !answer.is_accepted(), "{told}");
                }
            }
            thread::sleep(SHORT);
        }
        longest
    }

    fn ask(&self, ask: Ask, open: &Open) -> Answer {
        match ask {
            Ask::Answer => self.answer(open),
            Ask::FirstStep => {
                let stranger = format!("N{}", self.count.fetch_add(1, Ordering::SeqCst));
                self.client().check(&[("serial", &stranger), ("pass", "1234")])
            }
            Ask::Trigger => self.admin.post("/validate/triggerchallenge", &[("serial", &self.other)]),
            Ask::Readiness => Client::new(self.server.manage).get("/health/ready"),
        }
    }

    /// Whether nobody who is unknown has been answered in many turns.
    pub(super) fn is_refused_for_long(&self) -> bool {
        let nobody = || self.client().check(&[("serial", "NOBODY"), ("pass", "1")]).status == 503;
        (0..TURNS).all(|_| nobody())
    }

    /// What was acknowledged before the fault still holds.
    fn check_kept(&self, used: &Open, open: &Open, enrolled: &str, fault: &Fault) {
        assert!(!is_accepted(&self.answer(used)), "{}: a used code was accepted again", fault.name);
        let answers = [self.answer(open), self.answer(open)];
        let accepted = answers.iter().filter(|answer| is_accepted(answer)).count();
        assert!(accepted < 2 && answers.iter().all(|answer| answer.status == 200), "{}: {answers:?}", fault.name);
        assert!(self.is_enrolled(enrolled), "{}: an enrollment is gone", fault.name);
    }

    fn check_words(&self, fault: &Fault, doctor: &Said, log: &str, opens: &[&Open]) {
        let name = fault.name;
        assert!(log.contains(fault.logged), "{name}: no {:?} in the log:\n{log}", fault.logged);
        let told = format!("{}{}", doctor.out, doctor.err);
        if fault.meanwhile != Meanwhile::Anything {
            assert!([1, 3, 4].contains(&doctor.code), "{name}: doctor ended with {}: {told}", doctor.code);
        }
        assert!(told.contains(fault.diagnosed), "{name}: no {:?} from doctor: {told}", fault.diagnosed);
        for text in [log, &told] {
            assert!(!text.contains(&self.password()), "{name}: a password was printed");
            assert!(!text.contains(ADMIN_PASSWORD), "{name}: a password was printed");
            for open in opens {
                // The code between other digits is part of a number.
                let mut numbers = text.split(|letter: char| !letter.is_ascii_alphanumeric());
                assert!(numbers.all(|number| number != open.code), "{name}: a code was printed:\n{text}");
            }
        }
        let floods = log.lines().filter(|line| line.contains("the database takes no writes")).count();
        assert!(floods <= 12, "{name}: the same was said {floods} times");
    }
}

pub(super) fn is_accepted(answer: &Answer) -> bool {
    answer.status == 200 && answer.is_accepted()
}

pub(super) const DATABASE: &str = "faults";
/// What is promised.
const ANSWER: Duration = Duration::from_secs(2);
const RECOVERY: Duration = Duration::from_secs(5);
/// The machine of the test does many things at once.
const SLACK: Duration = Duration::from_millis(700);
const PATIENCE: Duration = Duration::from_secs(20);
const MAIL: Duration = Duration::from_secs(2);
/// Two connections write; that as many accounts belong to one of them is unlikely.
const PROOF: usize = 6;
const TURNS: usize = 20;
const SHORT: Duration = Duration::from_millis(20);
