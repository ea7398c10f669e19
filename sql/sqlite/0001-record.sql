-- The record: what happened, one entry an act, numbered from 1 without gaps, time never going back;
-- and the work that follows from it. Nothing in the record is ever changed or taken out.

CREATE TABLE entry (
	number  INTEGER PRIMARY KEY,
	time    INTEGER NOT NULL,
	kind    TEXT    NOT NULL, -- "story.publish"
	subject INTEGER NOT NULL, -- id of what it is about; 0: the publication itself
	actor   TEXT    NOT NULL, -- "cli", "import", "staff:ID"
	detail  TEXT    NOT NULL, -- JSON object: what anybody may read of it
	topics  TEXT    NOT NULL  -- what it touched, one a line
);
CREATE INDEX entry_of ON entry (subject, number);

CREATE TRIGGER entry_follows BEFORE INSERT ON entry
WHEN NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM entry)
	OR NEW.time < (SELECT e.time FROM entry e ORDER BY e.number DESC LIMIT 1)
BEGIN SELECT RAISE(ABORT, 'an entry of the record follows the last one'); END;
CREATE TRIGGER entry_is_kept BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'an entry of the record is kept for ever'); END;
CREATE TRIGGER entry_stands BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'an entry of the record is never changed'); END;

-- Work to do. Whoever takes a job moves `due` to the end of the lease and counts the attempt, so a
-- job whose runner died comes back by itself, and a runner that took too long finds another number.
CREATE TABLE job (
	id      INTEGER PRIMARY KEY,
	entry   INTEGER NOT NULL REFERENCES entry (number),
	kind    TEXT    NOT NULL,
	payload TEXT    NOT NULL, -- JSON
	due     INTEGER NOT NULL,
	attempt INTEGER NOT NULL DEFAULT 0, -- the last one begun
	error   TEXT    NOT NULL DEFAULT '' -- of the last attempt
);
CREATE INDEX job_due ON job (kind, due, id);
CREATE INDEX job_entry ON job (entry);

-- Work that was given up, for a person to look at.
CREATE TABLE failed_job (
	id       INTEGER PRIMARY KEY,
	entry    INTEGER NOT NULL REFERENCES entry (number),
	kind     TEXT    NOT NULL,
	payload  TEXT    NOT NULL,
	attempts INTEGER NOT NULL,
	error    TEXT    NOT NULL,
	failed   INTEGER NOT NULL
);
CREATE INDEX failed_job_entry ON failed_job (entry);
