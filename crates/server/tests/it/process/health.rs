//! What keepers of the machine see: health, metrics, and the health check of the command line.

use std::time::Duration;

use super::http::Client;
use super::peers::{Peers, code_to};
use super::place::{Place, free, until};

#[test]
fn a_healthy_server_is_live_and_ready_and_counts_what_it_does() {
    let (place, peers) = (Place::ready(), Peers::new());
    let sink = peers.sink(10);
    let server = place.serve();
    let admin = server.admin();
    server.relay(&admin, "main", sink.addr());
    admin.done("/token/init", &[("type", "email"), ("serial", "H1"), ("email", "hanna@example.org")]);
    let id = server.client().begin(&[("serial", "H1"), ("pass", "")]);
    let code = code_to(&sink, "hanna@example.org");
    assert!(server.client().check(&[("serial", "H1"), ("pass", &code), ("transaction_id", &id)]).is_accepted());
    let manage = Client::new(server.manage);
    assert_eq!(manage.get("/health/live").status, 200);
    let ready = manage.get("/health/ready");
    assert_eq!((ready.status, ready.json()["status"].as_str()), (200, Some("UP")));
    let sent = || Some(manage.get("/metrics").body).filter(|text| text.contains("otpost_mail_messages_total{"));
    let metrics = until("the mail to be counted", Duration::from_secs(5), sent);
    for name in [
        "otpost_challenges_total",
        "otpost_code_checks_total",
        "otpost_http_requests_total",
        "otpost_http_request_duration_seconds_bucket",
        "otpost_mail_send_duration_seconds_count",
        "otpost_store_wal_bytes",
        "otpost_build_info",
    ] {
        assert!(metrics.contains(name), "{name} is missing");
    }
    let is_ours = |line: &str| line.starts_with('#') || line.starts_with("otpost_");
    assert!(metrics.lines().all(is_ours), "every name begins with otpost_");
    for person in ["hanna", "H1", "example.org"] {
        assert!(!metrics.contains(person), "{person} in a label");
    }
    for path in ["/health/live", "/health/ready", "/metrics"] {
        assert_eq!(server.client().get(path).status, 404, "{path} is not on the public port");
    }
    assert_eq!(place.cli(&["healthcheck"], "").code, 0);
    server.child.kill();
    let said = place.cli(&["healthcheck"], "");
    assert_eq!(said.code, 4, "{}", said.err);
    assert!(said.err.contains("no answer from"));
}

#[test]
fn a_dead_relay_degrades_and_does_not_take_the_server_out_of_service() {
    let place = Place::ready();
    let server = place.serve();
    let admin = server.admin();
    server.relay(&admin, "dead", free());
    for number in 0..8 {
        let serial = format!("D{number}");
        admin.done("/token/init", &[("type", "email"), ("serial", &serial), ("email", "d@example.org")]);
        server.client().begin(&[("serial", &serial), ("pass", "")]);
    }
    let manage = Client::new(server.manage);
    let degraded = || Some(manage.get("/health/ready")).filter(|answer| answer.json()["status"] == "degraded");
    let ready = until("the relay to be seen as down", Duration::from_secs(15), degraded);
    assert_eq!(ready.status, 200);
    assert!(ready.body.contains("\"dead\""), "{}", ready.body);
    assert_eq!(place.cli(&["healthcheck"], "").code, 0);
    let down = || manage.get("/metrics").body.contains("otpost_relay_up{relay=\"dead\"} 0").then_some(());
    until("the metric to say so", Duration::from_secs(5), down);
}

#[test]
fn a_database_that_takes_no_writes_is_not_ready_until_it_does() {
    let place = Place::ready();
    let server = place.serve();
    let manage = Client::new(server.manage);
    let connection = rusqlite::Connection::open(place.database()).unwrap();
    connection.busy_timeout(Duration::from_secs(5)).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    let ready_as = |status: u16| move |answer: &super::http::Answer| answer.status == status;
    let down = until("the server to notice", Duration::from_secs(15), || {
        Some(manage.get("/health/ready")).filter(ready_as(503))
    });
    assert_eq!(down.json()["checks"][0]["status"], "DOWN", "{}", down.body);
    connection.execute_batch("ROLLBACK").unwrap();
    until("the server to be ready again", Duration::from_secs(10), || {
        Some(manage.get("/health/ready")).filter(ready_as(200))
    });
}
