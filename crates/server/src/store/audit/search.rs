//! Looking for lines of the audit trail.

use domain::time::Timestamp;

use super::super::sql::{Row, Value, values};
use super::super::{Store, StoreError};
use super::{Line, first_id, read_line};

/// Which lines are wanted. Texts may hold `*` for anything; none wants all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// What was asked for.
    pub action: Option<String>,
    /// What came of it.
    pub outcome: Option<String>,
    /// Whether it came to a good end.
    pub is_success: Option<bool>,
    /// Whom it was about.
    pub user_name: Option<String>,
    /// Their realm.
    pub realm: Option<String>,
    /// Enrollments.
    pub serial: Option<String>,
    /// Who acted.
    pub actor: Option<String>,
    /// Address of the end user.
    pub address: Option<String>,
    /// Which client asked.
    pub client: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Anything else.
    pub detail: Option<String>,
    /// Not before this instant.
    pub since: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
}

/// Which end comes first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// The newest first.
    #[default]
    Newest,
    /// The oldest first.
    Oldest,
}

impl Store {
    /// Up to `limit` lines after the first `skip` of those that are wanted. Reads what it must:
    /// on a long trail that takes a while, so not where other requests wait.
    pub async fn search_audit(
        &self,
        filter: &AuditFilter,
        order: Order,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<Line>, StoreError> {
        let sql = match order {
            Order::Newest => SELECT_NEWEST,
            Order::Oldest => SELECT_OLDEST,
        };
        let mut params = filter.params();
        params.extend(values![limit, skip]);
        self.select("audit", sql, &params, read_line).await
    }

    /// How many lines are wanted.
    pub async fn count_audit_wanted(&self, filter: &AuditFilter) -> Result<i64, StoreError> {
        Ok(self.select_one("audit", COUNT, &filter.params(), Row::take).await?.unwrap_or(0))
    }
}

impl AuditFilter {
    fn params(&self) -> Vec<Value> {
        let success = self.is_success.map_or(-1, i64::from);
        let pattern = |text: &Option<String>| text.as_deref().map_or_else(|| "%".to_owned(), like);
        Vec::from(values![
            pattern(&self.action),
            pattern(&self.outcome),
            success,
            pattern(&self.user_name),
            pattern(&self.realm),
            pattern(&self.serial),
            pattern(&self.actor),
            pattern(&self.address),
            pattern(&self.client),
            pattern(&self.reason),
            pattern(&self.detail),
            first_id(self.since.unwrap_or_default()).as_slice(),
            self.until.map_or([0xff; 16], first_id).as_slice(),
        ])
    }
}

/// A pattern of LIKE, in small letters because the engines differ about them: `*` is anything, everything else stands for itself. Runs of stars are one,
/// and there are few of them, because each multiplies the work.
fn like(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    let mut stars = 0;
    for letter in text.chars().take(MOST_PATTERN_CHARS) {
        let letter = letter.to_ascii_lowercase();
        match letter {
            '*' if pattern.ends_with('%') && !pattern.ends_with("\\%") => {}
            '*' if stars < MOST_STARS => {
                stars += 1;
                pattern.push('%');
            }
            '%' | '_' | '\\' => {
                pattern.push('\\');
                pattern.push(letter);
            }
            _ => pattern.push(letter),
        }
    }
    pattern
}

macro_rules! wanted {
    ($head:literal, $tail:literal) => {
        concat!(
            $head,
            " FROM audit WHERE LOWER(action) LIKE ?1 ESCAPE '\\' AND LOWER(outcome) LIKE ?2 ESCAPE '\\' \
             AND (?3 = -1 OR ?3 = CASE WHEN outcome IN ('accept', 'ok') THEN 1 ELSE 0 END) \
             AND LOWER(user_name) LIKE ?4 ESCAPE '\\' AND LOWER(realm) LIKE ?5 ESCAPE '\\' AND LOWER(serials) LIKE ?6 ESCAPE '\\' \
             AND LOWER(actor) LIKE ?7 ESCAPE '\\' AND LOWER(address) LIKE ?8 ESCAPE '\\' AND LOWER(client) LIKE ?9 ESCAPE '\\' \
             AND LOWER(reason) LIKE ?10 ESCAPE '\\' AND LOWER(detail) LIKE ?11 ESCAPE '\\' AND id >= ?12 AND id < ?13",
            $tail
        )
    };
}

const COUNT: &str = wanted!("SELECT COUNT(*)", "");

const SELECT_NEWEST: &str = wanted!(
    "SELECT id, at, action, outcome, reason, user_name, realm, serials, challenge, actor, client, address, request_id, \
     detail",
    " ORDER BY id DESC LIMIT ?14 OFFSET ?15" // tidy: one engine, because pages are numbered on the wire
);

const SELECT_OLDEST: &str = wanted!(
    "SELECT id, at, action, outcome, reason, user_name, realm, serials, challenge, actor, client, address, request_id, \
     detail",
    " ORDER BY id LIMIT ?14 OFFSET ?15" // tidy: one engine, because pages are numbered on the wire
);

const MOST_PATTERN_CHARS: usize = 255;
const MOST_STARS: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_stars_are_wild() {
        assert_eq!(like("POST /val*"), "post /val%");
        assert_eq!(like("100%_\\"), "100\\%\\_\\\\");
        assert_eq!(like("***a***"), "%a%");
        assert_eq!(like("%*"), "\\%%");
    }
}
