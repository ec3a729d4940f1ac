//! The road with faults and the server that lies, seen by OpenLDAP's own client: bounded, whatever comes.

use std::time::Duration;

use private_directory::client::Client;
use private_directory::proxy::{LdapProxy, Weather};
use private_directory::request::{Filter, Request};
use private_directory::scripted::{Lie, Scripted};
use private_directory::slapd::{BASE, READER, READER_PASSWORD, Slapd};

#[test]
fn every_weather_is_felt_and_passes() {
    let slapd = Slapd::start().unwrap();
    let mut road = LdapProxy::start(slapd.address()).unwrap();
    let reader = slapd.client(READER, READER_PASSWORD).at(format!("ldap://{}", road.address()));
    reader.bind().unwrap();
    assert_eq!(road.connections(), 1);
    for weather in
        [Weather::Closed, Weather::CutAfter(0), Weather::CutAfter(9), Weather::ResetAfter(0), Weather::ResetAfter(20)]
    {
        road.turn(weather).unwrap();
        let refused = find_alice(&reader);
        assert!(refused.is_err(), "{weather:?}: {refused:?}");
        road.turn(Weather::Fair).unwrap();
        assert_eq!(find_alice(&reader).unwrap(), 1, "after {weather:?}");
    }
    road.turn(Weather::Slow(Duration::from_millis(50))).unwrap();
    assert_eq!(find_alice(&reader).unwrap(), 1);
}

#[test]
fn the_road_carries_tls_too() {
    let slapd = Slapd::start().unwrap();
    let mut road = LdapProxy::start(slapd.tls_address()).unwrap();
    let reader = slapd.client(READER, READER_PASSWORD).at(format!("ldaps://{}", road.address()));
    reader.bind().unwrap();
    road.turn(Weather::Garbled).unwrap();
    assert!(reader.bind().is_err());
}

#[test]
fn a_lie_arrives_as_it_was_told_and_requests_are_remembered() {
    let slapd = Slapd::start().unwrap();
    let liar = Scripted::start(Lie::One).unwrap();
    let client = slapd.client("cn=x", "secret").at(liar.url());
    let found = client.search("dc=a", r"(&(objectClass=*)(uid=\2a\00\29))", &["mail"]).unwrap();
    assert_eq!(found[0].text("mail"), Some("alice@example.org"));
    let [Request::Bind { name, password }, Request::Search(search), Request::Unbind] = &liar.requests()[..] else {
        panic!("{:?}", liar.requests());
    };
    assert_eq!((name.as_str(), password.as_slice()), ("cn=x", b"secret".as_slice()));
    assert_eq!(
        (search.base.as_str(), search.scope, search.attributes.as_slice()),
        ("dc=a", 2, &["mail".to_owned()][..])
    );
    assert_eq!(search.filter.equalities(), [("uid", b"*\0)".as_slice())]);
    assert!(matches!(&search.filter, Filter::And(parts) if parts[0] == Filter::Present("objectClass".to_owned())));
    liar.tell(Lie::Two);
    assert_eq!(client.search("dc=a", "(uid=x)", &["mail"]).unwrap().len(), 2);
    liar.tell(Lie::Nobody);
    assert_eq!(client.search("dc=a", "(uid=x)", &["mail"]).unwrap().len(), 0);
}

#[test]
fn no_lie_is_taken_for_a_person() {
    let slapd = Slapd::start().unwrap();
    let liar = Scripted::start(Lie::One).unwrap();
    let client = slapd.client("cn=x", "secret").at(liar.url());
    let elsewhere = "ldap://127.0.0.1:9/".to_owned();
    for lie in
        [Lie::Referral(elsewhere.clone()), Lie::ReferralOfBind(elsewhere), Lie::Half, Lie::Reset, Lie::ResetOfBind]
    {
        liar.tell(lie.clone());
        let refused = client.search("dc=a", "(uid=x)", &["mail"]);
        assert!(refused.is_err(), "{lie:?}: {refused:?}");
    }
}

fn find_alice(client: &Client) -> std::io::Result<usize> {
    client.search(BASE, "(uid=alice)", &["mail"]).map(|found| found.len())
}
