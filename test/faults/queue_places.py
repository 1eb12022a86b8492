#!/usr/bin/env python3
"""Does to the directories of the queue what people, programs and disks do, under the real daemon with its own rescan of
30 s, and looks whether every task is found when that is over.

Each case has a world of its own, and all run side by side. Tasks are dropped before, during and after the fault; then

  - each that was in the queue when the fault was over is begun, within the rescan and some seconds: the table says when;
  - each comes to exactly one end, as it was dropped, and none is begun twice, as the agents' own log counts;
  - the daemon lives, and says in /status or in its log what is wrong while it is.

Root is not bound by modes, so root becomes nobody first.

usage: queue_places.py BUILD_BIN [--only CASE] [--judge]
"""
import argparse
import contextlib
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time

from dropped_tasks import DroppedTasks
from unread_events import UnreadEvents, most_unread
from world import SESSIONS, wait

NOBODY = 65534
BAR = 35  # seconds in which a task is found; --judge alone fails by it
PATIENCE = 60  # with a slow machine
PLACES = ('tmp', 'pending', 'claimed', 'done', 'failed', 'held', 'signals')
LATE = 3  # seconds for which a fault lasts that the daemon must bear


class Places(DroppedTasks):
    SCRIPT = {'turn_seconds': 0.4, 'turns': [{'match': 'slow', 'do': 'answer', 'seconds': 5}]}

    def configuration(self):
        return super().configuration().replace('rescan: 1s, ', '')  # the daemon's own

    def place(self, name=''):
        return os.path.join(self.queue(), name)

    def make(self, *names):
        for name in names:
            os.makedirs(self.place(name), 0o700)

    def set_mode(self, mode, *names):
        for name in names:
            os.chmod(self.place(name), mode)


class Case:
    """One fault in a world, and what was seen of it."""

    def __init__(self, name, world):
        self.name, self.world = name, world
        self.faults, self.found, self.told, self.ends = [], {}, [], {}
        self.since = 0.0

    def expect(self, holds, text):
        if not holds:
            self.faults.append(text)

    # --- tasks ---

    def drop(self, *titles, queue=None):
        for title in titles:
            self.ends[title] = 'done'
            self.world.drop(title, queue=queue)

    def not_begun(self, titles):
        return [title for title in titles if not self.world.prompts(title)[0]]

    def drop_and_begin(self, *titles):
        self.drop(*titles)
        self.expect(wait(lambda: not self.not_begun(titles), PATIENCE), f'{titles} are not begun before the fault')

    def drop_and_end(self, title):
        self.drop(title)
        self.expect(not self.world.ends_in(title, 'done', PATIENCE), f'{title} is not done before the fault')

    def is_over(self):
        self.since = time.monotonic()

    def finds(self, when, *titles):
        """All are begun; the last of them so many seconds after the fault was over."""
        if wait(lambda: not self.not_begun(titles), PATIENCE):
            self.found[when] = time.monotonic() - self.since
        else:
            self.faults.append(f'not begun in {PATIENCE} s: {self.not_begun(titles)}')

    def find_one_more(self):
        """The fault is forgotten: what is dropped now is seen as it comes."""
        self.is_over()
        self.drop('after.md')
        self.finds('after', 'after.md')

    # --- what the daemon says ---

    def says(self, message, detail):
        def line():
            return next((f'{one["msg"]}: {one["detail"]}' for one in self.world.daemon_log()
                         if one['msg'] == message and detail in one.get('detail', '')), '')

        told = wait(line, PATIENCE)
        self.expect(told, f'the log does not say "{message}" with "{detail}"')
        self.told.append(told.replace(f'{self.world.root}/', ''))

    def says_unreadable(self, detail):
        self.says('cannot read the queue', detail)
        self.expect(self.readable_is(False), '/status shows a queue that can be read')

    def readable_is(self, value):
        return wait(lambda: ((self.world.status() or {}).get('queue') or {}).get('readable') is value, PATIENCE)

    def judge(self):
        for title, place in self.ends.items():
            why = self.world.ends_in(title, place, PATIENCE)
            self.expect(not why, f'{title} {why}')
        self.expect(self.readable_is(True), '/status still shows a queue that cannot be read')
        self.expect(self.world.daemon_runs(), f'the daemon ended by itself: {self.world.daemon.poll()}')
        self.expect(not self.world.broken_lines(), f'lines that are no JSON: {self.world.broken_lines()[:3]}')


# --- the faults ---

@contextlib.contextmanager
def stopped(pid):
    def state():
        with open(f'/proc/{pid}/stat', encoding='utf-8', errors='replace') as file:
            return file.read().rpartition(')')[2].split()[0]

    os.kill(pid, signal.SIGSTOP)
    try:
        wait(lambda: state() == 'T', 10)
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def make_events(directory, number):
    """Files that are no task's: one event when each is closed, one when it gets its other name."""
    for index in range((number + 1) // 2):
        path = f'{directory}/noise-{index % 100}'
        with open(f'{path}.part', 'wb'):
            pass
        os.rename(f'{path}.part', f'{path}.tmp')


def overflow(case):
    """More happens in pending/ than the kernel keeps for a daemon that does not read: the rest is lost."""
    pending, most = case.world.place('pending'), most_unread()
    case.drop_and_end('before.md')
    with contextlib.closing(UnreadEvents(pending)) as events:
        with stopped(case.world.daemon.pid):
            case.drop('during-first.md')
            make_events(pending, most // 2)
            case.drop('during-middle.md')
            make_events(pending, most // 2 + 100)
            case.drop('during-lost.md')
        case.is_over()
        case.finds('during', 'during-first.md', 'during-middle.md', 'during-lost.md')
        names, overflowed = events.read()
    case.expect(overflowed and 'during-middle.md' in names and 'during-lost.md' not in names, 'no event was lost')
    case.told.append(f'{most} events kept, the others lost')
    case.find_one_more()


def pending_anew(case):
    """pending/ is deleted and made again: the watch is on what is gone."""
    case.drop_and_end('before.md')
    shutil.rmtree(case.world.place('pending'))
    case.says_unreadable('queue/pending: No such file')
    case.world.make('pending')
    case.is_over()
    case.drop('during.md')
    case.finds('during', 'during.md')
    case.find_one_more()


def pending_swapped(case):
    """pending/ is deleted and made again so fast that the daemon cannot see it missing."""
    case.drop_and_begin('slow-before.md')
    with stopped(case.world.daemon.pid):
        shutil.rmtree(case.world.place('pending'))
        case.world.make('pending')
        case.drop('during.md')
    case.is_over()
    case.finds('during', 'during.md')
    case.find_one_more()


def queue_anew(case):
    """The whole queue is deleted. By hand only pending/ is made again, the rest by `queue add`."""
    case.drop_and_end('before.md')
    shutil.rmtree(case.world.place())
    case.says_unreadable('No such file')
    case.world.make('pending')
    case.drop('during.md')
    case.world.write('staging/added.md', 'Work on it.\n')
    added = case.world.command('queue', 'add', f'{case.world.root}/staging/added.md')
    case.is_over()
    case.expect(added.returncode == 0, f'queue add: {added.stderr}')
    case.world.dropped['added.md'] = b'Work on it.\n'
    case.ends = {'during.md': 'done', 'added.md': 'done'}  # the other one was deleted with the rest
    case.finds('during', 'during.md', 'added.md')
    case.find_one_more()


def begin_two_and_wait(case):
    """Both sessions work, a third task waits."""
    case.drop_and_begin(*(f'slow-before-{number}.md' for number in range(SESSIONS)))
    case.drop('before.md')
    counts = wait(lambda: case.world.status()['queue']['counts']['pending'] == 1, PATIENCE)
    case.expect(counts, 'the daemon does not count the task that waits')


def queue_replaced(case):
    """The queue is renamed away, and a new one stands in its place at once. The old one is another's now."""
    begin_two_and_wait(case)
    away = f'{case.world.root}/away'
    with stopped(case.world.daemon.pid):
        os.rename(case.world.place(), away)
        case.world.make(*PLACES)
        case.drop('during.md')
    case.is_over()
    old, case.ends = set(case.ends) - {'during.md'}, {'during.md': 'done'}
    case.finds('during', 'during.md')
    case.find_one_more()
    case.judge()
    left = os.listdir(f'{away}/pending') + [name.rsplit('.', 2)[0] for name in os.listdir(f'{away}/claimed')]
    case.expect(set(left) == old and len(left) == len(old), f'in the old queue lie {left}')
    begun = {title: case.world.prompts(title)[0] for title in old}
    case.expect(sorted(begun.values()) == [0] + [1] * SESSIONS, f'of the old queue were begun {begun}')


def queue_away(case):
    """The queue is renamed away while both sessions work, and comes back."""
    begin_two_and_wait(case)
    away = f'{case.world.root}/away'
    os.rename(case.world.place(), away)
    case.says_unreadable('No such file')
    case.drop('during.md', queue=away)
    time.sleep(LATE)
    os.rename(away, case.world.place())
    case.is_over()
    case.finds('before', 'before.md')
    case.finds('during', 'during.md')
    case.find_one_more()


def pending_link(case):
    """pending/ becomes a symlink to a directory elsewhere: it is refused, and what lies there is left alone."""
    elsewhere = f'{case.world.root}/elsewhere'
    case.drop_and_end('before.md')
    with stopped(case.world.daemon.pid):
        os.rename(case.world.place('pending'), elsewhere)
        os.symlink(elsewhere, case.world.place('pending'))
        case.drop('during.md')
    case.says_unreadable('is not a directory; move it away')
    case.expect(os.listdir(elsewhere) == ['during.md'] and case.not_begun(['during.md']), 'the link was followed')
    os.remove(case.world.place('pending'))
    os.rename(elsewhere, case.world.place('pending'))
    case.is_over()
    case.finds('during', 'during.md')
    case.find_one_more()


def read_only(case):
    """Nothing can be moved in the queue for a while. A turn ends meanwhile, whose agent cannot write its sign."""
    case.drop_and_begin('slow-before.md')
    names = ('',) + PLACES
    case.world.set_mode(0o500, *names)
    case.world.set_mode(0o700, 'pending')
    case.drop('during.md')
    case.world.set_mode(0o500, 'pending')
    case.says('task not claimed', 'Permission denied')
    time.sleep(LATE)
    lines = sum(one['msg'] == 'task not claimed' for one in case.world.daemon_log())
    case.told.append(f'so {lines} times')
    case.world.set_mode(0o700, *names)
    case.is_over()
    case.finds('during', 'during.md')
    case.find_one_more()


def unreadable(case):
    """pending/ may not be read."""
    case.drop_and_end('before.md')
    with stopped(case.world.daemon.pid):
        case.drop('during.md')
        case.world.set_mode(0o300, 'pending')
    case.says_unreadable('Permission denied')
    case.world.set_mode(0o700, 'pending')
    case.is_over()
    case.finds('during', 'during.md')
    case.find_one_more()


CASES = (overflow, pending_anew, pending_swapped, queue_anew, queue_replaced, queue_away, pending_link, read_only,
         unreadable)


# --- all of them ---

def play(bin_dir, fault, outcomes):
    ended_by_signals()
    become_nobody()
    name, world, case, log = fault.__name__, None, None, ''
    try:
        world = Places(bin_dir)
        case = Case(name, world)
        fault(case)
        case.judge()
    except Exception as error:  # whatever it was, the others go on
        case = case or Case(name, world)
        case.faults.append(repr(error))
    finally:
        if world:
            log = world.told() if case and case.faults else ''
            with contextlib.suppress(OSError):
                world.set_mode(0o700, '', *PLACES)
            world.remove()
    outcomes.put((name, case.found, case.told, case.faults, log))


def ended_by_signals():
    """Whoever is told to end leaves nothing behind: its `finally` is heard."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))


def folder_for_nobody(bin_dir, folder):
    """Where the programs are for somebody who may not be able to reach them where they were built."""
    if os.geteuid() != 0:
        return bin_dir
    for name in ('claude-failover', 'fake-agent'):
        shutil.copy(f'{bin_dir}/{name}', folder)
    os.chown(folder, NOBODY, NOBODY)
    return folder


def become_nobody():
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)


def play_all(bin_dir, faults):
    """The outcomes, as they come."""
    forking = multiprocessing.get_context('fork')
    outcomes = forking.Queue()
    players = [forking.Process(target=play, args=(bin_dir, fault, outcomes)) for fault in faults]
    try:
        for player in players:
            player.start()
        for _ in players:
            yield outcomes.get(timeout=4 * PATIENCE)
    finally:
        for player in players:
            player.terminate()
        for player in players:
            player.join()


def print_outcome(name, found, told, faults, log):
    times = ''.join(f'{found[when]:8.1f}' if when in found else f'{"-":>8}' for when in ('before', 'during', 'after'))
    print(f'{name:<17}{times}   {"; ".join(told)}', flush=True)
    for fault in faults:
        print(f'FAILED {name}: {fault}')
    if faults:
        print(log, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('bin')
    parser.add_argument('--only', default='', help='a case, of ' + ', '.join(fault.__name__ for fault in CASES))
    parser.add_argument('--judge', action='store_true', help=f'exit 1 also when a task was not found in {BAR} s')
    options = parser.parse_args()
    ended_by_signals()
    faults = [fault for fault in CASES if options.only in ('', fault.__name__)]
    began, failed, latest = time.monotonic(), 0, 0.0
    print(f'{"case":<17}{"before":>8}{"during":>8}{"after":>8}   seconds from the end of the fault until what was dropped '
          'then is begun; what the daemon says')
    with tempfile.TemporaryDirectory(prefix='cf-places-') as tempfile.tempdir:
        for outcome in play_all(folder_for_nobody(options.bin, tempfile.tempdir), faults):
            print_outcome(*outcome)
            failed += bool(outcome[3])
            latest = max(latest, *outcome[1].values(), 0.0)
    print(f'{len(faults)} cases, {failed} failed; found after {latest:.1f} s at the latest, the bar is {BAR} s; '
          f'{time.monotonic() - began:.0f} s in all')
    return 1 if failed or not faults or (options.judge and latest > BAR) else 0


if __name__ == '__main__':
    sys.exit(main())
