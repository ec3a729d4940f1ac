//! Many spellings of one thing: names share one budget, codes are read kindly, ids are bound.

use axum::body::Body;
use axum::http::Request;
use domain::name::RealmName;
use otpost::store::realms::{self, Realm};

use super::{answer, begin, other_than, spelled_out};
use crate::app::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn all_spellings_of_a_name_share_one_budget() {
    let spellings = [
        "alice",
        "Alice",
        "ALICE",
        "aLiCe",
        " alice",
        "alice ",
        "alice\u{a0}",
        "\u{3000}alice",
        "ａｌｉｃｅ",
        "ＡＬＩＣＥ",
        "ａlice",
        "𝐚𝐥𝐢𝐜𝐞",
        "𝘢𝘭𝘪𝘤𝘦",
        "𝒶𝓁𝒾𝒸ℯ",
        "ⓐⓛⓘⓒⓔ",
        "al\u{2170}ce",
        "alice@test",
        "ALICE@TEST",
        " alice @test",
        "test\\alice",
        "TEST\\Alice",
        "ｔｅｓｔ\\alice",
    ];
    assert!(spellings.len() > 20);
    for (number, spelling) in spellings.into_iter().enumerate() {
        let test = TestApp::start().await;
        test.enroll("alice", "").await;
        let (id, code) = {
            let id = test.check(&[("user", "alice"), ("pass", "")]).await.transaction();
            (id, test.code_to("alice@example.org").await)
        };
        for _ in 0..5 {
            let wrong = answer(&test, spelling, &id, &other_than(&code)).await;
            assert_eq!(wrong.authentication(), "REJECT");
        }
        let right = answer(&test, "alice", &id, &code).await;
        assert_eq!(right.authentication(), "REJECT", "{number} {spelling:?} was not charged to alice");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn realms_and_serials_are_no_way_around_the_budget() {
    for fields in [[("user", "alice"), ("realm", "second")], [("serial", "PIEM_alice"), ("realm", "")]] {
        let test = TestApp::start().await;
        test.enroll("alice", "1234").await;
        let name = RealmName::parse("second").unwrap();
        let realm = Realm { name, is_default: false, first_factor: None, resolvers: vec!["local".to_owned()] };
        test.apply(realms::save_realm(&realm)).await;
        let (id, code) = begin(&test, "alice").await;
        let wrong = other_than(&code);
        for _ in 0..5 {
            test.check(&[fields[0], fields[1], ("transaction_id", &id), ("pass", &wrong)]).await;
        }
        assert_eq!(answer(&test, "alice", &id, &code).await.authentication(), "REJECT", "{fields:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_no_good_for_another_person_or_another_challenge() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    test.enroll("bob", "1234").await;
    let (of_alice, code_of_alice) = begin(&test, "alice").await;
    let (of_bob, code_of_bob) = begin(&test, "bob").await;
    for (user, id, code) in [
        ("alice", &of_alice, &code_of_bob),
        ("alice", &of_bob, &code_of_bob),
        ("alice", &of_bob, &code_of_alice),
        ("bob", &of_alice, &code_of_alice),
        ("nobody", &of_alice, &code_of_alice),
    ] {
        assert_eq!(answer(&test, user, id, code).await.authentication(), "REJECT", "{user}");
    }
    assert_eq!(answer(&test, "alice", &of_alice, &code_of_alice).await.authentication(), "ACCEPT");
    assert_eq!(answer(&test, "bob", &of_bob, &code_of_bob).await.authentication(), "ACCEPT");
}

#[tokio::test(flavor = "multi_thread")]
async fn blanks_and_hyphens_in_a_code_do_not_matter_and_nothing_else_is_a_code() {
    let test = TestApp::start().await;
    for (name, first, between, last) in [("ann", "", " ", ""), ("ben", "", "-", ""), ("cid", " ", "", "\t")] {
        test.enroll(name, "1234").await;
        let (id, code) = begin(&test, name).await;
        for wrong in [format!("{code}0"), code[1..].to_owned(), format!("+{code}"), "١٢٣٤٥٦".to_owned(), String::new()]
        {
            assert_eq!(answer(&test, name, &id, &wrong).await.authentication(), "REJECT", "{wrong}");
        }
        let written = format!("{first}{}{between}{}{last}", &code[..3], &code[3..]);
        assert_eq!(answer(&test, name, &id, &written).await.authentication(), "ACCEPT", "{written:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_long_is_refused_before_anything_is_computed_from_it() {
    let test = spelled_out().await;
    test.enroll("alice", "1234").await;
    for length in [257, 4096, 8193] {
        let reply = test.check(&[("user", "alice"), ("pass", &"1".repeat(length))]).await;
        assert_eq!((reply.status.as_u16(), reply.error_code()), (400, 905), "{length}");
    }
    let list = test.admin("GET", "/token/?serial=PIEM_alice", &[]).await;
    assert_eq!(list.json()["result"]["value"]["tokens"][0]["failcount"], 0);
    assert_eq!(test.check(&[("user", "alice"), ("pass", &"1".repeat(256))]).await.status, 200);
    let huge = Request::post("/validate/check").body(Body::from("x".repeat(4 << 20))).unwrap();
    assert_eq!(test.send(huge).await.status, 413);
}
