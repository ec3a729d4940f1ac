//! What the guides for applications and proxies show, run as it stands there: a Python application that
//! redeems tickets, and nginx that guards a page.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use otpost::demo::sink::Sink;

use super::peers::Peers;
use super::place::{Guard, Place, Server, free, is_listening, until};
use crate::app::code_in;
use crate::web::browser::drive;

const APPLICATIONS: &str = include_str!("../../../../../docs/integrate/applications.md");
const FORWARD_AUTH: &str = include_str!("../../../../../docs/integrate/forward-auth.md");

/// A server at a known address, with anna, whose password is `apple pie`.
struct Stage {
    place: Place,
    server: Server,
    sink: Arc<Sink>,
    _peers: Peers,
}

impl Stage {
    fn new(public_url: &str, return_to: &str) -> Self {
        let (place, peers) = (Place::ready(), Peers::new());
        let sink = Arc::new(peers.sink(50));
        let drop_ins = place.folder.path().join("conf.d");
        std::fs::create_dir(&drop_ins).unwrap();
        let proxied = format!(
            "[http]\npublic_url = \"{public_url}\"\ntrusted_proxies = [\"127.0.0.1\"]\nforwarded_header = \"x-forwarded-for\"\n"
        );
        std::fs::write(drop_ins.join("proxy.toml"), proxied).unwrap();
        let server = place.serve();
        let admin = server.admin();
        server.relay(&admin, "main", sink.addr());
        place.ok(&["user", "add", "anna", "--email", "anna@example.org"], "");
        place.ok(&["user", "enroll", "anna", "--pin-stdin"], "apple pie\n");
        place.ok(&["theme", "set", "default", "--provider", "E-mail", "--return-to", return_to], "");
        until("the pages", Duration::from_secs(5), || (server.client().get("/").status == 200).then_some(()));
        Self { place, server, sink, _peers: peers }
    }

    /// Tells the browser the newest code: whoever asks this address gets it.
    fn mailbox(&self) -> SocketAddr {
        let sink = Arc::clone(&self.sink);
        answering(move |_| {
            let mail = until("a mail", Duration::from_secs(20), || sink.mails().into_iter().next());
            code_in(&mail)
        })
    }
}

/// A tiny site on a port of its own: it answers with what is made of the head of each request.
fn answering(answer: impl Fn(&[String]) -> String + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            let body = answer(&head);
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            drop(stream.write_all(format!("{head}{body}").as_bytes()));
        }
    });
    address
}

/// The first block of that language in a guide.
fn block(guide: &str, language: &str) -> String {
    let (_, rest) = guide.split_once(&format!("\n```{language}\n")).expect("a block");
    rest.split_once("\n```\n").expect("its end").0.to_owned()
}

#[test]
fn the_application_of_the_guide_signs_its_visitor_in() {
    let home = free();
    let stage = Stage::new("http://127.0.0.1", &format!("http://localhost:{}/", home.port()));
    let key = stage.place.ok(&["api-key", "add", "app", "--scope", "validate:check"], "");
    let program = block(APPLICATIONS, "python").replace("9000", &home.port().to_string());
    let file = stage.place.folder.path().join("app.py");
    std::fs::write(&file, program).unwrap();
    let mut command = Command::new("python3");
    command.arg(&file).arg(format!("http://{}", stage.server.http)).arg(key.trim());
    let _application = Guard(command.stdin(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    until("the application", Duration::from_secs(10), || is_listening(home).then_some(()));
    until("the key to be known", Duration::from_secs(5), || {
        let fields = [("ticket", "x"), ("theme", "default"), ("return_to", "x")];
        stage.server.client().post("/ticket/check", &fields).body.contains("not good here").then_some(())
    });
    let mailbox = stage.mailbox();
    drive("onward.mjs", &format!("http://localhost:{}/", home.port()), &[&format!("http://{mailbox}/"), "Hello anna"]);
}

#[test]
fn nginx_guards_a_page_with_the_configuration_of_the_guide() {
    let (pages, guarded) = (free(), free());
    let site = format!("http://localhost:{}", guarded.port());
    let stage = Stage::new(&format!("http://{pages}"), &format!("{site}/"));
    let page = answering(|head| {
        let named: Vec<_> = head.iter().filter(|line| line.to_lowercase().starts_with("remote-")).cloned().collect();
        format!("{}\n{}\n", head.first().cloned().unwrap_or_default(), named.join("\n"))
    });
    let _nginx = nginx(&stage, (pages, guarded), page);
    let curl = |more: &[&str]| {
        let mut command = Command::new("curl");
        command.args(["--silent", "--include", "--max-time", "20"]).args(more);
        String::from_utf8(command.output().expect("curl").stdout).unwrap()
    };
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
    let mailbox = stage.mailbox();
    let told = "GET /page?x=1 HTTP/1.0 Remote-User: anna Remote-Realm: users";
    drive(
        "onward.mjs",
        &format!("{site}/page?x=1"),
        &[&format!("http://{mailbox}/"), told, &format!("{site}/.otpost/signout")],
    );
    drop(stage.server);
    assert!(curl(&[&format!("{site}/page")]).starts_with("HTTP/1.1 500"), "nobody passes while nobody can be asked");
}

/// nginx with the block of the guide: other names, ports and no TLS, and nothing else changed.
fn nginx(stage: &Stage, (pages, guarded): (SocketAddr, SocketAddr), page: SocketAddr) -> Guard {
    let mut block = block(FORWARD_AUTH, "nginx");
    for (text, instead) in [
        ("127.0.0.1:8080", stage.server.http.to_string()),
        ("http://127.0.0.1:9000", format!("http://{page}")),
        ("listen 443 ssl;\n    server_name otp.example.org;", format!("listen {pages};")),
        ("listen 443 ssl;\n    server_name app.example.org;", format!("listen {guarded};")),
    ] {
        assert!(block.contains(text), "{text}");
        block = block.replace(text, &instead);
    }
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
    let program = ["/usr/sbin/nginx", "/usr/bin/nginx"].into_iter().find(|program| Path::new(program).exists());
    let program = program.expect("this test needs nginx: apt-get install nginx");
    let mut command = Command::new(program);
    command.arg("-c").arg(&config).arg("-p").arg(folder).arg("-e").arg(folder.join("nginx.log"));
    let child = Guard(command.stdin(Stdio::null()).spawn().unwrap());
    until("nginx", Duration::from_secs(10), || (is_listening(pages) && is_listening(guarded)).then_some(()));
    child
}
