//! Entries as servers send them, and what counts of them.

use std::collections::BTreeMap;

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn settings(rows: &[(&str, &str)]) -> LdapSettings {
    let usual = [
        ("LDAPURI", "ldaps://dc.example.org"),
        ("LDAPBASE", "dc=example"),
        ("LOGINNAMEATTRIBUTE", "uid"),
        ("EMAIL_ATTRIBUTES", "mail, proxyAddresses"),
    ];
    let data: BTreeMap<_, _> =
        usual.iter().chain(rows).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    LdapSettings::parse(&data).expect("valid")
}

fn entry(rows: &[(&str, &[&str])]) -> Entry {
    let usual: [(&str, &[&str]); 2] = [("uid", &["bob"]), ("entryUUID", &["b0b"])];
    let attributes = usual
        .iter()
        .chain(rows)
        .map(|(name, values)| ((*name).to_owned(), values.iter().map(|value| value.as_bytes().to_vec()).collect()));
    Entry::new("uid=bob,dc=example", attributes.collect())
}

fn read(rows: &[(&str, &[&str])]) -> Listed {
    Listed::read(&settings(&[]), &entry(rows), NOW).expect("somebody")
}

fn address_of(rows: &[(&str, &[&str])]) -> Result<String, NoAddress> {
    read(rows).address.map(|address| address.as_str().to_owned())
}

#[test]
fn exactly_one_address_or_none() {
    let bob = Ok("bob@example.org".to_owned());
    assert_eq!(address_of(&[("mail", &["bob@example.org"])]), bob);
    assert_eq!(address_of(&[("mail", &["SMTP:bob@example.org"])]), bob);
    assert_eq!(address_of(&[("proxyAddresses", &["smtp:b@example.net", "SMTP:bob@example.org", "x500:/o=a"])]), bob);
    assert_eq!(address_of(&[("proxyAddresses", &["smtp:bob@example.org", "sip:bob@example.org"])]), bob);
    assert_eq!(address_of(&[]), Err(NoAddress::Missing));
    assert_eq!(address_of(&[("proxyAddresses", &["sip:bob@example.org", "x500:/o=a"])]), Err(NoAddress::Missing));
    assert_eq!(address_of(&[("mail", &["a@example.org", "b@example.org"])]), Err(NoAddress::Several));
    assert_eq!(address_of(&[("proxyAddresses", &["SMTP:a@a.org", "SMTP:b@a.org"])]), Err(NoAddress::Several));
}

#[test]
fn a_broken_address_is_not_passed_over() {
    for broken in
        ["bob", "a@x.org,b@x.org", "a@x.org\r\nBcc: b@x.org", "bob@127.0.0.1", "\"a\"@x.org", "sip:a@x.org", ""]
    {
        let rows: [(&str, &[&str]); 2] = [("mail", &[broken]), ("proxyAddresses", &["SMTP:bob@example.org"])];
        assert_eq!(address_of(&rows), Err(NoAddress::Malformed), "{broken:?}");
    }
}

#[test]
fn who_may_not_sign_in_is_told_apart() {
    let after = |seconds: i64| ((NOW.millis() + seconds * 1000 + MILLIS_FROM_1601_TO_1970) * 10_000).to_string();
    let (past, future) = (after(0), after(1));
    for (rows, standing) in [
        (&[("userAccountControl", "512")][..], Standing::Good),
        (&[("userAccountControl", "514")], Standing::Disabled),
        (&[("nsAccountLock", "TRUE")], Standing::Disabled),
        (&[("accountExpires", past.as_str())], Standing::Expired),
        (&[("accountExpires", future.as_str())], Standing::Good),
        (&[("accountExpires", "0")], Standing::Good),
        (&[("accountExpires", "9223372036854775807")], Standing::Good),
        (&[("shadowExpire", "20833")], Standing::Expired),
        (&[("shadowExpire", "-1")], Standing::Good),
        (&[("msDS-User-Account-Control-Computed", "16")], Standing::Locked),
        (&[("pwdAccountLockedTime", "000001010000Z")], Standing::Locked),
        (&[("pwdLastSet", "0")], Standing::PasswordChangeDue),
        (&[("msDS-User-Account-Control-Computed", "8388608")], Standing::PasswordChangeDue),
        (&[("pwdReset", "TRUE")], Standing::PasswordChangeDue),
        (&[("userAccountControl", "514"), ("pwdLastSet", "0")], Standing::Disabled),
    ] {
        let values: Vec<_> = rows.iter().map(|(_, value)| [*value]).collect();
        let rows: Vec<(&str, &[&str])> =
            rows.iter().zip(&values).map(|((name, _), value)| (*name, &value[..])).collect();
        assert_eq!(read(&rows).standing, standing, "{rows:?}");
    }
}

#[test]
fn without_identifier_or_name_nobody_is_there() {
    let nameless = Entry::new("x", vec![("entryUUID".to_owned(), vec![b"1".to_vec()])]);
    assert_eq!(Listed::read(&settings(&[]), &nameless, NOW), None);
    let nobody = Entry::new("x", vec![("uid".to_owned(), vec![b"bob".to_vec()])]);
    assert_eq!(Listed::read(&settings(&[]), &nobody, NOW), None);
    assert_eq!(Listed::read(&settings(&[("UIDTYPE", "DN")]), &nobody, NOW).expect("somebody").id, "x");
}
