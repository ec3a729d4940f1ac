//! Users that are kept here.

use super::param::{path, secret, text};
use super::{Answer, Group, Listener, Operation, Param, READ, WRITE};

pub(super) const GROUP: Group = Group {
    title: "Users",
    about: "People that are kept in this database.",
    listener: Listener::Public,
    operations: &[
        Operation::get("/user/", "List users", READ)
            .noting("Texts may hold * for anything.")
            .with(&[
                text("username", "a*", "the name"),
                text("realm", "office", "the realm"),
                text("resolver", "local", "the resolver"),
                text("userid", "0c1d…", "the identifier"),
                text("email", "*@example.org", "mail address"),
                PROFILE[0],
                PROFILE[1],
                PROFILE[2],
                PROFILE[3],
                PROFILE[4],
            ])
            .gives(Answer::List, "users"),
        Operation::post("/user/", "Add a user", WRITE)
            .with(&[RESOLVER, USER, PASSWORD, EMAIL, PROFILE[0], PROFILE[1], PROFILE[2], PROFILE[3], PROFILE[4]])
            .gives(Answer::Text, "the identifier of the new user"),
        Operation::put("/user/", "Change a user", WRITE)
            .noting("What is absent stays. A new address or password calls off codes that are on their way.")
            .with(&[RESOLVER, USER, PASSWORD, EMAIL, PROFILE[0], PROFILE[1], PROFILE[2], PROFILE[3], PROFILE[4]]),
        Operation::delete("/user/{resolver}/{name}", "Remove a user", WRITE)
            .noting("Their tokens stay, switched off and without an owner.")
            .with(&[path("resolver", "local", "the resolver"), path("name", "alice", "the name")])
            .gives(Answer::Count, "1"),
    ],
};

const RESOLVER: Param = text("resolver", "local", "the resolver that holds the user").required();
const USER: Param = text("user", "alice", "the name, unique in its resolver; username is the same").required();
const PASSWORD: Param = secret("password", "the password");
const EMAIL: Param = text("email", "alice@example.org", "mail address");
const PROFILE: [Param; 5] = [
    text("givenname", "Alice", "given name"),
    text("surname", "Archer", "family name"),
    text("phone", "+49 30 1234", "telephone"),
    text("mobile", "+49 170 1234", "mobile telephone"),
    text("description", "night shift", "a note"),
];
