/* SPDX-License-Identifier: MIT */

#include "worker/spin.h"

#include <sched.h>

#include "base/clock.h"
#include "channel/inbox.h"
#include "worker/mailbox.h"

/* About what a sleep and a wake-up take. */
#define SPIN_NS (50 * CLOCK_NS_PER_US)

/* Looks between two of the clock. */
#define SPIN_LOOKS 16

/* Sleeps are left out up to two to the power of this. */
#define SPIN_FAILURES_MAX 6u

void spin_init(struct spin *spin, uint32_t threads)
{
	cpu_set_t set;

	spin->rest = 0;
	spin->failures = 0;
	spin->pays = threads > 1 &&
		     sched_getaffinity(0, sizeof(set), &set) == 0 &&
		     (uint32_t)CPU_COUNT(&set) >= threads;
}

/* Leaves the core's other thread, and its power, alone for a moment. */
static void spin_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

bool spin_wait(struct spin *spin, const struct inbox *inbox,
	       const struct mailbox *mailbox, uint64_t until_ns)
{
	uint64_t now, end;

	if (!spin->pays || spin->rest > 0) {
		spin->rest -= spin->rest > 0;
		return false;
	}
	now = clock_now_ns();
	end = now + SPIN_NS;
	if (end > until_ns)
		end = until_ns;
	for (; now < end; now = clock_now_ns()) {
		for (int i = 0; i < SPIN_LOOKS; i++) {
			if (inbox_waiting(inbox) ||
			    !mailbox_is_empty(mailbox)) {
				spin->failures = 0;
				return true;
			}
			spin_pause();
		}
	}
	if (spin->failures < SPIN_FAILURES_MAX)
		spin->failures++;
	spin->rest = (1u << spin->failures) - 1;
	return false;
}
