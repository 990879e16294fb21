/* SPDX-License-Identifier: MIT */

#include "worker/overflow.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>

#include "base/random.h"
#include "test.h"

#include "folder.h"

#define MIB ((size_t)1 << 20)

static struct overflow overflow;

static void begin(const char *name)
{
	overflow_init(&overflow, folder_path(name));
}

static void *take(size_t size)
{
	struct gust_error error = { 0 };
	void *room = overflow_take(&overflow, size, &error);

	CHECK_INT(error.code, 0);
	CHECK(room != NULL);
	CHECK_UINT((uintptr_t)room % 16, 0);
	return room;
}

/* Files without a name that this process has mapped. */
static unsigned mapped(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[1024];
	unsigned count = 0;

	CHECK(maps != NULL);
	while (fgets(line, sizeof(line), maps) != NULL)
		count += strstr(line, "/spill-") != NULL;
	fclose(maps);
	return count;
}

/* Each block is filled with its number. */
struct piece {
	unsigned char *room;
	size_t size;
	unsigned char fill;
};

static void piece_give(struct piece *piece)
{
	for (size_t i = 0; i < piece->size; i++)
		CHECK_UINT(piece->room[i], piece->fill);
	overflow_give(&overflow, piece->room);
	piece->room = NULL;
}

TEST(what_was_written_is_there_until_it_is_given_back)
{
	static struct piece pieces[512];
	struct random random;

	begin("pieces");
	random_seed(&random, 7);
	for (unsigned i = 0; i < 20000; i++) {
		struct piece *piece = &pieces[random_below(&random, 512)];

		if (piece->room != NULL)
			piece_give(piece);
		piece->size = random_below(&random, i % 100 ? 5000 : 200000);
		piece->room = take(piece->size);
		piece->fill = (unsigned char)i;
		memset(piece->room, piece->fill, piece->size);
		overflow_rest(&overflow, 100000);
	}
	for (unsigned i = 0; i < 512; i++)
		if (pieces[i].room != NULL)
			piece_give(&pieces[i]);
	CHECK_UINT(mapped(), 1);
	overflow_fini(&overflow);
	CHECK_UINT(mapped(), 0);
}

TEST(a_file_goes_with_the_last_of_it)
{
	char *rooms[40];

	begin("goes");
	for (int i = 0; i < 40; i++)
		rooms[i] = take(MIB);
	/* Three fit into four, with what stands in front of each. */
	CHECK_UINT(mapped(), 14);
	for (int i = 39; i >= 0; i -= 3)
		overflow_give(&overflow, rooms[i]);
	CHECK(mapped() >= 13);
	for (int i = 0; i < 39; i++)
		if (i % 3 != 0)
			overflow_give(&overflow, rooms[i]);
	CHECK_UINT(mapped(), 1);
	/* What is empty is used again. */
	overflow_give(&overflow, take(MIB));
	overflow_give(&overflow, take(3 * MIB));
	CHECK_UINT(mapped(), 1);
	overflow_fini(&overflow);
}

TEST(what_is_larger_than_a_file_has_one_of_its_own)
{
	unsigned char *large, *small;

	begin("large");
	small = take(10);
	large = take(9 * MIB);
	memset(large, 3, 9 * MIB);
	memset(small, 4, 10);
	CHECK_UINT(mapped(), 2);
	CHECK_UINT(large[9 * MIB - 1], 3);
	overflow_give(&overflow, small);
	CHECK_UINT(mapped(), 1);
	overflow_fini(&overflow);
}

TEST(nothing_is_left_in_the_folder)
{
	begin("left/behind");
	(void)take(100);
	CHECK(folder_has("left/behind"));
	CHECK_INT(rmdir(folder_path("left/behind")), 0);
	CHECK_INT(rmdir(folder_path("left")), 0);
	overflow_fini(&overflow);
}

TEST(a_full_disk_is_an_answer)
{
	struct gust_error error = { 0 };
	struct rlimit limit, before;
	char expected[200];
	char *room;

	signal(SIGXFSZ, SIG_IGN);
	begin("full");
	room = take(3 * MIB);
	memset(room, 1, 3 * MIB);
	CHECK_INT(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = MIB;
	CHECK_INT(setrlimit(RLIMIT_FSIZE, &limit), 0);
	CHECK(overflow_take(&overflow, 2 * MIB, &error) == NULL);
	CHECK_INT(error.code, -EFBIG);
	snprintf(expected, sizeof(expected), "cannot spill to '%s': %s",
		 folder_path("full"), strerror(EFBIG));
	CHECK_STR(error.text, expected);
	/* What there is goes on. */
	CHECK(take(MIB / 2) != NULL);
	CHECK_INT(room[3 * MIB - 1], 1);
	CHECK_INT(setrlimit(RLIMIT_FSIZE, &before), 0);
	CHECK(take(2 * MIB) != NULL);
	CHECK_UINT(mapped(), 2);
	overflow_fini(&overflow);
}

TEST(a_folder_that_cannot_be_made_is_told)
{
	struct gust_error error = { 0 };

	folder_write("file", "", 0);
	begin("file");
	CHECK(overflow_take(&overflow, 1, &error) == NULL);
	CHECK(error.code < 0);
	CHECK(strstr(error.text, "cannot spill to '") == error.text);
	overflow_fini(&overflow);
}
