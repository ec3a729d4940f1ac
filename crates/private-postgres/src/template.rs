//! A data folder made once and copied for every server after that: `initdb` takes longer than all the
//! rest of a start.

use std::fs;
use std::io::{Error, Read, Result, Write};
use std::path::Path;
use std::process::Stdio;

use private_home::home::private;
use private_home::kept::{copy, target};
use private_home::program::finish;

use crate::home::Home;
use crate::programs::Programs;

/// The name of the superuser.
pub(crate) const SUPERUSER: &str = "postgres";
/// The name of the ordinary user, who owns the databases that are made.
pub(crate) const USER: &str = "otpost";

/// Puts a fresh data folder into the home; answers the password of both users.
pub(crate) fn place(programs: &Programs, home: &Home) -> Result<String> {
    let Some(target) = target() else {
        return init(programs, home);
    };
    let folder = target.join(format!("private-postgres-{}", programs.stamp()?));
    if !folder.is_dir() {
        make(programs, home, &folder)?;
    }
    copy(&folder.join("data"), home.path())?;
    fs::read_to_string(folder.join("password"))
}

/// Made in the home, where the server's user may write, and moved in one step: others may be making it too.
fn make(programs: &Programs, home: &Home, folder: &Path) -> Result<()> {
    let password = init(programs, home)?;
    // The home's name is ours alone.
    let draft = folder.with_file_name(home.path().file_name().unwrap_or_default());
    private(&draft)?;
    copy(&home.data(), &draft)?;
    fs::write(draft.join("password"), password)?;
    fs::remove_dir_all(home.data())?;
    if fs::rename(&draft, folder).is_err() {
        // Somebody was faster.
        fs::remove_dir_all(&draft)?;
    }
    Ok(())
}

fn init(programs: &Programs, home: &Home) -> Result<String> {
    let (password, file) = (password()?, home.path().join("password"));
    fs::write(&file, &password)?;
    programs.own(&file)?;
    let mut init = programs.command("initdb", home.path());
    init.args(["--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", "--username", SUPERUSER]);
    finish(init.arg("--no-sync").arg("--pwfile").arg(&file).arg("--pgdata").arg(home.data()))?;
    fs::remove_file(&file)?;
    add_user(programs, home, &password)?;
    Ok(password)
}

/// Without a running server: the program reads statements itself.
// tidy: not a secret, because it opens made-up data and ends with the test
fn add_user(programs: &Programs, home: &Home, password: &str) -> Result<()> {
    let mut single = programs.command("postgres", home.path());
    single.arg("--single").arg("-D").arg(home.data()).arg("postgres").stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = single.stderr(Stdio::null()).spawn()?;
    if let Some(mut input) = child.stdin.take() {
        writeln!(input, "CREATE ROLE {USER} LOGIN PASSWORD '{password}'")?;
    }
    let status = child.wait()?;
    if status.success() { Ok(()) } else { Err(Error::other(format!("adding a user ended with {status}"))) }
}

/// 128 bits, in hexadecimal: other users of this machine reach the port too.
fn password() -> Result<String> {
    let mut octets = [0; 16];
    fs::File::open("/dev/urandom")?.read_exact(&mut octets)?;
    Ok(format!("{:032x}", u128::from_be_bytes(octets)))
}
