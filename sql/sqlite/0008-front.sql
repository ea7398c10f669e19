-- The front page as the editors want it; what is read most.
--
-- A plan says which stories stand on a front (the whole paper's, or a section's), in which order and
-- how large, from a moment on. Plans are added, never changed: the one that began last holds, so a
-- change can be made ahead of time, and what the front page was stays known.

CREATE TABLE plan (
	id        INTEGER PRIMARY KEY,
	section   INTEGER REFERENCES section (id), -- NULL: the front page of the whole
	begins    INTEGER NOT NULL,
	made      INTEGER NOT NULL,
	actor     TEXT    NOT NULL,
	cancelled INTEGER                          -- before it began; NULL: it was not
);
CREATE INDEX plan_of ON plan (section, begins DESC, id DESC);

CREATE TABLE plan_story (
	plan     INTEGER NOT NULL REFERENCES plan (id),
	position INTEGER NOT NULL,
	story    INTEGER NOT NULL REFERENCES story (id),
	size     TEXT    NOT NULL CHECK (size IN ('lead', 'large', 'medium', 'small')),
	PRIMARY KEY (plan, position)
) WITHOUT ROWID;
CREATE INDEX plan_story_of ON plan_story (story);

-- How often a story was opened, by the hour (microseconds since 1970 divided by those of an hour). Who
-- opened it is written nowhere.
CREATE TABLE story_read (
	hour  INTEGER NOT NULL,
	story INTEGER NOT NULL REFERENCES story (id),
	n     INTEGER NOT NULL,
	PRIMARY KEY (hour, story)
) WITHOUT ROWID;
