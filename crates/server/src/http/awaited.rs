//! A body of which one can tell whether somebody waits for more of it: then it is its sender who is slow, not we.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::extract::Request;
use hyper::body::{Body as HttpBody, Frame, SizeHint};

/// Whether more of a body is waited for.
#[derive(Debug, Clone, Default)]
pub(super) struct Wait(Arc<AtomicBool>);

struct Awaited {
    body: Body,
    wait: Wait,
}

impl Wait {
    /// The request, with its body watched.
    pub(super) fn on(&self, request: Request) -> Request {
        request.map(|body| Body::new(Awaited { body, wait: self.clone() }))
    }

    /// Whether somebody asked for more last, and has not got it.
    pub(super) fn is_on(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl HttpBody for Awaited {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        self.wait.0.store(polled.is_pending(), Ordering::Relaxed);
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
