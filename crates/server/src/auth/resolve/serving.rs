//! Which of a person's enrollments count here, and what proves their first factor. Each enrollment has a provider, and
//! of several providers none may make it easier than another: neither by being switched off, nor by a rule that asks
//! for no code, nor by what it takes for a first factor.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::attempt::Client;
use domain::name::RealmName;
use domain::provider::{FirstFactor, Provider};
use domain::theme::Theme;
use domain::verdict::Refusal;

use super::Person;
use crate::app::App;
use crate::auth::facts::{self, Names};
use crate::settings::Settings;
use crate::store::enrollments::StoredEnrollment;

impl Person {
    /// The person as a theme has them: its provider counts, and whom it does not let in is a stranger.
    pub(super) fn through(mut self, app: &App, settings: &Settings, theme: &Theme) -> Self {
        let picked = theme.provider_id.unwrap_or_default();
        if !theme.admits(facts::principals(settings, &self, Names::OfTheirs).as_deref()) {
            self = self.turned_away(app, settings, Refusal::NotAdmitted);
        }
        // An account that names another provider keeps it until it is enrolled with the theme's.
        let own = self.account.as_ref().and_then(|account| account.provider_id);
        let id = own.filter(|_| !self.enrollments.iter().any(is_at(picked))).unwrap_or(picked);
        self.at(settings, settings.provider(id))
    }

    /// The person where a door has no theme: it belongs to one site, that of the provider that the account names or
    /// of the standard one. Who looks after another site enrolls nobody for this door.
    pub(super) fn at_home(mut self, settings: &Settings) -> Self {
        let Some(account) = &self.account else { return self.served(settings) };
        let standard = account.provider_id.map_or_else(|| settings.default_provider(), |id| settings.provider(id));
        let is_home =
            |stored: &StoredEnrollment| settings.provider(stored.enrollment.provider_id).site_id == standard.site_id;
        self.enrollments.retain(is_home);
        self.provider = standard;
        self.served(settings)
    }

    /// The person at that provider alone.
    pub(super) fn at(mut self, settings: &Settings, provider: Arc<Provider>) -> Self {
        self.enrollments.retain(is_at(provider.id));
        self.provider = provider;
        self.served(settings)
    }

    /// Leaves the enrollments at providers that ask for a code here, if any does: those that do not ask are no way
    /// around those that do.
    pub(super) fn asked(mut self, settings: &Settings, client: &Client) -> Self {
        if self.enrollments.iter().all(is_at(self.provider.id)) {
            return self;
        }
        let asks = |id| facts::explain_at(settings, &self, &settings.provider(id), client).is_required();
        let providers: BTreeSet<i64> = self.enrollments.iter().map(|stored| stored.enrollment.provider_id).collect();
        let asking: BTreeSet<i64> = providers.into_iter().filter(|id| asks(*id)).collect();
        if !asking.is_empty() {
            self.enrollments.retain(|stored| asking.contains(&stored.enrollment.provider_id));
        }
        self.served(settings)
    }

    /// Leaves the one enrollment the caller asked for; somebody else's is as good as none.
    pub(super) fn only(mut self, settings: &Settings, serial: &str) -> Self {
        self.enrollments.retain(|stored| stored.enrollment.serial.as_str() == serial);
        if self.enrollments.is_empty() {
            self.nobody = self.nobody.or(Some(Refusal::UnknownSerial));
        }
        self.served(settings)
    }

    /// The provider of the first enrollment, if there is one, and the strictest first factor of them all.
    fn served(mut self, settings: &Settings) -> Self {
        match self.enrollments.first() {
            Some(first) => self.provider = settings.provider(first.enrollment.provider_id),
            None => self.nobody = self.nobody.or(Some(Refusal::NoEnrollment)),
        }
        self.first_factor = self.strictest_first_factor(settings);
        self
    }

    /// The strictest of what their enrollments ask for. What the realm of an enrollment sets holds by whichever realm
    /// somebody comes; another realm may only add to it.
    fn strictest_first_factor(&self, settings: &Settings) -> FirstFactor {
        // Nobody's password to check: an enrollment without an owner has its PIN.
        if self.account.is_none() && !self.enrollments.is_empty() {
            return FirstFactor::TokenPin;
        }
        let set_by = |realm: &str| {
            let name = RealmName::parse(realm).ok()?;
            settings.realm(Some(&name))?.first_factor
        };
        let here = set_by(&self.realm_name);
        let of_each = self.enrollments.iter().map(|stored| {
            let of_provider = || settings.provider(stored.enrollment.provider_id).first_factor;
            set_by(&stored.realm).max(here).unwrap_or_else(of_provider)
        });
        of_each.max().or(here).unwrap_or(self.provider.first_factor)
    }
}

fn is_at(id: i64) -> impl Fn(&StoredEnrollment) -> bool {
    move |stored| stored.enrollment.provider_id == id
}
