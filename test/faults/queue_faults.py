#!/usr/bin/env python3
"""Kills the real daemon at each system call by which tasks go their way through the queue, and at moments of chance,
and looks whether every task comes to exactly one end and none is run twice.

A recorded run of a few tasks on two sessions tells the calls, counted from the moment that strace was attached. Then
each point (thread, call, number) is a round: new tasks, strace on one thread, SIGKILL before that call, a start without
strace. A round of chance kills at any moment, and once more soon after the next start. When all is at rest:

  - each task lies in exactly one of done, failed, held, with a result beside it that says where and why;
  - none failed, for the agents do what they are told, and nothing is tried again (`dispatcher.retries: 0`);
  - each prompt was begun at most once, and that of a task in done exactly once, as the agents' own log counts;
  - no agent was started again, and nothing of a move is left behind.

A world goes from round to round until one fails in it.

usage: queue_faults.py BUILD_BIN [--points N] [--random N] [--long] [--jobs N] [--seed N] [--only WORDS]
"""
import argparse
import collections
import concurrent.futures
import contextlib
import json
import os
import queue
import random
import re
import signal
import sys
import time

from swap_faults import PAUSE, SKIPPED, Strace, why_no_strace
from world import SESSIONS, World, wait

TASKS = 3  # one more than sessions: it waits for its turn
CALLS = {
    'writer': ('write', 'fsync', 'rename', 'renameat', 'renameat2', 'link', 'unlink', 'unlinkat', 'openat', 'fchmod'),
    'loop': ('write', 'clone3'),  # the log, looks at the screens, what is pasted; the tmux commands that type
}
WAITING, ENDED = ('pending', 'claimed'), ('done', 'failed', 'held')
CHANCE = 'chance'
UNSENT = 'unsent in the session\'s input box'
AT_REST = 150  # seconds; a task whose prompt is looked for takes the daemon up to two minutes
SOON = 2.0  # seconds after a start in which a round of chance kills once more

# What a call was made on, by its line in the trace; the first that fits.
STEPS = ((r'events\.jsonl', 'journal'), (r'daemon\.log', 'log'), (r'state[/>]', 'state'), (r'signals[/>]', 'signals'),
         (r'claimed>.*pending>', 'claim'), (r'pending>.*claimed>', 'claim'),
         (r'claimed>.*(?:done|held|failed)>', 'filing'), (r'(?:done|held|failed)[/>]', 'result'),
         (r'claimed[/>]', 'claim'), (r'pending[/>]', 'claim'), (r'"Read the file', 'prompt'), (r'"if-shell', 'paste'),
         (r'pipe:', 'look'), (r'clone3', 'tmux'))

Point = collections.namedtuple('Point', 'thread call number')


def step_of(line):
    """What the daemon was about with this call."""
    return next((step for pattern, step in STEPS if re.search(pattern, line)), 'other')


class QueueWorld(World):
    """Both accounts have plenty, so the tasks are all there is to do."""

    def __init__(self, bin_dir):
        super().__init__(bin_dir, 'link')
        self.write('accounts/main/fake-account.json', json.dumps({'name': 'main'}))
        self.rounds = 0
        self.looked_at = set()  # held tasks
        try:
            self.start_daemon()
            if not self.is_idle(30):
                raise RuntimeError(f'the sessions did not come up: {self.phases()}')
        except BaseException:  # also when we are told to end: nobody else can remove it yet
            self.remove()
            raise

    def configuration(self):
        return super().configuration().replace('rescan: 1s}', 'rescan: 1s, retries: 0}')

    def is_idle(self, seconds):
        return wait(lambda: self.phases() == ['idle'] * SESSIONS, seconds)

    def add_tasks(self):
        self.rounds += 1
        return self.add([f'round-{self.rounds}-task-{number}.md' for number in range(TASKS)])

    def add(self, titles):
        """Written some time before they came into their place, so that they need not settle."""
        for title in titles:
            written = f'{self.root}/queue/tmp/{title}'
            with open(written, 'w', encoding='utf-8') as file:
                file.write(f'Work on {title}.\n')
            os.utime(written, (time.time() - 60,) * 2)
            os.rename(written, f'{self.root}/queue/pending/{title}')
        return titles

    def names(self, place):
        try:
            return os.listdir(f'{self.root}/queue/{place}')
        except OSError:
            return []

    def lies_in(self, title):
        """Place and name of each file that is this task."""
        return [(place, name) for place in WAITING + ENDED for name in self.names(place)
                if (name == title or name.startswith(title + '.')) and not name.endswith('.result.json')]

    def result(self, place, name):
        try:
            with open(f'{self.root}/queue/{place}/{name}.result.json', encoding='utf-8') as file:
                return json.load(file)
        except (OSError, ValueError):
            return {}

    def begun(self, title):
        """So often an agent began a turn for this task."""
        return sum(f'/claimed/{title}.' in event['text'] for event in self.agent_events('prompt'))

    def left_over(self):
        """Half-made files, results without a task, and signals of tasks that are done."""
        found = []
        for place in ENDED:
            names = set(self.names(place))
            found += [f'{place}/{name}' for name in names if '.failover-' in name]
            found += [f'{place}/{name}' for name in names
                      if name.endswith('.result.json') and name[:-len('.result.json')] not in names]
        done = {name.rpartition('.')[2] for name in self.names('done')}
        return found + [f'signals/{name}' for name in self.names('signals') if name.split('.')[0] in done]

    def processes(self):
        """Those that name this folder: the tmux server and its clients, also of a daemon that is gone."""
        found = []
        for pid in filter(str.isdigit, os.listdir('/proc')):
            try:
                with open(f'/proc/{pid}/cmdline', 'rb') as file:
                    if f'{self.root}/'.encode() in file.read():
                        found.append(int(pid))
            except OSError:
                pass  # it has ended
        return found

    def remove(self):
        """A tmux client in control mode whose daemon is killed while it is being answered may stay, and its server with
        it, also when told to end."""
        super().remove()
        wait(lambda: not self.processes(), 3)
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def free_boxes(self):
        """As a person would, of the prompt of a held task, for the tasks that follow."""
        for name in set(self.tasks('held')) - self.looked_at:
            result = self.result('held', name)
            if result:
                self.looked_at.add(name)
            if UNSENT in result.get('reason', ''):
                self.tmux('send-keys', '-t', f'={result["session"]}:', 'C-u')

    def is_at_rest(self, titles):
        self.free_boxes()
        return all(place in ENDED for title in titles for place, _ in self.lies_in(title) or [('', '')])


# --- the recorded run ---

def points_of(thread, trace):
    """The calls as points, each with its moment; a call that only looks is none."""
    points, seen = [], collections.Counter()
    for line in trace.splitlines():
        match = re.match(r'(\d+\.\d+) (\w+)\(', line)
        if not match or match.group(2) not in CALLS[thread]:
            continue
        call = match.group(2)
        seen[call] += 1
        if call != 'openat' or 'O_CREAT' in line:
            points.append((float(match.group(1)), Point(thread, call, seen[call])))
    return points


def record(bin_dir):
    """(the points in the order of time, seconds until all tasks were done)"""
    world, traces = QueueWorld(bin_dir), []
    try:
        time.sleep(PAUSE)
        traces = [Strace(world, thread, calls) for thread, calls in CALLS.items()]
        began = time.monotonic()
        titles = world.add_tasks()
        if not wait(lambda: world.is_at_rest(titles), 60) or world.names('held') + world.names('failed'):
            raise RuntimeError('the recorded tasks were not done:\n' + world.told())
        seconds = time.monotonic() - began
        time.sleep(PAUSE)
        world.end_daemon(signal.SIGKILL)
        for trace in traces:
            trace.end()
        points = sum((points_of(thread, trace.text()) for thread, trace in zip(CALLS, traces)), [])
        return [point for _, point in sorted(points)], seconds
    finally:
        world.remove()


# --- one round ---

class Outcome:
    def __init__(self, point):
        self.point, self.faults = point, []
        self.step = ''  # where the daemon was met
        self.places = collections.Counter()
        self.begun_twice = self.not_begun = 0  # tasks, the latter of the held ones
        self.log = ''

    def expect(self, holds, text):
        if not holds:
            self.faults.append(text)


def judge_task(world, title, outcome):
    files, begun = world.lies_in(title), world.begun(title)
    outcome.begun_twice += begun > 1
    outcome.expect(begun <= 1, f'{title} was begun {begun} times')
    if len(files) != 1 or files[0][0] not in ENDED:
        outcome.faults.append(f'{title} lies in {files or "no place"}')
        return
    place, name = files[0]
    result = world.result(place, name)
    outcome.places[place] += 1
    outcome.not_begun += place == 'held' and begun == 0
    outcome.expect(place != 'failed', f'{title} failed: {result}')
    outcome.expect(place != 'done' or begun == 1, f'{title} is done, and was begun {begun} times')
    told = result.get('state') == place and name.endswith(f'.{result.get("id")}') and result.get('reason')
    outcome.expect(told, f'the result of {place}/{name} is {result or "missing"}')


def judge(world, titles, outcome):
    outcome.expect(wait(lambda: world.is_at_rest(titles), AT_REST), f'not at rest after {AT_REST} s: {world.phases()}')
    # What would come twice comes now.
    time.sleep(PAUSE)
    for title in titles:
        judge_task(world, title, outcome)
    outcome.expect(wait(lambda: not world.left_over(), 5), f'left over: {world.left_over()}')
    starts = len(world.agent_events('start'))
    outcome.expect(starts == SESSIONS, f'{starts} agents were started for {SESSIONS} sessions')
    outcome.expect(world.daemon_runs(), f'the restarted daemon ended by itself: {world.daemon.poll()}')


def kill_at(world, outcome):
    """Meets the point, or kills when all tasks are at rest."""
    point = outcome.point
    trace = Strace(world, point.thread, [point.call], f'inject={point.call}:signal=SIGKILL:when={point.number}')
    try:
        titles = world.add_tasks()
        wait(lambda: not world.daemon_runs() or world.is_at_rest(titles), AT_REST)
        if wait(lambda: not world.daemon_runs(), PAUSE):
            trace.process.wait(20)  # it writes the last line
            calls = [line for line in trace.text().splitlines() if f' {point.call}(' in line]
            outcome.step = step_of(calls[-1])
        return titles
    finally:
        trace.end()


def kill_by_chance(world, outcome):
    first, second = outcome.point.number
    titles = world.add_tasks()
    wait(lambda: world.is_at_rest(titles), first)
    outcome.step = CHANCE
    outcome.expect(world.end_daemon(signal.SIGKILL) == -signal.SIGKILL, 'the daemon was not killed but ended')
    world.start_daemon()
    time.sleep(second)
    return titles


def play(world, outcome):
    titles = kill_by_chance(world, outcome) if outcome.point.call == CHANCE else kill_at(world, outcome)
    outcome.expect(world.end_daemon(signal.SIGKILL) == -signal.SIGKILL, 'the daemon was not killed but ended')
    world.start_daemon()
    judge(world, titles, outcome)


class Player:
    """Plays points one after another, in one world as long as none fails."""

    def __init__(self, bin_dir, points):
        self.bin_dir, self.points, self.outcomes = bin_dir, queue.Queue(), queue.Queue()
        for point in points:
            self.points.put(point)

    def work(self):
        world = None
        try:
            while True:
                try:
                    outcome = Outcome(self.points.get_nowait())
                except queue.Empty:
                    return
                world = self.play_in(world, outcome)
                self.outcomes.put(outcome)
        finally:
            if world:
                world.remove()

    def play_in(self, world, outcome):
        """The world for the next round, if this one is of use any more."""
        try:
            world = world or QueueWorld(self.bin_dir)
            time.sleep(PAUSE)
            play(world, outcome)
        except (RuntimeError, OSError, ValueError, KeyError, IndexError) as error:
            outcome.faults.append(repr(error))
        if world and outcome.faults:
            outcome.log = f'    round {world.rounds} of its world\n{world.told()}'
        if world and (outcome.faults or not world.is_idle(20)):
            world.remove()
            return None
        return world


# --- all of them ---

def spread(points, limit, shift):
    """So many of them, evenly over the time."""
    if limit >= len(points):
        return points
    return [points[int((number + shift) * len(points) / limit)] for number in range(limit)]


def chosen(options, every, seconds):
    """Points of the trace, then rounds of chance: seconds until the first kill, and from the start until the second."""
    whole = options.long or bool(os.environ.get('CF_TEST_LONG'))
    words, chance = options.only.split(), random.Random(options.seed)
    moments = [(round(chance.uniform(0, seconds), 2), round(chance.uniform(0, SOON), 2))
               for _ in range(options.random * (10 if whole else 1))]
    points = every if whole or words else spread(every, options.points, chance.random())
    points = points + [Point('both', CHANCE, moment) for moment in moments]
    return [point for point in points if all(word in map(str, point) for word in words)]


def play_all(options, points):
    """The outcomes; those with faults are printed as they come."""
    began = time.monotonic()
    player, outcomes = Player(options.bin, points), []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        workers = [pool.submit(player.work) for _ in range(min(options.jobs, len(points)))]
        while len(outcomes) < len(points):
            outcome = player.outcomes.get(timeout=600)
            outcomes.append(outcome)
            for fault in outcome.faults:
                print(f'FAILED {" ".join(map(str, outcome.point))}, met at {outcome.step or "nothing"}: {fault}')
            if outcome.faults:
                print(outcome.log, flush=True)
            if len(outcomes) % 50 == 0:
                print(f'{len(outcomes)} of {len(points)} after {time.monotonic() - began:.0f} s', flush=True)
        for worker in workers:
            worker.result()
    return outcomes


def print_table(outcomes):
    rows = collections.defaultdict(list)
    for outcome in outcomes:
        rows[outcome.point.thread, outcome.point.call, outcome.step or 'not hit'].append(outcome)
    print(f'{"thread":<8}{"call":<11}{"met at":<10}{"points":>7}{"done":>6}{"held":>6}{"not begun":>11}{"failed":>8}')
    for (thread, call, step), group in sorted(rows.items()):
        places = sum((one.places for one in group), collections.Counter())
        print(f'{thread:<8}{call:<11}{step:<10}{len(group):>7}{places["done"]:>6}{places["held"]:>6}'
              f'{sum(one.not_begun for one in group):>11}{sum(bool(one.faults) for one in group):>8}')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('bin')
    parser.add_argument('--points', type=int, default=24)
    parser.add_argument('--random', type=int, default=6)
    parser.add_argument('--long', action='store_true')
    parser.add_argument('--jobs', type=int, default=3 * (os.cpu_count() or 1))
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--only', default='', help='words that the point must have, as "writer renameat2 3"')
    options = parser.parse_args()
    trouble = why_no_strace()
    if trouble:
        print(f'queue_faults: skipped: {trouble}')
        return SKIPPED
    began = time.monotonic()
    every, seconds = record(options.bin)
    print(f'{TASKS} tasks have {len(every)} points of failure, in {seconds:.1f} s', flush=True)
    outcomes = play_all(options, chosen(options, every, seconds))
    print_table(outcomes)
    hit, failed = sum(bool(one.step) for one in outcomes), sum(bool(one.faults) for one in outcomes)
    places = sum((one.places for one in outcomes), collections.Counter())
    print(f'{len(outcomes)} points, {hit} hit, {failed} failed; {TASKS * len(outcomes)} tasks: {places["done"]} done, '
          f'{places["held"]} held with a reason, {sum(one.not_begun for one in outcomes)} of these not begun; '
          f'{sum(one.begun_twice for one in outcomes)} begun twice; {time.monotonic() - began:.0f} s in all')
    return 1 if failed or 2 * hit < len(outcomes) else 0


if __name__ == '__main__':
    sys.exit(main())
