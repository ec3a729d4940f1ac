//! A FreeRADIUS of Debian hands sign-ins on to us.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use super::{PASSWORD, Page, Rig, SECRET, ask, start};
use crate::process::place::free;

/// The secret between FreeRADIUS and its own gear, as Debian ships it.
const GEAR_SECRET: &str = "testing123";

#[test]
fn a_freeradius_in_front_hands_on_the_challenge_and_the_code() {
    let page = Page::read("freeradius.md");
    let (rig, proxy) = (Rig::start(&page, "192.0.2.20"), free());
    let folder = rig.file("freeradius");
    configure(&page, &rig, proxy, &folder);
    let mut command = Command::new("freeradius");
    command.args(["-X", "-d"]).arg(&folder);
    let (_freeradius, printed) = start(command, "freeradius");
    printed.until("Ready to process requests");
    let reply = ask(proxy, GEAR_SECRET, &["User-Name = \"alice\"", &format!("User-Password = \"{PASSWORD}\"")]);
    assert!(reply.contains("Received Access-Challenge"), "{reply}\n{}", printed.text());
    assert!(reply.contains("Reply-Message = \"Enter the code sent to your e-mail address.\""), "{reply}");
    let state = reply.lines().map(str::trim).find(|line| line.starts_with("State = 0x")).expect("a State");
    let typed = format!("User-Password = \"{}\"", rig.code(1));
    for expected in ["Received Access-Accept", "Received Access-Reject"] {
        let reply = ask(proxy, GEAR_SECRET, &["User-Name = \"alice\"", &typed, state]);
        assert!(reply.contains(expected), "{reply}");
    }
}

/// Debian's configuration in a folder of its own, with what the page adds.
fn configure(page: &Page, rig: &Rig, proxy: SocketAddr, folder: &Path) {
    let installed = Path::new("/etc/freeradius/3.0");
    assert!(installed.exists(), "this test needs FreeRADIUS: apt-get install freeradius");
    let copied = Command::new("cp").arg("-a").args([installed, folder]).status().unwrap();
    assert!(copied.success());
    let edit = |name: &str, change: &dyn Fn(String) -> String| {
        let file = folder.join(name);
        std::fs::write(&file, change(std::fs::read_to_string(&file).unwrap())).unwrap();
    };
    edit("radiusd.conf", &|text| at_home(&text, folder));
    let added =
        page.block("# /etc/freeradius/3.0/proxy.conf").replace("the secret in radius-freeradius.secret", SECRET);
    let added = added.replace("192.0.2.1", "127.0.0.1").replace("1812", &rig.radius.port().to_string());
    edit("proxy.conf", &|text| format!("{text}\n{added}"));
    let added = page.block("# /etc/freeradius/3.0/sites-available/default");
    edit("sites-available/default", &|text| {
        let (before, after) = text.split_once("\nauthorize {\n").expect("a section authorize");
        let before = one_socket(before, proxy);
        format!("{before}\nauthorize {{\n{added}{after}")
    });
    for unused in ["sites-enabled/inner-tunnel", "mods-enabled/eap"] {
        drop(std::fs::remove_file(folder.join(unused)));
    }
    edit("sites-available/default", &without_eap);
}

/// Its own folder for everything that it writes, and the rights it was started with.
fn at_home(text: &str, folder: &Path) -> String {
    let line = |line: &str| match line.split_once(" = ").map(|(name, _)| name.trim()) {
        Some("raddbdir") => format!("raddbdir = {}\n", folder.display()),
        Some("localstatedir") => format!("localstatedir = {}\n", folder.display()),
        Some("logdir") => format!("logdir = {}\n", folder.display()),
        Some("run_dir") => format!("run_dir = {}\n", folder.display()),
        Some("user" | "group") => String::new(),
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

/// The site of Debian listens on four sockets; the test has one.
fn one_socket(site: &str, at: SocketAddr) -> String {
    let (before, _) = site.split_once("\nlisten {\n").expect("a section listen");
    format!("{before}\nlisten {{\n\ttype = auth\n\tipaddr = {}\n\tport = {}\n}}\n", at.ip(), at.port())
}

/// EAP would want certificates that the package leaves to others, and the page has no use for it.
fn without_eap(text: String) -> String {
    let mut depth = 0_usize;
    let mut kept = String::new();
    for line in text.lines() {
        let code = line.split('#').next().unwrap_or_default().trim();
        if depth > 0 || code == "eap {" {
            depth = depth + code.matches('{').count() - code.matches('}').count();
        } else if code != "eap" && !code.starts_with("Auth-Type eap") {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}
