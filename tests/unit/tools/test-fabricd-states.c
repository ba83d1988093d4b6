/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tools/cxl-fabricd/states: a file that is there is of the device that the
 * bindings are about, or is nothing.
 */
#include "qemu/osdep.h"
#include <glib/gstdio.h>
#include "tests/unit/cxl/fabric-switch-fixture.h"
#include "tools/cxl-fabricd/fabricd.h"

GQuark fabricd_error_quark(void)
{
    return g_quark_from_static_string("test-fabricd-states");
}

/* A file has been written, or not, by the thread. */
static unsigned settled;

void fabricd_settle(Fabricd *d G_GNUC_UNUSED)
{
    settled++;
}

/* A cxl-fabricd with nothing but its switch, whose states are in @folder */
static Fabricd *another(World *w, const char *folder)
{
    Fabricd *d = g_new0(Fabricd, 1);

    d->sw = w->sw;
    for (unsigned i = 0; i < LDS; i++) {
        cxl_fabric_switch_know(w->sw, i, NULL);
        d->states_kept[i] = w->sw->state[i].changes;
    }
    g_assert_true(!folder || states_open(d, folder, NULL));
    return d;
}

static void end(Fabricd *d)
{
    states_close(d);
    g_free(d);
}

static void know(World *w, unsigned ld, const char *text)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    g_byte_array_append(bytes, (const uint8_t *)text, strlen(text));
    cxl_fabric_switch_know(w->sw, ld, bytes);
}

static void assert_known(const World *w, unsigned ld, const char *text)
{
    const GByteArray *bytes = w->sw->state[ld].bytes;

    if (text) {
        g_assert_cmpmem(bytes->data, bytes->len, text, strlen(text));
    } else {
        g_assert_null(bytes);
    }
}

static void clear(const char *folder)
{
    for (unsigned i = 0; i < LDS; i++) {
        g_autofree char *path = g_strdup_printf("%s/ld-%u", folder, i);

        g_unlink(path);
    }
    g_assert_cmpint(g_rmdir(folder), ==, 0);
}

static void test_kept(void)
{
    g_autofree char *folder = g_dir_make_tmp("memfab-states-XXXXXX", NULL);
    World *w = world_new();
    Fabricd *d = another(w, folder);

    know(w, 1, "one");
    know(w, 2, "two");
    g_assert_true(states_keep(d, false, NULL));
    end(d);
    d = another(w, folder);
    assert_known(w, 0, NULL);
    assert_known(w, 1, "one");
    assert_known(w, 2, "two");
    cxl_fabric_switch_know(w->sw, 1, NULL);
    g_assert_true(states_keep(d, false, NULL));
    end(d);
    d = another(w, folder);
    assert_known(w, 1, NULL);
    assert_known(w, 2, "two");
    end(d);
    clear(folder);
    world_free(w);
}

/* It has got another size, and whoever was to keep that ended at some point. */
static void test_stale(void)
{
    g_autofree char *folder = g_dir_make_tmp("memfab-states-XXXXXX", NULL);
    World *w = world_new();
    Fabricd *d = another(w, folder);

    know(w, 1, "of the other size");
    g_assert_true(states_keep(d, false, NULL));
    /* Not before it is known that it has another one */
    cxl_fabric_switch_know(w->sw, 1, NULL);
    w->sw->places.ld[1].stale = true;
    g_assert_true(states_keep(d, false, NULL));
    w->sw->places.ld[1].stale = false;
    end(d);
    d = another(w, folder);
    assert_known(w, 1, "of the other size");
    /* That is known, and no more */
    end(d);
    w->sw->places.ld[1].stale = true;
    d = another(w, folder);
    assert_known(w, 1, NULL);
    g_assert_true(states_keep(d, true, NULL));
    end(d);
    w->sw->places.ld[1].stale = false;
    d = another(w, folder);
    assert_known(w, 1, NULL);
    end(d);
    clear(folder);
    world_free(w);
}

/* What cannot be looked at is not taken for what is not there. */
static void test_unreadable(void)
{
    g_autofree char *folder = g_dir_make_tmp("memfab-states-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(folder, "ld-0", NULL);
    g_autoptr(GError) err = NULL;
    World *w = world_new();
    Fabricd *d = another(w, NULL);

    g_assert_true(g_file_set_contents(file, "", 0, NULL));
    g_assert_false(states_open(d, file, &err));
    g_assert_nonnull(strstr(err->message, "looked at"));
    end(d);
    clear(folder);
    world_free(w);
}

/* Nobody writes to it. */
static void test_pipe(void)
{
    g_autofree char *folder = g_dir_make_tmp("memfab-states-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(folder, "ld-0", NULL);
    g_autoptr(GError) err = NULL;
    World *w = world_new();
    Fabricd *d = another(w, NULL);

    g_assert_cmpint(mkfifo(file, 0600), ==, 0);
    g_assert_false(states_open(d, folder, &err));
    g_assert_nonnull(strstr(err->message, "ld-0' is no regular file"));
    end(d);
    clear(folder);
    world_free(w);
}

static void until_settled(void)
{
    for (settled = 0; !settled;) {
        g_main_context_iteration(NULL, TRUE);
    }
}

/* What has changed is written by a thread, and what came meanwhile after it. */
static void test_thread(void)
{
    g_autofree char *folder = g_dir_make_tmp("memfab-states-XXXXXX", NULL);
    World *w = world_new();
    Fabricd *d = another(w, folder);
    uint64_t changes[CXL_FABRIC_LDS] = { 0 };

    know(w, 0, "older");
    know(w, 1, "one");
    g_assert_true(states_go_on(d, NULL));
    know(w, 0, "newer");
    for (unsigned i = 0; i < LDS; i++) {
        changes[i] = w->sw->state[i].changes;
    }
    g_assert_false(states_are_kept(d, changes));
    for (unsigned i = 0; i < 2; i++) {
        until_settled();
        g_assert_true(states_go_on(d, NULL));
        g_assert_cmpuint(d->states_kept[i], <=, changes[i]);
    }
    /* The older one, that of the other device, the newer one */
    g_assert_cmpuint(d->states_kept[1], ==, changes[1]);
    g_assert_cmpuint(d->states_kept[0], <, changes[0]);
    until_settled();
    g_assert_true(states_go_on(d, NULL));
    g_assert_true(states_are_kept(d, changes));
    g_assert_null(d->writing);
    end(d);
    d = another(w, folder);
    assert_known(w, 0, "newer");
    assert_known(w, 1, "one");
    /* Who keeps all at once waits for the thread, which has an older one. */
    know(w, 0, "third");
    g_assert_true(states_go_on(d, NULL));
    know(w, 0, "fourth");
    g_assert_true(states_keep(d, false, NULL));
    g_assert_null(d->writing);
    end(d);
    d = another(w, folder);
    assert_known(w, 0, "fourth");
    /* It ends in the middle. */
    know(w, 0, "fifth");
    g_assert_true(states_go_on(d, NULL));
    end(d);
    clear(folder);
    world_free(w);
}

static void test_thread_fails(void)
{
    g_autofree char *folder = g_dir_make_tmp("memfab-states-XXXXXX", NULL);
    g_autofree char *obstacle = g_build_filename(folder, "ld-0", NULL);
    g_autoptr(GError) err = NULL;
    World *w = world_new();
    Fabricd *d = another(w, folder);

    g_assert_cmpint(g_mkdir(obstacle, 0700), ==, 0);
    know(w, 0, "nowhere");
    g_assert_true(states_go_on(d, NULL));
    until_settled();
    g_assert_false(states_go_on(d, &err));
    g_assert_nonnull(err);
    g_assert_true(d->states_failed);
    g_assert_null(d->writing);
    g_assert_cmpint(g_rmdir(obstacle), ==, 0);
    g_assert_true(states_keep(d, false, NULL));
    end(d);
    d = another(w, folder);
    assert_known(w, 0, "nowhere");
    end(d);
    clear(folder);
    world_free(w);
}

/*
 * An orderly end keeps what hosts have said last, also while the thread writes
 * another one; that of a device with another size waits for the bindings.
 */
static void test_end(void)
{
    g_autofree char *folder = g_dir_make_tmp("memfab-states-XXXXXX", NULL);
    World *w = world_new();
    Fabricd *d = another(w, folder);

    d->bindings = folder;
    know(w, 0, "said last");
    end(d);
    d = another(w, folder);
    assert_known(w, 0, "said last");
    d->bindings = folder;
    know(w, 0, "being written");
    g_assert_true(states_go_on(d, NULL));
    know(w, 0, "after that");
    know(w, 1, "of another one");
    w->sw->places.ld[2].stale = true;
    know(w, 2, "of the other size");
    end(d);
    w->sw->places.ld[2].stale = false;
    d = another(w, folder);
    assert_known(w, 0, "after that");
    assert_known(w, 1, "of another one");
    assert_known(w, 2, NULL);
    end(d);
    clear(folder);
    world_free(w);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fabricd-states/kept", test_kept);
    g_test_add_func("/fabricd-states/stale", test_stale);
    g_test_add_func("/fabricd-states/unreadable", test_unreadable);
    g_test_add_func("/fabricd-states/pipe", test_pipe);
    g_test_add_func("/fabricd-states/thread", test_thread);
    g_test_add_func("/fabricd-states/thread-fails", test_thread_fails);
    g_test_add_func("/fabricd-states/end", test_end);
    return g_test_run();
}
