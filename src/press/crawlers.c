/* crawlers.c: robots.txt (RFC 9309) with a switch for each thing that language models are fed for, and
 * the licence in a form for programs (RSL 1.0). */
#include "press/known.h"
#include "press/structured_parts.h"
#include "press/view.h"

/* Who comes for what, by the name that robots.txt knows. A switch that is off shuts out its group. */
enum purpose { TRAINING, ANSWERS, VISITS };

static const struct {
	enum purpose purpose;
	const char  *agent;
} agents[] = {
	{ TRAINING, "AI2Bot" },
	{ TRAINING, "Applebot-Extended" },
	{ TRAINING, "Bytespider" },
	{ TRAINING, "CCBot" },
	{ TRAINING, "ClaudeBot" },
	{ TRAINING, "cohere-training-data-crawler" },
	{ TRAINING, "DeepSeekBot" },
	{ TRAINING, "Diffbot" },
	{ TRAINING, "FacebookBot" },
	{ TRAINING, "Google-CloudVertexBot" },
	{ TRAINING, "Google-Extended" },
	{ TRAINING, "GPTBot" },
	{ TRAINING, "ImagesiftBot" },
	{ TRAINING, "meta-externalagent" },
	{ TRAINING, "omgili" },
	{ TRAINING, "PanguBot" },
	{ TRAINING, "Timpibot" },
	{ TRAINING, "webzio-extended" },
	{ ANSWERS, "AddSearchBot" },
	{ ANSWERS, "Amazonbot" },
	{ ANSWERS, "Amzn-SearchBot" },
	{ ANSWERS, "AzureAI-SearchBot" },
	{ ANSWERS, "Claude-SearchBot" },
	{ ANSWERS, "DuckAssistBot" },
	{ ANSWERS, "OAI-SearchBot" },
	{ ANSWERS, "PerplexityBot" },
	{ ANSWERS, "PetalBot" },
	{ ANSWERS, "YouBot" },
	{ VISITS, "Amzn-User" },
	{ VISITS, "ChatGPT-User" },
	{ VISITS, "Claude-User" },
	{ VISITS, "Gemini-Deep-Research" },
	{ VISITS, "meta-externalfetcher" },
	{ VISITS, "MistralAI-User" },
	{ VISITS, "Perplexity-User" },
};

static bool may(const struct stet *s, enum purpose p)
{
	const str_t settings[] = { [TRAINING] = s->config.ai_training, [ANSWERS] = s->config.ai_answers,
				   [VISITS] = s->config.ai_visits };
	return config_allows(settings[p]);
}

/* One group: everybody whose purpose is switched off. */
static void add_shut_out(const struct stet *s, struct buf *b)
{
	bool any = false;
	for (size_t i = 0; i < COUNT(agents); i++) {
		if (may(s, agents[i].purpose))
			continue;
		buf_add_format(b, "User-agent: %s\n", agents[i].agent);
		any = true;
	}
	if (any)
		buf_add(b, S("Disallow: /\n\n"));
}

err_t known_robots(struct stet *s, arena_t *a, str_t *out)
{
	struct buf b = buf_new(a, 2048);
	add_shut_out(s, &b);
	/* Searches are endless; what they find is in the sitemap. */
	buf_add(&b, S("User-agent: *\nDisallow: /search\n\n"));
	if (s->config.licence.n)
		buf_add_format(&b, "License: %.*s\n", STR(view_absolute(s, a, S("/license.xml"))));
	buf_add_format(&b, "Sitemap: %.*s\nSitemap: %.*s\n",
		       STR(view_absolute(s, a, S("/sitemap.xml"))),
		       STR(view_absolute(s, a, S("/sitemap/news.xml"))));
	*out = buf_str(&b);
	return OK;
}

err_t known_licence(struct stet *s, arena_t *a, str_t *out)
{
	static const struct {
		enum purpose purpose;
		const char  *usage;
	} usages[] = { { TRAINING, "ai-train" }, { ANSWERS, "ai-index" }, { VISITS, "ai-input" } };
	if (!s->config.licence.n)
		return OK;
	struct buf b = buf_new(a, 1024);
	buf_add(&b, S("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		      "<rsl xmlns=\"https://rslstandard.org/rsl\">\n<content url=\"/\">\n<license>\n"));
	for (int allowed = 1; allowed >= 0; allowed--)
		for (size_t i = 0; i < COUNT(usages); i++)
			if (may(s, usages[i].purpose) == (bool)allowed)
				buf_add_format(&b, "<%s type=\"usage\">%s</%s>\n",
					       allowed ? "permits" : "prohibits", usages[i].usage,
					       allowed ? "permits" : "prohibits");
	buf_add(&b, S("</license>\n<terms>"));
	buf_add_html(&b, ld_place(s, a, s->config.licence));
	buf_add(&b, S("</terms>\n</content>\n</rsl>\n"));
	*out = buf_str(&b);
	return OK;
}
