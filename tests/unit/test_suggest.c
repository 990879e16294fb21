/* SPDX-License-Identifier: MIT */

#include "base/suggest.h"

#include "test.h"

static const char *const names[] = {
	"shuffle", "local_or_shuffle", "fields", "all", NULL,
	"global",  "partial_key",      "none",   "",    "direct",
};

static const char *nearest(const char *word)
{
	return suggest_nearest(word, names, sizeof(names) / sizeof(names[0]));
}

TEST(one_mistake_is_understood)
{
	CHECK_STR(nearest("shufle"), "shuffle");
	CHECK_STR(nearest("shufffle"), "shuffle");
	CHECK_STR(nearest("shuggle"), "shuffle");
	CHECK_STR(nearest("feilds"), "fields");
	CHECK_STR(nearest("al"), "all");
	CHECK_STR(nearest("localOrShuffle"), "local_or_shuffle");
	CHECK_STR(nearest("FIELDS"), "fields");
	CHECK_STR(nearest("none"), "none");
	CHECK_STR(nearest("partial-key"), "partial_key");
}

TEST(far_words_are_not)
{
	CHECK_STR(nearest(""), NULL);
	CHECK_STR(nearest("x"), NULL);
	CHECK_STR(nearest("split"), NULL);
	CHECK_STR(nearest("xyz"), NULL);
	CHECK_STR(suggest_nearest("name", NULL, 0), NULL);
}

TEST(the_nearest_wins_and_then_the_first)
{
	static const char *const words[] = { "counts", "account", "county",
					     "Count" };

	CHECK_STR(suggest_nearest("cuont", words, 4), "Count");
	CHECK_STR(suggest_nearest("cuonts", words, 3), "counts");
	CHECK_STR(suggest_nearest("coun", words, 4), "Count");
	CHECK_STR(suggest_nearest("countx", words, 3), "counts");
}

TEST(long_words_are_bounded)
{
	char word[SUGGEST_LENGTH_MAX + 2], other[SUGGEST_LENGTH_MAX + 2];
	const char *list[] = { other };

	memset(word, 'a', sizeof(word));
	word[SUGGEST_LENGTH_MAX] = '\0';
	memcpy(other, word, sizeof(word));
	other[0] = 'b';
	CHECK_PTR(suggest_nearest(word, list, 1), other);
	word[SUGGEST_LENGTH_MAX] = 'a';
	word[SUGGEST_LENGTH_MAX + 1] = '\0';
	CHECK_PTR(suggest_nearest(word, list, 1), NULL);
	memcpy(other, word, sizeof(word));
	word[SUGGEST_LENGTH_MAX] = '\0';
	CHECK_PTR(suggest_nearest(word, list, 1), NULL);
}
