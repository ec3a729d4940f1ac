//! What network gear is told of the groups that a directory holds somebody in.

use private_directory::slapd::{PASSWORD, Slapd};

use super::{Resolver, connect, enroll, mails_to};
use crate::app::code_in;
use crate::radius::{Desk, profile};

/// As an operator writes it; CORP is the realm. `vpn` holds `staff`, and `staff` holds alice.
const GEAR: &str = r#"
[[radius.client]]
name = "vpn"
address = "127.0.0.1"
secret = "a-secret-of-this-test-alone"
groups = [
  "CORP\\vpn -> Class=remote",
  "corp\\staff -> Filter-Id=inside",
  "OTHER\\staff -> Filter-Id=elsewhere",
  "corp\\admins -> Class=root",
]
"#;
/// Alice's, which grace shares.
const MAILBOX: &str = "alice@example.org";

#[tokio::test(flavor = "multi_thread")]
async fn gear_is_told_the_groups_of_the_directory_and_those_that_hold_them() {
    let slapd = Slapd::start().unwrap();
    let desk = Desk::start_as(profile(GEAR)).await;
    connect(&desk.test, &Resolver::of_slapd(&slapd)).await;
    assert_eq!(granted(&desk, "alice").await, ["Class = 0x72656d6f7465", "Filter-Id = \"inside\""]);
    assert_eq!(granted(&desk, "grace").await, [""; 0], "she is in no group");
}

/// Signs somebody in by `radclient`; the attributes that come of groups.
async fn granted(desk: &Desk, user: &str) -> Vec<String> {
    enroll(&desk.test, user).await;
    let mails = mails_to(&desk.test, MAILBOX);
    let user = format!("User-Name = \"{user}\"");
    let challenge = desk.radclient(&[&user, &format!("User-Password = \"{PASSWORD}\"")]).await;
    assert!(challenge.starts_with("Received Access-Challenge"), "{challenge}");
    let state = challenge.lines().map(str::trim).find(|line| line.starts_with("State = 0x")).unwrap();
    let code = code_in(&desk.test.mails_to(MAILBOX, mails + 1).await[0]);
    let accepted = desk.radclient(&[&user, &format!("User-Password = \"{code}\""), state]).await;
    assert!(accepted.starts_with("Received Access-Accept"), "{accepted}");
    let is_granted = |line: &&str| line.starts_with("Class") || line.starts_with("Filter-Id");
    accepted.lines().map(str::trim).filter(is_granted).map(str::to_owned).collect()
}
