//! People of real directories, through the doors: OpenLDAP, a Samba domain, a road to them on which
//! things go wrong, and a server that answers what no honest one does.

mod faults;
mod flow;
mod gone;
mod granted;
mod hostile;
mod lies;
mod samba;
mod several;

use std::path::Path;

use private_directory::samba::Samba;
use private_directory::slapd::{BASE, READER, READER_PASSWORD, Slapd};
use serde_json::Value;

use crate::app::{Reply, TestApp, code_in};

/// A resolver as privacyIDEA's call takes it.
#[derive(Clone)]
pub(crate) struct Resolver(Vec<(&'static str, String)>);

impl Resolver {
    /// OpenLDAP with TLS and the authority that is right.
    pub(crate) fn of_slapd(slapd: &Slapd) -> Self {
        Self::reading(&slapd.tls_url(), &slapd.ca_file())
    }

    /// A directory like OpenLDAP's at this URL.
    pub(crate) fn reading(url: &str, ca_file: &Path) -> Self {
        let map = r#"{"username": "uid", "email": "mail", "givenname": "givenName", "surname": "sn", "phone": "telephoneNumber", "mobile": "mobile"}"#;
        Self(vec![
            ("type", "ldapresolver".to_owned()),
            ("LDAPURI", url.to_owned()),
            ("TLS_VERIFY", "1".to_owned()),
            ("TLS_CA_FILE", ca_file.display().to_string()),
            ("LDAPBASE", BASE.to_owned()),
            ("BINDDN", READER.to_owned()),
            ("BINDPW", READER_PASSWORD.to_owned()),
            ("LOGINNAMEATTRIBUTE", "uid".to_owned()),
            ("LDAPSEARCHFILTER", "(objectClass=inetOrgPerson)".to_owned()),
            ("USERINFO", map.to_owned()),
            ("UIDTYPE", "entryUUID".to_owned()),
            ("TIMEOUT", "1".to_owned()),
            ("NOREFERRALS", "1".to_owned()),
        ])
    }

    /// A Samba domain.
    pub(crate) fn of_samba(samba: &Samba) -> Self {
        use private_directory::samba::{BASE, PASSWORD, READER};
        Self::reading(&samba.tls_url(), &samba.ca_file())
            .with("LDAPBASE", BASE)
            .with("BINDDN", READER)
            .with("BINDPW", PASSWORD)
            .with("LOGINNAMEATTRIBUTE", "sAMAccountName")
            .with("LDAPSEARCHFILTER", "(objectClass=user)")
            .with(
                "USERINFO",
                r#"{"username": "sAMAccountName", "email": "mail", "givenname": "givenName", "surname": "sn"}"#,
            )
            .with("UIDTYPE", "objectGUID")
            .with("DOMAIN", "EXAMPLE")
            .with("TIMEOUT", "3")
    }

    pub(crate) fn with(self, name: &'static str, value: &str) -> Self {
        let mut changed = self.without(name);
        changed.0.push((name, value.to_owned()));
        changed
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.0.retain(|(other, _)| *other != name);
        self
    }

    pub(crate) fn fields(&self) -> Vec<(&str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }
}

/// The product with the people of one directory in its default realm `corp`; their own password is what
/// they prove first. The realm `test` with the people of its own database is there too.
pub(crate) async fn connected(resolver: &Resolver) -> TestApp {
    let test = TestApp::start().await;
    connect(&test, resolver).await;
    test
}

async fn connect(test: &TestApp, resolver: &Resolver) {
    value(&test.admin("POST", "/resolver/people", &resolver.fields()).await);
    let realm = [("resolvers", "people"), ("first_factor", "userstore")];
    value(&test.admin("POST", "/realm/corp", &realm).await);
    value(&test.admin("POST", "/defaultrealm/corp", &[]).await);
}

/// Enrolls somebody of the directory at the address that it has for them at each time.
async fn enroll(test: &TestApp, user: &str) {
    let fields = [("type", "email"), ("user", user), ("realm", "corp"), ("dynamic_email", "1")];
    value(&test.admin("POST", "/token/init", &fields).await);
}

/// The first step.
async fn begin(test: &TestApp, user: &str, password: &str) -> Reply {
    test.check(&[("user", user), ("pass", password)]).await
}

/// Both steps, with the code that is mailed to this address.
pub(crate) async fn sign_in(test: &TestApp, user: &str, password: &str, address: &str) {
    let before = mails_to(test, address);
    let first = begin(test, user, password).await;
    assert_eq!(first.authentication(), "CHALLENGE", "{user}: {}", first.text());
    let code = code_in(&test.mails_to(address, before + 1).await[0]);
    let second = test.check(&[("user", user), ("transaction_id", &first.transaction()), ("pass", &code)]).await;
    assert_eq!(second.authentication(), "ACCEPT", "{user}: {}", second.text());
}

/// How many mails have come to an address.
fn mails_to(test: &TestApp, address: &str) -> usize {
    test.sink.mails().iter().filter(|mail| mail.to == address).count()
}

/// `result.value` of a call that was granted.
fn value(reply: &Reply) -> Value {
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.json()["result"]["status"], true, "{}", reply.text());
    reply.json()["result"]["value"].clone()
}
