//! Settings as administrators give them.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

fn data(rows: &[(&str, &str)]) -> BTreeMap<String, String> {
    let usual = [("LDAPURI", "ldaps://dc.example.org"), ("LDAPBASE", "dc=example"), ("LOGINNAMEATTRIBUTE", "uid")];
    usual.iter().chain(rows).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn refused(rows: &[(&str, &str)]) -> Vec<&'static str> {
    let wrong = LdapSettings::parse(&data(rows)).expect_err("refused");
    wrong.into_iter().map(|wrong| wrong.name).collect()
}

#[test]
fn little_is_needed() {
    let settings = LdapSettings::parse(&data(&[])).expect("valid");
    assert_eq!(
        settings.servers,
        [Server { host: "dc.example.org".to_owned(), port: 636, security: Security::Implicit }]
    );
    assert_eq!(settings.id, IdAttribute::Text("entryUUID".to_owned()));
    assert_eq!(settings.mail_attributes, ["mail"]);
    assert_eq!((settings.groups, settings.scope), (Groups::Members, Scope::Subtree));
    assert_eq!(settings.filter, Filter::Present("uid".to_owned()));
}

#[test]
fn servers_are_read_with_their_ports() {
    let rows = [("LDAPURI", "ldap://127.0.0.1:3890, ldaps://[2001:db8::1]:6360/"), ("START_TLS", "true")];
    let servers = LdapSettings::parse(&data(&rows)).expect("valid").servers;
    let told: Vec<_> = servers.iter().map(|server| (server.host.as_str(), server.port, server.security)).collect();
    assert_eq!(told, [("127.0.0.1", 3890, Security::StartTls), ("2001:db8::1", 6360, Security::Implicit)]);
}

#[test]
fn nothing_goes_in_clear_to_another_machine_without_consent() {
    assert_eq!(refused(&[("LDAPURI", "ldap://dc.example.org")]), ["LDAPURI"]);
    for rows in [
        [("LDAPURI", "ldap://dc.example.org"), ("ALLOW_PLAINTEXT", "1")],
        [("LDAPURI", "ldap://dc.example.org"), ("START_TLS", "1")],
        [("LDAPURI", "ldap://localhost"), ("START_TLS", "0")],
    ] {
        LdapSettings::parse(&data(&rows)).expect("valid");
    }
}

#[test]
fn everything_wrong_is_said_at_once() {
    let rows = [
        ("LDAPURI", "http://x"),
        ("LDAPBASE", " "),
        ("TIMEOUT", "11"),
        ("TLS_VERIFY", "0"),
        ("TLS_CA_FILE", "ca.pem"),
        ("LDAPSEARCHFILTER", "(uid=*"),
        ("LOGINNAMEATTRIBUTE", "uid)(x=*"),
        ("USERINFO", "uid"),
        ("SCOPE", "ALL"),
        ("GROUPS", "some"),
    ];
    let mut names = refused(&rows);
    names.sort_unstable();
    let mut wanted: Vec<_> = rows.iter().map(|(name, _)| *name).collect();
    wanted.sort_unstable();
    assert_eq!(names, wanted);
    for url in ["ldaps://", "ldaps://h:0", "ldaps://h:x", "ldaps://a b", "ldaps://169.254.169.254", "ldap://[::1", "h"]
    {
        assert_eq!(refused(&[("LDAPURI", url)]), ["LDAPURI"], "{url}");
    }
}

#[test]
fn only_our_own_domain_is_dropped() {
    let settings = LdapSettings::parse(&data(&[("DOMAIN", "CORP, corp.example.org")])).expect("valid");
    assert_eq!(settings.bare_name("corp\\bob"), "bob");
    assert_eq!(settings.bare_name("OTHER\\bob"), "OTHER\\bob");
    assert_eq!(settings.bare_name("bob@corp.example.org"), "bob@corp.example.org");
}

#[test]
fn every_name_that_is_read_is_known() {
    let (code, _) = include_str!("read.rs").split_once("const KNOWN").expect("a table");
    let reads = ["text(\"", "needed(\"", "list(\"", "flag(\""];
    let reads = reads.iter().flat_map(|call| code.split(call).skip(1)).filter_map(|rest| rest.split('"').next());
    // Taken and without effect: pointers to other servers are never followed.
    let read: BTreeSet<_> = reads.chain(["NOREFERRALS"]).collect();
    assert_eq!(read, known().iter().map(|known| known.name).collect());
}
