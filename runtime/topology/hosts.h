/* SPDX-License-Identifier: MIT */
#ifndef TOPOLOGY_HOSTS_H
#define TOPOLOGY_HOSTS_H

/*
 * The hosts file: on which machines a topology runs.
 *
 *	- {name: a, address: 10.0.0.1, port: 7000, slots: 2}
 *	- {name: b, address: b.example.org, bind: 0.0.0.0, port: 7000}
 *
 * `address` is where the others reach the host, `bind` where it listens, which
 * without that key is the address: never all addresses unless that is asked
 * for. `slots` are the workers that share the components, one if it is left
 * out; slot N listens at `port` + N, and isolated components at the ports
 * above.
 */

#include <stdint.h>

#include "topology/node.h"
#include "topology/plan.h"
#include "topology/yaml.h"

#define HOSTS_MAX 128 /* in a file */

struct hosts {
	struct plan_host *items; /* in the order of the file */
	struct place *places;    /* of their entries */
	uint32_t count;          /* 0: no file was read, or it is wrong */
};

/*
 * Reads the file at `path`. All mistakes are added to the diagnostics of
 * `yaml`; hosts without a usable name are left out. What it returns lives in
 * the arena of `yaml`. Returns 0, also after mistakes; -EINVAL when it is no
 * YAML or cannot be read; -ENOMEM.
 */
int hosts_load(struct yaml *yaml, const char *path, struct hosts *hosts);

/* The same for a file that has been parsed. */
int hosts_read(struct yaml *yaml, const struct node *root, struct hosts *hosts);

/* The place of the host of that name in `items`; -1: there is none. */
int hosts_find(const struct hosts *hosts, const char *name);

/* The nearest name; NULL when none is near. */
const char *hosts_near(const struct hosts *hosts, const char *name);

/*
 * Adds a mistake for each worker of a derived plan whose port is that of
 * another one at the same address, or beyond the last port.
 */
void hosts_check_ports(const struct hosts *hosts, const struct plan *plan,
		       struct diagnostics *diagnostics);

#endif
