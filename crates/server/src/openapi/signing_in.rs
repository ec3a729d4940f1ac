//! Signing in: first step, code, and the calls around them.

use super::param::{header, path, secret, text};
use super::{Answer, Group, Listener, Operation, Param, READ, Right};
use crate::api_key::Scope;

pub(super) const GROUP: Group = Group {
    title: "Signing in",
    about: "Two calls: the first step has a code mailed, the second one hands it in.",
    listener: Listener::Public,
    operations: &[
        Operation::post("/validate/check", "Check a first step or a code", Right::Check)
            .noting(CHECK)
            .with(&ATTEMPT)
            .gives(Answer::Judged, "whether they are in; detail.transaction_id where a code is on its way"),
        Operation::get("/validate/check", "Check a first step or a code", Right::Check)
            .noting("Only where validate.get is true: secrets in an address land in logs. Otherwise 405.")
            .with(&ATTEMPT)
            .gives(Answer::Judged, "as with POST"),
        Operation::post("/validate/triggerchallenge", "Have a code mailed without a first factor", TRIGGER)
            .noting("The caller vouches for the first factor.")
            .with(&WHO)
            .gives(Answer::Count, "how many challenges there are; detail names them"),
        Operation::get("/validate/triggerchallenge", "Have a code mailed without a first factor", TRIGGER)
            .noting("It mails, although it is a GET: existing clients call it so.")
            .with(&WHO)
            .gives(Answer::Count, "how many challenges there are; detail names them"),
        Operation::get("/validate/polltransaction", "Ask whether a code was answered elsewhere", Right::Nothing)
            .with(&[text("transaction_id", TRANSACTION, "the challenge").required()])
            .gives(Answer::Judged, "always false: a mailed code is never answered elsewhere"),
        Operation::get("/validate/polltransaction/{id}", "Ask whether a code was answered elsewhere", Right::Nothing)
            .with(&[path("id", TRANSACTION, "the challenge")])
            .gives(Answer::Judged, "always false: a mailed code is never answered elsewhere"),
        Operation::post("/ticket/check", "Redeem the ticket of somebody who signed in on the pages", Right::Check)
            .noting("Once, within a minute, by the application that it was issued for. Otherwise 403.")
            .with(&[
                secret("ticket", "as it came in the address").required(),
                text("theme", "Default", "the theme that the application sends people to").required(),
                text("return_to", "https://app.example.org/", "the address that it asked to have them back at")
                    .required(),
            ])
            .gives(Answer::Plain, "user, realm, theme, provider, at"),
        Operation::post("/auth", "Sign in as an administrator or as a user", Right::Check)
            .noting(
                "Administrators need neither key nor listed network. Their token lives an hour and goes into the \
                     header Authorization.",
            )
            .with(&[
                text("username", "admin", "the name").required(),
                secret("password", "the password; for a user the first factor, or the code with transaction_id")
                    .required(),
                text("realm", "office", "the user's realm; without one administrators are tried first"),
                text("transaction_id", TRANSACTION, "the challenge that a user answers"),
                KEY,
            ])
            .gives(Answer::Object, "token, role, rights"),
        Operation::get("/auth/rights", "List the kinds of token the caller may enroll", READ)
            .gives(Answer::Object, "kinds by name"),
    ],
};

const ATTEMPT: [Param; 14] = [
    text("user", "alice", "the user, also as name@realm or realm\\name"),
    text("serial", "PIEM0001A2B3", "the token, instead of the user or beside it"),
    text("realm", "office", "the user's realm; else the default one"),
    secret("pass", "first step: PIN or password; with transaction_id: the code").required(),
    text("transaction_id", TRANSACTION, "the challenge that is answered"),
    text("state", TRANSACTION, "the same by its other name"),
    text("nonce", "n1", "comes back in the answer"),
    text("client", "192.0.2.7", "the end user's address; counts from administrators and keys with assert-client"),
    text("gateway", "192.0.2.1", "the gateway that the end user came through; counts like client"),
    text("os", "windows", "the operating system of the end user's device; counts like client"),
    text("device", "DESKTOP-7", "the name of the end user's device; counts like client"),
    text("hardware_id", "H1", "the hardware id of the end user's device; counts like client"),
    KEY,
    text("theme", "Default", "the theme that the end user came in by: it picks the provider; counts like client"),
];

const WHO: [Param; 7] = [
    text("user", "alice", "the user, also as name@realm or realm\\name"),
    text("serial", "PIEM0001A2B3", "the token, instead of the user or beside it"),
    text("realm", "office", "the user's realm; else the default one"),
    text("nonce", "n1", "comes back in the answer"),
    text("client", "192.0.2.7", "the end user's address"),
    KEY,
    text("theme", "Default", "the theme that the end user came in by; it picks the provider"),
];

const KEY: Param = header(
    "Idempotency-Key",
    "1f0c6d2e-7b0a-4c55-9d3e-5a0b8f4e2c11",
    "the client's name for a first step; a copy that bears it opens and mails nothing",
);

const CHECK: &str = "The first step names the user and passes the first factor. If that is right a code is mailed and the \
    answer has a transaction_id. The second step passes that and the code. All refusals look alike.";
const TRIGGER: Right = Right::All(&[Scope::ValidateTrigger]);
const TRANSACTION: &str = "21740012304587210934";
