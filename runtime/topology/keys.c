/* SPDX-License-Identifier: MIT */

#include "topology/keys.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"

#define NAMES_MAX 64
#define LIST_SIZE 512

static void report_unknown(const struct keys_rule *rules,
			   const struct node *key, const char *owner,
			   struct diagnostics *diagnostics)
{
	const char *names[NAMES_MAX];
	const char *nearest;
	char list[LIST_SIZE];
	size_t used = 0;
	size_t count = 0;
	int n;

	list[0] = '\0';
	for (; rules->name != NULL; rules++) {
		if (rules->refusal != NULL)
			continue;
		assert(count < NAMES_MAX);
		names[count++] = rules->name;
		n = snprintf(list + used, sizeof(list) - used, "%s'%s'",
			     used > 0 ? ", " : "", rules->name);
		assert(n > 0 && (size_t)n < sizeof(list) - used);
		used += (size_t)n;
	}
	nearest = suggest_nearest(key->text, names, count);
	if (nearest != NULL)
		diagnostics_error(diagnostics, &key->place,
				  "'%.60s' is no key of %s, expected '%s'",
				  key->text, owner, nearest);
	else
		diagnostics_error(diagnostics, &key->place,
				  "'%.60s' is no key of %s, expected one of "
				  "%s",
				  key->text, owner, list);
}

int keys_match(const struct keys_rule *rules, const struct node_item *item,
	       const char *owner, struct diagnostics *diagnostics)
{
	const struct keys_rule *rule;

	for (rule = rules; rule->name != NULL; rule++) {
		if (strcmp(rule->name, item->key->text) != 0)
			continue;
		if (rule->refusal == NULL)
			return rule->id;
		diagnostics_error(diagnostics, &item->key->place, "'%s' %s",
				  rule->name, rule->refusal);
		return -1;
	}
	if (!diagnostics_full(diagnostics))
		report_unknown(rules, item->key, owner, diagnostics);
	else
		diagnostics_error(diagnostics, &item->key->place,
				  "it is only counted");
	return -1;
}
