//! Providers at the Parallels RAS interface, and who is enrolled at them.

use super::param::{IDS, Items, choice, id, limited, number, text, texts, truth};
use super::{Answer, Group, Listener, Operation, Param, Right};

pub(super) const GROUP: Group = Group {
    title: "Parallels RAS: MFA providers",
    about: "The settings of e-mail codes, and the users who are enrolled. On update, what is absent or null stays, \
        and the whole is judged.",
    listener: Listener::Public,
    operations: &[
        Operation::get("/api/MFA", "List providers", VIEW)
            .noting("Those of one site.")
            .with(&[SITE, limited("Name", (0, 255), "E-mail", "the one of this name, in any letter case")])
            .gives(Answer::PlainList, "providers, in order of their number"),
        Operation::post("/api/MFA/EmailOTP", "Add a provider", CHANGE)
            .noting("Switched off unless enabled is given. %OTP% must occur in emailContent or emailSubject.")
            .with(&[
                NAME.required(),
                DISPLAY_NAME.required(),
                number("siteId", IDS, "1", "the site; 1 if absent"),
                DESCRIPTION,
                ENABLED,
                USER_ENROLLMENT,
                UNTIL,
                SHOW,
                LENGTH,
                LIFESPAN,
                PROMPT,
                SUBJECT,
                CONTENT,
                EXTERNAL,
                STORAGE,
                ATTRIBUTE,
            ])
            .gives(Answer::Created, "the provider"),
        Operation::put("/api/MFA/EmailOTP/{id}", "Change a provider", CHANGE)
            .noting("A default… switch puts our own text back; it excludes a new text. Two who change different \
                things at once both have their way.")
            .with(&[
                PROVIDER,
                NAME,
                DISPLAY_NAME,
                DESCRIPTION,
                ENABLED,
                truth("inheritDefaultCriteriaSettings", "whether the criteria of the site are looked at"),
                USER_ENROLLMENT,
                UNTIL,
                SHOW,
                LENGTH,
                LIFESPAN,
                PROMPT,
                SUBJECT,
                CONTENT,
                truth("defaultUserMessagePrompt", "puts the prompt back"),
                truth("defaultEmailSubject", "puts the subject back"),
                truth("defaultEmailContent", "puts the text back"),
                EXTERNAL,
                STORAGE,
                ATTRIBUTE,
            ])
            .gives(Answer::Done, "the provider is changed"),
        Operation::get("/api/MFA/{id}", "Show a provider", VIEW).with(&[PROVIDER]).gives(Answer::Plain, "the provider"),
        Operation::delete("/api/MFA/{id}", "Remove a provider", CHANGE)
            .noting("Its enrollments go with it, and codes on their way are good for nothing. Refused for provider 1 \
                and while a user or a theme is served by it.")
            .with(&[PROVIDER])
            .gives(Answer::Done, "the provider is gone"),
        Operation::post("/api/MFA/{id}/Duplicate", "Copy a provider", CHANGE)
            .noting("With its criteria, switched off, under a name of its own, with nobody enrolled.")
            .with(&[PROVIDER])
            .gives(Answer::Created, "the copy"),
        Operation::post("/api/MFA/{id}/Explain", "Say why somebody is asked for a code, or not", VIEW)
            .noting("An addition to the interface. What is absent counts as not known.")
            .with(&[
                PROVIDER,
                USER.required(),
                limited("client", (1, 64), "203.0.113.9", "address of the client"),
                limited("gateway", (1, 64), "192.0.2.1", "address of the gateway"),
                limited("os", (1, 255), "windows", "operating system: android, chrome, ios, linux, mac, web-client, windows, wyse"),
                limited("device", (1, 255), "KIOSK-1", "device name"),
                limited("hardwareId", (1, 255), "4C4C4544", "hardware id"),
            ])
            .gives(Answer::Plain, "whether a code is asked for, why, and what follows a right and a wrong password"),
        Operation::get("/api/MFA/ValidateADAccess", "Check the attribute for external addresses", VIEW)
            .noting("Proves in every directory that the account which writes may write there, on the entry of the user, or on its own. Nothing changes. 409 says what is missing.")
            .with(&[SITE, limited("adCustomAttribute", (0, 200), "mail", "the attribute; mail if absent"), limited("user", (1, 255), "anna", "whose entry is tried")])
            .gives(Answer::Plain, "the attribute, and the directories that were asked"),
        Operation::post("/api/MFA/Users", "Enroll somebody", CHANGE)
            .noting("Without an address, that of the directory counts, read at each sign-in. Nobody proves the address.")
            .with(&[USER.required(), MFA_ID.required(), SITE_ID, TYPE, limited("email", (1, 254), "anna@example.org", "the address")])
            .gives(Answer::Created, "the enrollment"),
        Operation::put("/api/MFA/Users", "Make users unenrolled", CHANGE)
            .noting("All of them or, where one is not known, none. Codes on their way are good for nothing.")
            .with(&[MFA_ID.required(), SITE_ID, TYPE, texts("users", USERS, "anna@staff", "their names, 1 to 1,000").required()])
            .gives(Answer::Done, "they are not enrolled"),
        Operation::put("/api/MFA/Users/All", "Make all users unenrolled", CHANGE)
            .noting("At one provider.")
            .with(&[MFA_ID.required(), SITE_ID, TYPE])
            .gives(Answer::Done, "nobody is enrolled there"),
        Operation::post("/api/MFA/Users/Find", "List who is enrolled", VIEW)
            .noting("At one provider, or at all of the site; the first 1,000 in order of provider and name.")
            .with(&[limited("filter", (0, 255), "an*", "the name; * stands for any text"), MFA_ID, SITE_ID, TYPE])
            .gives(Answer::PlainList, "enrollments, with masked addresses"),
    ],
};

pub(super) const VIEW: Right = Right::Session("an administrator who may see the site");
pub(super) const CHANGE: Right = Right::Session("an administrator with allowConnectionChanges on the site");
pub(super) const PROVIDER: Param = id("the provider");
pub(super) const SITE: Param = number("siteId", IDS, "1", "the site; 1 if absent").in_query();
const MFA_ID: Param = number("mfaId", IDS, "1", "the provider");
const SITE_ID: Param = number("siteId", IDS, "1", "the site, which must be the provider's");
const TYPE: Param = choice("type", &[(11, "EmailOTP")], "the kind of enrollment; there is one");
const USER: Param = limited("user", (1, 255), "anna@staff", "the name: name, name@realm, realm\\name");
const NAME: Param =
    limited("name", (1, 255), "Post", "the name; no other provider of the site has it in any letter case");
const DISPLAY_NAME: Param =
    limited("displayName", (0, 200), "Code by e-mail", "what people are shown; the name if empty");
const DESCRIPTION: Param = limited("description", (0, 4000), "for the branch offices", "a note");
const ENABLED: Param = truth("enabled", "whether it asks for codes");
const USER_ENROLLMENT: Param = choice(
    "userEnrollment",
    &[(0, "Allow"), (1, "AllowUntil"), (2, "DoNotAllow")],
    "whether people may enroll themselves; AllowUntil needs untilDateTime",
);
const UNTIL: Param = text(
    "untilDateTime",
    "2031-03-01T12:00:00Z",
    "the first instant at which they may not any more: RFC 3339 with its offset; on creation not in the past",
);
const SHOW: Param = choice(
    "showInformationForUnenrolledUsers",
    &[(0, "Always"), (1, "IfEnrollmentIsAllowed"), (2, "Never")],
    "what a wrong password tells about who is not enrolled",
);
const LENGTH: Param = number("otpLength", (4, 20), "6", "digits in a code");
const LIFESPAN: Param = number("otpLifespanSec", (30, 240), "120", "seconds until a code expires");
const PROMPT: Param = limited("userMessagePrompt", (0, 300), "Enter the code.", "what people are asked");
const SUBJECT: Param = limited("emailSubject", (1, 300), "Your code", "subject of the mail");
const CONTENT: Param =
    limited("emailContent", (1, 2048), "Your code is %OTP%.", "text of the mail; %DURATION% stands for the seconds");
const EXTERNAL: Param =
    truth("allowEnrollExternalEmail", "whether people may enroll another address than the directory's");
const STORAGE: Param = choice(
    "externalEmailStorage",
    &[(0, "RASDatabase"), (1, "ADMail"), (2, "ADCustom")],
    "where such an address is kept; ADCustom needs adCustomAttribute",
);
const ATTRIBUTE: Param = limited(
    "adCustomAttribute",
    (1, 200),
    "extensionAttribute1",
    "mail, otherMailbox or extensionAttribute1 to extensionAttribute15",
);
const USERS: Items = Items { least: 1, most: 1000, longest: 255 };
