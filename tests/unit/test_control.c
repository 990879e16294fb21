/* SPDX-License-Identifier: MIT */

#include "worker/control.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

static struct control *parent, *child;

static void begin(void)
{
	CHECK_INT(control_pair(&parent, &child), 0);
}

static void end(void)
{
	control_close(parent);
	control_close(child);
	parent = child = NULL;
}

static int tell(struct control *control, uint64_t number, const char *text)
{
	struct control_message message = { .kind = CONTROL_POSITION,
					   .number = number,
					   .size = strlen(text) };

	return control_send(control, &message, text);
}

TEST(messages_arrive_both_ways_with_their_text)
{
	struct control_message message = {
		.kind = CONTROL_CHARGE, .task = 7, .root = UINT64_MAX, .size = 3
	};
	const char *text;

	begin();
	CHECK_INT(control_receive(parent, &message, &text), 0);
	message.kind = CONTROL_CHARGE;
	CHECK_INT(control_send(parent, &message, "why not"), 0);
	CHECK_INT(tell(child, 42, "file"), 0);
	CHECK_INT(tell(child, 43, ""), 0);
	memset(&message, 0, sizeof(message));
	CHECK_INT(control_receive(child, &message, &text), 1);
	CHECK_INT(message.kind, CONTROL_CHARGE);
	CHECK_UINT(message.task, 7);
	CHECK_UINT(message.root, UINT64_MAX);
	CHECK_STR(text, "why");
	CHECK_INT(control_receive(parent, &message, &text), 1);
	CHECK_UINT(message.number, 42);
	CHECK_STR(text, "file");
	CHECK_INT(control_receive(parent, &message, &text), 1);
	CHECK_UINT(message.number, 43);
	CHECK_STR(text, "");
	CHECK_INT(control_receive(parent, &message, &text), 0);
	end();
}

TEST(a_parent_never_waits_and_nothing_is_lost)
{
	struct control_message message;
	const char *text;
	uint64_t i;

	begin();
	for (i = 0; i < 5000; i++)
		CHECK_INT(tell(parent, i, "a reason of some length"), 0);
	CHECK_INT(control_flush(parent), -EAGAIN);
	CHECK_INT(control_events(parent), POLLIN | POLLOUT);
	for (i = 0; i < 5000; i++) {
		if (control_receive(child, &message, &text) == 0) {
			(void)control_flush(parent);
			CHECK_INT(control_receive(child, &message, &text), 1);
		}
		CHECK_UINT(message.number, i);
		CHECK_STR(text, "a reason of some length");
	}
	CHECK_INT(control_flush(parent), 0);
	CHECK_INT(control_events(parent), POLLIN);
	end();
}

TEST(a_worker_waits_for_its_parent)
{
	struct control_message message;
	const char *text;
	uint64_t i = 0;
	pid_t pid;
	int r;

	begin();
	pid = fork();
	if (pid == 0) {
		for (i = 0; i < 5000; i++)
			if (tell(child, i, "a source of some length") < 0)
				_exit(1);
		_exit(0);
	}
	control_close(child);
	child = NULL;
	while ((r = control_receive(parent, &message, &text)) >= 0)
		if (r > 0)
			CHECK_UINT(message.number, i++);
	CHECK_INT(r, -EPIPE);
	CHECK_UINT(i, 5000);
	CHECK_INT(waitpid(pid, &r, 0), pid);
	CHECK_INT(r, 0);
	end();
}

TEST(what_was_said_before_an_end_is_heard)
{
	struct control_message message;
	const char *text;

	begin();
	/* It leaves without having read this, which resets the connection. */
	CHECK_INT(tell(parent, 1, "unread"), 0);
	CHECK_INT(tell(child, 2, "last words"), 0);
	control_close(child);
	child = NULL;
	CHECK_INT(control_receive(parent, &message, &text), 1);
	CHECK_STR(text, "last words");
	CHECK_INT(control_receive(parent, &message, &text), -EPIPE);
	CHECK_INT(tell(parent, 3, "nobody"), -EPIPE);
	end();
}

TEST(sizes_are_checked)
{
	static const char big[CONTROL_BYTES_MAX + 1];
	struct control_message message = { .kind = CONTROL_FAILED };
	const char *text;

	begin();
	message.size = sizeof(big);
	CHECK_INT(control_send(child, &message, big), -EMSGSIZE);
	message.size = CONTROL_BYTES_MAX;
	CHECK_INT(control_send(child, &message, big), 0);
	CHECK_INT(control_receive(parent, &message, &text), 1);
	CHECK_UINT(message.size, CONTROL_BYTES_MAX);

	CHECK_INT(send(control_fd(child), "x", 1, 0), 1);
	CHECK_INT(control_receive(parent, &message, &text), -EBADMSG);
	message.size = 5;
	CHECK_INT(send(control_fd(child), &message, sizeof(message), 0),
		  sizeof(message));
	CHECK_INT(control_receive(parent, &message, &text), -EBADMSG);
	message.size = 0;
	message.kind = CONTROL_KINDS;
	CHECK_INT(send(control_fd(child), &message, sizeof(message), 0),
		  sizeof(message));
	CHECK_INT(control_receive(parent, &message, &text), -EBADMSG);
	end();
}
