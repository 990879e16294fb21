/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>
#include <time.h>

#include <gust/kit/buffer.h>
#include <gust/kit/script.h>

static const struct gust_column columns[] = {
	{ "n", GUST_INT },          { "share", GUST_FLOAT },
	{ "text", GUST_STRING },    { "good", GUST_BOOL },
	{ "raw", GUST_BYTES },      { "doc", GUST_JSON },
	{ "nothing", GUST_STRING }, { "user-agent", GUST_STRING },
	{ NULL, GUST_NULL },
};

static const struct gust_column emitted[] = {
	{ "n", GUST_INT },    { "word", GUST_STRING }, { "share", GUST_FLOAT },
	{ "doc", GUST_JSON }, { NULL, GUST_NULL },
};

static const struct gust_column words[] = {
	{ "word", GUST_STRING },
	{ NULL, GUST_NULL },
};

static const struct gust_stream streams[] = { { "default", emitted },
					      { "words", words } };

static const struct script_limits limits = { 16u << 20, 1000000 };

static const char doc[] =
	"{\"a\": [1, 2.5, null, {\"b\": \"x\"}], \"t\": true}";

static struct gust_value row[8];

static void set_row(int64_t n)
{
	row[0] = gust_int(n);
	row[1] = gust_float(0.25);
	row[2] = gust_string(" Hello, World ", 14);
	row[3] = gust_bool(true);
	row[4] = gust_bytes("\0\xff", 2);
	row[5] = gust_json(doc, sizeof(doc) - 1);
	row[6] = gust_null();
	row[7] = gust_string("curl", 4);
}

static struct script *make(const char *text, enum script_form form)
{
	struct gust_error error = { 0 };
	struct script *script;

	CHECK_INT(script_create(&script, &limits, columns), 0);
	CHECK_INT(script_emits(script, streams, 2, 1 << 20), 0);
	script_add(script, "option 'where'", text, form, &error);
	CHECK_STR(error.text, "");
	set_row(1);
	return script;
}

/* What an expression gives, as text. */
static void gives(const char *text, enum gust_type type, const char *expected)
{
	struct script *script = make(text, SCRIPT_EXPRESSION);
	struct gust_error error = { 0 };
	struct buffer found = { 0 };
	struct gust_value value;

	script_run(script, row, &error);
	CHECK_STR(error.text, "");
	script_value(script, 0, type, &value, &error);
	CHECK_STR(error.text, "");
	buffer_text(&found, value.type == GUST_NULL ? "null" : "");
	buffer_value(&found, value);
	buffer_char(&found, '\0');
	CHECK_STR(found.data, expected);
	buffer_destroy(&found);
	script_destroy(script);
}

/* How a run, or the reading of its value, fails. */
static void fails(const char *text, enum gust_type type, const char *reason)
{
	struct script *script = make(text, SCRIPT_EXPRESSION);
	struct gust_error error = { 0 };
	struct gust_value value;

	if (script_run(script, row, &error) == 0)
		script_value(script, 0, type, &value, &error);
	CHECK_STR(error.text, reason);
	script_destroy(script);
}

static void refused(const char *text, enum script_form form, const char *reason)
{
	struct gust_error error = { 0 };
	struct script *script;

	CHECK_INT(script_create(&script, &limits, columns), 0);
	CHECK_INT(script_add(script, "option 'where'", text, form, &error),
		  -EINVAL);
	CHECK_STR(error.text, reason);
	script_destroy(script);
}

TEST(fields_are_variables_of_their_types)
{
	gives("n + 1", GUST_INT, "2");
	gives("math.type(n)", GUST_STRING, "integer");
	gives("math.type(share)", GUST_STRING, "float");
	gives("share * 2", GUST_FLOAT, "0.5");
	gives("not good", GUST_BOOL, "false");
	gives("#raw", GUST_INT, "2");
	gives("raw == '\\0\\255'", GUST_BOOL, "true");
	gives("nothing == nil", GUST_BOOL, "true");
	gives("type(doc)", GUST_STRING, "string");
	gives("field('user-agent') .. field('n')", GUST_STRING, "curl1");
	gives("text", GUST_STRING, " Hello, World ");
	gives("n == 1 and 'one' or 'more'", GUST_STRING, "one");
}

TEST(helpers_do_what_the_manual_says)
{
	gives("upper(text)", GUST_STRING, " HELLO, WORLD ");
	gives("lower(text)", GUST_STRING, " hello, world ");
	gives("trim(text)", GUST_STRING, "Hello, World");
	gives("trim('')", GUST_STRING, "");
	gives("len(text)", GUST_INT, "14");
	gives("int('42') + int(3.9) + int(-3.9) + int(true)", GUST_INT, "43");
	gives("int('x')", GUST_INT, "null");
	gives("int(0/0)", GUST_INT, "null");
	gives("int('x') or 7", GUST_INT, "7");
	gives("float('2.5')", GUST_FLOAT, "2.5");
	gives("str(1/3)", GUST_STRING, "0.3333333333333333");
	gives("str(n) .. str(good)", GUST_STRING, "1true");
	gives("contains(text, 'World')", GUST_BOOL, "true");
	gives("contains(text, 'word')", GUST_BOOL, "false");
	gives("starts_with(text, ' He') and ends_with(text, 'd ')", GUST_BOOL,
	      "true");
	gives("starts_with('a', 'ab') or ends_with('b', 'ab')", GUST_BOOL,
	      "false");
	gives("replace('a.b.c', '.', '--')", GUST_STRING, "a--b--c");
	gives("match(text, '(%a+), (%a+)')", GUST_STRING, "Hello");
	gives("coalesce(nothing, nil, 'x')", GUST_STRING, "x");
	gives("coalesce()", GUST_STRING, "null");
	gives("table.concat(split('a,,b', ','), '|')", GUST_STRING, "a||b");
	gives("table.concat(split('  a b  c '), '|')", GUST_STRING, "a|b|c");
	gives("json(doc).a[2]", GUST_FLOAT, "2.5");
	gives("json(doc).a[3]", GUST_FLOAT, "null");
	gives("json(doc).a[4].b", GUST_STRING, "x");
	gives("json(doc).t", GUST_BOOL, "true");
	gives("json('{')", GUST_STRING, "null");
}

TEST(null_gives_null)
{
	static const char *const functions[] = {
		"upper",     "lower",   "trim",  "len",      "int",
		"float",     "str",     "split", "contains", "starts_with",
		"ends_with", "replace", "match", "json",
	};
	char text[64];
	size_t i;

	for (i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		snprintf(text, sizeof(text), "%s(nothing)", functions[i]);
		gives(text, GUST_STRING, "null");
	}
}

TEST(values_have_the_type_that_is_asked_for)
{
	gives("2.0", GUST_INT, "2");
	gives("2", GUST_FLOAT, "2");
	gives("'[1]'", GUST_JSON, "[1]");
	gives("'a'", GUST_BYTES, "a");
	fails("2.5", GUST_INT,
	      "option 'where': gave the float 2.5, expected int");
	fails("n", GUST_STRING,
	      "option 'where': gave the integer 1, expected string");
	fails("'1'", GUST_INT,
	      "option 'where': gave the string '1', expected int");
	fails("('x'):rep(50)", GUST_FLOAT,
	      "option 'where': gave the string 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	      "xxxxxxxxxx'..., expected float");
	fails("good", GUST_INT, "option 'where': gave true, expected int");
	fails("n", GUST_BOOL,
	      "option 'where': gave the integer 1, expected bool");
	fails("{}", GUST_STRING,
	      "option 'where': gave a table, expected string");
	fails("upper", GUST_STRING,
	      "option 'where': gave a function, expected string");
	fails("'{'", GUST_JSON,
	      "option 'where': gave the string '{', expected json");
}

TEST(errors_name_the_line)
{
	fails("nothing + 1", GUST_INT,
	      "option 'where', line 1: attempt to perform arithmetic on a nil "
	      "value (local 'nothing')");
	fails("1 +\n\n n.x", GUST_INT,
	      "option 'where', line 3: attempt to index a number value (local "
	      "'n')");
	fails("error('no such thing')", GUST_INT,
	      "option 'where', line 1: no such thing");
	fails("error('plain', 0)", GUST_INT, "option 'where': plain");
	fails("error({})", GUST_INT, "option 'where': raised what is no text");
	fails("error()", GUST_INT, "option 'where': raised nil");
	fails("field('x')", GUST_INT,
	      "option 'where', line 1: no field is named 'x'");
	fails("split('a', '')", GUST_INT,
	      "option 'where', line 1: bad argument #2 to 'split' (the "
	      "separator is empty)");
}

/* Some of a script's texts need Lua, or some of its tuples do. */
TEST(formulas_stand_beside_lua)
{
	static const char *const texts[] = { "n + 1", "len(text)", "6 // n" };
	const int64_t expected[] = { 4, 14, 2 };
	struct script *script = make("share", SCRIPT_EXPRESSION);
	struct gust_error error = { 0 };
	struct gust_value value;

	for (size_t i = 0; i < 3; i++)
		CHECK_INT(script_add(script, "x", texts[i], SCRIPT_EXPRESSION,
				     &error),
			  0);
	set_row(3);
	CHECK_INT(script_run(script, row, &error), 0);
	for (size_t i = 0; i < 3; i++) {
		script_value(script, i + 1, GUST_INT, &value, &error);
		CHECK_INT(value.as.integer, expected[i]);
	}
	set_row(0);
	CHECK_INT(script_run(script, row, &error), -EINVAL);
	CHECK_STR(error.text, "x, line 1: attempt to divide by zero");
	script_destroy(script);
}

TEST(a_record_can_be_rejected)
{
	struct script *script =
		make("n > 1 or reject('n is ' .. n)", SCRIPT_EXPRESSION);
	struct gust_error error = { 0 };

	CHECK_INT(script_run(script, row, &error), -ECANCELED);
	CHECK_INT(error.code, -ECANCELED);
	CHECK_STR(error.text, "n is 1");
	set_row(2);
	CHECK_INT(script_run(script, row, &error), 0);
	script_destroy(script);
}

TEST(mistakes_in_a_text_have_a_place)
{
	refused("n ==", SCRIPT_EXPRESSION,
		"option 'where', line 1, column 5: unexpected symbol near "
		"<eof>");
	refused("n = 1", SCRIPT_EXPRESSION,
		"option 'where', line 1, column 3: <eof> expected near '='; "
		"equality is '=='");
	refused("n != 1", SCRIPT_EXPRESSION,
		"option 'where', line 1, column 3: <eof> expected near '!'; "
		"'not' negates, and '~=' is inequality");
	refused("good && n > 1", SCRIPT_EXPRESSION,
		"option 'where', line 1, column 7: unexpected symbol near "
		"'&'; a conjunction is 'and'");
	refused("n == 1 and\n  (share >> ) 2", SCRIPT_EXPRESSION,
		"option 'where', line 2, column 13: unexpected symbol near "
		"')'");
	refused("'abc", SCRIPT_EXPRESSION,
		"option 'where', line 1, column 5: unfinished string near "
		"<eof>");
	refused("n, share", SCRIPT_EXPRESSION,
		"option 'where', line 1, column 2: ')' expected near ','");
	refused("", SCRIPT_EXPRESSION,
		"option 'where', line 1, column 1: unexpected symbol near "
		"')'");
	refused("...", SCRIPT_EXPRESSION,
		"option 'where', line 1, column 1: cannot use '...' outside a "
		"vararg function near '...'");
	refused("for i = 1, 2 do\n  emt(i)\nend", SCRIPT_BLOCK,
		"option 'where', line 2, column 3: no field or function is "
		"named 'emt', the fields are 'n', 'share', 'text', 'good', "
		"'raw', 'doc', 'nothing', 'user-agent'");
	refused("statu >= 500", SCRIPT_EXPRESSION,
		"option 'where', line 1, column 1: no field or function is "
		"named 'statu', the "
		"fields are 'n', 'share', 'text', 'good', 'raw', 'doc', "
		"'nothing', "
		"'user-agent'");
	refused("1 + shar", SCRIPT_EXPRESSION,
		"option 'where', line 1, column 5: no field or function is "
		"named 'shar', expected 'share'");
	refused("uper(text)", SCRIPT_EXPRESSION,
		"option 'where', line 1, column 1: no field or function is "
		"named 'uper', expected 'upper'");
	refused("x = 1", SCRIPT_BLOCK,
		"option 'where', line 1, column 1: no field or function is "
		"named 'x', the "
		"fields are 'n', 'share', 'text', 'good', 'raw', 'doc', "
		"'nothing', "
		"'user-agent'");
	refused("upper = 1", SCRIPT_BLOCK,
		"option 'where', line 1, column 8: attempt to assign to const "
		"variable 'upper'");
	refused("_ENV.upper(text)", SCRIPT_EXPRESSION,
		"option 'where', line 1, column 1: no field or function is "
		"named '_ENV', the "
		"fields are 'n', 'share', 'text', 'good', 'raw', 'doc', "
		"'nothing', "
		"'user-agent'");
	refused("\x1bLua", SCRIPT_BLOCK,
		"option 'where', line 1, column 1: attempt to load a binary "
		"chunk (mode is 't')");
}

/* What would close the text around it, or run when it is compiled. */
TEST(a_text_cannot_leave_its_place)
{
	refused("1) end while true do end return function() return (1",
		SCRIPT_EXPRESSION,
		"option 'where', line 1, column 2: <eof> expected near ')'");
	refused("end while true do end return function()", SCRIPT_BLOCK,
		"option 'where', line 1, column 1: <eof> expected near 'end'");
	refused("1 --[[", SCRIPT_EXPRESSION,
		"option 'where', line 1, column 7: unfinished long comment "
		"(starting at line 1) near <eof>");
	gives("1 -- and no more", GUST_INT, "1");
	gives("\n\n1\n", GUST_INT, "1");
}

TEST(names_are_found_wherever_they_are)
{
	gives("(function(n) return n end)(5)", GUST_INT, "5");
	gives("({n = 7}).n", GUST_INT, "7");
	gives("({share = n}).share", GUST_INT, "1");
	gives("(function() local upper = 3; return upper + n end)()", GUST_INT,
	      "4");
	gives("(function() goto x; ::x:: return 1 end)()", GUST_INT, "1");
	gives("0x1F + 1e1 + 0xep1", GUST_FLOAT, "69");
	gives("text:upper():lower():len()", GUST_INT, "14");
	gives("select(2, ('a\xc3\xa9'):gsub(utf8.charpattern, ''))", GUST_INT,
	      "2");
}

TEST(a_field_hides_a_function)
{
	static const struct gust_column own[] = { { "len", GUST_INT },
						  { NULL, GUST_NULL } };
	const struct gust_value seven = gust_int(7);
	struct gust_error error = { 0 };
	struct gust_value value;
	struct script *script;

	CHECK_INT(script_create(&script, &limits, own), 0);
	CHECK_INT(script_add(script, "x", "len", SCRIPT_EXPRESSION, &error), 0);
	CHECK_INT(script_run(script, &seven, &error), 0);
	CHECK_INT(script_value(script, 0, GUST_INT, &value, &error), 0);
	CHECK_INT(value.as.integer, 7);
	script_destroy(script);
}

TEST(many_words_and_fields)
{
	struct gust_column many[301] = { { NULL, GUST_NULL } };
	struct gust_value values[300], value;
	struct gust_error error = { 0 };
	char names[300][8], text[4096] = "0";
	struct script *script;
	int i;

	for (i = 0; i < 300; i++) {
		snprintf(names[i], sizeof(names[i]), "f%d", i);
		many[i] = (struct gust_column){ names[i], GUST_INT };
		values[i] = gust_int(i);
		if (i % 2 == 0)
			sprintf(text + strlen(text), " + f%d", i);
	}
	CHECK_INT(script_create(&script, &limits, many), 0);
	CHECK_INT(script_add(script, "x", text, SCRIPT_EXPRESSION, &error), 0);
	CHECK_INT(script_run(script, values, &error), 0);
	CHECK_INT(script_value(script, 0, GUST_INT, &value, &error), 0);
	CHECK_INT(value.as.integer, 22350);
	script_destroy(script);
}

/* Rows as text, a line each. */
static void check_rows(const struct script *script, const char *expected)
{
	const struct gust_value *values;
	struct buffer found = { 0 };
	size_t at = 0, i, count;
	uint32_t stream;

	while ((values = script_row(script, &at, &stream, &count)) != NULL) {
		CHECK_UINT(count, stream == 0 ? 4 : 1);
		for (i = 0; i < count; i++) {
			buffer_value(&found, values[i]);
			buffer_char(&found, i + 1 < count ? ' ' : '\n');
		}
	}
	buffer_char(&found, '\0');
	CHECK_STR(found.data, expected);
	buffer_destroy(&found);
}

TEST(a_script_emits_rows)
{
	struct script *script = make("for i = 1, n + 1 do\n"
				     "  emit{n = i, word = 'w' .. i}\n"
				     "end\n"
				     "emit{share = 2, doc = '[]', word = ''}\n"
				     "emit{}\n"
				     "emit('words', {word = text})",
				     SCRIPT_BLOCK);
	struct gust_error error = { 0 };

	CHECK_INT(script_run(script, row, &error), 0);
	check_rows(script, "1 w1  \n2 w2  \n  2 []\n   \n"
			   " Hello, World \n");
	set_row(0);
	CHECK_INT(script_run(script, row, &error), 0);
	check_rows(script, "1 w1  \n  2 []\n   \n Hello, World \n");
	script_destroy(script);
}

static void emit_fails(const char *text, const char *reason)
{
	struct script *script = make(text, SCRIPT_BLOCK);
	struct gust_error error = { 0 };

	CHECK_INT(script_run(script, row, &error), -EINVAL);
	CHECK_STR(error.text, reason);
	check_rows(script, "");
	script_destroy(script);
}

TEST(a_script_that_fails_has_emitted_nothing)
{
	emit_fails("emit{n = 1}\nerror('x')", "option 'where', line 2: x");
	emit_fails("emit{n = 'one'}",
		   "option 'where', line 1: emit: field 'n' is the string "
		   "'one', expected int");
	emit_fails("emit{n = 1, wrod = 'x'}",
		   "option 'where', line 1: emit: no field is named 'wrod'");
	emit_fails("emit{1}",
		   "option 'where', line 1: emit: a key is no name of a field");
	emit_fails("emit('x', {})",
		   "option 'where', line 1: emit: no stream is named 'x'");
	emit_fails("emit('words', {n = 1})",
		   "option 'where', line 1: emit: no field is named 'n'");
	emit_fails("emit('words')",
		   "option 'where', line 1: bad argument #2 to 'emit' (table "
		   "expected, got no value)");
	emit_fails("emit{word = ('x'):rep(1 << 20)}",
		   "option 'where', line 1: emit: a tuple of 1048688 bytes, "
		   "expected at most 1048576 (topology.tuple.max.bytes)");
	emit_fails("local w = ('x'):rep(100000)\n"
		   "while true do emit{word = w} end",
		   "option 'where', line 2: needs more than 16777216 bytes");
}

TEST(pcall_catches_errors)
{
	gives("select(2, pcall(error, 'x', 0))", GUST_STRING, "x");
	gives("pcall(error)", GUST_BOOL, "false");
	gives("select('#', pcall(select, 1, 'a', 'b'))", GUST_INT, "3");
	gives("pcall(upper)", GUST_BOOL, "true");
	gives("pcall(pcall)", GUST_BOOL, "false");
}

TEST(nothing_lasts_beyond_a_tuple)
{
	struct script *script = make("local t = string\n"
				     "local ok = pcall(function()\n"
				     "  t.upper = nil end)\n"
				     "emit{n = n, word = ('a'):upper() .. "
				     "(ok and 'x' or '')}\n"
				     "n = 99",
				     SCRIPT_BLOCK);
	struct gust_error error = { 0 };

	CHECK_INT(script_run(script, row, &error), 0);
	check_rows(script, "1 A  \n");
	CHECK_INT(script_run(script, row, &error), 0);
	check_rows(script, "1 A  \n");
	script_destroy(script);
}

/* What a test's thread has used. */
static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* A sanitizer takes its time, too. */
#define SECONDS_MAX 20.0

/*
 * A script that does `evil` for the tuple in which n is 1: that one fails with
 * a reason that has `reason` in it, in bounded time, and the next one is as if
 * nothing had been.
 */
static void harms_only_its_tuple(const char *evil, const char *reason)
{
	struct gust_error error = { 0 };
	struct script *script;
	char text[1000];
	double begun;

	snprintf(text, sizeof(text), "if n == 1 then %s end emit{n = n}", evil);
	script = make(text, SCRIPT_BLOCK);
	set_row(2);
	CHECK_INT(script_run(script, row, &error), 0);
	set_row(1);
	begun = seconds();
	script_run(script, row, &error);
	begun = seconds() - begun;
	if (getenv("SHOW_SECONDS") != NULL)
		printf("%6.3f s  %s\n\t%s\n", begun, evil, error.text);
	if (strstr(error.text, reason) == NULL || begun > SECONDS_MAX)
		FAIL("%s\n\t%.3f s, '%s', expected '%s'", evil, begun,
		     error.text, reason);
	check_rows(script, "");
	error = (struct gust_error){ 0 };
	set_row(2);
	CHECK_INT(script_run(script, row, &error), 0);
	check_rows(script, "2   \n");
	script_destroy(script);
}

struct evil {
	const char *text, *reason;
};

static void all_harm_only_their_tuples(const struct evil *evil)
{
	for (; evil->text != NULL; evil++)
		harms_only_its_tuple(evil->text, evil->reason);
}

TEST(there_is_no_way_out)
{
	static const struct evil evil[] = {
		{ "os.execute('touch /tmp/x')", "'os' is not for scripts" },
		{ "io.open('/etc/passwd')", "'io' is not for scripts" },
		{ "load('return 1')()", "'load' is not for scripts" },
		{ "loadstring('x')", "'loadstring' is not for scripts" },
		{ "loadfile('/etc/passwd')", "'loadfile' is not for" },
		{ "dofile('/etc/passwd')", "'dofile' is not for scripts" },
		{ "require('os')", "'require' is not for scripts" },
		{ "package.loadlib('x', '*')", "'package' is not for scripts" },
		{ "debug.sethook()", "'debug' is not for scripts" },
		{ "collectgarbage('stop')", "'collectgarbage' is not for" },
		{ "coroutine.wrap(function() while true do end end)()",
		  "'coroutine' is not for scripts" },
		{ "setmetatable({}, {__gc = function() while true do end end})",
		  "'setmetatable' is not for scripts" },
		{ "getmetatable('').__index = nil", "'getmetatable' is not" },
		{ "xpcall(error, function() while true do end end)",
		  "'xpcall' is not for scripts" },
		{ "rawset(string, 'upper', nil)", "'rawset' is not for" },
		{ "_G.upper = nil", "'_G' is not for scripts" },
		{ "print(n)", "'print' is not for scripts" },
		{ "string.dump(upper)", "attempt to call a nil value" },
		{ "local s = ('').dump; s(upper)", "attempt to call a nil" },
		{ "string.upper = nil", "'string' cannot be written to" },
		{ "table.insert(string, 'x')", "'string' cannot be written" },
		{ "math.random()", "attempt to call a nil value" },
		{ "local x <close> = {}", "got a non-closable value" },
		{ "error({__tostring = function() while true do end end})",
		  "raised what is no text" },
		{ "local s = 'x' s.y = 1", "attempt to index a string value" },
		{ NULL, NULL },
	};

	all_harm_only_their_tuples(evil);
	refused("os = 1", SCRIPT_BLOCK,
		"option 'where', line 1, column 5: attempt to assign to const "
		"variable 'os'");
}

TEST(loops_end)
{
	static const struct evil evil[] = {
		{ "while true do end", "line 1: took more than 1000000 steps" },
		{ "repeat until false", "steps" },
		{ "::a:: goto a", "steps" },
		{ "for i = 1, math.huge do end", "steps" },
		{ "for i = 1, 1e18 do local x = upper('a') end", "steps" },
		{ "local function f() return f() end f()", "steps" },
		{ "local function f() return 1 + f() end f()", "more than" },
		{ "local function f() pcall(f) f() end f()", "steps" },
		{ "while true do pcall(function() while true do end end) end",
		  "steps" },
		{ "pcall(pcall, pcall, function() while true do end end)",
		  "steps" },
		{ "pcall(function() reject('never') end)", "never" },
		{ "while true do local a = {} end", "steps" },
		{ "table.sort({3,2,1}, function() while true do end end)",
		  "steps" },
		{ "('a'):gsub('a', function() while true do end end)",
		  "steps" },
		{ NULL, NULL },
	};

	all_harm_only_their_tuples(evil);
}

TEST(memory_ends)
{
	static const struct evil evil[] = {
		{ "local x = ('x'):rep(1e9)",
		  "has a text of more than 4194304 bytes, a quarter" },
		{ "local x = ('x'):rep(math.maxinteger)", "more than" },
		{ "pcall(string.rep, 'x', 1e9)", "more than" },
		{ "table.sort({1, 2, 3}, function(a, b)\n"
		  "return ('x'):rep(1e8) < 'y' end)",
		  "line 2: has a text of more than" },
		{ "local s = 'x' while true do s = s .. s end", "more than" },
		{ "local t = {} for i = 1, 1e9 do t[i] = i end", "more than" },
		{ "local t = {} for i = 1, 1e9 do t[i] = {i} end",
		  "more than" },
		{ "while true do pcall(function() local t = {}\n"
		  "for i = 1, 1e9 do t[i] = {} end end) end",
		  "more than" },
		{ "local t = {} for i = 1, 40000 do t[i] = ('x'):rep(200)"
		  " .. i end table.concat(t, ('y'):rep(200))",
		  "more than" },
		{ "local s = ('x'):rep(1e6) local t = {}"
		  " for i = 1, 200 do t[i] = s end"
		  " string.format(('%s'):rep(200), table.unpack(t))",
		  "more than" },
		{ "('x'):rep(1e5):gsub('x', ('y'):rep(1e5))", "" },
		{ "split(('x'):rep(1e6), 'x')", "steps" },
		{ "local t = {} for i = 1, 1e5 do t[i] = i end"
		  " while true do local a, b = table.unpack(t) end",
		  "steps" },
		{ NULL, NULL },
	};

	all_harm_only_their_tuples(evil);
}

/* Where Lua itself would loop in C, and no hook would come. */
TEST(loops_in_c_end)
{
	static const struct evil evil[] = {
		{ "for i = 1, 1e9 do local x = (''):rep(1e18) end", "steps" },
		{ "while true do local x = ('x'):rep(1e6) end", "steps" },
		{ "while true do local x = ('x'):rep(4e6) end", "steps" },
		{ "('a'):rep(200):find(('a*'):rep(10) .. 'b')", "steps" },
		{ "('a'):rep(1e6):find('.-b')", "steps" },
		{ "('a'):rep(1e4):find(('.-'):rep(8) .. 'b')", "steps" },
		{ "('a'):rep(1e5):match('(.*)(.*)%1b')", "steps" },
		{ "('a'):rep(1e5):gsub('a-a-a-b', '')", "steps" },
		{ "for w in ('a'):rep(1e5):gmatch('a*a*a*b') do end", "steps" },
		{ "('('):rep(1e5):find('%b()')", "steps" },
		{ "('a'):rep(1e5):find('[' .. ('b'):rep(1e5) .. ']')",
		  "steps" },
		{ "('a'):rep(1e6):find(('(a?)'):rep(32) .. 'b')", "steps" },
		{ "match(('a'):rep(1e5), ('a*'):rep(9) .. 'b')", "steps" },
		{ "('a'):rep(300):find(('a?'):rep(300) .. 'b')",
		  "pattern too complex" },
		{ "('x'):find('[')", "malformed pattern (missing ']')" },
		{ "('x'):find('%')", "malformed pattern (ends with '%')" },
		{ "('x'):find('%f')", "missing '[' after '%f' in pattern" },
		{ "('x'):find('%b')", "malformed pattern (missing arg" },
		{ "('x'):find('(x')", "unfinished capture" },
		{ "('x'):match('x)')", "invalid" },
		{ "('x'):find('%1')", "invalid capture index" },
		{ "('x'):gsub('x', '%2')", "invalid capture index" },
		{ "('x'):gsub('x', '%x')", "invalid use of '%'" },
		{ NULL, NULL },
	};

	all_harm_only_their_tuples(evil);
}

TEST(long_texts_and_tables_are_paid_for)
{
	static const struct evil evil[] = {
		{ "local a = ('x'):rep(2e6) local b = ('x'):rep(1e6) .. 'y'"
		  " while true do local c = a:find(b, 1, true) end",
		  "steps" },
		{ "local a = ('x'):rep(4e6) local b = ('x'):rep(4e6)"
		  " while true do local c = a < b end",
		  "took more" },
		{ "local a = ('x'):rep(2e6) .. 'a' local b = a .. ''"
		  " while true do local c = a == b end",
		  "took more" },
		{ "local a = (' '):rep(4e6) while true do"
		  " local c = tonumber(a) end",
		  "steps" },
		{ "local a = ('1'):rep(4e6) while true do"
		  " for i = 1, a do end end",
		  "took more" },
		{ "local t = {} for i = 1, 1e5 do t[i] = i end"
		  " while true do table.insert(t, 1, 0) end",
		  "steps" },
		{ "local t = {} for i = 1, 1e5 do t[i] = i end"
		  " while true do table.sort(t) end",
		  "steps" },
		{ "local t, s = {}, ('x'):rep(4e6)"
		  " for i = 1, 1e5 do t[i] = s end table.sort(t)",
		  "steps" },
		{ "local t = {} for i = 1, 1e5 do t[i] = '' end"
		  " while true do table.concat(t) end",
		  "steps" },
		{ "table.sort({1, 2, 3, 4, 5}, function() return true end)",
		  "invalid order function for sorting" },
		{ "table.unpack({}, 1, 1e8)", "too many results to unpack" },
		{ "table.concat({}, 'x', 1, 1e18)", "invalid value" },
		{ "local t = {} for i = 1, 1e5 do t[i] = i end"
		  " for i = 1, 1e5 do t[i] = nil end"
		  " while true do next(t) end",
		  "took more" },
		{ "local s = ('x'):rep(4e6)"
		  " while true do utf8.len(s) end",
		  "steps" },
		{ "while true do json(('['):rep(1e5)) end", "steps" },
		{ "local s = '[' .. ('1,'):rep(3e5) .. '1]'"
		  " while true do json(s) end",
		  "took more" },
		{ "local s = ('%.3s'):rep(100) local a = ('x'):rep(1e6)"
		  " local t = {} for i = 1, 100 do t[i] = a end"
		  " while true do pcall(s.format, s, table.unpack(t)) end",
		  "steps" },
		{ NULL, NULL },
	};

	all_harm_only_their_tuples(evil);
}

/* A collection that has to be complete takes long where memory is nearly
 * used up. */
TEST(life_at_the_limit_is_short)
{
	static const struct evil evil[] = {
		{ "local t = {} local function more()\n"
		  "for i = #t + 1, 1e9 do t[i] = {} end end\n"
		  "pcall(more) pcall(more)\n"
		  "while true do local x = {{}} pcall(more) end",
		  "took more" },
		{ "local t = {} for i = 1, 240000 do t[i] = 'x' .. i end\n"
		  "('y'):rep(1e6):gsub('.', {y = 'zz'})",
		  "took more" },
		{ NULL, NULL },
	};

	all_harm_only_their_tuples(evil);
}

TEST(expressions_without_loops_end_as_well)
{
	fails("(('a'):rep(200):find(('a*'):rep(10) .. 'b'))", GUST_INT,
	      "option 'where', line 1: took more than 1000000 steps");
	fails("len(('x'):rep(1e9))", GUST_INT,
	      "option 'where', line 1: has a text of more than "
	      "4194304 bytes, a quarter of the option 'memory'");
	fails("pcall(string.rep, 'x', 1e9)", GUST_BOOL,
	      "option 'where', line 1: has a text of more than "
	      "4194304 bytes, a quarter of the option 'memory'");
}

/* Of a script that has many steps but little memory, which is nearly full when
 * a function in C makes a lot of garbage. */
TEST(complete_collections_are_few)
{
	static const struct script_limits own = { 1 << 20, 100000000 };
	static const char text[] =
		"local list, p = nil, {}\n"
		"for i = 1, 5000 do p[i] = i end\n"
		"local s = table.concat(p, ' ')\n"
		"p = nil\n"
		"pcall(function() while true do list = {list} end end)\n"
		"s:gsub('(%d+)() ?', string.sub)";
	struct gust_error error = { 0 };
	struct script *script;

	CHECK_INT(script_create(&script, &own, columns), 0);
	CHECK_INT(script_add(script, "it", text, SCRIPT_BLOCK, &error), 0);
	CHECK_INT(script_run(script, row, &error), -EINVAL);
	CHECK_STR(error.text, "it, line 6: needs more than 1048576 bytes");
	script_destroy(script);
}
