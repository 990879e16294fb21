/* SPDX-License-Identifier: MIT */

#include "topology/hosts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/suggest.h"
#include "topology/keys.h"
#include "topology/value.h"

#define PORT_MAX 65535
#define ADDRESS_LENGTH_MAX 253 /* of a name in the DNS */
#define NAME_CHARACTERS                                                        \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"

enum key { KEY_NAME, KEY_ADDRESS, KEY_BIND, KEY_PORT, KEY_SLOTS };

static const struct keys_rule rules[] = {
	{ "name", KEY_NAME, NULL },   { "address", KEY_ADDRESS, NULL },
	{ "bind", KEY_BIND, NULL },   { "port", KEY_PORT, NULL },
	{ "slots", KEY_SLOTS, NULL }, { NULL, 0, NULL },
};

/* A name or an address, and nothing around it. */
static bool is_address(const char *text)
{
	unsigned char unused[sizeof(struct in6_addr)];

	if (inet_pton(AF_INET6, text, unused) == 1)
		return true;
	return strlen(text) <= ADDRESS_LENGTH_MAX && text[0] != '-' &&
	       text[0] != '.' && text[strspn(text, NAME_CHARACTERS)] == '\0';
}

static void read_address(const struct node *value, const char *what,
			 struct diagnostics *diagnostics, const char **address)
{
	const char *text;

	if (!value_string(value, what, diagnostics, &text))
		return;
	if (is_address(text)) {
		*address = text;
		return;
	}
	diagnostics_error(diagnostics, &value->place,
			  "'%s' is '%.60s', expected a name or an address "
			  "such as 10.0.0.1, without a port",
			  what, text);
}

static void read_key(struct plan_host *host, int key, const struct node *value,
		     struct diagnostics *diagnostics)
{
	int64_t number;

	switch (key) {
	case KEY_NAME:
		value_name(value, "name", diagnostics, &host->name);
		break;
	case KEY_ADDRESS:
		read_address(value, "address", diagnostics, &host->address);
		break;
	case KEY_BIND:
		read_address(value, "bind", diagnostics, &host->bind);
		break;
	case KEY_PORT:
		if (value_integer(value, "port", 1, PORT_MAX, diagnostics,
				  &number))
			host->port = (uint16_t)number;
		break;
	case KEY_SLOTS:
		if (value_integer(value, "slots", 1, PLAN_WORKERS_MAX,
				  diagnostics, &number))
			host->slots = (uint32_t)number;
		break;
	default:
		break;
	}
}

static void check_required(const struct node *map,
			   struct diagnostics *diagnostics)
{
	static const char *const required[] = { "name", "address", "port" };
	size_t i;

	for (i = 0; i < sizeof(required) / sizeof(required[0]); i++)
		if (node_get(map, required[i]) == NULL)
			diagnostics_error(diagnostics, &map->place,
					  "a host has no '%s', expected one",
					  required[i]);
}

static bool is_known(const struct hosts *hosts, const struct plan_host *host,
		     const struct node *map, struct diagnostics *diagnostics)
{
	int other;

	if (host->name == NULL)
		return true;
	other = hosts_find(hosts, host->name);
	if (other < 0)
		return false;
	diagnostics_error(diagnostics, &node_get(map, "name")->place,
			  "the name '%.60s' stands here again, expected one of "
			  "its own; see %s:%d",
			  host->name, hosts->places[other].file,
			  hosts->places[other].line);
	return true;
}

static void read_host(struct hosts *hosts, const struct node *map,
		      struct diagnostics *diagnostics)
{
	struct plan_host host = { .slots = 1 };
	char text[VALUE_TEXT_SIZE];
	const struct node_item *item;
	int key;

	if (map->broken)
		return;
	if (map->kind != NODE_MAP) {
		diagnostics_error(diagnostics, &map->place,
				  "a host is %s, expected a map with 'name', "
				  "'address' and 'port'",
				  value_describe(map, text));
		return;
	}
	for (item = map->items; item != NULL; item = item->next) {
		key = keys_match(rules, item, "a host", diagnostics);
		read_key(&host, key, item->value, diagnostics);
	}
	check_required(map, diagnostics);
	if (host.bind == NULL)
		host.bind = host.address;
	if (is_known(hosts, &host, map, diagnostics))
		return;
	hosts->places[hosts->count] = map->place;
	hosts->items[hosts->count++] = host;
}

int hosts_read(struct yaml *yaml, const struct node *root, struct hosts *hosts)
{
	struct diagnostics *diagnostics = yaml->diagnostics;
	const struct node_item *item;
	char text[VALUE_TEXT_SIZE];

	memset(hosts, 0, sizeof(*hosts));
	if (root->kind != NODE_LIST) {
		diagnostics_error(diagnostics, &root->place,
				  "the file is %s, expected a list of hosts",
				  value_describe(root, text));
		return 0;
	}
	if (root->count == 0 || root->count > HOSTS_MAX) {
		diagnostics_error(diagnostics, &root->place,
				  "there are %zu hosts, expected 1 to %d",
				  root->count, HOSTS_MAX);
		return 0;
	}
	hosts->items =
		arena_calloc(yaml->arena, root->count, sizeof(*hosts->items));
	hosts->places =
		arena_calloc(yaml->arena, root->count, sizeof(*hosts->places));
	if (hosts->items == NULL || hosts->places == NULL)
		return -ENOMEM;
	for (item = root->items; item != NULL; item = item->next)
		read_host(hosts, item->value, diagnostics);
	return 0;
}

int hosts_load(struct yaml *yaml, const char *path, struct hosts *hosts)
{
	const char *kind = yaml->kind;
	struct node *root;
	int r;

	memset(hosts, 0, sizeof(*hosts));
	yaml->kind = "a hosts file";
	r = yaml_read(yaml, path, NULL, &root);
	yaml->kind = kind;
	return r < 0 ? r : hosts_read(yaml, root, hosts);
}

int hosts_find(const struct hosts *hosts, const char *name)
{
	uint32_t i;

	for (i = 0; i < hosts->count; i++)
		if (strcmp(hosts->items[i].name, name) == 0)
			return (int)i;
	return -1;
}

const char *hosts_near(const struct hosts *hosts, const char *name)
{
	const char *names[HOSTS_MAX];
	uint32_t i;

	for (i = 0; i < hosts->count; i++)
		names[i] = hosts->items[i].name;
	return suggest_nearest(name, names, hosts->count);
}

static uint32_t port_of(const struct plan *plan, uint32_t worker)
{
	return plan->hosts[plan->workers[worker].host].port +
	       plan->workers[worker].slot;
}

/* An earlier worker with the same address and port; `worker` itself: none. */
static uint32_t find_clash(const struct plan *plan, uint32_t worker)
{
	const struct plan_host *host = &plan->hosts[plan->workers[worker].host];
	const struct plan_host *other;
	uint32_t i;

	for (i = 0; i < worker; i++) {
		other = &plan->hosts[plan->workers[i].host];
		if (port_of(plan, i) == port_of(plan, worker) &&
		    strcmp(other->address, host->address) == 0)
			break;
	}
	return i;
}

void hosts_check_ports(const struct hosts *hosts, const struct plan *plan,
		       struct diagnostics *diagnostics)
{
	const struct plan_host *host;
	uint32_t clash;
	uint32_t w;

	for (w = 0; plan->host_count > 0 && w < plan->worker_count; w++) {
		host = &plan->hosts[plan->workers[w].host];
		clash = find_clash(plan, w);
		if (port_of(plan, w) > PORT_MAX)
			diagnostics_error(
				diagnostics,
				&hosts->places[plan->workers[w].host],
				"worker %u of '%s' would listen at port %u, "
				"expected at most %d",
				plan->workers[w].slot, host->name,
				port_of(plan, w), PORT_MAX);
		else if (clash < w)
			diagnostics_error(
				diagnostics,
				&hosts->places[plan->workers[w].host],
				"worker %u of '%s' has port %u of '%s' at the "
				"same address, expected ports of its own",
				plan->workers[w].slot, host->name,
				port_of(plan, w),
				plan->hosts[plan->workers[clash].host].name);
	}
}
