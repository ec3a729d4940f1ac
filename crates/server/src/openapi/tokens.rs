//! Tokens, which is what this interface calls enrollments.

use super::param::{flag, number, one_of, path, secret, text};
use super::{Answer, Group, Listener, Operation, Param, READ, Right, WRITE};
use crate::api_key::Scope;

pub(super) const GROUP: Group = Group {
    title: "Tokens",
    about: "Enrollments: which user may use the e-mail code, at which address.",
    listener: Listener::Public,
    operations: &[
        Operation::get("/token/", "List tokens", READ)
            .noting("With outform=csv the answer is a file.")
            .with(&LIST)
            .gives(Answer::Object, "count, current, next, prev, tokens"),
        Operation::post("/token/init", "Enroll a token", Right::Any(&[Scope::Enroll, Scope::AdminWrite]))
            .noting(
                "Give email, or dynamic_email=1 to read the address from the user's record each time. A serial that is \
                 there is enrolled once more, which takes the scope admin:write.",
            )
            .with(&INIT)
            .gives(Answer::Truth, "true; detail.serial names the token"),
        Operation::delete("/token/{serial}", "Remove a token", WRITE).with(&[SERIAL]).gives(Answer::Count, REMOVED),
        Operation::post("/token/assign", "Give a token an owner", WRITE).with(&[OF, OWNER, REALM, PIN]),
        Operation::post("/token/assign/{serial}", "Give a token an owner", WRITE).with(&[SERIAL, OWNER, REALM, PIN]),
        Operation::post("/token/unassign", "Take a token from its owner", WRITE).with(&WHICH).gives(COUNT, CHANGED),
        Operation::post("/token/unassign/{serial}", "Take a token from its owner", WRITE)
            .with(&[SERIAL])
            .gives(COUNT, CHANGED),
        Operation::post("/token/enable", "Switch tokens on", WRITE).with(&WHICH).gives(COUNT, CHANGED),
        Operation::post("/token/enable/{serial}", "Switch a token on", WRITE).with(&[SERIAL]).gives(COUNT, CHANGED),
        Operation::post("/token/disable", "Switch tokens off", WRITE).with(&WHICH).gives(COUNT, CHANGED),
        Operation::post("/token/disable/{serial}", "Switch a token off", WRITE).with(&[SERIAL]).gives(COUNT, CHANGED),
        Operation::post("/token/reset", "Forget failures and give budgets back", WRITE)
            .with(&WHICH)
            .gives(COUNT, CHANGED),
        Operation::post("/token/reset/{serial}", "Forget failures and give budgets back", WRITE)
            .with(&[SERIAL])
            .gives(COUNT, CHANGED),
        Operation::post("/token/revoke", "Switch tokens off for good", WRITE).with(&WHICH).gives(COUNT, CHANGED),
        Operation::post("/token/revoke/{serial}", "Switch a token off for good", WRITE)
            .with(&[SERIAL])
            .gives(COUNT, CHANGED),
        Operation::post("/token/setpin", "Set the PIN", WRITE).with(&[OF, USER, REALM, OTPPIN]).gives(COUNT, CHANGED),
        Operation::post("/token/setpin/{serial}", "Set the PIN", WRITE).with(&[SERIAL, OTPPIN]).gives(COUNT, CHANGED),
        Operation::post("/token/set", "Set several values", WRITE)
            .with(&[OF, USER, REALM, SET[0], SET[1], SET[2], SET[3], SET[4]])
            .gives(COUNT, "how many values were set"),
        Operation::post("/token/set/{serial}", "Set several values", WRITE)
            .with(&[SERIAL, SET[0], SET[1], SET[2], SET[3], SET[4]])
            .gives(COUNT, "how many values were set"),
        Operation::post("/token/description", "Set the note", WRITE)
            .with(&[OF, USER, REALM, NOTE])
            .gives(COUNT, CHANGED),
        Operation::post("/token/description/{serial}", "Set the note", WRITE)
            .with(&[SERIAL, NOTE])
            .gives(COUNT, CHANGED),
        Operation::post("/token/realm/{serial}", "Put a token without an owner into a realm", WRITE)
            .with(&[SERIAL, text("realms", "office", "the realm").required()]),
        Operation::post("/token/info/{serial}/{key}", "Set a further fact", WRITE)
            .noting("email, dynamic_email and email.identifier change the token itself.")
            .with(&[SERIAL, KEY, text("value", "Building 7", "what it says").required()]),
        Operation::delete("/token/info/{serial}/{key}", "Remove a further fact", WRITE).with(&[SERIAL, KEY]),
        Operation::get("/token/challenges/", "List challenges", READ)
            .with(&[OF, PAGE, SIZE])
            .gives(Answer::Object, CHALLENGES),
        Operation::get("/token/challenges/{serial}", "List the challenges of a token", READ)
            .with(&[SERIAL, PAGE, SIZE])
            .gives(Answer::Object, CHALLENGES),
        Operation::delete("/token/challenges/expired", "Remove expired challenges", WRITE).gives(COUNT, REMOVED),
    ],
};

const LIST: [Param; 14] = [
    text("user", "alice", "the owner; with * a pattern"),
    text("realm", "office", "the realm; with * a pattern"),
    text("serial", "PIEM*", "the serial; with * a pattern"),
    text("type", "email", "the kind; there is one, email"),
    flag("assigned", "whether it has an owner"),
    flag("active", "whether it is switched on"),
    text("infokey", "building", "a fact that must be there"),
    text("infovalue", "7", "what it must say; with * a pattern"),
    text("description", "*office*", "the note; with * a pattern"),
    PAGE,
    SIZE,
    text("sortby", "serial", "active, creation_date, description, failcount, realm or serial"),
    one_of("sortdir", &["asc", "desc"], "asc", "which way"),
    one_of("outform", &["csv", "json"], "json", "csv for a file"),
];
const PAGE: Param = number("page", (0, 1_000_000), "1", "which page, from 1");
const SIZE: Param = number("pagesize", (0, 1_000), "15", "entries on a page; usually 15");

const INIT: [Param; 9] = [
    one_of("type", &["email"], "email", "the kind; there is one").required(),
    text("user", "alice", "the owner; without one the token belongs to nobody yet"),
    text("realm", "office", "the owner's realm"),
    text("email", "alice@example.org", "where the codes go"),
    flag("dynamic_email", "read the address from the user's record each time"),
    secret("pin", "the PIN; empty for none"),
    text("serial", "PIEM0001A2B3", "its serial; usually drawn"),
    number("otplen", (4, 20), "6", "digits of its codes"),
    text("description", "office", "a note"),
];

const SET: [Param; 5] = [
    secret("pin", "a new PIN"),
    text("email", "alice@example.org", "a new address"),
    flag("dynamic_email", "whether the address is read from the user's record"),
    number("max_failcount", (1, 1_000), "10", "failures that lock it"),
    NOTE_IF_ANY,
];

const WHICH: [Param; 3] = [OF, USER, REALM];
const SERIAL: Param = path("serial", "PIEM0001A2B3", "the token");
const KEY: Param = path("key", "building", "the name of the fact");
const OF: Param = text("serial", "PIEM0001A2B3", "the token");
const USER: Param = text("user", "alice", "the owner, for all their tokens");
const OWNER: Param = text("user", "alice", "the new owner").required();
const REALM: Param = text("realm", "office", "the owner's realm; else the default one");
const PIN: Param = secret("pin", "a new PIN");
const OTPPIN: Param = secret("otppin", "the new PIN; without it nothing changes");
const NOTE_IF_ANY: Param = text("description", "office", "a note");
const NOTE: Param = NOTE_IF_ANY.required();
const COUNT: Answer = Answer::Count;
const CHANGED: &str = "how many were changed";
const REMOVED: &str = "how many were removed";
const CHALLENGES: &str = "challenges without their codes, count, current, next, prev";
