-- A directory that a resolver looks people up in. data is a JSON object of texts.
CREATE TABLE directory (
  resolver TEXT NOT NULL PRIMARY KEY REFERENCES resolver (name),
  data TEXT NOT NULL,
  sealed_password BLOB,
  sealed_write_password BLOB
) STRICT, WITHOUT ROWID;
