//! Five hundred hostile names: each of them is looked for as it is, or not at all.

use std::time::Duration;

use domain::name::UserName;
use private_directory::request::{Request, Search};
use private_directory::scripted::{Lie, Scripted};

use super::{Resolver, begin, connected};

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_name_is_one_equality_with_that_very_name() {
    let liar = Scripted::start(Lie::Nobody).unwrap();
    let test = connected(&Resolver::reading(&liar.url(), "/dev/null".as_ref())).await;
    let (mut looked_for, mut refused) = (0, 0);
    for name in names() {
        let before = liar.requests().len();
        // Guesses from one place are few; this is about what is asked.
        test.clock.advance(Duration::from_secs(60));
        let reply = begin(&test, &name, "guess").await;
        assert_eq!(reply.authentication(), "REJECT", "{name:?}: {}", reply.text());
        let asked = searches(&liar, before);
        let Some(search) = asked.first() else {
            refused += 1;
            continue;
        };
        looked_for += 1;
        let parsed = UserName::parse(&name).unwrap();
        let values: Vec<_> = search.filter.equalities();
        let (names, others): (Vec<_>, Vec<_>) = values.into_iter().partition(|(attribute, _)| *attribute == "uid");
        let [(_, value)] = names[..] else { panic!("{name:?}: {:?}", search.filter) };
        let is_literal = [parsed.as_str().to_owned(), parsed.canonical()].iter().any(|own| own.as_bytes() == value);
        assert!(is_literal, "{name:?} became {:?}", str::from_utf8(value));
        assert_eq!(others, [("objectClass", b"inetOrgPerson".as_slice())], "{name:?}");
        assert_eq!((search.base.as_str(), search.aliases), ("dc=example,dc=org", 0), "{name:?}");
        assert!((1..=2).contains(&search.size_limit), "{name:?}: {}", search.size_limit);
    }
    println!("{looked_for} names were looked for, {refused} refused");
    assert!(looked_for > 400, "{looked_for}");
}

fn searches(liar: &Scripted, before: usize) -> Vec<Search> {
    let requests = liar.requests().into_iter().skip(before);
    let searches = requests.filter_map(|request| match request {
        Request::Search(search) => Some(search),
        _ => None,
    });
    searches.collect()
}

/// Every way of leaving a filter or a name that is known, alone and around an innocent word.
fn names() -> Vec<String> {
    let around = |part: &str| {
        let forms = ["{}", "a{}", "{}a", "a{}b", "{}{}", "a{}{}", "{}x{}", "({})", "*{}*", "uid={}"];
        forms.map(|form| form.replace("{}", part))
    };
    let mut names: Vec<String> = PARTS.split_whitespace().flat_map(around).collect();
    names.extend((1..20).map(|length| "*".repeat(length * 12)));
    names
}

const PARTS: &str = r#"* ( ) \ | & ! = ~= >= <= := *)(mail=* *)(|(cn=* )(uid=*))(|(uid=* \2a \00 / , + " < > ; # cn=x cn=x,dc=example =*
    (&) (|) )) (( %2a %00 &#42; '' '-- ' $(id) `id` ../.. é İ ß Ａ 日本 🦀 objectClass=* *:dn:=x :1.2.840.113556.1.4.803:=2 a*b?c \28 \5c [x]"#;
