//! PAM asks for the code: Debian's pam_radius, called by `pamtester` as sshd would call it.

use std::io::Write;
use std::process::Command;

use super::{PASSWORD, PATIENCE, Page, Rig, SECRET, start};

#[test]
fn pam_shows_the_challenge_and_takes_the_code_and_no_other() {
    let page = Page::read("pam-radius.md");
    let rig = Rig::start(&page, "192.0.2.30");
    configure(&page, &rig, "sshd", "the-secret-in-radius-linux.secret");
    signs_in(&rig, str::to_owned, "successfully authenticated");
    let wrong = |code: &str| if code == "000000" { "000001".to_owned() } else { "000000".to_owned() };
    signs_in(&rig, wrong, "Authentication failure");
}

/// Types the password and, of the mailed code, what is made of it.
fn signs_in(rig: &Rig, typed: impl Fn(&str) -> String, expected: &str) {
    let before = rig.mails();
    let mut command = Command::new("pamtester");
    command.args(["sshd", "alice", "authenticate"]);
    wrapped(&mut command, rig);
    let (mut pam, printed) = start(command, "pamtester");
    let mut keyboard = pam.0.stdin.take().unwrap();
    printed.until("Password: ");
    writeln!(keyboard, "{PASSWORD}").unwrap();
    printed.until("Enter the code sent to your e-mail address.");
    writeln!(keyboard, "{}", typed(&rig.code(before + 1))).unwrap();
    printed.until(expected);
    assert_eq!(pam.wait(PATIENCE).success(), expected.starts_with("successfully"), "{}", printed.text());
}

/// The files of the page for a service, in the folder of the test.
pub(super) fn configure(page: &Page, rig: &Rig, service: &str, secret: &str) {
    let server = page.block("# /etc/pam_radius_auth.conf").replace(secret, SECRET);
    std::fs::write(rig.file("radius.conf"), server.replace("192.0.2.1:1812", &rig.radius.to_string())).unwrap();
    let lines = page.block(&format!("# /etc/pam.d/{service}"));
    let lines = lines.replace("/etc/pam_radius_auth.conf", &rig.file("radius.conf").display().to_string());
    std::fs::create_dir(rig.file("pam.d")).unwrap();
    std::fs::write(rig.file("pam.d").join(service), lines).unwrap();
}

/// PAM reads its services from `/etc/pam.d`; the wrapper lets it read ours, without touching the machine's.
pub(super) fn wrapped(command: &mut Command, rig: &Rig) {
    command.env("LD_PRELOAD", "libpam_wrapper.so").env("PAM_WRAPPER", "1");
    command.env("PAM_WRAPPER_SERVICE_DIR", rig.file("pam.d"));
}
