/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a test needs that is the other side of an emulator's connection to a
 * fabric: memory to lend, and a message with its descriptor.
 */
#ifndef TESTS_QTEST_CXL_FABRIC_PEER_H
#define TESTS_QTEST_CXL_FABRIC_PEER_H

/* Memory of @name, which cannot be made shorter if it is @sealed. */
int fabric_peer_memory(const char *name, uint64_t size, bool sealed);
/* As sendmsg(); with @fd, unless that is negative. */
ssize_t fabric_peer_send(int socket, const void *bytes, size_t len, int fd);

#endif
