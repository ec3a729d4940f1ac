//! Sessions at the Parallels RAS interface.

use super::param::{id, limited, secret, truth};
use super::{Answer, Group, Listener, Operation, Right};

pub(super) const GROUP: Group = Group {
    title: "Parallels RAS: sessions",
    about: "Administrators sign in here, and send the token with every other call under /api.",
    listener: Listener::Public,
    operations: &[
        Operation::post("/api/Session/logon", "Sign in", Right::Nothing)
            .noting("After ten wrong passwords for a name, known or not: 429 and one try in sixteen minutes.")
            .with(&[
                truth("localAuth", "true is taken from the server's own machine alone; changes nothing else")
                    .in_query(),
                limited("username", (1, 255), "admin", "the name").required(),
                secret("password", "the password").required(),
            ])
            .gives(Answer::Plain, "authToken, sessionId, userId and what else programs look for"),
        Operation::post("/api/Session/logoff", "Sign out", ANY).gives(Answer::Done, "the session has ended"),
        Operation::post("/api/Session/{id}/logoff", "End a session", ANY)
            .noting("Root administrators end every session, others their own.")
            .with(&[id("the session")])
            .gives(Answer::Done, "the session has ended"),
        Operation::get("/api/Session", "List sessions", ANY)
            .noting("Root administrators see every session, others their own.")
            .gives(Answer::PlainList, "sessions, the oldest first"),
        Operation::get("/api/Session/CurrentPermissions", "Show one's own permissions", ANY)
            .gives(Answer::Plain, "name, level and what a power permission shows"),
        Operation::post("/api/Settings/apply", "Apply staged changes", ANY)
            .noting("For programs that expect it: every change acts at once, so this changes nothing.")
            .gives(Answer::Plain, "that there was nothing to apply"),
    ],
};

const ANY: Right = Right::Session("any administrator");
