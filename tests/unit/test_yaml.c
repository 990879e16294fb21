/* SPDX-License-Identifier: MIT */

#include "test.h"

#include <errno.h>

#include "topology/yaml.h"

/* What one test reads with. */
struct fixture {
	struct arena arena;
	struct diagnostics diagnostics;
	struct variables variables;
	struct variable items[2];
	struct yaml yaml;
	struct node *root;
	char *text; /* the mistakes */
	size_t size;
};

static void prepare(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	arena_init(&f->arena, 0);
	diagnostics_init(&f->diagnostics);
	f->items[0] = (struct variable){ .name = "input", .value = "a b" };
	f->items[1] = (struct variable){ .name = "n", .value = "7" };
	f->variables = (struct variables){ f->items, 2 };
	yaml_init(&f->yaml, &f->arena, &f->diagnostics, &f->variables);
}

static int parse_bytes(struct fixture *f, const char *bytes, size_t length)
{
	FILE *file;
	int r;

	prepare(f);
	r = yaml_parse(&f->yaml, "t", bytes, length, &f->root);
	file = open_memstream(&f->text, &f->size);
	diagnostics_sort(&f->diagnostics);
	diagnostics_print(&f->diagnostics, file);
	fclose(file);
	return r;
}

static int parse(struct fixture *f, const char *text)
{
	return parse_bytes(f, text, strlen(text));
}

static void finish(struct fixture *f)
{
	free(f->text);
	diagnostics_fini(&f->diagnostics);
	arena_fini(&f->arena);
}

/* Expects that `text` has exactly these mistakes. */
static void expect(const char *text, const char *mistakes)
{
	struct fixture f;

	parse(&f, text);
	CHECK_STR(f.text, mistakes);
	finish(&f);
}

TEST(nodes_have_places)
{
	struct node *list;
	struct fixture f;

	CHECK_INT(parse(&f, "a: 1\nb:\n  - x\n  - {c: \"2\"}\n"), 0);
	CHECK_STR(f.text, "");
	CHECK_INT(f.root->kind, NODE_MAP);
	CHECK_UINT(f.root->count, 2);
	CHECK_INT(node_scalar(node_get(f.root, "a")).integer, 1);
	list = node_get(f.root, "b");
	CHECK_UINT(list->count, 2);
	CHECK_INT(list->items->value->place.line, 3);
	CHECK_INT(list->items->value->place.column, 5);
	CHECK_STR(list->items->value->place.file, "t");
	CHECK_BOOL(node_get(list->items->next->value, "c")->quoted, true);
	CHECK_PTR(node_get(f.root, "z"), NULL);
	CHECK_UINT(f.root->size, 9);
	CHECK_UINT(f.root->height, 4);
	finish(&f);
}

TEST(aliases_are_the_nodes_themselves)
{
	struct fixture f;

	CHECK_INT(parse(&f, "a: &x [1, 2]\nb: *x\nc: &x 3\nd: *x\n"), 0);
	CHECK_PTR(node_get(f.root, "b"), node_get(f.root, "a"));
	CHECK_STR(node_get(f.root, "d")->text, "3");
	CHECK_UINT(f.yaml.nodes_left, YAML_NODES_MAX - 13);
	finish(&f);
	expect("a: *x\n", "t:1:4: no anchor '&x' stands above, expected one "
			  "for '*x'\n");
	expect("a: &x [*x]\n", "t:1:8: '*x' stands within its own anchor, "
			       "expected it after the anchor's value\n");
}

TEST(aliases_cannot_get_around_the_limits)
{
	char text[2048] = "x: &a0 [1,1,1,1,1,1,1,1,1,1]\n";
	char line[200];
	struct fixture f;
	int i;

	for (i = 1; i < 10; i++) {
		snprintf(line, sizeof(line),
			 "x%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i, i,
			 i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
		strcat(text, line);
	}
	CHECK_INT(parse(&f, text), -EINVAL);
	CHECK_CONTAINS(f.text, "too many values");
	finish(&f);
	strcpy(text, "x: &a0 [1]\n");
	for (i = 1; i < 60; i++) {
		snprintf(line, sizeof(line), "x%d: &a%d [[*a%d]]\n", i, i,
			 i - 1);
		strcat(text, line);
	}
	CHECK_INT(parse(&f, text), -EINVAL);
	CHECK_CONTAINS(f.text, "nested too deeply");
	finish(&f);
}

TEST(depth_is_limited)
{
	char text[2 * 1000 + 1];
	struct fixture f;

	memset(text, '[', 100);
	memset(text + 100, ']', 100);
	CHECK_INT(parse_bytes(&f, text, 200), 0);
	finish(&f);
	memset(text, '[', 1000);
	memset(text + 1000, ']', 1000);
	CHECK_INT(parse_bytes(&f, text, 2000), -EINVAL);
	CHECK_STR(f.text, "t:1:101: this is nested too deeply, expected at "
			  "most 100 levels\n");
	finish(&f);
}

TEST(all_mistakes_of_a_map_are_found)
{
	expect("a: 1\na: 2\nb: {c: 1, c: 2}\n<<: {d: 1}\n[e]: 1\n"
	       "f: !!int 3\n? \n: 1\na: 3\n",
	       "t:2:1: the key 'a' stands here again, expected it once; see "
	       "line 1\n"
	       "t:3:11: the key 'c' stands here again, expected it once; see "
	       "line 3\n"
	       "t:4:1: '<<' is not supported, expected the keys that it would "
	       "bring\n"
	       "t:5:1: a key is a list, expected a string\n"
	       "t:6:4: the tag 'tag:yaml.org,2002:int' is not supported, "
	       "expected none; quotes make a string\n"
	       "t:7:2: a key is missing, expected one before ':'\n"
	       "t:9:1: the key 'a' stands here again, expected it once; see "
	       "line 2\n");
}

TEST(there_is_one_document)
{
	expect("", "t:1:1: the file is empty, expected a topology: a map with "
		   "'name', 'spouts', 'bolts' and 'streams'\n");
	expect("# nothing\n", "t:1:1: the file is empty, expected a topology: "
			      "a map with 'name', 'spouts', 'bolts' and "
			      "'streams'\n");
	expect("---\na: 1\n...\n", "");
	expect("a: 1\n---\nb: 2\n", "t:2:1: a second document begins here, "
				    "expected one in a file\n");
}

TEST(variables_are_put_in)
{
	struct fixture f;
	struct node *node;

	CHECK_INT(parse(&f, "a: x-${input}-${n}\nb: \"${n}\"\n"
			    "c: ${gone:-def}\nd: '$${n}'\ne: \"${n} \"\n"
			    "f: ${gone:-}\n"),
		  0);
	CHECK_STR(f.text, "");
	CHECK_STR(node_get(f.root, "a")->text, "x-a b-7");
	node = node_get(f.root, "b");
	CHECK_INT(node_scalar(node).kind, SCALAR_INT);
	CHECK_STR(node_get(f.root, "c")->text, "def");
	CHECK_STR(node_get(f.root, "d")->text, "${n}");
	CHECK_INT(node_scalar(node_get(f.root, "e")).kind, SCALAR_STRING);
	CHECK_STR(node_get(f.root, "f")->text, "");
	CHECK_BOOL(node_is_null(node_get(f.root, "f")), false);
	CHECK_BOOL(f.items[0].used, true);
	finish(&f);
}

TEST(the_environment_is_read_by_its_prefix)
{
	struct fixture f;

	setenv("GUST_TEST_YAML", "here", 1);
	CHECK_INT(parse(&f, "a: ${ENV-GUST_TEST_YAML}\n"), 0);
	CHECK_STR(node_get(f.root, "a")->text, "here");
	finish(&f);
	unsetenv("GUST_TEST_YAML");
	expect("a: ${ENV-GUST_TEST_YAML}\n",
	       "t:1:4: the environment has no 'GUST_TEST_YAML', expected it to "
	       "be set or a default, '${ENV-GUST_TEST_YAML:-VALUE}'\n");
}

TEST(mistakes_in_placeholders_have_places)
{
	expect("a: ${inptu}\nb: ${qqqqq}\nc: ${n\nd: ${a b}\n"
	       "e: ${x:-${n}}\nf: ${}\n",
	       "t:1:4: nothing sets 'inptu', the nearest name that is set is "
	       "'input'\n"
	       "t:2:4: nothing sets 'qqqqq', expected '-D qqqqq=VALUE' or a "
	       "default, '${qqqqq:-VALUE}'\n"
	       "t:3:4: '${n' is not closed, expected '}' after the name, or "
	       "'$${' for a literal '${'\n"
	       "t:4:4: 'a b' is not the name of a variable, expected letters, "
	       "digits, '_', '.' and '-', as in '${name:-default}'\n"
	       "t:5:4: the default of 'x' holds a '${', expected plain text\n"
	       "t:6:4: '' is not the name of a variable, expected letters, "
	       "digits, '_', '.' and '-', as in '${name:-default}'\n");
}

TEST(syntax_is_explained)
{
	expect("a: 1\n\tb: 2\n", "t:2:1: a tab stands here, expected spaces\n");
	expect("a:\n\tb: 2\n", "t:2:1: a tab stands here, expected spaces\n");
	expect("a: b: c\n", "t:1:5: a ':' cannot stand here, expected the keys "
			    "of a map in one column, or quotes around a value "
			    "that holds ': '\n");
	expect("a: 1\n b: 2\n", "t:2:3: a ':' cannot stand here, expected the "
				"keys of a map in one column, or quotes around "
				"a value that holds ': '\n");
	expect("a: {b: 1\nc: 2\n", "t:2:2: the map that '{' opens in line 1 "
				   "goes on with something else, expected ',' "
				   "or '}'\n");
	expect("a: [b, c\n", "t:2:1: the list that '[' opens in line 1 goes on "
			     "with something else, expected ',' or ']'\n");
	expect("a: 'b\nc: 2\n", "t:3:1: the file ends within the quotes that "
				"open in line 1, expected them closed\n");
	expect("- a\nb: 1\n", "t:2:1: this is no part of the list that begins "
			      "in line 1, expected '- ' in the column of its "
			      "first one, or the end\n");
	expect("a: 1\nb\nc: 2\n", "t:2:1: no ':' follows this key in its line, "
				  "expected one, or quotes around it\n");
	expect("a: \"\\q\"\n",
	       "t:1:5: this is no escape of double quotes, "
	       "expected one such as '\\n' or '\\\\', or single "
	       "quotes\n");
	expect("a: @x\n", "t:1:4: this character cannot begin a value, "
			  "expected quotes around the value\n");
}

TEST(what_is_no_text_is_refused)
{
	struct fixture f;

	CHECK_INT(parse_bytes(&f, "a: 1\nb: \0\n", 10), -EINVAL);
	CHECK_CONTAINS(f.text, "t:2:4: byte 0x00: control characters");
	finish(&f);
	CHECK_INT(parse(&f, "a: \xff\xfe"), -EINVAL);
	CHECK_CONTAINS(f.text, "t:1:4: byte 0xff: ");
	finish(&f);
}
