//! Mails to Postfix's `smtp-sink`: written, built and handed over as the server does it.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use domain::address::MailAddress;
use domain::secret::Secret;
use otpost::mail::message::{self, Mail, Sender};
use otpost::mail::pool::RelayPool;
use otpost::mail::relay::{Relay, Security};
use otpost::mail::smtp::Envelope;
use tokio::task::JoinSet;

use crate::meter::{self, now};

/// How hard to drive the relay.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Senders at once; they share at most eight connections.
    #[arg(long, value_delimiter = ',', default_value = "1,8,64")]
    senders: Vec<usize>,
    /// Seconds for each row.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// The sink, from Debian's package postfix.
    #[arg(long, default_value = "/usr/sbin/smtp-sink")]
    sink: String,
}

/// Prints a row per number of senders.
pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let (_sink, address) = Sink::start(&options.sink)?;
    println!("| senders | mails/s | CPU us/mail |");
    println!("| --- | --- | --- |");
    for senders in &options.senders {
        let relay = Relay {
            port: address.port(),
            security: Security::Plaintext,
            ..Relay::new("sink", address.ip().to_string())
        };
        let pool = Arc::new(RelayPool::new(vec![relay]));
        let until = now() + Duration::from_secs(options.seconds);
        let (cpu, started) = (meter::processor_time(), now());
        let mut running = JoinSet::new();
        for sender in 0..*senders {
            let pool = Arc::clone(&pool);
            running.spawn(async move {
                let mut sent = 0;
                while now() < until {
                    send(&pool, sender, sent).await?;
                    sent += 1;
                }
                anyhow::Ok(sent)
            });
        }
        let mut sent = 0;
        while let Some(count) = running.join_next().await {
            sent += count??;
        }
        let cpu = meter::micros_each(meter::processor_time().saturating_sub(cpu), sent);
        println!("| {senders} | {} | {cpu} |", meter::rate(sent, started.elapsed()));
    }
    Ok(())
}

async fn send(pool: &RelayPool, sender: usize, number: usize) -> anyhow::Result<()> {
    let from = Sender { address: MailAddress::parse("otpost@bench.example")?, name: None };
    let to = MailAddress::parse("somebody@bench.example")?;
    let message = message::build(&Mail {
        from: &from,
        to: &to,
        subject: "Your sign-in code",
        text: "Your sign-in code is\n\n123456\n\nIt is valid for 120 seconds and can be used once.\n",
        code: Some(&Secret::new("123456")),
        bound_host: None,
        message_id: &format!("{sender}.{number}@bench.example"),
        date_ms: 1_800_000_000_000,
        banner: None,
    })?;
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    pool.send(&Envelope { from: from.address.as_str(), to: &to }, &message, deadline).await?;
    Ok(())
}

/// A running `smtp-sink`; it ends with this value.
struct Sink(Child);

impl Sink {
    fn start(program: &str) -> anyhow::Result<(Self, SocketAddr)> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let child = Command::new(program)
            .args(["-u", "nobody", &address.to_string(), "200"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("{program}: install Debian's package postfix"))?;
        let sink = Self(child);
        for _ in 0..500 {
            if TcpStream::connect(address).is_ok() {
                return Ok((sink, address));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        anyhow::bail!("{program} does not come up at {address}; it needs root for -u nobody")
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
