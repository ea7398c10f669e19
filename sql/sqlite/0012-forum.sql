-- The forum: what readers say about stories, and what is thought of it.

-- How it is held: for the whole publication (''), a section or a story ("section:ID", "story:ID"). What a
-- narrower place does not say is as the wider one has it.
CREATE TABLE forum_setting (
	place TEXT    PRIMARY KEY,
	value TEXT    NOT NULL, -- JSON
	saved INTEGER NOT NULL
);

-- The conversation about a story, from its first comment on. Here and below "story" may also be a page of another site
-- (0016-embed.sql), so no reference guards it; the doctor does.
CREATE TABLE conversation (
	story    INTEGER PRIMARY KEY,
	comments INTEGER NOT NULL DEFAULT 0, -- that are shown
	change   INTEGER NOT NULL DEFAULT 0, -- number of its last change
	latest   INTEGER NOT NULL DEFAULT 0  -- when the newest of them was written
);

CREATE TABLE comment (
	id        INTEGER PRIMARY KEY,
	story     INTEGER NOT NULL,
	parent    INTEGER NOT NULL, -- the comment that it answers; 0: the story itself
	root      INTEGER NOT NULL, -- the first of its branch, or its own id
	depth     INTEGER NOT NULL, -- 0 for that
	reader    INTEGER REFERENCES reader (id), -- NULL: somebody without account
	name      TEXT    NOT NULL DEFAULT '',    -- of whom then; '': a former reader
	staff     INTEGER NOT NULL DEFAULT 0,     -- written as one of the newsroom
	source    TEXT    NOT NULL, -- Markdown
	body      TEXT    NOT NULL, -- clean HTML
	quote     TEXT    NOT NULL DEFAULT '', -- words of the story that it is about
	quote_revision INTEGER NOT NULL DEFAULT 0, -- in which they stood
	state     TEXT    NOT NULL, -- shown, held, removed, deleted
	stands    INTEGER NOT NULL, -- has a place: it is shown, or others that stand answer it
	made      INTEGER NOT NULL,
	edited    INTEGER NOT NULL DEFAULT 0, -- 0: never
	ups       INTEGER NOT NULL DEFAULT 0,
	downs     INTEGER NOT NULL DEFAULT 0,
	reports   INTEGER NOT NULL DEFAULT 0, -- since somebody last decided
	picked    INTEGER NOT NULL DEFAULT 0, -- when the newsroom did so; 0: not
	closed    INTEGER NOT NULL DEFAULT 0, -- nobody answers it, nor what is below it
	rank      INTEGER NOT NULL DEFAULT 0, -- "best": higher comes first
	replies   INTEGER NOT NULL DEFAULT 0, -- right below it, that stand
	talk      INTEGER NOT NULL DEFAULT 0, -- "most discussed": of a root all that are shown below it, else replies
	change    INTEGER NOT NULL            -- the conversation's, at which it last changed
);
-- One a sort: a page is a range of it.
CREATE INDEX comment_best ON comment (story, parent, stands, rank DESC, id);
CREATE INDEX comment_time ON comment (story, parent, stands, made, id);
CREATE INDEX comment_talk ON comment (story, parent, stands, talk DESC, id);
CREATE INDEX comment_change ON comment (story, change);
CREATE INDEX comment_of ON comment (reader, made, id);
CREATE INDEX comment_mine ON comment (reader, story, made);
CREATE INDEX comment_heat ON comment (story, reports) WHERE reports > 0;
CREATE INDEX comment_held ON comment (made, id) WHERE state = 'held';
CREATE INDEX comment_reported ON comment (reports, id) WHERE reports > 0;

-- What a comment said before it was edited.
CREATE TABLE comment_text (
	comment INTEGER NOT NULL REFERENCES comment (id),
	number  INTEGER NOT NULL, -- from 1
	until   INTEGER NOT NULL, -- when it gave way
	source  TEXT    NOT NULL,
	body    TEXT    NOT NULL,
	PRIMARY KEY (comment, number)
) WITHOUT ROWID;

CREATE TABLE comment_vote (
	reader  INTEGER NOT NULL REFERENCES reader (id),
	story   INTEGER NOT NULL,
	comment INTEGER NOT NULL REFERENCES comment (id),
	way     INTEGER NOT NULL, -- 1: recommended, -1: the opposite
	made    INTEGER NOT NULL,
	PRIMARY KEY (reader, story, comment)
) WITHOUT ROWID;
CREATE INDEX comment_vote_on ON comment_vote (comment, way);

CREATE TABLE comment_mention (
	comment INTEGER NOT NULL REFERENCES comment (id),
	reader  INTEGER NOT NULL REFERENCES reader (id),
	PRIMARY KEY (comment, reader)
) WITHOUT ROWID;
CREATE INDEX comment_mention_of ON comment_mention (reader, comment);

CREATE TABLE comment_report (
	id      INTEGER PRIMARY KEY,
	comment INTEGER NOT NULL REFERENCES comment (id),
	reader  INTEGER REFERENCES reader (id), -- NULL: somebody without account, or no longer with one
	reason  TEXT    NOT NULL, -- abuse, spam, off-topic, false, private, illegal, other
	words   TEXT    NOT NULL DEFAULT '',
	made    INTEGER NOT NULL,
	settled INTEGER NOT NULL DEFAULT 0 -- when somebody decided; 0: not yet
);
CREATE UNIQUE INDEX comment_report_once ON comment_report (comment, reader) WHERE settled = 0;
CREATE INDEX comment_report_by ON comment_report (reader) WHERE reader IS NOT NULL;
CREATE INDEX comment_report_on ON comment_report (comment, made);

-- What the rules said of it when it was posted, for moderators.
CREATE TABLE comment_hit (
	comment INTEGER NOT NULL REFERENCES comment (id),
	number  INTEGER NOT NULL,
	rule    TEXT    NOT NULL, -- "links", "suspect" ...
	what    TEXT    NOT NULL, -- the word, the host, what weighed most
	has     INTEGER NOT NULL, -- what there was
	most    INTEGER NOT NULL, -- and what is allowed
	PRIMARY KEY (comment, number)
) WITHOUT ROWID;

-- What somebody wrote before signing in, for when they have: found by a secret in an address.
CREATE TABLE comment_draft (
	id     INTEGER PRIMARY KEY,
	hash   BLOB    NOT NULL UNIQUE,
	story  INTEGER NOT NULL,
	parent INTEGER NOT NULL,
	source TEXT    NOT NULL,
	quote  TEXT    NOT NULL,
	made   INTEGER NOT NULL
);
CREATE INDEX comment_draft_made ON comment_draft (made);

-- What keeps a reader from writing.
CREATE TABLE sanction (
	id     INTEGER PRIMARY KEY,
	reader INTEGER NOT NULL REFERENCES reader (id),
	kind   TEXT    NOT NULL, -- suspended, banned, muted (on one story), held (all they write waits)
	story  INTEGER, -- NULL: everywhere
	why    TEXT    NOT NULL,
	made   INTEGER NOT NULL,
	until  INTEGER NOT NULL, -- 0: for good
	lifted INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX sanction_of ON sanction (reader, lifted);

-- Readers who do not want to see one another.
CREATE TABLE reader_mute (
	reader INTEGER NOT NULL REFERENCES reader (id),
	muted  INTEGER NOT NULL REFERENCES reader (id),
	blocks INTEGER NOT NULL, -- they may not answer nor follow either
	since  INTEGER NOT NULL,
	PRIMARY KEY (reader, muted)
) WITHOUT ROWID;
CREATE INDEX reader_mute_by ON reader_mute (muted, blocks);

-- Which comment one that was brought in has become; the votes that it came with; when it was edited there.
ALTER TABLE imported_comment ADD COLUMN comment INTEGER REFERENCES comment (id);
ALTER TABLE imported_comment ADD COLUMN ups INTEGER NOT NULL DEFAULT 0;
ALTER TABLE imported_comment ADD COLUMN downs INTEGER NOT NULL DEFAULT 0;
ALTER TABLE imported_comment ADD COLUMN edited INTEGER NOT NULL DEFAULT 0; -- 0: never
-- A story after the other, as they are placed: what one touches lies together.
CREATE INDEX imported_comment_waits ON imported_comment (source, story, foreign_id) WHERE comment IS NULL AND
	type NOT IN ('pingback', 'trackback', 'note');
CREATE INDEX imported_comment_below ON imported_comment (parent, story);
-- What its writer takes back is let go of here, too.
CREATE INDEX imported_comment_placed ON imported_comment (comment) WHERE comment IS NOT NULL;
