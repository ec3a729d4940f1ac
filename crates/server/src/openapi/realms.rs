//! Realms and resolvers.

use super::param::{one_of, path, secret, text};
use super::{Answer, Group, Listener, Operation, Param, READ, WRITE, WRITE_SECRETS};

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
        Operation::post("/resolver/{name}", "Set a resolver", WRITE)
            .noting(
                "A directory needs LDAPURI, LDAPBASE and LOGINNAMEATTRIBUTE; a new one, its passwords and another server need \
                 the scope secrets too. What it looks like is in docs/operate/directories.md.",
            )
            .with(&[RESOLVER, TYPE, LDAP[0], LDAP[1], LDAP[2], LDAP[3], LDAP[4], LDAP[5], LDAP[6]])
            .gives(NUMBER, NUMBERED),
        Operation::delete("/resolver/{name}", "Remove a resolver", WRITE).with(&[RESOLVER]).gives(NUMBER, NUMBERED),
        Operation::post("/resolver/test", "Try a resolver out", WRITE_SECRETS)
            .noting(
                "With the values given here. One that is missing or wrong, and a directory that fails or shows nobody, is \
                 an answer too: detail.description says why.",
            )
            .with(&[TYPE, LDAP[0], LDAP[1], LDAP[2], LDAP[3], LDAP[4], LDAP[5], LDAP[6]]),
    ],
};

const NAME: Param = path("name", "office", "the realm");
const RESOLVER: Param = path("name", "local", "the resolver");
const TYPE: Param = one_of("type", &["local", "internal", "ldapresolver"], "local", "the kind").required();
const LDAP: [Param; 7] = [
    text("LDAPURI", "ldaps://dc1.example.org", "servers of a directory, in order"),
    text("LDAPBASE", "dc=example,dc=org", "where people are"),
    text("LOGINNAMEATTRIBUTE", "uid", "attributes that hold the names people sign in with"),
    text("LDAPSEARCHFILTER", "(objectClass=person)", "what every person's entry is like"),
    text("BINDDN", "cn=otpost,dc=example,dc=org", "whom people are looked up as"),
    secret("BINDPW", "its password; __CENSORED__ keeps the stored one"),
    text("UIDTYPE", "entryUUID", "what never changes about an entry"),
];
const NUMBER: Answer = Answer::Count;
const NUMBERED: &str = "a number that stands for the name";
