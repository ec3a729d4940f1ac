//! The time of an answer does not tell who exists. `bench enumeration` measures this closely; here only what
//! leaves out a whole step is found. Seen to fail with a build that hashes nothing for strangers: 0.00.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use domain::provider::{FirstFactor, ShowInformation, UserEnrollment};
use otpost::store::accounts::{self, Account};
use tokio::time::Instant;

use crate::app::{TestApp, form_request};

/// Two kinds of people, each told by the first letter of their name.
type Kinds = (char, char);

/// Guesses of each kind.
const GUESSES: u32 = 60;

/// Under "never": `e…` are enrolled, `u…` are not, everybody else is nobody. The password of all is `right`.
async fn people() -> TestApp {
    let test = TestApp::start().await;
    test.set_provider(|provider| {
        provider.first_factor = FirstFactor::UserStore;
        provider.show_information = ShowInformation::Never;
        provider.user_enrollment = UserEnrollment::Allow;
    })
    .await;
    let first = test.add_user("first", "right").await;
    for kind in ['e', 'u'] {
        for number in 0..GUESSES {
            let name = format!("{kind}{number:04}");
            let account = Account { id: format!("user-{name}"), name_key: name.clone(), name, ..first.clone() };
            test.apply(vec![accounts::insert(&account)]).await;
            if kind == 'e' {
                test.enroll_again(&account, &format!("PIEM{number}"), "").await;
            }
        }
    }
    test
}

/// A wrong password at a door, from a network of its own.
async fn guess(test: &TestApp, path: &str, name: &str, number: u32) -> Duration {
    let fields = [("name", name), ("user", name), ("password", "wrong"), ("pass", "wrong")];
    let from = if path == "/signin" { Ipv4Addr::from_bits(0x0a00_0000 + number) } else { Ipv4Addr::LOCALHOST };
    let request = form_request(path, &fields);
    let began = Instant::now();
    let reply = test.send_from(SocketAddr::new(IpAddr::V4(from), 40_000), request).await;
    let took = began.elapsed();
    assert!([200, 303].contains(&reply.status.as_u16()), "{name}: {}", reply.text());
    took
}

/// The chance that a guess about the first kind takes longer than one about the second: 0.5 tells nothing.
async fn area(path: &str, (these, those): Kinds) -> f64 {
    let test = people().await;
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for number in 0..GUESSES {
        let mut turns = [(these, &mut first), (those, &mut second)];
        if number.wrapping_mul(0x9e37_79b9).count_ones() % 2 == 1 {
            turns.reverse();
        }
        for (kind, times) in turns {
            times.push(guess(&test, path, &format!("{kind}{number:04}"), number).await);
        }
    }
    let beaten = first.iter().map(|time| second.iter().filter(|other| *other < time).count()).sum::<usize>();
    beaten as f64 / f64::from(GUESSES * GUESSES)
}

async fn assert_alike(path: &str, kinds: Kinds) {
    let area = area(path, kinds).await;
    assert!((0.25..=0.75).contains(&area), "{path}: the times of {kinds:?} can be told apart, {area:.2}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_waits_as_long_as_anybody_on_the_pages() {
    assert_alike("/signin", ('x', 'e')).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_enrolled_waits_as_long_as_who_is() {
    assert_alike("/signin", ('u', 'e')).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_learns_nothing_from_how_long_a_check_takes() {
    assert_alike("/validate/check", ('x', 'e')).await;
}
