-- Comments on other people's sites.

-- Whose pages may show conversations: "https://example.org".
CREATE TABLE other_site (
	origin TEXT    PRIMARY KEY,
	since  INTEGER NOT NULL
);

-- A page of theirs that has a conversation, from its first comment on. Its id is no story's.
CREATE TABLE other_page (
	id   INTEGER PRIMARY KEY,
	slug TEXT    NOT NULL UNIQUE, -- "/elsewhere/SLUG"
	url  TEXT    NOT NULL UNIQUE, -- canonical
	made INTEGER NOT NULL
);
CREATE INDEX other_page_made ON other_page (made);

-- All that there can be a conversation about.
CREATE VIEW talked_about AS SELECT id, slug FROM story UNION ALL SELECT id, slug FROM other_page;
