/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands of CXL's component command interface by the kernel's own MCTP stack
 * (AF_MCTP), as a fabric manager sends them: CXL r3.1 7.6.3, DSP0234, DSP0238.
 *
 *   mctp-cci up INTERFACE OWN-ID THEIR-ID
 *   mctp-cci send THEIR-ID TYPE OPCODE [TIMES [PAYLOAD]]
 *
 * "up" switches the link on, gives it an address of ours, tells the endpoint at
 * its other end its own (Set Endpoint ID) and makes a route to it.  "send"
 * sends one command, TIMES times, as a message of TYPE (7: fabric manager, 8:
 * CCI) and prints return code and payload of the last answer.  Numbers are in
 * C's notation, payloads are pairs of hexadecimal digits.
 */
#include <errno.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <linux/mctp.h>
#include <linux/rtnetlink.h>

#ifndef AF_MCTP
#define AF_MCTP 45
#endif
#ifndef SOL_MCTP
#define SOL_MCTP 285
#endif

#define TYPE_CONTROL        0
#define CONTROL_REQUEST     0x80
#define SET_ENDPOINT_ID     1
#define ANSWER_SECONDS      60
#define HEADER              12      /* bytes of a message before its payload */
#define PAYLOAD_MAX         4096

static void fail(const char *what)
{
    fprintf(stderr, "mctp-cci: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* A request to the kernel's routing tables, and room for attributes */
typedef struct Request {
    struct nlmsghdr head;
    union {
        struct ifaddrmsg address;
        struct rtmsg route;
    };
    uint8_t attributes[64];
} Request;

static void attribute(Request *r, uint16_t type, const void *value,
                      uint16_t len)
{
    struct rtattr *a = (void *)((uint8_t *)r + NLMSG_ALIGN(r->head.nlmsg_len));

    a->rta_type = type;
    a->rta_len = RTA_LENGTH(len);
    memcpy(RTA_DATA(a), value, len);
    r->head.nlmsg_len = NLMSG_ALIGN(r->head.nlmsg_len) + RTA_ALIGN(a->rta_len);
}

/* What is there already need not be made. */
static void ask_kernel(Request *r, const char *what)
{
    struct { struct nlmsghdr head; struct nlmsgerr error; char more[256]; } a;
    int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);

    r->head.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE;
    if (fd < 0 || send(fd, r, r->head.nlmsg_len, 0) < 0 ||
        recv(fd, &a, sizeof(a), 0) < (ssize_t)sizeof(a.head)) {
        fail(what);
    }
    close(fd);
    errno = -a.error.error;
    if (a.error.error && errno != EEXIST) {
        fail(what);
    }
}

static void link_up(const char *name)
{
    struct ifreq r = { 0 };
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

    snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
    if (ioctl(fd, SIOCGIFFLAGS, &r)) {
        fail(name);
    }
    r.ifr_flags |= IFF_UP;
    if (ioctl(fd, SIOCSIFFLAGS, &r)) {
        fail(name);
    }
    close(fd);
}

static void add_address(unsigned index, uint8_t id)
{
    Request r = {
        .head = { .nlmsg_type = RTM_NEWADDR,
                  .nlmsg_len = NLMSG_LENGTH(sizeof(r.address)) },
        .address = { .ifa_family = AF_MCTP, .ifa_index = index },
    };

    attribute(&r, IFA_LOCAL, &id, 1);
    ask_kernel(&r, "own address");
}

static void add_route(unsigned index, uint8_t id)
{
    Request r = {
        .head = { .nlmsg_type = RTM_NEWROUTE,
                  .nlmsg_len = NLMSG_LENGTH(sizeof(r.route)) },
        .route = { .rtm_family = AF_MCTP, .rtm_type = RTN_UNICAST },
    };

    attribute(&r, RTA_DST, &id, 1);
    attribute(&r, RTA_OIF, &index, sizeof(index));
    ask_kernel(&r, "route");
}

static int mctp_socket(void)
{
    struct timeval wait = { .tv_sec = ANSWER_SECONDS };
    int fd = socket(AF_MCTP, SOCK_DGRAM, 0);

    if (fd < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait))) {
        fail("AF_MCTP");
    }
    return fd;
}

/* To whoever is at the other end of the link, whatever it is called now */
static void set_endpoint_id(unsigned index, uint8_t id)
{
    struct sockaddr_mctp_ext to = {
        .smctp_base = { .smctp_family = AF_MCTP, .smctp_type = TYPE_CONTROL,
                        .smctp_tag = MCTP_TAG_OWNER },
        .smctp_ifindex = index,
    };
    uint8_t request[] = { CONTROL_REQUEST, SET_ENDPOINT_ID, 0, id };
    uint8_t answer[64];
    int fd = mctp_socket(), on = 1;
    ssize_t len;

    if (setsockopt(fd, SOL_MCTP, MCTP_OPT_ADDR_EXT, &on, sizeof(on)) ||
        sendto(fd, request, sizeof(request), 0, (void *)&to, sizeof(to)) < 0) {
        fail("Set Endpoint ID");
    }
    len = recv(fd, answer, sizeof(answer), 0);
    if (len < 0) {
        fail("answer to Set Endpoint ID");
    }
    close(fd);
    /* request, command, completion code, status, id */
    if (len < 5 || answer[2] || answer[4] != id) {
        fprintf(stderr, "mctp-cci: the endpoint does not take the id\n");
        exit(1);
    }
}

static void up(const char *name, uint8_t own, uint8_t theirs)
{
    unsigned index = if_nametoindex(name);

    if (!index) {
        fail(name);
    }
    link_up(name);
    add_address(index, own);
    set_endpoint_id(index, theirs);
    add_route(index, theirs);
}

/* One command; the length of its whole answer */
static size_t command(int fd, const struct sockaddr_mctp *to, uint8_t *message,
                      size_t len, uint8_t *answer)
{
    ssize_t got;

    message[1]++;
    if (sendto(fd, message, len, 0, (const void *)to, sizeof(*to)) < 0) {
        fail("send");
    }
    got = recv(fd, answer, HEADER + PAYLOAD_MAX, 0);
    if (got < 0) {
        fail("answer");
    }
    /* category: response, and the tag and opcode of the request */
    if (got < HEADER || answer[0] != 1 || memcmp(answer + 1, message + 1, 4)) {
        fprintf(stderr, "mctp-cci: no answer to what was asked\n");
        exit(1);
    }
    return got;
}

static size_t parse(const char *digits, uint8_t *to)
{
    size_t len = 0;

    while (len < PAYLOAD_MAX &&
           sscanf(digits + 2 * len, "%2hhx", to + len) == 1) {
        len++;
    }
    return len;
}

static void send_command(uint8_t id, uint8_t type, uint16_t opcode,
                         unsigned times, const char *payload)
{
    struct sockaddr_mctp to = {
        .smctp_family = AF_MCTP, .smctp_addr = { id }, .smctp_type = type,
        .smctp_tag = MCTP_TAG_OWNER,
    };
    uint8_t message[HEADER + PAYLOAD_MAX] = { 0 }, answer[sizeof(message)];
    size_t len = parse(payload, message + HEADER), got = 0;
    int fd = mctp_socket();

    message[3] = opcode & 0xff;
    message[4] = opcode >> 8;
    message[5] = len & 0xff;
    message[6] = len >> 8;
    for (unsigned n = 0; n < times; n++) {
        got = command(fd, &to, message, HEADER + len, answer);
    }
    printf("%u ", answer[8] | answer[9] << 8);
    for (size_t i = HEADER; i < got; i++) {
        printf("%02x", answer[i]);
    }
    printf("\n");
    close(fd);
}

int main(int argc, char **argv)
{
    if (argc == 5 && !strcmp(argv[1], "up")) {
        up(argv[2], strtoul(argv[3], NULL, 0), strtoul(argv[4], NULL, 0));
    } else if (argc >= 5 && argc <= 7 && !strcmp(argv[1], "send")) {
        send_command(strtoul(argv[2], NULL, 0), strtoul(argv[3], NULL, 0),
                     strtoul(argv[4], NULL, 0),
                     argc > 5 ? strtoul(argv[5], NULL, 0) : 1,
                     argc > 6 ? argv[6] : "");
    } else {
        fprintf(stderr, "usage: mctp-cci up INTERFACE OWN-ID THEIR-ID\n"
                "       mctp-cci send THEIR-ID TYPE OPCODE [TIMES [PAYLOAD]]\n");
        return 2;
    }
    return 0;
}
