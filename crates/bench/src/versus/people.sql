-- Many users from one. The first token is enrolled through the HTTP interface; the others are its copies, each with an
-- owner and an address of its own, because enrolling costs half a second of processor time. Both engines read this text.

CREATE TABLE bench_user (
    id INTEGER PRIMARY KEY,
    username VARCHAR(40) UNIQUE,
    email VARCHAR(80),
    givenname VARCHAR(40),
    surname VARCHAR(40)
);

WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :users)
INSERT INTO bench_user SELECT i, 'u' || (i - 1), 'u' || (i - 1) || '@bench.example', 'Given', 'Sur' FROM n;
