-- Recordings and files beside pictures; where a picture's subject is; the words of recordings; who may
-- send large files.

ALTER TABLE media ADD COLUMN kind TEXT NOT NULL DEFAULT 'picture'
	CHECK (kind IN ('picture', 'video', 'audio', 'file'));
ALTER TABLE media ADD COLUMN duration  INTEGER NOT NULL DEFAULT 0; -- microseconds; 0: not known
ALTER TABLE media ADD COLUMN poster    INTEGER REFERENCES media (id); -- shown before a video plays
ALTER TABLE media ADD COLUMN creator   TEXT NOT NULL DEFAULT ''; -- who made it
ALTER TABLE media ADD COLUMN copyright TEXT NOT NULL DEFAULT '';
ALTER TABLE media ADD COLUMN licence   TEXT NOT NULL DEFAULT ''; -- an address, or a name as "CC BY 4.0"
ALTER TABLE media ADD COLUMN focus_x   INTEGER NOT NULL DEFAULT 50 CHECK (focus_x BETWEEN 0 AND 100);
ALTER TABLE media ADD COLUMN focus_y   INTEGER NOT NULL DEFAULT 50 CHECK (focus_y BETWEEN 0 AND 100);
CREATE INDEX media_poster ON media (poster) WHERE poster IS NOT NULL;

-- What is said in a recording, timed.
CREATE TABLE media_track (
	id       INTEGER PRIMARY KEY,
	media    INTEGER NOT NULL REFERENCES media (id),
	kind     TEXT    NOT NULL CHECK (kind IN ('captions', 'subtitles', 'descriptions', 'chapters')),
	language TEXT    NOT NULL, -- BCP 47
	label    TEXT    NOT NULL,
	vtt      TEXT    NOT NULL, -- WebVTT, checked
	saved    INTEGER NOT NULL,
	UNIQUE (media, kind, language)
);

-- Programs and people of the newsroom who send files over the network. The secret itself is known to
-- them alone.
CREATE TABLE token (
	id      INTEGER PRIMARY KEY,
	name    TEXT    NOT NULL UNIQUE,
	hash    TEXT    NOT NULL UNIQUE, -- of the secret: BLAKE2b, hex
	made    INTEGER NOT NULL,
	revoked INTEGER                  -- NULL: it holds
);
