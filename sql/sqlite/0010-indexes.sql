-- Live blogs that are in the index already are taken in anew, with their entries.
UPDATE search_doc SET stale = 1 WHERE story IN (SELECT story FROM live_entry);
INSERT INTO job (id, entry, kind, payload, due)
SELECT 2, (SELECT max(number) FROM entry), 'search.fill', '{"kind":1}', 0
WHERE EXISTS (SELECT 1 FROM search_doc WHERE stale = 1);

-- The desk's lists: layouts by their beginning, drafts that are held back.
CREATE INDEX plan_newest ON plan (begins DESC, id DESC);
CREATE INDEX story_embargo ON story (embargo) WHERE embargo IS NOT NULL;
