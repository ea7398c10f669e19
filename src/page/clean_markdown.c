/* clean_markdown.c: CommonMark by md4c, with the notation of markdown_blocks.h in stories, then through
 * the same door as everything else. */
#include "page/clean.h"
#include "page/clean_parts.h"
#include "page/markdown_blocks.h"

#include <md4c-html.h>

static void gather(const MD_CHAR *text, MD_SIZE n, void *ctx)
{
	buf_add(ctx, str_from(text, n));
}

err_t markdown_to_html(arena_t *a, str_t markdown, str_t *out)
{
	struct buf html = buf_new(a, markdown.n + markdown.n / 4 + 64);
	unsigned flags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_NOHTML;
	if (markdown.n > 64u << 20 ||
	    md_html(markdown.p ? markdown.p : "", (MD_SIZE)markdown.n, gather, &html, flags,
		    MD_HTML_FLAG_SKIP_UTF8_BOM) != 0)
		return err_new(ERR_INPUT, "the Markdown could not be read");
	*out = buf_str(&html);
	return OK;
}

err_t clean_commonmark(arena_t *a, enum grammar grammar, str_t markdown, str_t *out,
		       struct clean_report *report)
{
	str_t html;
	TRY(markdown_to_html(a, markdown, &html));
	return clean_parsed_markdown(a, grammar, html, out, report);
}

err_t clean_markdown(arena_t *a, enum grammar grammar, str_t markdown, str_t *out,
		     struct clean_report *report)
{
	struct markdown_blocks *blocks;
	str_t marked, html;
	if (grammar != GRAMMAR_STORY)
		return clean_commonmark(a, grammar, markdown, out, report);
	TRY(blocks_read(a, markdown, &blocks, &marked));
	TRY(markdown_to_html(a, marked, &html));
	TRY(blocks_fill(blocks, html, &html));
	return clean_parsed_markdown(a, grammar, html, out, report);
}
