//! Enrollments: kept, found, changed without losing their failures, called off.

use domain::address::MailAddress;
use domain::challenge::State;
use domain::code::CodeLength;
use domain::enrollment::{Enrollment, PinHash};
use domain::provider::Provider;
use otpost::store::enrollments::{self, StoredEnrollment};
use otpost::store::{StoreError, settings};

use super::desk::{ADDRESS, Desk, Engine, T0, ann, desk, seconds, serial_of};

/// An enrollment with that serial and [`ADDRESS`], of provider 1.
pub(super) async fn enroll(desk: &Desk, serial: &str) {
    let statements = [settings::save_provider(&Provider { id: 1, ..Provider::standard() }), enrollments::insert(&plain(serial))];
    change!(desk, statements).expect("enrolled");
}

/// Failures in a row of an enrollment.
pub(super) fn failures(desk: &Desk, serial: &str) -> u32 {
    let found = desk.store.find_enrollment(&serial_of(serial)).expect("readable");
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
    let (desk, _place) = desk(engine);
    enroll(&desk, "PIEM0001").await;
    change!(desk, [enrollments::insert(&full("PIEM0002"))]).expect("enrolled");
    let find = |serial| desk.store.find_enrollment(&serial_of(serial)).expect("readable");
    assert_eq!(find("PIEM0001"), Some(plain("PIEM0001")));
    assert_eq!(find("PIEM0002"), Some(full("PIEM0002")));
    assert_eq!(find("PIEM0003"), None);
}

async fn an_update_writes_everything_but_failures(engine: Engine) {
    let (desk, _place) = desk(engine);
    enroll(&desk, "PIEM0001").await;
    let at = T0 + seconds(9);
    change!(desk, [enrollments::set_failures(&serial_of("PIEM0001"), 7, at)]).expect("set");
    change!(desk, [enrollments::update(&full("PIEM0001"))]).expect("updated");
    let mut expected = full("PIEM0001");
    (expected.enrollment.failures, expected.enrollment.failed_at) = (7, Some(at));
    assert_eq!(desk.store.find_enrollment(&serial_of("PIEM0001")).expect("readable"), Some(expected));
    change!(desk, [enrollments::reset_failures(&serial_of("PIEM0001"))]).expect("reset");
    assert_eq!(desk.store.find_enrollment(&serial_of("PIEM0001")).expect("readable"), Some(full("PIEM0001")));
}

async fn enrollments_of_nobody_are_not_listed_together(engine: Engine) {
    let (desk, _place) = desk(engine);
    enroll(&desk, "PIEM0001").await;
    for serial in ["PIEM0003", "PIEM0002"] {
        change!(desk, [enrollments::insert(&full(serial))]).expect("enrolled");
    }
    let serials = |list: Vec<StoredEnrollment>| {
        list.into_iter().map(|stored| stored.enrollment.serial.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(serials(desk.store.list_enrollments_of("u-1").expect("readable")), ["PIEM0002", "PIEM0003"]);
    assert!(desk.store.list_enrollments_of("").expect("readable").is_empty());
    assert_eq!(serials(desk.store.list_enrollments("", 2).expect("readable")), ["PIEM0001", "PIEM0002"]);
    assert_eq!(serials(desk.store.list_enrollments("PIEM0002", 2).expect("readable")), ["PIEM0003"]);
}

async fn serials_are_unique_and_providers_must_exist(engine: Engine) {
    let (desk, _place) = desk(engine);
    enroll(&desk, "PIEM0001").await;
    let twice = change!(desk, [enrollments::insert(&full("PIEM0001"))]);
    assert!(matches!(twice, Err(StoreError::Taken)), "{twice:?}");
    let mut lost = plain("PIEM0009");
    lost.enrollment.provider_id = 99;
    let lost = change!(desk, [enrollments::insert(&lost)]);
    assert!(matches!(lost, Err(StoreError::Taken)), "{lost:?}");
}

async fn a_change_of_an_enrollment_that_is_not_there_is_refused(engine: Engine) {
    let (desk, _place) = desk(engine);
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

async fn removing_an_enrollment_calls_off_its_open_challenges(engine: Engine) {
    let (desk, _place) = desk(engine);
    enroll(&desk, "PIEM0001").await;
    let opened = desk.open(&ann()).await;
    let serial = serial_of("PIEM0001");
    change!(desk, [enrollments::cancel_challenges(&serial), enrollments::delete(&serial)]).expect("removed");
    assert_eq!(desk.store.find_enrollment(&serial).expect("readable"), None);
    assert_eq!(desk.store.find_challenge(&opened.id).expect("readable")[0].state, State::Cancelled);
    let judged = desk.answer(&ann(), &opened.id, &opened.code()).await;
    assert!(matches!(judged, otpost::store::command::Judged::Refused { .. }), "{judged:?}");
}

for_each_engine! {
    an_enrollment_comes_back_as_it_went_in,
    an_update_writes_everything_but_failures,
    enrollments_of_nobody_are_not_listed_together,
    serials_are_unique_and_providers_must_exist,
    a_change_of_an_enrollment_that_is_not_there_is_refused,
    removing_an_enrollment_calls_off_its_open_challenges,
}
