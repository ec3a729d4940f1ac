//! The few policies that set-up scripts need.

use super::param::{flag, number, one_of, path, text};
use super::{Answer, Group, Listener, Operation, Param, READ, WRITE};

pub(super) const GROUP: Group = Group {
    title: "Policies",
    about: "What set-up scripts of the incumbent set; each becomes a setting or a realm's first factor.",
    listener: Listener::Public,
    operations: &[
        Operation::get("/policy/", "List policies", READ).gives(Answer::List, "policies"),
        Operation::get("/policy/defs", "List what policies can set", READ).gives(Answer::Object, "actions by scope"),
        Operation::get("/policy/{name}", "Show a policy", READ)
            .with(&[NAME])
            .gives(Answer::List, "the policy; empty where there is none"),
        Operation::post("/policy/{name}", "Set a policy", WRITE)
            .noting("Conditions that would narrow it down are refused: ignored, it would apply to more people.")
            .with(&[
                NAME,
                one_of("scope", &["authentication"], "authentication", "there is one").required(),
                text("action", "otppin=userstore", "what it sets").required(),
                text("realm", "office", "its realms, separated by commas"),
                flag("active", "whether it is in force; usually yes"),
                number("priority", (1, 100), "1", "the lower number wins"),
                text("description", "from the script", "a note"),
            ])
            .gives(Answer::Object, "a number by the policy's name"),
        Operation::delete("/policy/{name}", "Remove a policy", WRITE).with(&[NAME]).gives(Answer::Count, NUMBERED),
        Operation::post("/policy/enable/{name}", "Put a policy into force", WRITE)
            .with(&[NAME])
            .gives(Answer::Count, NUMBERED),
        Operation::post("/policy/disable/{name}", "Put a policy out of force", WRITE)
            .with(&[NAME])
            .gives(Answer::Count, NUMBERED),
    ],
};

const NAME: Param = path("name", "first-factor", "the policy");
const NUMBERED: &str = "a number that stands for the name";
