//! Lists of enrollments: filtered, sorted, by pages.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::{info, pattern};
use crate::app::App;
use crate::manage::ManageError;
use crate::manage::users::Owner;
use crate::store::accounts::Account;
use crate::store::enrollments::StoredEnrollment;
use crate::store::{self, Store, StoreError};

/// Which enrollments are wanted. Texts may hold `*`; letter case does not matter; what is absent
/// admits all.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The serial; an exact one is looked up.
    pub serial: Option<String>,
    /// The owners; they are looked up.
    pub owners: Option<Vec<Owner>>,
    /// The realm.
    pub realm: Option<String>,
    /// The kind; there is one, `email`.
    pub kind: Option<String>,
    /// Whether it has an owner.
    pub is_assigned: Option<bool>,
    /// Whether it is switched on.
    pub is_active: Option<bool>,
    /// A fact that must be there, and what it must say.
    pub info: Option<(String, Option<String>)>,
    /// The note.
    pub description: Option<String>,
}

/// Which part of the list, in which order.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// From 1.
    pub number: usize,
    /// Entries on each.
    pub size: usize,
    /// What decides the order.
    pub order: Order,
    /// Whether it runs backwards.
    pub is_descending: bool,
}

/// What decides the order of a list; equals follow in order of serial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Off before on.
    Active,
    /// Oldest first.
    Created,
    /// The note.
    Description,
    /// Failures in a row.
    Failures,
    /// The realm.
    Realm,
    /// The serial.
    Serial,
}

/// One page of a list.
#[derive(Debug, Clone)]
pub struct Listed {
    /// How many enrollments fit, on all pages.
    pub count: usize,
    /// Those of this page.
    pub shown: Vec<Shown>,
}

/// An enrollment with what a list tells about it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The enrollment.
    pub stored: StoredEnrollment,
    /// Its owner.
    pub account: Option<Account>,
    /// Failures that still count.
    pub failures: u32,
    /// Further facts.
    pub info: BTreeMap<String, String>,
}

/// Lists. Anything but a serial or an owner reads everything, away from the threads that answer requests.
pub async fn list(app: &App, wanted: Wanted, page: Page) -> Result<Listed, ManageError> {
    let (reader, now) = (app.store.clone(), app.now());
    let clear_after = app.settings().clear_failures_after();
    let listed = store::apart(async move {
        let (count, kept) = collect(&reader, &wanted, page).await?;
        let mut shown = Vec::with_capacity(kept.len());
        for stored in kept {
            let account = find_account(&reader, &stored.user_id).await?;
            let failures = stored.enrollment.failures_at(now, clear_after);
            shown.push(Shown { account, failures, info: info::of(&stored), stored });
        }
        Ok(Listed { count, shown })
    });
    Ok(listed.await?)
}

async fn find_account(store: &Store, user_id: &str) -> Result<Option<Account>, StoreError> {
    if user_id.is_empty() { Ok(None) } else { store.find_account_by_id(user_id).await }
}

async fn collect(store: &Store, wanted: &Wanted, page: Page) -> Result<(usize, Vec<StoredEnrollment>), StoreError> {
    let mut pile = Pile { page, count: 0, kept: Vec::new() };
    if let Some(serial) = wanted.serial.as_deref().filter(|serial| !serial.contains('*')) {
        let found = store.find_enrollment_named(serial).await?;
        let is_owned = |stored: &StoredEnrollment| wanted.owners.as_ref().is_none_or(|all| owns(all, stored));
        pile.add(found.into_iter().filter(is_owned), wanted);
    } else if let Some(owners) = &wanted.owners {
        for (account, _) in owners {
            pile.add(store.list_enrollments_of(&account.id).await?, wanted);
        }
    } else {
        let mut after = String::new();
        loop {
            let batch = store.list_enrollments(&after, BATCH).await?;
            let Some(last) = batch.last() else { break };
            last.enrollment.serial.as_str().clone_into(&mut after);
            pile.add(batch, wanted);
        }
    }
    Ok(pile.cut())
}

fn owns(owners: &[Owner], stored: &StoredEnrollment) -> bool {
    owners.iter().any(|(account, _)| account.id == stored.user_id)
}

/// What fits, as far as the page can need it.
struct Pile {
    page: Page,
    count: usize,
    kept: Vec<StoredEnrollment>,
}

impl Pile {
    fn add(&mut self, batch: impl IntoIterator<Item = StoredEnrollment>, wanted: &Wanted) {
        for stored in batch.into_iter().filter(|stored| wanted.fits(stored)) {
            self.count += 1;
            self.kept.push(stored);
        }
        // Sort now and then, so that no more is held than the pages up to this one and a batch.
        let needed = self.page.number.saturating_mul(self.page.size);
        if self.kept.len() > needed.saturating_add(KEPT) {
            self.sort();
            self.kept.truncate(needed);
        }
    }

    fn sort(&mut self) {
        let page = self.page;
        self.kept.sort_by(|a, b| {
            let order = page.order.compare(a, b).then_with(|| a.enrollment.serial.cmp(&b.enrollment.serial));
            if page.is_descending { order.reverse() } else { order }
        });
    }

    fn cut(mut self) -> (usize, Vec<StoredEnrollment>) {
        self.sort();
        let skip = self.page.number.saturating_sub(1).saturating_mul(self.page.size);
        (self.count, self.kept.into_iter().skip(skip).take(self.page.size).collect())
    }
}

impl Order {
    /// The order of that name, as the interface calls its columns; by serial if there is none.
    pub fn parse(name: &str) -> Self {
        match name {
            "active" => Self::Active,
            "creation_date" | "id" => Self::Created,
            "description" => Self::Description,
            "failcount" => Self::Failures,
            "realm" | "realms" | "user_realm" => Self::Realm,
            _ => Self::Serial,
        }
    }

    fn compare(self, a: &StoredEnrollment, b: &StoredEnrollment) -> Ordering {
        match self {
            Self::Active => a.enrollment.is_active.cmp(&b.enrollment.is_active),
            Self::Created => a.created_at.cmp(&b.created_at),
            Self::Description => a.description.cmp(&b.description),
            Self::Failures => a.enrollment.failures.cmp(&b.enrollment.failures),
            Self::Realm => a.realm.cmp(&b.realm),
            Self::Serial => Ordering::Equal,
        }
    }
}

impl Wanted {
    fn fits(&self, stored: &StoredEnrollment) -> bool {
        let texts = [
            (&self.serial, stored.enrollment.serial.as_str()),
            (&self.realm, stored.realm.as_str()),
            (&self.kind, "email"),
            (&self.description, stored.description.as_str()),
        ];
        let fits = |(wanted, text): (&Option<String>, &str)| {
            wanted.as_deref().is_none_or(|wanted| pattern::fits(wanted, text))
        };
        let is_assigned = !stored.user_id.is_empty();
        texts.into_iter().all(fits)
            && self.is_assigned.is_none_or(|wanted| wanted == is_assigned)
            && self.is_active.is_none_or(|wanted| wanted == stored.enrollment.is_active)
            && self.info.as_ref().is_none_or(|(key, wanted)| fits_info(key, wanted.as_deref(), stored))
    }
}

fn fits_info(key: &str, wanted: Option<&str>, stored: &StoredEnrollment) -> bool {
    let facts = info::of(stored);
    facts.get(key).is_some_and(|fact| wanted.is_none_or(|wanted| pattern::fits(wanted, fact)))
}

/// Rows read at a time.
const BATCH: usize = 500;
/// Rows held beyond those that the page may need.
const KEPT: usize = 2000;
