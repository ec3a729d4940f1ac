//! Databases that must not be used: `serve` does not start on them and says why, and `doctor` says the same.

use std::process::Command;
use std::time::Duration;

use private_postgres::cluster::{Cluster, Setup, Stop};
use private_postgres::programs;
use private_postgres::standby::Replication;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use tokio::time::Instant;

use super::rig::{DATABASE, Rig};
use crate::process::place::{Place, Said, finish};

#[test]
fn a_server_that_must_not_be_used_is_refused_in_words() {
    let mut cluster = Cluster::start().unwrap();
    let place = prepared(&cluster);
    let (url, password) = (cluster.url(DATABASE), cluster.password().to_owned());
    let words = "the database server refuses the user or the password of store.url";
    refused("wrong password", &place, &url.replace(&password, "wrong"), words);
    refused("unknown user", &place, &url.replace("otpost:", "nobody:"), words);
    let words = "the database of store.url does not exist on its server";
    refused("unknown database", &place, &cluster.url("nowhere"), words);
    let newer = "INSERT INTO migration SELECT version + 1000, 'later', checksum, applied_at FROM migration LIMIT 1";
    cluster.query(DATABASE, newer).unwrap();
    refused("newer schema", &place, &url, "newer than the");
    cluster.query(DATABASE, "DELETE FROM migration WHERE version > 1000").unwrap();
    let standby = cluster.standby(Replication::Asynchronous).unwrap();
    refused("a standby", &place, &standby.url(DATABASE), "this server is a standby and takes no writes");
    drop(standby);
    cluster.query("postgres", "ALTER DATABASE faults SET default_transaction_read_only = on").unwrap();
    refused("read-only", &place, &url, "the database server takes no writes: a standby, or set read-only");
    cluster.query("postgres", "ALTER DATABASE faults RESET default_transaction_read_only").unwrap();
    cluster.stop(Stop::Fast).unwrap();
    refused("nobody there", &place, &url, "Connection refused");
    let parameters = vec![("fsync".to_owned(), "off".to_owned())];
    let forgetful = Cluster::start_with(Setup { parameters, ..Setup::default() }).unwrap();
    let place = prepared_by(&forgetful);
    refused("fsync = off", &place, &forgetful.url(DATABASE), "the server runs with fsync = off");
}

#[test]
fn only_the_right_certificate_is_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, theirs) = (authority("ours"), authority("theirs"));
    let root = folder.path().join("root.pem");
    std::fs::write(&root, ours.pem()).unwrap();
    let certificates = [
        ("right certificate", certificate(&ours, "127.0.0.1", false), ""),
        (
            "certificate of another authority",
            certificate(&theirs, "127.0.0.1", false),
            "no authority that is trusted signed it",
        ),
        ("expired certificate", certificate(&ours, "127.0.0.1", true), "is refused: certificate expired"),
        (
            "certificate of another name",
            certificate(&ours, "db.example.org", false),
            "is refused: certificate not valid for name",
        ),
    ];
    for (name, tls, words) in certificates {
        let cluster = Cluster::start_with(Setup { tls: Some(tls), ..Setup::default() }).unwrap();
        let url = format!("{}?sslmode=verify-full&sslrootcert={}", cluster.url(DATABASE), root.display());
        cluster.create_database(DATABASE).unwrap();
        if words.is_empty() {
            let rig = Rig::start(&url);
            assert!(rig.sign_in().is_some(), "{}", rig.said());
            let encrypted = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                             WHERE application_name = 'otpost' AND NOT ssl";
            assert_eq!(cluster.query_one("postgres", encrypted).unwrap(), "0");
            eprintln!("| {name} | | | served |");
        } else {
            refused(name, &with_a_key(), &url, words);
        }
    }
    let cluster = Cluster::start().unwrap();
    let url = format!("{}?sslmode=verify-full&sslrootcert={}", cluster.url(DATABASE), root.display());
    refused("a server without TLS", &with_a_key(), &url, "does not support TLS");
}

/// Both refuse within a few seconds, with these words and without the password.
fn refused(name: &str, place: &Place, url: &str, words: &str) {
    let config = format!("--config={}", place.config().display());
    let text = std::fs::read_to_string(place.config()).unwrap();
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    let line = lines.iter_mut().find(|line| line.starts_with("url = ")).unwrap();
    *line = format!("url = \"{url}\"");
    std::fs::write(place.config(), lines.join("\n")).unwrap();
    let password = url.split([':', '@']).nth(2).unwrap();
    for verb in ["serve", "doctor"] {
        let started = Instant::now();
        // Who starts all the same is ended.
        let mut command = Command::new("timeout");
        command.env_clear().args(["10", env!("CARGO_BIN_EXE_otpost"), verb, &config]);
        let Said { code, out, err } = finish(command, "");
        let (took, told) = (started.elapsed(), format!("{out}{err}"));
        assert!([1, 3, 4].contains(&code), "{name}, {verb}: ended with {code}: {told}");
        assert!(took < Duration::from_secs(5), "{name}, {verb}: took {took:?}: {told}");
        assert!(told.contains(words), "{name}, {verb}: no {words:?}: {told}");
        assert!(!told.contains(password), "{name}, {verb}: the password was printed");
    }
    eprintln!("| {name} | | | {words} |");
}

/// Schema and key, and nobody who serves.
fn prepared(cluster: &Cluster) -> Place {
    cluster.create_database(DATABASE).unwrap();
    let place = Place::on(&cluster.url(DATABASE));
    place.ok(&["keys", "new"], "");
    place.ok(&["migrate"], "");
    place
}

/// The same where the product would not write.
fn prepared_by(cluster: &Cluster) -> Place {
    let source = Cluster::start().unwrap();
    let place = prepared(&source);
    cluster.create_database(DATABASE).unwrap();
    let mut dump = Command::new(programs::folder().unwrap().join("pg_dump"));
    dump.arg(source.superuser_url(DATABASE));
    let dumped = finish(dump, "");
    assert_eq!(dumped.code, 0, "{}", dumped.err);
    cluster.query(DATABASE, &dumped.out).unwrap();
    place
}

fn with_a_key() -> Place {
    let place = Place::new();
    place.ok(&["keys", "new"], "");
    place
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Chain and key in PEM.
fn certificate(authority: &CertifiedIssuer<'static, KeyPair>, name: &str, is_expired: bool) -> (String, String) {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    if is_expired {
        params.not_after = date_time_ymd(2020, 1, 1);
    }
    let key = KeyPair::generate().unwrap();
    (params.signed_by(&key, authority).unwrap().pem(), key.serialize_pem())
}
