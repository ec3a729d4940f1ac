//! Notices on their way: looked for once a second, each taken over by one node, tried again for three
//! days. Nobody waits for them, so that they go their own way, past the queue of the codes.

use std::time::Duration;

use tokio::task::JoinSet;

use super::relays::Mailer;
use super::{Failure, letter, now};
use crate::app::App;
use crate::mail::smtp::Envelope;
use crate::stop::Stop;
use crate::store::StoreError;
use crate::store::command::{Change, Event};
use crate::store::notices::{self, Notice};
use crate::telemetry::Chain;

/// Sends what waits until the process stops.
pub(super) async fn send_all(app: App, mailer: Mailer, mut stop: Stop) {
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            () = stop.requested() => return,
        }
        match app.store.list_due_notices(app.now(), AT_ONCE).await {
            Ok(due) => {
                let sent = due.into_iter().map(|notice| send(app.clone(), mailer.clone(), notice));
                sent.collect::<JoinSet<()>>().join_all().await;
            }
            Err(error) => tracing::error!(error = %Chain(&error), "waiting notices could not be looked for"),
        }
    }
}

async fn send(app: App, mailer: Mailer, notice: Notice) {
    if let Err(error) = take_turn(&app, &mailer, &notice).await {
        // The lease runs out, and the same message is sent once more.
        tracing::error!(error = %Chain(&error), notice = %notice.id, "a notice could not be seen to its end");
    }
}

async fn take_turn(app: &App, mailer: &Mailer, notice: &Notice) -> Result<(), StoreError> {
    if !app.store.claim_notice(notice, app.now() + LEASE).await? {
        return Ok(());
    }
    let started = now();
    let outcome = attempt(app, mailer, notice).await;
    let (relay, result) = match &outcome {
        Ok(relay) => (relay.as_str(), "sent"),
        Err(failure) => ("", failure.result()),
    };
    app.metrics.count_mail(relay, result, started.elapsed());
    match outcome {
        Ok(relay) => finish(app, notice, ("ok", "sent"), &relay).await,
        Err(Failure::TryLater(reason)) if app.now() < notice.written_at + PATIENCE => {
            tracing::warn!(notice = %notice.id, reason, "notice put off");
            app.store.put_off_notice(notice, app.now() + pause(notice)).await
        }
        Err(failure @ Failure::Rejected(_)) => finish(app, notice, ("fail", "rejected"), failure.detail()).await,
        Err(failure) => finish(app, notice, ("fail", "expired-unsent"), failure.detail()).await,
    }
}

async fn attempt(app: &App, mailer: &Mailer, notice: &Notice) -> Result<String, Failure> {
    let route =
        mailer.route(&app.settings(), &app.keys, "").map_err(|problem| Failure::TryLater(problem.to_string()))?;
    let message = letter::notice(app, notice, &route.sender).map_err(|error| Failure::Rejected(error.to_string()))?;
    let envelope = Envelope { from: route.sender.as_str(), to: &notice.address };
    Ok(route.pool.send(&envelope, &message, now() + ATTEMPT).await?.relay)
}

/// The row goes, and the audit says what became of it.
async fn finish(
    app: &App,
    notice: &Notice,
    (outcome, reason): (&'static str, &str),
    detail: &str,
) -> Result<(), StoreError> {
    let at = app.now();
    let to = notice.address.masked();
    let event = Event {
        id: Event::new_id(at, &*app.random).unwrap_or_else(|_| letter::notice_event_id(notice, at)),
        at,
        action: "notice".to_owned(),
        outcome,
        reason: reason.to_owned(),
        user_name: notice.user_name.clone(),
        detail: format!("to {to}: {detail}").chars().take(200).collect(),
        ..Event::default()
    };
    app.store.keep(Change { statements: vec![notices::done(notice)], event }).await
}

/// Twice as long after each attempt, an hour at most.
fn pause(notice: &Notice) -> Duration {
    let doublings = u32::try_from(notice.attempts).unwrap_or(u32::MAX).min(6);
    (FIRST_PAUSE * 2_u32.pow(doublings)).min(LONGEST_PAUSE)
}

/// Notices under way at once on each node.
const AT_ONCE: usize = 8;
/// How long one attempt may last.
const ATTEMPT: Duration = Duration::from_secs(30);
/// Longer than an attempt.
const LEASE: Duration = Duration::from_mins(1);
const FIRST_PAUSE: Duration = Duration::from_mins(2);
const LONGEST_PAUSE: Duration = Duration::from_hours(1);
/// After so long a notice is given up: who can be told nothing for three days has no mailbox there.
const PATIENCE: Duration = Duration::from_hours(3 * 24);
