//! Sites: adding, changing, removing.

use super::difference::Difference;
use super::{About, By, ManageError, apply};
use crate::app::App;
use crate::store::admins::Trace;
use crate::store::criteria;
use crate::store::sites;
pub use crate::store::sites::{FIRST, Site};

/// What is to change; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct SiteUpdate {
    /// The name, 1 to 255 UTF-16 units.
    pub name: Option<String>,
    /// Anything worth noting.
    pub description: Option<String>,
}

/// The site of that number.
pub fn find(app: &App, id: i64) -> Result<Site, ManageError> {
    let found = app.settings().sites.iter().find(|site| site.id == id).cloned();
    found.ok_or_else(|| ManageError::NotFound(format!("there is no site with id {id}")))
}

/// Adds a site; the answer has its number.
pub async fn add(app: &App, by: &By, name: String, description: String) -> Result<Site, ManageError> {
    let site = Site { id: 0, name, description, trace: Trace::new(&by.actor, app.now()) };
    let empty = Site { name: String::new(), description: String::new(), ..site.clone() };
    let about = About { detail: format!("added {}", difference(&empty, &site)), ..About::default() };
    if let Err(error) = apply(app, by, about, sites::insert(&site).into()).await {
        return Err(named(app, &site, error).await);
    }
    let key = domain::name::canonical(&site.name);
    let found = app.store.list_sites().await?.into_iter().find(|one| domain::name::canonical(&one.name) == key);
    found.ok_or_else(|| ManageError::NotFound("the site was removed at once by somebody else".to_owned()))
}

/// Changes a site. Two who change different things at once both succeed.
pub async fn change(app: &App, by: &By, id: i64, update: &SiteUpdate) -> Result<(), ManageError> {
    for _ in 0..ATTEMPTS {
        let before = find(app, id)?;
        let mut after = before.clone();
        after.name = update.name.clone().unwrap_or(after.name);
        after.description = update.description.clone().unwrap_or(after.description);
        if after == before {
            return Ok(());
        }
        after.trace = before.trace.changed(&by.actor, app.now());
        let about = About { detail: difference(&before, &after), ..About::default() };
        match apply(app, by, about, vec![sites::update(&after)]).await {
            // Another was first, or it is gone: what is there now decides.
            Err(ManageError::NotFound(_)) => drop(app.settings.refresh(&app.store).await?),
            Err(error) => return Err(named(app, &after, error).await),
            Ok(()) => return Ok(()),
        }
    }
    Err(ManageError::Taken(format!("somebody else keeps changing site {id}; try again")))
}

/// Removes a site that nothing belongs to; the first one stays.
pub async fn remove(app: &App, by: &By, id: i64) -> Result<(), ManageError> {
    let site = find(app, id)?;
    if id == FIRST {
        return Err(ManageError::Taken("site 1 is always there and cannot be removed; rename it instead".to_owned()));
    }
    let about = About { detail: format!("removed {}", thing(&site)), ..About::default() };
    match apply(app, by, about, vec![criteria::delete_of_site(id), sites::delete(id)]).await {
        Err(ManageError::Taken(_)) => Err(ManageError::Taken(format!(
            "site {id} is still in use: remove its providers and themes first, or move them to another site"
        ))),
        done => done,
    }
}

/// Says which site has the name already.
async fn named(app: &App, wanted: &Site, error: ManageError) -> ManageError {
    let ManageError::Taken(_) = error else { return error };
    let key = domain::name::canonical(&wanted.name);
    let sites = app.store.list_sites().await.unwrap_or_default();
    match sites.iter().find(|site| domain::name::canonical(&site.name) == key) {
        Some(site) => ManageError::Taken(format!("a site named '{}' exists (id {})", site.name, site.id)),
        None => error,
    }
}

fn difference(before: &Site, after: &Site) -> String {
    let difference = Difference::default().value("name", &before.name, &after.name);
    difference.value("description", &before.description, &after.description).of(&thing(after))
}

fn thing(site: &Site) -> String {
    match site.id {
        0 => "site".to_owned(),
        id => format!("site {id}"),
    }
}

/// Several who write at the same instant; more of them is a loop somewhere.
const ATTEMPTS: usize = 5;
