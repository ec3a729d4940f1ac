//! One client that signs its own users in. Speaks the protocol of privacyIDEA and checks every answer.

use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde::Deserialize;
use tokio::sync::oneshot::Receiver;
use tokio::time::timeout;

use super::load::Load;
use super::sample::Sample;
use super::target::Target;
use crate::client::Client;
use crate::meter::now;
use crate::smtp_sink::Codes;

/// What proves the first factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum First {
    /// Somebody with the right to trigger vouches for it.
    Trigger,
    /// The user's PIN.
    Pin,
}

/// A caller with its connection, its users, and the challenges it has yet to answer.
pub(crate) struct Caller {
    client: Client,
    authorization: String,
    codes: Codes,
    first_user: usize,
    users: usize,
    next: usize,
    ready: Vec<Ready>,
    /// What it has done since this was last taken.
    pub(crate) noted: Sample,
}

/// A challenge whose mail is on its way.
struct Opened {
    user: usize,
    id: String,
    mail: Receiver<String>,
}

/// A challenge whose mail has come.
struct Ready {
    user: usize,
    id: String,
    mailed: String,
}

impl Caller {
    /// The caller of this number, counted from 0; callers share no users.
    pub(crate) fn new(target: &Target, codes: &Codes, load: &Load, number: usize) -> Self {
        let users = load.users / load.callers;
        Self {
            client: Client::new(target.address, load.is_kept),
            authorization: target.authorization.clone(),
            codes: codes.clone(),
            first_user: number * users,
            users,
            next: 0,
            ready: Vec::new(),
            noted: Sample::default(),
        }
    }

    /// Whole sign-ins, one after the other.
    pub(crate) async fn sign_in(&mut self, first: First, until: Instant) {
        while now() < until {
            let (user, began) = (self.next_user(), now());
            let outcome = self.whole(user, first).await;
            self.note(began, outcome).await;
        }
    }

    /// First steps, each user once at most; over when their mails have come.
    pub(crate) async fn open_all(&mut self, first: First, until: Instant) {
        let mut opened = Vec::new();
        for _ in 0..self.users {
            if now() >= until {
                break;
            }
            let (user, began) = (self.next_user(), now());
            let outcome = self.open(user, first).await.map(|one| opened.push(one));
            self.note(began, outcome).await;
        }
        for opened in opened {
            match opened.ready().await {
                Ok(ready) => self.ready.push(ready),
                Err(error) => self.note(now(), Err(error)).await,
            }
        }
    }

    /// Answers all that was opened.
    pub(crate) async fn answer_all(&mut self) {
        for ready in std::mem::take(&mut self.ready) {
            let began = now();
            let outcome = self.answer(&ready).await;
            self.note(began, outcome).await;
        }
    }

    /// Hands in a wrong code, then the right one. A product that took it, or a driver that did not notice, could win with it.
    pub(crate) async fn check_refusal(&mut self) -> anyhow::Result<()> {
        let user = self.next_user();
        let ready = self.open(user, First::Trigger).await?.ready().await?;
        let other = if ready.mailed == "123456" { "654321" } else { "123456" };
        let wrong = Ready { user, id: ready.id.clone(), mailed: other.to_owned() };
        let result = self.judge(&wrong).await?.result;
        let is_refused = result.value == Some(false) && result.authentication.as_deref() == Some("REJECT");
        ensure!(is_refused, "u{user}: a wrong code was not refused");
        // An open challenge would be continued without another mail; this closes it.
        self.answer(&ready).await
    }

    fn next_user(&mut self) -> usize {
        self.next = (self.next + 1) % self.users;
        self.first_user + self.next
    }

    async fn note(&mut self, began: Instant, outcome: anyhow::Result<()>) {
        let has_failed = outcome.is_err();
        self.noted.note(began, outcome);
        if has_failed {
            // Failing fast must not look like work, nor take the processor from the others.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn whole(&mut self, user: usize, first: First) -> anyhow::Result<()> {
        let ready = self.open(user, first).await?.ready().await?;
        self.answer(&ready).await
    }

    async fn open(&mut self, user: usize, first: First) -> anyhow::Result<Opened> {
        let mail = self.codes.next_to(&format!("u{user}@bench.example"));
        let form = format!("user=u{user}");
        let answer = match first {
            First::Trigger => {
                timeout(PATIENCE, self.client.post_as(&self.authorization, "/validate/triggerchallenge", &form)).await
            }
            First::Pin => timeout(PATIENCE, self.client.post("/validate/check", &format!("{form}&pass=1234"))).await,
        };
        let answer = Answer::parse(answer.context("no answer in time")??)?;
        let detail = answer.detail.unwrap_or_default();
        match (answer.result.authentication.as_deref(), detail.transaction_id) {
            (Some("CHALLENGE"), Some(id)) => Ok(Opened { user, id, mail }),
            (other, _) => bail!("u{user}: {other:?} {:?} instead of a challenge", detail.message),
        }
    }

    async fn answer(&mut self, ready: &Ready) -> anyhow::Result<()> {
        let Answer { result, detail } = self.judge(ready).await?;
        let is_accepted = result.value == Some(true) && result.authentication.as_deref() == Some("ACCEPT");
        let message = detail.unwrap_or_default().message;
        ensure!(is_accepted, "u{}: the right code was refused: {message:?}", ready.user);
        Ok(())
    }

    async fn judge(&mut self, Ready { user, id, mailed }: &Ready) -> anyhow::Result<Answer> {
        let form = format!("user=u{user}&transaction_id={id}&pass={mailed}");
        let answer = timeout(PATIENCE, self.client.post("/validate/check", &form)).await;
        Answer::parse(answer.context("no answer in time")??)
    }
}

impl Opened {
    /// Waits for the mail.
    async fn ready(self) -> anyhow::Result<Ready> {
        let mailed = timeout(PATIENCE, self.mail).await.with_context(|| format!("u{}: no mail in time", self.user))?;
        Ok(Ready { user: self.user, id: self.id, mailed: mailed.context("the mail went to somebody else")? })
    }
}

/// The parts of an answer that clients act on.
#[derive(Deserialize)]
struct Answer {
    result: Outcome,
    detail: Option<Detail>,
}

#[derive(Deserialize)]
struct Outcome {
    authentication: Option<String>,
    /// A number when something was triggered.
    #[serde(default, deserialize_with = "only_bool")]
    value: Option<bool>,
}

#[derive(Default, Deserialize)]
struct Detail {
    transaction_id: Option<String>,
    message: Option<String>,
}

impl Answer {
    fn parse(text: &str) -> anyhow::Result<Self> {
        serde_json::from_str(text).with_context(|| format!("not an answer: {text}"))
    }
}

fn only_bool<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(serde_json::Value::deserialize(deserializer)?.as_bool())
}

/// How long an answer or a mail may take.
const PATIENCE: Duration = Duration::from_mins(1);
