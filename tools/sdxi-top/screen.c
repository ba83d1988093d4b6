/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sdxi-top: lines on a terminal, by ncurses.
 */
#include <curses.h>
#include <unistd.h>
#include "top.h"

typedef struct Screen {
    Look *before, *now;
    GArray *lines;
    int first;                  /* the line below the heads */
    bool still;                 /* nothing is asked */
} Screen;

/* Lines that stay while the others are scrolled */
enum { HEADS = 2 };

static int attribute(LineKind kind)
{
    switch (kind) {
    case LINE_TITLE:
        return A_BOLD;
    case LINE_HEAD:
        return A_REVERSE;
    case LINE_ERROR:
        return has_colors() ? COLOR_PAIR(1) : A_BOLD;
    default:
        return A_NORMAL;
    }
}

static void put(int row, const Line *line)
{
    attrset(attribute(line->kind));
    mvaddnstr(row, 0, line->text, COLS);
    if (line->kind == LINE_HEAD) {
        mvchgat(row, 0, -1, A_REVERSE, 0, NULL);
    }
    attrset(A_NORMAL);
}

static void draw(Screen *s)
{
    int last = MAX((int)s->lines->len - HEADS - MAX(LINES - HEADS, 1), 0);
    int row;

    s->first = CLAMP(s->first, 0, last);
    erase();
    for (row = 0; row < LINES; row++) {
        unsigned at = row < HEADS ? row : row + s->first;

        if (at < s->lines->len) {
            put(row, &g_array_index(s->lines, Line, at));
        }
    }
    mvprintw(0, MAX(COLS - 34, 0), "%s", s->still ?
             " stands still; space: on, q: quit" :
             "arrows, space: stand still, q: quit");
    refresh();
}

static bool look_again(Screen *s, Qmp *qmp, GError **error)
{
    Look *look = look_take(qmp, error);

    if (!look) {
        return false;
    }
    look_free(s->before);
    s->before = s->now;
    s->now = look;
    if (s->lines) {
        g_array_unref(s->lines);
    }
    s->lines = lines_make(s->before, s->now);
    return true;
}

/* False if that ends it */
static bool key_pressed(Screen *s, int key)
{
    int page = MAX(LINES - HEADS, 1);

    switch (key) {
    case 'q':
        return false;
    case ' ':
        s->still = !s->still;
        break;
    case KEY_UP:
        s->first--;
        break;
    case KEY_DOWN:
        s->first++;
        break;
    case KEY_PPAGE:
        s->first -= page;
        break;
    case KEY_NPAGE:
        s->first += page;
        break;
    case KEY_HOME:
        s->first = 0;
        break;
    case KEY_END:
        s->first = INT_MAX / 2;
        break;
    }
    return true;
}

static bool loop(Screen *s, Qmp *qmp, double seconds, GError **error)
{
    int64_t next = g_get_monotonic_time();
    bool on = true;

    while (on) {
        int64_t now = g_get_monotonic_time();

        if (now >= next) {
            if ((!s->now || !s->still) && !look_again(s, qmp, error)) {
                return false;
            }
            next = now + (int64_t)(seconds * G_USEC_PER_SEC);
        }
        draw(s);
        timeout(CLAMP((next - g_get_monotonic_time()) / 1000, 1, 1000));
        on = key_pressed(s, getch());
    }
    return true;
}

/* initscr() would end the program where it knows no terminal */
static SCREEN *open_terminal(GError **error)
{
    SCREEN *terminal = NULL;

    if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)) {
        terminal = newterm(NULL, stdout, stdin);
    }
    if (!terminal) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "this is no terminal, or TERM names none that is known:"
                    " --batch prints lines");
        return NULL;
    }
    cbreak();
    noecho();
    keypad(stdscr, true);
    curs_set(0);
    if (has_colors()) {
        start_color();
        use_default_colors();
        init_pair(1, COLOR_RED, -1);
    }
    return terminal;
}

bool screen_run(Qmp *qmp, double seconds, GError **error)
{
    SCREEN *terminal = open_terminal(error);
    Screen s = { };
    bool done;

    if (!terminal) {
        return false;
    }
    done = loop(&s, qmp, seconds, error);
    endwin();
    delscreen(terminal);
    look_free(s.before);
    look_free(s.now);
    if (s.lines) {
        g_array_unref(s.lines);
    }
    return done;
}
