//! Mailing an open challenge once more, by its id.

use domain::challenge;
use domain::challenge::Purpose;
use otpost::store::command::{Judged, Resent};

use super::desk::{Ask, Desk, Engine, T0, address_of, ann, code_of, desk, leaving, seconds};
use super::enrollments::enroll;

async fn resend(desk: &Desk, ask: &Ask, id: &challenge::ChallengeId) -> Resent {
    desk.store.resend(desk.resend(ask, id)).await.expect("answered")
}

async fn the_same_code_is_mailed_to_the_enrollments_address(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    enroll(&desk, "PIEM0001").await;
    let first = desk.open(&ann()).await;
    let Resent::Queued(mails) = resend(&desk, &ann().at(T0 + seconds(30)), &first.id).await else {
        panic!("not queued")
    };
    assert_eq!((mails.len(), mails[0].send, address_of(&mails[0])), (1, 2, "ann@example.org"));
    assert_eq!(code_of(&mails[0]), first.code());
    let line = &desk.store.list_audit(None, 1).await.expect("readable")[0];
    assert_eq!((line.outcome.as_str(), line.challenge.as_str()), ("challenge", first.id.as_str()));
    let accepted = desk.answer(&ann().at(T0 + seconds(31)), &first.id, &first.code()).await;
    assert!(matches!(accepted, Judged::Accepted(_)));
}

async fn a_mail_younger_than_thirty_seconds_is_not_sent_again(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let first = desk.open(&ann()).await;
    let answer = resend(&desk, &ann().at(T0 + seconds(29)), &first.id).await;
    assert!(matches!(answer, Resent::Not(challenge::Resend::TooSoon)), "{answer:?}");
}

async fn five_mails_are_all_resending_gives(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    enroll(&desk, "PIEM0001").await;
    let long = Ask { lifetime: seconds(3600), ..ann() };
    let first = desk.open(&long).await;
    for send in 1..5 {
        let answer = resend(&desk, &long.at(T0 + seconds(send * 300)), &first.id).await;
        assert!(matches!(answer, Resent::Queued(_)), "{answer:?}");
    }
    let answer = resend(&desk, &long.at(T0 + seconds(3000)), &first.id).await;
    assert!(matches!(answer, Resent::Not(challenge::Resend::TooMany)), "{answer:?}");
}

async fn a_closed_expired_or_foreign_challenge_is_not_mailed(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let first = desk.open(&ann()).await;
    for ask in [Ask { group: "portal", ..ann().at(T0 + seconds(40)) }, ann().at(T0 + seconds(120))] {
        let answer = resend(&desk, &ask, &first.id).await;
        assert!(matches!(answer, Resent::Not(challenge::Resend::NotOpen)), "{answer:?}");
    }
    desk.answer(&ann(), &first.id, &first.code()).await;
    let answer = resend(&desk, &ann().at(T0 + seconds(40)), &first.id).await;
    assert!(matches!(answer, Resent::Not(challenge::Resend::NotOpen)), "{answer:?}");
}

async fn resending_is_charged_to_the_mail_budget(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    enroll(&desk, "PIEM0001").await;
    let first = desk.open(&ann()).await;
    for _ in 0..4 {
        desk.open(&Ask { is_concurrent: true, purpose: Purpose::Enroll, ..ann() }).await;
    }
    let answer = resend(&desk, &ann().at(T0 + seconds(30)), &first.id).await;
    assert!(matches!(answer, Resent::Not(challenge::Resend::TooMany)), "{answer:?}");
}

async fn a_decoy_is_resent_to_nobody_and_looks_the_same(engine: Engine) {
    let (desk, place) = desk(engine).await;
    let decoy = Ask { is_real: false, ..ann() };
    let first = desk.open(&decoy).await;
    let answer = resend(&desk, &decoy.at(T0 + seconds(30)), &first.id).await;
    assert!(matches!(answer, Resent::Queued(mails) if mails.len() == 1 && leaving(mails.clone()).is_empty()));
    assert_eq!(place.number("SELECT COUNT(*) FROM outbox WHERE address = ''").await, 2);
}

for_each_engine! {
    the_same_code_is_mailed_to_the_enrollments_address,
    a_mail_younger_than_thirty_seconds_is_not_sent_again,
    five_mails_are_all_resending_gives,
    a_closed_expired_or_foreign_challenge_is_not_mailed,
    resending_is_charged_to_the_mail_budget,
    a_decoy_is_resent_to_nobody_and_looks_the_same,
}
