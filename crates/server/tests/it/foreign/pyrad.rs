//! pyrad asks the demonstration, and verifies every reply by its own code.

use std::path::Path;

use super::{Demo, judges};

#[test]
fn pyrad_verifies_every_reply_and_gets_none_without_a_signature() {
    let (demo, folder) = (Demo::start(), tempfile::tempdir().unwrap());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/foreign/pyrad_replies.py");
    let (script, folder) = (script.display().to_string(), folder.path().display().to_string());
    let said = judges::RADIUS.python(&[&script, &demo.radius.0, &demo.radius.1, &demo.base, &folder]);
    assert!(said.contains("the dialogue is over"), "{said}");
}
