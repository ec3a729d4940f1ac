//! Mailing open challenges of a batch once more. Seldom enough to be read one by one.

use super::fault::Fault;
use super::ledgers::Ledgers;
use super::session::Session;
use super::values::take_apart;
use super::wave::Pending;
use super::writes::Writes;
use crate::store::command::{Resend, Resent};
use crate::store::resending;
use crate::store::sql::Row;

/// Decides for each, and notes what has to be written.
pub(super) async fn decide(
    session: &Session,
    resends: &mut [Pending<Resend, Resent>],
    ledgers: &mut Ledgers,
    writes: &mut Writes,
) -> Result<(), Fault> {
    for resend in resends {
        let command = &resend.command;
        let subject = command.subject.as_bytes().as_slice();
        let rows =
            session.query(resending::SELECT, &[&command.id.as_str(), &subject, &command.group, &session.epoch]).await?;
        let mut open = Vec::with_capacity(rows.len());
        for row in rows {
            open.push(resending::read(&mut Row::new("challenge", take_apart(&row)?))?);
        }
        resend.answer = Some(match resending::decide(command, open, ledgers.change(command.subject)?) {
            Err(reason) => Resent::Not(reason),
            Ok(resending) => {
                writes.resend(command, &resending);
                resending.resent()
            }
        });
    }
    Ok(())
}
