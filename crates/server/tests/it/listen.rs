//! What a listener bears from those who mean it no good.

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use otpost::config::{Config, Source};
use otpost::http::listen::{self, Bounds};
use otpost::stop;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_and_does_not_read_holds_no_connection_and_no_stop() {
    // More than any socket buffers by itself.
    let router = || Router::new().route("/", get(async || "x".repeat(64 << 20)));
    for (patience, ends) in [(Duration::from_millis(300), true), (Duration::from_hours(1), false)] {
        let config = Config::load(Source::Nowhere, std::iter::empty()).unwrap();
        let bounds = Bounds { patience, ..Bounds::of(&config) };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut peer = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stopper, stop) = stop::channel();
        let mut serving = JoinSet::new();
        serving.spawn(listen::serve(listener, None, router(), bounds, stop));
        peer.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        peer.read_exact(&mut [0; 12]).await.unwrap();
        stopper.stop();
        let patience_of_ours = if ends { Duration::from_secs(10) } else { Duration::from_secs(1) };
        assert_eq!(timeout(patience_of_ours, serving.join_next()).await.is_ok(), ends, "{patience:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_on_reading_gets_the_whole_answer() {
    let config = Config::load(Source::Nowhere, std::iter::empty()).unwrap();
    let bounds = Bounds { patience: Duration::from_secs(2), ..Bounds::of(&config) };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut peer = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (_stopper, stop) = stop::channel();
    let mut serving = JoinSet::new();
    let router = Router::new().route("/", get(async || "x".repeat(16 << 20)));
    serving.spawn(listen::serve(listener, None, router, bounds, stop));
    peer.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    timeout(Duration::from_secs(30), peer.read_to_end(&mut answer)).await.unwrap().unwrap();
    assert!(answer.len() > 16 << 20);
}
