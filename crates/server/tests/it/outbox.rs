//! The queue between a commit and the mail: each mail once, however full it is.

use std::time::Duration;

use otpost::delivery::Outbox;
use otpost::store::command::{ClaimMails, MailJob};

use crate::app::TestApp;

/// A mail as a commit leaves it.
async fn mail(test: &TestApp) -> MailJob {
    test.enroll("alice", "1234").await;
    // Nobody is at this port: the mail stays.
    let nobody = test.relay("sink", "127.0.0.1:9".parse().unwrap());
    test.apply(vec![otpost::store::relays::save(&nobody)]).await;
    test.check(&[("user", "alice"), ("pass", "1234")]).await;
    let now = test.app.now() + Duration::from_secs(60);
    let command = ClaimMails { now, lease: Duration::from_secs(60), limit: 1 };
    test.app.store.claim_mails(command).await.unwrap().remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_under_way_is_not_queued_again_when_the_queue_is_full() {
    let first = mail(&TestApp::start().await).await;
    let numbered = |send: i64| MailJob { send, ..first.clone() };
    let (outbox, mut waiting) = Outbox::new();
    outbox.wake((1..=9_000).map(numbered).collect());
    let under_way = waiting.recv().await.unwrap();
    for _ in 0..2 {
        outbox.wake(vec![under_way.clone()]);
    }
    let mut left = Vec::new();
    while let Ok(mail) = waiting.try_recv() {
        left.push(mail.send);
    }
    assert!(!left.contains(&under_way.send), "it would go out twice");
    assert!(left.len() > 8_000 && left.is_sorted(), "all others that had room wait their turn");
}
