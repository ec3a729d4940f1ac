//! Sites at the Parallels RAS interface.

use super::param::{id, limited};
use super::{Answer, Group, Listener, Operation, Param, Right};

pub(super) const GROUP: Group = Group {
    title: "Parallels RAS: sites",
    about: "Parts of the installation with providers, themes and criteria of their own. Site 1 is always there.",
    listener: Listener::Public,
    operations: &[
        Operation::get("/api/Site", "List sites", Right::Session("any administrator"))
            .noting("Those that the administrator may see.")
            .with(&[limited("Name", (0, 255), "Default", "the one of this name")])
            .gives(Answer::PlainList, "sites, in order of their number"),
        Operation::post("/api/Site", "Add a site", Right::Session("a root administrator"))
            .with(&[NAME.required(), DESCRIPTION])
            .gives(Answer::Created, "the site"),
        Operation::get("/api/Site/{id}", "Show a site", Right::Session("an administrator who may see the site"))
            .with(&[SITE])
            .gives(Answer::Plain, "the site"),
        Operation::put(
            "/api/Site/{id}",
            "Change a site",
            Right::Session("an administrator with allowSiteChanges there"),
        )
        .noting("What is absent or null stays.")
        .with(&[SITE, NAME, DESCRIPTION])
        .gives(Answer::Done, "the site is changed"),
        Operation::delete("/api/Site/{id}", "Remove a site", Right::Session("a root administrator"))
            .noting("Refused while a provider or a theme belongs to it, and for site 1.")
            .with(&[SITE])
            .gives(Answer::Done, "the site is gone"),
    ],
};

const SITE: Param = id("the site");
const NAME: Param = limited("name", (1, 255), "Berlin", "the name; no other site has it in any letter case");
const DESCRIPTION: Param = limited("description", (0, 4000), "our second office", "a note");
