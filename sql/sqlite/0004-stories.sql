-- Stories in full: what stands over a headline, what a story belongs to, when it comes out.

CREATE TABLE series (
	id          INTEGER PRIMARY KEY,
	slug        TEXT    NOT NULL UNIQUE,
	name        TEXT    NOT NULL,
	description TEXT    NOT NULL DEFAULT '' -- clean inline HTML
);

ALTER TABLE story ADD COLUMN kicker     TEXT NOT NULL DEFAULT ''; -- the few words over the headline
ALTER TABLE story ADD COLUMN genre      TEXT NOT NULL DEFAULT 'report'
	CHECK (genre IN ('report', 'analysis', 'opinion', 'review', 'background', 'sponsored'));
ALTER TABLE story ADD COLUMN language   TEXT NOT NULL DEFAULT ''; -- BCP 47; '': the publication's
ALTER TABLE story ADD COLUMN translates INTEGER REFERENCES story (id); -- the story it is a translation of
ALTER TABLE story ADD COLUMN series     INTEGER REFERENCES series (id);
ALTER TABLE story ADD COLUMN no_ask     INTEGER NOT NULL DEFAULT 0; -- never beside it: a request for support
ALTER TABLE story ADD COLUMN sensitive  INTEGER NOT NULL DEFAULT 0; -- readers are warned; no picture when shared
ALTER TABLE story ADD COLUMN scheduled  INTEGER; -- when a draft comes out by itself
ALTER TABLE story ADD COLUMN embargo    INTEGER; -- before this moment nobody may publish it
ALTER TABLE story ADD COLUMN live       TEXT NOT NULL DEFAULT ''
	CHECK (live IN ('', 'live', 'ended')); -- a live blog, and whether it goes on
ALTER TABLE story ADD COLUMN live_from  INTEGER;
ALTER TABLE story ADD COLUMN live_until INTEGER;
CREATE INDEX story_in_series ON story (series, state, published, id) WHERE series IS NOT NULL;
CREATE INDEX story_translation ON story (translates) WHERE translates IS NOT NULL;
CREATE INDEX story_scheduled ON story (scheduled) WHERE scheduled IS NOT NULL;

-- Stories that the newsroom chose to stand under one.
CREATE TABLE story_related (
	story    INTEGER NOT NULL REFERENCES story (id),
	related  INTEGER NOT NULL REFERENCES story (id),
	position INTEGER NOT NULL,
	PRIMARY KEY (story, related)
) WITHOUT ROWID;
CREATE INDEX related_to ON story_related (related);

ALTER TABLE correction ADD COLUMN kind TEXT NOT NULL DEFAULT 'correction'
	CHECK (kind IN ('correction', 'clarification'));
ALTER TABLE correction ADD COLUMN serious   INTEGER NOT NULL DEFAULT 0; -- stands at the head of the story
ALTER TABLE correction ADD COLUMN was_wrong TEXT NOT NULL DEFAULT ''; -- clean inline HTML
ALTER TABLE correction ADD COLUMN is_right  TEXT NOT NULL DEFAULT ''; -- clean inline HTML
CREATE INDEX correction_newest ON correction (made DESC, id DESC);
