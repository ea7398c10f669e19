-- What was brought from elsewhere, so that bringing it again updates it and doubles nothing.

CREATE TABLE imported (
	source   TEXT    NOT NULL,  -- where from: "wordpress:https://old.example"
	kind     TEXT    NOT NULL,  -- story, author, section, media
	foreign_id TEXT  NOT NULL,  -- its name there
	local    INTEGER NOT NULL,  -- its id here
	digest   TEXT    NOT NULL,  -- of what came, to tell whether it changed there
	revision INTEGER NOT NULL,  -- of the story as the import left it, to tell whether it changed here
	PRIMARY KEY (source, kind, foreign_id)
) WITHOUT ROWID;

-- Readers' comments that came with stories, whole, for the forum.
CREATE TABLE imported_comment (
	source       TEXT    NOT NULL,
	foreign_id   TEXT    NOT NULL,
	story        INTEGER NOT NULL REFERENCES story (id),
	parent       TEXT    NOT NULL,  -- foreign_id of the one it answers; "0" or "" if none
	state        TEXT    NOT NULL,  -- as it stood there: "1", "0", "spam", "trash"
	type         TEXT    NOT NULL,
	author_name  TEXT    NOT NULL,
	author_email TEXT    NOT NULL,
	author_url   TEXT    NOT NULL,
	author_ip    TEXT    NOT NULL,
	author_id    TEXT    NOT NULL,
	written      INTEGER,           -- NULL where the date made no sense
	content      TEXT    NOT NULL,  -- as it came; cleaned when the forum takes it
	meta         TEXT    NOT NULL,  -- JSON: everything else that came
	PRIMARY KEY (source, foreign_id)
) WITHOUT ROWID;
CREATE INDEX imported_comment_of ON imported_comment (story);
