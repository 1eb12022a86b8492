#!/usr/bin/env python3
"""Kills the real daemon, or lets a system call of it fail, at each write, fsync, rename, symlink, ... of a swap, and
looks whether the next start puts everything right.

A recorded run tells which calls lie within a swap, counted from the moment that strace was attached. Then each point
(mode, thread, call, number, fault) has a world of its own: both sessions stand at their wall, strace is attached to one
thread, the second account becomes free, the swap begins, the fault comes. After it, and after a start without faults:

  - link, state and swap fit each other, and no temporary name is left, within 5 s of the start;
  - the link was there all the time (a process beside it reads and opens it without end);
  - no agent was restarted twice, no prompt given twice, no swap made twice;
  - both tasks come to their end, or are held with a reason; those are counted.

usage: swap_faults.py BUILD_BIN [--points N | --long] [--jobs N] [--seed N] [--only WORDS]
"""
import argparse
import collections
import concurrent.futures
import datetime
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time

from world import SESSIONS, World, wait

MODES = ('link', 'per_session')
FAULTS = {'SIGKILL': 'signal=SIGKILL', 'ENOSPC': 'error=ENOSPC', 'EIO': 'error=EIO'}
# The writer changes files; the loop writes log lines and prompts, and starts tmux.
CALLS = {
    'writer': {name: tuple(FAULTS) for name in ('write', 'fsync', 'rename', 'renameat', 'renameat2', 'symlinkat', 'link',
                                                'unlink', 'unlinkat', 'openat', 'fchmod')},
    'loop': {'write': tuple(FAULTS), 'clone3': ('SIGKILL',)},
}
PAUSE = 1.3  # seconds after which the daemon has saved what may wait a second
RESTART_LIMIT = 5.0
SKIPPED = 77

Point = collections.namedtuple('Point', 'mode thread call number fault')


class LinkReader:
    """A process that reads and opens the link without end and counts how often that failed."""

    def __init__(self, link):
        self.process = subprocess.Popen([sys.executable, '-B', __file__, '--read-link', link], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()

    def end(self):
        """(reads, failures)"""
        answer, _ = self.process.communicate('\n')
        return tuple(int(word) for word in answer.split())


def read_link_until_told(link):
    os.set_blocking(0, False)
    print('ready', flush=True)
    reads = failures = 0
    while True:
        for _ in range(40):
            reads += 1
            try:
                os.readlink(link)
                os.close(os.open(link, os.O_RDONLY | os.O_DIRECTORY))
            except OSError:
                failures += 1
        try:
            if os.read(0, 1) is not None:
                break
        except BlockingIOError:
            time.sleep(0.0005)
    print(reads, failures)


class Strace:
    """strace on one thread of the daemon."""

    def __init__(self, world, thread, calls, injection=None):
        threads = sorted(int(name) for name in os.listdir(f'/proc/{world.daemon.pid}/task'))
        self.output = f'{world.root}/strace.{thread}'
        words = ['strace', '-ttt', '-y', '-o', self.output, '-e', 'trace=' + ','.join(calls)]
        words += ['-e', injection] if injection else []
        # The writer is the first thread that the daemon makes, and the only one without a name to resolve.
        tid = threads[0] if thread == 'loop' else threads[1]
        self.process = subprocess.Popen([*words, '-p', str(tid)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, text=True)
        said = self.process.stderr.readline()
        if 'attached' not in said:
            raise RuntimeError('strace cannot be attached: ' + said.strip())

    def text(self):
        try:
            with open(self.output, encoding='utf-8', errors='replace') as file:
                return file.read()
        except OSError:
            return ''

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stderr.close()


def why_no_strace():
    """Empty when a process may be traced here."""
    if not shutil.which('strace'):
        return 'strace is not installed'
    sleeper = subprocess.Popen(['sleep', '60'])
    try:
        tracer = subprocess.Popen(['strace', '-o', '/dev/null', '-p', str(sleeper.pid)], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        said = tracer.stderr.readline()
        tracer.terminate()
        tracer.communicate()
        return '' if 'attached' in said else 'no process may be traced here: ' + said.strip()
    finally:
        sleeper.kill()
        sleeper.wait()


def at(world, message):
    """When the daemon logged it last, as the log says; None when it did not."""
    times = [line['time'] for line in world.daemon_log() if line.get('msg') == message]
    return times[-1] if times else None


def seconds_of(stamp):
    return datetime.datetime.fromisoformat(stamp.replace('Z', '+00:00')).timestamp()


def held_sessions(world):
    return [session for session in (world.status() or {}).get('sessions', []) if session['phase'] == 'held']


def finished(world):
    ended = sum(len(world.tasks(place)) for place in ('done', 'held', 'failed'))
    return ended == SESSIONS


def finished_or_held(world):
    """A held session keeps its task, for the person may bring it back."""
    at_work = [session['task'] for session in held_sessions(world) if session.get('task')]
    return finished(world) or len(world.tasks('done') + world.tasks('held')) + len(at_work) == SESSIONS


def swaps(world):
    return (world.status() or {}).get('swaps', [])


def swap_is_over(world):
    return any(swap['phase'] in ('done', 'aborted') for swap in swaps(world))


def world_at_the_wall(bin_dir, mode):
    """On a slow machine the second task is not given before the first has met the wall: then another world."""
    for last in (False, False, True):
        world = World(bin_dir, mode)
        try:
            world.stop_at_the_wall()
            time.sleep(PAUSE)
            return world
        except RuntimeError:
            world.remove()
            if last:
                raise
    return None


# --- the recorded run ---

def points_of(mode, thread, trace, begin, end):
    """The calls between the two instants, as points; a call that only looks is none."""
    points = []
    seen = collections.Counter()
    for line in trace.splitlines():
        match = re.match(r'(\d+\.\d+) (\w+)\(', line)
        if not match or match.group(2) not in CALLS[thread]:
            continue
        call = match.group(2)
        seen[call] += 1
        changes = call != 'openat' or 'O_CREAT' in line
        if begin <= float(match.group(1)) <= end and changes:
            points += [Point(mode, thread, call, seen[call], fault) for fault in CALLS[thread][call]]
    return points


def record(bin_dir, mode):
    world = world_at_the_wall(bin_dir, mode)
    traces = []
    try:
        traces = [Strace(world, thread, CALLS[thread]) for thread in CALLS]
        world.command('account', 'enable', 'spare')
        if not wait(lambda: at(world, 'swap done') and finished(world), 60):
            raise RuntimeError('the recorded swap did not come to its end')
        time.sleep(PAUSE)
        world.end_daemon(signal.SIGKILL)
        begin, end = seconds_of(at(world, 'swap planned')), seconds_of(at(world, 'swap done')) + PAUSE
        points = []
        for thread, trace in zip(CALLS, traces):
            trace.end()
            # The link itself is only ever renamed over.
            if re.search(r'unlink\w*\([^)]*"(?:[^"]*/)?claude"', trace.text()):
                raise RuntimeError('the daemon removed the link')
            points += points_of(mode, thread, trace.text(), begin, end)
        return points
    finally:
        world.remove()
        for trace in traces:
            trace.end()


# --- one point ---

class Outcome:
    def __init__(self, point):
        self.point, self.faults = point, []
        self.reached = self.in_swap = False
        self.held = self.reads = 0
        self.restart = 0.0
        self.log = ''

    def expect(self, holds, text):
        if not holds:
            self.faults.append(text)


def temporary_names(world):
    return [name for folder in (world.root, world.state) for name in os.listdir(folder) if '.failover-' in name]


def what_is_illegal(world):
    """Empty when link, state and swaps fit each other."""
    status = world.status()
    if status is None:
        return 'the daemon does not answer'
    try:
        linked, saved = world.linked(), world.saved_state()
    except (OSError, ValueError, KeyError) as error:
        return f'link or state cannot be read: {error!r}'
    if linked not in ('main', 'spare') or not os.path.isdir(world.link):
        return f'the link leads to {linked}'
    if temporary_names(world):
        return f'left over: {temporary_names(world)}'
    present = [swap['phase'] for swap in status['swaps'] if swap['phase'] not in ('done', 'aborted')]
    over = [swap['phase'] for swap in status['swaps'] if swap['phase'] in ('done', 'aborted')]
    if len(present) > 1:
        return f'two swaps at once: {present}'
    if world.mode == 'per_session':
        return '' if linked == 'main' else 'the link was moved without being asked for'
    moved = 'recovering' in present or 'done' in over
    if linked == 'spare' and not moved:
        return f'the link is at spare, the swap is {present or over or "unknown"}'
    if linked == 'main' and moved:
        return f'the link is at main, the swap is {present or over}'
    active = saved.get('active')
    return '' if active == linked else f'the saved active account is {active}, the link is at {linked}'


def is_legal(world, why_not):
    why_not.append(what_is_illegal(world))
    return not why_not[-1]


def wait_for_fault(world, trace, fault):
    """Whether the fault came, before the swap and its last save were over."""
    def over():
        return at(world, 'swap done') and finished(world)

    def came():
        return not world.daemon_runs() if fault == 'SIGKILL' else 'INJECTED' in trace.text()

    wait(lambda: came() or over(), 40)
    return bool(wait(came, PAUSE))


def judge_agents(world, outcome):
    starts = collections.Counter(event['session_id'] for event in world.agent_events('start'))
    outcome.expect(len(starts) == SESSIONS, f'{len(starts)} conversations instead of {SESSIONS}')
    outcome.expect(max(starts.values()) <= 2, f'an agent was restarted twice: {dict(starts)}')
    begun = world.agent_events('prompt') + world.agent_events('queued')
    going_on = collections.Counter(event['session_id'] for event in begun if event['text'].startswith('continue'))
    outcome.expect(max(going_on.values(), default=0) <= 1, f'the continue prompt came twice: {dict(going_on)}')
    given = collections.Counter(event['text'] for event in begun if not event['text'].startswith('continue'))
    outcome.expect(max(given.values(), default=0) <= 1, f'a task was given twice: {dict(given)}')


def judge_end(world, outcome):
    if not wait(lambda: finished_or_held(world), 60):
        outcome.faults.append(f'the tasks did not come to an end: done {world.tasks("done")}, held {world.tasks("held")},'
                              f' claimed {world.tasks("claimed")}, pending {world.tasks("pending")}, {world.phases()}')
    held = held_sessions(world)
    for session in held:
        outcome.expect(session.get('hold_reason'), f'held without a reason: {session}')
    outcome.held = max(len(held), len(world.tasks('held')))
    outcome.expect(not world.tasks('failed'), f'failed: {world.tasks("failed")}')
    made = [swap for swap in swaps(world) if swap['phase'] != 'aborted']
    outcome.expect(len(made) == 1, f'{len(made)} swaps were made')
    for swap in swaps(world):
        outcome.expect(swap['phase'] != 'aborted' or swap.get('abort_reason'), 'aborted without a reason')
    judge_agents(world, outcome)


def try_point(world, outcome):
    point = outcome.point
    reader, trace = LinkReader(world.link), None
    try:
        trace = Strace(world, point.thread, [point.call],
                       f'inject={point.call}:{FAULTS[point.fault]}:when={point.number}')
        world.command('account', 'enable', 'spare')
        outcome.reached = wait_for_fault(world, trace, point.fault)
        outcome.in_swap = outcome.reached and at(world, 'swap planned') is not None
        if point.fault != 'SIGKILL':
            outcome.expect(wait(lambda: swap_is_over(world), 40), 'the swap came to no end')
            outcome.expect(world.daemon_runs(), f'the daemon ended by itself: {world.daemon.poll()}')
        outcome.expect(world.end_daemon(signal.SIGKILL) == -signal.SIGKILL, 'the daemon was not killed but ended')
        began = time.monotonic()
        world.start_daemon()
        illegal = ['']
        outcome.expect(wait(lambda: is_legal(world, illegal), RESTART_LIMIT),
                       f'{RESTART_LIMIT:g} s after the start: {illegal[-1]}')
        outcome.restart = time.monotonic() - began
        # The operator's word may have been lost with the save that never was; said again it changes nothing else.
        world.command('account', 'enable', 'spare')
        judge_end(world, outcome)
        outcome.expect(world.end_daemon(signal.SIGTERM) == 0, 'the restarted daemon did not end with 0')
    finally:
        outcome.reads, failures = reader.end()
        outcome.expect(failures == 0, f'the link was absent in {failures} of {outcome.reads} looks')
        if trace:
            trace.end()


def run(bin_dir, point):
    outcome = Outcome(point)
    world = None
    try:
        world = world_at_the_wall(bin_dir, point.mode)
        try_point(world, outcome)
    except (RuntimeError, OSError, ValueError, KeyError) as error:
        outcome.faults.append(repr(error))
    finally:
        if world and outcome.faults:
            outcome.log = world.told()
        if world:
            world.remove()
    return outcome


# --- all of them ---

def chosen(points, limit, seed):
    """All, or so many of them that each kind (mode, thread, call, fault) comes before any comes twice."""
    kinds = collections.defaultdict(list)
    shuffle = random.Random(seed).shuffle
    for point in points:
        kinds[point._replace(number=0)].append(point)
    groups = list(kinds.values())
    shuffle(groups)
    for group in groups:
        shuffle(group)
    order = [group[turn] for turn in range(max(map(len, groups))) for group in groups if turn < len(group)]
    return order[:limit] if limit else order


def print_table(outcomes):
    rows = collections.defaultdict(list)
    for outcome in outcomes:
        rows[outcome.point._replace(number=0)].append(outcome)
    print(f'{"mode":<13}{"thread":<8}{"call":<11}{"fault":<9}{"points":>7}{"hit":>5}{"in swap":>9}{"held":>6}'
          f'{"restart s":>11}')
    for kind, group in sorted(rows.items()):
        print(f'{kind.mode:<13}{kind.thread:<8}{kind.call:<11}{kind.fault:<9}{len(group):>7}'
              f'{sum(one.reached for one in group):>5}{sum(one.in_swap for one in group):>9}'
              f'{sum(one.held for one in group):>6}{max(one.restart for one in group):>11.2f}')


def main():
    if sys.argv[1:2] == ['--read-link']:
        return read_link_until_told(sys.argv[2])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('bin')
    parser.add_argument('--points', type=int, default=20)
    parser.add_argument('--long', action='store_true')
    parser.add_argument('--jobs', type=int, default=2 * (os.cpu_count() or 1))
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--only', default='', help='words that the point must have, as "link writer write EIO 3"')
    options = parser.parse_args()
    trouble = why_no_strace()
    if trouble:
        print(f'swap_faults: skipped: {trouble}')
        return SKIPPED
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        points = sum(pool.map(lambda mode: record(options.bin, mode), MODES), [])
        print(f'a swap has {len(points)} points of failure', flush=True)
        words = options.only.split()
        points = [point for point in points if all(word in map(str, point) for word in words)]
        whole = options.long or bool(os.environ.get('CF_TEST_LONG')) or bool(words)
        points = chosen(points, None if whole else options.points, options.seed)
        outcomes = []
        for outcome in pool.map(lambda point: run(options.bin, point), points):
            outcomes.append(outcome)
            for fault in outcome.faults:
                print(f'FAILED {" ".join(map(str, outcome.point))}: {fault}', flush=True)
            if outcome.faults:
                print(outcome.log, flush=True)
            if len(outcomes) % 50 == 0:
                print(f'{len(outcomes)} of {len(points)} after {time.monotonic() - began:.0f} s', flush=True)
    print_table(outcomes)
    failed = sum(bool(outcome.faults) for outcome in outcomes)
    print(f'{len(outcomes)} points, {sum(one.reached for one in outcomes)} hit, {failed} failed, '
          f'{sum(one.held for one in outcomes)} sessions held with a reason, '
          f'{sum(one.reads for one in outcomes)} looks at the link, '
          f'slowest restart {max(one.restart for one in outcomes):.2f} s, {time.monotonic() - began:.0f} s in all')
    return 1 if failed or not any(one.in_swap for one in outcomes) else 0


if __name__ == '__main__':
    sys.exit(main())
