//! The composition root: parts → listeners → wait → stop in reverse.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::app::App;
use crate::config;
use crate::delivery::{self, Mailer, Waiting};
use crate::http::{self, listen};
use crate::radius;
use crate::stop::{self, Stop};
use crate::telemetry::Chain;
use crate::tls::door::{Credentials, Unusable};
use crate::web;

/// Open listeners, not serving yet.
pub struct Listeners {
    public: TcpListener,
    manage: TcpListener,
    tls: Option<Arc<Credentials>>,
    radius: radius::Door,
}

/// Why a listener could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address is taken or not ours.
    #[error("cannot listen on {address} ({key}): {source}")]
    Bind {
        /// The key in the configuration.
        key: &'static str,
        /// The address.
        address: std::net::SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The certificate or its key.
    #[error(transparent)]
    Tls(#[from] Unusable),
}

impl Listeners {
    /// Opens every listener of the configuration.
    pub async fn open(app: &App) -> Result<Self, ListenError> {
        let (http, manage) = (&app.config.http, &app.config.manage);
        let tls = http.tls.as_ref().map(|tls| Credentials::for_everybody("http.tls", tls)).transpose()?;
        Ok(Self {
            tls: tls.map(Arc::new),
            public: bind("http.listen", http.listen).await?,
            manage: bind("manage.listen", manage.listen).await?,
            radius: open_radius(&app.config.radius).await?,
        })
    }

    /// Where the public listener listens.
    pub fn public_address(&self) -> std::io::Result<std::net::SocketAddr> {
        self.public.local_addr()
    }

    /// Where RADIUS listens.
    pub fn radius_addresses(&self) -> std::io::Result<Vec<std::net::SocketAddr>> {
        self.radius.addresses()
    }
}

/// Every door of the public listener; a demonstration adds more of them.
pub fn doors(app: &App, more: Option<Router<App>>) -> Router {
    let routes = http::privacyidea::routes().merge(web::routes(app));
    http::wrap(app, more.into_iter().fold(routes, Router::merge))
}

/// Runs the product until `stop` turns true, then drains within ten seconds.
pub async fn run(app: App, waiting: Waiting, listeners: Listeners, public: Router, stop: Stop) {
    let mailer = app.mailer.clone();
    let mut doors = JoinSet::new();
    let bounds = listen::Bounds::of(&app.config);
    let watched = http::manage::Watched { app: app.clone(), mailer: mailer.clone(), stop: stop.clone() };
    let manage = http::manage::router(watched);
    let credentials = listeners.tls.iter().chain(listeners.radius.credentials()).map(Arc::clone).collect();
    doors.spawn(listen::serve(listeners.public, listeners.tls, public, bounds.clone(), stop.clone()));
    doors.spawn(listen::serve(listeners.manage, None, manage, bounds, stop.clone()));
    doors.spawn(listeners.radius.serve(app.clone(), radius::Pace::default(), stop.clone()));
    // Deliveries stop after the doors: what was answered is still mailed.
    let (stop_delivery, delivery_stop) = stop::channel();
    let mut workers = JoinSet::new();
    delivery::start(&app, &mailer, waiting, &mut workers, &delivery_stop);
    workers.spawn(follow(app.clone(), delivery_stop.clone()));
    workers.spawn(close_unused(app.clone(), mailer, delivery_stop.clone()));
    workers.spawn(clean_up(app.clone(), delivery_stop.clone()));
    workers.spawn(keep_credentials(credentials, delivery_stop));
    let drained = async {
        while doors.join_next().await.is_some() {}
        stop_delivery.stop();
        while workers.join_next().await.is_some() {}
    };
    tokio::select! {
        () = drained => {}
        () = deadline(stop) => {
            tracing::warn!("some requests or mails were not finished in time; mails stay in the database");
        }
    }
    tracing::info!("stopped");
}

/// Once a second, and when another node says so: settings changed elsewhere. Nothing else may keep them waiting.
async fn follow(app: App, mut stop: Stop) {
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            () = app.store.changed_elsewhere() => {}
            () = stop.requested() => return,
        }
        if let Err(error) = app.settings.refresh(&app.store).await {
            tracing::error!(error = %Chain(&error), "settings could not be read again; the last known ones apply");
        }
    }
}

/// Once a second: connections to relays and directories that nobody uses. Their good-byes may take a while.
async fn close_unused(app: App, mailer: Mailer, mut stop: Stop) {
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let closing = async {
        loop {
            tick.tick().await;
            mailer.close_idle().await;
            app.directories.close_idle().await;
        }
    };
    tokio::select! {
        () = closing => {}
        () = stop.requested() => {}
    }
}

/// Once a second: expired rows.
async fn clean_up(app: App, mut stop: Stop) {
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = tick.tick() => purge(&app).await,
            () = stop.requested() => return,
        }
    }
}

/// Once a second: certificates that were renewed. Apart from all else, because files may be slow.
async fn keep_credentials(credentials: Vec<Arc<Credentials>>, mut stop: Stop) {
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while !credentials.is_empty() {
        tokio::select! {
            _ = tick.tick() => {}
            () = stop.requested() => return,
        }
        for each in credentials.iter().map(Arc::clone) {
            drop(tokio::task::spawn_blocking(move || each.refresh()).await);
        }
    }
}

/// Small batches with room for others in between, until little is left.
async fn purge(app: &App) {
    for _ in 0..MOST_PURGES {
        match app.store.purge(app.now()).await {
            Ok(gone) if gone >= ENOUGH_TO_GO_ON => tokio::task::yield_now().await,
            Ok(_) => return,
            Err(error) => return tracing::warn!(error = %Chain(&error), "expired rows stay for now"),
        }
    }
}

async fn deadline(mut stop: Stop) {
    stop.requested().await;
    tokio::time::sleep(DRAIN).await;
}

async fn bind(key: &'static str, address: std::net::SocketAddr) -> Result<TcpListener, ListenError> {
    TcpListener::bind(address).await.map_err(|source| ListenError::Bind { key, address, source })
}

async fn open_radius(config: &config::Radius) -> Result<radius::Door, ListenError> {
    let shut = |key| move |(address, source)| ListenError::Bind { key, address, source };
    let door = radius::open(config).map_err(shut("radius.listen"))?;
    let Some(radsec) = &config.tls else { return Ok(door) };
    let credentials = Credentials::for_holders("radius.tls", &radsec.tls, &radsec.client_ca_file)?;
    door.with_radsec(&radsec.listen, Arc::new(credentials)).await.map_err(shut("radius.tls.listen"))
}

/// From the signal to the end of the process.
const DRAIN: Duration = Duration::from_secs(9);
/// Batches in one go; at half a thousand rows of each kind that is well above the top rate.
const MOST_PURGES: usize = 64;
const ENOUGH_TO_GO_ON: usize = 400;
