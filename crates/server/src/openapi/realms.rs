//! Realms and resolvers.

use super::param::{one_of, path, text};
use super::{Answer, Group, Listener, Operation, Param, READ, WRITE};

pub(super) const GROUP: Group = Group {
    title: "Realms and resolvers",
    about: "Sets of users, and where the users come from.",
    listener: Listener::Public,
    operations: &[
        Operation::get("/realm/", "List realms", READ).gives(Answer::Object, "realms by name"),
        Operation::post("/realm/{name}", "Set a realm", WRITE)
            .with(&[
                NAME,
                text("resolvers", "local", "its resolvers, separated by commas; priority.RESOLVER orders them")
                    .required(),
                one_of("first_factor", &["tokenpin", "userstore", "none"], "userstore", "what proves the first factor"),
            ])
            .gives(Answer::Object, "added, failed"),
        Operation::delete("/realm/{name}", "Remove a realm", WRITE).with(&[NAME]).gives(NUMBER, NUMBERED),
        Operation::get("/defaultrealm", "Show the default realm", READ).gives(Answer::Object, "the realm by its name"),
        Operation::post("/defaultrealm/{name}", "Make a realm the default one", WRITE)
            .with(&[NAME])
            .gives(NUMBER, NUMBERED),
        Operation::delete("/defaultrealm", "Have no default realm", WRITE).gives(NUMBER, NUMBERED),
        Operation::get("/resolver/", "List resolvers", READ).gives(Answer::Object, "resolvers by name"),
        Operation::get("/resolver/{name}", "Show a resolver", READ)
            .with(&[RESOLVER])
            .gives(Answer::Object, "the resolver by its name; empty where there is none"),
        Operation::post("/resolver/{name}", "Set a resolver", WRITE).with(&[RESOLVER, TYPE]).gives(NUMBER, NUMBERED),
        Operation::delete("/resolver/{name}", "Remove a resolver", WRITE).with(&[RESOLVER]).gives(NUMBER, NUMBERED),
        Operation::post("/resolver/test", "Try a resolver out", READ).with(&[TYPE]),
    ],
};

const NAME: Param = path("name", "office", "the realm");
const RESOLVER: Param = path("name", "local", "the resolver");
const TYPE: Param = one_of("type", &["local", "internal"], "local", "the kind").required();
const NUMBER: Answer = Answer::Count;
const NUMBERED: &str = "a number that stands for the name";
