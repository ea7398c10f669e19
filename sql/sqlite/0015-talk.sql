-- Conversations: closed branches found at once, drafts of more than comments, questions to guests, heated branches.

CREATE INDEX comment_shut ON comment (root) WHERE closed = 1;

ALTER TABLE comment_draft ADD COLUMN kind TEXT NOT NULL DEFAULT 'post'; -- post, edit, report (of the comment "parent")
ALTER TABLE comment_draft ADD COLUMN reason TEXT NOT NULL DEFAULT '';   -- of a report

-- Whom the newsroom invited to answer readers' questions about a story.
CREATE TABLE question_guest (
	story  INTEGER NOT NULL REFERENCES story (id),
	reader INTEGER NOT NULL REFERENCES reader (id),
	title  TEXT    NOT NULL, -- who they are: said at their answers; '': a guest
	since  INTEGER NOT NULL,
	PRIMARY KEY (story, reader)
) WITHOUT ROWID;
CREATE INDEX question_guest_of ON question_guest (reader, story);
ALTER TABLE comment ADD COLUMN guest INTEGER NOT NULL DEFAULT 0;  -- written as one of them
ALTER TABLE comment ADD COLUMN question INTEGER;                  -- 0: waits for an answer, 1: has one; NULL: is no question
ALTER TABLE comment ADD COLUMN answer INTEGER NOT NULL DEFAULT 0; -- of a question: the first that a guest or the newsroom gave; 0: none
CREATE INDEX comment_question ON comment (story, question, rank DESC, id) WHERE question IS NOT NULL AND stands = 1;

-- Of the first of a branch.
ALTER TABLE comment ADD COLUMN slow INTEGER NOT NULL DEFAULT 0; -- until when one waits between two answers in it
ALTER TABLE comment ADD COLUMN calm INTEGER NOT NULL DEFAULT 0; -- moderators want it not to become slow by itself
DROP INDEX comment_below;
CREATE INDEX comment_below ON comment (root, state, made, id) WHERE depth > 0;
