#!/usr/bin/env python3
"""Ten thousand task files come at once while sessions are at work: what it costs, and whether one is lost or run twice.

A few sessions of the pool work on tasks whose turns are very short. First a feeder keeps a handful of tasks waiting; then
all files, written to tmp/ before, are renamed into pending/ as fast as possible, and the daemon goes on for a bounded time.
A process of its own asks for /status every 5 ms over the unix socket all the while; its sleeps tell what the machine
itself adds. Then the daemon is ended with SIGTERM in the middle of its work, started again, works on for a while, and is
ended once more. After each end every task must lie in exactly one place; none may have been claimed twice by the daemon's
log but for those taken back, or begun twice by the agents' own; one that is done was begun once, one that waits never.

usage: ten_thousand_tasks.py BUILD_BIN [--tasks N] [--sessions N] [--turn S] [--seconds S] [--before S] [--judge]
"""
import collections
import http.client
import multiprocessing
import signal
import sys
import threading
import time

from queue_world import QueueWorld, die
from readings import Bars, cpu, descriptors, memory, percentile, ratio, table
from watched_panes import UnixConnection, arguments, ended_by_signals, wait

FED = 8  # tasks that wait while the feeder goes on


class Asking:
    """A process that asks for /status every 5 ms: [(instant, seconds until the answer, lateness of its sleep)]."""

    def __init__(self, path):
        self.receiver, sender = multiprocessing.Pipe(duplex=False)
        self.stop = multiprocessing.Event()
        self.process = multiprocessing.Process(target=self.ask, args=(path, sender), daemon=True)
        self.asked = []

    def ask(self, path, sender):
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        connection, asked = UnixConnection(path, 30), []
        while not self.stop.is_set():
            began = time.monotonic()
            try:
                connection.request('GET', '/status', headers={'Accept': 'application/json'})
                connection.getresponse().read()
                took = time.monotonic() - began
            except (OSError, http.client.HTTPException):
                connection.close()
                took = float('inf')
            rest = max(0.0, 0.005 - (time.monotonic() - began))
            slept = time.monotonic()
            time.sleep(rest)
            asked.append((began, took, time.monotonic() - slept - rest))
        sender.send(asked)

    def __enter__(self):
        self.process.start()
        return self

    def __exit__(self, kind, *_):
        self.stop.set()
        if kind is None and self.receiver.poll(40):
            self.asked = self.receiver.recv()
        self.process.join(5)
        if self.process.is_alive():
            self.process.kill()


class Readings(threading.Thread):
    """The daemon's memory and descriptors twice a second."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.going, self.read = pid, threading.Event(), []

    def run(self):
        while not self.going.wait(0.5):
            try:
                self.read.append((time.monotonic(), memory(self.pid)[0], descriptors(self.pid)))
            except (OSError, KeyError):
                return

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.going.set()
        self.join()

    def most(self, column, begin, end):
        return max((reading[column] for reading in self.read if begin <= reading[0] < end), default=float('nan'))


class Part:
    """What was read between two instants of the run."""

    def __init__(self, world, name):
        self.world, self.name = world, name
        self.began, self.cpu, self.done = time.monotonic(), cpu(world.daemon.pid), len(world.tasks('done'))
        self.ended = self.began

    def end(self):
        self.ended = time.monotonic()
        self.cpu = cpu(self.world.daemon.pid) - self.cpu
        self.done = len(self.world.tasks('done')) - self.done
        return self

    def within(self, asked, column):
        return [one[column] for one in asked if self.began <= one[0] < self.ended]

    def row(self, asked, readings):
        took, late = self.within(asked, 1), self.within(asked, 2)
        seconds = self.ended - self.began
        return [self.name, f'{seconds:.1f}', len(took),
                *(f'{1000 * percentile(took, share):.2f}' for share in (0.5, 0.99, 1)),
                f'{1000 * percentile(late, 0.99):.2f}', self.done, f'{self.done / seconds:.2f}',
                f'{1000 * ratio(self.cpu, self.done):.1f}', f'{100 * self.cpu / seconds:.0f}',
                f'{readings.most(1, self.began, self.ended):.1f}', readings.most(2, self.began, self.ended)]


HEADS = ['', 's', 'asked', 'p50 ms', 'p99 ms', 'max ms', 'timer p99', 'done', 'done/s', 'CPU ms/task', 'CPU %', 'RSS MB',
         'fds']


def feed(world, seconds):
    """Some tasks wait at any time; how many were given in all."""
    end, given = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        while len(world.tasks('pending')) < FED:
            world.write_task(f'fed-{given}.md')
            world.move_in(f'fed-{given}.md')
            given += 1
        time.sleep(0.05)
    return given


def counts(world):
    return ((world.status() or {}).get('queue') or {}).get('counts') or {}


def burst(world, total, there):
    """(the part that begins with it, seconds of the renames, seconds until /status counted them all)"""
    titles = [f'task-{number:05}.md' for number in range(total)]
    for title in titles:
        world.write_task(title)
    if not wait(lambda: sum(counts(world).values()) == there, 60):
        die(world, f'the daemon knows {counts(world)} of {there}')
    part = Part(world, 'the burst')
    for title in titles:
        world.move_in(title)
    renamed = time.monotonic() - part.began
    if not wait(lambda: sum(counts(world).values()) == there + total, 60):
        die(world, f'the daemon knows {counts(world)} after a minute, {there} were there before')
    return part, renamed, time.monotonic() - part.began


def wait_until(instant):
    time.sleep(max(0.0, instant - time.monotonic()))


class Census:
    """Where each task lies, how often it was claimed and begun."""

    def __init__(self, world):
        self.places = world.whereabouts()
        log = world.daemon_log()
        titles = {line['task']: line['title'] for line in log if line.get('msg') == 'task claimed'}
        self.claims = collections.Counter(line['title'] for line in log if line.get('msg') == 'task claimed')
        self.taken_back = collections.Counter(titles.get(line['task']) for line in log
                                              if line.get('msg') == 'task taken back')
        self.begun = collections.Counter(title_of_prompt(event['text']) for event in world.agent_events('prompt'))
        self.by_place = collections.Counter(places[0] for places in self.places.values())

    def faults(self, given):
        wrong = collections.Counter()
        wrong['lost'] = len(set(given) - set(self.places))
        wrong['unknown'] = len(set(self.places) - set(given))
        for title, places in self.places.items():
            begun, claims, place = self.begun[title], self.claims[title], places[0]
            wrong['in several places'] += len(places) != 1
            wrong['begun more than once'] += begun > 1
            wrong['done and not begun once'] += place == 'done' and begun != 1
            wrong['waiting and begun'] += place == 'pending' and begun != 0
            wrong['claimed more than once'] += claims - self.taken_back[title] > 1
            wrong['moved without a claim'] += place != 'pending' and claims < 1
            wrong['failed or held'] += place in ('failed', 'held')
        return +wrong


def title_of_prompt(text):
    name = text.partition('/claimed/')[2]
    title, end, _ = name.partition('.md')
    return title + end


def tell_census(world, given, when, bars):
    census = Census(world)
    places = ', '.join(f'{count} {place}' for place, count in census.by_place.most_common())
    wrong = census.faults(given)
    bars.holds(f'{when}: {len(census.places)} tasks of {len(given)}: {places}; {sum(census.claims.values())} claims, '
               f'{sum(census.taken_back.values())} taken back; {dict(wrong) or "each in one place, none begun twice"}', not wrong)


def end(world, when, given, bars):
    """In the middle of its work; a task that is begun then is among the claimed ones."""
    code = world.end_daemon(signal.SIGTERM)
    bars.holds(f'{when} the daemon ends with {code}', code == 0)
    tell_census(world, given, when, bars)


def restart(world, seconds, given, bars):
    """Knows all again, goes on where it was."""
    began, done = time.monotonic(), len(world.tasks('done'))
    world.start_daemon()
    if not wait(lambda: sum(counts(world).values()) == len(given), 60):
        die(world, f'the daemon knows {counts(world)} a minute after its restart')
    known = time.monotonic() - began
    going_on = wait(lambda: len(world.tasks('done')) > done, 60)
    bars.holds(f'all known {known:.1f} s after the start, and it goes on', bool(going_on))
    time.sleep(seconds)


def play(world, options, bars):
    pid = world.daemon.pid
    with Asking(world.control_socket()) as asking, Readings(pid) as readings:
        idle = Part(world, 'idle')
        time.sleep(options.before / 2)
        parts = [idle.end()]
        before = Part(world, f'{FED} waiting')
        fed = feed(world, options.before)
        parts.append(before.end())
        rss = readings.most(1, before.began, before.ended)
        part, renamed, known = burst(world, options.tasks, fed)
        wait_until(part.began + min(10, options.seconds))
        parts.append(part.end())
        during = Part(world, 'after it')
        wait_until(part.began + options.seconds)
        parts.append(during.end())
    whole = [one for part in parts[2:] for one in part.within(asking.asked, 1)]
    print(f'{options.tasks} files renamed in {renamed:.2f} s, all counted by /status {known:.2f} s after the first; '
          f'{options.sessions} sessions, turns of {options.turn:g} s')
    table(HEADS, [one.row(asking.asked, readings) for one in parts])
    calm = percentile(parts[1].within(asking.asked, 1), 0.99)
    bars.at_most('p99 of /status during, over before', ratio(percentile(whole, 0.99), calm), 2)
    grown = readings.most(1, part.began, during.ended) - rss
    bars.at_most('RSS growth', grown, 40, ' MB')
    more = readings.most(2, part.began, during.ended) - readings.most(2, before.began, before.ended)
    bars.at_most('descriptors more', more, 6)  # a tmux command's pipes, a signal's or a scan's directory
    return [f'fed-{number}.md' for number in range(fed)] + [f'task-{number:05}.md' for number in range(options.tasks)]


def main():
    ended_by_signals()
    parser = arguments(__doc__)
    parser.add_argument('--tasks', type=int, default=10_000)
    parser.add_argument('--sessions', type=int, default=4)
    parser.add_argument('--turn', type=float, default=0.2)
    parser.add_argument('--seconds', type=float, default=60)
    parser.add_argument('--before', type=float, default=30)
    options = parser.parse_args()
    bars = Bars()
    with QueueWorld(options.bin, options.sessions, options.turn) as world:
        world.start()
        given = play(world, options, bars)
        end(world, 'at SIGTERM', given, bars)
        restart(world, options.seconds / 3, given, bars)
        end(world, 'at the second', given, bars)
    return bars.exit_code(options.judge)


if __name__ == '__main__':
    sys.exit(main())
