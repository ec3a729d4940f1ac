//! Hears of settings that another node has changed, at once instead of at the next look.

use std::future::poll_fn;
use std::sync::Weak;
use std::time::Duration;

use tokio_postgres::AsyncMessage;

use super::fault::Fault;
use super::server::Server;
use super::{Shared, StoreError};
use crate::telemetry::Chain;

/// Listens until the store is gone. A lost connection is opened again; meanwhile settings are
/// looked at every second all the same.
pub(super) fn spawn(server: Server, shared: Weak<Shared>) {
    super::spawn(async move {
        while shared.strong_count() > 0 {
            if let Err(fault) = listen(&server, &shared).await {
                tracing::debug!(error = %Chain(&fault.into_error()), "not listening for changes of settings");
            }
            tokio::time::sleep(PAUSE).await;
        }
    });
}

async fn listen(server: &Server, shared: &Weak<Shared>) -> Result<(), Fault> {
    let connecting = server.config.connect(server.tls.clone());
    let (client, mut connection) =
        tokio::time::timeout(server.connect_patience(), connecting).await.map_err(|_| Fault::silent())??;
    let listening = client.batch_execute("LISTEN otpost_settings");
    let mut listening = std::pin::pin!(listening);
    let mut is_listening = false;
    loop {
        let message = tokio::select! {
            listens = &mut listening, if !is_listening => {
                listens?;
                is_listening = true;
                continue;
            }
            message = poll_fn(|context| connection.poll_message(context)) => message,
            () = tokio::time::sleep(LOOK_AROUND) => {
                if shared.strong_count() == 0 { return Ok(()) }
                continue;
            }
        };
        match (message, shared.upgrade()) {
            (Some(Ok(AsyncMessage::Notification(_))), Some(shared)) => shared.changed.notify_one(),
            (Some(Ok(_)), Some(_)) => {}
            (Some(Err(error)), _) => return Err(error.into()),
            (None, _) => return Err(Fault::Down(StoreError::unavailable("the connection was closed"))),
            (_, None) => return Ok(()),
        }
    }
}

/// Between two attempts to listen.
const PAUSE: Duration = Duration::from_millis(500);
/// How long a listener outlives its store at most.
const LOOK_AROUND: Duration = Duration::from_secs(2);
