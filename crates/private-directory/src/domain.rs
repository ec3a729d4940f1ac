//! A domain of Samba's, made once and copied for every server after that: making it takes seconds.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{Error, Result};
use std::path::Path;
use std::process::Command;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use private_home::home::{Home, private};
use private_home::kept::{copy, target};
use private_home::program::{finish, finish_with};

use crate::programs::find;
use crate::samba::{ADMINISTRATOR_PASSWORD, BASE, PASSWORD};

/// Writes the configuration for a server at this address.
pub(crate) fn configure(home: &Home, address: &str) -> Result<()> {
    let text = include_str!("domain/smb.conf").replace("{home}", &home.path().display().to_string());
    home.write(CONFIG, &text.replace("{address}", address)).map(drop)
}

/// Puts a fresh domain into the home, which is configured.
pub(crate) fn place(home: &Home) -> Result<()> {
    for folder in FOLDERS {
        private(&home.join(folder))?;
    }
    let Some(target) = target() else {
        return make(home);
    };
    // One at a time: others may be at it too, and it is much work.
    let lock = File::create(target.join("private-directory.lock"))?;
    lock.lock()?;
    let template = target.join(format!("private-directory-{}", stamp()?));
    if !template.is_dir() {
        make_template(home, &template)?;
    }
    drop(lock);
    DATA.iter().try_for_each(|folder| copy(&template.join(folder), home.path()))
}

/// Tells apart what differs: another version, or other people.
fn stamp() -> Result<String> {
    let mut hasher = DefaultHasher::new();
    (ATTRIBUTE, CHANGES, PEOPLE, RIGHTS, PASSWORD).hash(&mut hasher);
    let version = finish(Command::new(find("samba", "samba")?).arg("--version"))?;
    let version = version.trim().rsplit(' ').next().unwrap_or_default();
    Ok(format!("samba-{version}-{:016x}", hasher.finish()))
}

/// Made in the home and moved in one step, so that half a domain is never found.
fn make_template(home: &Home, template: &Path) -> Result<()> {
    make(home)?;
    // The home's name is ours alone.
    let draft = template.with_file_name(home.path().file_name().unwrap_or_default());
    private(&draft)?;
    for folder in DATA {
        copy(&home.join(folder), &draft)?;
        fs::remove_dir_all(home.join(folder))?;
    }
    fs::rename(&draft, template)
}

fn make(home: &Home) -> Result<()> {
    let mut provision = command(home, "samba-tool", "samba-common-bin", &["domain", "provision"])?;
    provision.args(["--realm=AD.EXAMPLE.ORG", "--domain=EXAMPLE", "--server-role=dc"]);
    provision.args(["--dns-backend=NONE", "--host-name=dc1", "--host-ip=127.0.0.1"]);
    finish(provision.arg(format!("--adminpass={ADMINISTRATOR_PASSWORD}")))?;
    edit(home, "ldbadd", ATTRIBUTE)?;
    edit(home, "ldbmodify", CHANGES)?;
    let quoted: Vec<u8> = format!("\"{PASSWORD}\"").encode_utf16().flat_map(u16::to_le_bytes).collect();
    edit(home, "ldbadd", &PEOPLE.replace("{password}", &BASE64_STANDARD.encode(quoted)))?;
    grant(home)
}

/// Lets the one who writes write what she may.
fn grant(home: &Home) -> Result<()> {
    let mut look = command(home, "ldbsearch", "ldb-tools", &[])?;
    let found = finish(database(&mut look, home).args(["(sAMAccountName=svc-write)", "objectSid"]))?;
    let sid = found.lines().find_map(|line| line.strip_prefix("objectSid: "));
    let sid = sid.ok_or_else(|| Error::other(format!("nobody to give rights to: {found}")))?;
    let rights: Vec<String> = RIGHTS.iter().map(|guid| format!("(OA;CIIO;WP;{guid};{USER};{sid})")).collect();
    let mut acl = command(home, "samba-tool", "samba-common-bin", &["dsacl", "set"])?;
    acl.args([&format!("--objectdn=OU=People,{BASE}"), &format!("--sddl={}", rights.concat())]);
    finish(database(&mut acl, home)).map(drop)
}

/// Without a running server: the program opens the files itself.
fn edit(home: &Home, program: &str, ldif: &str) -> Result<()> {
    let mut command = command(home, program, "ldb-tools", &[])?;
    database(&mut command, home).arg("--option=dsdb:schema update allowed=true");
    finish_with(&mut command, ldif).map(drop)
}

fn database<'a>(command: &'a mut Command, home: &Home) -> &'a mut Command {
    command.arg("-H").arg(home.join("private/sam.ldb"))
}

/// One of Samba's programs, which reads our configuration instead of the machine's. It must come behind
/// the words that say what to do.
pub(crate) fn command(home: &Home, program: &str, package: &str, words: &[&str]) -> Result<Command> {
    let mut command = Command::new(find(program, package)?);
    command.args(words).arg(format!("--configfile={}", home.join(CONFIG).display())).current_dir(home.path());
    Ok(command)
}

const CONFIG: &str = "smb.conf";
/// What a domain is.
const DATA: [&str; 2] = ["private", "state"];
/// What a server wants to find.
const FOLDERS: [&str; 7] = ["cache", "lock", "pid", "ncalrpc", "winbindd", "ntp", "bind-dns"];
/// Exchange would bring it along.
const ATTRIBUTE: &str = include_str!("domain/attribute.ldif");
const CHANGES: &str = include_str!("domain/changes.ldif");
const PEOPLE: &str = include_str!("domain/people.ldif");
/// Attributes by the identifiers of their schema: mail, otherMailbox, and our extensionAttribute5.
const RIGHTS: [&str; 3] = [
    "bf967961-0de6-11d0-a285-00aa003049e2",
    "0296c123-40da-11d1-a9c0-0000f80367c1",
    "5d1c3c2e-6f0e-4f5c-9f0b-3f6a3f0d2c55",
];
/// The class of people.
const USER: &str = "bf967aba-0de6-11d0-a285-00aa003049e2";
