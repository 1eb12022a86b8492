#!/usr/bin/env python3
"""How long a task file lies in pending/ before the daemon has claimed it, against a loop that looks once a second.

One task at a time, into the daemon's pending/ and at the same moment into that of a plain poller: a process that lists
its directory each second and renames what it finds. The moments are spread evenly over the poller's second. Each time
every session of the daemon is idle and free, and has been for half a second, so nothing waits for a session; the file was
written in tmp/ before and only its rename is new.

Claimed is a task when its file has left pending/ for claimed/: the claim is that rename, made after the state that names
it was saved to disk. It is seen by inotify on both claimed/ directories in one thread, whose own wake-up is part of both
figures. The daemon's log tells, to a millisecond, when it had chosen the session; the agent's log when it began its turn,
that is when the prompt was typed, submitted and taken.

usage: pick_up.py BUILD_BIN [--tasks N] [--sessions N] [--judge]
"""
import ctypes
import datetime
import multiprocessing
import os
import signal
import struct
import sys
import threading
import time

from queue_world import QueueWorld, die, title_of
from readings import Bars, BareTimer, median, percentile, ratio, table
from watched_panes import arguments, ended_by_signals, wait

PERIOD = 1.0
SPREAD = 0.618034  # multiples of the golden section, modulo one, leave no gap
IN_MOVED_TO = 0x80
EVENT = struct.Struct('iIII')


class Arrivals(threading.Thread):
    """When a name came into one of the directories by rename: {(directory, title): instant}."""

    def __init__(self, directories):
        super().__init__(daemon=True)
        libc = ctypes.CDLL(None, use_errno=True)
        self.descriptor = libc.inotify_init1(os.O_CLOEXEC)
        self.watched, self.at = {}, {}
        for directory in directories:
            number = libc.inotify_add_watch(self.descriptor, os.fsencode(directory), IN_MOVED_TO)
            if number < 0:
                raise OSError(ctypes.get_errno(), f'cannot watch {directory}')
            self.watched[number] = directory
        self.start()

    def run(self):
        while True:
            events, now = os.read(self.descriptor, 65536), time.monotonic()
            while events:
                number, _, _, length = EVENT.unpack_from(events)
                name = os.fsdecode(events[EVENT.size:EVENT.size + length].rstrip(b'\0'))
                self.at[self.watched[number], title_of(name)] = now
                events = events[EVENT.size + length:]


def poll(pending, claimed):
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    while True:
        for name in os.listdir(pending):
            os.rename(f'{pending}/{name}', f'{claimed}/{name}')
        time.sleep(PERIOD)


class Poller:
    """The process that looks once a second, with directories of its own on the same file system."""

    def __init__(self, root):
        self.tmp, self.pending, self.claimed = (f'{root}/polled/{place}' for place in ('tmp', 'pending', 'claimed'))
        for place in (self.tmp, self.pending, self.claimed):
            os.makedirs(place)
        self.process = multiprocessing.Process(target=poll, args=(self.pending, self.claimed), daemon=True)

    def __enter__(self):
        self.process.start()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.join()

    def write_task(self, title):
        with open(f'{self.tmp}/{title}', 'w', encoding='utf-8') as file:
            file.write('Work.\n')

    def move_in(self, title):
        os.rename(f'{self.tmp}/{title}', f'{self.pending}/{title}')


class PickUp:
    def __init__(self, world, poller):
        self.world, self.poller = world, poller
        self.arrivals = Arrivals([world.place('claimed'), poller.claimed])
        self.daemon, self.polled, self.chosen, self.begun = [], [], [], []
        self.began = time.monotonic()

    def moment(self, number):
        """The next instant at this task's part of the period, half a second away at least."""
        phase = number * SPREAD % 1 * PERIOD
        soon = time.monotonic() + 0.5 - self.began
        return self.began + soon + (phase - soon) % PERIOD

    def drop(self, number):
        title = f'task-{number}.md'
        sides = [(self.world, self.world.place('claimed')), (self.poller, self.poller.claimed)]
        for side, _ in sides:
            side.write_task(title)
        moment = self.moment(number)
        time.sleep(moment - time.monotonic())
        dropped = {}
        for side, claimed in sides if number % 2 else sides[::-1]:
            dropped[claimed] = (time.monotonic(), time.time())
            side.move_in(title)
        if not wait(lambda: all((claimed, title) in self.arrivals.at for claimed in dropped), 60):
            die(self.world, f'{title} was not claimed')
        for (_, claimed), delays in zip(sides, (self.daemon, self.polled)):
            delays.append(self.arrivals.at[claimed, title] - dropped[claimed][0])
        if not wait(self.world.is_free, 60):
            die(self.world, f'{title} did not come to its end: {self.world.status()["queue"]["counts"]}')
        at = dropped[sides[0][1]][1]
        self.chosen += [instant(line['time']) - at for line in self.world.daemon_log()
                        if line.get('msg') == 'task claimed' and line['title'] == title]
        self.begun += [event['t'] - at for event in self.world.agent_events('prompt')
                       if f'/claimed/{title}.' in event['text']]


def instant(text):
    return datetime.datetime.fromisoformat(text.replace('Z', '+00:00')).timestamp()


def row(what, values):
    return [what, len(values), *(f'{1000 * of:.2f}' for of in (min(values), median(values), percentile(values, 0.99)))]


def main():
    ended_by_signals()
    parser = arguments(__doc__)
    parser.add_argument('--tasks', type=int, default=60)
    parser.add_argument('--sessions', type=int, default=2)
    options = parser.parse_args()
    with QueueWorld(options.bin, options.sessions, 0.2) as world:
        with Poller(world.root) as poller, BareTimer() as timer:
            world.start()
            pick_up = PickUp(world, poller)
            for number in range(options.tasks):
                pick_up.drop(number)
    share = ratio(median(pick_up.polled), median(pick_up.daemon))
    table(['from the rename into pending/', 'n', 'least ms', 'median ms', 'p99 ms'],
          [row('until the daemon has chosen a session', pick_up.chosen),
           row('until the daemon has claimed it', pick_up.daemon), row('until its agent began the turn', pick_up.begun),
           row('until the poller has claimed it', pick_up.polled), row('a bare timer, lateness', timer.late)])
    print(f'by the medians the daemon is {share:.0f} times as fast as the poller, and its choice '
          f'{ratio(median(pick_up.polled), median(pick_up.chosen)):.0f} times')
    bars = Bars()
    bars.at_most('median until claimed, of the poller\'s', ratio(1, share), 1 / 500)
    bars.holds(f'each begun once: {len(pick_up.begun)} of {options.tasks}', len(pick_up.begun) == options.tasks)
    return bars.exit_code(options.judge)


if __name__ == '__main__':
    sys.exit(main())
