//! Owns the address of the database. Must not let a password out.

use std::net::IpAddr;
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
    if authority.rsplit('@').next().unwrap_or_default().split(',').any(|host| !has_good_port(host)) {
        return Err("has a port that is no number from 1 to 65535");
    }
    let given = |name: &str| {
        parameters
            .split('&')
            .filter_map(|one| one.split_once('='))
            .find_map(|(key, value)| (key == name).then_some(value))
    };
    let hosts = host.split(',').chain(given("host").into_iter().flat_map(|hosts| hosts.split(',')));
    let is_here = hosts.filter(|host| !host.is_empty()).all(is_this_machine)
        && given("hostaddr").is_none_or(|addresses| addresses.split(',').all(is_this_machine));
    is_encrypted(given("sslmode"), is_here)?;
    Ok(StoreUrl::Postgres(Secret::new(url)))
}

/// Whether TLS is used, where `sslmode` says that and the server is on this machine or not. There are two kinds: the
/// default for every other machine, which checks everything, and none, which is for this one.
pub fn is_encrypted(sslmode: Option<&str>, is_here: bool) -> Result<bool, &'static str> {
    match sslmode {
        None => Ok(!is_here),
        Some("verify-full") => Ok(true),
        Some("disable") if is_here => Ok(false),
        Some("disable") => Err("has sslmode=disable, which is for a server on this machine; leave it out"),
        Some(_) => Err("has an sslmode other than verify-full, or disable for a server on this machine"),
    }
}

/// A host as written, an IPv6 address in brackets, with or without port.
fn has_good_port(host: &str) -> bool {
    let after_address = host.rsplit_once(']').map_or(host, |(_, rest)| rest);
    after_address.rsplit_once(':').is_none_or(|(_, port)| port.parse::<u16>().is_ok_and(|port| port > 0))
}

fn is_this_machine(host: &str) -> bool {
    if host.starts_with('/') || host.get(..3).is_some_and(|first| first.eq_ignore_ascii_case("%2F")) {
        return true;
    }
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        // An address with several colons and no brackets stands in a parameter.
        None if host.matches(':').count() == 1 => host.split(':').next().unwrap_or_default(),
        None => host,
    };
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
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
    fn an_address_that_will_not_do_is_refused() {
        for text in [
            "postgres://otp:can@ary@db/otpost",
            "postgres://otp:can/ary@db/otpost",
            "postgres://otp:can?ary@db/otpost",
            "postgres://otp:can#ary@db/otpost",
            "postgres://db/otpost?password=can@ary",
            "postgres://",
            "postgres://u@/d",
            "postgres://db:99999/d",
            "postgres://u:p@db:0/d",
            "postgres://one:5432,[::1]:x/d",
            "postgres://db/d?sslmode=prefer",
            "postgres://localhost/d?sslmode=",
            "postgres://db/d?application_name=x&sslmode=disable",
            "postgres://localhost,db/d?sslmode=disable",
            "postgres://localhost/d?hostaddr=192.0.2.7&sslmode=disable",
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
    fn this_machine_needs_no_tls() {
        for url in [
            "postgres://db/d",
            "postgres://db:5433/d?sslmode=verify-full",
            "postgres://localhost:5433/d?sslmode=disable",
            "postgres://u:p@[::1]:5433,127.0.0.1/d?sslmode=disable",
            "postgres:///d?host=/run/postgresql&sslmode=disable",
            "postgres://%2Frun%2Fpostgresql/d?sslmode=disable",
            "postgres://x/d?hostaddr=::1&host=localhost",
        ] {
            assert!(StoreUrl::from_text(url).is_ok(), "{url}");
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
