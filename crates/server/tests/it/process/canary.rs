//! No secret in any octet written: distinctive PINs, passwords, keys and all mailed codes are looked
//! for in everything the process leaves behind, with the log at its most talkative.

use std::time::Duration;

use base64::Engine as _;

use super::http::Client;
use super::peers::Peers;
use super::place::{ADMIN_PASSWORD, Place, Server, files, until};
use super::scripted_relay::{Act, ScriptedRelay, Stage};

const PIN: &str = "pin-canary-Hq7ZtW29";
const USER_PASSWORD: &str = "user-canary-Lm3XvB64";
const RELAY_PASSWORD: &str = "relay-canary-Qs8RnD53";
const WRONG: &str = "wrong-canary-Jy6KfC17";

#[test]
fn no_secret_and_no_code_is_in_any_octet_that_is_written_or_answered() {
    let (place, peers) = (Place::ready_with("[log]\nlevel = \"trace\"\nformat = \"json\"\n"), Peers::new());
    let api_key =
        place.ok(&["api-key", "add", "check", "--scope", "validate:check,validate:trigger"], "").trim().to_owned();
    let relay = peers.scripted(&[]);
    let echo = peers.scripted(&[(Stage::Dot, Act::QuoteBody("554 5.7.1"))]);
    let mut server = place.serve();
    let admin = server.admin();
    set_up(&place, &server, &admin, &relay, &echo);
    let client = Client { api_key: Some(api_key.clone()), heard: admin.heard.clone(), ..server.client() };
    let mut secrets = flows(&client, &relay);
    rejected(&client, &place);
    admin.get("/token/");
    admin.get("/user/");
    admin.get("/smtpserver/");
    admin.get("/system/");
    admin.get("/audit/?page_size=500");
    let mut heard = admin.heard.lock().unwrap().clone();
    let manage = Client::new(server.manage);
    manage.get("/metrics");
    manage.get("/health/ready");
    heard.extend_from_slice(&manage.heard.lock().unwrap());
    heard.extend(place.ok(&["config", "show"], "").bytes());
    heard.extend(std::fs::read(format!("/proc/{}/cmdline", server.child.0.id())).unwrap());
    let used = relay.seen().commands.iter().any(|line| line.contains(&base64(&format!("\0mailer\0{RELAY_PASSWORD}"))));
    assert!(used, "the relay's password was used: {:?}", relay.seen().commands);
    secrets.extend([PIN, USER_PASSWORD, RELAY_PASSWORD, ADMIN_PASSWORD, WRONG].map(str::to_owned));
    secrets.push(api_key.rsplit_once('_').unwrap().1[..20].to_owned());
    assert!(secrets.len() > 8, "codes were mailed");
    let look = |heard: &[u8]| search(&place, heard, &secrets);
    assert_eq!(look(&heard), Vec::<String>::new(), "while it runs, with the write-ahead log");
    assert_eq!(server.child.terminate(Duration::from_secs(10)).code(), Some(0));
    assert_eq!(look(&heard), Vec::<String>::new(), "after its end");
    assert!(place.read("stderr").lines().any(|line| line.starts_with('{')), "the log is JSON");
    planted(&place, &secrets);
}

/// The search itself finds what is there, in every file and in every disguise.
fn planted(place: &Place, secrets: &[String]) {
    for file in ["data/otpost.db", "output/stderr", "output/stdout"] {
        let path = place.folder.path().join(file);
        let before = std::fs::read(&path).unwrap();
        for planted in disguises(PIN) {
            std::fs::write(&path, [&before[..], planted.as_bytes(), b"tail"].concat()).unwrap();
            assert_eq!(search(place, b"", secrets).len(), 1, "{planted} in {file}");
        }
        std::fs::write(&path, before).unwrap();
    }
    assert_eq!(search(place, format!("so {PIN}").as_bytes(), secrets).len(), 1);
}

/// Where which secret was found, in everything but the configuration and the key.
fn search(place: &Place, heard: &[u8], secrets: &[String]) -> Vec<String> {
    let folder = place.folder.path();
    let mut haystacks = vec![("answers".to_owned(), heard.to_vec())];
    for file in files(&folder.join("data")).into_iter().chain(files(&folder.join("output"))) {
        haystacks.push((file.display().to_string(), std::fs::read(&file).unwrap()));
    }
    let mut found = Vec::new();
    for (name, haystack) in &haystacks {
        for secret in secrets {
            let is_there = disguises(secret).iter().any(|form| contains(haystack, form.as_bytes()));
            if is_there {
                found.push(format!("{secret} in {name}"));
            }
        }
    }
    found
}

fn disguises(secret: &str) -> Vec<String> {
    let percent = super::http::form(&[("", secret)]).split_off(1);
    vec![secret.to_owned(), base64(secret).trim_end_matches('=').to_owned(), hex(secret), percent]
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    let first = needle[0];
    let starts = haystack.iter().enumerate().filter(|(_, octet)| **octet == first);
    starts.map(|(at, _)| at).any(|at| haystack[at..].starts_with(needle))
}

fn base64(text: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(text)
}

fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |hex, octet| format!("{hex}{octet:02x}"))
}

fn set_up(place: &Place, server: &Server, admin: &Client, relay: &ScriptedRelay, echo: &ScriptedRelay) {
    server.relay(admin, "echo", echo.addr);
    let port = relay.addr.port().to_string();
    let fields = [("server", "127.0.0.1"), ("port", &port), ("sender", "otpost@example.org")];
    let login = [("username", "mailer"), ("password", RELAY_PASSWORD)];
    admin.done("/smtpserver/main", &[&fields[..], &login].concat());
    admin.done("/system/setConfig", &[("email.identifier", "main"), ("DefaultOtpLen", "14")]);
    place.ok(&["user", "add", "carla", "--email", "carla@example.org", "--password-stdin"], USER_PASSWORD);
    place.ok(&["user", "enroll", "carla", "--pin-stdin"], PIN);
    for (serial, to) in [("ECHO", "echo@example.org"), ("ONE", "one@example.org")] {
        admin.done("/token/init", &[("type", "email"), ("serial", serial), ("email", to), ("pin", PIN)]);
    }
    admin.done("/token/info/ECHO/email.identifier", &[("value", "echo")]);
}

/// Sign-ins that work, each in another way. The codes that were mailed.
fn flows(client: &Client, relay: &ScriptedRelay) -> Vec<String> {
    let begin = |who: &[(&str, &str)]| client.check(&[who, &[("pass", PIN)]].concat()).transaction();
    let carla = [("user", "carla")];
    let id = until("the server to know carla", Duration::from_secs(5), || begin(&carla));
    let code = mailed(relay, 1);
    assert!(client.check(&[("user", "carla"), ("pass", &code), ("transaction_id", &id)]).is_accepted());
    client.check(&[("user", "carla"), ("pass", &code), ("transaction_id", &id)]);
    begin(&[("serial", "ONE")]).expect("a challenge");
    let second = mailed(relay, 2);
    let both = format!("{PIN}{second}");
    assert!(client.check(&[("serial", "ONE"), ("pass", &both)]).is_accepted(), "PIN and code in one field");
    client.done("/validate/triggerchallenge", &[("serial", "ONE")]);
    let third = mailed(relay, 3);
    let json = format!("{{\"serial\":\"ONE\",\"pass\":\"{third}x\"}}");
    client.send("POST", "/validate/check", "application/json", &json).unwrap();
    let login = client.post("/auth", &[("username", "carla"), ("password", PIN)]);
    assert!(login.transaction().is_some(), "{}", login.body);
    let codes = vec![code, second, third, mailed(relay, 4)];
    assert!(codes.iter().all(|code| code.len() == 14), "{codes:?}");
    codes
}

/// Sign-ins that fail, with secrets in every place where they do not belong.
fn rejected(client: &Client, place: &Place) {
    for fields in [
        [("user", "carla"), ("pass", WRONG)],
        [("user", "nobody"), ("pass", WRONG)],
        [("username", "admin"), ("password", WRONG)],
        [("serial", "ONE"), ("pass", "12345678901234")],
    ] {
        client.post("/validate/check", &fields);
        client.post("/auth", &fields);
    }
    client.send("POST", "/validate/check", "application/json", &format!("{{\"pass\":\"{WRONG}")).unwrap();
    client.send("POST", "/validate/check", "text/plain", &format!("pass={WRONG}")).unwrap();
    client.get(&format!("/validate/check?user=carla&pass={WRONG}"));
    client.begin(&[("serial", "ECHO"), ("pass", PIN)]);
    until("the echoed mail", Duration::from_secs(10), || (!place.audited("rejected").is_empty()).then_some(()));
}

/// The code in the mail of that number.
fn mailed(relay: &ScriptedRelay, number: usize) -> String {
    let mail = || relay.seen().kept.get(number - 1).cloned();
    let mail = String::from_utf8(until("the mail", Duration::from_secs(10), mail)).unwrap();
    let is_code = |line: &&str| line.len() == 14 && line.bytes().all(|byte| byte.is_ascii_digit());
    mail.lines().map(str::trim).find(is_code).expect("a code alone on its line").to_owned()
}
