-- Times are milliseconds since 1970 in UTC, truth values are 0 and 1. The database invents nothing:
-- every id, time and random value comes from the program.
--
-- The twin of the SQLite schema: a test compares them. Texts are ordered by their octets, as SQLite orders them.
-- Tables whose rows are changed again and again leave room in each page (fillfactor): the new version of a row
-- then stays on the page of the old one, and no index has to be written for it (a heap-only tuple).

-- Facts about this installation: which keys belong to it, how often it was restored, when it was last seen.
CREATE TABLE instance (
  name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  value BYTEA NOT NULL
);

-- Settings that administrators change by name (the system keys of the privacyIDEA interface).
CREATE TABLE setting (
  name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  value TEXT COLLATE "C" NOT NULL
);

-- The last number that was given to a thing of each kind, so that none is given twice. The row is also
-- the lock of everything that must be decided about all things of its kind.
CREATE TABLE counter (
  name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  last BIGINT NOT NULL
);

INSERT INTO counter (name, last) VALUES ('admin', 0), ('admin_session', 0), ('provider', 1), ('site', 1);

-- A part of the installation with providers, themes and criteria of its own. 1 is always there.
CREATE TABLE site (
  id BIGINT NOT NULL PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL,
  name_key TEXT COLLATE "C" NOT NULL UNIQUE,
  description TEXT COLLATE "C" NOT NULL,
  created_by TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  changed_by TEXT COLLATE "C" NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);

INSERT INTO site (id, name, name_key, description, created_by, created_at, changed_by, changed_at, version)
VALUES (1, 'Default', 'default', '', 'otpost', 0, 'otpost', 0, 1);

-- enroll_until counts for user_enrollment 'allow-until' alone; criteria are a JSON document. custom_attribute is
-- empty where none is named. version goes up with
-- each change, and whoever writes a provider back names the one they read.
CREATE TABLE provider (
  id BIGINT NOT NULL PRIMARY KEY,
  site_id BIGINT NOT NULL REFERENCES site (id),
  name TEXT COLLATE "C" NOT NULL,
  name_key TEXT COLLATE "C" NOT NULL,
  description TEXT COLLATE "C" NOT NULL,
  display_name TEXT COLLATE "C" NOT NULL,
  is_enabled BIGINT NOT NULL,
  code_length BIGINT NOT NULL,
  lifetime_seconds BIGINT NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  content TEXT COLLATE "C" NOT NULL,
  prompt TEXT COLLATE "C" NOT NULL,
  concurrent_challenges BIGINT NOT NULL,
  first_factor TEXT COLLATE "C" NOT NULL,
  user_enrollment TEXT COLLATE "C" NOT NULL,
  enroll_until BIGINT,
  show_information TEXT COLLATE "C" NOT NULL,
  allow_external_email BIGINT NOT NULL,
  external_storage TEXT COLLATE "C" NOT NULL,
  custom_attribute TEXT COLLATE "C" NOT NULL,
  inherits_criteria BIGINT NOT NULL,
  criteria TEXT COLLATE "C" NOT NULL,
  created_by TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  changed_by TEXT COLLATE "C" NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  UNIQUE (site_id, name_key)
);

-- The criteria of a site, for its providers that have none of their own: a JSON document.
CREATE TABLE site_criteria (
  site_id BIGINT NOT NULL PRIMARY KEY REFERENCES site (id),
  criteria TEXT COLLATE "C" NOT NULL
);

-- An entrance at which people sign in. members are a JSON document, return_to is a blank-separated list,
-- realm is empty for none. Without a provider nobody signs in there.
CREATE TABLE theme (
  id BIGINT NOT NULL PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL,
  name_key TEXT COLLATE "C" NOT NULL UNIQUE,
  description TEXT COLLATE "C" NOT NULL,
  is_enabled BIGINT NOT NULL,
  post_logon_message TEXT COLLATE "C" NOT NULL,
  overrides_realm BIGINT NOT NULL,
  realm TEXT COLLATE "C" NOT NULL,
  filters_members BIGINT NOT NULL,
  members TEXT COLLATE "C" NOT NULL,
  provider_id BIGINT REFERENCES provider (id),
  return_to TEXT COLLATE "C" NOT NULL,
  created_by TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  changed_by TEXT COLLATE "C" NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);

-- A sign-in on its way to the application that asked for it, by the hash of the ticket. serial is empty
-- where a rule asked for no code; proven_by is what the password is recognised by.
CREATE TABLE ticket (
  token_hash BYTEA NOT NULL PRIMARY KEY,
  theme_id BIGINT NOT NULL REFERENCES theme (id),
  user_id TEXT COLLATE "C" NOT NULL,
  user_name TEXT COLLATE "C" NOT NULL,
  realm TEXT COLLATE "C" NOT NULL,
  serial TEXT COLLATE "C" NOT NULL,
  proven_by TEXT COLLATE "C" NOT NULL,
  signed_in_at BIGINT NOT NULL,
  return_to TEXT COLLATE "C" NOT NULL
);

-- A session at what a gate guards, by the hash of its token; the columns are those of a ticket.
CREATE TABLE gate_session (
  token_hash BYTEA NOT NULL PRIMARY KEY,
  theme_id BIGINT NOT NULL REFERENCES theme (id),
  user_id TEXT COLLATE "C" NOT NULL,
  user_name TEXT COLLATE "C" NOT NULL,
  realm TEXT COLLATE "C" NOT NULL,
  serial TEXT COLLATE "C" NOT NULL,
  proven_by TEXT COLLATE "C" NOT NULL,
  signed_in_at BIGINT NOT NULL,
  opened_at BIGINT NOT NULL,
  used_at BIGINT NOT NULL
);

-- Somebody who has signed in and may come in once at another door, from that address; the other columns are
-- those of a ticket.
CREATE TABLE pass (
  theme_id BIGINT NOT NULL REFERENCES theme (id),
  user_id TEXT COLLATE "C" NOT NULL,
  user_name TEXT COLLATE "C" NOT NULL,
  realm TEXT COLLATE "C" NOT NULL,
  serial TEXT COLLATE "C" NOT NULL,
  proven_by TEXT COLLATE "C" NOT NULL,
  signed_in_at BIGINT NOT NULL,
  address TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (theme_id, user_id)
);

CREATE TABLE resolver (
  name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  kind TEXT COLLATE "C" NOT NULL
);

-- A directory that a resolver looks people up in. data is a JSON object of texts.
CREATE TABLE directory (
  resolver TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES resolver (name),
  data TEXT COLLATE "C" NOT NULL,
  sealed_password BYTEA,
  sealed_write_password BYTEA
);

-- first_factor is empty where the provider's setting applies.
CREATE TABLE realm (
  name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  is_default BIGINT NOT NULL,
  first_factor TEXT COLLATE "C" NOT NULL
);

CREATE TABLE realm_resolver (
  realm TEXT COLLATE "C" NOT NULL REFERENCES realm (name),
  resolver TEXT COLLATE "C" NOT NULL REFERENCES resolver (name),
  priority BIGINT NOT NULL,
  PRIMARY KEY (realm, resolver)
);

-- provider_id is missing where the default provider applies.
CREATE TABLE account (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  resolver TEXT COLLATE "C" NOT NULL REFERENCES resolver (name),
  name TEXT COLLATE "C" NOT NULL,
  name_key TEXT COLLATE "C" NOT NULL,
  given_name TEXT COLLATE "C" NOT NULL,
  surname TEXT COLLATE "C" NOT NULL,
  email TEXT COLLATE "C" NOT NULL,
  phone TEXT COLLATE "C" NOT NULL,
  mobile TEXT COLLATE "C" NOT NULL,
  description TEXT COLLATE "C" NOT NULL,
  password_hash TEXT COLLATE "C",
  provider_id BIGINT REFERENCES provider (id),
  created_at BIGINT NOT NULL,
  UNIQUE (resolver, name_key)
);

-- user_id is empty for an enrollment that belongs to nobody yet.
CREATE TABLE enrollment (
  serial TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  user_id TEXT COLLATE "C" NOT NULL,
  realm TEXT COLLATE "C" NOT NULL,
  provider_id BIGINT NOT NULL REFERENCES provider (id),
  address TEXT COLLATE "C" NOT NULL,
  is_address_dynamic BIGINT NOT NULL,
  pin_hash TEXT COLLATE "C",
  code_length BIGINT NOT NULL,
  is_active BIGINT NOT NULL,
  is_revoked BIGINT NOT NULL,
  failures BIGINT NOT NULL,
  max_failures BIGINT NOT NULL,
  failed_at BIGINT,
  relay TEXT COLLATE "C" NOT NULL,
  description TEXT COLLATE "C" NOT NULL,
  info TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL
) WITH (fillfactor = 80);

CREATE INDEX enrollment_user ON enrollment (user_id);

-- id begins with the time, so new rows stay together on disk. part is one of so many parts, from 0. previous is the
-- account's challenge that was opened before this one, empty where nothing else can be open: a trail that begins in the
-- account's row leads to all that are open, and no index has to be kept for them.
CREATE TABLE challenge (
  id TEXT COLLATE "C" NOT NULL,
  part BIGINT NOT NULL,
  parts BIGINT NOT NULL,
  subject BYTEA NOT NULL,
  purpose TEXT COLLATE "C" NOT NULL,
  client_group TEXT COLLATE "C" NOT NULL,
  serial TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  is_real BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  sends BIGINT NOT NULL,
  issued_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  last_sent_at BIGINT NOT NULL,
  epoch BIGINT NOT NULL,
  code_length BIGINT NOT NULL,
  nonce BYTEA NOT NULL,
  code_mac BYTEA NOT NULL,
  previous TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (id, part)
) WITH (fillfactor = 65);

-- First steps that their clients have named, and the challenge that each led to: a copy is recognised by its
-- name. Both hashes are keyed. Rows leave with their challenge.
CREATE TABLE first_step (
  name BYTEA NOT NULL PRIMARY KEY,
  fingerprint BYTEA NOT NULL,
  challenge TEXT COLLATE "C" NOT NULL,
  expires_at BIGINT NOT NULL
);

CREATE INDEX first_step_challenge ON first_step (challenge);

-- One row per account: the instants at which each of its budgets is square again, and where the trail of its
-- challenges begins. Each sign-in changes it twice, anywhere in the table: half of each page is kept free for that.
CREATE TABLE budget (
  subject BYTEA NOT NULL PRIMARY KEY,
  guess_at BIGINT NOT NULL,
  pin_at BIGINT NOT NULL,
  mail_at BIGINT NOT NULL,
  mail_day_at BIGINT NOT NULL,
  newest_challenge TEXT COLLATE "C" NOT NULL
) WITH (fillfactor = 50);

-- A mail that is still to be sent. An empty address stands for the mail of a decoy.
CREATE TABLE outbox (
  id TEXT COLLATE "C" NOT NULL,
  part BIGINT NOT NULL,
  send BIGINT NOT NULL,
  address TEXT COLLATE "C" NOT NULL,
  relay TEXT COLLATE "C" NOT NULL,
  provider_id BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  lease_until BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (id, part, send)
);

-- A mail without a code that is still to be sent: it tells somebody what became of their enrollment. elsewhere
-- is where codes go now, masked.
CREATE TABLE notice (
  id TEXT COLLATE "C" NOT NULL,
  address TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  user_name TEXT COLLATE "C" NOT NULL,
  elsewhere TEXT COLLATE "C" NOT NULL,
  provider_id BIGINT NOT NULL,
  written_at BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  lease_until BIGINT NOT NULL,
  PRIMARY KEY (id, address)
);

-- Addresses that codes went to until an enrollment was removed: they are told when the person enrolls another.
CREATE TABLE former_address (
  user_id TEXT COLLATE "C" NOT NULL,
  address TEXT COLLATE "C" NOT NULL,
  left_at BIGINT NOT NULL,
  PRIMARY KEY (user_id, address)
);

CREATE INDEX former_address_left ON former_address (left_at);

CREATE TABLE audit (
  id BYTEA NOT NULL PRIMARY KEY,
  at BIGINT NOT NULL,
  action TEXT COLLATE "C" NOT NULL,
  outcome TEXT COLLATE "C" NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  user_name TEXT COLLATE "C" NOT NULL,
  realm TEXT COLLATE "C" NOT NULL,
  serials TEXT COLLATE "C" NOT NULL,
  challenge TEXT COLLATE "C" NOT NULL,
  actor TEXT COLLATE "C" NOT NULL,
  client TEXT COLLATE "C" NOT NULL,
  address TEXT COLLATE "C" NOT NULL,
  request_id TEXT COLLATE "C" NOT NULL,
  detail TEXT COLLATE "C" NOT NULL
);

-- rights are a JSON document; version goes up with each change.
CREATE TABLE admin (
  name_key TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  id BIGINT NOT NULL UNIQUE,
  name TEXT COLLATE "C" NOT NULL,
  password_hash TEXT COLLATE "C" NOT NULL,
  is_enabled BIGINT NOT NULL,
  level TEXT COLLATE "C" NOT NULL,
  rights TEXT COLLATE "C" NOT NULL,
  email TEXT COLLATE "C" NOT NULL,
  mobile TEXT COLLATE "C" NOT NULL,
  is_notified BIGINT NOT NULL,
  created_by TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  changed_by TEXT COLLATE "C" NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);

-- A session of an administrator, by the hash of its token. kind is 'console' or 'api'; last_used_at is
-- kept for the latter, to within a minute.
CREATE TABLE admin_session (
  token_hash BYTEA NOT NULL PRIMARY KEY,
  id BIGINT NOT NULL UNIQUE,
  kind TEXT COLLATE "C" NOT NULL,
  name_key TEXT COLLATE "C" NOT NULL REFERENCES admin (name_key),
  address TEXT COLLATE "C" NOT NULL,
  opened_at BIGINT NOT NULL,
  last_used_at BIGINT NOT NULL
);

-- networks and scopes are blank-separated lists.
CREATE TABLE api_key (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL,
  secret_hash BYTEA NOT NULL,
  scopes TEXT COLLATE "C" NOT NULL,
  networks TEXT COLLATE "C" NOT NULL,
  client_group TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  revoked_at BIGINT
);

CREATE TABLE relay (
  name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  host TEXT COLLATE "C" NOT NULL,
  port BIGINT NOT NULL,
  security TEXT COLLATE "C" NOT NULL,
  user_name TEXT COLLATE "C" NOT NULL,
  sealed_password BYTEA,
  mechanism TEXT COLLATE "C" NOT NULL,
  sender TEXT COLLATE "C" NOT NULL,
  timeout_seconds BIGINT NOT NULL,
  ca_file TEXT COLLATE "C" NOT NULL,
  allow_plaintext BIGINT NOT NULL,
  description TEXT COLLATE "C" NOT NULL,
  position BIGINT NOT NULL
);
