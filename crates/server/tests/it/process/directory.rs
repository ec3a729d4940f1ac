//! Directories by the command line, and a whole sign-in against real ones with the running server.

use otpost::demo::sink::Sink;
use private_directory::entry::Entry;
use private_directory::samba::{self, Samba};
use private_directory::slapd::{PASSWORD, PEOPLE, Setup, Slapd, WRITER, WRITER_PASSWORD};

use super::peers::{Peers, code_to};
use super::place::{Place, Server};
use crate::directory::Resolver;

/// A server whose default realm has the people of the directory, and the mail that leaves it.
fn connected(place: &Place, peers: &Peers, resolver: &Resolver) -> (Server, Sink) {
    let (sink, server) = (peers.sink(50), place.serve());
    let admin = server.admin();
    server.relay(&admin, "main", sink.addr());
    admin.done("/system/setConfig", &[("email.identifier", "main")]);
    admin.done("/resolver/people", &resolver.fields());
    admin.done("/realm/corp", &[("resolvers", "people"), ("first_factor", "userstore")]);
    admin.done("/defaultrealm/corp", &[]);
    (server, sink)
}

#[test]
fn somebody_of_a_directory_signs_in_at_the_running_server() {
    let slapd = Slapd::start().unwrap();
    let (place, peers) = (Place::ready(), Peers::new());
    let (server, sink) = connected(&place, &peers, &Resolver::of_slapd(&slapd));
    signs_in(&server, &sink, PASSWORD);
}

#[test]
fn somebody_of_a_domain_signs_in_at_the_running_server() {
    if !samba::may_start().unwrap() {
        eprintln!("not run: only the superuser may have the ports of a domain controller");
        return;
    }
    let samba = Samba::start().unwrap();
    let (place, peers) = (Place::ready(), Peers::new());
    let (server, sink) = connected(&place, &peers, &Resolver::of_samba(&samba));
    signs_in(&server, &sink, samba::PASSWORD);
    let said = place.ok(&["directory", "test", "people", "alice"], "");
    for group in ["staff", "vpn", "Domain Users"] {
        let line = format!("group     {group} {}", samba.sid(group).unwrap());
        assert!(said.contains(&line), "no {line:?} in {said}");
    }
    let barred = place.ok(&["directory", "report", "people"], "");
    for (name, why) in [("dora", "disabled"), ("ed", "expired"), ("mia", "password-change-due")] {
        assert!(barred.lines().any(|line| line.contains(name) && line.contains(why)), "{name}: {barred}");
    }
}

#[test]
fn the_command_line_tries_a_directory_and_reports_before_a_roll_out() {
    let slapd = Slapd::start().unwrap();
    let (place, peers) = (Place::ready(), Peers::new());
    let writing = Resolver::of_slapd(&slapd).with("WRITEDN", WRITER).with("WRITEPW", WRITER_PASSWORD);
    let (_server, _sink) = connected(&place, &peers, &writing);
    let said = place.ok(&["directory", "test", "people", "alice", "--attribute", "extensionAttribute5"], "");
    for line in
        ["uid=alice,ou=people", "standing  good", "group     staff", "group     vpn", "extensionAttribute5 may be"]
    {
        assert!(said.contains(line), "no {line:?} in {said}");
    }
    assert_eq!(place.cli(&["directory", "test", "people", "nobody"], "").code, 6);
    let reported = place.ok(&["directory", "report", "people"], "");
    for (name, why) in [
        ("alice", "also that of grace"),
        ("grace", "also that of alice"),
        ("bob", "no address"),
        ("carol", "several addresses"),
        ("dave", "no single mailbox"),
        ("frank", "expired"),
    ] {
        let is_told = reported.lines().any(|line| line.contains(name) && line.contains(why));
        assert!(is_told, "{name} {why:?} is not in {reported}");
    }
    let zoe = Entry::new(format!("uid=zoe,{PEOPLE}")).with("objectClass", "inetOrgPerson").with("uid", "zoe");
    slapd.owner().modify(&zoe.with("cn", "Zoe").with("sn", "Zoe").to_ldif()).unwrap();
    assert!(place.ok(&["directory", "report", "people"], "").contains("zoe"), "it is asked each time");
}

#[test]
fn a_directory_that_does_not_list_everybody_is_not_taken_for_a_whole_report() {
    let slapd = Slapd::start_with(Setup { most_listed: Some(5), ..Setup::default() }).unwrap();
    let (place, peers) = (Place::ready(), Peers::new());
    let (_server, _sink) = connected(&place, &peers, &Resolver::of_slapd(&slapd));
    let reported = place.cli(&["directory", "report", "people"], "");
    assert_eq!(reported.code, 1, "{reported:?}");
    let told = "people lists 5 people at once, and there are more people: raise the size limit";
    assert!(reported.err.contains(told), "{reported:?}");
    assert!(
        reported.out.contains("the directory has no address"),
        "what was looked at is told all the same: {reported:?}"
    );
    let tried = place.ok(&["directory", "test", "people", "alice"], "");
    assert!(tried.contains("more than 5 people") && tried.contains("uid=alice,ou=people"), "{tried}");
}

fn signs_in(server: &Server, sink: &Sink, password: &str) {
    let enrolled = [("type", "email"), ("user", "alice"), ("realm", "corp"), ("dynamic_email", "1")];
    server.admin().done("/token/init", &enrolled);
    let client = server.client();
    let wrong = client.check(&[("user", "alice"), ("pass", "wrong")]);
    assert_eq!(wrong.verdict(), "REJECT", "{}", wrong.body);
    let id = client.begin(&[("user", "alice"), ("pass", password)]);
    let code = code_to(sink, "alice@example.org");
    let answer = [("user", "alice"), ("pass", code.as_str()), ("transaction_id", id.as_str())];
    assert!(client.check(&answer).is_accepted());
    assert_eq!(client.check(&answer).verdict(), "REJECT", "a code is accepted once");
}
