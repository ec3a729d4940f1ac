//! A domain of one's own: names, states of accounts, groups in groups, identifiers, rights.
//!
//! Only the superuser may have its ports; for everybody else these tests say that they were not run.
#![expect(clippy::unwrap_used, reason = "tests")]

use private_directory::certificate::Flaw;
use private_directory::client::Security;
use private_directory::entry::replacement;
use private_directory::samba::{BASE, PASSWORD, READER, Samba, WRITER, may_start};

#[test]
fn a_person_has_three_names_and_every_state_its_own_refusal() {
    let Some(samba) = samba() else { return };
    let dn = samba.account("alice").unwrap().dn;
    for name in ["alice@ad.example.org", "EXAMPLE\\alice", dn.as_str()] {
        samba.client(name, PASSWORD).bind().unwrap();
    }
    samba.lock_out("lou").unwrap();
    // The codes of Windows: wrong password, disabled, expired, to be changed, locked.
    for (name, password, code) in [
        ("alice", "wrong", "data 52e"),
        ("nobody", PASSWORD, "data 52e"),
        ("dora", PASSWORD, "data 533"),
        ("ed", PASSWORD, "data 701"),
        ("mia", PASSWORD, "data 773"),
        ("mia", "wrong", "data 52e"),
        ("lou", PASSWORD, "data 775"),
    ] {
        let error = samba.client(&format!("{name}@ad.example.org"), password).bind().unwrap_err();
        assert!(error.to_string().contains(code), "{name}: {error}");
    }
    let lou = samba.client(READER, PASSWORD).read(&samba.account("lou").unwrap().dn, &[COMPUTED]).unwrap();
    assert_eq!(lou.text(COMPUTED), Some("16"), "locked, as the domain has it worked out");
}

#[test]
fn groups_in_groups_are_found_both_ways() {
    let Some(samba) = samba() else { return };
    let (alice, staff, vpn) = (samba.account("alice").unwrap(), samba.sid("staff").unwrap(), samba.sid("vpn").unwrap());
    let reader = samba.client(READER, PASSWORD);
    let tokens = reader.read(&alice.dn, &["tokenGroups"]).unwrap().sids("tokenGroups");
    let own = alice.sids("objectSid").remove(0);
    let domain_users = format!("{}-513", own.rsplit_once('-').unwrap().0);
    for sid in [&staff, &vpn, &domain_users] {
        assert!(tokens.contains(sid), "{sid} is not among {tokens:?}");
    }
    let chain = format!("(member:1.2.840.113556.1.4.1941:={})", alice.dn);
    let groups = reader.search(BASE, &chain, &["objectSid"]).unwrap();
    let mut found: Vec<String> = groups.iter().flat_map(|group| group.sids("objectSid")).collect();
    found.sort();
    let mut expected = [staff, vpn];
    expected.sort();
    assert_eq!(found, expected, "the primary group is not in the chain");
    assert!(!tokens.contains(&samba.sid("guests of the house").unwrap()));
}

#[test]
fn the_writer_writes_what_is_allowed_and_nothing_else() {
    let Some(samba) = samba() else { return };
    let (bob, writer) = (samba.account("bob").unwrap().dn, samba.client(WRITER, PASSWORD));
    for name in ["mail", "extensionAttribute5", "otherMailbox"] {
        writer.modify(&replacement(&bob, name, &["bob@example.com"])).unwrap();
        assert_eq!(samba.account("bob").unwrap().text(name), Some("bob@example.com"));
    }
    let refused = [
        writer.modify(&replacement(&bob, "userPrincipalName", &["x@ad.example.org"])),
        writer.modify(&replacement(&bob, "servicePrincipalName", &["http/x"])),
        samba.client(READER, PASSWORD).modify(&replacement(&bob, "mail", &["x@example.com"])),
    ];
    for error in refused.map(Result::unwrap_err) {
        assert!(error.to_string().contains("Insufficient access (50)"), "{error}");
    }
}

#[test]
fn a_password_in_clear_is_refused_by_the_domain() {
    let Some(mut samba) = samba() else { return };
    let in_clear = samba.client(READER, PASSWORD).at(samba.url());
    let error = in_clear.bind().unwrap_err();
    assert!(error.to_string().contains("Strong(er) authentication required (8)"), "{error}");
    let secured = in_clear.with_security(Security::StartTls);
    secured.bind().unwrap();
    samba.kill_9().unwrap();
    assert!(secured.bind().is_err(), "nobody is there");
    samba.start_again_with(Flaw::Expired).unwrap();
    assert!(secured.bind().is_err(), "its certificate has expired");
    samba.start_again_with(Flaw::None).unwrap();
    secured.bind().unwrap();
}

fn samba() -> Option<Samba> {
    if !may_start().unwrap() {
        eprintln!("not run: only the superuser may have the ports of a domain controller");
        return None;
    }
    Some(Samba::start().unwrap())
}

const COMPUTED: &str = "msDS-User-Account-Control-Computed";
