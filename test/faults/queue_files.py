#!/usr/bin/env python3
"""Puts files with hostile names, and things that are no files, into pending/ under the real daemon and looks what becomes
of each. The table in hostile_things.py says what must: given to an agent once, with exactly its prompt, and done as it was
dropped; or in failed/ with the reason; or left alone where it lies.

All the while /status must be JSON in strict UTF-8 and /metrics readable. In the end the files outside, which things in
pending/ led to, are as they were; nothing was made by a shell or by tmux that expanded a name; each line of the log and
of the journal is JSON; the daemon lives, and never held more memory than it may.

usage: queue_files.py BUILD_BIN [--only WORD]
"""
import argparse
import contextlib
import http.client
import json
import os
import re
import sys
import tempfile
import threading
import time

from dropped_tasks import DroppedTasks
from hostile_things import THINGS, finish_half_written
from place_case import stopped
from queue_places import ended_by_signals
from world import UnixConnection, wait

PATIENCE = 150  # seconds for all tasks: there are some forty, and two agents
MOST_MEMORY = 64  # MiB
TRAP = 'pwned'  # no file may ever be called so
SECRET = b'A secret of somebody else.\n'
METRIC = re.compile(r'(#( .*)?|[a-z_:]+(\{[^\n]*\})? -?[0-9.e+-]+|)')


class Outside:
    """Files beside the queue that things in it lead to."""

    def __init__(self, root):
        self.root = root
        os.mkdir(f'{root}/outside')
        for name in ('secret', 'linked'):
            with open(f'{root}/outside/{name}', 'wb') as file:
                file.write(SECRET)
            os.chmod(f'{root}/outside/{name}', 0o640)
            os.utime(f'{root}/outside/{name}', (1_000_000_000,) * 2)

    def seen(self):
        found = {}
        for folder, _, names in os.walk(f'{self.root}/outside'):
            for name in names:
                info = os.lstat(f'{folder}/{name}')
                with open(f'{folder}/{name}', 'rb') as file:
                    found[name] = (file.read(), info.st_mtime_ns, info.st_mode, info.st_nlink, info.st_ino, info.st_uid)
        return found


class Readers:
    """Ask the daemon over and over, as dashboards do, and keep what was wrong with an answer."""

    def __init__(self, world):
        self.world, self.faults, self.answers, self.ended = world, [], {'/status': 0, '/metrics': 0}, threading.Event()
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        while not self.ended.wait(0.1):
            for path, check in (('/status', status_fault), ('/metrics', metrics_fault)):
                try:
                    fault = check(self.answer(path))
                except (OSError, http.client.HTTPException) as error:
                    fault = repr(error)
                self.answers[path] += 1
                if fault:
                    self.faults.append(f'{path}: {fault}')

    def answer(self, path):
        with contextlib.closing(UnixConnection(f'{self.world.root}/run/control.sock', 5)) as connection:
            connection.request('GET', path, headers={'Accept': 'application/json'} if path == '/status' else {})
            return connection.getresponse().read()

    def end(self):
        self.ended.set()
        self.thread.join(20)

    def faults_found(self):
        few = [f'{path} was read {count} times' for path, count in self.answers.items() if count < 10]
        return few + self.faults[:5]


def status_fault(body):
    try:
        return '' if isinstance(json.loads(body.decode()), dict) else 'is no object'
    except ValueError as error:
        return repr(error)


def metrics_fault(body):
    try:
        return next((f'has the line {line!r}' for line in body.decode().split('\n') if not METRIC.fullmatch(line)), '')
    except ValueError as error:
        return repr(error)


class Hostile(DroppedTasks):
    """Everything that is put into pending/, and what it was then."""

    def __init__(self, bin_dir):
        super().__init__(bin_dir)
        self.outside = Outside(self.root)
        self.half_written = None
        self.put_in = {}

    def put(self, things):
        """Beside a daemon that stands still: it would have moved some before they are looked at."""
        with stopped(self.daemon.pid):
            for thing in things:
                path = self.path(thing)
                self.dropped[title_of(thing)] = thing.make(self, path)
                self.put_in[thing] = kind_of(path)

    def path(self, thing, place='pending'):
        return f'{self.root}/queue/{place}/{os.fsdecode(thing.name)}'

    def ended(self):
        return sum(not name.endswith('.result.json') and '.failover-' not in name
                   for place in ('done', 'failed', 'held') for name in self.names(place))

    def fault_of(self, thing):
        """(what became of it, what is wrong with that)"""
        title = title_of(thing)
        if thing.place == 'pending':
            if not os.path.lexists(self.path(thing)) or self.prompts(title)[0]:
                return 'gone', 'was not left alone'
            return 'left alone', '' if kind_of(self.path(thing)) == self.put_in[thing] else 'was changed'
        why, files = self.why_not(title, thing.place), self.files_of(title)
        became = ', '.join(lies.place for lies in files) or 'gone'
        if files and not why:
            became += f': {self.result(*files[0])["reason"]}'
            if thing.reason not in became:
                why = f'does not say "{thing.reason}"'
            elif kind_of(f'{self.queue()}/{files[0].place}/{files[0].name}') != self.put_in[thing]:
                why = 'was changed'
        return became, why

    def traps(self):
        return [f'{folder}/{name}' for folder, folders, names in os.walk(os.path.dirname(self.root))
                for name in folders + names if name.startswith(TRAP)]

    def memory(self):
        """MiB, the most it ever was."""
        with open(f'/proc/{self.daemon.pid}/status', encoding='utf-8') as file:
            return int(re.search(r'VmHWM:\s*(\d+) kB', file.read()).group(1)) / 1024


def title_of(thing):
    return thing.title or os.fsdecode(thing.name)


def kind_of(path):
    """Which file it is, of what kind and size. A half-written one grows."""
    info = os.lstat(path)
    return info.st_ino, info.st_mode, 0 if 'half-written' in path else info.st_size


# --- what must be so ---

def play(world, things):
    """What is wrong with the whole. What becomes of each thing is judged later, when all is at rest."""
    readers = Readers(world)
    world.put(things)
    outside = world.outside.seen()  # with a link more, of our own making
    ending = [thing for thing in things if thing.place != 'pending']
    half = [thing for thing in ending if thing.label == 'half-written']
    faults = []
    if not wait(lambda: world.ended() >= len(ending) - len(half), PATIENCE):
        faults.append(f'only {world.ended()} of {len(ending) - len(half)} came to an end in {PATIENCE} s')
    for thing in half:
        if not os.path.exists(world.path(thing)) or world.prompts(title_of(thing))[0]:
            faults.append('the half-written file was not waited for')
        finish_half_written(world)
    world.drop('last.md')  # when it is done, everything was looked at once more
    wait(lambda: world.ended() > len(ending), PATIENCE)
    faults += [f'last.md {why}' for why in [world.ends_in('last.md', 'done', 20)] if why]
    readers.end()
    return faults + readers.faults_found() + faults_of(world, outside, sum(thing.place == 'done' for thing in things) + 1)


def faults_of(world, outside, prompts):
    faults, given = [], len(world.agent_events('prompt'))
    if world.outside.seen() != outside or any(one[0] != SECRET for one in outside.values()):
        faults.append(f'files outside were {outside} and are {world.outside.seen()}')
    if world.traps():
        faults.append(f'a name was expanded: {world.traps()}')
    if world.broken_lines():
        faults.append(f'lines that are no JSON: {world.broken_lines()[:3]}')
    if given != prompts or world.agent_events('queued'):
        faults.append(f'{given} prompts for {prompts} tasks, {len(world.agent_events("queued"))} in the middle of a turn')
    if not world.daemon_runs():
        return faults + [f'the daemon ended by itself: {world.daemon.poll()}']
    if world.memory() > MOST_MEMORY:
        faults.append(f'the daemon took {world.memory():.0f} MiB')
    listed = world.command('queue', 'list', '--json')
    if listed.returncode or status_fault(listed.stdout.encode()):
        faults.append(f'queue list: {listed.stdout[:200]} {listed.stderr}')
    return faults


def print_outcomes(world, things):
    """How many did not become what they must."""
    failed = 0
    for thing in things:
        became, fault = world.fault_of(thing)
        failed += bool(fault)
        print(f'{thing.label:<26}{became.replace(world.root, "…")[:110]}')
        if fault:
            print(f'FAILED {thing.label}: must be {thing.place}; it {fault}')
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('bin')
    parser.add_argument('--only', default='', help='things in whose label this stands')
    options = parser.parse_args()
    ended_by_signals()
    programs, began = os.path.abspath(options.bin), time.monotonic()
    things = [thing for thing in THINGS if options.only in thing.label and (os.geteuid() == 0 or not thing.for_root)]
    with tempfile.TemporaryDirectory(prefix='cf-files-') as tempfile.tempdir:
        os.chdir(tempfile.tempdir)  # where a shell of the daemon would make what a name tells it to
        world = Hostile(programs)
        try:
            faults = play(world, things)
            failed = print_outcomes(world, things)
            for fault in faults:
                print(f'FAILED {fault}')
            if faults or failed:
                print(world.told())
            memory, prompts = world.memory(), len(world.agent_events('prompt'))
        finally:
            world.remove()
            os.chdir('/')
    left_out = len(THINGS) - len(things)
    print(f'{len(things)} things, {failed} failed, {left_out} left out; {prompts} prompts; the daemon took {memory:.1f} MiB '
          f'at most; {time.monotonic() - began:.0f} s in all')
    return 1 if failed or faults or not things else 0


if __name__ == '__main__':
    sys.exit(main())
