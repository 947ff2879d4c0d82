-- How many events of each name and reason there were in each hour (since 1970). Written with the events, once a group;
-- not in their chain: the log is the evidence, and what is drawn is not.
CREATE TABLE event_counts (
    hour INTEGER NOT NULL,
    name TEXT NOT NULL,
    -- Empty where there is none.
    reason TEXT NOT NULL,
    count INTEGER NOT NULL CHECK (count > 0),
    PRIMARY KEY (hour, name, reason)
) STRICT, WITHOUT ROWID;

INSERT INTO event_counts
    SELECT at / 3600000, name, coalesce(reason, ''), count(*) FROM audit GROUP BY 1, 2, 3;

-- Where in the log the events of an hour lie: events are written nearly, and not quite, in the order of their times. So
-- a list of some hours of long ago does not begin to read at the end.
CREATE TABLE audit_hours (
    hour INTEGER PRIMARY KEY,
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL
) STRICT;

INSERT INTO audit_hours SELECT at / 3600000, min(seq), max(seq) FROM audit GROUP BY 1;

-- One sample for each quarter of an hour (since 1970) in which a node ran.
CREATE TABLE samples (
    quarter INTEGER PRIMARY KEY,
    as_of INTEGER NOT NULL,
    users INTEGER NOT NULL CHECK (users >= 0),
    live_sessions INTEGER NOT NULL CHECK (live_sessions >= 0),
    locked_accounts INTEGER NOT NULL CHECK (locked_accounts >= 0)
) STRICT;
