/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of cxl-fabricd, one process with one thread, and one that writes
 * states: accounts, a switch, the memory that they are about, what is kept of
 * them on disk, two sockets.  Nothing is said to a host before what it follows
 * from is kept.
 */
#ifndef TOOLS_CXL_FABRICD_FABRICD_H
#define TOOLS_CXL_FABRICD_FABRICD_H

#include <gio/gio.h>
#include "hw/cxl/core/fabric-switch.h"

/* Connections at the same time; of hosts, those that are attached and others */
#define FABRICD_MANAGERS    16
#define FABRICD_HOSTS       (2 * (CXL_FABRIC_HOSTS + CXL_FABRIC_VCS))

#define FABRICD_ERROR fabricd_error_quark()
GQuark fabricd_error_quark(void);

typedef struct Journal Journal;
typedef struct StateWrite StateWrite;

typedef struct Fabricd Fabricd;

/* watch.c: the process that has a seat is watched; zeroes: none */
typedef void WatchEnded(Fabricd *d, unsigned number);
typedef struct Watch {
    guint source;           /* 0: none */
    int pidfd;              /* -1: it is looked at now and then */
    uint8_t process[CXL_FABRIC_PROCESS];    /* for that */
    Fabricd *d;
    unsigned number;        /* of the seat */
    WatchEnded *then;
} Watch;
/*
 * Instead of what @w has watched: when the process ends, @then is called, and
 * all is settled.  True also for a seat that is nobody's; false: it has ended.
 */
bool watch_begin(Watch *w, const CxlFabricSeat *seat, Fabricd *d,
                 unsigned number, WatchEnded *then);
void watch_end(Watch *w);

struct Fabricd {
    CxlFabric *fabric;
    int memory, lock;       /* descriptors */
    bool memory_used;       /* it was there before */
    Journal *journal;       /* NULL: nothing is kept */
    bool complained;        /* that they cannot be */
    GPtrArray *hosts, *managers; /* connections */
    uint16_t news;          /* for managers, bits of 0106h */
    GMainLoop *loop;
    guint wiping, retry;    /* sources */
    Watch watch[CXL_FABRIC_HOSTS];
    CxlFabricSwitch *sw;    /* NULL: there is none */
    char *bindings;         /* the file; NULL: nothing is kept */
    uint64_t sw_kept;       /* of @sw's changes */
    char *states[CXL_FABRIC_LDS]; /* files; NULL: nothing is kept */
    uint64_t states_kept[CXL_FABRIC_LDS]; /* of changes of each */
    StateWrite *writing;    /* the one that a thread has; or NULL */
    unsigned state_next;    /* whose turn it is */
    bool states_failed;     /* they are kept at once until they can be */
    guint sw_timer;         /* a source */
    Watch sw_watch[CXL_FABRIC_VCS];
};

/* accounts.c */
bool fabricd_open(Fabricd *d, const CxlFabricConfig *config, GError **error);
void fabricd_close(Fabricd *d);
/* What has changed is kept; false: it cannot be, and is tried again. */
bool fabricd_keep(Fabricd *d);
/* It could be kept; false: nothing may be changed now. */
bool fabricd_may_change(Fabricd *d);
/* After anything: keeps it, and tells hosts and managers. */
void fabricd_settle(Fabricd *d);
/* Somebody has attached: its end is waited for. */
void fabricd_watch(Fabricd *d, unsigned head);

/* switch.c: behind fabricd_open(); @folder as with journal_open(), or NULL */
bool switch_open(Fabricd *d, const CxlFabricSwitchConfig *config,
                 const char *folder, GError **error);
void switch_close(Fabricd *d);
bool switch_keep(Fabricd *d, GError **error);
/* As fabricd_watch() */
void switch_watch(Fabricd *d, unsigned vcs);
/* What hosts have said whose processes have ended meanwhile is taken. */
void switch_hear_dead(Fabricd *d);

/*
 * memory.c: a file, or (NULL) memory without a name; -1 with an error.  Of
 * @size bytes, parts as short as @step are lent and wiped.  *@lock, if it is
 * set, is to be closed at the end; *@used is set if there may be something in
 * it.
 */
int memory_open(const char *path, uint64_t size, uint64_t step, int *lock,
                bool *used, GError **error);
bool memory_wipe(int memory, uint64_t offset, uint64_t len);

/* process.c: who is at the other end; false: that cannot be seen */
bool process_of_peer(GSocket *socket, uint8_t process[CXL_FABRIC_PROCESS]);
bool process_is_alive(const uint8_t process[CXL_FABRIC_PROCESS]);
/* Which run of the machine this is; false: that cannot be seen */
bool process_boot(CxlUuid *boot);
/*
 * A descriptor that is readable when it has ended; -1 with errno: it has
 * (ESRCH), or there can be no such descriptor.
 */
int process_open(const uint8_t process[CXL_FABRIC_PROCESS]);

/*
 * file.c: all of a file, which is the caller's to free; NULL if it is longer
 * than @max.  False and G_FILE_ERROR_NOENT: there is none.
 */
bool file_read(const char *name, uint64_t max, char **text, gsize *len,
               GError **error);

/* journal.c: accounts in a folder, for the memory that they are about */
Journal *journal_open(const char *path, int memory, GError **error);
void journal_close(Journal *j);
/*
 * The accounts as they were, and records of what has changed since, which go to
 * @changes.  NULL without an error: nothing has been kept yet.
 */
GByteArray *journal_read(Journal *j, GByteArray *changes, GError **error);
/* All is written anew; what is there stays if it cannot be. */
bool journal_write(Journal *j, const GByteArray *state, GError **error);
/* There is room for a change. */
bool journal_ready(Journal *j, GError **error);
/* Records of a change; after an error they, and more, can be given again. */
bool journal_append(Journal *j, const GByteArray *changes, GError **error);
/* It is time to write all of it anew. */
bool journal_is_long(const Journal *j);
/* It was written in that run of the machine, as journal_set_boot() has said. */
bool journal_is_of_boot(const Journal *j, const CxlUuid *boot);
bool journal_set_boot(Journal *j, const CxlUuid *boot, GError **error);

/*
 * states.c: what logical devices are beside their bytes, a file for each;
 * @folder as with switch_open()
 */
bool states_open(Fabricd *d, const char *folder, GError **error);
void states_close(Fabricd *d);
/*
 * All of them are on the disk then; @all: also those of devices that have got
 * another size, and are not wiped yet.
 */
bool states_keep(Fabricd *d, bool all, GError **error);
/* They will be, and fabricd_settle() is called; false: one could not be. */
bool states_go_on(Fabricd *d, GError **error);
/* Those of so many changes are. */
bool states_are_kept(const Fabricd *d, const uint64_t *changes);

/* wait.c: the socket of a connection, and what it waits for there */
typedef struct SocketWait {
    GSocket *socket;        /* a reference */
    GSource *source;        /* NULL: it waits for nothing */
    GIOCondition what;
} SocketWait;
void socket_wait(SocketWait *w, GIOCondition what, GSocketSourceFunc fn,
                 gpointer opaque);
/* The connection is closed. */
void socket_end(SocketWait *w);

/* listen.c: who connects is given to @comes */
typedef void Comes(Fabricd *d, GSocket *socket);
bool listen_on(Fabricd *d, const char *path, Comes *comes, GError **error);
/* The files of all of them are removed. */
void listen_end(void);

/* host.c and manager.c; connections free themselves with their arrays */
void host_comes(Fabricd *d, GSocket *socket);
void host_free(gpointer host);
/* If all is @kept, there may be something to say; what has ended goes. */
void hosts_flush(Fabricd *d, bool kept);
/* All that this one has said so far is taken. */
void host_hear_out(Fabricd *d, const CxlFabricVcs *vcs);
void manager_comes(Fabricd *d, GSocket *socket);
/* @d->news go to all of them; not from within a command. */
void managers_tell(Fabricd *d);
void manager_free(gpointer manager);
/* Those whose commands machines have answered, or not; false: there are none */
bool managers_go_on(Fabricd *d);

#endif /* TOOLS_CXL_FABRICD_FABRICD_H */
