//! Passes: whoever has signed in on our pages may come in once at another door, from the same address, within
//! three minutes. For clients that can ask for nothing, a remote-desktop gateway above all.
//!
//! A pass is a row, and whoever removes it comes in: on all nodes together, once.

use std::time::Duration;

use domain::attempt::{Client, FrontDoor, Who};
use domain::theme::ThemeName;
use domain::time::Timestamp;
use domain::verdict::{Accepted, AcceptedBy, Verdict};

use super::{AuthError, Scene, passage};
use crate::app::App;
use crate::store::StoreError;
use crate::store::command::{Change, Event};
use crate::store::passages::{self, Pass};

/// Leaves a pass for somebody who was just accepted on our pages, if any client takes one from their theme. Answers
/// the first instant at which it is refused.
pub async fn leave(app: &App, client: &Client, who: &Who, accepted: &Accepted) -> Result<Option<Timestamp>, AuthError> {
    let Some(address) = client.address.filter(|_| is_taken(app, client)) else {
        return Ok(None);
    };
    let Some(passage) = passage::passage(app, client, who, accepted.serial.clone()).await? else {
        return Ok(None);
    };
    let until = passage.at + LIFE;
    let event = passage::line(app, client, "pass", &passage)?;
    let forget = passages::forget_passes_before(app.now() - LIFE);
    let pass = Pass { passage, address: address.to_canonical() };
    app.store.keep(Change { statements: vec![forget, passages::leave_pass(&pass)], event }).await?;
    Ok(Some(until))
}

/// Uses the pass of whoever stands before the door; none where there is none, or it is not good for this door.
pub(super) async fn enter(scene: &Scene<'_>, door: FrontDoor) -> Result<Option<Verdict>, AuthError> {
    let Some(pass) = find(scene, door).await? else {
        return Ok(None);
    };
    let app = scene.app;
    if !passage::holds(app, &pass.passage, Some(&scene.attempt.client)).await? {
        return Ok(None);
    }
    let event = Event { outcome: "accept", reason: "front-door".to_owned(), ..scene.event()? };
    match app.store.keep(Change { statements: vec![passages::use_pass(&pass)], event }).await {
        Ok(()) => {
            let serial = pass.passage.serial;
            Ok(Some(Verdict::Accept(Accepted { serial, by: AcceptedBy::FrontDoor, code: None })))
        }
        // Somebody else was faster.
        Err(StoreError::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn find(scene: &Scene<'_>, door: FrontDoor) -> Result<Option<Pass>, AuthError> {
    let (app, client) = (scene.app, &scene.attempt.client);
    let theme = app.settings().entrance(client.theme.as_deref()).map(|theme| theme.id);
    let (Some(account), Some(theme)) = (&scene.person.account, theme.filter(|_| door != FrontDoor::Closed)) else {
        return Ok(None);
    };
    let pass = app.store.find_pass(theme, &account.id).await?;
    Ok(pass.filter(|pass| {
        let is_from_there = match client.address {
            Some(address) => address.to_canonical() == pass.address,
            None => door == FrontDoor::AnySource,
        };
        is_from_there && app.now() < pass.passage.at + LIFE
    }))
}

/// Whether any client lets people in who have signed in at that theme.
fn is_taken(app: &App, client: &Client) -> bool {
    let settings = app.settings();
    let Some(theme) = settings.entrance(client.theme.as_deref()) else {
        return false;
    };
    app.config.radius.clients.iter().any(|gear| {
        let named = gear.profile.theme.as_ref().map(ThemeName::as_str);
        let is_open = gear.profile.front_door != FrontDoor::Closed;
        is_open && settings.entrance(named).is_some_and(|other| other.id == theme.id)
    })
}

/// From the sign-in to the first instant at which its pass is refused.
const LIFE: Duration = Duration::from_mins(3);
