//! Mailing an open challenge once more.

use domain::address::MailAddress;
use domain::challenge;

use super::super::command::{Resend, Resent};
use super::super::sql::{Row, values};
use super::open_part::{COUNT_SEND, charge_mail, enqueue};
use super::writer::Writer;
use super::{StoreError, run};
use crate::store::audit;
use crate::store::open_part::{Recipient, read_open};

/// Mails the code of an open challenge once more, if the rule allows it.
pub(super) fn resend(writer: &Writer, mut command: Resend) -> Result<Resent, StoreError> {
    let connection = &writer.connection;
    let params = values![command.id.as_str(), command.group.as_str(), writer.epoch];
    let open = run::select(connection, SELECT_FOR_RESEND, &params, |values| {
        let mut row = Row::new("challenge", values);
        let part = read_open(&mut row)?;
        let address: Option<String> = row.take()?;
        Ok((part, address, row.take::<Option<String>>()?, row.take::<Option<i64>>()?))
    })?;
    let rule = open.first().map_or(challenge::Resend::NotOpen, |first| first.0.challenge.on_resend(command.now));
    if rule != challenge::Resend::Mail {
        return Ok(Resent::Not(rule));
    }
    let subject = open.first().map(|first| first.0.subject);
    if let Some(subject) = subject
        && !charge_mail(connection, subject, command.now, false)?
    {
        return Ok(Resent::Not(challenge::Resend::TooMany));
    }
    run::execute(connection, COUNT_SEND, &values![command.id.as_str(), command.now.millis()])?;
    let lease_until = command.now + command.lease;
    let mut mails = Vec::new();
    for (part, address, relay, provider_id) in open {
        let address = address.and_then(|address| MailAddress::parse(&address).ok());
        let to = Recipient { address, relay: relay.unwrap_or_default(), provider_id: provider_id.unwrap_or_default() };
        let part = part.again();
        enqueue(connection, &part, &to, lease_until)?;
        mails.extend(part.mail(&to));
    }
    command.event.outcome = "challenge";
    command.event.challenge = command.id.as_str().to_owned();
    audit::insert(connection, &command.event)?;
    Ok(Resent::Queued(mails))
}

const SELECT_FOR_RESEND: &str = "SELECT c.id, c.part, c.serial, c.subject, c.purpose, c.client_group, c.code_length, \
    c.nonce, c.is_real, c.tries, c.sends, c.issued_at, c.expires_at, c.last_sent_at, \
    CASE WHEN e.is_address_dynamic = 1 THEN a.email ELSE e.address END, e.relay, e.provider_id \
    FROM challenge c LEFT JOIN enrollment e ON e.serial = c.serial AND c.is_real = 1 \
    LEFT JOIN account a ON a.id = e.user_id \
    WHERE c.id = ?1 AND c.client_group = ?2 AND c.state = 'open' AND c.epoch = ?3 ORDER BY c.part";
