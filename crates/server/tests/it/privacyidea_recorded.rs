//! Conversations recorded at the incumbent, replayed in order. What differs stands in two tables;
//! a difference that is not listed fails, and so does a listed one that is no more.

mod compare;
mod order;
mod stage;
mod tables;

use serde_json::Value;

use stage::Stage;
use tables::{DEVIATIONS, OUT_OF_SCOPE};

/// One recorded request with its answer.
pub struct Recorded {
    title: String,
    request: Value,
    response: Value,
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_conversations_get_the_recorded_answers_except_where_listed() {
    let mut stage = Stage::set().await;
    let mut wrong = Vec::new();
    for recorded in recording() {
        stage.prepare(&recorded.title).await;
        let reply = stage.replay(&recorded).await;
        let found = compare::differences(&recorded.response, &reply);
        stage.learn(&recorded, &reply).await;
        if let Some((_, status, _)) = OUT_OF_SCOPE.iter().find(|(title, ..)| *title == recorded.title) {
            assert_eq!(reply.status, *status, "{}: {}", recorded.title, reply.text());
            assert!(!found.is_empty(), "{} is listed as out of scope, and yet answered the same", recorded.title);
            continue;
        }
        let listed = DEVIATIONS.iter().find(|(title, ..)| *title == recorded.title);
        let expected = listed.map_or("", |(_, _, differs)| *differs);
        let found = found.join("; ");
        if found != expected {
            wrong.push(format!("{}\n   found: {found}\n  listed: {expected}", recorded.title));
        }
    }
    assert!(wrong.is_empty(), "{} differ from what is listed:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_listed_title_is_recorded_once_and_listed_once() {
    let titles: Vec<String> = recording().into_iter().map(|recorded| recorded.title).collect();
    assert_eq!(titles.len(), 112);
    let listed = DEVIATIONS.iter().map(|(title, ..)| *title).chain(OUT_OF_SCOPE.iter().map(|(title, ..)| *title));
    let listed: Vec<&str> = listed.collect();
    for title in &listed {
        assert_eq!(titles.iter().filter(|other| other == title).count(), 1, "{title} in the recording");
        assert_eq!(listed.iter().filter(|other| *other == title).count(), 1, "{title} in the tables");
    }
}

#[test]
fn every_listed_deviation_has_its_number_in_the_manual() {
    let manual = include_str!("../../../../docs/integrate/privacyidea.md");
    for (title, number, _) in DEVIATIONS {
        assert!(manual.contains(&format!("\n{number}. ")), "{title}: no deviation {number} in the manual");
    }
}

fn recording() -> Vec<Recorded> {
    let parse = |line: &str| {
        let entry: Value = serde_json::from_str(line).unwrap();
        let title = entry["title"].as_str().unwrap().to_owned();
        Recorded { title, request: entry["request"].clone(), response: entry["response"].clone() }
    };
    include_str!("../recorded/transcripts.jsonl").lines().map(parse).collect()
}
