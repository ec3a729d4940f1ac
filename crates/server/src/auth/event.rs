//! The audit line of an attempt, as far as it is known before the verdict.

use domain::attempt::Who;
use domain::verdict::Refusal;

use super::{AuthError, Scene};
use crate::store::audit;
use crate::store::command::Event;

impl Scene<'_> {
    /// The line with everything but its outcome.
    pub(super) fn event(&self) -> Result<Event, AuthError> {
        let (client, at) = (&self.attempt.client, self.app.now());
        let user_name = match &self.attempt.who {
            Who::Serial(_) => self.person.account.as_ref().map_or("", |account| account.name.as_str()),
            Who::User { name, .. } => name.as_str(),
        };
        Ok(Event {
            id: Event::new_id(at, &*self.app.random)?,
            at,
            action: self.action.to_owned(),
            user_name: user_name.to_owned(),
            realm: self.person.realm_name.clone(),
            serials: audit::join(&self.person.serials()),
            client: client.label.clone(),
            address: client.address.map(|address| address.to_string()).unwrap_or_default(),
            request_id: client.request_id.clone(),
            ..Event::default()
        })
    }

    /// The line of a refusal.
    pub(super) fn refusal_event(&self, refusal: Refusal) -> Result<Event, AuthError> {
        Ok(Event { outcome: "refuse", reason: refusal.as_str().to_owned(), ..self.event()? })
    }
}
