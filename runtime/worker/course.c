/* SPDX-License-Identifier: MIT */

#include "worker/course.h"

#include "base/clock.h"
#include "worker/beat.h"
#include "worker/crew.h"
#include "worker/peer.h"
#include "worker/post.h"

/* How long goodbye may take. */
#define COURSE_END_NS (5 * CLOCK_NS_PER_S)

/* For the last answer to be read before the socket is closed. */
#define COURSE_LINGER_NS (10 * CLOCK_NS_PER_MS)

bool course_is_done(const struct post *post)
{
	if (crew_load(&post->crew->done) < post->crew->count)
		return false;
	for (uint32_t i = 0; i < post->count; i++)
		if (post->peers[i].unheard_count > 0)
			return false;
	return true;
}

/* Tells the crew once each peer has met this worker. */
static void course_look_at_start(struct course *course, struct post *post)
{
	if (course->begun)
		return;
	for (uint32_t i = 0; i < post->count; i++)
		if (i != post->worker && !post->peers[i].met)
			return;
	course->begun = true;
	crew_count(post->crew, &post->crew->met);
}

/* Tells the others at once that this worker is done, or is told to stop. */
static void course_tell(struct course *course, struct post *post, uint64_t now)
{
	uint32_t flags = crew_load(&post->crew->standing) & BEAT_STOPPING;

	flags |= course_is_done(post) ? BEAT_DONE : 0;
	if (flags == course->told)
		return;
	course->told = flags;
	for (uint32_t i = 0; i < post->count; i++)
		if (i != post->worker)
			peer_tell(&post->peers[i], now);
}

static bool course_all_ended(const struct post *post)
{
	for (uint32_t i = 0; i < post->count; i++)
		if (i != post->worker && !peer_ended(&post->peers[i]))
			return false;
	return true;
}

/* Says goodbye when all are done. */
static void course_look_at_end(struct course *course, struct post *post,
			       uint64_t now)
{
	struct crew *crew = post->crew;

	if (course->ending_ns == 0) {
		if (!course_is_done(post) || !crew_peers_done(crew))
			return;
		course->ending_ns = now;
		for (uint32_t i = 0; i < post->count; i++)
			if (i != post->worker)
				peer_end(&post->peers[i], now);
	}
	if (crew_over(crew) || (!course_all_ended(post) &&
				now - course->ending_ns < COURSE_END_NS))
		return;
	course->over_ns = now;
	crew_end(crew);
	/* It may be a seat that has seen this. */
	post_ring(post);
}

void course_look(struct course *course, struct post *post, uint64_t now)
{
	course_look_at_start(course, post);
	course_tell(course, post, now);
	course_look_at_end(course, post, now);
}

bool course_may_leave(const struct course *course, const struct post *post,
		      uint64_t now)
{
	if (__atomic_load_n(&post->aborted, __ATOMIC_ACQUIRE) != 0)
		return true;
	return course->over_ns != 0 &&
	       now >= course->over_ns + COURSE_LINGER_NS &&
	       crew_load(&post->crew->left) == post->crew->count;
}

uint64_t course_due(const struct course *course, uint64_t now, uint64_t due)
{
	if (course->over_ns == 0 || due < now + COURSE_LINGER_NS)
		return due;
	return now + COURSE_LINGER_NS;
}
