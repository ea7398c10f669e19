-- Live blogs: entries, their key points, and every text that an entry ever had.

CREATE TABLE live_entry (
	id           INTEGER PRIMARY KEY,
	story        INTEGER NOT NULL REFERENCES story (id),
	time         INTEGER NOT NULL, -- when it was posted
	headline     TEXT    NOT NULL DEFAULT '',
	source       TEXT    NOT NULL, -- Markdown
	body         TEXT    NOT NULL, -- clean HTML
	key          TEXT    NOT NULL DEFAULT '', -- the line among the key points
	key_position INTEGER, -- among them, from 1; NULL: it is none
	withdrawn    INTEGER NOT NULL DEFAULT 0,
	why          TEXT    NOT NULL DEFAULT '', -- it was withdrawn
	edited       INTEGER, -- NULL: never
	revision     INTEGER NOT NULL, -- newest number
	saved        INTEGER NOT NULL,
	CHECK ((key_position IS NULL) = (key = ''))
);
CREATE INDEX live_of ON live_entry (story, time DESC, id DESC);
CREATE INDEX live_saved ON live_entry (story, saved);
CREATE INDEX live_keys ON live_entry (story, key_position) WHERE key_position IS NOT NULL;
CREATE INDEX live_named ON live_entry (story, time DESC, id DESC)
	WHERE withdrawn = 0 AND (headline <> '' OR key <> '');

CREATE TABLE live_author (
	entry    INTEGER NOT NULL REFERENCES live_entry (id),
	author   INTEGER NOT NULL REFERENCES author (id),
	position INTEGER NOT NULL,
	PRIMARY KEY (entry, author)
) WITHOUT ROWID;
CREATE INDEX live_by ON live_author (author);

-- An entry as it was saved each time.
CREATE TABLE live_revision (
	entry   INTEGER NOT NULL REFERENCES live_entry (id),
	number  INTEGER NOT NULL,
	saved   INTEGER NOT NULL,
	actor   TEXT    NOT NULL,
	content TEXT    NOT NULL, -- JSON
	PRIMARY KEY (entry, number)
) WITHOUT ROWID;
CREATE TRIGGER live_revision_is_kept BEFORE DELETE ON live_revision
BEGIN SELECT RAISE(ABORT, 'a revision is kept for ever'); END;
CREATE TRIGGER live_revision_stands BEFORE UPDATE ON live_revision
BEGIN SELECT RAISE(ABORT, 'a revision is never changed'); END;

-- A correction of a story may be one of an entry of it.
CREATE TABLE live_correction (
	correction INTEGER PRIMARY KEY REFERENCES correction (id),
	entry      INTEGER NOT NULL REFERENCES live_entry (id)
);
CREATE INDEX live_corrected ON live_correction (entry);
