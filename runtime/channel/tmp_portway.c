#include "channel/port.h"
#include "channel/way.h"
#include "channel/frame.h"
#include "channel/message.h"
#include <nanomsg/nn.h>
#include <nanomsg/pipeline.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
struct port { int s; int fd; };
struct way { int s; int fd; int eid; char address[200]; void *held; };
int port_open(const char *a, size_t max, struct port **p, struct gust_error *e)
{
	struct port *m = calloc(1, sizeof *m);
	int v = (int)max; size_t z = sizeof m->fd;
	m->s = nn_socket(AF_SP, NN_PULL);
	nn_setsockopt(m->s, NN_SOL_SOCKET, NN_RCVMAXSIZE, &v, sizeof v);
	if (nn_bind(m->s, a) < 0) return gust_error_set(e, -nn_errno(), "bind %s", a);
	nn_getsockopt(m->s, NN_SOL_SOCKET, NN_RCVFD, &m->fd, &z);
	*p = m; return 0;
}
void port_close(struct port *p) { if (p) { nn_close(p->s); free(p);} }
int port_fd(const struct port *p) { return p->fd; }
int port_receive(struct port *p, void **m, size_t *size)
{ int r; do r = nn_recv(p->s, m, NN_MSG, NN_DONTWAIT); while (r < 0 && nn_errno() == EINTR); if (r < 0) return -nn_errno(); *size = (size_t)r; return 0; }
int way_open(const char *a, struct way **w, struct gust_error *e)
{ struct way *m = calloc(1, sizeof *m); int v = 10; size_t z = sizeof m->fd; (void)e; strcpy(m->address, a);
 m->s = nn_socket(AF_SP, NN_PUSH); nn_setsockopt(m->s, NN_SOL_SOCKET, NN_RECONNECT_IVL, &v, sizeof v); v = 1 << 20; nn_setsockopt(m->s, NN_SOL_SOCKET, NN_SNDBUF, &v, sizeof v);
 m->eid = nn_connect(m->s, a); nn_getsockopt(m->s, NN_SOL_SOCKET, NN_SNDFD, &m->fd, &z); *w = m; return 0; }
void way_close(struct way *w) { if (w) { nn_close(w->s); message_free(w->held); free(w);} }
int way_flush(struct way *w) { if (!w->held) return 0; int r; do r = nn_send(w->s, &w->held, NN_MSG, NN_DONTWAIT); while (r < 0 && nn_errno() == EINTR); if (r < 0) return -EAGAIN; w->held = NULL; return 0; }
int way_send(struct way *w, const struct frame *h, const void *p, size_t n)
{ if (way_flush(w) < 0) return -EAGAIN; char *m = message_alloc(sizeof *h + n); memcpy(m, h, sizeof *h); if (n) memcpy(m + sizeof *h, p, n); w->held = m; way_flush(w); return 0; }
int way_fd(const struct way *w) { return w->fd; }
int way_heal(struct way *w) { nn_shutdown(w->s, w->eid); w->eid = nn_connect(w->s, w->address); return 0; }
const char *way_problem(const struct way *w) { (void)w; return NULL; }
