//! Callers at once on one product for some seconds.

use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::task::JoinSet;

use super::caller::{Caller, First};
use super::sample::{Sample, Watch};
use super::target::Target;
use crate::meter::now;
use crate::smtp_sink::Codes;

/// How hard to drive a product.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) callers: usize,
    /// Whether connections are used again.
    pub(crate) is_kept: bool,
    pub(crate) users: usize,
    pub(crate) lasting: Duration,
}

#[derive(Clone, Copy)]
enum Phase {
    SignIn(First, Instant),
    Open(First, Instant),
    Answer,
}

impl Load {
    /// Whole sign-ins: first step, mail, answer.
    pub(crate) async fn sign_ins(&self, target: &Target, codes: &Codes, first: First) -> anyhow::Result<Sample> {
        let callers = self.callers(target, codes);
        let (_, sample) = run(target, codes, callers, Phase::SignIn(first, now() + self.lasting)).await?;
        Ok(sample)
    }

    /// First steps and answers apart. All users are opened, then all are answered, as often as fits:
    /// a product may refuse to mail a user again and again who never answers.
    pub(crate) async fn steps(&self, target: &Target, codes: &Codes, first: First) -> anyhow::Result<(Sample, Sample)> {
        let (mut opened, mut answered) = (Sample::default(), Sample::default());
        let mut callers = self.callers(target, codes);
        while opened.elapsed < self.lasting {
            let until = now() + self.lasting.saturating_sub(opened.elapsed);
            let (ready, sample) = run(target, codes, callers, Phase::Open(first, until)).await?;
            opened += sample;
            let (done, sample) = run(target, codes, ready, Phase::Answer).await?;
            answered += sample;
            callers = done;
        }
        Ok((opened, answered))
    }

    /// Fails unless the product refuses a wrong code.
    pub(crate) async fn check_refusal(&self, target: &Target, codes: &Codes) -> anyhow::Result<()> {
        Caller::new(target, codes, self, 0).check_refusal().await.context(target.label.clone())
    }

    fn callers(&self, target: &Target, codes: &Codes) -> Vec<Caller> {
        (0..self.callers).map(|number| Caller::new(target, codes, self, number)).collect()
    }
}

/// Lets all callers do the same at once; over when the last one is done.
async fn run(
    target: &Target,
    codes: &Codes,
    callers: Vec<Caller>,
    phase: Phase,
) -> anyhow::Result<(Vec<Caller>, Sample)> {
    let watch = Watch::start(target, codes);
    let mut running = JoinSet::new();
    for mut caller in callers {
        running.spawn(async move {
            match phase {
                Phase::SignIn(first, until) => caller.sign_in(first, until).await,
                Phase::Open(first, until) => caller.open_all(first, until).await,
                Phase::Answer => caller.answer_all().await,
            }
            caller
        });
    }
    let (mut callers, mut noted) = (Vec::new(), Sample::default());
    while let Some(caller) = running.join_next().await {
        let mut caller = caller?;
        noted += std::mem::take(&mut caller.noted);
        callers.push(caller);
    }
    Ok((callers, watch.stop(noted)))
}
