-- Times are milliseconds since 1970, UTC. Ids are 16 bytes. Nothing in here can be presented to anyone as a secret.

-- Counters that a node watches, in one row so that one read sees them together.
CREATE TABLE state (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    feed_seq INTEGER NOT NULL CHECK (feed_seq >= 0),
    highest_time INTEGER NOT NULL,
    signing_keys_version INTEGER NOT NULL CHECK (signing_keys_version >= 0),
    setup_complete INTEGER NOT NULL CHECK (setup_complete IN (0, 1))
) STRICT;

INSERT INTO state VALUES (1, 0, 0, 0, 0);

-- Every name ever used, in normalised form. Outlives its user, so that nobody inherits what a name was trusted with.
CREATE TABLE names (
    name TEXT NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL CHECK (length(user_id) = 16)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER names_stay_taken BEFORE DELETE ON names
BEGIN
    SELECT raise(ABORT, 'a name once used stays taken');
END;

CREATE TRIGGER names_change_no_hands BEFORE UPDATE ON names
BEGIN
    SELECT raise(ABORT, 'a name once used stays taken');
END;

CREATE TABLE users (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    username TEXT NOT NULL,
    email TEXT,
    -- Separated by spaces.
    roles TEXT NOT NULL,
    is_admin INTEGER NOT NULL CHECK (is_admin IN (0, 1)),
    must_change_password INTEGER NOT NULL CHECK (must_change_password IN (0, 1)),
    disabled INTEGER NOT NULL CHECK (disabled IN (0, 1)),
    created_at INTEGER NOT NULL,
    epoch INTEGER NOT NULL CHECK (epoch >= 0),
    -- Argon2id in PHC form; none until the user has chosen one.
    password TEXT
) STRICT;

CREATE INDEX users_by_age ON users (created_at, id);
CREATE INDEX enabled_admins ON users (id) WHERE is_admin = 1 AND disabled = 0;

-- One row a session, however often it is refreshed. Outlives its user, so that its tokens are still recognised.
CREATE TABLE sessions (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    user_id BLOB NOT NULL CHECK (length(user_id) = 16),
    transport TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    idle_expires_at INTEGER NOT NULL,
    aal INTEGER NOT NULL,
    -- Separated by spaces.
    amr TEXT NOT NULL,
    auth_time INTEGER NOT NULL,
    user_agent TEXT NOT NULL,
    address TEXT,
    device BLOB CHECK (length(device) = 16),
    generation INTEGER NOT NULL CHECK (generation >= 0),
    nonce BLOB NOT NULL CHECK (length(nonce) = 16),
    spent_at INTEGER,
    repeats INTEGER NOT NULL CHECK (repeats >= 0),
    repeated_elsewhere INTEGER NOT NULL CHECK (repeated_elsewhere IN (0, 1)),
    elsewhere_streak INTEGER NOT NULL CHECK (elsewhere_streak >= 0),
    epoch INTEGER NOT NULL CHECK (epoch >= 0),
    revoked_at INTEGER
) STRICT;

-- No column that a refresh changes is in an index: a refresh rewrites one row and nothing else.
CREATE INDEX unrevoked_sessions_of_user ON sessions (user_id, created_at, id) WHERE revoked_at IS NULL;
CREATE INDEX unrevoked_sessions_by_age ON sessions (created_at, id) WHERE revoked_at IS NULL;
CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE TABLE links (
    hash BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    purpose TEXT NOT NULL,
    user_id BLOB REFERENCES users (id) ON DELETE CASCADE,
    expires_at INTEGER,
    CHECK ((purpose = 'setup') = (user_id IS NULL)),
    CHECK ((purpose = 'setup') = (expires_at IS NULL))
) STRICT;

CREATE INDEX links_of_user ON links (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX links_by_end ON links (expires_at) WHERE expires_at IS NOT NULL;

-- The feed. `seq` comes from `state.feed_seq` in the same transaction, never from SQLite, so that it has no gaps.
CREATE TABLE revocations (
    seq INTEGER PRIMARY KEY,
    subject TEXT NOT NULL CHECK (subject IN ('session', 'user')),
    subject_id BLOB NOT NULL CHECK (length(subject_id) = 16),
    effect TEXT NOT NULL CHECK (effect IN ('revoked', 'outdated')),
    epoch INTEGER NOT NULL CHECK (epoch >= 0),
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX revocations_by_end ON revocations (expires_at);

CREATE TABLE signing_keys (
    id TEXT NOT NULL PRIMARY KEY,
    public BLOB NOT NULL CHECK (length(public) = 32),
    -- Sealed under the master secret, which is not in here.
    sealed_private BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    retired_at INTEGER
) STRICT;

CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    outcome TEXT NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    user_id BLOB CHECK (length(user_id) = 16),
    session_id BLOB CHECK (length(session_id) = 16),
    address TEXT,
    user_agent TEXT NOT NULL,
    request_id TEXT,
    reason TEXT,
    -- JSON: an array of pairs.
    details TEXT NOT NULL
) STRICT;

CREATE INDEX audit_of_user ON audit (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX audit_by_name ON audit (name);

CREATE TRIGGER audit_is_not_rewritten BEFORE UPDATE ON audit
BEGIN
    SELECT raise(ABORT, 'the audit log is only ever added to');
END;

CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit
BEGIN
    SELECT raise(ABORT, 'the audit log is only ever added to');
END;
