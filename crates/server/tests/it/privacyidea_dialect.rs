//! The dialect's rules, one by one: what every client relies on, in every kind of answer.

mod callers;
mod copies;
mod counting;
mod factors;
mod jwt;
mod outcomes;
mod rules;
mod several;
mod spellings;
mod trail;
mod trigger;

use otpost::config::ValidateMessages;

use crate::app::{Reply, TestApp};

/// The product with the incumbent's own texts.
async fn spelled_out() -> TestApp {
    TestApp::start_with(|config| config.validate.messages = ValidateMessages::PrivacyIdea).await
}

/// A first step of a user enrolled with PIN 1234: the id, and the code from the mail.
async fn begin(test: &TestApp, user: &str) -> (String, String) {
    let reply = test.check(&[("user", user), ("pass", "1234")]).await;
    assert_eq!(reply.authentication(), "CHALLENGE", "{}", reply.text());
    (reply.transaction(), test.code_to(&format!("{user}@example.org")).await)
}

/// The answer to a challenge.
async fn answer(test: &TestApp, user: &str, id: &str, code: &str) -> Reply {
    test.check(&[("user", user), ("transaction_id", id), ("pass", code)]).await
}

/// A code of the same length that is wrong.
fn other_than(code: &str) -> String {
    code.chars().map(|digit| if digit == '9' { '0' } else { '9' }).collect()
}

fn message(reply: &Reply) -> String {
    reply.json()["detail"]["message"].as_str().unwrap_or_default().to_owned()
}

/// The whole answer but its time.
fn without_time(reply: &Reply) -> String {
    let mut body = reply.json();
    body.as_object_mut().unwrap().remove("time");
    format!("{} {body}", reply.status)
}
