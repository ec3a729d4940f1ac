//! A wave: commands of one transaction of which no two touch the same account.
//!
//! Two exchanges with the server, however many commands: lock the accounts and judge; then decide here and write.
//! One more in between where an account is new, and where somebody who asks for a code may have one.

use domain::subject::Subject;
use std::collections::BTreeSet;

use futures_util::future::{try_join, try_join4};

use super::fault::Fault;
use super::ledgers::Ledgers;
use super::session::Session;
use super::writes::Writes;
use super::{begin, first_steps, judge, resend};
use crate::store::StoreError;
use crate::store::command::{Begin, Begun, Event, FailFirstFactor, Judge, Judged, MailDone, Resend, Resent};
use crate::store::job::{Job, PinCharge, Reply};

/// A command, its answer once there is one, and where that goes.
pub(super) struct Pending<C, A> {
    pub(super) command: C,
    pub(super) answer: Option<A>,
    reply: Reply<A>,
}

macro_rules! wave {
    ($($kind:ident: $job:ident($command:ty) -> $answer:ty,)+) => {
        /// Commands that do not touch each other's accounts, by kind.
        #[derive(Default)]
        pub(super) struct Wave {
            accounts: BTreeSet<[u8; 16]>,
            $($kind: Vec<Pending<$command, $answer>>,)+
        }

        impl Wave {
            /// Takes the command in, or hands it back: its account is in the wave already, or it is
            /// none of these kinds.
            #[expect(clippy::result_large_err, reason = "handing back is rare, and boxing would cost whenever it is not")]
            pub(super) fn take(&mut self, job: Job) -> Result<(), Job> {
                if let Some(subject) = account_of(&job)
                    && !self.accounts.insert(*subject.as_bytes())
                {
                    return Err(job);
                }
                match job {
                    $(Job::$job { command, reply } => self.$kind.push(Pending { command, answer: None, reply }),)+
                    other => return Err(other),
                }
                Ok(())
            }

            /// Answers everybody, after the commit.
            pub(super) fn answer(self) {
                $(self.$kind.into_iter().for_each(Pending::answer);)+
            }

            /// The commands as they came, to be told apart or refused.
            pub(super) fn into_jobs(self) -> Vec<Job> {
                let mut jobs = Vec::new();
                $(jobs.extend(self.$kind.into_iter().map(|Pending { command, reply, .. }| Job::$job { command, reply }));)+
                jobs
            }
        }
    };
}

wave! {
    begins: Begin(Begin) -> Begun,
    judges: Judge(Judge) -> Judged,
    resends: Resend(Resend) -> Resent,
    charges: ChargePin(PinCharge) -> bool,
    refunds: RefundPin(PinCharge) -> (),
    failures: FailFirstFactor(FailFirstFactor) -> (),
    mails: MailDone(MailDone) -> (),
    events: Record(Event) -> (),
}

impl Wave {
    /// Runs the commands inside the open transaction, and `after` behind the last write.
    pub(super) async fn run(
        &mut self,
        session: &Session,
        trusts_server_time: bool,
        before: &str,
        after: &str,
    ) -> Result<(), Fault> {
        let ((), mut ledgers, compared, first_steps) = try_join4(
            session.command(before),
            Ledgers::lock(session, &self.accounts),
            judge::compare(session, &self.judges, trusts_server_time),
            first_steps::read(session, &self.begins),
        )
        .await?;
        let open = begin::read_open(session, &self.begins, &ledgers).await?;
        let mut writes = Writes::default();
        judge::conclude(session, &mut self.judges, compared, &mut ledgers, &mut writes).await?;
        begin::decide(&mut self.begins, open, first_steps, &mut ledgers, &mut writes)?;
        resend::decide(session, &mut self.resends, &mut ledgers, &mut writes).await?;
        self.settle_pins(&mut ledgers)?;
        self.note_the_rest(&mut writes);
        try_join(writes.write(session, &ledgers), session.command(after)).await.map(drop)
    }

    fn settle_pins(&mut self, ledgers: &mut Ledgers) -> Result<(), Fault> {
        for charge in &mut self.charges {
            let PinCharge { subject, budget, now } = charge.command;
            charge.answer = Some(ledgers.change(subject)?.ledger.charge_pin(budget, now));
        }
        for refund in &mut self.refunds {
            ledgers.change(refund.command.subject)?.ledger.refund_pin(refund.command.budget);
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
