//! Made-up histories, each with one broken promise that must be found, and one in which all is well.

use super::*;

#[test]
fn a_run_in_which_all_is_well_has_no_findings() {
    let evidence = good();
    assert_eq!(check(&evidence), Vec::<String>::new());
    let counts = count(&evidence);
    assert_eq!((counts.issued, counts.accepted, counts.writes, counts.lost), (1, 1, 1, 0));
    assert_eq!(counts.mails, BTreeMap::from([(1, 1)]));
}

#[test]
fn a_second_acceptance_is_found_in_answers_and_in_the_audit() {
    let mut heard = good();
    heard.records.push(answer(CODE, Told::Accepted, 8));
    assert_finds(&heard, "I1 c1 was accepted twice");
    let mut written = good();
    written.audit.push(line("accept", ""));
    assert_finds(&written, "I1 c1 was accepted twice");
}

#[test]
fn an_acceptance_without_its_mail_is_found() {
    let mut evidence = good();
    evidence.mails.clear();
    assert_finds(&evidence, "I2 c1 was accepted, but no mail carried 492039");
    let mut other = good();
    other.mails[0].code = "000000".to_owned();
    assert_finds(&other, "I2 c1 was accepted, but no mail carried 492039");
}

#[test]
fn an_acceptance_after_the_end_is_found() {
    let mut evidence = good();
    evidence.records[2].call = Duration::from_secs(125);
    assert_finds(&evidence, "I2 c1 was accepted after its end, or never begun");
}

#[test]
fn an_acceptance_for_somebody_else_is_found() {
    let mut evidence = good();
    evidence.records[2].op = Op::Answer { serial: "B".to_owned(), challenge: "c1".to_owned(), code: CODE.to_owned() };
    assert_finds(&evidence, "I2 c1 was accepted for B, whose it is not");
}

#[test]
fn a_ninth_compared_guess_is_found() {
    let mut evidence = good();
    for second in 0..8 {
        evidence.records.push(answer("000000", Told::Refused, second));
        evidence.audit.push(line("refuse", "wrong-code"));
    }
    assert_eq!(check(&evidence), Vec::<String>::new(), "eight are allowed");
    evidence.records.push(answer("000000", Told::Refused, 9));
    evidence.audit.push(line("refuse", "wrong-code"));
    assert_finds(&evidence, "I3 9 wrong codes of A were compared");
}

#[test]
fn a_lost_write_is_found_unless_it_was_never_acknowledged() {
    let mut evidence = good();
    evidence.there.clear();
    assert_finds(&evidence, "I4 A was acknowledged and is lost");
    evidence.records[0].told = Told::Ambiguous;
    assert_eq!(check(&evidence), Vec::<String>::new());
}

#[test]
fn a_second_mail_is_found_unless_a_fault_explains_a_copy() {
    let mut evidence = good();
    evidence.mails.push(evidence.mails[0].clone());
    assert_finds(&evidence, "I5 c1 got 2 mails, and nothing explains it");
    evidence.rules.had_faults = true;
    assert_eq!(check(&evidence), Vec::<String>::new());
    evidence.mails[1].message_id = "c1.0.2@example.org".to_owned();
    assert!(check(&evidence)[0].starts_with("I5 c1 got different mails"));
}

#[test]
fn a_second_challenge_of_one_request_is_found() {
    let mut evidence = good();
    let second =
        Mail { challenge: "c2".to_owned(), message_id: "c2.0.1@example.org".to_owned(), ..evidence.mails[0].clone() };
    evidence.mails.push(second);
    assert_finds(&evidence, "I5 a@example.org began 1 times and got mails of {\"c1\", \"c2\"}");
    evidence.doubled.push("A".to_owned());
    evidence.audit.insert(1, Line { challenge: "c2".to_owned(), ..line("challenge", "") });
    assert_finds(&evidence, "I5 a@example.org began 1 times and got mails of {\"c1\", \"c2\"}");
    let opened_late = evidence.audit.remove(1);
    evidence.audit.push(opened_late);
    assert_eq!(check(&evidence), Vec::<String>::new(), "a copy that came after the acceptance");
}

#[test]
fn a_request_at_two_nodes_explains_one_line_more() {
    let mut evidence = good();
    evidence.doubled.push("A".to_owned());
    evidence.audit.push(line("refuse", "challenge-closed"));
    evidence.audit.push(line("challenge", ""));
    assert_eq!(check(&evidence), Vec::<String>::new());
}

#[test]
fn a_missing_and_a_surplus_audit_line_are_found() {
    let mut missing = good();
    missing.audit.retain(|line| line.outcome != "accept");
    assert_finds(&missing, "I6 c1 was told accept 1 times, the audit has 0");
    let mut surplus = good();
    surplus.audit.push(line("challenge", ""));
    assert_finds(&surplus, "I6 c1 was told challenge 1 times, the audit has 2");
}

#[test]
fn an_answer_that_was_lost_explains_one_line_more() {
    let mut evidence = good();
    evidence.records.push(answer("000000", Told::Refused, 6));
    evidence.records.push(answer("000000", Told::Ambiguous, 7));
    evidence.audit.extend([line("refuse", "wrong-code"), line("refuse", "wrong-code")]);
    assert_eq!(check(&evidence), Vec::<String>::new());
    evidence.audit.push(line("refuse", "wrong-code"));
    assert_finds(&evidence, "I6 c1 was told refuse 1 times, the audit has 3");
}

fn assert_finds(evidence: &Evidence, finding: &str) {
    let findings = check(evidence);
    assert!(findings.iter().any(|found| found.starts_with(finding)), "{findings:?}");
}

/// One enrollment, one challenge, one mail, one acceptance.
fn good() -> Evidence {
    let serial = || "A".to_owned();
    Evidence {
        records: vec![
            record(Op::Enroll { serial: serial() }, Told::Done, 1),
            record(Op::Begin { serial: serial() }, Told::Challenge("c1".to_owned()), 2),
            answer(CODE, Told::Accepted, 5),
        ],
        mails: vec![Mail {
            to: "a@example.org".to_owned(),
            challenge: "c1".to_owned(),
            message_id: "c1.0.1@example.org".to_owned(),
            code: CODE.to_owned(),
        }],
        audit: vec![line("challenge", ""), line("accept", "")],
        there: BTreeSet::from([serial()]),
        ..Evidence::default()
    }
}

fn record(op: Op, told: Told, second: u64) -> Record {
    Record { op, call: Duration::from_secs(second), back: Duration::from_secs(second), told }
}

fn answer(code: &str, told: Told, second: u64) -> Record {
    record(Op::Answer { serial: "A".to_owned(), challenge: "c1".to_owned(), code: code.to_owned() }, told, second)
}

fn line(outcome: &str, reason: &str) -> Line {
    let owned = str::to_owned;
    Line { challenge: owned("c1"), serial: owned("A"), outcome: owned(outcome), reason: owned(reason) }
}

const CODE: &str = "492039";
