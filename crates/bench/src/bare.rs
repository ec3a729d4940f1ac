//! A bare `hyper` endpoint that answers every request with the same few bytes: the ceiling of any HTTP server here.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use private_home::port;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::client::Client;
use crate::meter::{self, now};
use crate::process::{Process, mortal, processor_time};

/// Where to listen.
#[derive(clap::Args)]
pub(crate) struct Options {
    #[arg(long)]
    listen: SocketAddr,
}

/// Answers until the process is ended.
#[expect(clippy::disallowed_methods, reason = "a load driver has no shutdown to track tasks for")]
pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let listener = TcpListener::bind(options.listen).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer)));
    }
}

async fn answer(_: Request<hyper::body::Incoming>) -> Result<Response<String>, Infallible> {
    Ok(Response::new(ANSWER.to_owned()))
}

/// Requests in a second and the endpoint's processor time for each, in a process of its own.
pub(crate) async fn ceiling(callers: usize, is_kept: bool, seconds: u64) -> anyhow::Result<(u64, String)> {
    let address = port::keep()?;
    let mut command = mortal(std::env::current_exe()?);
    let process = Process::start(command.args(["bare", "--listen", &address.to_string()]).stdout(Stdio::null()))?;
    let started = now();
    while std::net::TcpStream::connect(address).is_err() {
        anyhow::ensure!(started.elapsed() < Duration::from_secs(10), "the bare endpoint does not come up");
        std::thread::sleep(Duration::from_millis(5));
    }
    let (before, started) = (processor_time(process.id()), now());
    let until = started + Duration::from_secs(seconds);
    let mut running = JoinSet::new();
    for _ in 0..callers {
        let mut client = Client::new(address, is_kept);
        running.spawn(async move {
            let mut requests = 0_usize;
            while now() < until {
                let body = client.post("/validate/check", "user=u1&pass=123456").await?;
                anyhow::ensure!(body == ANSWER, "another answer: {body}");
                requests += 1;
            }
            anyhow::Ok(requests)
        });
    }
    let mut requests = 0;
    while let Some(done) = running.join_next().await {
        requests += done?.context("the bare endpoint")?;
    }
    let spent = processor_time(process.id()).saturating_sub(before);
    Ok((meter::rate(requests, started.elapsed()), meter::micros_each(spent, requests)))
}

const ANSWER: &str = r#"{"result": {"status": true, "value": true, "authentication": "ACCEPT"}}"#;
