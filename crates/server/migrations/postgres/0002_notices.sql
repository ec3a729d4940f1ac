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
