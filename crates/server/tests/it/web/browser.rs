//! The pages in a real browser: Chromium, driven over a running demonstration.

use std::path::Path;
use std::process::Command;

use crate::process::place::free;
use otpost::{demo, stop};
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread")]
async fn web_browser() {
    on_a_demonstration(|base, _| drive("signin.mjs", base, &[])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn web_browser_at_the_console() {
    on_a_demonstration(|base, password| drive("console.mjs", base, &[password])).await;
}

/// Runs a demonstration for as long as it is visited; tells its address and its administrator's password.
async fn on_a_demonstration(visit: impl FnOnce(&str, &str) + Send + 'static) {
    let listen = free();
    let prepared = demo::prepare(demo::Options { listen, radius: listen }).await.unwrap();
    let (base, password) = (format!("http://{}", prepared.listen), prepared.admin_password.expose().to_owned());
    let (stopper, stop) = stop::channel();
    let mut running = JoinSet::new();
    running.spawn(prepared.run(stop));
    tokio::task::spawn_blocking(move || visit(&base, &password)).await.unwrap();
    stopper.stop();
    running.join_next().await.unwrap().unwrap();
}

/// The demonstration wants to know its port beforehand: it is part of its public address.
pub(crate) fn drive(script: &str, base: &str, more: &[&str]) {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    // A folder for each script: they may run at the same time.
    let (modules, screens) = (target.join("browser").join(script), target.join("screens"));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser").join(script);
    assert!(Path::new("/usr/bin/chromium").exists(), "this test needs Chromium: apt-get install chromium");
    install(&modules);
    let output = Command::new("node").arg(script).arg(base).args([&screens, &modules]).args(more).output();
    let output = output.expect("this test needs Node.js: apt-get install nodejs npm");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "the browser came to another end:\n{said}");
}

/// The packages, once.
fn install(modules: &Path) {
    let is_there = |(name, version): &(&str, &str)| {
        let package = modules.join("node_modules").join(name).join("package.json");
        std::fs::read_to_string(package).is_ok_and(|text| text.contains(&format!("\"{version}\"")))
    };
    if PACKAGES.iter().all(is_there) {
        return;
    }
    std::fs::create_dir_all(modules).unwrap();
    std::fs::write(modules.join("package.json"), "{\"private\": true}\n").unwrap();
    let wanted = PACKAGES.map(|(name, version)| format!("{name}@{version}"));
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-save", "--no-audit", "--no-fund"]).args(&wanted).current_dir(modules);
    let output = npm.output().expect("this test needs npm: apt-get install npm");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "npm could not install {wanted:?}:\n{said}");
}

/// What drives the browser, and what judges whether everybody can use a page.
const PACKAGES: [(&str, &str); 2] = [("playwright-core", "1.60.0"), ("axe-core", "4.14.1")];
