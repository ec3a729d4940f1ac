//! Random histories, told to the store and to the rules of the domain: both must answer the same.

use std::fmt::Debug;
use std::time::Duration;

use domain::budget::{Budget, DAILY_MAIL_BUDGET, MAIL_BUDGET};
use domain::challenge::{Challenge, ChallengeId, FirstStep, Judgement, State};
use domain::code::Code;
use domain::time::Timestamp;
use domain::verdict::Refusal;
use otpost::store::command::{Begin, Begun, Judged};

use super::desk::{Ask, Chance, Desk, Engine, T0, ann, at_once, code_of_part, fresh, leaving, not, serial_of, subject};

/// Histories, each about an account of its own, and steps in each.
const HISTORIES: u64 = 400;
const STEPS: usize = 60;

/// One account as the domain sees it.
struct Specification {
    challenges: Vec<(Challenge, Code)>,
    budget: Budget,
    guess_at: Timestamp,
    mail_at: Timestamp,
    mail_day_at: Timestamp,
}

/// What a step comes to, in either telling.
#[derive(Debug, PartialEq)]
enum Answer {
    Opened { id: ChallengeId, mails: usize },
    Accepted,
    Refused(Refusal),
}

impl Specification {
    fn begin(&mut self, command: &Begin, ask: &Ask) -> Answer {
        let open = self.challenges.iter_mut().filter(|(challenge, _)| challenge.state == State::Open);
        let newest = open.max_by(|(a, _), (b, _)| a.id.cmp(&b.id)).map(|(challenge, _)| challenge);
        let step = match newest.as_deref() {
            Some(open) if open.is_real == ask.is_real => Some(open.on_first_step(ask.now)),
            Some(_) => Some(FirstStep::Replace),
            None => None,
        };
        let may_stay =
            newest.as_deref().filter(|open| !ask.is_concurrent && open.is_real == ask.is_real && open.is_open(ask.now));
        let may_stay = may_stay.map(|open| open.id.clone());
        let step = step.filter(|_| !ask.is_concurrent);
        if let (Some(FirstStep::Continue { mail_again }), Some(open)) = (&step, newest) {
            let id = open.id.clone();
            let charged = *mail_again && Self::charge_mail(&mut self.mail_at, &mut self.mail_day_at, ask.now);
            if charged {
                open.sends += 1;
                open.last_sent_at = ask.now;
            }
            return Answer::Opened { id, mails: usize::from(charged && ask.is_real) };
        }
        let is_mailed = Self::charge_mail(&mut self.mail_at, &mut self.mail_day_at, ask.now);
        if let (false, Some(id)) = (is_mailed, may_stay) {
            return Answer::Opened { id, mails: 0 };
        }
        if step == Some(FirstStep::Replace) {
            for (challenge, _) in self.challenges.iter_mut().filter(|(challenge, _)| challenge.state == State::Open) {
                challenge.state = State::Superseded;
            }
        }
        let opened = Challenge {
            id: command.id.clone(),
            state: State::Open,
            is_real: ask.is_real,
            tries: 0,
            sends: 1,
            issued_at: ask.now,
            expires_at: ask.now + ask.lifetime,
            last_sent_at: ask.now,
        };
        self.challenges.push((opened, code_of_part(command, 0)));
        Answer::Opened { id: command.id.clone(), mails: usize::from(ask.is_real && is_mailed) }
    }

    fn charge_mail(mail_at: &mut Timestamp, mail_day_at: &mut Timestamp, now: Timestamp) -> bool {
        let next = MAIL_BUDGET.charge(*mail_at, now).zip(DAILY_MAIL_BUDGET.charge(*mail_day_at, now));
        if let Some((next, next_day)) = next {
            (*mail_at, *mail_day_at) = (next, next_day);
        }
        next.is_some()
    }

    fn judge(&mut self, at: usize, typed: &Code, now: Timestamp) -> Answer {
        let Some(charged) = self.budget.charge(self.guess_at, now) else {
            return Answer::Refused(Refusal::GuessBudgetSpent);
        };
        let (challenge, code) = &mut self.challenges[at];
        match challenge.judge(typed == code, now) {
            Judgement::Accepted => {
                self.guess_at = self.budget.refund(charged);
                self.mail_at = MAIL_BUDGET.refund(self.mail_at);
                self.mail_day_at = DAILY_MAIL_BUDGET.refund(self.mail_day_at);
                Answer::Accepted
            }
            Judgement::Burned | Judgement::Missed => {
                self.guess_at = charged;
                Answer::Refused(Refusal::WrongCode)
            }
            Judgement::NotOpen => {
                self.guess_at = self.budget.refund(charged);
                Answer::Refused(Refusal::ChallengeClosed)
            }
        }
    }
}

/// Tells one history to both and holds the store to the specification after every step.
async fn tell(desk: Desk, seed: u64) {
    let chance = Chance::new(seed + 1_000);
    let digits = [4, 6, 8][usize::try_from(chance.below(3)).expect("small")];
    let account = Ask { subject: subject(seed), digits, ..ann() };
    let mut specification = Specification {
        challenges: Vec::new(),
        budget: account.budget(),
        guess_at: Timestamp::default(),
        mail_at: Timestamp::default(),
        mail_day_at: Timestamp::default(),
    };
    let mut now = T0;
    let mut told: Vec<Box<dyn Debug + Send>> = Vec::new();
    for _ in 0..STEPS {
        now = next_instant(&chance, now);
        let mut ask = account.at(now);
        let open = specification.challenges.len();
        let (expected, answered): (Answer, Answer) = if open == 0 || chance.below(4) == 0 {
            ask.is_real = chance.below(8) > 0;
            ask.is_concurrent = chance.below(3) == 0;
            ask.lifetime = Duration::from_secs(30 + chance.below(211));
            let command = desk.begin(&ask);
            let expected = specification.begin(&command, &ask);
            (expected, of_begun(desk.store.begin(command).await.expect("answered")))
        } else {
            let at = open - 1 - usize::try_from(chance.below(3)).expect("small").min(open - 1);
            let (challenge, code) = &specification.challenges[at];
            let typed = if chance.below(3) == 0 { code.clone() } else { not(code) };
            let judge = desk.judge(&ask, &challenge.id, &typed);
            let expected = specification.judge(at, &typed, now);
            (expected, of_judged(desk.store.judge(judge).await.expect("answered")))
        };
        assert_eq!(answered, expected, "history {seed}, at {now}, after {told:#?}");
        told.push(Box::new((now, answered)));
        for (challenge, _) in &specification.challenges {
            let row = &desk.store.find_challenge(&challenge.id).await.expect("readable")[0];
            let found = (row.state, row.tries, row.sends, row.last_sent_at);
            let meant = (challenge.state, challenge.tries.into(), challenge.sends.into(), challenge.last_sent_at);
            assert_eq!(found, meant, "history {seed}, challenge {}, after {told:#?}", challenge.id);
        }
    }
}

/// Mostly a little later, sometimes hours, now and then back: a clock may be set.
fn next_instant(chance: &Chance, now: Timestamp) -> Timestamp {
    match chance.below(20) {
        0 => now - Duration::from_millis(chance.below(200_000)),
        1 => now + Duration::from_secs(chance.below(40_000)),
        2..=5 => now,
        6 => now + Duration::from_secs(30),
        7 => now + Duration::from_secs(60),
        _ => now + Duration::from_millis(chance.below(40_000)),
    }
}

fn of_begun(begun: Begun) -> Answer {
    match begun {
        Begun::Open { id, mails, .. } => Answer::Opened { id, mails: leaving(mails).len() },
        Begun::IdTaken | Begun::Refused(_) => panic!("ids are random, and nothing is named"),
    }
}

fn of_judged(judged: Judged) -> Answer {
    match judged {
        Judged::Accepted(serial) => {
            assert_eq!(serial, serial_of("PIEM0001"));
            Answer::Accepted
        }
        Judged::Refused { refusal, .. } => Answer::Refused(refusal),
    }
}

async fn the_store_answers_as_the_rules_do(engine: Engine) {
    let (store, _place) = fresh(engine).await;
    // What costs microseconds in a file costs a round trip on a server.
    let histories = if engine == Engine::Sqlite { HISTORIES } else { HISTORIES / 5 };
    for first in (0..histories).step_by(AT_ONCE) {
        let seeds = first..histories.min(first + AT_ONCE as u64);
        at_once(seeds.map(|seed| tell(Desk::new(store.clone(), seed), seed))).await;
    }
}

/// Histories told at the same time.
const AT_ONCE: usize = 16;

for_each_engine! {
    the_store_answers_as_the_rules_do,
}
