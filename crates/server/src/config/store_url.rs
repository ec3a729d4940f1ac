//! Owns the address of the database. Must not let a password out.

use std::path::PathBuf;

use domain::secret::Secret;

use super::parse::FromText;

/// Which database, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreUrl {
    /// A `PostgreSQL` address, `postgres://USER:PASSWORD@HOST/DATABASE`; secret for its password.
    Postgres(Secret),
    /// A `SQLite` file.
    Sqlite(PathBuf),
}

impl StoreUrl {
    /// The address without its password and without parameters, which may hold one too.
    pub fn masked(&self) -> String {
        let url = match self {
            Self::Sqlite(path) => return format!("sqlite:{}", path.display()),
            Self::Postgres(url) => url.expose(),
        };
        let (rest, parameters) = url.split_once('?').map_or((url, ""), |(rest, _)| (rest, "?[hidden]"));
        let Some((scheme, rest)) = rest.split_once("://") else {
            return "[secret]".to_owned();
        };
        let Some((user, place)) = rest.rsplit_once('@') else {
            return format!("{scheme}://{rest}{parameters}");
        };
        let user = match user.split_once(':') {
            Some((name, _)) => format!("{name}:[secret]"),
            None => user.to_owned(),
        };
        format!("{scheme}://{user}@{place}{parameters}")
    }
}

impl FromText for StoreUrl {
    fn from_text(text: &str) -> Result<Self, &'static str> {
        if text.chars().any(char::is_control) {
            return Err("holds control characters or more than one line");
        }
        if let Some(path) = text.strip_prefix("sqlite:") {
            return sqlite(path);
        }
        match text.split_once("://") {
            Some(("postgres" | "postgresql", rest)) => postgres(text, rest),
            _ => Err("names no database we know"),
        }
    }
}

/// `sqlite:/absolute`, `sqlite:relative`, and `sqlite:///absolute` as others write it.
fn sqlite(path: &str) -> Result<StoreUrl, &'static str> {
    let path = path.strip_prefix("//").unwrap_or(path);
    match path {
        "" => Err("names no file"),
        ":memory:" => Err("would forget everything at the next start"),
        path if path.contains(['?', '#']) => Err("has parameters, of which SQLite files take none"),
        path => Ok(StoreUrl::Sqlite(PathBuf::from(path))),
    }
}

/// Refuses what two readers could take for two things, and what would make [`StoreUrl::masked`] miss
/// a part of the password.
fn postgres(url: &str, rest: &str) -> Result<StoreUrl, &'static str> {
    let (before_parameters, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = before_parameters.split_once('/').unwrap_or((before_parameters, ""));
    let ats = authority.matches('@').count();
    if ats > 1 || database.contains(['@', '/']) || parameters.contains(['@', '?']) || rest.contains(['#', ' ']) {
        return Err("holds @ / ? # or a space in user, password or parameters; write them as %40 %2F %3F %23 %20");
    }
    let host = authority.rsplit('@').next().unwrap_or_default();
    if host.is_empty() && !parameters.contains("host") {
        return Err("names no host");
    }
    Ok(StoreUrl::Postgres(Secret::new(url)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> Result<String, &'static str> {
        StoreUrl::from_text(text).map(|url| url.masked())
    }

    #[test]
    fn a_password_is_masked_wherever_it_stands() {
        assert_eq!(masked("postgres://otp:canary@db/otpost").as_deref(), Ok("postgres://otp:[secret]@db/otpost"));
        assert_eq!(masked("postgresql://otp@db:5432/otpost").as_deref(), Ok("postgresql://otp@db:5432/otpost"));
        assert_eq!(
            masked("postgres:///otpost?host=/run&password=canary").as_deref(),
            Ok("postgres:///otpost?[hidden]")
        );
        assert_eq!(masked("postgres://otp:%40%3F@[::1]/o").as_deref(), Ok("postgres://otp:[secret]@[::1]/o"));
    }

    #[test]
    fn an_address_that_could_be_read_in_two_ways_is_refused() {
        for text in [
            "postgres://otp:can@ary@db/otpost",
            "postgres://otp:can/ary@db/otpost",
            "postgres://otp:can?ary@db/otpost",
            "postgres://otp:can#ary@db/otpost",
            "postgres://db/otpost?password=can@ary",
            "postgres://",
            "postgres://u@/d",
            "mysql://db",
            "otpost.db",
            "sqlite:",
            "sqlite::memory:",
            "sqlite:a.db?mode=ro",
        ] {
            assert!(masked(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_file_may_be_written_with_or_without_slashes() {
        let file = |path: &str| Ok(StoreUrl::Sqlite(PathBuf::from(path)));
        assert_eq!(StoreUrl::from_text("sqlite:/var/otpost.db"), file("/var/otpost.db"));
        assert_eq!(StoreUrl::from_text("sqlite:///var/otpost.db"), file("/var/otpost.db"));
        assert_eq!(StoreUrl::from_text("sqlite:otpost.db"), file("otpost.db"));
    }
}
