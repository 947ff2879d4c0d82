-- What a user can show beside the password, kept in step with the tables below by whatever changes them.
ALTER TABLE users ADD COLUMN totp INTEGER NOT NULL DEFAULT 0 CHECK (totp IN (0, 1));
ALTER TABLE users ADD COLUMN passkeys INTEGER NOT NULL DEFAULT 0 CHECK (passkeys >= 0);
ALTER TABLE users ADD COLUMN recovery_codes_left INTEGER NOT NULL DEFAULT 0 CHECK (recovery_codes_left >= 0);
-- So many codes have been examined since the last one that was right.
ALTER TABLE users ADD COLUMN codes_running INTEGER NOT NULL DEFAULT 0 CHECK (codes_running >= 0);

-- The password is too short to protect an account alone: it has to be changed when the last factor goes.
ALTER TABLE users ADD COLUMN password_needs_factor INTEGER NOT NULL DEFAULT 0 CHECK (password_needs_factor IN (0, 1));

-- Authenticator apps. The secrets are sealed under the master secret, which is not in here.
CREATE TABLE totp (
    user_id BLOB NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    sealed BLOB NOT NULL,
    -- The thirty-second step of the last code that was accepted.
    last_step INTEGER CHECK (last_step >= 0),
    -- In steps.
    drift INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Authenticator apps of which no code was shown yet. They count for nothing.
CREATE TABLE totp_enrolments (
    user_id BLOB NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    -- Where it was begun, and for which alone it is there. It ends by itself, whatever becomes of the session.
    session_id BLOB NOT NULL CHECK (length(session_id) = 16),
    sealed BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX totp_enrolments_by_end ON totp_enrolments (expires_at);

-- Those that were not used yet.
CREATE TABLE recovery_codes (
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (user_id, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE passkeys (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 1023),
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    -- Public key and what else it takes to verify a signature.
    credential BLOB NOT NULL,
    sign_count INTEGER NOT NULL CHECK (sign_count >= 0),
    synced INTEGER NOT NULL CHECK (synced IN (0, 1)),
    created_at INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT;

CREATE INDEX passkeys_of_user ON passkeys (user_id, created_at, id);

-- Where a user may skip the second factor.
CREATE TABLE trusted_devices (
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    device BLOB NOT NULL CHECK (length(device) = 16),
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, device)
) STRICT, WITHOUT ROWID;

CREATE INDEX trusted_devices_by_end ON trusted_devices (expires_at);

-- Logins whose password was right, and which wait for the second factor.
CREATE TABLE pending_logins (
    hash BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL,
    tries_left INTEGER NOT NULL CHECK (tries_left >= 0),
    trust_device INTEGER NOT NULL CHECK (trust_device IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE INDEX pending_logins_of_user ON pending_logins (user_id);
CREATE INDEX pending_logins_by_end ON pending_logins (expires_at);

-- Challenges that a passkey has signed, until they would be refused for their age alone.
CREATE TABLE spent_challenges (
    hash BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX spent_challenges_by_end ON spent_challenges (expires_at);
