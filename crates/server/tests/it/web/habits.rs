//! What people do at the pages, in Chromium, with and without JavaScript. The product runs here with its clock set,
//! so that nobody waits for a code to expire.

use std::sync::Arc;
use std::time::Duration;

use domain::decide::ExternalAddress;
use domain::provider::{FirstFactor, ShowInformation, UserEnrollment};
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use super::browser::drive;
use crate::app::{TestApp, code_in};
use crate::process::onward::answering;

#[tokio::test(flavor = "multi_thread")]
async fn whatever_people_do_at_the_pages_sends_no_mail_too_many_and_lets_nobody_in_too_late() {
    let test = Arc::new(TestApp::start().await);
    set(&test, ShowInformation::Never, UserEnrollment::Allow).await;
    test.set_provider(|provider| {
        provider.first_factor = FirstFactor::UserStore;
        provider.external_address = ExternalAddress::Allowed;
    })
    .await;
    let mut serving = JoinSet::new();
    let pages = test.listen(&mut serving).await;
    let (runtime, asked) = (Handle::current(), Arc::clone(&test));
    let desk = answering(move |head| {
        let path = head.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default().to_owned();
        runtime.block_on(answer(&asked, &path))
    });
    let visit = move || drive("habits.mjs", &format!("http://{pages}"), &[&format!("http://{desk}/")]);
    tokio::task::spawn_blocking(visit).await.unwrap();
}

/// What the browser's script asks of the test.
async fn answer(test: &TestApp, path: &str) -> String {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    match parts.as_slice() {
        ["advance", seconds] => test.clock.advance(Duration::from_secs(seconds.parse().unwrap())),
        ["code", address, count] => {
            return code_in(&test.mails_to(address, count.parse().unwrap()).await[0]);
        }
        ["count", address] => return test.sink.mails().iter().filter(|mail| mail.to == *address).count().to_string(),
        ["enrolled", name] => {
            let account = test.add_user(name, "right").await;
            test.enroll_again(&account, &format!("PIEM_{name}"), "").await;
        }
        ["person", name] => drop(test.add_user(name, "right").await),
        ["set", show, enrollment] => {
            let show = ShowInformation::parse(show).unwrap();
            set(test, show, UserEnrollment::parse(enrollment, None).unwrap()).await;
        }
        _ => panic!("nobody answers {path}"),
    }
    String::new()
}

async fn set(test: &TestApp, show: ShowInformation, enrollment: UserEnrollment) {
    test.set_provider(|provider| {
        provider.show_information = show;
        provider.user_enrollment = enrollment;
    })
    .await;
}
