//! Themes at the Parallels RAS interface.

use super::param::{IDS, Items, id, limited, members, number, texts, truth};
use super::{Answer, Group, Listener, Operation, Param, Right};

pub(super) const GROUP: Group = Group {
    title: "Parallels RAS: themes",
    about: "Entrances at which people sign in. Each picks a provider. Theme 1 is the default one and always there.",
    listener: Listener::Public,
    operations: &[
        Operation::get("/api/Theme", "List themes", SEE)
            .with(&[limited("Name", (0, 255), "Default", "the one of this name")])
            .gives(Answer::PlainList, "themes, in order of their number"),
        Operation::post("/api/Theme", "Add a theme", CHANGE)
            .with(&[
                NAME.required(),
                REST[0],
                REST[1],
                REST[2],
                REST[3],
                REST[4],
                REST[5],
                REST[6],
                FILTER[0],
                FILTER[1],
            ])
            .gives(Answer::Created, "the theme"),
        Operation::get("/api/Theme/{id}", "Show a theme", SEE).with(&[THEME]).gives(Answer::Plain, "the theme"),
        Operation::put("/api/Theme/{id}", "Change a theme", CHANGE)
            .noting("What is absent or null stays. The default theme is neither switched off nor renamed.")
            .with(&[THEME, NAME, REST[0], REST[1], REST[2], REST[3], REST[4], REST[5], REST[6], FILTER[0], FILTER[1]])
            .gives(Answer::Done, "the theme is changed"),
        Operation::delete("/api/Theme/{id}", "Remove a theme", CHANGE)
            .noting("Sessions at its gates end. The default theme stays.")
            .with(&[THEME])
            .gives(Answer::Done, "the theme is gone"),
        Operation::get("/api/Theme/{id}/GroupFilter", "Show who may sign in at a theme", SEE)
            .with(&[THEME])
            .gives(Answer::Plain, "groupEnabled, groupFilters"),
        Operation::put("/api/Theme/{id}/GroupFilter", "Change who may sign in at a theme", CHANGE)
            .noting("What is absent or null stays.")
            .with(&[THEME, FILTER[0], FILTER[1]])
            .gives(Answer::Done, "the list is changed"),
        Operation::post("/api/Theme/{id}/GroupFilter", "Add somebody to who may sign in at a theme", CHANGE)
            .noting("A name, a sid, or both.")
            .with(&[
                THEME,
                limited("name", (0, 255), "staff\\alice", "a user or a group"),
                limited("sid", (0, 255), "S-1-5-21-7", "its security identifier, which then decides"),
            ])
            .gives(Answer::Created, "groupEnabled, groupFilters"),
    ],
};

const SEE: Right = Right::Session("an administrator who may see site 1");
const CHANGE: Right = Right::Session("an administrator with allowConnectionChanges on site 1");
const THEME: Param = id("the theme");
const NAME: Param =
    limited("name", (1, 255), "vpn", "letters, digits, hyphens, underscores and dots; part of its address");
const REST: [Param; 7] = [
    limited("description", (0, 255), "for the road", "a note"),
    truth("enabled", "whether anybody may sign in there; true for a new one"),
    truth("overrideAuthenticationDomain", "whether domain takes the place of the realm that people name"),
    limited("domain", (0, 255), "staff", "a realm; empty for none"),
    limited("postLogonMessage", (0, 2048), "Welcome.", "what people read once they are signed in"),
    number("mfaId", (0, IDS.1), "1", "the provider; 0 for none, and then nobody signs in there"),
    texts("returnTo", ADDRESSES, "https://app.example.org/", "where people may be sent on to"),
];
const FILTER: [Param; 2] = [
    truth("groupEnabled", "whether only those of groupFilters may sign in"),
    members("groupFilters", "users and groups"),
];
const ADDRESSES: Items = Items { least: 0, most: 50, longest: 1024 };
