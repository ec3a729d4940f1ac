//! A relay that misbehaves on purpose: at each stage of the dialogue it can be told what to do, and
//! it remembers every octet that reached it in clear.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

/// Where in the dialogue a relay can be told to do something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Banner,
    Hello,
    StartTls,
    Auth,
    Mail,
    Rcpt,
    Data,
    Dot,
}

/// What it does there.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Act {
    /// Replies with this line.
    Say(&'static str),
    /// The first time only.
    SayOnce(&'static str),
    /// Replies and hangs up.
    SayAndClose(&'static str),
    /// Replies with this code and a quotation of the message.
    QuoteBody(&'static str),
    /// Cuts the connection with a reset; at the final dot the message is lost.
    Reset,
    /// As `Reset`, but at the final dot the message is kept.
    KeepAndReset,
    /// Never says anything again.
    Silent,
    /// One octet of an endless line every 20 ms.
    Drip,
    /// One line without end.
    LongLine,
    /// 100,000 continuation lines.
    ManyLines,
}

/// How the relay protects its connections.
#[derive(Clone)]
pub(crate) enum Protection {
    Clear,
    Implicit(Arc<ServerConfig>),
    StartTls(Arc<ServerConfig>),
    /// STARTTLS with a line injected behind the 220, in the same packet.
    Injected(Arc<ServerConfig>),
}

/// What the relay saw.
#[derive(Debug, Default, Clone)]
pub(crate) struct Seen {
    /// Everything that came without TLS.
    pub(crate) clear: Vec<u8>,
    /// All command lines, whichever way they came.
    pub(crate) commands: Vec<String>,
    /// The messages it kept, with their dots as on the wire.
    pub(crate) kept: Vec<Vec<u8>>,
    pub(crate) connections: usize,
    /// Octets it could write before the other side hung up on a flood.
    pub(crate) flooded: usize,
}

pub(crate) struct Script {
    pub(crate) protection: Protection,
    pub(crate) pipelining: bool,
    pub(crate) acts: Vec<(Stage, Act)>,
}

pub(crate) struct ScriptedRelay {
    pub(crate) addr: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    _tasks: JoinSet<()>,
}

trait Io: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Io for T {}

impl ScriptedRelay {
    pub(crate) async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let addr = listener.local_addr().expect("bound");
        let (seen, script) = (Arc::<Mutex<Seen>>::default(), Arc::new(script));
        let mut tasks = JoinSet::new();
        let shared = seen.clone();
        tasks.spawn(async move {
            let mut sessions = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                shared.lock().expect("lock").connections += 1;
                let (script, seen) = (script.clone(), shared.clone());
                sessions.spawn(async move { drop(Session::run(stream, &script, &seen).await) });
            }
        });
        Self { addr, seen, _tasks: tasks }
    }

    pub(crate) fn seen(&self) -> Seen {
        self.seen.lock().expect("lock").clone()
    }
}

/// Forwards to `target` and blots out STARTTLS in whatever comes back.
pub(crate) async fn stripping_proxy(target: SocketAddr, tasks: &mut JoinSet<()>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let addr = listener.local_addr().expect("bound");
    tasks.spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(target).await.expect("target");
            let ((mut from_client, mut to_client), (from_server, mut to_server)) =
                (client.into_split(), server.into_split());
            let up = tokio::io::copy(&mut from_client, &mut to_server);
            let down = async {
                let mut lines = BufReader::new(from_server).lines();
                while let Some(line) = lines.next_line().await? {
                    to_client.write_all(format!("{}\r\n", line.replace("STARTTLS", "NOTHINGS")).as_bytes()).await?;
                }
                io::Result::Ok(())
            };
            drop(tokio::join!(up, down));
        }
    });
    addr
}

struct Session<'a> {
    io: BufReader<Box<dyn Io>>,
    is_clear: bool,
    script: &'a Script,
    seen: &'a Mutex<Seen>,
    body: Vec<u8>,
    has_recipient: bool,
}

impl<'a> Session<'a> {
    async fn run(stream: TcpStream, script: &'a Script, seen: &'a Mutex<Seen>) -> io::Result<()> {
        stream.set_nodelay(true)?;
        // A dropped connection with unread input, or with this option, is reset.
        stream.set_zero_linger()?;
        let (io, is_clear): (Box<dyn Io>, bool) = match &script.protection {
            Protection::Implicit(config) => (Box::new(TlsAcceptor::from(config.clone()).accept(stream).await?), false),
            _ => (Box::new(stream), true),
        };
        let mut session =
            Session { io: BufReader::new(io), is_clear, script, seen, body: Vec::new(), has_recipient: false };
        session.act(Stage::Banner, "220 scripted ESMTP").await?;
        loop {
            let line = session.line().await?;
            session.seen.lock().expect("lock").commands.push(line.clone());
            session = session.obey(&line).await?;
        }
    }

    async fn obey(mut self, line: &str) -> io::Result<Self> {
        let verb = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" => {
                let offers = self.offers();
                self.act(Stage::Hello, &offers).await?;
            }
            "STARTTLS" => return self.upgrade().await,
            "AUTH" if line == "AUTH LOGIN" && self.script.acts.is_empty() => {
                for prompt in ["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"] {
                    self.say(prompt).await?;
                    let answer = self.line().await?;
                    self.seen.lock().expect("lock").commands.push(answer);
                }
                self.say("235 2.7.0 welcome").await?;
            }
            "AUTH" => self.act(Stage::Auth, "235 2.7.0 welcome").await?,
            "MAIL" => self.act(Stage::Mail, "250 2.1.0 ok").await?,
            "RCPT" => self.act(Stage::Rcpt, "250 2.1.5 ok").await?,
            "DATA" if !self.has_recipient && self.replied(Stage::Data).is_none() => self.say("554 5.5.1 no").await?,
            "DATA" => {
                self.act(Stage::Data, "354 go on").await?;
                if self.replied(Stage::Data).is_none_or(|reply| reply.starts_with('3')) {
                    self.message().await?;
                }
            }
            "QUIT" => {
                self.say("221 bye").await?;
                return Err(io::ErrorKind::NotConnected.into());
            }
            _ => self.say("250 ok").await?,
        }
        Ok(self)
    }

    fn offers(&self) -> String {
        let mut offers = String::from("250-scripted\r\n");
        if self.script.pipelining {
            offers.push_str("250-PIPELINING\r\n");
        }
        if self.is_clear && matches!(self.script.protection, Protection::StartTls(_) | Protection::Injected(_)) {
            offers.push_str("250-STARTTLS\r\n");
        }
        offers.push_str("250-AUTH LOGIN PLAIN XOAUTH2\r\n250 ENHANCEDSTATUSCODES");
        offers
    }

    async fn upgrade(mut self) -> io::Result<Self> {
        let (config, reply) = match &self.script.protection {
            Protection::StartTls(config) => (config.clone(), "220 go ahead"),
            Protection::Injected(config) => (config.clone(), "220 go ahead\r\n250 injected"),
            _ => {
                self.say("502 5.5.1 unknown").await?;
                return Ok(self);
            }
        };
        self.act(Stage::StartTls, reply).await?;
        let stream = TlsAcceptor::from(config).accept(self.io.into_inner()).await?;
        Ok(Self { io: BufReader::new(Box::new(stream)), is_clear: false, ..self })
    }

    async fn message(&mut self) -> io::Result<()> {
        self.body.clear();
        while !self.body.ends_with(b"\r\n.\r\n") {
            let line = self.line().await?;
            self.body.extend_from_slice(line.as_bytes());
            self.body.extend_from_slice(b"\r\n");
        }
        let found = self.script.acts.iter().find(|(stage, _)| *stage == Stage::Dot).map(|(_, act)| *act);
        if matches!(found, None | Some(Act::KeepAndReset | Act::SayAndClose("250 2.0.0 kept"))) {
            self.seen.lock().expect("lock").kept.push(self.body.clone());
        }
        self.act(Stage::Dot, "250 2.0.0 kept").await
    }

    /// The scripted reply of a stage, where it has one.
    fn replied(&self, stage: Stage) -> Option<&'static str> {
        self.script.acts.iter().find(|(at, _)| *at == stage).and_then(|(_, act)| match act {
            Act::Say(reply) | Act::SayAndClose(reply) => Some(*reply),
            _ => None,
        })
    }

    async fn act(&mut self, stage: Stage, usual: &str) -> io::Result<()> {
        let cut = || io::Error::from(io::ErrorKind::ConnectionReset);
        match self.script.acts.iter().find(|(at, _)| *at == stage).map(|(_, act)| *act) {
            None => self.say(usual).await,
            Some(Act::Say(reply)) => self.say(reply).await,
            Some(Act::SayOnce(reply)) => {
                let marker = format!("said {stage:?}");
                let first = !self.seen.lock().expect("lock").commands.contains(&marker);
                self.seen.lock().expect("lock").commands.push(marker);
                self.say(if first { reply } else { usual }).await
            }
            Some(Act::SayAndClose(reply)) => {
                self.say(reply).await?;
                self.io.get_mut().shutdown().await?;
                tokio::time::sleep(Duration::from_millis(100)).await;
                Err(cut())
            }
            Some(Act::QuoteBody(code)) => {
                let quoted = str::from_utf8(&self.body).expect("ASCII").replace("\r\n", " ");
                self.say(&format!("{code} refused: {}", quoted.chars().take(1800).collect::<String>())).await
            }
            Some(Act::Reset | Act::KeepAndReset) => Err(cut()),
            Some(Act::Silent) => std::future::pending().await,
            Some(Act::Drip) => self.flood(b"2", Duration::from_millis(20), 1000).await,
            Some(Act::LongLine) => self.flood(&[b'2'; 4096], Duration::ZERO, 1 << 14).await,
            Some(Act::ManyLines) => self.flood(b"250-more\r\n", Duration::ZERO, 100_000).await,
        }
    }

    async fn flood(&mut self, piece: &[u8], pause: Duration, times: usize) -> io::Result<()> {
        for _ in 0..times {
            self.io.get_mut().write_all(piece).await?;
            self.io.get_mut().flush().await?;
            self.seen.lock().expect("lock").flooded += piece.len();
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
        }
        Ok(())
    }

    async fn say(&mut self, reply: &str) -> io::Result<()> {
        self.has_recipient = reply.starts_with("250 2.1.5") || (self.has_recipient && reply.starts_with('2'));
        self.io.get_mut().write_all(format!("{reply}\r\n").as_bytes()).await?;
        self.io.get_mut().flush().await
    }

    async fn line(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        if self.io.read_until(b'\n', &mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if self.is_clear {
            self.seen.lock().expect("lock").clear.extend_from_slice(&line);
        }
        let text = String::from_utf8(line).expect("commands and bodies are ASCII here");
        Ok(text.strip_suffix("\r\n").expect("only CRLF on the wire").to_owned())
    }
}
