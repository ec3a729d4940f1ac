//! The first factor: charges before the comparison, failures after it.

use std::time::Duration;

use domain::budget::PIN_BUDGET;
use otpost::store::command::FailFirstFactor;

use super::desk::{Engine, T0, ann, at_once, desk, seconds, serial_of, subject};
use super::enrollments::{enroll, failures};

async fn ten_pins_at_once_and_then_one_in_sixteen_minutes(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let charge = |at| desk.store.charge_pin(subject(1), PIN_BUDGET, at);
    for _ in 0..10 {
        assert!(charge(T0).await.expect("answered"));
    }
    assert!(!charge(T0).await.expect("answered"));
    assert!(!charge(T0 + PIN_BUDGET.step - Duration::from_millis(1)).await.expect("answered"));
    assert!(charge(T0 + PIN_BUDGET.step).await.expect("answered"));
    assert!(!charge(T0 + PIN_BUDGET.step).await.expect("answered"));
    assert!(desk.store.charge_pin(subject(2), PIN_BUDGET, T0).await.expect("answered"), "others are not affected");
}

async fn a_refunded_pin_can_be_charged_again(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    for _ in 0..50 {
        assert!(desk.store.charge_pin(subject(1), PIN_BUDGET, T0).await.expect("answered"));
        desk.store.refund_pin(subject(1), PIN_BUDGET).await.expect("answered");
    }
    desk.store.refund_pin(subject(7), PIN_BUDGET).await.expect("an unknown account owes nothing");
}

async fn parallel_pins_never_outrun_the_count(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let charges = (0..320).map(|_| {
        let store = desk.store.clone();
        async move { store.charge_pin(subject(1), PIN_BUDGET, T0).await.expect("answered") }
    });
    let taken = at_once(charges).await.into_iter().filter(|taken| *taken).count();
    assert_eq!(taken, 10);
}

async fn pins_and_codes_have_budgets_of_their_own(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    while desk.store.charge_pin(subject(1), PIN_BUDGET, T0).await.expect("answered") {}
    let opened = desk.open(&ann()).await;
    let judged = desk.answer(&ann(), &opened.id, &opened.code()).await;
    assert!(matches!(judged, otpost::store::command::Judged::Accepted(_)), "{judged:?}");
}

async fn a_forgiven_account_may_guess_again_at_once(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    while desk.store.charge_pin(subject(1), PIN_BUDGET, T0).await.expect("answered") {}
    while desk.store.charge_pin(subject(2), PIN_BUDGET, T0).await.expect("answered") {}
    change!(desk, [otpost::store::budgets::forgive(&subject(1))]).expect("forgiven");
    assert!(desk.store.charge_pin(subject(1), PIN_BUDGET, T0).await.expect("answered"));
    assert!(!desk.store.charge_pin(subject(2), PIN_BUDGET, T0).await.expect("answered"), "nobody else is");
}

async fn a_wrong_first_factor_is_audited_and_counted_where_asked(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    enroll(&desk, "PIEM0001").await;
    enroll(&desk, "PIEM0002").await;
    let lines = desk.store.count_audit().await.expect("readable");
    for (at, count, expected) in [(0, true, 1), (1, true, 2), (2, false, 2), (602, true, 1)] {
        let mut event = desk.event(T0 + seconds(at));
        (event.outcome, event.reason) = ("refuse", "wrong-pin".to_owned());
        let command = FailFirstFactor {
            serials: vec![serial_of("PIEM0001"), serial_of("PIEM0002")],
            clear_failures_after: Duration::from_mins(10),
            count,
            now: T0 + seconds(at),
            event,
        };
        desk.store.fail_first_factor(command).await.expect("answered");
        assert_eq!(
            (failures(&desk, "PIEM0001").await, failures(&desk, "PIEM0002").await),
            (expected, expected),
            "after {at} s"
        );
    }
    assert_eq!(desk.store.count_audit().await.expect("readable"), lines + 4);
    assert_eq!(desk.store.list_audit(None, 1).await.expect("readable")[0].reason, "wrong-pin");
}

for_each_engine! {
    ten_pins_at_once_and_then_one_in_sixteen_minutes,
    a_refunded_pin_can_be_charged_again,
    parallel_pins_never_outrun_the_count,
    a_forgiven_account_may_guess_again_at_once,
    pins_and_codes_have_budgets_of_their_own,
    a_wrong_first_factor_is_audited_and_counted_where_asked,
}
