-- Times are milliseconds since 1970 in UTC, truth values are 0 and 1. The database invents nothing:
-- every id, time and random value comes from the program.

-- Facts about this installation: which keys belong to it, how often it was restored, when it was last seen.
CREATE TABLE instance (
  name TEXT NOT NULL PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Settings that administrators change by name (the system keys of the privacyIDEA interface).
CREATE TABLE setting (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The last number that was given to a thing of each kind, so that none is given twice. The row is also
-- the lock of everything that must be decided about all things of its kind.
CREATE TABLE counter (
  name TEXT NOT NULL PRIMARY KEY,
  last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO counter (name, last) VALUES ('admin', 0), ('admin_session', 0), ('provider', 1), ('site', 1);

-- A part of the installation with providers, themes and criteria of its own. 1 is always there.
CREATE TABLE site (
  id INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL UNIQUE,
  description TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  version INTEGER NOT NULL
) STRICT;

INSERT INTO site (id, name, name_key, description, created_by, created_at, changed_by, changed_at, version)
VALUES (1, 'Default', 'default', '', 'otpost', 0, 'otpost', 0, 1);

-- enroll_until counts for user_enrollment 'allow-until' alone; criteria are a JSON document. custom_attribute is
-- empty where none is named. version goes up with
-- each change, and whoever writes a provider back names the one they read.
CREATE TABLE provider (
  id INTEGER NOT NULL PRIMARY KEY,
  site_id INTEGER NOT NULL REFERENCES site (id),
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  description TEXT NOT NULL,
  display_name TEXT NOT NULL,
  is_enabled INTEGER NOT NULL,
  code_length INTEGER NOT NULL,
  lifetime_seconds INTEGER NOT NULL,
  subject TEXT NOT NULL,
  content TEXT NOT NULL,
  prompt TEXT NOT NULL,
  concurrent_challenges INTEGER NOT NULL,
  first_factor TEXT NOT NULL,
  user_enrollment TEXT NOT NULL,
  enroll_until INTEGER,
  show_information TEXT NOT NULL,
  allow_external_email INTEGER NOT NULL,
  external_storage TEXT NOT NULL,
  custom_attribute TEXT NOT NULL,
  inherits_criteria INTEGER NOT NULL,
  criteria TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  UNIQUE (site_id, name_key)
) STRICT;

-- The criteria of a site, for its providers that have none of their own: a JSON document.
CREATE TABLE site_criteria (
  site_id INTEGER NOT NULL PRIMARY KEY REFERENCES site (id),
  criteria TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- An entrance at which people sign in. members are a JSON document, return_to is a blank-separated list,
-- realm is empty for none. Without a provider nobody signs in there.
CREATE TABLE theme (
  id INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL UNIQUE,
  description TEXT NOT NULL,
  is_enabled INTEGER NOT NULL,
  post_logon_message TEXT NOT NULL,
  overrides_realm INTEGER NOT NULL,
  realm TEXT NOT NULL,
  filters_members INTEGER NOT NULL,
  members TEXT NOT NULL,
  provider_id INTEGER REFERENCES provider (id),
  return_to TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  version INTEGER NOT NULL
) STRICT;

-- A sign-in on its way to the application that asked for it, by the hash of the ticket. serial is empty
-- where a rule asked for no code; proven_by is what the password is recognised by.
CREATE TABLE ticket (
  token_hash BLOB NOT NULL PRIMARY KEY,
  theme_id INTEGER NOT NULL REFERENCES theme (id),
  user_id TEXT NOT NULL,
  user_name TEXT NOT NULL,
  realm TEXT NOT NULL,
  serial TEXT NOT NULL,
  proven_by TEXT NOT NULL,
  signed_in_at INTEGER NOT NULL,
  return_to TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A session at what a gate guards, by the hash of its token; the columns are those of a ticket.
CREATE TABLE gate_session (
  token_hash BLOB NOT NULL PRIMARY KEY,
  theme_id INTEGER NOT NULL REFERENCES theme (id),
  user_id TEXT NOT NULL,
  user_name TEXT NOT NULL,
  realm TEXT NOT NULL,
  serial TEXT NOT NULL,
  proven_by TEXT NOT NULL,
  signed_in_at INTEGER NOT NULL,
  opened_at INTEGER NOT NULL,
  used_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Somebody who has signed in and may come in once at another door, from that address; the other columns are
-- those of a ticket.
CREATE TABLE pass (
  theme_id INTEGER NOT NULL REFERENCES theme (id),
  user_id TEXT NOT NULL,
  user_name TEXT NOT NULL,
  realm TEXT NOT NULL,
  serial TEXT NOT NULL,
  proven_by TEXT NOT NULL,
  signed_in_at INTEGER NOT NULL,
  address TEXT NOT NULL,
  PRIMARY KEY (theme_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE resolver (
  name TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A directory that a resolver looks people up in. data is a JSON object of texts.
CREATE TABLE directory (
  resolver TEXT NOT NULL PRIMARY KEY REFERENCES resolver (name),
  data TEXT NOT NULL,
  sealed_password BLOB,
  sealed_write_password BLOB
) STRICT, WITHOUT ROWID;

-- first_factor is empty where the provider's setting applies.
CREATE TABLE realm (
  name TEXT NOT NULL PRIMARY KEY,
  is_default INTEGER NOT NULL,
  first_factor TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE realm_resolver (
  realm TEXT NOT NULL REFERENCES realm (name),
  resolver TEXT NOT NULL REFERENCES resolver (name),
  priority INTEGER NOT NULL,
  PRIMARY KEY (realm, resolver)
) STRICT, WITHOUT ROWID;

-- provider_id is missing where the default provider applies.
CREATE TABLE account (
  id TEXT NOT NULL PRIMARY KEY,
  resolver TEXT NOT NULL REFERENCES resolver (name),
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  given_name TEXT NOT NULL,
  surname TEXT NOT NULL,
  email TEXT NOT NULL,
  phone TEXT NOT NULL,
  mobile TEXT NOT NULL,
  description TEXT NOT NULL,
  password_hash TEXT,
  provider_id INTEGER REFERENCES provider (id),
  created_at INTEGER NOT NULL,
  UNIQUE (resolver, name_key)
) STRICT, WITHOUT ROWID;

-- user_id is empty for an enrollment that belongs to nobody yet.
CREATE TABLE enrollment (
  serial TEXT NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL,
  realm TEXT NOT NULL,
  provider_id INTEGER NOT NULL REFERENCES provider (id),
  address TEXT NOT NULL,
  is_address_dynamic INTEGER NOT NULL,
  pin_hash TEXT,
  code_length INTEGER NOT NULL,
  is_active INTEGER NOT NULL,
  is_revoked INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  max_failures INTEGER NOT NULL,
  failed_at INTEGER,
  relay TEXT NOT NULL,
  description TEXT NOT NULL,
  info TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX enrollment_user ON enrollment (user_id);

-- id begins with the time, so new rows stay together on disk. part is one of so many parts, from 0. previous is the
-- account's challenge that was opened before this one, empty where nothing else can be open: a trail that begins in the
-- account's row leads to all that are open, and no index has to be kept for them.
CREATE TABLE challenge (
  id TEXT NOT NULL,
  part INTEGER NOT NULL,
  parts INTEGER NOT NULL,
  subject BLOB NOT NULL,
  purpose TEXT NOT NULL,
  client_group TEXT NOT NULL,
  serial TEXT NOT NULL,
  state TEXT NOT NULL,
  is_real INTEGER NOT NULL,
  tries INTEGER NOT NULL,
  sends INTEGER NOT NULL,
  issued_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  last_sent_at INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  code_length INTEGER NOT NULL,
  nonce BLOB NOT NULL,
  code_mac BLOB NOT NULL,
  previous TEXT NOT NULL,
  PRIMARY KEY (id, part)
) STRICT, WITHOUT ROWID;

-- First steps that their clients have named, and the challenge that each led to: a copy is recognised by its
-- name. Both hashes are keyed. Rows leave with their challenge.
CREATE TABLE first_step (
  name BLOB NOT NULL PRIMARY KEY,
  fingerprint BLOB NOT NULL,
  challenge TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX first_step_challenge ON first_step (challenge);

-- One row per account: the instants at which each of its budgets is square again, and where the trail of its
-- challenges begins.
CREATE TABLE budget (
  subject BLOB NOT NULL PRIMARY KEY,
  guess_at INTEGER NOT NULL,
  pin_at INTEGER NOT NULL,
  mail_at INTEGER NOT NULL,
  mail_day_at INTEGER NOT NULL,
  newest_challenge TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A mail that is still to be sent. An empty address stands for the mail of a decoy.
CREATE TABLE outbox (
  id TEXT NOT NULL,
  part INTEGER NOT NULL,
  send INTEGER NOT NULL,
  address TEXT NOT NULL,
  relay TEXT NOT NULL,
  provider_id INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  lease_until INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (id, part, send)
) STRICT, WITHOUT ROWID;

-- A mail without a code that is still to be sent: it tells somebody what became of their enrollment. elsewhere
-- is where codes go now, masked.
CREATE TABLE notice (
  id TEXT NOT NULL,
  address TEXT NOT NULL,
  kind TEXT NOT NULL,
  user_name TEXT NOT NULL,
  elsewhere TEXT NOT NULL,
  provider_id INTEGER NOT NULL,
  written_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  lease_until INTEGER NOT NULL,
  PRIMARY KEY (id, address)
) STRICT, WITHOUT ROWID;

-- Addresses that codes went to until an enrollment was removed: they are told when the person enrolls another.
CREATE TABLE former_address (
  user_id TEXT NOT NULL,
  address TEXT NOT NULL,
  left_at INTEGER NOT NULL,
  PRIMARY KEY (user_id, address)
) STRICT, WITHOUT ROWID;

CREATE INDEX former_address_left ON former_address (left_at);

CREATE TABLE audit (
  id BLOB NOT NULL PRIMARY KEY,
  at INTEGER NOT NULL,
  action TEXT NOT NULL,
  outcome TEXT NOT NULL,
  reason TEXT NOT NULL,
  user_name TEXT NOT NULL,
  realm TEXT NOT NULL,
  serials TEXT NOT NULL,
  challenge TEXT NOT NULL,
  actor TEXT NOT NULL,
  client TEXT NOT NULL,
  address TEXT NOT NULL,
  request_id TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- rights are a JSON document; version goes up with each change.
CREATE TABLE admin (
  name_key TEXT NOT NULL PRIMARY KEY,
  id INTEGER NOT NULL UNIQUE,
  name TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  is_enabled INTEGER NOT NULL,
  level TEXT NOT NULL,
  rights TEXT NOT NULL,
  email TEXT NOT NULL,
  mobile TEXT NOT NULL,
  is_notified INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A session of an administrator, by the hash of its token. kind is 'console' or 'api'; last_used_at is
-- kept for the latter, to within a minute.
CREATE TABLE admin_session (
  token_hash BLOB NOT NULL PRIMARY KEY,
  id INTEGER NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  name_key TEXT NOT NULL REFERENCES admin (name_key),
  address TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  last_used_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- networks and scopes are blank-separated lists.
CREATE TABLE api_key (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  secret_hash BLOB NOT NULL,
  scopes TEXT NOT NULL,
  networks TEXT NOT NULL,
  client_group TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE relay (
  name TEXT NOT NULL PRIMARY KEY,
  host TEXT NOT NULL,
  port INTEGER NOT NULL,
  security TEXT NOT NULL,
  user_name TEXT NOT NULL,
  sealed_password BLOB,
  mechanism TEXT NOT NULL,
  sender TEXT NOT NULL,
  timeout_seconds INTEGER NOT NULL,
  ca_file TEXT NOT NULL,
  allow_plaintext INTEGER NOT NULL,
  description TEXT NOT NULL,
  position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
