/* SPDX-License-Identifier: MIT */
#ifndef WORKER_HOST_H
#define WORKER_HOST_H

/* What a seat does for its executor: struct executor_host carried out. */

#include "engine/executor.h"

struct seat;

/* The host of a seat's executor; its `self` is the seat. */
struct executor_host host_of(struct seat *seat);

#endif
