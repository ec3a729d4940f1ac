//! Mailing an open challenge once more: what to write, decided once for both engines.

use domain::address::MailAddress;
use domain::challenge;

use super::StoreError;
use super::budgets::BudgetRow;
use super::command::{Event, Resend, Resent};
use super::open_part::{OpenPart, Recipient, read_open};
use super::sql::Row;

/// What is to be written: a mail counted, outbox rows leased to this node, the audit line.
#[derive(Debug)]
pub(super) struct Resending {
    pub(super) queued: Vec<(OpenPart, Recipient)>,
    pub(super) event: Event,
}

impl Resending {
    /// What the caller is told after the commit.
    pub(super) fn resent(&self) -> Resent {
        Resent::Queued(self.queued.iter().map(|(part, to)| part.mail(to)).collect())
    }
}

/// Decides; the other way out says why nothing is to be written.
pub(super) fn decide(
    command: &Resend,
    open: Vec<(OpenPart, Recipient)>,
    account: &mut BudgetRow,
) -> Result<Resending, challenge::Resend> {
    let rule = open.first().map_or(challenge::Resend::NotOpen, |(part, _)| part.challenge.on_resend(command.now));
    if rule != challenge::Resend::Mail {
        return Err(rule);
    }
    if !account.ledger.charge_mail(command.now) {
        return Err(challenge::Resend::TooMany);
    }
    let challenge = command.id.as_str().to_owned();
    let event = Event { outcome: "challenge", challenge, ..command.event.clone() };
    Ok(Resending { queued: open.into_iter().map(|(part, to)| (part.again(), to)).collect(), event })
}

/// One part of the challenge and where its mail goes now.
pub(super) fn read(row: &mut Row) -> Result<(OpenPart, Recipient), StoreError> {
    let part = read_open(row)?;
    let address: Option<String> = row.take()?;
    let address = address.and_then(|address| MailAddress::parse(&address).ok());
    let relay = row.take::<Option<String>>()?.unwrap_or_default();
    let provider_id = row.take::<Option<i64>>()?.unwrap_or_default();
    Ok((part, Recipient { address, relay, provider_id }))
}

pub(super) const SELECT: &str = "SELECT c.id, c.part, c.serial, c.subject, c.purpose, c.client_group, c.code_length, \
    c.nonce, c.is_real, c.tries, c.sends, c.issued_at, c.expires_at, c.last_sent_at, \
    CASE WHEN e.is_address_dynamic = 1 THEN a.email ELSE e.address END, e.relay, e.provider_id \
    FROM challenge c LEFT JOIN enrollment e ON e.serial = c.serial AND c.is_real = 1 \
    LEFT JOIN account a ON a.id = e.user_id \
    WHERE c.id = ?1 AND c.subject = ?2 AND c.client_group = ?3 AND c.state = 'open' AND c.epoch = ?4 ORDER BY c.part";
