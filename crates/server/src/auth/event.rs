//! The audit line of an attempt, as far as it is known before the verdict.

use domain::attempt::{Client, Who};
use domain::verdict::Refusal;

use super::{AuthError, Scene};
use crate::app::App;
use crate::store::audit;
use crate::store::command::Event;

/// A line about somebody whom no attempt names.
pub(super) fn line(app: &App, client: &Client, action: &str) -> Result<Event, AuthError> {
    let at = app.now();
    Ok(Event {
        id: Event::new_id(at, &*app.random)?,
        at,
        action: action.to_owned(),
        client: client.label.clone(),
        address: client.address.map(|address| address.to_string()).unwrap_or_default(),
        request_id: client.request_id.clone(),
        ..Event::default()
    })
}

impl Scene<'_> {
    /// The line with everything but its outcome.
    pub(super) fn event(&self) -> Result<Event, AuthError> {
        let user_name = match &self.attempt.who {
            Who::Nobody(_) => "",
            Who::Serial(_) => self.person.account.as_ref().map_or("", |account| account.name.as_str()),
            Who::User { name, .. } => name.as_str(),
        };
        Ok(Event {
            user_name: user_name.to_owned(),
            realm: self.person.realm_name.clone(),
            serials: audit::join(&self.person.serials()),
            detail: self.person.note.clone(),
            ..line(self.app, &self.attempt.client, self.action)?
        })
    }

    /// The line of a refusal.
    pub(super) fn refusal_event(&self, refusal: Refusal) -> Result<Event, AuthError> {
        Ok(Event { outcome: "refuse", reason: refusal.as_str().to_owned(), ..self.event()? })
    }
}
