//! The audit trail.

use super::param::{number, one_of, path, text};
use super::{Answer, Group, Listener, Operation, Param, Right};
use crate::api_key::Scope;

pub(super) const GROUP: Group = Group {
    title: "Audit trail",
    about: "One line per verdict and per change.",
    listener: Listener::Public,
    operations: &[
        Operation::get("/audit/", "Search the trail", READ)
            .noting("Texts may hold * for anything.")
            .with(&[
                number("page", (1, 1_000_000), "1", "which page, from 1"),
                number("page_size", (1, 500), "15", "lines on a page; usually 15"),
                one_of("sortorder", &["asc", "desc"], "desc", "which end comes first"),
                F[0],
                F[1],
                F[2],
                F[3],
                F[4],
                F[5],
                F[6],
                F[7],
                F[8],
                F[9],
                F[10],
            ])
            .gives(Answer::Object, "auditdata, auditcolumns, count, current, next, prev"),
        Operation::get("/audit/{file}", "Fetch the trail as a file", READ)
            .noting("The name ends in .csv. At most 20,000 lines.")
            .with(&[
                path("file", "audit.csv", "a name that ends in .csv"),
                F[0],
                F[1],
                F[2],
                F[3],
                F[4],
                F[5],
                F[6],
                F[7],
                F[8],
                F[9],
                F[10],
            ])
            .gives(Answer::Csv, "one line of names, then the trail"),
    ],
};

const READ: Right = Right::All(&[Scope::AuditRead]);
const F: [Param; 11] = [
    text("action", "POST /validate/*", "what was asked for"),
    one_of("authentication", &["ACCEPT", "CHALLENGE", "REJECT"], "REJECT", "what came of a sign-in"),
    one_of("success", &["1", "0"], "0", "whether it came to a good end"),
    text("user", "alice", "whom it was about"),
    text("realm", "office", "their realm"),
    text("serial", "PIEM*", "tokens"),
    text("administrator", "admin", "who acted"),
    text("client", "192.0.2.*", "the end user's address"),
    text("user_agent", "web", "which client asked"),
    text("info", "wrong-code", "why"),
    text("action_detail", "continued", "anything else"),
];
