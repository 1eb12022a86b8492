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

from place_case import PLACES, Case, Places, stopped
from unread_events import UnreadEvents, most_unread
from world import SESSIONS

NOBODY = 65534
BAR = 35  # seconds in which a task is found; --judge alone fails by it
ALL_ENDED = 240  # seconds in which every case must have come to its end
ENDING = (signal.SIGTERM, signal.SIGHUP)


# --- the faults ---

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
    case.sees_waiting()


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
    """The queue is renamed away while a session works and a task waits that could be given out, and comes back."""
    case.drop_and_begin('slow-before.md')
    case.world.command('brake', 'on')
    case.drop('before.md')
    case.sees_waiting()
    away = f'{case.world.root}/away'
    os.rename(case.world.place(), away)
    case.says_unreadable('No such file')
    case.world.command('brake', 'off')
    case.drop('during.md', queue=away)
    case.bears_it()
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
    case.bears_it()
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
    case, log = Case(fault.__name__), ''
    try:
        case.world = Places(bin_dir)
        fault(case)
        case.judge()
    except Exception as error:  # whatever it was, the others go on
        case.fault = str(error) if isinstance(error, RuntimeError) else repr(error)
        log = case.world.told() if case.world else ''
    finally:
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # the world is removed in any case
        if case.world:
            with contextlib.suppress(OSError):
                case.world.set_mode(0o700, '', *PLACES)
            case.world.remove()
    outcomes.put((case.name, case.found, case.told, case.fault, log))


def ended_by_signals():
    """Whoever is told to end leaves nothing behind: its `finally` is heard."""
    for number in ENDING:
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)


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
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # what comes in the middle of a fork may be overheard
        for player in players:
            player.start()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
        end = time.monotonic() + ALL_ENDED
        for _ in players:
            yield outcomes.get(timeout=max(0.0, end - time.monotonic()))
    finally:
        for player in players:
            player.terminate()
        for player in players:
            player.join()


def print_outcome(name, found, told, fault, log):
    times = ''.join(f'{found[when]:8.1f}' if when in found else f'{"-":>8}' for when in ('before', 'during', 'after'))
    print(f'{name:<17}{times}   {"; ".join(told)}', flush=True)
    if fault:
        print(f'FAILED {name}: {fault}\n{log}', flush=True)


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
