//! A wave: commands of one transaction of which no two touch the same account.
//!
//! Two exchanges with the server, however many commands: lock the accounts, judge and read; then
//! decide here and write.

use std::collections::BTreeSet;

use domain::challenge::Subject;
use futures_util::future::{try_join, try_join4};

use super::fault::Fault;
use super::ledgers::Ledgers;
use super::session::Session;
use super::writes::Writes;
use super::{begin, judge, resend};
use crate::store::StoreError;
use crate::store::command::{Begin, Begun, Event, FailFirstFactor, Judge, Judged, MailDone, Resend, Resent};
use crate::store::job::{Job, PinCharge, Reply};

/// A command, its answer once there is one, and where that goes.
pub(super) struct Pending<C, A> {
    pub(super) command: C,
    pub(super) answer: Option<A>,
    reply: Reply<A>,
}

/// Commands that do not touch each other's accounts.
#[derive(Default)]
pub(super) struct Wave {
    accounts: BTreeSet<[u8; 16]>,
    begins: Vec<Pending<Begin, Begun>>,
    judges: Vec<Pending<Judge, Judged>>,
    charges: Vec<Pending<PinCharge, bool>>,
    refunds: Vec<Pending<PinCharge, ()>>,
    failures: Vec<Pending<FailFirstFactor, ()>>,
    mails: Vec<Pending<MailDone, ()>>,
    resends: Vec<Pending<Resend, Resent>>,
    events: Vec<Pending<Event, ()>>,
}

impl Wave {
    /// Takes the command in, or hands it back: its account is in the wave already.
    #[expect(clippy::result_large_err, reason = "handing back is the rare case, and boxing would cost in the other")]
    pub(super) fn take(&mut self, job: Job) -> Result<(), Job> {
        if let Some(subject) = account_of(&job)
            && !self.accounts.insert(*subject.as_bytes())
        {
            return Err(job);
        }
        match job {
            Job::Begin { command, reply } => self.begins.push(Pending::new(command, reply)),
            Job::ChargePin { command, reply } => self.charges.push(Pending::new(command, reply)),
            Job::FailFirstFactor { command, reply } => self.failures.push(Pending::new(command, reply)),
            Job::Judge { command, reply } => self.judges.push(Pending::new(command, reply)),
            Job::MailDone { command, reply } => self.mails.push(Pending::new(command, reply)),
            Job::Record { command, reply } => self.events.push(Pending::new(command, reply)),
            Job::Resend { command, reply } => self.resends.push(Pending::new(command, reply)),
            Job::RefundPin { command, reply } => self.refunds.push(Pending::new(command, reply)),
            other => return Err(other),
        }
        Ok(())
    }

    /// How many commands there are.
    pub(super) fn len(&self) -> usize {
        let on_accounts = self.begins.len() + self.judges.len() + self.charges.len() + self.refunds.len();
        on_accounts + self.resends.len() + self.failures.len() + self.mails.len() + self.events.len()
    }

    /// Runs the commands inside the open transaction, and `after` behind the last write.
    pub(super) async fn run(
        &mut self,
        session: &Session,
        trusts_server_time: bool,
        before: &str,
        after: &str,
    ) -> Result<(), Fault> {
        let subjects: Vec<&[u8]> = self.accounts.iter().map(<[u8; 16]>::as_slice).collect();
        let ((), mut ledgers, compared, open) = try_join4(
            session.command(before),
            Ledgers::lock(session, &subjects),
            judge::compare(session, &self.judges, trusts_server_time),
            begin::read(session, &self.begins),
        )
        .await?;
        let mut writes = Writes::default();
        judge::conclude(session, &mut self.judges, compared, &mut ledgers, &mut writes).await?;
        begin::decide(&mut self.begins, open, &mut ledgers, &mut writes)?;
        resend::decide(session, &mut self.resends, &mut ledgers, &mut writes).await?;
        self.settle_pins(&mut ledgers)?;
        self.note_the_rest(&mut writes);
        let written = try_join(ledgers.write(session), writes.write(session));
        try_join(written, session.command(after)).await.map(drop)
    }

    /// Answers everybody, after the commit.
    pub(super) fn answer(self) {
        self.begins.into_iter().for_each(Pending::answer);
        self.judges.into_iter().for_each(Pending::answer);
        self.charges.into_iter().for_each(Pending::answer);
        self.refunds.into_iter().for_each(Pending::answer);
        self.failures.into_iter().for_each(Pending::answer);
        self.mails.into_iter().for_each(Pending::answer);
        self.events.into_iter().for_each(Pending::answer);
        self.resends.into_iter().for_each(Pending::answer);
    }

    /// The commands as they came, to be told apart or refused.
    pub(super) fn into_jobs(self) -> Vec<Job> {
        let mut jobs = Vec::with_capacity(self.len());
        jobs.extend(self.begins.into_iter().map(|Pending { command, reply, .. }| Job::Begin { command, reply }));
        jobs.extend(self.judges.into_iter().map(|Pending { command, reply, .. }| Job::Judge { command, reply }));
        jobs.extend(self.charges.into_iter().map(|Pending { command, reply, .. }| Job::ChargePin { command, reply }));
        jobs.extend(self.refunds.into_iter().map(|Pending { command, reply, .. }| Job::RefundPin { command, reply }));
        let failures = self.failures.into_iter();
        jobs.extend(failures.map(|Pending { command, reply, .. }| Job::FailFirstFactor { command, reply }));
        jobs.extend(self.mails.into_iter().map(|Pending { command, reply, .. }| Job::MailDone { command, reply }));
        jobs.extend(self.events.into_iter().map(|Pending { command, reply, .. }| Job::Record { command, reply }));
        jobs.extend(self.resends.into_iter().map(|Pending { command, reply, .. }| Job::Resend { command, reply }));
        jobs
    }

    fn settle_pins(&mut self, ledgers: &mut Ledgers) -> Result<(), Fault> {
        for charge in &mut self.charges {
            let PinCharge { subject, budget, now } = charge.command;
            let ledger = ledgers.change(subject)?;
            let charged = budget.charge(ledger.pin_at, now);
            ledger.pin_at = charged.unwrap_or(ledger.pin_at);
            charge.answer = Some(charged.is_some());
        }
        for refund in &mut self.refunds {
            let ledger = ledgers.change(refund.command.subject)?;
            ledger.pin_at = refund.command.budget.refund(ledger.pin_at);
            refund.answer = Some(());
        }
        Ok(())
    }

    fn note_the_rest(&mut self, writes: &mut Writes) {
        for failure in &mut self.failures {
            let command = &failure.command;
            if command.count {
                writes.count_failures(&command.serials, command.clear_failures_after, command.now);
            }
            writes.events.push(command.event.clone());
            failure.answer = Some(());
        }
        for mail in &mut self.mails {
            writes.mail_done(&mail.command);
            mail.answer = Some(());
        }
        for event in &mut self.events {
            writes.events.push(event.command.clone());
            event.answer = Some(());
        }
    }
}

impl<C, A> Pending<C, A> {
    fn new(command: C, reply: Reply<A>) -> Self {
        Self { command, reply, answer: None }
    }

    fn answer(self) {
        let answer = self.answer.ok_or(StoreError::Busy);
        // A caller that has gone away no longer wants the answer; the work is committed.
        drop(self.reply.send(answer));
    }
}

/// The account whose budgets a command changes.
pub(super) fn account_of(job: &Job) -> Option<Subject> {
    match job {
        Job::Begin { command, .. } => Some(command.subject),
        Job::Judge { command, .. } => Some(command.subject),
        Job::Resend { command, .. } => Some(command.subject),
        Job::ChargePin { command, .. } | Job::RefundPin { command, .. } => Some(command.subject),
        _ => None,
    }
}
