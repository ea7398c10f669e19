-- Following: besides readers (reader_follow), conversations, stories and authors; what there is to read because of it.

-- A branch is found by its first comment.
CREATE TABLE follow (
	reader  INTEGER NOT NULL REFERENCES reader (id),
	kind    TEXT    NOT NULL, -- branch, story, author
	subject INTEGER NOT NULL,
	since   INTEGER NOT NULL,
	PRIMARY KEY (reader, kind, subject)
) WITHOUT ROWID;

-- Up to when a reader has seen what there was.
CREATE TABLE reader_seen (
	reader INTEGER PRIMARY KEY REFERENCES reader (id),
	seen   INTEGER NOT NULL
);

-- The address of a reader's own feed: of the secret in it only the hash is here.
CREATE TABLE reader_feed (
	reader INTEGER PRIMARY KEY REFERENCES reader (id),
	hash   BLOB    NOT NULL UNIQUE,
	made   INTEGER NOT NULL
);

ALTER TABLE reader ADD COLUMN no_followers INTEGER NOT NULL DEFAULT 0; -- nobody may follow them

-- Whose comment a comment answers.
ALTER TABLE comment ADD COLUMN answers INTEGER REFERENCES reader (id);
UPDATE comment SET answers = (SELECT p.reader FROM comment p WHERE p.id = comment.parent) WHERE parent <> 0;
ALTER TABLE comment_mention ADD COLUMN made INTEGER NOT NULL DEFAULT 0; -- the comment was
UPDATE comment_mention SET made = (SELECT k.made FROM comment k WHERE k.id = comment_mention.comment);

-- What a page of "Following" reads is some ranges of these.
CREATE INDEX comment_answers ON comment (answers) WHERE answers IS NOT NULL;
CREATE INDEX comment_to ON comment (answers, made, id) WHERE answers IS NOT NULL AND state = 'shown';
CREATE INDEX comment_below ON comment (root, made, id) WHERE depth > 0 AND state = 'shown';
CREATE INDEX comment_about ON comment (story, made, id) WHERE state = 'shown';
CREATE INDEX comment_by ON comment (reader, made, id) WHERE state = 'shown';
DROP INDEX comment_mention_of;
CREATE INDEX comment_mention_of ON comment_mention (reader, made, comment);
