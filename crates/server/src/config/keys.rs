//! Owns the list of every key the configuration knows. Parsing, unknown-key detection, environment
//! names, the reference, the sample and `show` all follow this list; there is no second one.

use super::choice::{
    ForwardedHeader, LogFormat, LogLevel, MessageAuthenticator, RadiusFirstFactor, RadiusMode, ValidateMessages,
};
use super::radius_profile::FRONT_DOOR_NAMES;
use super::schema::{Key, Kind};

/// Every key, in the order in which people read them; keys of one section stand together.
pub(super) const KEYS: &[Key] = &[
    Key::new("http.listen", Kind::Address, "Where the public HTTP server listens. Plain HTTP is accepted on loopback addresses only, unless `http.tls` is set or `http.allow_insecure` is true.")
        .default("\"127.0.0.1:8080\""),
    Key::new("http.public_url", Kind::WebUrl, "The address people type, as seen from outside. Pages and answers that name this server use it; nothing is ever built from a request's Host header.")
        .example("\"https://otp.example.org\""),
    Key::new("http.trusted_proxies", Kind::Networks, "Proxies whose `forwarded_header` counts. The header of any other peer is ignored, so with an empty list the peer itself is the client.")
        .default("[]").example("[\"192.0.2.1\", \"10.0.0.0/8\"]"),
    Key::new("http.forwarded_header", Kind::Choice(ForwardedHeader::NAMES), "The one header in which trusted proxies tell the client's address; all others are ignored.")
        .default("\"none\"").example("\"x-forwarded-for\""),
    Key::new("http.allow_insecure", Kind::Bool, "Permits plain HTTP on an address that is not loopback. Right behind a proxy on another machine in a trusted network, wrong elsewhere.")
        .default("false").example("true"),
    Key::new("http.allowed_hosts", Kind::Hosts, "Names a request may be addressed to (its Host header), without port, besides the host of `public_url`. Empty: any name.")
        .default("[]").example("[\"otp.example.org\"]"),
    Key::new("http.tls.cert_file", Kind::Path, "Certificate chain in PEM, the server's own certificate first. Together with `http.tls.key_file`, or neither.")
        .example("\"/etc/otpost/tls/fullchain.pem\""),
    Key::new("http.tls.key_file", Kind::Path, "Private key in PEM that belongs to `http.tls.cert_file`; only its owner may read it (mode 0400 or 0600).")
        .example("\"/etc/otpost/tls/privkey.pem\""),
    Key::new("manage.listen", Kind::Address, "Where health and metrics are served, always as plain HTTP and never on the public port.")
        .default("\"127.0.0.1:9464\""),
    Key::new("store.url", Kind::StoreUrl, "The database: a SQLite file, or PostgreSQL for several nodes. A password inside the address is kept secret.")
        .default("\"sqlite:/var/lib/otpost/otpost.db\""),
    Key::new("store.queue", Kind::Whole { min: 64, max: 65_536 }, "Database work that may wait; beyond it requests are turned away instead of piling up.")
        .default("8192").unit("commands"),
    Key::new("keys.file", Kind::Path, "The master key, written by `otpost keys new`. Mode 0400 or 0600 and owned by the service user, or the start is refused.")
        .default("\"/etc/otpost/otpost.key\""),
    Key::new("validate.allow", Kind::Networks, "Networks whose `/validate` calls need no API key.")
        .default("[\"127.0.0.0/8\", \"::1\"]"),
    Key::new("validate.get", Kind::Bool, "Accepts `/validate` calls by GET as well. Codes in an address end up in access logs, hence off.")
        .default("false").example("true"),
    Key::new("validate.messages", Kind::Choice(ValidateMessages::NAMES), "What a refusal on `/validate` says: `generic` says the same for every reason; `privacyidea` tells the reason in that product's words, also to an attacker.")
        .default("\"generic\"").example("\"privacyidea\""),
    Key::new("radius.listen", Kind::Addresses, "Where RADIUS listens (UDP). Empty: RADIUS is off.")
        .default("[]").example("[\"0.0.0.0:1812\"]"),
    Key::new("radius.clients_file", Kind::Path, "A FreeRADIUS `clients.conf`, read as it is, in addition to the clients given here. Of a client count `ipaddr`, `ipv4addr`, `ipv6addr`, `secret`, `shortname` and `require_message_authenticator` (`no` is read as `auto`; without it, `yes`); `$INCLUDE` is refused.")
        .example("\"/etc/freeradius/3.0/clients.conf\""),
    Key::new("radius.tls.listen", Kind::Addresses, "Where RadSec, RADIUS over TLS (RFC 6614), listens (TCP). Empty: RadSec is off.")
        .default("[]").example("[\"0.0.0.0:2083\"]"),
    Key::new("radius.tls.cert_file", Kind::Path, "Certificate chain in PEM that RadSec shows, the server's own certificate first. Needed where `radius.tls.listen` is set.")
        .example("\"/etc/otpost/tls/fullchain.pem\""),
    Key::new("radius.tls.key_file", Kind::Path, "Private key in PEM that belongs to `radius.tls.cert_file`; only its owner may read it (mode 0400 or 0600).")
        .example("\"/etc/otpost/tls/privkey.pem\""),
    Key::new("radius.tls.client_ca_file", Kind::Path, "Certificates in PEM of the authorities whose clients may connect; others do not get through the handshake.")
        .example("\"/etc/otpost/tls/radsec-clients.pem\""),
    Key::new("radius.client[].name", Kind::Text, "Name of the client in logs and in the audit; no two clients may share one.")
        .example("\"vpn\"").required(),
    Key::new("radius.client[].address", Kind::Network, "Address or network the client's packets come from; no two clients may share one. The narrowest network wins; a network of everybody is refused, unless the client has a `certificate_name`.")
        .example("\"192.0.2.10/32\"").required(),
    Key::new("radius.client[].secret", Kind::Secret, "Secret shared with the client: at least 16 characters, unless its address is loopback. Secrets of well-known examples are refused. Needed, unless the client has a `certificate_name`.")
        .example("\"long and random\""),
    Key::new("radius.client[].certificate_name", Kind::Text, "Makes this a client of RadSec, and of nothing else: the DNS name in its certificate's subjectAltName. It has no secret then, and its network may be wide.")
        .example("\"vpn.example.org\""),
    Key::new("radius.client[].require_message_authenticator", Kind::Choice(MessageAuthenticator::NAMES), "`yes` drops requests without Message-Authenticator; `auto` requires it from a client's first one onwards, for old gear.")
        .default("\"yes\"").example("\"auto\""),
    Key::new("radius.client[].mode", Kind::Choice(RadiusMode::NAMES), "How people sign in there. `challenge`: PIN or password, then the code is asked for. `password+code`: for clients that cannot ask; the first try with the password alone mails a code and is refused, the second brings password and code in one field. `code`: the code is the password; people begin elsewhere, on the pages or by a call of a portal.")
        .default("\"challenge\"").example("\"code\""),
    Key::new("radius.client[].first_factor", Kind::Choice(RadiusFirstFactor::NAMES), "`check`: Otpost checks PIN or password. `none`: the client has checked the password itself before it asks; whatever it sends first is not looked at. Not with `password+code`.")
        .default("\"check\"").example("\"none\""),
    Key::new("radius.client[].client_group", Kind::Text, "Group of clients that may answer each other's challenges; not set, the client is alone in a group of its own. With `mode = \"code\"` name the group in which people begin: `web` for the sign-in pages, `validate` or the `--group` of an API key for calls.")
        .example("\"web\""),
    Key::new("radius.client[].theme", Kind::Text, "Theme by which people come in there: it picks the provider and says who may. Not set: no theme, and passes of the front door are those of the default theme.")
        .example("\"vpn\""),
    Key::new("radius.client[].prompt", Kind::Text, "What people read when the code is asked for, instead of the provider's prompt.")
        .example("\"Code from your mail:\""),
    Key::new("radius.client[].max_reply_length", Kind::Whole { min: 16, max: 4000 }, "Longest Reply-Message the client can show; longer ones are cut between two characters. Not set: not cut.")
        .unit("octets").example("64"),
    Key::new("radius.client[].assert_client", Kind::Bool, "Believes what the client's packets say about the person's address, gateway and device, for criteria, audit and front door. Only for clients that find this out themselves and pass on nobody's word.")
        .default("false").example("true"),
    Key::new("radius.client[].front_door", Kind::Choice(FRONT_DOOR_NAMES), "With `mode = \"code\"`: who has signed in on the pages comes in once, within three minutes. `same-address`: if the packet names the address they signed in from (needs `assert_client`). `any-source`: also if it names none; only with `first_factor = \"none\"`, because then a name is enough.")
        .default("\"no\"").example("\"same-address\""),
    Key::new("radius.client[].groups", Kind::Grants, "What an Access-Accept says of somebody who is in a group (or is that user): one Filter-Id or Class for each line that fits. A group is `NAME`, `REALM\\NAME` or a security identifier.")
        .default("[]").example("[\"vpn-admins -> Filter-Id=admins\"]"),
    Key::new("hash.workers", Kind::Whole { min: 0, max: 256 }, "PINs and passwords checked at the same time; 0 is one less than there are cores, and at least one.")
        .default("0").unit("threads").example("2"),
    Key::new("hash.queue", Kind::Whole { min: 1, max: 1024 }, "Checks that may wait for a worker; beyond it requests are turned away.")
        .default("16").unit("checks"),
    Key::new("mail.workers", Kind::Whole { min: 1, max: 64 }, "Mails sent at the same time through the same relays.")
        .default("8").unit("mails"),
    Key::new("limits.connections", Kind::Whole { min: 16, max: 65_536 }, "HTTP connections open at the same time.")
        .default("4096").unit("connections"),
    Key::new("limits.per_address", Kind::Whole { min: 1, max: 65_536 }, "HTTP connections open at the same time from one address, by IPv6 from one /64. Loopback and `http.trusted_proxies` are not counted here.")
        .default("256").unit("connections"),
    Key::new("limits.body_bytes", Kind::Whole { min: 1024, max: 16_777_216 }, "Largest request body.")
        .default("65536").unit("bytes"),
    Key::new("log.format", Kind::Choice(LogFormat::NAMES), "Lines for people, or one JSON object per line for machines.")
        .default("\"text\"").example("\"json\""),
    Key::new("log.level", Kind::Choice(LogLevel::NAMES), "The least important messages that are still written.")
        .default("\"info\"").example("\"debug\""),
];

/// What each section is about, in the order of [`KEYS`]; for the reference and the sample.
pub(super) const SECTIONS: &[(&str, &str)] = &[
    ("http", "The public HTTP server."),
    ("manage", "Health and metrics, for the machine's own keepers."),
    ("store", "The database."),
    ("keys", "The master key."),
    ("validate", "The `/validate` calls."),
    ("radius", "The RADIUS server."),
    ("radius.tls", "RadSec: RADIUS over TLS, between holders of certificates."),
    ("radius.client[]", "One table for each RADIUS client; tables in drop-in files are added to those before them."),
    ("hash", "Checking of PINs and passwords, which is slow on purpose."),
    ("mail", "Sending of mails."),
    ("limits", "What the HTTP server holds at most."),
    ("log", "What is written to standard error."),
];
