//! Mail relays.

use super::param::{flag, number, one_of, path, secret, text};
use super::{Answer, Group, Listener, Operation, Param, READ, WRITE, WRITE_SECRETS};

pub(super) const GROUP: Group = Group {
    title: "Mail relays",
    about: "The servers that take our mail, in order of fallback.",
    listener: Listener::Public,
    operations: &[
        Operation::get("/smtpserver/", "List relays", READ)
            .gives(Answer::Object, "relays by name; a stored password shows as __CENSORED__"),
        Operation::post("/smtpserver/{name}", "Set a relay", WRITE)
            .noting(
                "A new relay, a password, and another host, port, protection, user or CA file need the scope secrets \
                 too. Where one of those changes and a user name stays, the password has to be given again.",
            )
            .with(&[
                NAME, SERVER, SENDER, VALUES[0], VALUES[1], VALUES[2], VALUES[3], VALUES[4], VALUES[5], VALUES[6],
                VALUES[7], VALUES[8], VALUES[9], VALUES[10],
            ]),
        Operation::delete("/smtpserver/{name}", "Remove a relay", WRITE)
            .noting("Refused while email.identifier names it.")
            .with(&[NAME])
            .gives(Answer::Count, "a number that stands for the name"),
        Operation::post("/smtpserver/send_test_email", "Send a test mail", WRITE_SECRETS)
            .noting("With the values given here, or without server with the stored ones. Six a minute.")
            .with(&[
                text("identifier", "main", "the relay").required(),
                text("recipient", "admin@example.org", "who gets the mail").required(),
                SERVER_IF_ANY,
                SENDER_IF_ANY,
                VALUES[0],
                VALUES[1],
                VALUES[2],
                VALUES[3],
                VALUES[4],
                VALUES[5],
                VALUES[6],
                VALUES[7],
                VALUES[8],
                VALUES[9],
                VALUES[10],
            ])
            .gives(Answer::Truth, "whether the relay took the mail; detail.message says it in words"),
    ],
};

const NAME: Param = path("name", "main", "the relay");
const SERVER_IF_ANY: Param = text("server", "smtps://smtp.example.org", "host; smtps:// for TLS from the first byte");
const SENDER_IF_ANY: Param = text("sender", "codes@example.org", "sender address");
const SERVER: Param = SERVER_IF_ANY.required();
const SENDER: Param = SENDER_IF_ANY.required();
const VALUES: [Param; 11] = [
    number("port", (1, 65_535), "465", "TCP port; usually 465 with smtps://, else 25"),
    flag("tls", "STARTTLS, required"),
    one_of("security", &["implicit", "starttls", "plaintext"], "implicit", "over what server and tls say"),
    text("username", "codes", "user name"),
    secret("password", "password; __CENSORED__ keeps the stored one"),
    one_of("mechanism", &["auto", "plain", "login", "xoauth2"], "auto", "how to sign in"),
    number("timeout", (1, 30), "10", "most seconds for one delivery"),
    text("ca_file", "/etc/otpost/ca.pem", "certificates of a private authority"),
    flag("allow_plaintext", "consent to send without TLS to another machine"),
    text("description", "in the cellar", "a note"),
    number("position", (0, 1_000), "0", "place in the order of fallback"),
];
