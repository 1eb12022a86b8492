"""A watch of a directory that nobody reads: what the kernel keeps for a daemon that is stopped, it keeps here too."""
import ctypes
import os
import struct

MOVED_TO, CLOSE_WRITE, OVERFLOW = 0x80, 0x8, 0x4000
HEAD = struct.Struct('iIII')  # watch, mask, cookie, length of the name


def most_unread():
    """So many events the kernel keeps for one watcher."""
    with open('/proc/sys/fs/inotify/max_queued_events', encoding='utf-8') as file:
        return int(file.read())


class UnreadEvents:
    def __init__(self, directory):
        libc = ctypes.CDLL(None, use_errno=True)
        self.descriptor = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self.descriptor < 0 or libc.inotify_add_watch(self.descriptor, directory.encode(), MOVED_TO | CLOSE_WRITE) < 0:
            raise OSError(ctypes.get_errno(), 'no inotify')

    def read(self):
        """(names in the order in which they came, whether more came than were kept)"""
        names, overflowed, data = [], False, b''
        while True:
            try:
                data += os.read(self.descriptor, 1 << 16)
            except BlockingIOError:
                break
        while data:
            _, mask, _, length = HEAD.unpack_from(data)
            names.append(os.fsdecode(data[HEAD.size:HEAD.size + length].rstrip(b'\0')))
            overflowed |= bool(mask & OVERFLOW)
            data = data[HEAD.size + length:]
        return names, overflowed

    def close(self):
        os.close(self.descriptor)
