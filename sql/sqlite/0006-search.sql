-- The words of every public story and page, for search (src/press/search_fts5.c writes and reads them).
--
-- search_doc says which story is which document. A document's number is the time of its
-- publication (milliseconds, then 21 bits of the story's id), so that the newest matches are the
-- last rows of an index and a range of dates is a range of documents.
CREATE TABLE search_doc (
	doc      INTEGER PRIMARY KEY,
	story    INTEGER NOT NULL UNIQUE REFERENCES story (id),
	section  INTEGER, -- NULL for a page
	revision INTEGER NOT NULL, -- of the story, as it is in the index
	stale    INTEGER NOT NULL DEFAULT 0 -- a name in it has changed: to be indexed anew
);
CREATE INDEX search_doc_stale ON search_doc (stale, doc) WHERE stale = 1;

-- All words. The table keeps its text itself: excerpts are cut from it, and what was put in can be
-- taken out exactly. Exact words, accents folded; no stemming, since a paper may be in any
-- language and names must not be bent: "word*" finds other endings. Beginnings of three and four
-- letters have an index each; of two, half the archive would match.
CREATE VIRTUAL TABLE search_index USING fts5 (
	headline, about, names, body, marks,
	tokenize = 'unicode61 remove_diacritics 2', prefix = '3 4'
);

-- What a story says of itself, without its body: a tenth of the size, for suggestions as one types,
-- for old stories whose headline fits, for spelling.
CREATE VIRTUAL TABLE search_head USING fts5 (
	headline, names, marks,
	tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3'
);

-- The words of each, with the number of documents they stand in.
CREATE VIRTUAL TABLE search_word USING fts5vocab (search_index, row);
CREATE VIRTUAL TABLE search_head_word USING fts5vocab (search_head, row);

-- What is public already is taken in by a job, some stories at a time, while the paper is served.
INSERT INTO job (id, entry, kind, payload, due)
SELECT 1, max(number), 'search.fill', '{}', 0 FROM entry
WHERE EXISTS (SELECT 1 FROM story WHERE state = 'published') HAVING count(*) > 0;
