/* press.sql.h: this room's statements. Columns stand in the order they are read. */
#pragma once

#include "store/store.h"

#define STORY_COLUMNS                                                                              \
	"s.id, s.kind, s.slug, s.state, s.headline, s.standfirst, s.dateline, s.format, "          \
	"s.source, s.body, s.words, s.long_read, s.picture_alt, s.picture_caption, "               \
	"s.picture_credit, s.published, s.updated, s.withdrawn_why, s.revision, s.saved, "         \
	"c.id, c.slug, c.name, c.description, c.position, " MEDIA_COLUMNS ", "                     \
	"s.kicker, s.genre, s.language, s.no_ask, s.sensitive, s.scheduled, s.embargo, s.live, "   \
	"s.live_from, s.live_until, e.id, e.slug, e.name, e.description, o.id, o.slug"

#define MEDIA_COLUMNS                                                                              \
	"m.id, m.hash, m.format, m.width, m.height, m.bytes, m.name, m.alt, m.caption, m.credit, " \
	"m.kind, m.duration, m.poster, m.creator, m.copyright, m.licence, m.focus_x, m.focus_y"

#define STORY_TABLES                                                                               \
	" FROM story s LEFT JOIN section c ON c.id = s.section "                                   \
	"LEFT JOIN media m ON m.id = s.picture "

/* Only where all of a story is read: its series and the story it translates. */
#define WHOLE_STORY                                                                                \
	"SELECT " STORY_COLUMNS STORY_TABLES                                                       \
	"LEFT JOIN series e ON e.id = s.series LEFT JOIN story o ON o.id = s.translates "

#define CARD_COLUMNS                                                                               \
	"s.id, s.kind, s.slug, s.state, s.headline, s.standfirst, s.published, s.updated, "        \
	"s.long_read, s.picture_alt, s.picture_caption, s.picture_credit, c.id, c.slug, c.name, "  \
	"(SELECT max(k.made) FROM correction k WHERE k.story = s.id AND k.kind = 'correction'), "  \
	MEDIA_COLUMNS ", s.kicker, s.genre, s.live, s.language, s.sensitive"

/* What one line says of a story: where it is, what it is called. */
#define LINE_COLUMNS "s.id, s.kind, s.slug, c.slug, c.name, s.headline, s.language, s.published"
#define LINE_TABLES " FROM story s LEFT JOIN section c ON c.id = s.section "

static const struct sql select_story = { WHOLE_STORY "WHERE s.id = $1" };
static const struct sql select_story_by_slug = {
	WHOLE_STORY "WHERE s.kind = $1 AND s.slug = $2"
};
static const struct sql select_story_authors = {
	"SELECT a.id, a.slug, a.name, a.role FROM story_author x JOIN author a ON a.id = x.author "
	"WHERE x.story = $1 ORDER BY x.position"
};
static const struct sql select_story_tags = {
	"SELECT t.id, t.slug, t.name FROM story_tag x JOIN tag t ON t.id = x.tag "
	"WHERE x.story = $1 ORDER BY x.position"
};
static const struct sql select_corrections = {
	"SELECT id, made, text, kind, serious, was_wrong, is_right FROM correction "
	"WHERE story = $1 ORDER BY made, id"
};
static const struct sql select_related = {
	"SELECT s.id, s.slug FROM story_related x JOIN story s ON s.id = x.related "
	"WHERE x.story = $1 ORDER BY x.position"
};

/* Lists: rows older than ($1 published, $2 id), newest first: one range of an index each. */
static const struct sql list_all = {
	"SELECT " CARD_COLUMNS STORY_TABLES
	"WHERE s.kind = 'story' AND s.state = 'published' AND (s.published, s.id) < ($1, $2) "
	"ORDER BY s.published DESC, s.id DESC LIMIT $3"
};
static const struct sql list_in_section = {
	"SELECT " CARD_COLUMNS STORY_TABLES
	"WHERE s.section = $4 AND s.kind = 'story' AND s.state = 'published' AND "
	"(s.published, s.id) < ($1, $2) ORDER BY s.published DESC, s.id DESC LIMIT $3"
};
static const struct sql list_of_tag = {
	"SELECT " CARD_COLUMNS STORY_TABLES "JOIN story_tag x ON x.story = s.id "
	"WHERE x.tag = $4 AND x.published IS NOT NULL AND (x.published, x.story) < ($1, $2) "
	"ORDER BY x.published DESC, x.story DESC LIMIT $3"
};
static const struct sql list_of_author = {
	"SELECT " CARD_COLUMNS STORY_TABLES "JOIN story_author x ON x.story = s.id "
	"WHERE x.author = $4 AND x.published IS NOT NULL AND (x.published, x.story) < ($1, $2) "
	"ORDER BY x.published DESC, x.story DESC LIMIT $3"
};
/* A series is read from its beginning; its page shows the newest first like any list. */
static const struct sql list_of_series = {
	"SELECT " CARD_COLUMNS STORY_TABLES
	"WHERE s.series = $4 AND s.state = 'published' AND (s.published, s.id) < ($1, $2) "
	"ORDER BY s.published DESC, s.id DESC LIMIT $3"
};
static const struct sql list_last_saved = {
	"SELECT " CARD_COLUMNS STORY_TABLES "WHERE ($1 IS NULL OR s.state = $1) "
	"ORDER BY s.saved DESC, s.id DESC LIMIT $2"
};
static const struct sql list_pages = {
	"SELECT " CARD_COLUMNS STORY_TABLES "WHERE s.kind = 'page' AND s.state = 'published' "
	"ORDER BY s.published, s.id"
};
static const struct sql list_one = { "SELECT " CARD_COLUMNS STORY_TABLES "WHERE s.id = $1" };
static const struct sql list_pictured = {
	"SELECT " CARD_COLUMNS STORY_TABLES "WHERE s.picture = $1"
};

static const struct sql select_sections = {
	"SELECT id, slug, name, description, position FROM section ORDER BY position, id"
};
static const struct sql select_section_by_slug = {
	"SELECT id, slug, name, description, position FROM section WHERE slug = $1"
};
static const struct sql select_tag_by_slug = {
	"SELECT id, slug, name FROM tag WHERE slug = $1"
};
static const struct sql select_series_by_slug = {
	"SELECT id, slug, name, description FROM series WHERE slug = $1"
};
static const struct sql select_author_by_slug = {
	"SELECT a.id, a.slug, a.name, a.role, a.bio, " MEDIA_COLUMNS
	" FROM author a LEFT JOIN media m ON m.id = a.picture WHERE a.slug = $1"
};
static const struct sql select_revision = {
	"SELECT number, saved, actor, state, content FROM revision "
	"WHERE story = $1 AND number = $2"
};
static const struct sql select_revision_number = { "SELECT revision FROM story WHERE id = $1" };
static const struct sql select_redirect = {
	"SELECT r.target, s.kind, s.slug, s.state, c.slug FROM redirect r "
	"LEFT JOIN story s ON s.id = r.story LEFT JOIN section c ON c.id = s.section "
	"WHERE r.path = $1"
};
static const struct sql select_same_slug = {
	"SELECT id FROM story WHERE kind = $1 AND slug = $2 AND id <> $3"
};

static const struct sql insert_story = {
	"INSERT INTO story (kind, slug, state, section, headline, standfirst, dateline, format, "
	"source, body, words, long_read, picture, picture_alt, picture_caption, picture_credit, "
	"published, updated, withdrawn_why, revision, saved, kicker, genre, language, translates, "
	"series, no_ask, sensitive, scheduled, embargo, live, live_from, live_until, id) "
	"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, "
	"$19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34)"
};
static const struct sql update_story = {
	"UPDATE story SET kind = $1, slug = $2, state = $3, section = $4, headline = $5, "
	"standfirst = $6, dateline = $7, format = $8, source = $9, body = $10, words = $11, "
	"long_read = $12, picture = $13, picture_alt = $14, picture_caption = $15, "
	"picture_credit = $16, published = $17, updated = $18, withdrawn_why = $19, "
	"revision = $20, saved = $21, kicker = $22, genre = $23, language = $24, translates = $25, "
	"series = $26, no_ask = $27, sensitive = $28, scheduled = $29, embargo = $30, live = $31, "
	"live_from = $32, live_until = $33 WHERE id = $34"
};
static const struct sql delete_story_authors = { "DELETE FROM story_author WHERE story = $1" };
static const struct sql insert_story_author = {
	"INSERT INTO story_author (story, author, position, published) VALUES ($1, $2, $3, $4)"
};
static const struct sql delete_story_tags = { "DELETE FROM story_tag WHERE story = $1" };
static const struct sql insert_story_tag = {
	"INSERT INTO story_tag (story, tag, position, published) VALUES ($1, $2, $3, $4)"
};
static const struct sql insert_revision = {
	"INSERT INTO revision (story, number, saved, actor, state, content) "
	"VALUES ($1, $2, $3, $4, $5, $6)"
};
static const struct sql insert_correction = {
	"INSERT INTO correction (id, story, made, text, kind, serious, was_wrong, is_right) "
	"VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
};
static const struct sql delete_related = { "DELETE FROM story_related WHERE story = $1" };
static const struct sql insert_related = {
	"INSERT INTO story_related (story, related, position) VALUES ($1, $2, $3)"
};
static const struct sql save_section = {
	"INSERT INTO section (id, slug, name, description, position) VALUES ($1, $2, $3, $4, $5) "
	"ON CONFLICT (slug) DO UPDATE SET name = excluded.name, "
	"description = excluded.description, position = excluded.position"
};
static const struct sql save_author = {
	"INSERT INTO author (id, slug, name, role, bio, picture) VALUES ($1, $2, $3, $4, $5, $6) "
	"ON CONFLICT (slug) DO UPDATE SET name = excluded.name, role = excluded.role, "
	"bio = excluded.bio, picture = excluded.picture"
};
static const struct sql save_series = {
	"INSERT INTO series (id, slug, name, description) VALUES ($1, $2, $3, $4) "
	"ON CONFLICT (slug) DO UPDATE SET name = excluded.name, description = excluded.description"
};
static const struct sql insert_series = {
	"INSERT INTO series (id, slug, name) VALUES ($1, $2, $3) ON CONFLICT (slug) DO NOTHING"
};
static const struct sql insert_tag = {
	"INSERT INTO tag (id, slug, name) VALUES ($1, $2, $3) ON CONFLICT (slug) DO NOTHING"
};
static const struct sql insert_author = {
	"INSERT INTO author (id, slug, name) VALUES ($1, $2, $3) ON CONFLICT (slug) DO NOTHING"
};
static const struct sql save_redirect = {
	"INSERT INTO redirect (path, story, target) VALUES ($1, $2, $3) "
	"ON CONFLICT (path) DO UPDATE SET story = excluded.story, target = excluded.target"
};
static const struct sql delete_redirect = { "DELETE FROM redirect WHERE path = $1" };
