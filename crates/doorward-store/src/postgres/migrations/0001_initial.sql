-- Times are milliseconds since the epoch, in UTC; ids are 16 random bytes; flags are 0 or 1. Whatever is compared or
-- sorted as text is so byte by byte, whichever locale the cluster was made with.

-- Counters that a node watches. The row is written last in a transaction: whoever adds to the feed keeps it until the
-- commit, which is what makes the numbers gapless in the order of commits.
CREATE TABLE state (
    only_row bigint PRIMARY KEY CHECK (only_row = 1),
    feed_seq bigint NOT NULL CHECK (feed_seq >= 0),
    signing_keys_version bigint NOT NULL CHECK (signing_keys_version >= 0),
    setup_complete smallint NOT NULL CHECK (setup_complete IN (0, 1))
) WITH (fillfactor = 10);

INSERT INTO state VALUES (1, 0, 0, 0);

-- Ends the transaction unless a statement changed just one row: so that the statement, what depends on it and the commit
-- can be sent at once.
CREATE FUNCTION expect_one(changed bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF changed <> 1 THEN
        RAISE EXCEPTION 'somebody else moved first' USING ERRCODE = 'DW001';
    END IF;
END
$$;

-- Every name ever used, in normalised form. Outlives its user, so that nobody inherits what a name was trusted with.
CREATE TABLE names (
    name text COLLATE "C" NOT NULL PRIMARY KEY,
    user_id bytea NOT NULL CHECK (length(user_id) = 16)
);

CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0];
END
$$;

CREATE TRIGGER names_stay_taken BEFORE UPDATE OR DELETE ON names
    FOR EACH ROW EXECUTE FUNCTION refuse('a name once used stays taken');

CREATE TABLE users (
    id bytea NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    username text NOT NULL,
    email text,
    -- Separated by spaces.
    roles text NOT NULL,
    is_admin smallint NOT NULL CHECK (is_admin IN (0, 1)),
    must_change_password smallint NOT NULL CHECK (must_change_password IN (0, 1)),
    disabled smallint NOT NULL CHECK (disabled IN (0, 1)),
    created_at bigint NOT NULL,
    epoch bigint NOT NULL CHECK (epoch >= 0),
    -- Argon2id in PHC form; none until the user has chosen one.
    password text,
    -- Known devices of an account are strangers again once this has been raised.
    device_epoch bigint NOT NULL DEFAULT 0 CHECK (device_epoch >= 0),
    -- What a user can show beside the password, kept in step with the tables below by whatever changes them.
    totp smallint NOT NULL DEFAULT 0 CHECK (totp IN (0, 1)),
    passkeys bigint NOT NULL DEFAULT 0 CHECK (passkeys >= 0),
    recovery_codes_left bigint NOT NULL DEFAULT 0 CHECK (recovery_codes_left >= 0),
    -- So many codes have been examined since the last one that was right.
    codes_running bigint NOT NULL DEFAULT 0 CHECK (codes_running >= 0),
    -- The password is too short to protect an account alone: it has to be changed when the last factor goes.
    password_needs_factor smallint NOT NULL DEFAULT 0 CHECK (password_needs_factor IN (0, 1)),
    -- What administrators search users by, in the form that names are compared in.
    name_key text COLLATE "C" NOT NULL,
    email_key text COLLATE "C"
);

CREATE INDEX users_by_age ON users (created_at, id);
CREATE INDEX enabled_admins ON users (id) WHERE is_admin = 1 AND disabled = 0;
CREATE INDEX users_by_name ON users (name_key, id);
CREATE INDEX users_by_email ON users (email_key, id, name_key) WHERE email_key IS NOT NULL;
-- Whose authenticator app is locked: so many codes were wrong running.
CREATE INDEX users_with_locked_app ON users (id) WHERE codes_running >= 100;

-- One row a session, however often it is refreshed. Outlives its user, so that its tokens are still recognised. Room is
-- left in each page, so that a refresh writes the row anew beside itself and touches no index.
CREATE TABLE sessions (
    id bytea NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    user_id bytea NOT NULL CHECK (length(user_id) = 16),
    transport text NOT NULL,
    created_at bigint NOT NULL,
    last_seen_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    idle_expires_at bigint NOT NULL,
    aal bigint NOT NULL,
    -- Separated by spaces.
    amr text NOT NULL,
    auth_time bigint NOT NULL,
    user_agent text NOT NULL,
    address text,
    device bytea CHECK (length(device) = 16),
    generation bigint NOT NULL CHECK (generation >= 0),
    nonce bytea NOT NULL CHECK (length(nonce) = 16),
    spent_at bigint,
    repeats bigint NOT NULL CHECK (repeats >= 0),
    repeated_elsewhere smallint NOT NULL CHECK (repeated_elsewhere IN (0, 1)),
    elsewhere_streak bigint NOT NULL CHECK (elsewhere_streak >= 0),
    epoch bigint NOT NULL CHECK (epoch >= 0),
    revoked_at bigint
) WITH (fillfactor = 85);

-- No column that a refresh changes is in an index.
CREATE INDEX unrevoked_sessions_of_user ON sessions (user_id, created_at, id) WHERE revoked_at IS NULL;
CREATE INDEX unrevoked_sessions_by_age ON sessions (created_at, id) WHERE revoked_at IS NULL;
CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE TABLE links (
    hash bytea NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    purpose text NOT NULL,
    user_id bytea REFERENCES users (id) ON DELETE CASCADE,
    expires_at bigint,
    CHECK ((purpose = 'setup') = (user_id IS NULL)),
    CHECK ((purpose = 'setup') = (expires_at IS NULL))
);

CREATE INDEX links_of_user ON links (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX links_by_end ON links (expires_at) WHERE expires_at IS NOT NULL;

-- The feed. `seq` comes from `state.feed_seq` in the same transaction, never from a sequence, which has gaps and gives a
-- lower number to whoever commits later.
CREATE TABLE revocations (
    seq bigint PRIMARY KEY,
    subject text NOT NULL CHECK (subject IN ('session', 'user')),
    subject_id bytea NOT NULL CHECK (length(subject_id) = 16),
    effect text NOT NULL CHECK (effect IN ('revoked', 'outdated')),
    epoch bigint NOT NULL CHECK (epoch >= 0),
    expires_at bigint NOT NULL
);

CREATE INDEX revocations_by_end ON revocations (expires_at);

CREATE TABLE signing_keys (
    id text COLLATE "C" NOT NULL PRIMARY KEY,
    public bytea NOT NULL CHECK (length(public) = 32),
    -- Sealed under the master secret, which is not in here.
    sealed_private bytea NOT NULL,
    created_at bigint NOT NULL,
    signs_from bigint NOT NULL,
    -- The signs_from of the next one, which may lie ahead. Of the last one there is none.
    retired_at bigint,
    distrusted smallint NOT NULL CHECK (distrusted IN (0, 1))
);

-- Failed attempts: one row for each subject that failed, however often it did. No name that somebody typed is in here.
CREATE TABLE attempts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('account', 'unknown_name', 'device', 'session', 'address')),
    key bytea NOT NULL CHECK (length(key) = 16),
    -- The account it belongs to.
    owner bytea CHECK (length(owner) = 16),
    -- Moments of twelve bytes: a time and a count.
    failures bytea NOT NULL CHECK (length(failures) % 12 = 0),
    locked_until bigint,
    expires_at bigint NOT NULL,
    UNIQUE (kind, key)
);

CREATE INDEX attempts_by_end ON attempts (kind, expires_at);
-- Of rows without an owner as well: an index more to write would tell by the time it takes that a name is somebody's.
CREATE INDEX attempts_of_owner ON attempts (owner);
CREATE INDEX attempts_locked ON attempts ((owner IS NULL), locked_until, kind, key, owner)
    WHERE locked_until IS NOT NULL;

-- Authenticator apps. The secrets are sealed under the master secret, which is not in here.
CREATE TABLE totp (
    user_id bytea NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    sealed bytea NOT NULL,
    -- The thirty-second step of the last code that was accepted.
    last_step bigint CHECK (last_step >= 0),
    -- In steps.
    drift bigint NOT NULL
);

-- Authenticator apps of which no code was shown yet. They count for nothing.
CREATE TABLE totp_enrolments (
    user_id bytea NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    -- Where it was begun, and for which alone it is there. It ends by itself, whatever becomes of the session.
    session_id bytea NOT NULL CHECK (length(session_id) = 16),
    sealed bytea NOT NULL,
    expires_at bigint NOT NULL
);

CREATE INDEX totp_enrolments_by_end ON totp_enrolments (expires_at);

-- Those that were not used yet.
CREATE TABLE recovery_codes (
    user_id bytea NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (user_id, hash)
);

CREATE TABLE passkeys (
    id bytea NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 1023),
    user_id bytea NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name text NOT NULL,
    -- Public key and what else it takes to verify a signature.
    credential bytea NOT NULL,
    sign_count bigint NOT NULL CHECK (sign_count >= 0),
    synced smallint NOT NULL CHECK (synced IN (0, 1)),
    created_at bigint NOT NULL,
    last_used_at bigint
);

CREATE INDEX passkeys_of_user ON passkeys (user_id, created_at, id);

-- Where a user may skip the second factor.
CREATE TABLE trusted_devices (
    user_id bytea NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    device bytea NOT NULL CHECK (length(device) = 16),
    expires_at bigint NOT NULL,
    PRIMARY KEY (user_id, device)
);

CREATE INDEX trusted_devices_by_end ON trusted_devices (expires_at);

-- Logins whose password was right, and which wait for the second factor.
CREATE TABLE pending_logins (
    hash bytea NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    id bytea NOT NULL UNIQUE CHECK (length(id) = 16),
    user_id bytea NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires_at bigint NOT NULL,
    tries_left bigint NOT NULL CHECK (tries_left >= 0),
    trust_device smallint NOT NULL CHECK (trust_device IN (0, 1))
);

CREATE INDEX pending_logins_of_user ON pending_logins (user_id);
CREATE INDEX pending_logins_by_end ON pending_logins (expires_at);

-- Challenges that a passkey has signed, until they would be refused for their age alone.
CREATE TABLE spent_challenges (
    hash bytea NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    expires_at bigint NOT NULL
);

CREATE INDEX spent_challenges_by_end ON spent_challenges (expires_at);

-- The audit log. Each connection that writes has a chain to itself, so that those who commit at once share a flush of the
-- disk. A place in the log is given while the chain's row is held: see end_of_log in the program.
CREATE SEQUENCE audit_seq;

CREATE TABLE audit (
    seq bigint NOT NULL PRIMARY KEY DEFAULT nextval('audit_seq'),
    name text COLLATE "C" NOT NULL,
    outcome text NOT NULL,
    at bigint NOT NULL,
    actor text NOT NULL,
    user_id bytea CHECK (length(user_id) = 16),
    session_id bytea CHECK (length(session_id) = 16),
    address text COLLATE "C",
    user_agent text NOT NULL,
    request_id text,
    reason text,
    -- JSON: an array of pairs.
    details text NOT NULL,
    chain text COLLATE "C" NOT NULL,
    -- Its number in the chain, from 1 on without gaps.
    chain_seq bigint NOT NULL,
    -- Which key made the MAC.
    key_id bigint NOT NULL,
    -- The MAC of the row before it in the chain, and its own.
    previous bytea NOT NULL CHECK (length(previous) = 32),
    mac bytea NOT NULL CHECK (length(mac) = 32)
);

CREATE INDEX audit_of_chain ON audit (chain, chain_seq);
-- Of rows about nobody as well: an index more to write would tell by the time it takes that a name is somebody's.
CREATE INDEX audit_of_user ON audit (user_id, seq);
CREATE INDEX audit_by_name ON audit (name, seq);
CREATE INDEX audit_by_address ON audit (address, seq);
-- What an account's owner is told of: refreshes, which are most of the log, are not among it.
CREATE INDEX audit_of_user_but_refreshes ON audit (user_id, seq) WHERE name <> 'session.refreshed';

-- Where each chain ends (head), and up to which row retention has removed it (anchor). Both are sealed, each by a MAC
-- of its own.
CREATE TABLE audit_chains (
    chain text COLLATE "C" NOT NULL PRIMARY KEY,
    head_seq bigint NOT NULL CHECK (head_seq >= 0),
    head_mac bytea NOT NULL CHECK (length(head_mac) = 32),
    head_key_id bigint NOT NULL,
    head_tag bytea NOT NULL CHECK (length(head_tag) = 32),
    anchor_seq bigint NOT NULL CHECK (anchor_seq >= 0),
    anchor_mac bytea NOT NULL CHECK (length(anchor_mac) = 32),
    anchor_key_id bigint NOT NULL,
    anchor_tag bytea NOT NULL CHECK (length(anchor_tag) = 32),
    -- The highest time that a write of this chain was decided with.
    highest_time bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 10);

CREATE TRIGGER audit_is_not_rewritten BEFORE UPDATE ON audit
    FOR EACH ROW EXECUTE FUNCTION refuse('the audit log is only ever added to');

CREATE FUNCTION keep_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.chain_seq > coalesce((SELECT anchor_seq FROM audit_chains WHERE chain = OLD.chain), 0) THEN
        RAISE EXCEPTION 'retention has not let go of these rows of the audit log';
    END IF;
    RETURN OLD;
END
$$;

CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION keep_audit();

CREATE TRIGGER audit_chains_are_kept BEFORE DELETE ON audit_chains
    FOR EACH ROW EXECUTE FUNCTION refuse('the end of the audit log is not forgotten');

-- How many events of each name and reason there were in each hour (since 1970), by chain, so that those who write at once
-- do not wait for each other. Not in the chains: the log is the evidence, and what is drawn is not.
CREATE TABLE event_counts (
    hour bigint NOT NULL,
    chain text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    -- Empty where there is none.
    reason text COLLATE "C" NOT NULL,
    count bigint NOT NULL CHECK (count > 0),
    PRIMARY KEY (hour, chain, name, reason)
) WITH (fillfactor = 50);

-- Where in the log the events of an hour lie, by chain.
CREATE TABLE audit_hours (
    hour bigint NOT NULL,
    chain text COLLATE "C" NOT NULL,
    first_seq bigint NOT NULL,
    last_seq bigint NOT NULL,
    PRIMARY KEY (hour, chain)
) WITH (fillfactor = 50);

-- One sample for each quarter of an hour (since 1970) in which a node ran.
CREATE TABLE samples (
    quarter bigint PRIMARY KEY,
    as_of bigint NOT NULL,
    users bigint NOT NULL CHECK (users >= 0),
    live_sessions bigint NOT NULL CHECK (live_sessions >= 0),
    locked_accounts bigint NOT NULL CHECK (locked_accounts >= 0)
);

-- What the nodes that share this database tell of themselves, for administrators to look at.
CREATE TABLE nodes (
    name text COLLATE "C" NOT NULL PRIMARY KEY,
    version text NOT NULL,
    started_at bigint NOT NULL,
    reported_at bigint NOT NULL,
    -- Up to which number the feed of revocations was in force there, and how long ago that was confirmed, in milliseconds.
    feed_seq bigint NOT NULL CHECK (feed_seq >= 0),
    feed_age bigint NOT NULL CHECK (feed_age >= 0)
) WITH (fillfactor = 50);
