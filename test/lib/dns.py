# SPDX-License-Identifier: MIT
"""A name server that knows what a test tells it, on a loopback port."""

import ipaddress
import socket
import struct
import threading

TYPES = {"A": 1, "AAAA": 28, "SRV": 33}
NO_ERROR, SERVER_FAILURE, NO_NAME = 0, 2, 3


def name_bytes(name):
    labels = [label for label in name.split(".") if label]
    return b"".join(bytes([len(label)]) + label.encode()
                    for label in labels) + b"\0"


def data_bytes(kind, text):
    if kind == "SRV":
        *numbers, target = text.split()
        return struct.pack("!HHH", *map(int, numbers)) + name_bytes(target)
    return ipaddress.ip_address(text).packed


class NameServer(threading.Thread):
    """${records}: {(name, type): [data as in a zone file]}.  A name of
    ${broken} makes it fail."""

    def __init__(self, records, broken=()):
        super().__init__(daemon=True)
        self.records = {(name.lower(), kind): data
                        for (name, kind), data in records.items()}
        self.broken = broken
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]
        self.start()

    def run(self):
        while True:
            query, client = self.socket.recvfrom(4096)
            if not query:
                return
            self.socket.sendto(self.answer(query), client)

    def answer(self, query):
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += 1 + query[at]
        name = ".".join(labels).lower()
        number, = struct.unpack("!H", query[at + 1:at + 3])
        found = [data_bytes(kind, text)
                 for (known, kind), data in self.records.items()
                 for text in data if known == name and TYPES[kind] == number]
        code = NO_ERROR if any(known == name for known, _ in self.records) \
            else NO_NAME
        if name in self.broken:
            found, code = [], SERVER_FAILURE
        return query[:2] + struct.pack(
            "!HHHHH", 0x8580 | code, 1, len(found), 0, 0) + \
            query[12:at + 5] + b"".join(
                b"\xc0\x0c" + struct.pack("!HHIH", number, 1, 60, len(data)) +
                data for data in found)

    def close(self):
        end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        end.sendto(b"", self.socket.getsockname())
        end.close()
        self.join()
        self.socket.close()
