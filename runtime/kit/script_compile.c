/* SPDX-License-Identifier: MIT */

/*
 * From a text to a function.
 *
 * A text is compiled three times. Alone, so that it is a whole text and cannot
 * close what is put around it. Then within a function whose outer function has
 * a local variable for every word of the text: the variables that the inner
 * function captures are the free names of the text, found out by Lua itself.
 * At last as
 *
 *	local upper<const>, string<const> = ...
 *	return function(price, n) TEXT end
 *
 * with the free names that are functions captured as constants, and those that
 * are fields as parameters.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "script_state.h"
#include "script_words.h"

#define SCRIPT_WORDS_AT_ONCE 100u /* a function has 200 local variables */
#define SCRIPT_NAMES_MAX 4200u    /* fields of a stream, and the library */

/* What is read while Lua compiles it: three pieces, byte by byte, so that the
 * place of a mistake is known. */
struct script_source {
	const char *pieces[3];
	size_t piece, at;
	size_t length; /* of what was read of the text itself */
};

struct script_compiler {
	struct script *script;
	struct script_chunk *chunk;
	const char *text;
	struct script_word *words;
	size_t word_count;
	struct script_word *libraries; /* free names that are functions */
	size_t library_count;
	struct buffer head;
	struct gust_error *error;
	int result;
};

/* Says what is wrong at byte `offset` of the text. */
static int script_wrong(const struct script_compiler *compiler, size_t offset,
			const char *what)
{
	size_t line = 1, column = 1, i;

	for (i = 0; i < offset; i++) {
		column++;
		if (compiler->text[i] == '\n') {
			line++;
			column = 1;
		}
	}
	return gust_error_set(compiler->error, -EINVAL,
			      "%s, line %zu, column %zu: %s",
			      compiler->chunk->label, line, column, what);
}

static const char *script_read_source(lua_State *lua, void *data, size_t *size)
{
	struct script_source *source = data;
	const char *piece;

	(void)lua;
	while (source->piece < 3) {
		piece = source->pieces[source->piece];
		if (piece[source->at] == '\0') {
			source->piece++;
			source->at = 0;
			continue;
		}
		if (source->piece == 1)
			source->length++;
		*size = 1;
		return &piece[source->at++];
	}
	*size = 0;
	return NULL;
}

/*
 * Where the mistake of `message` is: Lua has read one byte beyond what it was
 * looking at, which the message quotes at its end.
 */
static size_t script_offset(const struct script_compiler *compiler,
			    const struct script_source *source,
			    const char *message)
{
	const char *near = strstr(message, " near '");
	size_t n, at = source->length;

	if (source->piece == 1 && at > 0)
		at--;
	if (near == NULL)
		return at;
	near += strlen(" near '");
	n = strlen(near);
	if (n < 2 || near[--n] != '\'')
		return at;
	for (; at >= n; at--)
		if (memcmp(compiler->text + at - n, near, n) == 0)
			return at - n;
	return source->length;
}

/* What is meant where an operator of another language stands. */
static const char *script_hint(const char *message)
{
	static const char *const hints[][2] = {
		{ " near '='", "; equality is '=='" },
		{ " near '!'", "; 'not' negates, and '~=' is inequality" },
		{ " near '&'", "; a conjunction is 'and'" },
		{ " near '|'", "; a disjunction is 'or'" },
	};
	size_t i;

	for (i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (strstr(message, hints[i][0]) != NULL)
			return hints[i][1];
	return "";
}

/* Compiles `before`, the text and `after`; the function is left on the stack.
 */
static int script_load(struct script_compiler *compiler, const char *before,
		       const char *after)
{
	lua_State *lua = compiler->script->lua;
	struct script_source source = {
		{ before, compiler->text, after }, 0, 0, 0
	};
	const char *message, *what;
	char text[300];
	int status, r;

	status = lua_load(lua, script_read_source, &source, "=line", "t");
	if (status == LUA_OK)
		return 0;
	if (status == LUA_ERRMEM)
		lua_error(lua);
	message = lua_tostring(lua, -1);
	what = strncmp(message, "line:", 5) == 0 ? strstr(message, ": ") : NULL;
	snprintf(text, sizeof(text), "%.200s%s",
		 what != NULL ? what + 2 : message, script_hint(message));
	r = script_wrong(compiler, script_offset(compiler, &source, message),
			 text);
	lua_pop(lua, 1);
	return r;
}

static bool script_is_expression(const struct script_compiler *compiler)
{
	return compiler->chunk->form == SCRIPT_EXPRESSION;
}

/* Appends names, separated by commas; `after` stands behind each. */
static int script_list(struct buffer *head, const struct script_word *words,
		       size_t count, const char *after)
{
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < count; i++) {
		if (i > 0)
			r = buffer_char(head, ',');
		if (r == 0)
			r = buffer_append(head, words[i].text, words[i].length);
		if (r == 0)
			r = buffer_text(head, after);
	}
	return r;
}

/* Appends the last piece of a text, and the NUL that ends it. */
static int script_text_of(struct buffer *head, const char *text)
{
	return buffer_append(head, text, strlen(text) + 1);
}

static const struct gust_column *script_column(const struct script *script,
					       const char *name)
{
	const struct gust_column *column = script->columns;

	for (; column->name != NULL; column++)
		if (strcmp(column->name, name) == 0)
			return column;
	return NULL;
}

/* Whether the library has the name. */
static bool script_has(const struct script *script, const char *name)
{
	bool found;

	lua_rawgeti(script->lua, LUA_REGISTRYINDEX, script->library);
	lua_pushstring(script->lua, name);
	found = lua_rawget(script->lua, -2) != LUA_TNIL;
	lua_pop(script->lua, 2);
	return found;
}

/* All fields, if they are few; else nothing. */
static void script_fields(const struct script *script, char *text, size_t size)
{
	size_t used = 0, i;

	for (i = 0; i < script->column_count && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s'%s'",
					 i == 0 ? ", the fields are " : ", ",
					 script->columns[i].name);
	if (i == 0 || used >= size)
		text[0] = '\0';
}

/* A name that is neither a field nor a function. */
static int script_unknown(const struct script_compiler *compiler,
			  const struct script_word *word, const char *name)
{
	const struct script *script = compiler->script;
	const char *names[SCRIPT_NAMES_MAX], *nearest;
	const luaL_Reg *helper = script_helpers;
	char what[400], fields[160];
	size_t count = 0;

	for (; count < script->column_count && count < 4096; count++)
		names[count] = script->columns[count].name;
	for (; helper->name != NULL && count < SCRIPT_NAMES_MAX - 1; helper++)
		names[count++] = helper->name;
	if (script->stream_count > 0)
		names[count++] = "emit";
	nearest = suggest_nearest(name, names, count);
	if (nearest != NULL)
		snprintf(fields, sizeof(fields), ", expected '%.100s'",
			 nearest);
	else
		script_fields(script, fields, sizeof(fields));
	snprintf(what, sizeof(what), "no field or function is named '%.100s'%s",
		 name, fields);
	return script_wrong(compiler, (size_t)(word->text - compiler->text),
			    what);
}

/* A free name: a field, which hides a function, or a function. */
static int script_resolve(struct script_compiler *compiler, const char *name)
{
	const struct script *script = compiler->script;
	struct script_chunk *chunk = compiler->chunk;
	const struct gust_column *column = script_column(script, name);
	const struct script_word *word = compiler->words;

	while (!script_word_is(word, name))
		word++;
	if (column != NULL) {
		chunk->fields[chunk->field_count++] =
			(uint16_t)(column - script->columns);
		return 0;
	}
	if (!script_has(script, name))
		return script_unknown(compiler, word, name);
	compiler->libraries[compiler->library_count++] = *word;
	if (strcmp(name, "field") == 0)
		compiler->script->reads_any = true;
	return 0;
}

/* Finds the free names among `count` words. */
static int script_resolve_some(struct script_compiler *compiler,
			       const struct script_word *words, size_t count)
{
	lua_State *lua = compiler->script->lua;
	struct buffer *head = &compiler->head;
	const bool expression = script_is_expression(compiler);
	const char *name;
	int r, i;

	head->used = 0;
	r = buffer_text(head, "local ");
	if (r == 0)
		r = script_list(head, words, count, "");
	if (r == 0)
		r = script_text_of(head, expression
						 ? " return function() return ("
						 : " return function() ");
	if (r < 0)
		return r;
	r = script_load(compiler, head->data, expression ? "\n) end" : "\nend");
	if (r < 0)
		return r;
	lua_call(lua, 0, 1);
	for (i = 1; r == 0; i++) {
		name = lua_getupvalue(lua, -1, i);
		if (name == NULL)
			break;
		lua_pop(lua, 1);
		/* The names of the other words come through this one. */
		if (strcmp(name, "_ENV") != 0)
			r = script_resolve(compiler, name);
	}
	lua_pop(lua, 1);
	return r;
}

static int script_resolve_all(struct script_compiler *compiler)
{
	const struct script_word *words = compiler->words;
	size_t i, n;
	int r = 0;

	for (i = 0; i < compiler->word_count; i++)
		if (script_word_is(&words[i], "_ENV"))
			return script_unknown(compiler, &words[i], "_ENV");
	for (i = 0; r == 0 && i < compiler->word_count; i += n) {
		n = compiler->word_count - i;
		n = n < SCRIPT_WORDS_AT_ONCE ? n : SCRIPT_WORDS_AT_ONCE;
		r = script_resolve_some(compiler, words + i, n);
	}
	return r;
}

/* The text around the function that will run. */
static int script_head(struct script_compiler *compiler)
{
	const struct script_chunk *chunk = compiler->chunk;
	const struct script *script = compiler->script;
	struct buffer *head = &compiler->head;
	size_t i;
	int r = 0;

	head->used = 0;
	if (compiler->library_count > 0) {
		r = buffer_text(head, "local ");
		if (r == 0)
			r = script_list(head, compiler->libraries,
					compiler->library_count, "<const>");
		if (r == 0)
			r = buffer_text(head, " = ... ");
	}
	if (r == 0)
		r = buffer_text(head, "return function(");
	for (i = 0; r == 0 && i < chunk->field_count; i++) {
		if (i > 0)
			r = buffer_char(head, ',');
		if (r == 0)
			r = buffer_text(head,
					script->columns[chunk->fields[i]].name);
	}
	if (r == 0)
		r = script_text_of(head, script_is_expression(compiler)
						 ? ") return ("
						 : ") ");
	return r;
}

/* Leaves what the names stand for on the stack. */
static void script_push_libraries(const struct script_compiler *compiler)
{
	lua_State *lua = compiler->script->lua;
	size_t i;

	for (i = 0; i < compiler->library_count; i++) {
		lua_rawgeti(lua, LUA_REGISTRYINDEX, compiler->script->library);
		lua_pushlstring(lua, compiler->libraries[i].text,
				compiler->libraries[i].length);
		lua_rawget(lua, -2);
		lua_remove(lua, -2);
	}
}

static int script_make(struct script_compiler *compiler)
{
	const bool expression = script_is_expression(compiler);
	lua_State *lua = compiler->script->lua;
	int r;

	r = script_load(compiler, expression ? "return " : "", "");
	if (r == 0)
		r = script_words(compiler->text, &compiler->words,
				 &compiler->word_count,
				 &compiler->script->loops);
	compiler->libraries =
		calloc(compiler->word_count + 1, sizeof(*compiler->libraries));
	if (r == 0 && compiler->libraries == NULL)
		r = -ENOMEM;
	if (r == 0)
		r = script_resolve_all(compiler);
	if (r == 0)
		r = script_head(compiler);
	if (r == 0)
		r = script_load(compiler, compiler->head.data,
				expression ? "\n) end" : "\nend");
	if (r < 0)
		return r;
	luaL_checkstack(lua, (int)compiler->library_count + 3, NULL);
	script_push_libraries(compiler);
	lua_call(lua, (int)compiler->library_count, 1);
	compiler->chunk->function = luaL_ref(lua, LUA_REGISTRYINDEX);
	return 0;
}

/* In protected mode, since memory may be short anywhere. */
static int script_compile(lua_State *lua)
{
	struct script_compiler *compiler = lua_touserdata(lua, 1);

	compiler->result = script_make(compiler);
	return 0;
}

static int script_short(const struct script_compiler *compiler)
{
	const struct script *script = compiler->script;

	if (script->refusals == 0)
		return gust_error_set(compiler->error, -ENOMEM,
				      "memory is short");
	return gust_error_set(compiler->error, -EINVAL,
			      "%s: needs more than %llu bytes",
			      compiler->chunk->label,
			      (unsigned long long)script->limits.memory);
}

static int script_add_chunk(struct script *script, const char *label,
			    enum script_form form)
{
	struct script_chunk *chunks = realloc(
		script->chunks, (script->chunk_count + 1) * sizeof(*chunks));
	struct script_chunk *chunk;

	if (chunks == NULL)
		return -ENOMEM;
	script->chunks = chunks;
	chunk = &chunks[script->chunk_count++];
	*chunk = (struct script_chunk){ .form = form };
	chunk->label = strdup(label);
	chunk->fields =
		calloc(script->column_count + 1, sizeof(*chunk->fields));
	if (chunk->label == NULL || chunk->fields == NULL ||
	    !lua_checkstack(script->lua, (int)script->chunk_count + 20))
		return -ENOMEM;
	return 0;
}

int script_add(struct script *script, const char *label, const char *text,
	       enum script_form form, struct gust_error *error)
{
	struct script_compiler compiler = { .script = script,
					    .text = text,
					    .error = error };
	lua_State *lua = script->lua;
	int r = script_add_chunk(script, label, form);

	if (r < 0)
		return r;
	compiler.chunk = &script->chunks[script->chunk_count - 1];
	lua_settop(lua, 0);
	script->refusals = 0;
	lua_pushcfunction(lua, script_compile);
	lua_pushlightuserdata(lua, &compiler);
	if (lua_pcall(lua, 1, 0, 0) == LUA_OK)
		r = compiler.result;
	else
		r = script_short(&compiler);
	if (r == 0 && form == SCRIPT_EXPRESSION)
		compiler.chunk->formula = formula_create(text, script->columns);
	free(compiler.words);
	free(compiler.libraries);
	buffer_destroy(&compiler.head);
	script_hook_usually(script);
	return r;
}
