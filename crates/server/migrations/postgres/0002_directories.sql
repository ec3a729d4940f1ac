-- A directory that a resolver looks people up in. data is a JSON object of texts.
CREATE TABLE directory (
  resolver TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES resolver (name),
  data TEXT COLLATE "C" NOT NULL,
  sealed_password BYTEA,
  sealed_write_password BYTEA
);
