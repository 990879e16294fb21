/* SPDX-License-Identifier: MIT */
#ifndef KIT_OUTLEFT_H
#define KIT_OUTLEFT_H

/* What earlier runs left of rotating files. */

#include <stdint.h>

#include <gust/kit/outfile.h>

/* What the name of a file ends with while it is being written. */
#define OUTLEFT_SUFFIX ".part"

/*
 * Finishes the files that earlier runs left as NAME.part: cuts a torn record
 * off and gives it its name, or removes it if no record is left. A task takes
 * its own ones and those of tasks that are no more; what another process has
 * locked and what cannot be finished stays, and the log says so.
 *
 * `*number` is set to the greatest number among the files of this task. 0, or
 * -ENOMEM or -EIO.
 */
int outleft_finish(const struct outfile *out, struct gust_task *task,
		   uint64_t *number);

#endif
