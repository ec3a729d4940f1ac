//! The mailbox at the Parallels RAS interface.

use super::param::{choice, limited, truth};
use super::{Answer, Group, Listener, Operation, Param, Right};

pub(super) const GROUP: Group = Group {
    title: "Parallels RAS: mailbox",
    about: "The relay that mails go to first.",
    listener: Listener::Public,
    operations: &[
        Operation::get("/api/MailboxSettings", "Show the mailbox", ROOT)
            .gives(Answer::Plain, "its settings; of the password only whether there is one"),
        Operation::put("/api/MailboxSettings", "Change the mailbox", ROOT)
            .noting(
                "What is absent or null stays. If server, protection or user change, the password has to be given \
                     again. Protection is required or there is none: 2, 3 and 4 mean the same as 1.",
            )
            .with(&[
                limited(
                    "smtpServer",
                    (1, 300),
                    "smtp.example.org:587",
                    "HOST, HOST:PORT or [V6]:PORT; 25 without a port, TLS from the first byte on 465, else STARTTLS",
                ),
                SENDER,
                choice("useTLS", MODES, "whether the way is protected; usually yes"),
                truth("requireAuth", "false forgets user and password"),
                limited("username", (0, 255), "codes", "user name"),
                limited("password", (0, 4096), "secret", "password; an empty one is forgotten"),
                truth("allowPlaintext", "consent to send without TLS to another machine"),
            ])
            .gives(Answer::Done, "the mailbox is changed"),
        Operation::post("/api/MailboxSettings/Test", "Send test mails", ROOT)
            .noting("Six a minute.")
            .with(
                &[limited("recipients", (1, 2000), "a@example.org; b@example.org", "one to six addresses").required()],
            )
            .gives(Answer::Plain, "results: for each recipient whether the relay took the mail, and a sentence"),
    ],
};

const ROOT: Right = Right::Session("a root administrator");
const SENDER: Param = limited("senderAddress", (1, 254), "codes@example.org", "sender address");
const MODES: &[(i64, &str)] =
    &[(0, "No"), (1, "Yes"), (2, "YesIfAvailable"), (3, "YesTLS12IfAvailable"), (4, "YesTLS13IfAvailable")];
