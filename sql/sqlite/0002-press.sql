-- The press: sections, authors, tags, pictures, stories, their revisions and corrections.
--
-- A story's row is its newest state, for quick reading; revision keeps every saved state for ever.
-- story_tag and story_author carry the time of publication (NULL while the story is not public), so
-- that a page of a tag's or author's stories is one range of an index, however many there are.

CREATE TABLE section (
	id          INTEGER PRIMARY KEY,
	slug        TEXT    NOT NULL UNIQUE,
	name        TEXT    NOT NULL,
	description TEXT    NOT NULL DEFAULT '',
	position    INTEGER NOT NULL
);

CREATE TABLE tag (
	id          INTEGER PRIMARY KEY,
	slug        TEXT    NOT NULL UNIQUE,
	name        TEXT    NOT NULL
);

CREATE TABLE media (
	id       INTEGER PRIMARY KEY,
	hash     TEXT    NOT NULL UNIQUE, -- first 32 hex digits of SHA-256 of the original
	format   TEXT    NOT NULL,        -- of the original: jpeg, png, webp, gif, avif ...
	width    INTEGER NOT NULL,        -- after turning it upright
	height   INTEGER NOT NULL,
	bytes    INTEGER NOT NULL,
	name     TEXT    NOT NULL,        -- file name as it came
	alt      TEXT    NOT NULL DEFAULT '',
	caption  TEXT    NOT NULL DEFAULT '', -- clean HTML
	credit   TEXT    NOT NULL DEFAULT '',
	added    INTEGER NOT NULL
);

CREATE TABLE author (
	id      INTEGER PRIMARY KEY,
	slug    TEXT    NOT NULL UNIQUE,
	name    TEXT    NOT NULL,
	role    TEXT    NOT NULL DEFAULT '',
	bio     TEXT    NOT NULL DEFAULT '', -- clean HTML
	picture INTEGER REFERENCES media (id)
);

CREATE TABLE story (
	id              INTEGER PRIMARY KEY,
	kind            TEXT    NOT NULL CHECK (kind IN ('story', 'page')),
	slug            TEXT    NOT NULL,
	state           TEXT    NOT NULL CHECK (state IN ('draft', 'published', 'withdrawn')),
	section         INTEGER REFERENCES section (id), -- NULL for a page
	headline        TEXT    NOT NULL,
	standfirst      TEXT    NOT NULL DEFAULT '', -- clean inline HTML
	dateline        TEXT    NOT NULL DEFAULT '',
	format          TEXT    NOT NULL CHECK (format IN ('markdown', 'html')),
	source          TEXT    NOT NULL,            -- the body as it was written
	body            TEXT    NOT NULL,            -- clean HTML, safe to serve
	words           INTEGER NOT NULL,
	long_read       INTEGER NOT NULL DEFAULT 0,
	picture         INTEGER REFERENCES media (id),
	picture_alt     TEXT    NOT NULL DEFAULT '',
	picture_caption TEXT    NOT NULL DEFAULT '', -- clean inline HTML
	picture_credit  TEXT    NOT NULL DEFAULT '',
	published       INTEGER,                     -- first made public; kept when withdrawn
	updated         INTEGER,                     -- last change that readers are told of
	withdrawn_why   TEXT    NOT NULL DEFAULT '',
	revision        INTEGER NOT NULL,            -- the newest one's number
	saved           INTEGER NOT NULL,
	UNIQUE (kind, slug),
	CHECK (kind = 'page' OR section IS NOT NULL),
	CHECK (state = 'draft' OR published IS NOT NULL)
);
CREATE INDEX story_newest ON story (kind, state, published DESC, id DESC);
CREATE INDEX story_in_section ON story (section, kind, state, published DESC, id DESC);
CREATE INDEX story_saved ON story (saved DESC, id DESC);
CREATE INDEX story_picture ON story (picture) WHERE picture IS NOT NULL;

CREATE TABLE story_author (
	story     INTEGER NOT NULL REFERENCES story (id),
	author    INTEGER NOT NULL REFERENCES author (id),
	position  INTEGER NOT NULL,
	published INTEGER,
	PRIMARY KEY (story, author)
) WITHOUT ROWID;
CREATE INDEX author_stories ON story_author (author, published DESC, story DESC);

CREATE TABLE story_tag (
	story     INTEGER NOT NULL REFERENCES story (id),
	tag       INTEGER NOT NULL REFERENCES tag (id),
	position  INTEGER NOT NULL,
	published INTEGER,
	PRIMARY KEY (story, tag)
) WITHOUT ROWID;
CREATE INDEX tag_stories ON story_tag (tag, published DESC, story DESC);

CREATE TABLE correction (
	id       INTEGER PRIMARY KEY,
	story    INTEGER NOT NULL REFERENCES story (id),
	made     INTEGER NOT NULL,
	text     TEXT    NOT NULL  -- clean inline HTML
);
CREATE INDEX correction_of ON correction (story, made, id);

CREATE TABLE revision (
	story   INTEGER NOT NULL REFERENCES story (id),
	number  INTEGER NOT NULL,
	saved   INTEGER NOT NULL,
	actor   TEXT    NOT NULL,
	state   TEXT    NOT NULL,
	content TEXT    NOT NULL,  -- JSON: all that the story was
	PRIMARY KEY (story, number)
) WITHOUT ROWID;

CREATE TRIGGER revision_is_kept BEFORE DELETE ON revision
BEGIN SELECT RAISE(ABORT, 'a revision is kept for ever'); END;
CREATE TRIGGER revision_stands BEFORE UPDATE ON revision
BEGIN SELECT RAISE(ABORT, 'a revision is never changed'); END;
CREATE TRIGGER correction_is_kept BEFORE DELETE ON correction
BEGIN SELECT RAISE(ABORT, 'a correction is kept for ever'); END;
CREATE TRIGGER correction_stands BEFORE UPDATE ON correction
BEGIN SELECT RAISE(ABORT, 'a correction is never changed'); END;

-- Old addresses. One with a story follows it wherever it goes; one with a target is fixed.
CREATE TABLE redirect (
	path   TEXT PRIMARY KEY,   -- with its query, as "/?p=12"
	story  INTEGER REFERENCES story (id),
	target TEXT,
	CHECK ((story IS NULL) <> (target IS NULL))
) WITHOUT ROWID;
CREATE INDEX redirect_to ON redirect (story) WHERE story IS NOT NULL;
