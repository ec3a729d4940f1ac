//! The writer: whole commands, each on its own, answered after the commit; a bounded queue.

use std::collections::HashMap;

use otpost::store::command::{Change, Judged};
use otpost::store::{StoreError, accounts, settings};

use super::desk::{Ask, Desk, Engine, T0, ann, at_once, desk, fresh_with_queue, seconds, subject};

async fn a_failing_command_undoes_nothing_of_its_neighbours(engine: Engine) {
    let (desk, place) = desk(engine).await;
    // While another program writes, the writer waits and everything below ends in one batch.
    let blocker = place.hold().await;
    let changes = (0..60).map(|number| {
        let good = settings::save(&format!("good-{number}"), "1");
        let statements = if number % 3 == 0 {
            vec![settings::save(&format!("bad-{number}"), "1"), accounts::delete("nobody")]
        } else {
            vec![good]
        };
        let change = Change { statements, event: desk.event(T0) };
        let store = desk.store.clone();
        async move { (number, store.change(change).await) }
    });
    let answers = tokio::join!(at_once(changes), async move {
        tokio::task::yield_now().await;
        blocker.release().await;
    });
    for (number, answer) in answers.0 {
        match number % 3 {
            0 => assert!(matches!(answer, Err(StoreError::NotFound)), "{number}: {answer:?}"),
            _ => answer.expect("changed"),
        }
    }
    let names: Vec<String> =
        desk.store.list_settings().await.expect("readable").into_iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), 40);
    assert!(names.iter().all(|name| name.starts_with("good-")), "{names:?}");
    assert_eq!(desk.store.count_audit().await.expect("readable"), 40, "no line without its change");
}

async fn a_change_and_its_audit_line_stand_or_fall_together(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let event = desk.event(T0);
    desk.store.record(event.clone()).await.expect("recorded");
    let version = desk.store.settings_version().await.expect("readable");
    let change = Change { statements: vec![settings::save("name", "value")], event };
    let answer = desk.store.change(change).await;
    assert!(matches!(answer, Err(StoreError::Taken)), "the line's id is taken: {answer:?}");
    assert_eq!(desk.store.list_settings().await.expect("readable"), []);
    assert_eq!(desk.store.settings_version().await.expect("readable"), version);
}

async fn a_verdict_and_its_audit_line_stand_or_fall_together(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let opened = desk.open(&ann()).await;
    let mut judge = desk.judge(&ann(), &opened.id, &opened.code());
    judge.event.id = desk.store.list_audit(None, 1).await.expect("readable")[0].id;
    assert!(desk.store.judge(judge).await.is_err(), "nothing is accepted without a line");
    let judged = desk.answer(&ann(), &opened.id, &opened.code()).await;
    assert!(matches!(judged, Judged::Accepted(_)), "{judged:?}");
}

async fn each_change_moves_the_settings_version_on(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let mut last = desk.store.settings_version().await.expect("readable");
    for value in ["1", "2", "3"] {
        change!(desk, [settings::save("name", value)]).expect("changed");
        let version = desk.store.settings_version().await.expect("readable");
        assert!(version > last, "{version} after {last}, in the same millisecond");
        last = version;
    }
    desk.open(&ann()).await;
    assert_eq!(desk.store.settings_version().await.expect("readable"), last, "signing in changes no settings");
}

async fn a_full_queue_says_so_and_changes_nothing(engine: Engine) {
    let (store, place) = fresh_with_queue(engine, 12).await;
    let desk = Desk::new(store, 1);
    let blocker = place.hold().await;
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let (mut waiting, mut refused) = (Vec::new(), 0);
    // How many a writer has in hands when it comes to stand depends on chance; then the queue fills up.
    for number in 0..MOST_OFFERED {
        let begin = desk.begin(&Ask { subject: subject(number), ..ann() });
        let mut offered = Box::pin(desk.store.begin(begin));
        // The first poll hands a command over, or says that there is no room.
        match offered.as_mut().poll(&mut context) {
            std::task::Poll::Pending => waiting.push(offered),
            std::task::Poll::Ready(answer) => {
                assert!(matches!(answer, Err(StoreError::Busy)), "{answer:?}");
                refused += 1;
            }
        }
        tokio::task::yield_now().await;
    }
    assert!(waiting.len() >= 12 && refused > 0, "{} wait, {refused} were refused", waiting.len());
    blocker.release().await;
    let taken = waiting.len();
    for begin in waiting {
        begin.await.expect("opened");
    }
    assert_eq!(place.number("SELECT COUNT(*) FROM challenge").await, i64::try_from(taken).expect("small"));
    assert_eq!(desk.store.queued(), 0);
}

async fn a_crowd_of_changes_finds_no_more_room_than_the_queue_has(engine: Engine) {
    let (store, place) = fresh_with_queue(engine, 12).await;
    let desk = Desk::new(store, 1);
    let blocker = place.hold().await;
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let (mut waiting, mut refused) = (Vec::new(), 0);
    for number in 0..40 {
        let statements = vec![settings::save(&format!("name-{number}"), "1")];
        let mut change = Box::pin(desk.store.change(Change { statements, event: desk.event(T0) }));
        match change.as_mut().poll(&mut context) {
            std::task::Poll::Pending => waiting.push(change),
            std::task::Poll::Ready(answer) => {
                assert!(matches!(answer, Err(StoreError::Busy)), "{answer:?}");
                refused += 1;
            }
        }
    }
    // One may be in the hands of a writer.
    assert!(refused >= 40 - 13, "only {refused} were refused");
    blocker.release().await;
    for change in waiting {
        change.await.expect("changed");
    }
    change!(desk, [settings::save("later", "1")]).expect("there is room again");
}

async fn a_database_that_takes_no_writes_is_not_ready_until_it_does(engine: Engine) {
    let (desk, place) = desk(engine).await;
    desk.store.check_ready().await.expect("ready");
    place.execute("ALTER TABLE budget RENAME TO gone").await;
    desk.store.purge(T0).await.expect_err("it writes there");
    desk.store.check_ready().await.expect("once may be chance");
    desk.store.purge(T0).await.expect_err("it still does");
    let error = desk.store.check_ready().await.expect_err("reads alone are not enough");
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    place.execute("ALTER TABLE gone RENAME TO budget").await;
    desk.store.purge(T0).await.expect("there is nothing to do");
    desk.store.check_ready().await.expect("ready again");
}

async fn a_read_sees_every_commit_that_was_answered(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let writers = (0..64).map(|number| {
        let (store, command) = (desk.store.clone(), desk.begin(&Ask { subject: subject(number), ..ann() }));
        async move {
            let id = super::desk::opened(store.begin(command).await.expect("answered")).id;
            store.find_challenge(&id).await.expect("readable").len()
        }
    });
    assert_eq!(at_once(writers).await, vec![1; 64]);
}

async fn answers_belong_to_their_commands(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let mut expected = HashMap::new();
    let mut judges = Vec::new();
    for number in 0..200 {
        let ask = Ask { subject: subject(number), ..ann() };
        let opened = desk.open(&ask).await;
        let is_right = number % 3 == 0;
        let typed = if is_right { opened.code() } else { super::desk::not(&opened.code()) };
        expected.insert(number, is_right);
        let (store, judge) = (desk.store.clone(), desk.judge(&ask.at(T0 + seconds(1)), &opened.id, &typed));
        judges
            .push(async move { (number, matches!(store.judge(judge).await.expect("answered"), Judged::Accepted(_))) });
    }
    for (number, accepted) in at_once(judges).await {
        assert_eq!(accepted, expected[&number], "{number}");
    }
}

/// More than the room and the hands of all writers hold.
const MOST_OFFERED: u64 = 60;

for_each_engine! {
    a_failing_command_undoes_nothing_of_its_neighbours,
    a_change_and_its_audit_line_stand_or_fall_together,
    a_verdict_and_its_audit_line_stand_or_fall_together,
    each_change_moves_the_settings_version_on,
    a_full_queue_says_so_and_changes_nothing,
    a_crowd_of_changes_finds_no_more_room_than_the_queue_has,
    a_database_that_takes_no_writes_is_not_ready_until_it_does,
    a_read_sees_every_commit_that_was_answered,
    answers_belong_to_their_commands,
}
