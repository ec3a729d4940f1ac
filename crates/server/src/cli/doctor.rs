//! `otpost doctor`: looks at everything the server needs, from the file to the mail relay, and says
//! what is wrong and what to do. Changes nothing.

mod first_factors;

use domain::time::{Clock, Timestamp};

use super::Context;
use super::error::CliError;
use crate::app::App;
use crate::config::{Config, StoreUrl};
use crate::manage::directories::{self, Trial};
use crate::os::SystemClock;
use crate::store::{Store, migrate};
use crate::{boot, delivery, keys};

/// One thing that was looked at.
struct Finding {
    what: String,
    state: State,
    words: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Good,
    Warning,
    Bad,
}

impl Finding {
    fn good(what: &str, words: impl Into<String>) -> Self {
        Self { what: what.to_owned(), state: State::Good, words: words.into() }
    }

    fn warning(what: &str, words: impl Into<String>) -> Self {
        Self { what: what.to_owned(), state: State::Warning, words: words.into() }
    }

    fn bad(what: &str, words: impl Into<String>) -> Self {
        Self { what: what.to_owned(), state: State::Bad, words: words.into() }
    }

    fn row(&self) -> Vec<String> {
        let state = match self.state {
            State::Good => "ok",
            State::Warning => "warning",
            State::Bad => "bad",
        };
        vec![self.what.clone(), state.to_owned(), self.words.clone()]
    }
}

pub(super) async fn run(context: &Context) -> Result<(), CliError> {
    // What is wrong with the file is said line by line by whoever reads it.
    let config = context.load()?;
    let findings = examine(config).await;
    let rows: Vec<_> = findings.iter().map(Finding::row).collect();
    context.out.table(&["what", "state", "words"], &rows)?;
    let bad = findings.iter().filter(|finding| finding.state == State::Bad).count();
    if bad == 0 { Ok(()) } else { Err(CliError::no(format!("{bad} of {} things are bad", findings.len()))) }
}

/// Goes on as far as what comes next makes sense.
async fn examine(config: Config) -> Vec<Finding> {
    let mut findings = vec![Finding::good("configuration", "every key is known and valid"), public_url(&config)];
    findings.push(match keys::Keys::load(&config.keys.file) {
        Ok(_) => Finding::good("key file", config.keys.file.display().to_string()),
        Err(error) => Finding::bad("key file", error.to_string()),
    });
    if let Err(finding) = database(&config).await.map(|found| findings.extend(found)) {
        findings.push(finding);
        return findings;
    }
    match boot::open(config, None).await {
        Ok((app, _)) => findings.extend(settings(&app).await),
        Err(error) => findings.push(Finding::bad("start", CliError::from(error).to_string())),
    }
    findings
}

fn public_url(config: &Config) -> Finding {
    match &config.http.public_url {
        Some(url) => Finding::good("http.public_url", url.as_str()),
        None => Finding::warning("http.public_url", "not set: mails cannot name the host that a code is for"),
    }
}

/// Reached, of this program's schema, writable, and of the same mind about the time.
async fn database(config: &Config) -> Result<Vec<Finding>, Finding> {
    let place = match &config.store.url {
        StoreUrl::Sqlite(path) => path.display().to_string(),
        url @ StoreUrl::Postgres(_) => url.masked(),
    };
    let bad = |error| Finding::bad("database", format!("{place}: {}", CliError::from(error)));
    migrate::check(&config.store.url).await.map_err(bad)?;
    let store = Store::open(&config.store.url, config.store.queue).await.map_err(bad)?;
    store.try_room().await.map_err(bad)?;
    let theirs = store.server_time().await.map_err(bad)?;
    let mut found = vec![Finding::good("database", place)];
    found.extend(theirs.map(|theirs| time(theirs, SystemClock::new(Timestamp::default()).now())));
    Ok(found)
}

fn time(theirs: Timestamp, ours: Timestamp) -> Finding {
    let apart = theirs.since(ours).max(ours.since(theirs));
    let words = format!("this machine and the database server are {} ms apart", apart.as_millis());
    if apart > MUCH {
        Finding::warning("time", format!("{words}; the server's time counts, but logs will disagree: check NTP"))
    } else {
        Finding::good("time", words)
    }
}

async fn settings(app: &App) -> Vec<Finding> {
    let settings = app.settings();
    let mut found = vec![match settings.default_realm() {
        Some(realm) => Finding::good("realm", realm.name.as_str()),
        None => Finding::warning("realm", "there is no default realm: users are looked up in the realm that is named"),
    }];
    if settings.relays.is_empty() {
        found.push(Finding::bad("mail", "there is no relay, so no code can be mailed: POST /smtpserver/NAME"));
    }
    for relay in &settings.relays {
        let what = format!("mail relay {}", relay.name);
        found.push(match delivery::greet(app, relay).await {
            Ok(()) => Finding::good(&what, "reached, protected as configured, and signed in"),
            Err(reason) => Finding::bad(&what, reason),
        });
    }
    for stored in &settings.directories {
        let what = format!("directory {}", stored.resolver);
        found.push(match directories::try_out(app, stored.into(), None).await {
            Ok(Trial { complaint: Some(complaint), .. }) => {
                Finding::warning(&what, format!("reached, and shows nobody: {complaint}"))
            }
            Ok(_) => Finding::good(&what, "reached, protected as configured, and shows people"),
            Err(error) => Finding::bad(&what, error.to_string()),
        });
    }
    found.extend(first_factors::look(app).await);
    found.extend(themes_of_gear(app));
    found
}

/// A theme that is not there lets nobody in, and the log of a sign-in is the last place to look for it.
fn themes_of_gear(app: &App) -> Vec<Finding> {
    let (settings, mut found) = (app.settings(), Vec::new());
    for client in &app.config.radius.clients {
        let Some(theme) = &client.profile.theme else { continue };
        let what = format!("RADIUS client {}", client.name);
        let name = theme.as_str();
        let is_open = settings.entrance(Some(name)).is_some();
        found.push(if is_open {
            Finding::good(&what, format!("its theme {name} is open"))
        } else {
            let words = format!("its theme {name} is not there, off, or without provider");
            Finding::bad(&what, format!("{words}: nobody comes in; see otpost theme"))
        });
    }
    found
}

/// Clocks further apart than that deserve a word.
const MUCH: std::time::Duration = std::time::Duration::from_secs(2);
