//! What the guide for applications shows, run as it stands there: a Python application that redeems tickets. And
//! the stage that it shares with the proxies.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use otpost::demo::sink::Sink;

use super::peers::Peers;
use super::place::{Guard, Place, Server, free, is_listening, until};
use crate::app::code_in;
use crate::web::browser::drive;

const APPLICATIONS: &str = include_str!("../../../../../docs/integrate/applications.md");

/// A server at a known address, with anna, whose password is `apple pie`.
pub(super) struct Stage {
    pub(super) place: Place,
    pub(super) server: Server,
    sink: Arc<Sink>,
    _peers: Peers,
}

impl Stage {
    pub(super) fn new(public_url: &str, return_to: &str) -> Self {
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
    pub(super) fn mailbox(&self) -> SocketAddr {
        let sink = Arc::clone(&self.sink);
        answering(move |_| {
            let mail = until("a mail", Duration::from_secs(20), || sink.mails().into_iter().next());
            code_in(&mail)
        })
    }
}

/// A tiny site on a port of its own: it answers with what is made of the head of each request.
pub(crate) fn answering(answer: impl Fn(&[String]) -> String + Send + 'static) -> SocketAddr {
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
pub(super) fn block(guide: &str, language: &str) -> String {
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
