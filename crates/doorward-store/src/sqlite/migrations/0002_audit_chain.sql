-- Every row of the audit log hangs in a chain: see core's audit_chain.rs. The key is not in here, so the rows that are
-- there already are moved by the program, in the same transaction.

DROP TRIGGER audit_is_not_rewritten;
DROP TRIGGER audit_is_not_shortened;
DROP INDEX audit_of_user;
DROP INDEX audit_by_name;
ALTER TABLE audit RENAME TO audit_before_chain;

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
    details TEXT NOT NULL,
    chain TEXT NOT NULL,
    -- Its number in the chain, from 1 on without gaps.
    chain_seq INTEGER NOT NULL,
    -- Which key made the MAC.
    key_id INTEGER NOT NULL,
    -- The MAC of the row before it in the chain, and its own.
    previous BLOB NOT NULL CHECK (length(previous) = 32),
    mac BLOB NOT NULL CHECK (length(mac) = 32)
) STRICT;

-- Of rows about nobody as well: an index more to write would tell by the time it takes that a name is somebody's.
CREATE INDEX audit_of_user ON audit (user_id);
CREATE INDEX audit_by_name ON audit (name);

-- Where each chain ends (head), and up to which row retention has removed it (anchor). Both are sealed, each by a MAC
-- of its own.
CREATE TABLE audit_chains (
    chain TEXT NOT NULL PRIMARY KEY,
    head_seq INTEGER NOT NULL CHECK (head_seq >= 0),
    head_mac BLOB NOT NULL CHECK (length(head_mac) = 32),
    head_key_id INTEGER NOT NULL,
    head_tag BLOB NOT NULL CHECK (length(head_tag) = 32),
    anchor_seq INTEGER NOT NULL CHECK (anchor_seq >= 0),
    anchor_mac BLOB NOT NULL CHECK (length(anchor_mac) = 32),
    anchor_key_id INTEGER NOT NULL,
    anchor_tag BLOB NOT NULL CHECK (length(anchor_tag) = 32)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER audit_is_not_rewritten BEFORE UPDATE ON audit
BEGIN
    SELECT raise(ABORT, 'the audit log is only ever added to');
END;

CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit
WHEN OLD.chain_seq > coalesce((SELECT anchor_seq FROM audit_chains WHERE chain = OLD.chain), 0)
BEGIN
    SELECT raise(ABORT, 'retention has not let go of these rows of the audit log');
END;

CREATE TRIGGER audit_chains_are_kept BEFORE DELETE ON audit_chains
BEGIN
    SELECT raise(ABORT, 'the end of the audit log is not forgotten');
END;
