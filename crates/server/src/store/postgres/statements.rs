//! The statements of a batch. Each takes whole columns, so that a hundred commands cost one plan and one exchange.
//!
//! **A plan is made once**, as a rule when the tables are empty, and to the planner reading all of an empty table is
//! as good as looking a row up. The lanes' settings take whole tables out of the plan, and the statements whole
//! indexes: a row is found by two bounds of its key, `c.id BETWEEN a.id AND a.id`, because of an equality the planner
//! knows that rows in order could be merged, and of bounds only that the key leads there.
//!
//! **Columns stand in the list of a `SELECT`**, `SELECT unnest($1), unnest($2)`: as `FROM unnest($1, $2)` each is
//! first written into a store of its own, at 50 ns for each value.

use crate::store::{judging, resending};

/// All of them, prepared when a connection is opened; those that both engines run stand elsewhere.
pub(super) const ALL: [&str; 13] = [
    LOCK_BUDGETS,
    MAKE_BUDGETS,
    JUDGE,
    judging::SELECT_CLOSED,
    SELECT_OPEN,
    SELECT_FIRST_STEPS,
    resending::SELECT,
    SUPERSEDE,
    WRITE,
    COUNT_SENDS,
    INSERT_FIRST_STEPS,
    COUNT_FAILURES,
    PUT_OFF_MAILS,
];

/// Locks the accounts in one order.
// tidy: one engine, because SQLite has one writer
pub(super) const LOCK_BUDGETS: &str = "SELECT subject, guess_at, pin_at, mail_at, mail_day_at, newest_challenge \
    FROM budget WHERE subject = ANY ($1::bytea[]) ORDER BY subject FOR UPDATE";

/// Gives accounts their rows, which nobody else sees until the commit.
pub(super) const MAKE_BUDGETS: &str = "INSERT INTO budget (subject, guess_at, pin_at, mail_at, mail_day_at, newest_challenge) \
    SELECT unnest($1::bytea[]), 0, 0, 0, 0, '' ON CONFLICT (subject) DO NOTHING RETURNING subject";

/// The one statement that turns a code into an acceptance.
pub(super) const JUDGE: &str = "UPDATE challenge AS c SET tries = c.tries + 1, state = CASE \
    WHEN c.code_mac = a.mac AND c.is_real = 1 THEN 'used' WHEN c.tries + 1 >= $10 THEN 'burned' ELSE c.state END \
    FROM (SELECT unnest($1::text[]) AS id, unnest($2::bytea[]) AS subject, unnest($3::text[]) AS purpose, \
    unnest($4::text[]) AS client_group, unnest($5::bytea[]) AS mac, unnest($6::bigint[]) AS told, \
    unnest($7::bigint[]) AS code_length, unnest($8::bigint[]) AS step, unnest($9::bigint[]) AS horizon) AS a \
    LEFT JOIN budget b ON b.subject BETWEEN a.subject AND a.subject \
    CROSS JOIN LATERAL (SELECT GREATEST(a.told, CASE WHEN $12 \
    THEN (extract(epoch FROM clock_timestamp()) * 1000)::bigint ELSE 0 END) AS at) AS t \
    WHERE GREATEST(b.guess_at, a.told) + a.step <= a.horizon AND c.id BETWEEN a.id AND a.id \
    AND c.subject = a.subject AND c.purpose = a.purpose AND c.client_group = a.client_group AND c.state = 'open' AND c.tries < $10 AND c.issued_at <= t.at AND c.expires_at > t.at \
    AND c.epoch = $11 AND c.code_length = a.code_length \
    RETURNING c.id, c.subject, c.part, c.serial, c.state, c.previous, c.parts";

/// All open challenges on the trails that begin here. A trail is followed step by step (`OFFSET 0` keeps each step a
/// lookup of its own), because to the planner reading all challenges and then asking for their trail is as good.
// tidy: one engine, because it is about PostgreSQL's plans
pub(super) const SELECT_OPEN: &str = "WITH RECURSIVE trail (id) AS (SELECT unnest($1::text[]) COLLATE \"C\" \
    UNION SELECT step.previous FROM trail CROSS JOIN LATERAL \
    (SELECT previous FROM challenge WHERE id = trail.id OFFSET 0) AS step) \
    SELECT c.id, c.part, c.serial, c.subject, c.purpose, c.client_group, c.code_length, c.nonce, c.is_real, c.tries, \
    c.sends, c.issued_at, c.expires_at, c.last_sent_at FROM trail CROSS JOIN LATERAL \
    (SELECT * FROM challenge WHERE id = trail.id AND state = 'open' AND epoch = $2 OFFSET 0) AS c \
    ORDER BY c.id DESC, c.part";

pub(super) const SELECT_FIRST_STEPS: &str =
    "SELECT name, fingerprint, challenge, expires_at FROM first_step WHERE name = ANY ($1::bytea[])";

pub(super) const INSERT_FIRST_STEPS: &str = "INSERT INTO first_step (name, fingerprint, challenge, expires_at) \
    SELECT unnest($1::bytea[]), unnest($2::bytea[]), unnest($3::text[]), unnest($4::bigint[])";

/// What sign-ins write as a rule, in one statement: each has its price, whatever is in it. The last part runs first, so
/// that of two challenges named alike it is the name of the challenge that is said to be taken.
pub(super) const WRITE: &str = "WITH \
    charged AS (UPDATE budget AS b \
    SET guess_at = w.guess_at, pin_at = w.pin_at, mail_at = w.mail_at, mail_day_at = w.mail_day_at, \
    newest_challenge = w.newest_challenge \
    FROM (SELECT unnest($1::bytea[]) AS subject, unnest($2::bigint[]) AS guess_at, unnest($3::bigint[]) AS pin_at, \
    unnest($4::bigint[]) AS mail_at, unnest($5::bigint[]) AS mail_day_at, unnest($6::text[]) AS newest_challenge) AS w \
    WHERE b.subject BETWEEN w.subject AND w.subject), \
    queued AS (INSERT INTO outbox (id, part, send, address, relay, provider_id, lease_until, expires_at, attempts) \
    SELECT unnest($7::text[]), unnest($8::bigint[]), unnest($9::bigint[]), unnest($10::text[]), unnest($11::text[]), \
    unnest($12::bigint[]), unnest($13::bigint[]), unnest($14::bigint[]), 0), \
    removed AS (DELETE FROM outbox AS o USING (SELECT unnest($15::text[]) AS id, unnest($16::bigint[]) AS part, \
    unnest($17::bigint[]) AS send) AS w WHERE o.id BETWEEN w.id AND w.id AND o.part = w.part AND o.send = w.send), \
    cleared AS (UPDATE enrollment SET failures = 0, failed_at = NULL WHERE serial = ANY ($18::text[]) AND failures > 0), \
    noted AS (INSERT INTO audit (id, at, action, outcome, reason, user_name, realm, serials, challenge, actor, client, \
    address, request_id, detail) SELECT unnest($19::bytea[]), unnest($20::bigint[]), unnest($21::text[]), \
    unnest($22::text[]), unnest($23::text[]), unnest($24::text[]), unnest($25::text[]), unnest($26::text[]), \
    unnest($27::text[]), unnest($28::text[]), unnest($29::text[]), unnest($30::text[]), unnest($31::text[]), \
    unnest($32::text[])) \
    INSERT INTO challenge (id, part, subject, purpose, client_group, serial, is_real, issued_at, expires_at, \
    code_length, nonce, code_mac, previous, parts, state, tries, sends, last_sent_at, epoch) \
    SELECT w.*, 'open', 0, 1, w.issued_at, $47 \
    FROM (SELECT unnest($33::text[]) AS id, unnest($34::bigint[]) AS part, unnest($35::bytea[]) AS subject, \
    unnest($36::text[]) AS purpose, unnest($37::text[]) AS client_group, unnest($38::text[]) AS serial, \
    unnest($39::bigint[]) AS is_real, unnest($40::bigint[]) AS issued_at, unnest($41::bigint[]) AS expires_at, \
    unnest($42::bigint[]) AS code_length, unnest($43::bytea[]) AS nonce, unnest($44::bytea[]) AS code_mac, \
    unnest($45::text[]) AS previous, unnest($46::bigint[]) AS parts) AS w";

pub(super) const SUPERSEDE: &str =
    "UPDATE challenge SET state = 'superseded' WHERE id = ANY ($1::text[]) AND state = 'open'";

pub(super) const COUNT_SENDS: &str = "UPDATE challenge AS c SET sends = c.sends + 1, last_sent_at = w.at \
    FROM (SELECT unnest($1::text[]) AS id, unnest($2::bigint[]) AS at) AS w \
    WHERE c.id BETWEEN w.id AND w.id AND c.state = 'open'";

pub(super) const COUNT_FAILURES: &str = "UPDATE enrollment AS e SET failures = w.more + \
    CASE WHEN e.failed_at IS NULL OR e.failed_at <= w.forgotten_before THEN 0 ELSE e.failures END, failed_at = w.at \
    FROM (SELECT unnest($1::text[]) AS serial, unnest($2::bigint[]) AS more, \
    unnest($3::bigint[]) AS at, unnest($4::bigint[]) AS forgotten_before) AS w \
    WHERE e.serial BETWEEN w.serial AND w.serial";

pub(super) const PUT_OFF_MAILS: &str = "UPDATE outbox AS o SET lease_until = w.until \
    FROM (SELECT unnest($1::text[]) AS id, unnest($2::bigint[]) AS part, unnest($3::bigint[]) AS send, \
    unnest($4::bigint[]) AS until) AS w \
    WHERE o.id BETWEEN w.id AND w.id AND o.part = w.part AND o.send = w.send";
