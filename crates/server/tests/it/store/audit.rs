//! The audit trail: a line per verdict, in words, without secrets.

use std::fmt::Write;

use domain::code::CodeLength;
use otpost::store::audit::{AuditFilter, Line, Order, join};

use super::desk::{Ask, Engine, T0, ann, desk, not, seconds, serial_of};

async fn every_verdict_leaves_its_line(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let beside = Ask { is_concurrent: true, ..ann() };
    let (first, second) = (desk.open(&beside).await, desk.open(&beside).await);
    desk.answer(&beside, &first.id, &not(&first.code())).await;
    desk.answer(&beside, &first.id, &first.code()).await;
    desk.answer(&beside, &first.id, &first.code()).await;
    let made_up = desk.begin(&beside).id;
    desk.answer(&beside, &made_up, &first.code()).await;
    let mut longer = desk.judge(&beside, &second.id, &second.code());
    longer.code_length = CodeLength::from_digits(8).expect("a length");
    desk.store.judge(longer).await.expect("answered");
    let both = desk.open(&Ask { serials: vec!["A", "B"], is_concurrent: true, ..ann() }).await;
    desk.answer(&beside, &both.id, &not(&first.code())).await;
    for _ in 0..5 {
        desk.answer(&beside, &second.id, &not(&second.code())).await;
    }
    desk.answer(&beside, &both.id, &not(&first.code())).await;
    let lines = desk.store.list_audit(None, 99).await.expect("readable");
    let told: Vec<_> =
        lines.iter().rev().map(|line| (&*line.outcome, &*line.reason, &*line.serials, &*line.challenge)).collect();
    let (first, second, both) = (first.id.as_str(), second.id.as_str(), both.id.as_str());
    let wrong = ("refuse", "wrong-code", "PIEM0001", second);
    assert_eq!(
        told,
        [
            ("challenge", "", "", first),
            ("challenge", "", "", second),
            ("refuse", "wrong-code", "PIEM0001", first),
            ("accept", "", "PIEM0001", first),
            ("refuse", "challenge-closed", "", first),
            ("refuse", "no-such-challenge", "", made_up.as_str()),
            ("refuse", "wrong-code", "", second),
            ("challenge", "", "", both),
            ("refuse", "wrong-code", "A,B", both),
            wrong,
            wrong,
            wrong,
            wrong,
            wrong,
            ("refuse", "guess-budget-spent", "", both),
        ]
    );
    assert!(lines.iter().all(|line| line.user_name == "ann" && line.client == "gateway-1" && line.at == T0));
}

async fn no_line_holds_a_code_a_nonce_or_a_mac(engine: Engine) {
    let (desk, place) = desk(engine).await;
    // Twenty digits cannot be there by chance.
    let ask = Ask { digits: 20, ..ann() };
    let command = desk.begin(&ask);
    let secrets = [&command.parts[0].nonce[..], &command.parts[0].mac[..]].map(hex);
    let opened = super::desk::opened(desk.store.begin(command).await.expect("answered"));
    let (right, wrong) = (opened.code(), not(&opened.code()));
    desk.answer(&ask, &opened.id, &wrong).await;
    desk.answer(&ask, &opened.id, &right).await;
    desk.answer(&ask, &opened.id, &right).await;
    let lines = format!("{:?}", desk.store.list_audit(None, 99).await.expect("readable"));
    for code in [right.expose(), wrong.expose()] {
        assert!(!lines.contains(code), "a code in the audit: {lines}");
    }
    let lines = place.audit_in_hex().await;
    for secret in secrets {
        assert!(!lines.contains(&secret.to_lowercase()), "a nonce or a MAC in the audit");
    }
}

async fn lines_are_listed_newest_first_in_pages(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let mut written = Vec::new();
    for number in 0..5 {
        let mut event = desk.event(T0 + seconds(number));
        (event.outcome, event.reason, event.detail) = ("ok", "because".to_owned(), number.to_string());
        (event.realm, event.actor, event.serials) = ("corp".to_owned(), "root".to_owned(), "A".to_owned());
        (event.address, event.request_id) = ("192.0.2.1".to_owned(), "r-1".to_owned());
        written.insert(0, line_of(&event));
        desk.store.record(event).await.expect("answered");
    }
    let page = desk.store.list_audit(None, 3).await.expect("readable");
    assert_eq!(page, written[..3]);
    assert_eq!(desk.store.list_audit(Some(page[2].id), 3).await.expect("readable"), written[3..]);
    assert_eq!(desk.store.count_audit().await.expect("readable"), 5);
}

async fn lines_of_one_reason_are_counted_from_an_instant_on(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    for (second, reason) in [(0, "a"), (1, "a"), (1, "b"), (2, "a")] {
        let mut event = desk.event(T0 + seconds(second));
        event.reason = reason.to_owned();
        desk.store.record(event).await.expect("answered");
    }
    let count =
        async |reason, second| desk.store.count_audit_reason(reason, T0 + seconds(second)).await.expect("readable");
    assert_eq!([count("a", 0).await, count("a", 1).await, count("a", 2).await, count("a", 3).await], [3, 2, 1, 0]);
    assert_eq!([count("b", 0).await, count("c", 0).await], [1, 0]);
}

/// Sets one column of a wanted line.
type Want = fn(&mut AuditFilter, String);

async fn lines_are_found_by_each_column(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let mut event = desk.event(T0);
    (event.outcome, event.reason, event.realm) = ("refuse", "reason-x".to_owned(), "realm-x".to_owned());
    (event.serials, event.actor, event.address) = ("serial-x".to_owned(), "actor-x".to_owned(), "address-x".to_owned());
    (event.client, event.detail, event.user_name) = ("client-x".to_owned(), "detail-x".to_owned(), "user-x".to_owned());
    event.action = "action-x".to_owned();
    let wanted = line_of(&event);
    desk.store.record(event).await.expect("answered");
    for outcome in ["ok", "accept"] {
        let mut other = desk.event(T0 + seconds(1));
        other.outcome = outcome;
        desk.store.record(other).await.expect("answered");
    }
    let columns: [(&str, Want); 10] = [
        ("action-x", |filter, text| filter.action = Some(text)),
        ("refuse", |filter, text| filter.outcome = Some(text)),
        ("user-x", |filter, text| filter.user_name = Some(text)),
        ("realm-x", |filter, text| filter.realm = Some(text)),
        ("serial-x", |filter, text| filter.serial = Some(text)),
        ("actor-x", |filter, text| filter.actor = Some(text)),
        ("address-x", |filter, text| filter.address = Some(text)),
        ("client-x", |filter, text| filter.client = Some(text)),
        ("reason-x", |filter, text| filter.reason = Some(text)),
        ("detail-x", |filter, text| filter.detail = Some(text)),
    ];
    for (text, want) in columns {
        for (typed, hits) in [(text.to_owned(), 1), (format!("{}*", &text[..3]), 1), (text[1..].to_owned(), 0)] {
            let mut filter = AuditFilter::default();
            want(&mut filter, typed.clone());
            let found = desk.store.search_audit(&filter, Order::Newest, 0, 9).await.expect("readable");
            assert_eq!(desk.store.count_audit_wanted(&filter).await.expect("readable"), hits, "{typed}");
            assert_eq!(found, std::iter::repeat_n(wanted.clone(), found.len()).collect::<Vec<_>>());
            assert_eq!(i64::try_from(found.len()), Ok(hits), "{typed}");
        }
    }
    let ended = |is_success| AuditFilter { is_success: Some(is_success), ..AuditFilter::default() };
    assert_eq!(desk.store.count_audit_wanted(&ended(true)).await.expect("readable"), 2);
    assert_eq!(desk.store.count_audit_wanted(&ended(false)).await.expect("readable"), 1);
}

async fn what_is_not_a_star_stands_for_itself(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    for detail in ["100%", "1000", "a_b", "acb", "c\\d", "it's"] {
        let mut event = desk.event(T0);
        event.detail = detail.to_owned();
        desk.store.record(event).await.expect("answered");
    }
    for (typed, hits) in [("100%", 1), ("100*", 2), ("a_b", 1), ("a*b", 2), ("c\\d", 1), ("it's", 1), ("*", 6), ("", 0)]
    {
        let filter = AuditFilter { detail: Some(typed.to_owned()), ..AuditFilter::default() };
        assert_eq!(desk.store.count_audit_wanted(&filter).await.expect("readable"), hits, "{typed}");
    }
}

async fn found_lines_come_in_pages_from_either_end(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    for second in 0..5 {
        let mut event = desk.event(T0 + seconds(second));
        event.detail = second.to_string();
        desk.store.record(event).await.expect("answered");
    }
    let page = async |order, skip| -> String {
        let found = desk.store.search_audit(&AuditFilter::default(), order, skip, 2).await.expect("readable");
        found.into_iter().map(|line| line.detail).collect()
    };
    assert_eq!([page(Order::Newest, 0).await, page(Order::Newest, 4).await], ["43", "0"]);
    assert_eq!(
        [page(Order::Oldest, 0).await, page(Order::Oldest, 2).await, page(Order::Oldest, 5).await],
        ["01", "23", ""]
    );
}

async fn serials_are_joined_with_commas(_engine: Engine) {
    assert_eq!(join(&[]), "");
    assert_eq!(join(&[serial_of("A"), serial_of("B")]), "A,B");
}

fn line_of(event: &otpost::store::command::Event) -> Line {
    let event = event.clone();
    Line {
        id: event.id,
        at: event.at,
        action: event.action,
        outcome: event.outcome.to_owned(),
        reason: event.reason,
        user_name: event.user_name,
        realm: event.realm,
        serials: event.serials,
        challenge: event.challenge,
        actor: event.actor,
        client: event.client,
        address: event.address,
        request_id: event.request_id,
        detail: event.detail,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02X}").expect("a String takes everything");
        text
    })
}

for_each_engine! {
    every_verdict_leaves_its_line,
    no_line_holds_a_code_a_nonce_or_a_mac,
    lines_are_listed_newest_first_in_pages,
    lines_of_one_reason_are_counted_from_an_instant_on,
    lines_are_found_by_each_column,
    what_is_not_a_star_stands_for_itself,
    found_lines_come_in_pages_from_either_end,
    serials_are_joined_with_commas,
}
