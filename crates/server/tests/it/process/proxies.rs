//! The proxies of the guide, run with the configuration that stands there: nginx and Caddy guard a page.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::onward::{Stage, answering, block};
use super::place::{Guard, free, is_listening, until};
use crate::web::browser::drive;

const FORWARD_AUTH: &str = include_str!("../../../../../docs/integrate/forward-auth.md");

/// Where everything is: the sign-in pages and the guarded site as the proxy shows them, and the site behind it.
struct Places {
    pages: SocketAddr,
    guarded: SocketAddr,
    behind: SocketAddr,
}

/// What differs between proxies.
struct Proxy {
    start: fn(&Stage, &Places) -> Guard,
    /// What the site behind it is asked for anna's visit.
    asked: &'static str,
    /// The beginning of the answer while Otpost cannot be asked.
    unasked: &'static str,
}

#[test]
fn nginx_guards_a_page_with_the_configuration_of_the_guide() {
    let asked = "GET /page?x=1 HTTP/1.0 Remote-User: anna Remote-Realm: users";
    guards_a_page(&Proxy { start: nginx, asked, unasked: "HTTP/1.1 500" });
}

#[test]
fn caddy_guards_a_page_with_the_configuration_of_the_guide() {
    let asked = "GET /page?x=1 HTTP/1.1 Remote-Realm: users Remote-User: anna";
    guards_a_page(&Proxy { start: caddy, asked, unasked: "HTTP/1.1 502" });
}

fn guards_a_page(proxy: &Proxy) {
    let behind = answering(|head| {
        let named: Vec<_> = head.iter().filter(|line| line.to_lowercase().starts_with("remote-")).cloned().collect();
        format!("{}\n{}\n", head.first().cloned().unwrap_or_default(), named.join("\n"))
    });
    let places = Places { pages: free(), guarded: free(), behind };
    let (pages, site) = (places.pages, format!("http://localhost:{}", places.guarded.port()));
    let stage = Stage::new(&format!("http://{pages}"), &format!("{site}/"));
    let _proxy = (proxy.start)(&stage, &places);
    until("the proxy", Duration::from_secs(10), || {
        (is_listening(places.pages) && is_listening(places.guarded)).then_some(())
    });
    let sent = curl(&[&format!("{site}/page?x=1"), "-H", "Remote-User: root"]);
    assert!(sent.starts_with("HTTP/1.1 302"), "{sent}");
    assert!(
        sent.contains(&format!("Location: http://{pages}/signin/Default?return_to=http%3A%2F%2Flocalhost")),
        "{sent}"
    );
    assert!(sent.contains("Set-Cookie: otpost-way-1=") && !sent.contains("root"), "{sent}");
    for forged in ["X-Forwarded-Uri: /x", "X-Forwarded-Host: evil.example", "Cookie: otpost-gate-1=AAAA"] {
        assert!(curl(&[&format!("{site}/page"), "-H", forged]).starts_with("HTTP/1.1 302"), "{forged}");
    }
    assert!(curl(&[&format!("http://{pages}/gate/default")]).starts_with("HTTP/1.1 403"), "no question of a proxy");
    let (mailbox, signout) = (format!("http://{}/", stage.mailbox()), format!("{site}/.otpost/signout"));
    drive("onward.mjs", &format!("{site}/page?x=1"), &[&mailbox, proxy.asked, &signout]);
    drop(stage.server);
    let alone = curl(&[&format!("{site}/page")]);
    assert!(alone.starts_with(proxy.unasked), "nobody passes while nobody can be asked: {alone}");
}

fn curl(more: &[&str]) -> String {
    let mut command = Command::new("curl");
    command.args(["--silent", "--include", "--max-time", "20"]).args(more);
    String::from_utf8(command.output().expect("curl").stdout).unwrap()
}

/// The block of the guide with other names, ports and no TLS, and nothing else changed.
fn adapted(language: &str, changes: &[(&str, String)]) -> String {
    let mut block = block(FORWARD_AUTH, language);
    for (text, instead) in changes {
        assert!(block.contains(text), "{text}");
        block = block.replace(text, instead);
    }
    block
}

fn nginx(stage: &Stage, places: &Places) -> Guard {
    let block = adapted(
        "nginx",
        &[
            ("127.0.0.1:8080", stage.server.http.to_string()),
            ("127.0.0.1:9000", places.behind.to_string()),
            ("listen 443 ssl;\n    server_name otp.example.org;", format!("listen {};", places.pages)),
            ("listen 443 ssl;\n    server_name app.example.org;", format!("listen {};", places.guarded)),
        ],
    );
    let block: String =
        block.lines().filter(|line| !line.contains("ssl_certificate")).map(|line| format!("{line}\n")).collect();
    let folder = stage.place.folder.path();
    let at = folder.display();
    let config = folder.join("nginx.conf");
    let around = format!(
        "daemon off; master_process off; pid {at}/nginx.pid; error_log {at}/nginx.log;\nevents {{}}\nhttp {{ access_log off; \
         client_body_temp_path {at}/b; proxy_temp_path {at}/p; fastcgi_temp_path {at}/f; uwsgi_temp_path {at}/u; \
         scgi_temp_path {at}/s;\n{block}}}\n"
    );
    std::fs::write(&config, around).unwrap();
    let mut command = Command::new(program("nginx"));
    command.arg("-c").arg(&config).arg("-p").arg(folder).arg("-e").arg(folder.join("nginx.log"));
    Guard(command.stdin(Stdio::null()).spawn().unwrap())
}

fn caddy(stage: &Stage, places: &Places) -> Guard {
    let block = adapted(
        "caddy",
        &[
            ("127.0.0.1:8080", stage.server.http.to_string()),
            ("127.0.0.1:9000", places.behind.to_string()),
            ("\napp.example.org {", format!("\nhttp://localhost:{} {{", places.guarded.port())),
            ("otp.example.org {", format!("http://127.0.0.1:{} {{", places.pages.port())),
        ],
    );
    let folder = stage.place.folder.path();
    let config = folder.join("Caddyfile");
    std::fs::write(&config, format!("{{\n\tadmin off\n\tdefault_bind 127.0.0.1\n}}\n{block}\n")).unwrap();
    let mut command = Command::new(program("caddy"));
    command.args(["run", "--adapter", "caddyfile", "--config"]).arg(&config);
    command.env("HOME", folder).env("XDG_DATA_HOME", folder).env("XDG_CONFIG_HOME", folder);
    Guard(command.stdin(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
}

/// Where Debian puts it; the path of a service is not always that of the tests.
fn program(name: &str) -> String {
    let found = ["/usr/sbin", "/usr/bin"].map(|folder| format!("{folder}/{name}"));
    let found = found.into_iter().find(|program| Path::new(program).exists());
    found.unwrap_or_else(|| panic!("this test needs {name}: apt-get install {name}"))
}
