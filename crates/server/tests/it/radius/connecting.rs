//! Where a sign-in lets people connect afterwards, the page says so, and for how long.

use std::time::Duration;

use domain::theme::ThemeName;
use otpost::config::RadiusProfile;
use tokio::task::JoinSet;

use super::front_door::same_address;
use super::{Desk, Gear};
use crate::web::browser::drive;
use crate::web::{Visitor, id_in, location};

/// By language: what is said while there are minutes left, and once there are none.
const SAID: [(&str, &str, &str); 4] = [
    (
        "en",
        "You may now open your remote connection: once, from here, and within {} minutes.",
        "The time to open your remote connection is over.",
    ),
    (
        "de",
        "Sie können jetzt Ihre Fernverbindung öffnen: ein einziges Mal, von hier aus und innerhalb von {} Minuten.",
        "Die Zeit, Ihre Fernverbindung zu öffnen, ist vorbei.",
    ),
    (
        "fr",
        "Vous pouvez maintenant ouvrir votre connexion à distance : une seule fois, d’ici et dans les {} minutes.",
        "Le délai pour ouvrir votre connexion à distance est écoulé.",
    ),
    (
        "es",
        "Ahora puede abrir su conexión remota: una sola vez, desde aquí y en los próximos {} minutos.",
        "El plazo para abrir su conexión remota ha terminado.",
    ),
];

impl Desk {
    /// Alice, signed in at the default entrance.
    async fn alice(&self) -> Visitor<'_> {
        let mut alice = Visitor::new(&self.test);
        let path = alice.begin("alice", "1234").await;
        let code = self.test.code_to("alice@example.org").await;
        let done = alice.post("/signin/code", &[("id", &id_in(&path)), ("code", &code)]).await;
        assert_eq!(location(&done.headers), "/signin/done");
        alice
    }
}

async fn page(alice: &mut Visitor<'_>, tag: &str) -> String {
    alice.get(&format!("/signin/done?lang={tag}")).await.text()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_says_that_one_may_connect_and_for_how_long() {
    let desk = Desk::start_as(same_address()).await;
    let mut alice = desk.alice().await;
    for (left, passes) in [("3:00", 60_500), ("2:00", 119_499), ("0:01", 1)] {
        for (tag, now, _) in SAID {
            let (shown, wanted) = (page(&mut alice, tag).await, now.replace("{}", left));
            assert!(shown.contains(&wanted), "no {wanted:?} in {shown}");
        }
        desk.test.clock.advance(Duration::from_millis(passes));
    }
    for (tag, now, over) in SAID {
        let shown = page(&mut alice, tag).await;
        let begin = now.split(" {}").next().unwrap();
        assert!(shown.contains(&format!(">{over}")) && !shown.contains(&format!(">{begin}")), "{shown}");
    }
    let vpn: Gear = desk.vpn().await;
    let late = vpn.ask(&vpn.access(1).user("alice").with(31, "127.0.0.1")).await.code;
    assert_eq!(late, super::wire::REJECT, "and it is over");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_said_of_connecting_where_no_gear_lets_anybody_in() {
    let elsewhere = RadiusProfile { theme: ThemeName::parse("Elsewhere").ok(), ..same_address() };
    for desk in [Desk::start().await, Desk::start_as(elsewhere).await] {
        let mut alice = desk.alice().await;
        for (tag, _, over) in SAID {
            let shown = page(&mut alice, tag).await;
            assert!(!shown.contains("id=\"door\"") && !shown.contains(over), "{shown}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_that_lets_people_connect_is_for_everybody() {
    let desk = Desk::start_as(same_address()).await;
    let alice = desk.alice().await;
    let mut serving = JoinSet::new();
    let base = format!("http://{}", desk.test.listen(&mut serving).await);
    let cookie = alice.jar();
    tokio::task::spawn_blocking(move || drive("connecting.mjs", &base, &[&cookie])).await.unwrap();
}
