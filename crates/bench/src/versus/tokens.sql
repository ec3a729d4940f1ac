-- Copies of token 1 for users 2 to :users. Both engines read this text.

WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < :users)
INSERT INTO token (id, description, serial, tokentype, user_pin, user_pin_iv, so_pin, so_pin_iv, pin_seed, otplen,
    pin_hash, key_enc, key_iv, maxfail, active, revoked, locked, failcount, count, count_window, sync_window, rollout_state)
SELECT n.i, description, 'PIEM' || n.i, tokentype, user_pin, user_pin_iv, so_pin, so_pin_iv, pin_seed, otplen,
    pin_hash, key_enc, key_iv, maxfail, active, revoked, locked, failcount, count, count_window, sync_window, rollout_state
FROM token, n WHERE token.id = 1;

WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < :users)
INSERT INTO tokeninfo (id, "Key", "Value", "Type", "Description", token_id)
SELECT n.i * 100 + id, "Key", CASE "Key" WHEN 'email' THEN 'u' || (n.i - 1) || '@bench.example' ELSE "Value" END,
    "Type", "Description", n.i
FROM tokeninfo, n WHERE token_id = 1;

WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < :users)
INSERT INTO tokenowner (id, token_id, resolver, user_id, realm_id)
SELECT n.i, n.i, resolver, CAST(n.i AS VARCHAR(20)), realm_id FROM tokenowner, n WHERE token_id = 1;

WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < :users)
INSERT INTO tokenrealm (id, token_id, realm_id) SELECT n.i, n.i, realm_id FROM tokenrealm, n WHERE token_id = 1;
