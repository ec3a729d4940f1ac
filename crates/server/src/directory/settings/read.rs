//! From names and texts to settings. The names are those of the privacyIDEA interface, and a few of our own.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use ldap_wire::filter::Filter;
use ldap_wire::request::Scope;

use super::{Groups, IdAttribute, LdapSettings, Profile, Security, Server, Wrong};

/// A setting that is known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub help: &'static str,
}

/// All settings, in the order in which they are shown. Passwords are kept elsewhere.
pub const fn known() -> &'static [Known] {
    &KNOWN
}

pub(super) fn read(data: &BTreeMap<String, String>) -> Result<LdapSettings, Vec<Wrong>> {
    let mut reader = Reader { data, wrong: Vec::new() };
    let settings = reader.settings();
    if reader.wrong.is_empty() { Ok(settings) } else { Err(reader.wrong) }
}

struct Reader<'a> {
    data: &'a BTreeMap<String, String>,
    wrong: Vec<Wrong>,
}

impl<'a> Reader<'a> {
    fn settings(&mut self) -> LdapSettings {
        let login_attributes = self.login_attributes();
        let first = login_attributes.first().cloned().unwrap_or_default();
        let id = self.id();
        let (profile, mail) = self.profile();
        LdapSettings {
            servers: self.servers(),
            ca_file: self.ca_file(),
            group_base: self.group_base(),
            base: self.needed("LDAPBASE"),
            scope: self.scope(),
            timeout: self.timeout(),
            reader: self.text("BINDDN").to_owned(),
            writer: self.text("WRITEDN").to_owned(),
            filter: self.filter(&first),
            login_attributes,
            groups: self.groups(&id),
            id,
            mail_attributes: self.mail_attributes(mail),
            profile,
            domains: self.list("DOMAIN"),
            kept_attributes: Vec::new(),
        }
    }

    fn text(&self, name: &str) -> &'a str {
        self.data.get(name).map_or("", |text| text.trim())
    }

    fn needed(&mut self, name: &'static str) -> String {
        let text = self.text(name);
        if text.is_empty() {
            self.refuse(name, "is needed");
        }
        text.to_owned()
    }

    fn list(&self, name: &str) -> Vec<String> {
        self.text(name).split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    fn flag(&mut self, name: &'static str, usual: bool) -> bool {
        match self.text(name).to_ascii_lowercase().as_str() {
            "" => usual,
            "1" | "true" | "yes" | "on" => true,
            "0" | "false" | "no" | "off" => false,
            _ => {
                self.refuse(name, "1 or 0 is allowed");
                usual
            }
        }
    }

    fn refuse(&mut self, name: &'static str, reason: impl Into<String>) {
        self.wrong.push(Wrong { name, reason: reason.into() });
    }

    fn servers(&mut self) -> Vec<Server> {
        let (starts_tls, is_consented) = (self.flag("START_TLS", false), self.flag("ALLOW_PLAINTEXT", false));
        let mut servers = Vec::new();
        for url in self.list("LDAPURI") {
            match Server::parse(&url, starts_tls) {
                Ok(server) if server.security == Security::Plaintext && !server.is_loopback() && !is_consented => {
                    let host = &server.host;
                    let reason = format!(
                        "passwords would go to {host} in clear: use ldaps://{host} or START_TLS=1, or accept it with \
                         ALLOW_PLAINTEXT=1"
                    );
                    self.refuse("LDAPURI", reason);
                }
                Ok(server) => servers.push(server),
                Err(reason) => self.refuse("LDAPURI", reason),
            }
        }
        if self.text("LDAPURI").is_empty() {
            self.refuse("LDAPURI", "is needed, for instance ldaps://dc1.example.org");
        }
        if !self.flag("TLS_VERIFY", true) {
            self.refuse("TLS_VERIFY", "the certificate is always checked; name its authority in TLS_CA_FILE");
        }
        servers
    }

    fn ca_file(&mut self) -> Option<PathBuf> {
        let path = self.text("TLS_CA_FILE");
        if !path.is_empty() && !path.starts_with('/') {
            self.refuse("TLS_CA_FILE", format!("a path from the root is allowed, got '{}'", path.escape_debug()));
        }
        Some(PathBuf::from(path)).filter(|path| !path.as_os_str().is_empty())
    }

    fn group_base(&self) -> String {
        match self.text("GROUPBASE") {
            "" => LdapSettings::root(self.text("LDAPBASE")).to_owned(),
            given => given.to_owned(),
        }
    }

    fn scope(&mut self) -> Scope {
        match self.text("SCOPE").to_ascii_uppercase().as_str() {
            "" | "SUBTREE" => Scope::Subtree,
            "LEVEL" => Scope::OneLevel,
            "BASE" => Scope::Base,
            _ => {
                self.refuse("SCOPE", "SUBTREE, LEVEL or BASE is allowed");
                Scope::Subtree
            }
        }
    }

    fn timeout(&mut self) -> Duration {
        let text = self.text("TIMEOUT");
        let seconds = if text.is_empty() { Some(3) } else { text.parse().ok() };
        let allowed = seconds.filter(|seconds| (1..=10).contains(seconds));
        if allowed.is_none() {
            self.refuse("TIMEOUT", format!("1 to 10 seconds are allowed, got '{}'", text.escape_debug()));
        }
        Duration::from_secs(allowed.unwrap_or(3))
    }

    fn filter(&mut self, login_attribute: &str) -> Filter {
        let text = self.text("LDAPSEARCHFILTER");
        if text.is_empty() {
            return Filter::Present(login_attribute.to_owned());
        }
        Filter::parse(text).unwrap_or_else(|error| {
            self.refuse("LDAPSEARCHFILTER", error.to_string());
            Filter::Present("objectClass".to_owned())
        })
    }

    fn login_attributes(&mut self) -> Vec<String> {
        let names = self.list("LOGINNAMEATTRIBUTE");
        if names.is_empty() {
            self.refuse("LOGINNAMEATTRIBUTE", "is needed, for instance uid, or sAMAccountName,userPrincipalName");
        }
        self.checked("LOGINNAMEATTRIBUTE", names)
    }

    fn id(&mut self) -> IdAttribute {
        match self.text("UIDTYPE") {
            "" => IdAttribute::Text("entryUUID".to_owned()),
            dn if dn.eq_ignore_ascii_case("dn") => IdAttribute::Name,
            guid if guid.eq_ignore_ascii_case("objectGUID") => IdAttribute::Guid(guid.to_owned()),
            other => {
                let names = self.checked("UIDTYPE", vec![other.to_owned()]);
                IdAttribute::Text(names.into_iter().next().unwrap_or_default())
            }
        }
    }

    /// `USERINFO` is a JSON object: what is shown, and which attribute says it.
    fn profile(&mut self) -> (Profile, Option<String>) {
        let text = self.text("USERINFO");
        let text = if text.is_empty() { USUAL_PROFILE } else { text };
        let Ok(names) = serde_json::from_str::<BTreeMap<String, String>>(text) else {
            self.refuse("USERINFO", format!("a JSON object of attribute names is needed, as in {USUAL_PROFILE}"));
            return (Profile::default(), None);
        };
        let given: Vec<_> = names.values().filter(|name| !name.is_empty()).cloned().collect();
        self.checked("USERINFO", given);
        let of = |what: &str| names.get(what).cloned().unwrap_or_default();
        let profile =
            Profile { given_name: of("givenname"), surname: of("surname"), phone: of("phone"), mobile: of("mobile") };
        (profile, names.get("email").cloned().filter(|name| !name.is_empty()))
    }

    fn mail_attributes(&mut self, of_profile: Option<String>) -> Vec<String> {
        let names = self.list("EMAIL_ATTRIBUTES");
        if names.is_empty() {
            return vec![of_profile.unwrap_or_else(|| "mail".to_owned())];
        }
        self.checked("EMAIL_ATTRIBUTES", names)
    }

    fn groups(&mut self, id: &IdAttribute) -> Groups {
        match self.text("GROUPS").to_ascii_lowercase().as_str() {
            "" if matches!(id, IdAttribute::Guid(_)) => Groups::ActiveDirectory,
            "active-directory" => Groups::ActiveDirectory,
            "" | "members" => Groups::Members,
            _ => {
                self.refuse("GROUPS", "active-directory or members is allowed");
                Groups::Members
            }
        }
    }

    /// Attribute names (RFC 4512 section 1.4): nothing else may stand where one is asked for.
    fn checked(&mut self, setting: &'static str, names: Vec<String>) -> Vec<String> {
        for name in &names {
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.;".contains(&byte);
            if name.is_empty() || name.len() > MOST_NAME || !name.bytes().all(is_plain) {
                self.refuse(setting, format!("'{}' is not the name of an attribute", name.escape_debug()));
            }
        }
        names
    }
}

const MOST_NAME: usize = 128;
const USUAL_PROFILE: &str =
    r#"{"givenname": "givenName", "surname": "sn", "email": "mail", "phone": "telephoneNumber", "mobile": "mobile"}"#;

const fn row(name: &'static str, help: &'static str) -> Known {
    Known { name, help }
}

const KNOWN: [Known; 19] = [
    row("LDAPURI", "servers in order, ldaps://HOST or ldap://HOST, separated by commas"),
    row("START_TLS", "1: StartTLS, required, at the servers with ldap://"),
    row("ALLOW_PLAINTEXT", "1: consent to passwords in clear to another machine"),
    row("TLS_CA_FILE", "PEM file of a private certificate authority"),
    row("TLS_VERIFY", "always 1"),
    row("TIMEOUT", "longest wait for one operation, 1 to 10 seconds; 3"),
    row("BINDDN", "whom people are looked up as"),
    row("WRITEDN", "whom addresses are written as"),
    row("LDAPBASE", "where people are"),
    row("SCOPE", "SUBTREE, LEVEL or BASE"),
    row("LDAPSEARCHFILTER", "what every person's entry is like (RFC 4515)"),
    row("LOGINNAMEATTRIBUTE", "attributes that hold the names people sign in with, separated by commas"),
    row("UIDTYPE", "what never changes about an entry: entryUUID, objectGUID, an attribute, or DN"),
    row("USERINFO", "JSON object: which attributes are givenname, surname, email, phone, mobile"),
    row("EMAIL_ATTRIBUTES", "attributes that hold the mail address, in order, for instance mail,proxyAddresses"),
    row("DOMAIN", "names of the domain that people write before their own, as in CORP\\bob"),
    row("GROUPS", "active-directory or members: how groups are found"),
    row("GROUPBASE", "where groups are; usually the dc= parts of LDAPBASE"),
    row("NOREFERRALS", "always 1: pointers to other servers are never followed"),
];
