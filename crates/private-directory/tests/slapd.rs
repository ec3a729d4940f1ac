//! An OpenLDAP server of one's own: that it is one, keeps its rights, counts, and never outlives its owner.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

use private_directory::certificate::Flaw;
use private_directory::client::Security;
use private_directory::entry::replacement;
use private_directory::operations::Operations;
use private_directory::slapd::{
    BASE, Log, PASSWORD, PEOPLE, READER, READER_PASSWORD, Setup, Slapd, WRITER, WRITER_PASSWORD,
};

#[test]
fn people_are_found_over_every_kind_of_connection() {
    let slapd = Slapd::start().unwrap();
    let reader = slapd.client(READER, READER_PASSWORD);
    let in_clear = reader.clone().at(slapd.url());
    for client in [&reader, &in_clear, &in_clear.clone().with_security(Security::StartTls)] {
        let found = client.search(BASE, "(uid=alice)", &["mail", "memberOf"]).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].text("mail"), Some("alice@example.org"));
        assert_eq!(found[0].text("memberOf"), Some("cn=staff,ou=groups,dc=example,dc=org"));
    }
    assert!(slapd.log().contains("STARTTLS"), "{}", slapd.log());
    assert_eq!(reader.search(BASE, "(uid=twin)", &["mail"]).unwrap().len(), 2);
}

#[test]
fn a_password_opens_and_a_wrong_one_does_not() {
    let slapd = Slapd::start().unwrap();
    let alice = format!("uid=alice,{PEOPLE}");
    slapd.client(&alice, PASSWORD).bind().unwrap();
    let error = slapd.client(&alice, "wrong").bind().unwrap_err();
    assert!(error.to_string().contains("Invalid credentials (49)"), "{error}");
    let nothing = slapd.client(&alice, PASSWORD).search(BASE, "(uid=bob)", &["mail"]);
    assert!(nothing.is_err(), "people read nothing: {nothing:?}");
}

#[test]
fn the_writer_writes_what_is_allowed_and_nothing_else() {
    let slapd = Slapd::start().unwrap();
    let (bob, writer) = (format!("uid=bob,{PEOPLE}"), slapd.client(WRITER, WRITER_PASSWORD));
    for name in ["mail", "extensionAttribute5", "otherMailbox"] {
        writer.modify(&replacement(&bob, name, &["bob@example.com"])).unwrap();
        assert_eq!(slapd.person("bob").unwrap().text(name), Some("bob@example.com"));
    }
    let refused = [
        writer.modify(&replacement(&bob, "userPassword", &["mine"])),
        writer.modify(&replacement(&bob, "description", &["x"])),
        slapd.client(READER, READER_PASSWORD).modify(&replacement(&bob, "mail", &["x@example.com"])),
    ];
    for error in refused.map(Result::unwrap_err) {
        assert!(error.to_string().contains("Insufficient access (50)"), "{error}");
    }
}

#[test]
fn a_certificate_can_be_wrong_in_every_way() {
    let mut slapd = Slapd::start().unwrap();
    let reader = slapd.client(READER, READER_PASSWORD);
    for flaw in [Flaw::Expired, Flaw::OtherName, Flaw::UnknownAuthority] {
        slapd.start_again_with(flaw).unwrap();
        let error = reader.bind().unwrap_err();
        assert!(error.to_string().contains("Can't contact LDAP server"), "{flaw:?}: {error}");
        reader.clone().at(slapd.url()).bind().unwrap();
    }
    slapd.start_again_with(Flaw::None).unwrap();
    reader.bind().unwrap();
}

#[test]
fn what_was_asked_is_counted_and_told() {
    let slapd = Slapd::start().unwrap();
    let before = slapd.operations().unwrap();
    assert_eq!(slapd.operations().unwrap().since(&before), Operations::default());
    let before = slapd.operations().unwrap();
    let reader = slapd.client(READER, READER_PASSWORD);
    reader.search(PEOPLE, r"(uid=a\2ab\29)", &["mail"]).unwrap();
    let between = slapd.operations().unwrap().since(&before);
    assert_eq!(between, Operations { bind: 1, search: 1, unbind: 1, ..Operations::default() });
    assert_eq!(between.asked(), 2);
    let last = slapd.searches().pop().unwrap();
    assert_eq!((last.base.as_str(), last.filter.as_str()), (PEOPLE, r"(uid=a\2Ab\29)"));
}

#[test]
fn ten_thousand_people_are_there_from_the_start() {
    let slapd = Slapd::start_with(Setup { crowd: 10_000, log: Log::Least, ..Setup::default() }).unwrap();
    assert_eq!(slapd.person("u9999").unwrap().text("mail"), Some("u9999@example.org"));
    slapd.client(&format!("uid=u5000,{PEOPLE}"), PASSWORD).bind().unwrap();
}

#[test]
fn a_server_keeps_what_was_written_over_every_way_to_end_it() {
    let mut slapd = Slapd::start().unwrap();
    let writer = slapd.client(WRITER, WRITER_PASSWORD);
    for (number, is_orderly) in [true, false].into_iter().enumerate() {
        let mail = format!("bob{number}@example.com");
        writer.modify(&replacement(&format!("uid=bob,{PEOPLE}"), "mail", &[&mail])).unwrap();
        if is_orderly { slapd.stop() } else { slapd.kill_9() }.unwrap();
        assert!(writer.bind().is_err(), "nobody is there");
        slapd.start_again().unwrap();
        assert_eq!(slapd.person("bob").unwrap().text("mail"), Some(mail.as_str()));
    }
}

#[test]
fn a_paused_server_is_silent_until_it_goes_on() {
    let slapd = Slapd::start().unwrap();
    slapd.pause().unwrap();
    let reader = slapd.client(READER, READER_PASSWORD);
    let asked = spawn(move || reader.bind());
    sleep(Duration::from_millis(300));
    assert!(!asked.is_finished(), "nobody answers meanwhile");
    slapd.resume().unwrap();
    asked.join().unwrap().unwrap();
}

/// Runs this very test program once more, as the owner that is killed.
#[test]
fn no_server_outlives_its_owner() {
    for state in ["running", "paused"] {
        let mut owner = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "owner", "--nocapture", "--include-ignored"])
            .env("OWNER_OF_A_SERVER", state)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(owner.stdout.take().unwrap()).lines().map_while(Result::ok);
        let folder = lines.find_map(|line| line.split_once("folder ").map(|(_, path)| path.to_owned()));
        let folder = folder.expect("the owner tells its folder");
        assert_ne!(working_in(&folder), 0, "there are processes");
        owner.kill().unwrap();
        owner.wait().unwrap();
        wait("the folder to go", || !Path::new(&folder).exists());
        assert_eq!(working_in(&folder), 0, "{state}: processes are left");
    }
}

/// Not a test of its own: what [`no_server_outlives_its_owner`] starts and kills.
#[test]
#[expect(clippy::disallowed_methods, reason = "one program, two parts: the other one asks and listens")]
fn owner() {
    let Ok(state) = std::env::var("OWNER_OF_A_SERVER") else {
        return;
    };
    let slapd = Slapd::start().unwrap();
    if state == "paused" {
        slapd.pause().unwrap();
    }
    println!("\nfolder {}", slapd.ca_file().parent().unwrap().display());
    sleep(Duration::from_mins(1));
}

/// How many processes work in this folder.
fn working_in(folder: &str) -> usize {
    let processes = std::fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path().join("cwd"));
    processes.filter(|cwd| std::fs::read_link(cwd).is_ok_and(|at| at.starts_with(folder))).count()
}

#[expect(clippy::disallowed_methods, reason = "waits for other processes")]
fn wait(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(20), "waited in vain for {what}");
        sleep(Duration::from_millis(10));
    }
}
