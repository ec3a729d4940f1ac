//! The worked examples, and a slow second reading of the rules to hold the evaluator to.

use proptest::prelude::*;

use super::*;

fn label(text: &str) -> Label {
    Label::parse(text).expect("a label")
}

fn office() -> Vec<AddressRange> {
    vec![AddressRange::parse("10.0.0.0", Some("10.0.255.255")).expect("a range")]
}

fn user(account: &str) -> Vec<Principal> {
    vec![Principal { sid: None, names: vec![AccountName::parse(account).expect("an account")] }]
}

fn entry(account: &str) -> PrincipalEntry {
    PrincipalEntry::parse(Some(account), None).expect("an entry")
}

fn from(address: &str) -> Facts {
    Facts { principals: Some(user("corp\\ann")), address: address.parse().ok(), ..Facts::default() }
}

fn allow() -> Criteria {
    Criteria::default()
}

fn deny() -> Criteria {
    Criteria { access: Access::Deny, ..Criteria::default() }
}

fn asks(rule: &Criteria, facts: &Facts) -> bool {
    rule.explain(facts).is_required()
}

#[test]
fn the_worked_examples() {
    use Matching::{IsNotOneOf, IsOneOf};
    let svc = |address| Facts { principals: Some(user("corp\\svc")), ..from(address) };
    let in_office = Group::enabled(IsOneOf, office());
    let is_svc = Group::enabled(IsOneOf, vec![entry("svc")]);
    let office_svc = Criteria { addresses: in_office.clone(), principals: is_svc.clone(), ..deny() };
    let outside = Criteria { addresses: Group::enabled(IsNotOneOf, office()), ..allow() };
    let empty = Group::enabled(IsOneOf, Vec::new());
    let not_h1 = Criteria { hardware_ids: Group::enabled(IsNotOneOf, vec![label("H1")]), ..deny() };
    let gateway: IpAddr = "192.0.2.1".parse().expect("address");
    let windows = Criteria {
        oses: Group::enabled(IsOneOf, vec![Os::Windows]),
        gateways: Group::enabled(IsOneOf, vec![gateway]),
        ..allow()
    };
    let office_off = Group { is_enabled: false, ..in_office.clone() };
    let except_office = Criteria { addresses: in_office, ..deny() };
    let examples = [
        (1, allow(), from("10.0.3.4"), true),
        (2, deny(), from("10.0.3.4"), true),
        (3, except_office.clone(), from("10.0.3.4"), false),
        (4, except_office.clone(), from("203.0.113.9"), true),
        (5, outside.clone(), from("10.0.3.4"), false),
        (6, outside, from("203.0.113.9"), true),
        (7, office_svc.clone(), from("10.0.3.4"), true),
        (8, office_svc, svc("10.0.3.4"), false),
        (9, Criteria { addresses: empty.clone(), ..allow() }, from("10.0.3.4"), true),
        (10, Criteria { addresses: empty, ..deny() }, from("10.0.3.4"), true),
        (11, not_h1.clone(), from("10.0.3.4"), true),
        (12, not_h1, Facts { hardware_id: Some(label("H2")), ..from("10.0.3.4") }, false),
        (13, windows, Facts { os: Some(Os::Linux), gateway: Some(gateway), ..from("10.0.3.4") }, false),
        (14, except_office, from("2001:db8::1"), true),
        (15, Criteria { addresses: office_off, principals: is_svc, ..deny() }, svc("10.0.3.4"), false),
    ];
    for (number, rule, facts, is_asked) in examples {
        assert_eq!(asks(&rule, &facts), is_asked, "example {number}");
    }
    assert!(!Explanation::ProviderOff.is_required(), "example 16");
}

#[test]
fn a_user_is_known_by_every_spelling_and_by_every_group() {
    let sid = |text| PrincipalEntry::parse(Some("corp\\old name"), Some(text)).expect("an entry");
    let person =
        Principal { sid: Some(label("S-1-5-21-1")), names: vec![AccountName::new("corp", "Erin").expect("a name")] };
    let group = Principal { sid: None, names: vec![AccountName::new("CORP", "Field staff").expect("a name")] };
    let facts = Facts { principals: Some(vec![person, group]), ..Facts::default() };
    for (listed, is_excepted) in [
        (entry("ERIN"), true),
        (entry("CORP\\erin"), true),
        (entry("erin@Corp"), true),
        (entry("corp\\field STAFF"), true),
        (entry("other\\erin"), false),
        (entry("erin@other"), false),
        (entry("eri"), false),
        (sid("s-1-5-21-1"), true),
        (sid("S-1-5-21-2"), false),
    ] {
        let rule = Criteria { principals: Group::enabled(Matching::IsOneOf, vec![listed.clone()]), ..deny() };
        assert_eq!(!asks(&rule, &facts), is_excepted, "{listed:?}");
    }
}

#[test]
fn a_name_that_looks_like_a_domain_and_a_name_is_nobody_else() {
    let impostor = Principal { sid: None, names: vec![AccountName::new("guests", "corp\\erin").expect("a name")] };
    let facts = Facts { principals: Some(vec![impostor]), ..Facts::default() };
    let rule = Criteria { principals: Group::enabled(Matching::IsOneOf, vec![entry("corp\\erin")]), ..deny() };
    assert!(asks(&rule, &facts));
}

#[test]
fn an_entry_names_somebody() {
    assert_eq!(PrincipalEntry::parse(Some(" "), None), Err(InvalidMember::Nobody));
    assert_eq!(PrincipalEntry::parse(Some("a\nb"), None), Err(InvalidMember::ControlCharacter));
    assert_eq!(PrincipalEntry::parse(Some("corp\\"), None), Err(InvalidMember::Length));
    assert_eq!(PrincipalEntry::parse(None, Some(&"x".repeat(256))), Err(InvalidMember::Length));
    assert!(PrincipalEntry::parse(Some(&"x".repeat(255)), Some("S-1-5-18")).is_ok());
}

#[test]
fn a_security_identifier_is_written_in_one_way() {
    for good in ["S-1-5-18", "s-1-5-21-1004336348-1177238915-682003330-512", "S-1-281474976710655-4294967295"] {
        assert!(PrincipalEntry::parse(None, Some(good)).is_ok(), "{good}");
    }
    let long = format!("S-1-5{}", "-1".repeat(16));
    for bad in
        ["S-1", "S-1-5", "S-2-5-18", "1-5-18", "S-1-5-", "S-1-5-x", "S-1-5-4294967296", "S-1-281474976710656-1", &long]
    {
        assert_eq!(PrincipalEntry::parse(None, Some(bad)), Err(InvalidMember::NotASid), "{bad}");
    }
}

#[test]
fn an_explanation_says_what_was_compared() {
    let addresses = Group::enabled(Matching::IsOneOf, office());
    let hardware_ids = Group::enabled(Matching::IsNotOneOf, vec![label("H1")]);
    let rule = Criteria { addresses, hardware_ids, ..deny() };
    assert_eq!(
        rule.explain(&from("10.0.3.4")).to_string(),
        "A code is asked for: the rule excepts those who meet all its criteria; 1 of 2 are met.\n\
         The address of the client is one of the list: it is, so this is met.\n\
         The hardware id is not one of the list: it is not known, which excepts nobody, so this is not met."
    );
}

/// One group as the tables of the specification read it, row by row.
#[derive(Debug, Clone, Copy)]
enum Slow {
    Off,
    Empty { one_of: bool },
    Unknown { one_of: bool },
    Compared { one_of: bool, in_list: bool },
}

fn slow_required(is_allow: bool, groups: [Slow; 6]) -> bool {
    let mut enabled = 0;
    let mut unmet = 0;
    for group in groups {
        let g = match group {
            Slow::Off => continue,
            Slow::Empty { .. } | Slow::Unknown { .. } => is_allow,
            Slow::Compared { one_of: true, in_list } => in_list,
            Slow::Compared { one_of: false, in_list } => !in_list,
        };
        enabled += 1;
        unmet += i32::from(!g);
    }
    match (enabled, unmet, is_allow) {
        (0, ..) | (_, 0, true) => true,
        (_, 0, false) | (_, _, true) => false,
        (_, _, false) => true,
    }
}

fn slow() -> impl Strategy<Value = Slow> {
    prop_oneof![
        Just(Slow::Off),
        any::<bool>().prop_map(|one_of| Slow::Empty { one_of }),
        any::<bool>().prop_map(|one_of| Slow::Unknown { one_of }),
        any::<[bool; 2]>().prop_map(|[one_of, in_list]| Slow::Compared { one_of, in_list }),
    ]
}

/// The group and the fact that such a row stands for.
fn built<T: Clone, V>(row: Slow, member: T, inside: V, outside: V) -> (Group<T>, Option<V>) {
    let matching = |one_of| if one_of { Matching::IsOneOf } else { Matching::IsNotOneOf };
    match row {
        Slow::Off => (Group { is_enabled: false, ..Group::enabled(Matching::IsOneOf, vec![member]) }, Some(inside)),
        Slow::Empty { one_of } => (Group::enabled(matching(one_of), Vec::new()), Some(inside)),
        Slow::Unknown { one_of } => (Group::enabled(matching(one_of), vec![member]), None),
        Slow::Compared { one_of, in_list } => {
            (Group::enabled(matching(one_of), vec![member]), Some(if in_list { inside } else { outside }))
        }
    }
}

proptest! {
    #[test]
    fn the_evaluator_agrees_with_the_slow_reading(is_allow: bool, rows in prop::array::uniform6(slow())) {
        let [p, g, o, a, h, d] = rows;
        let address = |text: &str| -> IpAddr { text.parse().expect("address") };
        let (principals, who) = built(p, entry("ann"), user("ann"), user("bob"));
        let (gateways, gateway) = built(g, address("192.0.2.1"), address("::ffff:192.0.2.1"), address("192.0.2.2"));
        let (oses, os) = built(o, Os::Mac, Os::Mac, Os::Ios);
        let (addresses, from) = built(a, office()[0], address("::ffff:10.0.9.9"), address("::10.0.9.9"));
        let (hardware_ids, hardware_id) = built(h, label("H1"), label("h1"), label("h2"));
        let (devices, device) = built(d, label("Kiosk 1"), label("KIOSK 1"), label("kiosk"));
        let access = if is_allow { Access::Allow } else { Access::Deny };
        let rule = Criteria { access, principals, gateways, oses, addresses, hardware_ids, devices };
        let facts = Facts { principals: who, gateway, os, address: from, hardware_id, device };
        prop_assert_eq!(asks(&rule, &facts), slow_required(is_allow, rows));
    }

    #[test]
    fn silence_excepts_nobody(rows in prop::array::uniform6(slow())) {
        let [_, _, o, a, ..] = rows;
        let (oses, _) = built(o, Os::Mac, Os::Mac, Os::Ios);
        let (addresses, _) = built(a, office()[0], (), ());
        let rule = Criteria { oses, addresses, ..deny() };
        let allowing = Criteria { access: Access::Allow, ..rule.clone() };
        prop_assert!(asks(&rule, &Facts::default()));
        prop_assert!(asks(&allowing, &Facts::default()));
    }
}
