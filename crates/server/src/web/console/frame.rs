//! What surrounds the pages of the console.

use super::session::Session;
use crate::app::App;
use crate::web::assets;
use crate::web::frame::Frame;

/// What their layout needs.
pub(super) struct Console {
    /// What every page needs.
    pub(super) outer: Frame,
    /// Name of the console's own style sheet.
    pub(super) sheet: &'static str,
    /// The tab that is open.
    pub(super) tab: Tab,
    /// Who is signed in.
    pub(super) admin: String,
    /// What every form brings back.
    pub(super) proof: String,
}

/// A part of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    /// The trail.
    Audit,
    /// The numbers.
    Overview,
    /// People and their enrollments.
    People,
    /// Providers.
    Providers,
    /// Mail relays.
    Relays,
    /// What is set.
    Settings,
    /// Entrances.
    Themes,
}

impl Console {
    pub(super) fn new(app: &App, session: &Session, tab: Tab) -> Self {
        Self {
            outer: Frame::of(app),
            sheet: &assets::CONSOLE_STYLE.name,
            tab,
            admin: session.admin.as_str().to_owned(),
            proof: session.form_proof.clone(),
        }
    }

    /// The tabs in order: address, name, whether it is open.
    pub(super) fn tabs(&self) -> [(&'static str, &'static str, bool); 7] {
        [
            ("/console", "Overview", Tab::Overview),
            ("/console/people", "People", Tab::People),
            ("/console/providers", "Providers", Tab::Providers),
            ("/console/themes", "Themes", Tab::Themes),
            ("/console/audit", "Audit trail", Tab::Audit),
            ("/console/relays", "Mail relays", Tab::Relays),
            ("/console/settings", "Settings", Tab::Settings),
        ]
        .map(|(path, name, tab)| (path, name, tab == self.tab))
    }
}
