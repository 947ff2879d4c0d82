-- What administrators search users by: name and mail address, both in the form that names are compared in. Neither is
-- changed by an attempt to log in, so none of it writes to the indices. The rows that are there are filled by the
-- program, which knows that form, and the indices are made after that.
ALTER TABLE users ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN email_key TEXT;

-- Of rows without an address as well: an index more to write would tell by the time it takes what a row is about.
CREATE INDEX audit_by_address ON audit (address);

-- What an account's owner is told of: refreshes, which are most of the log, are not among it. Of rows about nobody as
-- well, for the same reason.
CREATE INDEX audit_of_user_but_refreshes ON audit (user_id) WHERE name <> 'session.refreshed';
