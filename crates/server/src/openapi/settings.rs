//! Settings by name.

use super::param::{path, text};
use super::{Answer, Group, Listener, Operation, READ, WRITE, WRITE_SECRETS};

pub(super) const GROUP: Group = Group {
    title: "Settings",
    about: "Named settings; docs/reference/http.md lists those that mean something.",
    listener: Listener::Public,
    operations: &[
        Operation::get("/system/", "List settings", READ).gives(Answer::Object, "values by name, sealed ones censored"),
        Operation::get("/system/{key}", "Show a setting", READ)
            .with(&[path("key", "email.validtime", "its name")])
            .gives(Answer::TextOrNull, "the value; null where it is not set"),
        Operation::delete("/system/{key}", "Remove a setting", WRITE)
            .with(&[path("key", "email.validtime", "its name")])
            .gives(Answer::Truth, "whether it was set"),
        Operation::post("/system/setConfig", "Set settings, all or none", WRITE)
            .noting("Any name is a parameter. NAME.type=password seals the value and needs the scope secrets too.")
            .with(&[text("email.validtime", "120", "for instance: seconds a code lives")])
            .gives(Answer::Object, "insert or update by name"),
        Operation::post("/system/setDefault", "Set standards of new tokens", WRITE)
            .with(&[text("DefaultOtpLen", "6", "digits of new tokens"), MAX_FAIL])
            .gives(Answer::Object, "insert or update by name"),
        Operation::post("/system/test/email", "Send a test mail through the usual relay", WRITE_SECRETS)
            .with(&[
                text("recipient", "admin@example.org", "who gets the mail").required(),
                text("identifier", "main", "the relay, if not the usual one"),
            ])
            .gives(Answer::Truth, "whether the relay took the mail; detail.message says it in words"),
    ],
};

const MAX_FAIL: super::Param = text("DefaultMaxFailCount", "10", "failures that lock a new token");
