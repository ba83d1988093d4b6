# SPDX-License-Identifier: GPL-2.0-or-later
"""A monitor that answers from a document of `cxl-topology --json`.

It undoes what the tool put together, so a machine that was seen once can be
shown for ever; and it can be a bad peer.
"""

import json
import os
import socket
import threading
import time

GREETING = {'QMP': {'version': {'qemu': {'major': 10, 'minor': 2, 'micro': 2},
                                'package': 'fake'}, 'capabilities': []}}
REFUSED = {'error': {'class': 'GenericError', 'desc': 'no such thing'}}
UNKNOWN = {'error': {'class': 'CommandNotFound', 'desc': 'not found'}}
PER_DEVICE = {'query-cxl-poison': 'poison', 'query-cxl-errors': 'errors',
              'query-cxl-events': 'events',
              'query-cxl-extents': 'dynamic-capacity'}
LINKS = {'volatile-memdev': 'volatile', 'persistent-memdev': 'persistent',
         'volatile-dc-memdev': 'dynamic', 'lsa': 'labels'}

# of query-cxl, and what QOM calls it
QOM_TYPES = {'memory': 'cxl-type3', 'accelerator': 'cxl-accel'}


def devices(doc):
    """Every memory device by its QOM path, with the port above it."""
    found = {}

    def below(node, port):
        if node['type'] in QOM_TYPES:
            found[node['qom-path']] = (node, port)
        for inner in node.get('ports', []):
            if 'below' in inner:
                below(inner['below'], inner.get('id'))
    for bridge in doc.get('bridges', []):
        below(bridge, None)
    for node in doc.get('unreached', []):
        found[node['qom-path']] = (node, None)
    return found


class Answers:
    """What a QEMU with the machine of @doc says."""

    def __init__(self, doc):
        self.doc = doc
        self.devices = devices(doc)

    def qom_get(self, path, name):
        if path.startswith('/backend/'):
            _, _, kind, owner = path.split('/', 3)
            return self.devices['/' + owner][0]['capacity'][kind]
        if path.startswith('/objects/'):
            nodes = [n for n in self.doc['nodes']
                     if n.get('object') == path.split('/')[-1]]
            return {'pci-dev': nodes[0]['owner'],
                    'nodeset': [n['node'] for n in nodes]}[name]
        node, port = self.devices[path]
        if name == 'parent_bus':
            return '/machine/peripheral/%s/bus' % port if port else ''
        if name == 'sn':
            return int(node['serial'], 16)
        if node['type'] == 'accelerator' and name == 'memdev':
            return '/backend/volatile' + path
        if node['type'] == 'memory' and name in LINKS:
            return '/backend/%s%s' % (LINKS[name], path) \
                if LINKS[name] in node['capacity'] else ''
        return node[name]

    def qom_list(self, path):
        if path == '/objects':
            names = {n['object'] for n in self.doc['nodes'] if 'object' in n}
            return [{'name': name, 'type': 'child<acpi-device-nodes>'}
                    for name in sorted(names)]
        return [{'name': p.split('/')[-1],
                 'type': 'child<%s>' % QOM_TYPES[node['type']]}
                for p, (node, _) in self.devices.items()
                if os.path.dirname(p) == path]

    def answer(self, command, arguments):
        doc = self.doc
        if command == 'query-cxl':
            return {'windows': doc['windows'], 'bridges': doc['bridges']}
        if command in PER_DEVICE:
            return self.devices[arguments['path']][0][PER_DEVICE[command]]
        if command == 'qom-get':
            return self.qom_get(arguments['path'], arguments['property'])
        if command == 'qom-list':
            return self.qom_list(arguments['path'])
        if command == 'human-monitor-command':
            return ''.join('node %d cpus: %s\r\nnode %d size: %d MB\r\n' %
                           (n['node'], n['cpus'], n['node'], n['size'] >> 20)
                           for n in doc['nodes'])
        return {'qmp_capabilities': {}, 'query-sdxi': doc.get('functions'),
                'query-memfab': doc.get('memfab'),
                'query-version': doc.get('qemu'),
                'query-memory-devices': doc.get('memory-devices')}[command]

    def __call__(self, request):
        try:
            return {'return': self.answer(request['execute'],
                                          request.get('arguments', {}))}
        except (KeyError, IndexError):
            return REFUSED


class Peer:
    """Listens on a socket in @directory; @talk is given each connection."""

    def __init__(self, directory, talk):
        self.path = os.path.join(directory, 'qmp')
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        self.talk = talk
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self.path

    def __exit__(self, *exc):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()
        os.unlink(self.path)

    def serve(self):
        while True:
            try:
                port, _ = self.listener.accept()
            except OSError:
                return
            with port:
                try:
                    self.talk(port)
                except OSError:         # the tool has gone
                    pass


def serve(answers, limit=None):
    """A talk that greets, then answers; after @limit commands it hangs up."""
    def talk(port):
        port.sendall(json.dumps(GREETING).encode() + b'\r\n')
        for number, line in enumerate(port.makefile()):
            if number == limit:
                return
            # an event may come at any time
            event = {'event': 'RESUME', 'data': {}}
            for message in (event, answers(json.loads(line))):
                port.sendall(json.dumps(message).encode() + b'\r\n')
    return talk


def say(data, wait=True):
    """A talk of these bytes, whatever is heard."""
    def talk(port):
        port.sendall(data)
        while wait and port.recv(4096):
            pass
    return talk


def chatter(data):
    """A talk that greets, and then is these bytes again and again."""
    def talk(port):
        port.sendall(json.dumps(GREETING).encode() + b'\r\n')
        while True:
            port.sendall(data)
            time.sleep(0.05)
    return talk
