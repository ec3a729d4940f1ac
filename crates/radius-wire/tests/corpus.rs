//! What the fuzzer has found worth keeping, once more on every machine, and what it must still be able to notice.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

#[path = "../../../fuzz/src/lib.rs"]
#[expect(unreachable_pub, reason = "a crate of its own elsewhere")]
mod properties;

use std::path::Path;

/// Runs a target over its corpus; answers how many files there were.
fn replay(name: &str, target: fn(&[u8])) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(name);
    let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    files.map(|file| target(&std::fs::read(file.unwrap().path()).unwrap())).count()
}

#[test]
fn the_corpus_of_packets_breaks_nothing() {
    assert!(replay("packet", properties::packet) >= 50);
}

#[test]
fn the_corpus_of_passwords_breaks_nothing() {
    assert!(replay("password", properties::password) >= 10);
}

#[test]
fn the_corpus_of_dialogues_breaks_nothing() {
    assert!(replay("dialogue", properties::dialogue) >= 10);
}
