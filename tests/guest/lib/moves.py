# SPDX-License-Identifier: GPL-2.0-or-later
"""How a running guest goes on in another QEMU, or in an earlier moment."""

import os

from guest import expect

DEFERRED = ('-incoming', 'defer')


def prepare(guest, capabilities):
    guest.qmp.capabilities(capabilities)
    guest.qmp.command('migrate-set-parameters', max_bandwidth=0,
                      downtime_limit=5000)


def leave(qmp, uri):
    qmp.command('migrate', uri=uri)
    qmp.wait_until('query-migrate', 'completed')


def listen(guest, uri, capabilities):
    guest.qmp.capabilities(capabilities)
    guest.qmp.command('migrate-incoming', uri=uri)


def arrived(guest):
    guest.qmp.wait_until('query-status', 'running')


def through_file(guest, *capabilities):
    """Save the guest in the middle of what it does, go on in a new QEMU.

    It runs meanwhile; what it writes is written to the file again.
    """
    path = os.path.join(guest.sockets.name, 'state')
    uri = 'file:' + path
    prepare(guest, capabilities)
    leave(guest.qmp, uri)
    guest.end()

    def arrive():
        listen(guest, uri, capabilities)
        arrived(guest)

    guest.start(arrive, DEFERRED)
    os.unlink(path)
    guest.qmp.capabilities(capabilities, False)


def over_socket(guest, *capabilities):
    """Both QEMUs run, and the guest goes from one to the other."""
    uri = 'unix:' + os.path.join(guest.sockets.name, 'migration')
    first = guest.emulator
    prepare(guest, capabilities)
    try:
        guest.start(lambda: listen(guest, uri, capabilities), DEFERRED)
        leave(first.qmp, uri)
    finally:
        first.end()
    arrived(guest)
    guest.qmp.capabilities(capabilities, False)


def job(guest, command, **arguments):
    """A job of the monitor, from its start to its end"""
    guest.qmp.command(command, job_id=command, **arguments)
    jobs = guest.qmp.wait_for('query-jobs', lambda jobs: all(
        job['status'] == 'concluded' for job in jobs))
    guest.qmp.command('job-dismiss', id=command)
    expect('error' not in jobs[0], str(jobs))


def snapshot(guest, node):
    """Save the guest in the image that is block node @node; it goes on."""
    job(guest, 'snapshot-save', tag='then', vmstate=node, devices=[node])


def back(guest, node):
    """What came after snapshot() has never been."""
    job(guest, 'snapshot-load', tag='then', vmstate=node, devices=[node])
    job(guest, 'snapshot-delete', tag='then', devices=[node])
