/* SPDX-License-Identifier: MIT */
#ifndef KIT_SCRIPT_FORMULA_H
#define KIT_SCRIPT_FORMULA_H

/*
 * Formulas: the expressions that need no Lua.
 *
 * Most are a comparison or two, or a sum, and calling Lua takes ten times as
 * long as working them out. So what has fields, numbers, texts without
 * escapes, true, false, nil, parentheses and the operators
 *
 *	or and < > <= >= ~= == + - * / // % ^ not # and unary minus
 *
 * only becomes a list of steps over values (script_operator.h). Whatever else
 * there is, a call, a table, `..`, a comment, is Lua's, and so is a tuple for
 * which a step cannot be done: Lua says why. Nobody sees a difference but in
 * time.
 *
 * One thread.
 */

#include <gust/stream.h>
#include <gust/tuple.h>

struct formula;

/*
 * The formula of an expression that Lua has compiled, over rows with these
 * columns, up to one without a name; it borrows neither. NULL: it is for Lua,
 * or is very long or deep, or memory is short. Of a text that is no Lua nothing
 * is promised but that NULL or a formula comes of it.
 */
struct formula *formula_create(const char *text,
			       const struct gust_column *columns);
void formula_destroy(struct formula *formula); /* takes NULL */

/*
 * The value for `row`, a value a column, as Lua would give it; it and its bytes
 * are the row's or the formula's and stay until the next run. NULL: ask Lua.
 */
const struct gust_value *formula_run(struct formula *formula,
				     const struct gust_value *row);

#endif
