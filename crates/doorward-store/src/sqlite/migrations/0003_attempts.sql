-- Known devices of an account are strangers again once this has been raised.
ALTER TABLE users ADD COLUMN device_epoch INTEGER NOT NULL DEFAULT 0 CHECK (device_epoch >= 0);

-- Failed attempts: one row for each subject that failed, however often it did. No name that somebody typed is in here.
CREATE TABLE attempts (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('account', 'unknown_name', 'device', 'session', 'address')),
    key BLOB NOT NULL CHECK (length(key) = 16),
    -- The account it belongs to.
    owner BLOB CHECK (length(owner) = 16),
    -- Moments of twelve bytes: a time and a count.
    failures BLOB NOT NULL CHECK (length(failures) % 12 = 0),
    locked_until INTEGER,
    expires_at INTEGER NOT NULL,
    UNIQUE (kind, key)
) STRICT;

CREATE INDEX attempts_by_end ON attempts (kind, expires_at);
-- Of rows without an owner as well: an index more to write would tell by the time it takes that a name is somebody's.
CREATE INDEX attempts_of_owner ON attempts (owner);
