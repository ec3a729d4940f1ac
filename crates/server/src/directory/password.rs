//! Whether a password is right, by the directory's word. What exactly is wrong is for the audit.

use domain::secret::Secret;
use ldap_wire::reply::{Outcome, code};

use super::connection::Connection;
use super::error::{Fault, code_in_words};
use super::listed::Standing;
use super::pool::Operation;

/// What a directory says of a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Password {
    /// It is right, and its owner may sign in.
    Right,
    /// It is wrong, or there is nobody whose it could be.
    Wrong,
    /// Its owner may not sign in, whether or not it is right.
    Barred(Standing),
}

/// The question, for one name and one password.
pub(super) struct Bind<'a> {
    pub(super) name: &'a str,
    pub(super) password: &'a Secret,
}

impl Operation for Bind<'_> {
    type Answer = Password;

    /// The directory counts wrong passwords: what it may have heard is not said again. A server that is silent may
    /// have heard it. One that ended a connection which had lain there has not, as a rule; only where it dies in the
    /// very moment of a guess that guess is said twice.
    fn may_follow(&self, fault: &Fault) -> bool {
        matches!(fault, Fault::Closed(_))
    }

    async fn run(&self, connection: &mut Connection) -> Result<Password, Fault> {
        read(&connection.bind(self.name, self.password).await?)
    }
}

/// Reads the answer to a bind. What is neither yes nor no is a failure.
fn read(outcome: &Outcome) -> Result<Password, Fault> {
    match outcome.code {
        code::SUCCESS => Ok(Password::Right),
        code::INVALID_CREDENTIALS => Ok(barred(&outcome.message).map_or(Password::Wrong, Password::Barred)),
        code::NO_SUCH_OBJECT | code::INVALID_NAME | code::INAPPROPRIATE_AUTHENTICATION => Ok(Password::Wrong),
        code::BUSY | code::UNAVAILABLE => Err(Fault::Lost(code_in_words(outcome.code))),
        other => Err(Fault::Refused(format!("a password could not be checked: {}", code_in_words(other)))),
    }
}

/// Microsoft tells the reason in the text: `..., data 533, v...`, a Windows error in hexadecimal digits.
fn barred(message: &str) -> Option<Standing> {
    let (_, rest) = message.split_once("data ")?;
    match rest.split(|c: char| !c.is_ascii_hexdigit()).next()? {
        "532" | "773" => Some(Standing::PasswordChangeDue),
        "533" => Some(Standing::Disabled),
        "701" => Some(Standing::Expired),
        "775" => Some(Standing::Locked),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(code: u32, message: &str) -> Result<Password, Fault> {
        read(&Outcome { code, message: message.to_owned() })
    }

    #[test]
    fn reasons_of_microsoft_are_told_apart() {
        let text = |data| {
            format!("80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data {data}, v3839")
        };
        assert_eq!(said(0, ""), Ok(Password::Right));
        assert_eq!(said(49, &text("52e")), Ok(Password::Wrong));
        assert_eq!(said(49, &text("773")), Ok(Password::Barred(Standing::PasswordChangeDue)));
        assert_eq!(said(49, &text("533")), Ok(Password::Barred(Standing::Disabled)));
        assert_eq!(said(49, &text("701")), Ok(Password::Barred(Standing::Expired)));
        assert_eq!(said(49, &text("775")), Ok(Password::Barred(Standing::Locked)));
        assert_eq!(said(49, "data"), Ok(Password::Wrong));
    }

    #[test]
    fn only_success_is_a_yes() {
        for code in 1..=120 {
            assert_ne!(said(code, "success"), Ok(Password::Right), "{code}");
        }
    }
}
