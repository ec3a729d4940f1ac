//! A relay that comes back too late: the mail is dropped, said so, and never sent afterwards.

use std::time::Duration;

use super::peers::{Peers, mail_to};
use super::place::{Place, free, until};

#[test]
fn a_mail_whose_code_is_about_to_expire_is_dropped_and_said_so_and_never_sent() {
    let (place, peers) = (Place::ready(), Peers::new());
    let server = place.serve();
    let admin = server.admin();
    let address = free();
    server.relay(&admin, "late", address);
    admin.done("/system/setConfig", &[("email.validtime", "30")]);
    for (serial, to) in [("LATE", "late@example.org"), ("NEXT", "next@example.org")] {
        admin.done("/token/init", &[("type", "email"), ("serial", serial), ("email", to)]);
    }
    server.client().begin(&[("serial", "LATE"), ("pass", "")]);
    let dropped = || !place.audited("expired-unsent").is_empty();
    until("the audit to say so", Duration::from_secs(30), || dropped().then_some(()));
    let line = admin.get("/audit/?info=expired-unsent*").json();
    assert_eq!(line["result"]["value"]["count"], 1, "{line}");
    assert_eq!(line["result"]["value"]["auditdata"][0]["success"], 0, "{line}");
    let sink = peers.sink_at(address, 10);
    server.client().begin(&[("serial", "NEXT"), ("pass", "")]);
    assert_eq!(mail_to(&sink, "next@example.org").to, "next@example.org");
    assert_eq!(sink.mails().len(), 1, "the late mail stays unsent");
    assert!(!place.read("stderr").contains("late@example.org"), "addresses are masked in the log");
    assert!(place.read("stderr").contains("mail given up"));
}
