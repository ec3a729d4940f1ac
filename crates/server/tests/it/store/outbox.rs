//! Mails that wait: leased, taken over, put off, done, purged.

use domain::challenge::ChallengeId;
use otpost::store::command::{ClaimMails, MailDone, MailJob, MailOutcome};

use super::desk::{Ask, Desk, Engine, LEASE, T0, address_of, ann, at_once, code_of, desk, not, seconds, subject};

async fn claim(desk: &Desk, now: domain::time::Timestamp, limit: usize) -> Vec<MailJob> {
    desk.store.claim_mails(ClaimMails { now, lease: LEASE, limit }).await.expect("answered")
}

async fn finish(desk: &Desk, mail: &MailJob, outcome: MailOutcome) {
    let done = MailDone { key: mail.key.clone(), send: mail.send, outcome };
    desk.store.mail_done(done).await.expect("answered");
}

/// A mail that was sent needs no commit of its own: its row goes with the next one, at the latest.
async fn settle(desk: &Desk) {
    desk.store.record(desk.event(T0)).await.expect("answered");
}

async fn a_mail_is_its_issuers_until_the_lease_runs_out(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let opened = desk.open(&ann()).await;
    let just_before = T0 + LEASE - std::time::Duration::from_millis(1);
    assert!(claim(&desk, just_before, 9).await.is_empty());
    let [mail] = &claim(&desk, T0 + LEASE, 9).await[..] else { panic!("one mail") };
    let issued = &opened.mails[0];
    assert_eq!(code_of(mail), code_of(issued), "the same code");
    assert_eq!((&mail.key, mail.send, address_of(mail)), (&issued.key, 1, address_of(issued)));
    assert_eq!((mail.issued_at, mail.expires_at, mail.provider_id), (T0, T0 + seconds(120), 1));
    assert!(claim(&desk, T0 + LEASE, 9).await.is_empty(), "leased anew");
    let again = claim(&desk, T0 + LEASE * 2, 9).await;
    assert_eq!((again.len(), again[0].attempts), (1, 1));
}

async fn exactly_one_of_many_claimers_gets_a_mail(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    for number in 0..20 {
        desk.open(&Ask { subject: subject(number), ..ann() }).await;
    }
    let claims = (0..32).map(|_| {
        let command = ClaimMails { now: T0 + LEASE, lease: LEASE, limit: 3 };
        let store = desk.store.clone();
        async move { store.claim_mails(command).await.expect("answered") }
    });
    let mut claimed: Vec<_> = at_once(claims).await.into_iter().flatten().map(|mail| mail.key.id).collect();
    assert_eq!(claimed.len(), 20);
    claimed.sort();
    claimed.dedup();
    assert_eq!(claimed.len(), 20, "no mail went to two");
}

async fn a_claim_takes_the_oldest_up_to_its_limit(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let mut ids = Vec::new();
    for second in 0..4 {
        let ask = Ask { subject: subject(second), ..ann() };
        ids.push(desk.open(&ask.at(T0 + seconds(second))).await.id);
    }
    let claimed: Vec<ChallengeId> =
        claim(&desk, T0 + seconds(60), 2).await.into_iter().map(|mail| mail.key.id).collect();
    assert_eq!(claimed, ids[..2]);
}

async fn a_sent_mail_is_done_with(engine: Engine) {
    let (desk, place) = desk(engine).await;
    let opened = desk.open(&ann()).await;
    finish(&desk, &opened.mails[0], MailOutcome::Sent).await;
    finish(&desk, &opened.mails[0], MailOutcome::Sent).await;
    settle(&desk).await;
    assert_eq!(place.number("SELECT COUNT(*) FROM outbox").await, 0);
}

async fn a_sent_mail_is_not_claimed_by_the_very_next_command(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    for number in 0..50 {
        let opened = desk.open(&Ask { subject: subject(number), ..ann() }).await;
        finish(&desk, &opened.mails[0], MailOutcome::Sent).await;
        let claimed = claim(&desk, T0 + seconds(60), 9).await;
        assert!(claimed.is_empty(), "a mail would go out twice: {claimed:?}");
    }
}

async fn a_mail_that_is_put_off_waits_for_its_instant(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let opened = desk.open(&ann()).await;
    finish(&desk, &opened.mails[0], MailOutcome::RetryAt(T0 + seconds(45))).await;
    assert!(claim(&desk, T0 + seconds(44), 9).await.is_empty());
    assert_eq!(claim(&desk, T0 + seconds(45), 9).await.len(), 1);
}

async fn a_dropped_mail_says_why(engine: Engine) {
    let (desk, place) = desk(engine).await;
    let opened = desk.open(&ann()).await;
    let mut event = desk.event(T0);
    (event.outcome, event.reason) = ("fail", "no relay took it".to_owned());
    finish(&desk, &opened.mails[0], MailOutcome::Dropped(Box::new(event))).await;
    assert_eq!(place.number("SELECT COUNT(*) FROM outbox").await, 0);
    assert_eq!(desk.store.list_audit(None, 1).await.expect("readable")[0].reason, "no relay took it");
}

async fn done_speaks_of_one_mail_of_one_part(engine: Engine) {
    let (desk, place) = desk(engine).await;
    let both = Ask { serials: vec!["PIEM0001", "PIEM0002"], ..ann() };
    let opened = desk.open(&both).await;
    assert_eq!(desk.open(&both.at(T0 + seconds(30))).await.mails.len(), 2);
    finish(&desk, &opened.mails[1], MailOutcome::Sent).await;
    settle(&desk).await;
    let left = "SELECT CASE WHEN string_agg(part || '/' || send, ' ') = '0/1 0/2 1/2' THEN 1 ELSE 0 END FROM outbox";
    assert_eq!(place.number(left).await, 1);
}

async fn mails_of_closed_challenges_and_decoys_are_not_claimed(engine: Engine) {
    let (desk, place) = desk(engine).await;
    let used = desk.open(&ann()).await;
    desk.answer(&ann(), &used.id, &used.code()).await;
    let bob = Ask { subject: subject(2), ..ann() };
    let burned = desk.open(&bob).await;
    for _ in 0..5 {
        desk.answer(&bob, &burned.id, &not(&burned.code())).await;
    }
    desk.open(&Ask { subject: subject(3), is_real: false, ..ann() }).await;
    assert_eq!(place.number("SELECT COUNT(*) FROM outbox").await, 3);
    assert!(claim(&desk, T0 + seconds(60), 9).await.is_empty());
}

async fn a_purge_removes_what_is_old_in_batches_and_keeps_what_is_open(engine: Engine) {
    let (desk, place) = desk(engine).await;
    let commands = (0..1200).map(|number| desk.begin(&Ask { subject: subject(number), ..ann() }));
    let begins = commands.map(|command| {
        let store = desk.store.clone();
        async move { store.begin(command).await.expect("answered") }
    });
    // The queue holds 1,024 commands.
    let begins: Vec<_> = begins.collect();
    let mut begins = begins.into_iter();
    at_once(begins.by_ref().take(600)).await;
    at_once(begins).await;
    let now = T0 + seconds(3600);
    let open = desk.open(&Ask { subject: subject(9999), ..ann().at(now) }).await;
    let mut batches = Vec::new();
    loop {
        batches.push(desk.store.purge(now).await.expect("answered"));
        if batches.last() == Some(&0) {
            break;
        }
        assert!(batches.len() < 50, "{batches:?}");
    }
    assert!(batches.iter().all(|rows| *rows <= 3 * 500), "{batches:?}");
    assert_eq!(place.number("SELECT COUNT(*) FROM challenge").await, 1);
    assert_eq!(place.number("SELECT COUNT(*) FROM outbox").await, 1);
    assert_eq!(place.number("SELECT COUNT(*) FROM budget").await, 1 + 1200, "the day's mails are still owed");
    assert!(matches!(
        desk.answer(&Ask { subject: subject(9999), ..ann().at(now) }, &open.id, &open.code()).await,
        otpost::store::command::Judged::Accepted(_)
    ));
}

async fn a_purge_forgets_accounts_that_owe_nothing(engine: Engine) {
    let (desk, place) = desk(engine).await;
    for number in 0..3 {
        desk.open(&Ask { subject: subject(number), ..ann() }).await;
    }
    let next_day = T0 + seconds(86_400);
    desk.open(&Ask { subject: subject(2), ..ann().at(next_day) }).await;
    desk.store.purge(next_day).await.expect("answered");
    assert_eq!(place.number("SELECT COUNT(*) FROM budget").await, 1);
}

async fn a_late_answer_to_a_closed_challenge_can_be_told_from_a_made_up_one(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let opened = desk.open(&ann()).await;
    let later = T0 + seconds(600);
    desk.store.purge(later).await.expect("answered");
    let judged = desk.answer(&ann().at(later), &opened.id, &opened.code()).await;
    let closed = domain::verdict::Refusal::ChallengeClosed;
    assert_eq!(judged, otpost::store::command::Judged::Refused { refusal: closed, serials: vec![] });
}

async fn the_database_remembers_the_latest_instant_it_has_seen(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    assert_eq!(desk.store.last_seen().await.expect("readable").millis(), 0);
    for (now, seen) in [(10, 10), (5, 10), (11, 11)] {
        desk.store.purge(T0 + seconds(now)).await.expect("answered");
        assert_eq!(desk.store.last_seen().await.expect("readable"), T0 + seconds(seen));
    }
}

for_each_engine! {
    a_mail_is_its_issuers_until_the_lease_runs_out,
    exactly_one_of_many_claimers_gets_a_mail,
    a_claim_takes_the_oldest_up_to_its_limit,
    a_sent_mail_is_done_with,
    a_sent_mail_is_not_claimed_by_the_very_next_command,
    a_mail_that_is_put_off_waits_for_its_instant,
    a_dropped_mail_says_why,
    done_speaks_of_one_mail_of_one_part,
    mails_of_closed_challenges_and_decoys_are_not_claimed,
    a_purge_removes_what_is_old_in_batches_and_keeps_what_is_open,
    a_purge_forgets_accounts_that_owe_nothing,
    a_late_answer_to_a_closed_challenge_can_be_told_from_a_made_up_one,
    the_database_remembers_the_latest_instant_it_has_seen,
}
