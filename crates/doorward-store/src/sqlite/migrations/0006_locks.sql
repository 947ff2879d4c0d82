-- Who is locked. An attempt writes to it only where a lock begins, or where one that is over is forgotten, and alike of
-- names that are somebody's and of others: they are told apart within it.
CREATE INDEX attempts_locked ON attempts (owner IS NULL, locked_until, kind, key, owner) WHERE locked_until IS NOT NULL;

-- Whose authenticator app is locked: so many codes were wrong running.
CREATE INDEX users_with_locked_app ON users (id) WHERE codes_running >= 100;
