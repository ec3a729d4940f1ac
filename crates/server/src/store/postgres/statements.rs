//! The statements of a batch, one per table and kind. Each takes whole columns, so that a hundred
//! commands cost one plan and one exchange.
//!
//! A plan is made once, as a rule when the tables are empty. The index of open challenges is then one page, and
//! walking all of it looks cheaper than looking rows up in it: when everybody signs in it is not. So whoever finds
//! rows by their id hands `open` in as a parameter, which keeps that index out of the plan, and whoever finds them
//! by account does so in a subquery of its own for each account (`OFFSET 0` keeps it one).

use crate::store::{judging, resending};

/// All of them, prepared when a connection is opened; those that both engines run stand elsewhere.
pub(super) const ALL: [&str; 18] = [
    LOCK_BUDGETS,
    JUDGE,
    judging::SELECT_CLOSED,
    SELECT_OPEN,
    SELECT_FIRST_STEPS,
    resending::SELECT,
    WRITE_BUDGETS,
    SUPERSEDE,
    INSERT_CHALLENGES,
    COUNT_SENDS,
    INSERT_OUTBOX,
    INSERT_FIRST_STEPS,
    CLOSE_SIBLINGS,
    COUNT_FAILURES,
    CLEAR_FAILURES,
    REMOVE_MAILS,
    PUT_OFF_MAILS,
    INSERT_EVENTS,
];

/// Locks the accounts in one order, and gives those without a row one, which nobody else sees until the commit. A row
/// that another node makes at the same moment is waited for and then missing here: its batch runs again.
// tidy: one engine, because SQLite has one writer
pub(super) const LOCK_BUDGETS: &str = "WITH locked AS (SELECT subject, guess_at, pin_at, mail_at, mail_day_at FROM budget \
    WHERE subject = ANY ($1::bytea[]) ORDER BY subject FOR UPDATE), \
    made AS (INSERT INTO budget (subject, guess_at, pin_at, mail_at, mail_day_at) \
    SELECT subject, 0, 0, 0, 0 FROM unnest($1::bytea[]) AS asked (subject) \
    WHERE asked.subject NOT IN (SELECT subject FROM locked) \
    ON CONFLICT (subject) DO NOTHING RETURNING subject, guess_at, pin_at, mail_at, mail_day_at) \
    SELECT * FROM locked UNION ALL SELECT * FROM made";

pub(super) const WRITE_BUDGETS: &str = "UPDATE budget AS b SET guess_at = w.guess_at, pin_at = w.pin_at, mail_at = w.mail_at, \
    mail_day_at = w.mail_day_at FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[]) \
    AS w (subject, guess_at, pin_at, mail_at, mail_day_at) WHERE b.subject = w.subject";

/// The one statement that turns a code into an acceptance. Its ids are named twice, here and below: where they only
/// stood in a join, a server that had counted an empty table walked over all of it for each batch.
pub(super) const JUDGE: &str = "UPDATE challenge AS c SET tries = c.tries + 1, state = CASE \
    WHEN c.code_mac = a.mac AND c.is_real = 1 THEN 'used' WHEN c.tries + 1 >= $10 THEN 'burned' ELSE c.state END \
    FROM unnest($1::text[], $2::bytea[], $3::text[], $4::text[], $5::bytea[], $6::bigint[], $7::bigint[], \
    $8::bigint[], $9::bigint[]) \
    AS a (id, subject, purpose, client_group, mac, told, code_length, step, horizon) \
    JOIN budget b ON b.subject = a.subject AND GREATEST(b.guess_at, a.told) + a.step <= a.horizon \
    CROSS JOIN LATERAL (SELECT GREATEST(a.told, CASE WHEN $12 \
    THEN (extract(epoch FROM clock_timestamp()) * 1000)::bigint ELSE 0 END) AS at) AS t \
    WHERE c.id = ANY ($1::text[]) AND c.id = a.id AND c.subject = a.subject AND c.purpose = a.purpose AND c.client_group = a.client_group \
    AND c.state = $13 AND c.tries < $10 AND c.issued_at <= t.at AND c.expires_at > t.at \
    AND c.epoch = $11 AND c.code_length = a.code_length \
    RETURNING c.id, c.subject, c.part, c.serial, c.state";

pub(super) const SELECT_OPEN: &str = "SELECT c.id, c.part, c.serial, c.subject, c.purpose, c.client_group, c.code_length, \
    c.nonce, c.is_real, c.tries, c.sends, c.issued_at, c.expires_at, c.last_sent_at \
    FROM unnest($1::bytea[], $2::text[], $3::text[]) AS a (subject, client_group, purpose) \
    CROSS JOIN LATERAL (SELECT * FROM challenge AS open WHERE open.subject = a.subject AND open.state = 'open' \
    AND open.client_group = a.client_group AND open.purpose = a.purpose AND open.epoch = $4 \
    OFFSET 0) AS c ORDER BY c.id DESC, c.part"; // tidy: one engine, because it is about PostgreSQL's plans

pub(super) const SELECT_FIRST_STEPS: &str =
    "SELECT name, fingerprint, challenge, expires_at FROM first_step WHERE name = ANY ($1::bytea[])";

pub(super) const INSERT_FIRST_STEPS: &str = "INSERT INTO first_step (name, fingerprint, challenge, expires_at) \
    SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::text[], $4::bigint[])";

pub(super) const SUPERSEDE: &str = "UPDATE challenge AS c SET state = 'superseded' \
    FROM unnest($1::bytea[], $2::text[], $3::text[]) AS w (subject, client_group, purpose) \
    CROSS JOIN LATERAL (SELECT id, part FROM challenge WHERE subject = w.subject AND state = 'open' \
    AND client_group = w.client_group AND purpose = w.purpose \
    OFFSET 0) AS old WHERE c.id = old.id AND c.part = old.part AND c.state = $4"; // tidy: one engine, because it is about PostgreSQL's plans

pub(super) const INSERT_CHALLENGES: &str = "INSERT INTO challenge (id, part, subject, purpose, client_group, serial, \
    is_real, issued_at, expires_at, code_length, nonce, code_mac, state, tries, sends, last_sent_at, epoch) \
    SELECT w.*, 'open', 0, 1, w.issued_at, $13 \
    FROM unnest($1::text[], $2::bigint[], $3::bytea[], $4::text[], $5::text[], $6::text[], $7::bigint[], \
    $8::bigint[], $9::bigint[], $10::bigint[], $11::bytea[], $12::bytea[]) AS w (id, part, subject, purpose, \
    client_group, serial, is_real, issued_at, expires_at, code_length, nonce, code_mac)";

pub(super) const COUNT_SENDS: &str = "UPDATE challenge AS c SET sends = c.sends + 1, last_sent_at = w.at \
    FROM unnest($1::text[], $2::bigint[]) AS w (id, at) \
    WHERE c.id = ANY ($1::text[]) AND c.id = w.id AND c.state = $3";

pub(super) const INSERT_OUTBOX: &str = "INSERT INTO outbox (id, part, send, address, relay, provider_id, lease_until, \
    expires_at, attempts) SELECT w.*, 0 FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], \
    $6::bigint[], $7::bigint[], $8::bigint[]) AS w";

pub(super) const CLOSE_SIBLINGS: &str =
    "UPDATE challenge SET state = 'superseded' WHERE id = ANY ($1::text[]) AND state = $2";

pub(super) const COUNT_FAILURES: &str = "UPDATE enrollment AS e SET failures = w.more + \
    CASE WHEN e.failed_at IS NULL OR e.failed_at <= w.forgotten_before THEN 0 ELSE e.failures END, failed_at = w.at \
    FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[]) AS w (serial, more, at, forgotten_before) \
    WHERE e.serial = w.serial";

pub(super) const CLEAR_FAILURES: &str =
    "UPDATE enrollment SET failures = 0, failed_at = NULL WHERE serial = ANY ($1::text[]) AND failures > 0";

pub(super) const REMOVE_MAILS: &str = "DELETE FROM outbox AS o \
    USING unnest($1::text[], $2::bigint[], $3::bigint[]) AS w (id, part, send) \
    WHERE o.id = ANY ($1::text[]) AND o.id = w.id AND o.part = w.part AND o.send = w.send";

pub(super) const PUT_OFF_MAILS: &str = "UPDATE outbox AS o SET lease_until = w.until \
    FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[]) AS w (id, part, send, until) \
    WHERE o.id = ANY ($1::text[]) AND o.id = w.id AND o.part = w.part AND o.send = w.send";

pub(super) const INSERT_EVENTS: &str = "INSERT INTO audit (id, at, action, outcome, reason, user_name, realm, \
    serials, challenge, actor, client, address, request_id, detail) \
    SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], \
    $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[])";
