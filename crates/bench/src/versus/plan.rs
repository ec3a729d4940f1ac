//! Which loads a run puts on the products, in which order.

use super::Options;
use super::caller::First;

/// What callers do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Scenario {
    /// Triggered by API, mail, answer, over kept connections.
    Login,
    /// The same with a new connection for each request, as most plugins do.
    LoginNew,
    /// The first step alone, triggered by API.
    Trigger,
    /// The second step alone.
    Answer,
    /// The first step alone, with the PIN.
    Pin,
}

/// One load; every product gets it in turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Work {
    pub(crate) callers: usize,
    pub(crate) kind: Kind,
}

/// What is driven and reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Logins {
        is_kept: bool,
    },
    /// First steps and answers in turns.
    Steps(First),
}

/// The loads for one number of users.
pub(crate) fn works(options: &Options, users: usize) -> Vec<Work> {
    let is_first = options.every || options.users.first() == Some(&users);
    let middle = options.callers.get(options.callers.len() / 2).copied();
    let mut works = Vec::new();
    for kind in kinds(&options.scenarios) {
        let is_main = kind == Kind::Logins { is_kept: true };
        let takes_all = options.every || (is_first && is_main);
        let callers = options.callers.iter().copied().filter(|callers| takes_all || Some(*callers) == middle);
        if is_first || is_main {
            works.extend(callers.map(|callers| Work { callers, kind }));
        }
    }
    works
}

fn kinds(scenarios: &[Scenario]) -> Vec<Kind> {
    let mut kinds = Vec::new();
    for scenario in scenarios {
        let kind = match scenario {
            Scenario::Login => Kind::Logins { is_kept: true },
            Scenario::LoginNew => Kind::Logins { is_kept: false },
            Scenario::Trigger | Scenario::Answer => Kind::Steps(First::Trigger),
            Scenario::Pin => Kind::Steps(First::Pin),
        };
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }

    fn count(line: &[&str], users: usize) -> usize {
        works(&Line::parse_from([&["bench"], line].concat()).options, users).len()
    }

    #[test]
    fn the_first_number_of_users_gets_all_scenarios_and_the_others_whole_logins() {
        assert_eq!(count(&[], 1000), 6);
        assert_eq!(count(&[], 100_000), 1);
        assert_eq!(count(&["--scenarios", "pin"], 100_000), 0);
        assert_eq!(count(&["--every"], 100_000), 12);
    }

    #[test]
    fn triggers_and_answers_are_measured_together() {
        assert_eq!(count(&["--scenarios", "trigger,answer"], 1000), 1);
    }
}
