//! Enrollments: kept, found, changed without losing their failures, called off.

use domain::address::MailAddress;
use domain::challenge::State;
use domain::code::CodeLength;
use domain::enrollment::{Enrollment, PinHash};
use domain::provider::Provider;
use otpost::store::StoreError;
use otpost::store::enrollments::{self, StoredEnrollment};
use otpost::store::providers::{self, StoredProvider};

use super::desk::{ADDRESS, Desk, Engine, T0, ann, desk, seconds, serial_of};

/// An enrollment with that serial and [`ADDRESS`], of provider 1.
pub(super) async fn enroll(desk: &Desk, serial: &str) {
    let standard = StoredProvider::new(Provider::standard(), "test", T0);
    let statements = [providers::insert_first(&standard), enrollments::insert(&plain(serial))];
    change!(desk, statements).expect("enrolled");
}

/// Failures in a row of an enrollment.
pub(super) async fn failures(desk: &Desk, serial: &str) -> u32 {
    let found = desk.store.find_enrollment(&serial_of(serial)).await.expect("readable");
    found.expect("enrolled").enrollment.failures
}

fn plain(serial: &str) -> StoredEnrollment {
    StoredEnrollment {
        enrollment: Enrollment {
            serial: serial_of(serial),
            provider_id: 1,
            address: MailAddress::parse(ADDRESS).ok(),
            is_address_dynamic: false,
            pin: None,
            code_length: CodeLength::STANDARD,
            is_active: true,
            is_revoked: false,
            failures: 0,
            max_failures: 10,
            failed_at: None,
            relay: None,
        },
        user_id: String::new(),
        realm: String::new(),
        description: String::new(),
        info: "{}".to_owned(),
        created_at: T0,
    }
}

fn full(serial: &str) -> StoredEnrollment {
    let plain = plain(serial);
    StoredEnrollment {
        enrollment: Enrollment {
            address: None,
            is_address_dynamic: true,
            pin: Some(PinHash::from_stored("$argon2id$x".to_owned())),
            code_length: CodeLength::from_digits(8).expect("a length"),
            is_active: false,
            is_revoked: true,
            max_failures: 3,
            relay: Some("backup".to_owned()),
            ..plain.enrollment
        },
        user_id: "u-1".to_owned(),
        realm: "corp".to_owned(),
        description: "second phone".to_owned(),
        info: "{\"origin\":\"import\"}".to_owned(),
        created_at: T0 + seconds(1),
    }
}

async fn an_enrollment_comes_back_as_it_went_in(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    enroll(&desk, "PIEM0001").await;
    change!(desk, [enrollments::insert(&full("PIEM0002"))]).expect("enrolled");
    let find = async |serial| desk.store.find_enrollment(&serial_of(serial)).await.expect("readable");
    let named = async |text| desk.store.find_enrollment_named(text).await.expect("readable");
    assert_eq!(named("no serial at all").await, None);
    assert_eq!(named("PIEM0001").await, find("PIEM0001").await);
    assert_eq!(find("PIEM0001").await, Some(plain("PIEM0001")));
    assert_eq!(find("PIEM0002").await, Some(full("PIEM0002")));
    assert_eq!(find("PIEM0003").await, None);
}

async fn an_update_writes_everything_but_failures(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    enroll(&desk, "PIEM0001").await;
    let at = T0 + seconds(9);
    change!(desk, [enrollments::set_failures(&serial_of("PIEM0001"), 7, at)]).expect("set");
    change!(desk, [enrollments::update(&full("PIEM0001"))]).expect("updated");
    let mut expected = full("PIEM0001");
    (expected.enrollment.failures, expected.enrollment.failed_at) = (7, Some(at));
    assert_eq!(desk.store.find_enrollment(&serial_of("PIEM0001")).await.expect("readable"), Some(expected));
    change!(desk, [enrollments::reset_failures(&serial_of("PIEM0001"))]).expect("reset");
    assert_eq!(desk.store.find_enrollment(&serial_of("PIEM0001")).await.expect("readable"), Some(full("PIEM0001")));
}

async fn enrollments_of_nobody_are_not_listed_together(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    enroll(&desk, "PIEM0001").await;
    for serial in ["PIEM0003", "PIEM0002"] {
        change!(desk, [enrollments::insert(&full(serial))]).expect("enrolled");
    }
    let serials = |list: Vec<StoredEnrollment>| {
        list.into_iter().map(|stored| stored.enrollment.serial.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(serials(desk.store.list_enrollments_of("u-1").await.expect("readable")), ["PIEM0002", "PIEM0003"]);
    assert!(desk.store.list_enrollments_of("").await.expect("readable").is_empty());
    assert_eq!(serials(desk.store.list_enrollments("", 2).await.expect("readable")), ["PIEM0001", "PIEM0002"]);
    assert_eq!(serials(desk.store.list_enrollments("PIEM0002", 2).await.expect("readable")), ["PIEM0003"]);
}

async fn serials_are_unique_and_providers_must_exist(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    enroll(&desk, "PIEM0001").await;
    let twice = change!(desk, [enrollments::insert(&full("PIEM0001"))]);
    assert!(matches!(twice, Err(StoreError::Taken)), "{twice:?}");
    let mut lost = plain("PIEM0009");
    lost.enrollment.provider_id = 99;
    let lost = change!(desk, [enrollments::insert(&lost)]);
    assert!(matches!(lost, Err(StoreError::Taken)), "{lost:?}");
}

async fn a_change_of_an_enrollment_that_is_not_there_is_refused(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let serial = serial_of("PIEM0001");
    for statement in [
        enrollments::update(&plain("PIEM0001")),
        enrollments::reset_failures(&serial),
        enrollments::set_failures(&serial, 1, T0),
        enrollments::delete(&serial),
    ] {
        let answer = change!(desk, [statement]);
        assert!(matches!(answer, Err(StoreError::NotFound)), "{answer:?}");
    }
    change!(desk, [enrollments::cancel_challenges(&serial)]).expect("nothing to cancel is fine");
}

async fn single_facts_are_written_one_by_one(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    enroll(&desk, "PIEM0001").await;
    let serial = serial_of("PIEM0001");
    let (wanted, mut expected) = (full("PIEM0001"), plain("PIEM0001"));
    let steps: [(_, fn(&mut StoredEnrollment, &StoredEnrollment)); 7] = [
        (enrollments::set_active(&serial, false), |now, _| now.enrollment.is_active = false),
        (enrollments::set_pin(&serial, wanted.enrollment.pin.as_ref()), |now, wanted| {
            now.enrollment.pin.clone_from(&wanted.enrollment.pin);
        }),
        (enrollments::set_address(&wanted.enrollment), |now, _| {
            (now.enrollment.address, now.enrollment.is_address_dynamic) = (None, true);
        }),
        (enrollments::set_relay(&wanted.enrollment), |now, _| now.enrollment.relay = Some("backup".to_owned())),
        (enrollments::set_limits(&wanted), |now, wanted| {
            now.description.clone_from(&wanted.description);
            now.enrollment.max_failures = 3;
        }),
        (enrollments::set_info(&wanted, "{}"), |now, wanted| now.info.clone_from(&wanted.info)),
        (enrollments::set_owner(&wanted, ""), |now, wanted| {
            now.user_id.clone_from(&wanted.user_id);
            now.realm.clone_from(&wanted.realm);
        }),
    ];
    for (number, (statement, apply)) in steps.into_iter().enumerate() {
        change!(desk, [statement]).expect("changed");
        apply(&mut expected, &wanted);
        let found = desk.store.find_enrollment(&serial).await.expect("readable");
        assert_eq!(found.as_ref(), Some(&expected), "step {number}");
    }
    change!(desk, [enrollments::set_pin(&serial, None)]).expect("changed");
    assert_eq!(desk.store.find_enrollment(&serial).await.expect("readable").expect("there").enrollment.pin, None);
}

async fn a_revoked_enrollment_stays_as_it_is(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    enroll(&desk, "PIEM0001").await;
    let serial = serial_of("PIEM0001");
    change!(desk, [enrollments::revoke(&serial)]).expect("revoked");
    let revoked = desk.store.find_enrollment(&serial).await.expect("readable").expect("there");
    assert!(revoked.enrollment.is_revoked && !revoked.enrollment.is_active);
    let wanted = full("PIEM0001");
    for statement in [
        enrollments::set_active(&serial, true),
        enrollments::set_pin(&serial, None),
        enrollments::set_address(&wanted.enrollment),
        enrollments::set_relay(&wanted.enrollment),
        enrollments::set_limits(&wanted),
        enrollments::set_info(&wanted, "{}"),
        enrollments::enroll_again(&wanted, ""),
    ] {
        let answer = change!(desk, [statement]);
        assert!(matches!(answer, Err(StoreError::NotFound)), "{answer:?}");
    }
    assert_eq!(desk.store.find_enrollment(&serial).await.expect("readable"), Some(revoked));
}

async fn what_was_read_must_still_be_so(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    enroll(&desk, "PIEM0001").await;
    let wanted = full("PIEM0001");
    for statement in [
        enrollments::set_info(&wanted, "{\"read\":\"before\"}"),
        enrollments::set_owner(&wanted, "somebody"),
        enrollments::enroll_again(&wanted, "somebody"),
    ] {
        let answer = change!(desk, [statement]);
        assert!(matches!(answer, Err(StoreError::NotFound)), "{answer:?}");
    }
    let serial = serial_of("PIEM0001");
    assert_eq!(desk.store.find_enrollment(&serial).await.expect("readable"), Some(plain("PIEM0001")));
}

async fn enrolling_again_keeps_pin_switch_and_failures(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    enroll(&desk, "PIEM0001").await;
    let serial = serial_of("PIEM0001");
    let pin = PinHash::from_stored("$argon2id$first".to_owned());
    let before = [
        enrollments::set_pin(&serial, Some(&pin)),
        enrollments::set_active(&serial, false),
        enrollments::set_failures(&serial, 2, T0),
    ];
    change!(desk, before).expect("changed");
    change!(desk, [enrollments::enroll_again(&full("PIEM0001"), "")]).expect("enrolled again");
    let found = desk.store.find_enrollment(&serial).await.expect("readable").expect("there");
    assert_eq!((found.user_id.as_str(), found.realm.as_str(), found.enrollment.address), ("u-1", "corp", None));
    assert_eq!(found.enrollment.code_length, CodeLength::from_digits(8).expect("a length"));
    assert_eq!((found.enrollment.pin, found.enrollment.is_active, found.enrollment.failures), (Some(pin), false, 2));
}

async fn who_leaves_leaves_their_enrollments_switched_off(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    enroll(&desk, "PIEM0001").await;
    let mut owned = plain("PIEM0002");
    owned.user_id = "u-1".to_owned();
    change!(desk, [enrollments::insert(&owned)]).expect("enrolled");
    change!(desk, [enrollments::release_all("u-1")]).expect("released");
    change!(desk, [enrollments::release_all("")]).expect("nobody has nothing");
    let found = async |serial| desk.store.find_enrollment(&serial_of(serial)).await.expect("readable").expect("there");
    assert_eq!((found("PIEM0002").await.user_id.as_str(), found("PIEM0002").await.enrollment.is_active), ("", false));
    assert!(found("PIEM0001").await.enrollment.is_active, "other enrollments are not touched");
}

async fn removing_an_enrollment_calls_off_its_open_challenges(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    enroll(&desk, "PIEM0001").await;
    let opened = desk.open(&ann()).await;
    let serial = serial_of("PIEM0001");
    change!(desk, [enrollments::cancel_challenges(&serial), enrollments::delete(&serial)]).expect("removed");
    assert_eq!(desk.store.find_enrollment(&serial).await.expect("readable"), None);
    assert_eq!(desk.store.find_challenge(&opened.id).await.expect("readable")[0].state, State::Cancelled);
    let judged = desk.answer(&ann(), &opened.id, &opened.code()).await;
    assert!(matches!(judged, otpost::store::command::Judged::Refused { .. }), "{judged:?}");
}

for_each_engine! {
    an_enrollment_comes_back_as_it_went_in,
    an_update_writes_everything_but_failures,
    enrollments_of_nobody_are_not_listed_together,
    serials_are_unique_and_providers_must_exist,
    a_change_of_an_enrollment_that_is_not_there_is_refused,
    single_facts_are_written_one_by_one,
    a_revoked_enrollment_stays_as_it_is,
    what_was_read_must_still_be_so,
    enrolling_again_keeps_pin_switch_and_failures,
    who_leaves_leaves_their_enrollments_switched_off,
    removing_an_enrollment_calls_off_its_open_challenges,
}
