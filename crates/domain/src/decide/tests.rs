//! Every combination against the table as it is written down: a list of rows, of which exactly one
//! must fit.

use super::*;
use crate::provider::UserEnrollment;
use crate::time::Timestamp;

/// One line of the specification. A blank stands for "any"; several words stand for any of them.
struct Line(&'static str, [&'static str; 6], &'static str);

const TABLE: [Line; 14] = [
    Line("R1", ["dir ext", "wrong", "", "", "", ""], "decoy"),
    Line("R2", ["ext", "right", "", "", "", ""], "code to external"),
    Line("R3", ["dir", "right", "", "", "mail", ""], "code to directory"),
    Line("R4", ["dir", "right", "", "", "none", ""], "no address"),
    Line("R5", ["no", "right", "allow before", "", "mail", "forbidden"], "enroll directory"),
    Line("R6", ["no", "right", "allow before", "", "mail", "allowed"], "enroll either"),
    Line("R7", ["no", "right", "allow before", "", "none", "allowed"], "enroll external"),
    Line("R8", ["no", "right", "allow before", "", "none", "forbidden"], "no address"),
    Line("R9", ["no", "right", "past never", "", "", ""], "closed"),
    Line("R10", ["no", "wrong", "", "always", "", ""], "error"),
    Line("R10", ["no", "wrong", "allow before", "if-allowed", "", ""], "error"),
    Line("R11", ["no", "wrong", "", "hide", "", ""], "decoy"),
    Line("R11", ["no", "wrong", "past", "if-allowed", "", ""], "decoy"),
    Line("R11", ["no", "wrong", "never", "if-allowed", "", ""], "decoy"),
];

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn word(course: Course) -> &'static str {
    match course {
        Course::CodeToDirectory => "code to directory",
        Course::CodeToExternal => "code to external",
        Course::Decoy => "decoy",
        Course::Enroll(Choice::Directory) => "enroll directory",
        Course::Enroll(Choice::Either) => "enroll either",
        Course::Enroll(Choice::External) => "enroll external",
        Course::EnrollmentClosed => "closed",
        Course::NoAddress => "no address",
        Course::WrongCredentials => "error",
    }
}

fn all() -> Vec<([&'static str; 6], Situation)> {
    let moment = |offset: i64| UserEnrollment::AllowUntil(Timestamp::from_millis(NOW.millis() + offset));
    let mut combinations = Vec::new();
    for (e, enrolled) in [("dir", Enrolled::Directory), ("ext", Enrolled::External), ("no", Enrolled::No)] {
        for (p, password) in [("right", Password::Right), ("wrong", Password::Wrong)] {
            for (w, mode) in [
                ("allow", UserEnrollment::Allow),
                ("before", moment(1)),
                ("past", moment(0)),
                ("never", UserEnrollment::DoNotAllow),
            ] {
                for (s, show) in [
                    ("always", ShowInformation::Always),
                    ("if-allowed", ShowInformation::IfEnrollmentIsAllowed),
                    ("hide", ShowInformation::Never),
                ] {
                    for (m, listed) in [("mail", ListedAddress::Present), ("none", ListedAddress::Missing)] {
                        for (x, external) in
                            [("allowed", ExternalAddress::Allowed), ("forbidden", ExternalAddress::Forbidden)]
                        {
                            let window = mode.window(NOW);
                            let situation = Situation { enrolled, password, window, show, listed, external };
                            combinations.push(([e, p, w, s, m, x], situation));
                        }
                    }
                }
            }
        }
    }
    combinations
}

#[test]
fn all_288_combinations_follow_exactly_one_row_of_the_table() {
    let all = all();
    assert_eq!(all.len(), 288);
    for (words, situation) in all {
        let fits = |line: &&Line| {
            line.1.iter().zip(words).all(|(any_of, word)| any_of.is_empty() || any_of.split(' ').any(|one| one == word))
        };
        let rows: Vec<&Line> = TABLE.iter().filter(fits).collect();
        let [Line(row, _, outcome)] = rows.as_slice() else {
            panic!("{words:?} fits {} rows", rows.len());
        };
        assert_eq!(word(decide(situation)), *outcome, "{row}: {words:?}");
    }
}

#[test]
fn a_wrong_password_never_tells_more_than_one_of_two_things() {
    for (words, situation) in all().into_iter().filter(|(_, situation)| situation.password == Password::Wrong) {
        assert!(matches!(decide(situation), Course::Decoy | Course::WrongCredentials), "{words:?}");
    }
}
