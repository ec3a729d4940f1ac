//! A command on its way to an engine, and where its answer goes.

use domain::budget::Budget;
use domain::subject::Subject;
use domain::time::Timestamp;
use tokio::sync::oneshot;

use super::StoreError;
use super::command::{
    Begin, Begun, Change, ClaimMails, Event, FailFirstFactor, Judge, Judged, MailDone, MailJob, Resend, Resent,
};
use super::sql::Statement;

pub(super) type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// A command and where its answer goes.
pub(super) enum Job {
    Begin { command: Begin, reply: Reply<Begun> },
    Change { command: Change, reply: Reply<()> },
    ChargePin { command: PinCharge, reply: Reply<bool> },
    ClaimMails { command: ClaimMails, reply: Reply<Vec<MailJob>> },
    FailFirstFactor { command: FailFirstFactor, reply: Reply<()> },
    Judge { command: Judge, reply: Reply<Judged> },
    Keep { command: Change, reply: Reply<()> },
    MailDone { command: MailDone, reply: Reply<()> },
    Mark { command: Statement, reply: Reply<()> },
    Purge { command: Timestamp, reply: Reply<usize> },
    Record { command: Event, reply: Reply<()> },
    RefundPin { command: PinCharge, reply: Reply<()> },
    Resend { command: Resend, reply: Reply<Resent> },
}

/// One charge for a PIN: taken before it is compared, or given back.
#[derive(Debug, Clone, Copy)]
pub(super) struct PinCharge {
    pub(super) subject: Subject,
    pub(super) budget: Budget,
    pub(super) now: Timestamp,
}

macro_rules! each_reply {
    ($job:expr, $reply:ident => $work:expr) => {
        match $job {
            Job::Begin { reply: $reply, .. } => $work,
            Job::Change { reply: $reply, .. } => $work,
            Job::ChargePin { reply: $reply, .. } => $work,
            Job::ClaimMails { reply: $reply, .. } => $work,
            Job::FailFirstFactor { reply: $reply, .. } => $work,
            Job::Judge { reply: $reply, .. } => $work,
            Job::Keep { reply: $reply, .. } => $work,
            Job::MailDone { reply: $reply, .. } => $work,
            Job::Mark { reply: $reply, .. } => $work,
            Job::Purge { reply: $reply, .. } => $work,
            Job::Record { reply: $reply, .. } => $work,
            Job::RefundPin { reply: $reply, .. } => $work,
            Job::Resend { reply: $reply, .. } => $work,
        }
    };
}

impl Job {
    /// Whether the caller has gone away.
    pub(super) fn is_abandoned(&self) -> bool {
        each_reply!(self, reply => reply.is_closed())
    }

    /// Says that it was not done.
    pub(super) fn refuse(self, error: StoreError) {
        each_reply!(self, reply => drop(reply.send(Err(error))));
    }
}
