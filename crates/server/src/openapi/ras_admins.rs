//! Administrators at the Parallels RAS interface.

use super::param::{IDS, choice, id, ids, limited, number, secret, truth};
use super::{Answer, Group, Listener, Operation, Param, Right};

pub(super) const GROUP: Group = Group {
    title: "Parallels RAS: administrators",
    about: "Who may manage this installation, and what they may.",
    listener: Listener::Public,
    operations: &[
        Operation::get("/api/AdminAccount", "List accounts", ROOT)
            .with(&[limited("Name", (0, 255), "admin", "the one of this name")])
            .gives(Answer::PlainList, "accounts, in order of name"),
        Operation::post("/api/AdminAccount", "Add an account", ROOT)
            .noting("Without a level it is a power administrator, who may nothing until it is allowed.")
            .with(&[
                NAME.required(),
                secret("password", "8 to 128 characters").required(),
                REST[0],
                REST[1],
                REST[2],
                REST[3],
                REST[4],
            ])
            .gives(Answer::Created, "the account"),
        Operation::get("/api/AdminAccount/{id}", "Show an account", ROOT)
            .with(&[ACCOUNT])
            .gives(Answer::Plain, "the account"),
        Operation::put("/api/AdminAccount/{id}", "Change an account", ROOT)
            .noting(
                "What is absent or null stays. A new password and the switch off end the account's sessions. The \
                     last enabled root administrator stays one.",
            )
            .with(&[
                ACCOUNT,
                limited("name", (1, 255), "eve", "as it is: accounts keep their name"),
                secret("password", "8 to 128 characters"),
                REST[0],
                REST[1],
                REST[2],
                REST[3],
                REST[4],
            ])
            .gives(Answer::Done, "the account is changed"),
        Operation::delete("/api/AdminAccount/{id}", "Remove an account", ROOT)
            .noting("Its sessions end. The last enabled root administrator stays.")
            .with(&[ACCOUNT])
            .gives(Answer::Done, "the account is gone"),
        Operation::get("/api/AdminAccount/{id}/PowerPermission", "Show a power permission", ROOT)
            .with(&[ACCOUNT])
            .gives(Answer::Plain, "what is allowed, and on which sites"),
        Operation::put("/api/AdminAccount/{id}/PowerPermission", "Change a power permission", ROOT)
            .noting("What is absent or null stays. It counts while the account's level is PowerAdmin.")
            .with(&[
                ACCOUNT,
                ALLOWED[0],
                ALLOWED[1],
                ALLOWED[2],
                ALLOWED[3],
                ALLOWED[4],
                ALLOWED[5],
                ALLOWED[6],
                ALLOWED[7],
                ALLOWED[8],
                ALLOWED[9],
                ALLOWED[10],
                ALLOWED[11],
            ])
            .gives(Answer::Done, "the permission is changed"),
        Operation::get("/api/AdminAccount/{id}/CustomPermission", "Show custom permissions", ROOT)
            .with(&[ACCOUNT])
            .gives(Answer::PlainList, "grants: siteId, objType, permissions"),
        Operation::put("/api/AdminAccount/{id}/CustomPermission", "Change a custom permission", ROOT)
            .noting("One grant, in place of the one for the same kind on the same site.")
            .with(&[
                ACCOUNT,
                number("SiteId", IDS, "1", "the site; usually 1").in_query(),
                choice("objType", &[(0, "Site"), (1, "Connection")], "what it is about").required(),
                choice("permissions", &[(0, "None"), (1, "View"), (3, "Modify")], "what is granted").required(),
            ])
            .gives(Answer::Done, "the grant is made, or taken away"),
    ],
};

const ROOT: Right = Right::Session("a root administrator");
const ACCOUNT: Param = id("the account");
const NAME: Param = limited("name", (1, 255), "eve", "the name, under which to sign in");
const REST: [Param; 5] = [
    limited("email", (0, 254), "eve@example.org", "mail address"),
    limited("mobile", (1, 50), "+49 30 1234", "telephone number"),
    truth("enabled", "whether signing in is possible; usually yes"),
    choice("notify", &[(0, "None"), (1, "Email")], "whether to be told of events"),
    choice("permissions", &[(0, "PowerAdmin"), (1, "RootAdmin"), (2, "CustomAdmin")], "the level"),
];
const ALLOWED: [Param; 12] = [
    truth("allowSiteChanges", "changing a site's own settings"),
    truth("allowConnectionChanges", "changing providers, criteria, enrollments and themes"),
    truth("allowViewingSiteInfo", "reading what belongs to a site"),
    truth("allowSessionManagement", "kept, and nothing here hangs on it"),
    truth("allowDeviceManagementChanges", "kept, and nothing here hangs on it"),
    truth("allowViewingReportingInfo", "kept, and nothing here hangs on it"),
    truth("allowViewingLicenseInfo", "kept, and nothing here hangs on it"),
    truth("allowPublishingChanges", "kept, and nothing here hangs on it"),
    truth("allowPolicyChanges", "kept, and nothing here hangs on it"),
    truth("allowViewingPolicyInfo", "kept, and nothing here hangs on it"),
    truth("allowAllSites", "on every site, also those to come"),
    ids("allowInSiteIds", "on these sites"),
];
