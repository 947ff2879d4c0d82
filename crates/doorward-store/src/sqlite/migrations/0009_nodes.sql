-- What the nodes that share this database tell of themselves, for administrators to look at.
CREATE TABLE nodes (
    name TEXT NOT NULL PRIMARY KEY,
    version TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    reported_at INTEGER NOT NULL,
    -- Up to which number the feed of revocations was in force there, and how long ago that was confirmed, in milliseconds.
    feed_seq INTEGER NOT NULL CHECK (feed_seq >= 0),
    feed_age INTEGER NOT NULL CHECK (feed_age >= 0)
) STRICT;
