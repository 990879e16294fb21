/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>

#include <gust/kit/header.h>

static int check_one(const char *name, const char *value)
{
	const struct gust_map map = { &name, &value, 1 };
	struct gust_error error = { 0 };
	int r = header_check(&map, &error);

	CHECK(strstr(error.text, "secret") == NULL);
	CHECK_BOOL(error.code != 0, r != 0);
	return r;
}

TEST(headers_are_names_and_lines)
{
	CHECK_INT(check_one("X-Key_1", "secret: \"a\", \xc3\xbc"), 0);
	CHECK_INT(check_one("A", ""), 0);
	CHECK_INT(check_one("", "secret"), -EINVAL);
	CHECK_INT(check_one("X Key", "secret"), -EINVAL);
	CHECK_INT(check_one("X-Key:", "secret"), -EINVAL);
	CHECK_INT(check_one("X\r\nKey", "secret"), -EINVAL);
	CHECK_INT(check_one("X-Key", "a\nsecret: b"), -EINVAL);
	CHECK_INT(check_one("X-Key", "a\rsecret"), -EINVAL);
	CHECK_INT(check_one("\xc3\xbc", "secret"), -EINVAL);
}

TEST(names_are_found_in_any_case)
{
	const char *const names[] = { "A", "Content-Type" };
	const char *const values[] = { "1", "2" };
	const struct gust_map map = { names, values, 2 };

	CHECK(header_has(&map, "content-type"));
	CHECK(!header_has(&map, "Content"));
}

TEST(lists_are_as_libcurl_takes_them)
{
	struct curl_slist *list = NULL;

	CHECK_INT(header_add(&list, "A", "b c"), 0);
	CHECK_INT(header_add(&list, "Empty", ""), 0);
	CHECK_STR(list->data, "A: b c");
	CHECK_STR(list->next->data, "Empty;");
	CHECK_PTR(list->next->next, NULL);
	curl_slist_free_all(list);
}
