-- The moderators' work: what was decided, by whom and why, and what became of it.

CREATE TABLE decision (
	id        INTEGER PRIMARY KEY,
	kind      TEXT    NOT NULL, -- approve, remove, pick, unpick, close, open (of a comment); warn, suspend, ban, mute, hold, lift
	comment   INTEGER REFERENCES comment (id),  -- that it is about, or that led to it; NULL: none
	reader    INTEGER REFERENCES reader (id),   -- whom it concerns; NULL: somebody without account, or no longer with one
	story     INTEGER, -- of the comment, or that they are muted on; NULL: none
	moderator INTEGER REFERENCES reader (id),   -- NULL: a rule, or somebody no longer with an account
	automated INTEGER NOT NULL,
	reason    TEXT    NOT NULL, -- as of reports (abuse, spam ...); '': needs none
	words     TEXT    NOT NULL, -- to the reader
	facts     TEXT    NOT NULL, -- what the comment said then
	until     INTEGER NOT NULL, -- of a suspension; 0: none
	was       TEXT    NOT NULL, -- the comment's state before; '': not about a comment
	picked    INTEGER NOT NULL, -- and whether the newsroom had picked it
	sanction  INTEGER REFERENCES sanction (id), -- that it put on; NULL: none
	made      INTEGER NOT NULL,
	undone    INTEGER NOT NULL DEFAULT 0 -- 0: it stands
);
CREATE INDEX decision_on ON decision (comment, id);
CREATE INDEX decision_of ON decision (reader, id);
CREATE INDEX decision_kind ON decision (kind, id);

-- A reader objects; one other than who decided answers.
CREATE TABLE appeal (
	decision  INTEGER PRIMARY KEY REFERENCES decision (id),
	words     TEXT    NOT NULL,
	made      INTEGER NOT NULL,
	moderator INTEGER REFERENCES reader (id), -- who answered
	outcome   TEXT    NOT NULL DEFAULT '', -- upheld, reversed; '': not answered yet
	answer    TEXT    NOT NULL DEFAULT '',
	answered  INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX appeal_open ON appeal (made, decision) WHERE answered = 0;

-- Who looks at a comment just now, so that two do not decide at once.
CREATE TABLE comment_claim (
	comment   INTEGER PRIMARY KEY REFERENCES comment (id),
	moderator INTEGER NOT NULL REFERENCES reader (id),
	until     INTEGER NOT NULL
);

-- What moderators tell one another of a reader.
CREATE TABLE reader_note (
	id        INTEGER PRIMARY KEY,
	reader    INTEGER NOT NULL REFERENCES reader (id),
	moderator INTEGER REFERENCES reader (id),
	words     TEXT    NOT NULL,
	made      INTEGER NOT NULL
);
CREATE INDEX reader_note_of ON reader_note (reader, id);

-- Somebody, perhaps without account, says that a comment breaks the law (Regulation (EU) 2022/2065, Art. 16).
CREATE TABLE notice (
	id        INTEGER PRIMARY KEY,
	comment   INTEGER NOT NULL REFERENCES comment (id),
	why       TEXT    NOT NULL,
	name      TEXT    NOT NULL,
	address   TEXT    NOT NULL, -- for mail
	made      INTEGER NOT NULL,
	moderator INTEGER REFERENCES reader (id),
	outcome   TEXT    NOT NULL DEFAULT '', -- removed, kept; '': not answered yet
	answer    TEXT    NOT NULL DEFAULT '',
	answered  INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX notice_open ON notice (made, id) WHERE answered = 0;
