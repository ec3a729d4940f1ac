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
