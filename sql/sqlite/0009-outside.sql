-- What is told to the world outside: share pictures, hubs, search engines.

-- The desk: stories that were taken down, and when they came back. A story's own row says only what it
-- is now; the corrections page tells readers of each time.
CREATE TABLE withdrawal (
	id       INTEGER PRIMARY KEY,
	story    INTEGER NOT NULL REFERENCES story (id),
	made     INTEGER NOT NULL,
	why      TEXT    NOT NULL,
	restored INTEGER -- when it was published again
);
CREATE INDEX withdrawal_of ON withdrawal (story, made);
CREATE INDEX withdrawal_newest ON withdrawal (made DESC, id DESC);
INSERT INTO withdrawal (id, story, made, why)
	SELECT s.id, s.id, coalesce((SELECT min(r.saved) FROM revision r WHERE r.story = s.id AND
		r.state = 'withdrawn' AND r.number > (SELECT coalesce(max(o.number), 0) FROM revision o
			WHERE o.story = s.id AND o.state <> 'withdrawn')), s.saved), s.withdrawn_why
	FROM story s WHERE s.state = 'withdrawn';
