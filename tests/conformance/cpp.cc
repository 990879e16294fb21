/* SPDX-License-Identifier: MIT */

/*
 * cpp: a bolt in C++, which emits each line and its length.
 */

#include <gust/bolt.h>

#include <cstring>
#include <new>
#include <string>

namespace
{

struct cpp {
	const char *ending;
	struct gust_field line;
	/* The runtime zeroes the memory and calls no constructor. */
	std::string *text;
};

const struct gust_option cpp_options[] = {
	{ "ending", GUST_OPTION_STRING, offsetof(cpp, ending), "\"!\"",
	  "what is appended", 0, 0, 0, nullptr },
	{ nullptr, GUST_OPTION_STRING, 0, nullptr, nullptr, 0, 0, 0, nullptr },
};

const struct gust_column cpp_columns[] = {
	{ "line", GUST_STRING },
	{ "length", GUST_INT },
	{ nullptr, GUST_NULL },
};

const struct gust_stream cpp_streams[] = {
	{ "default", cpp_columns },
	{ nullptr, nullptr },
};

int cpp_open(void *self, struct gust_task *task, struct gust_error *error)
{
	auto *bolt = static_cast<cpp *>(self);

	bolt->text = new (std::nothrow) std::string;
	if (bolt->text == nullptr)
		return gust_error_set(error, -12, "memory is short");
	return gust_field(task, "line", GUST_STRING, &bolt->line, error);
}

int cpp_execute(void *self, struct gust_task *task, const struct gust_tuple *in)
{
	auto *bolt = static_cast<cpp *>(self);
	const struct gust_text line = gust_text(in, bolt->line);

	/* No exception may leave a callback. */
	try {
		bolt->text->assign(line.data, line.length);
		*bolt->text += bolt->ending;
	} catch (const std::bad_alloc &) {
		return -12;
	}
	return gust_emit(task,
			 gust_string(bolt->text->data(), bolt->text->size()),
			 gust_int(static_cast<int64_t>(line.length)));
}

void cpp_close(void *self)
{
	delete static_cast<cpp *>(self)->text;
}

} // namespace

const struct gust_bolt gust_bolt = {
	GUST_BOLT_ABI,
	sizeof(struct gust_bolt),
	"cpp",
	"emits each line and its length",
	cpp_options,
	cpp_streams,
	sizeof(struct cpp),
	GUST_DETERMINISTIC,
	nullptr,
	cpp_open,
	cpp_execute,
	nullptr,
	nullptr,
	nullptr,
	nullptr,
	nullptr,
	nullptr,
	cpp_close,
	nullptr, /* windowing */
};
