-- Keys are published before they sign, and one that leaked is believed no more.
ALTER TABLE signing_keys RENAME TO signing_keys_before;

CREATE TABLE signing_keys (
    id TEXT NOT NULL PRIMARY KEY,
    public BLOB NOT NULL CHECK (length(public) = 32),
    -- Sealed under the master secret, which is not in here.
    sealed_private BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    signs_from INTEGER NOT NULL,
    -- The signs_from of the next one, which may lie ahead. Of the last one there is none.
    retired_at INTEGER,
    distrusted INTEGER NOT NULL CHECK (distrusted IN (0, 1))
) STRICT;

-- Until now each signed from when it was made.
INSERT INTO signing_keys
    SELECT id, public, sealed_private, created_at, created_at, retired_at, 0 FROM signing_keys_before;

DROP TABLE signing_keys_before;
