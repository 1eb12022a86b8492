#!/usr/bin/env python3
"""Two hundred tasks on several sessions while the real daemon is killed and started again and again.

The tasks come in batches, some while the daemon is down. A kill is a SIGKILL at a moment of chance, or by strace before
a drawn system call of the writer or the loop; most come soon after a start, of each few the first lets what is in doubt
come to its end before. All draws hang on one seed, which is printed. When all is at rest:

  - each task lies in exactly one of done, failed, held, with a result beside it that says where and why; none failed;
  - each prompt was begun at most once, and that of a task in done exactly once, as the agents' own log counts;
  - a kill costs at most one task of each session its certain end: no more are held;
  - no agent was started again, and nothing of a move is left behind.

usage: queue_storm.py BUILD_BIN [--tasks N] [--kills N] [--rounds N] [--sessions N] [--long] [--seed N]
"""
import argparse
import collections
import os
import random
import signal
import sys
import time

from queue_faults import AT_REST, CALLS, ENDED, PAUSE, WAITING, Outcome, QueueWorld, judge_task, step_of
from swap_faults import SKIPPED, Strace, why_no_strace
from world import SESSIONS, wait

TASKS, AGENTS, KILLS = 200, 8, 12
SOON = 1.5  # seconds from a start within which most kills come
EVERY = 4  # of so many kills the first comes late: when some tasks have come to their end since the start
LATE = 15.0  # seconds; a prompt that did not arrive is looked for ten
CALL_NUMBERS = 12  # a drawn call is one of so many after strace was attached, an early one as often as a late one
UNMET = 1.5  # seconds after which a call that did not come is not waited for
RANDOM_MOMENT = 'a moment of chance'

# After so many seconds, or when so many tasks ended since the start; at (thread, call, number) where there is one.
Kill = collections.namedtuple('Kill', 'seconds ended call')
Batch = collections.namedtuple('Batch', 'titles down')  # whether it comes while no daemon runs


class StormWorld(QueueWorld):
    def __init__(self, bin_dir, sessions):
        self.sessions = sessions
        super().__init__(bin_dir)

    def configuration(self):
        return super().configuration().replace(f'pool: {{size: {SESSIONS},', f'pool: {{size: {self.sessions},')

    def is_idle(self, seconds):
        return wait(lambda: self.phases() == ['idle'] * self.sessions, seconds)

    def ended(self):
        """So many tasks; boxes in which a prompt was left are freed."""
        self.free_boxes()
        return sum(len(self.tasks(place)) for place in ENDED)

    def is_at_rest(self, titles):
        return self.ended() >= len(titles) and not any(self.names(place) for place in WAITING)


def drawn_kills(chance, count, most):
    kills = []
    for number in range(1, count + 1):
        thread = chance.choice(sorted(CALLS))
        call = (thread, chance.choice(CALLS[thread]), round(CALL_NUMBERS**chance.random()))
        seconds, ended = round(chance.uniform(0, SOON), 2), TASKS
        if number % EVERY == 1:
            seconds, ended = LATE, chance.randint(1, most)
        kills.append(Kill(seconds, ended, call if chance.random() < 0.5 else None))
    return kills


def drawn_batches(chance, tasks, kills):
    """One batch for each kill; together all the tasks."""
    bounds = [0] + sorted(chance.randint(0, tasks) for _ in range(kills - 1)) + [tasks]
    return [Batch([f'storm-task-{number:03}.md' for number in range(first, last)], chance.random() < 0.5)
            for first, last in zip(bounds, bounds[1:])]


# --- one kill ---

def pass_time(world, seconds, ended):
    """Until then, or until so many tasks more have ended; whether the daemon still runs."""
    enough = world.ended() + ended
    wait(lambda: not world.daemon_runs() or world.ended() >= enough, seconds)
    return world.daemon_runs()


def kill_at_call(world, call):
    """Lets strace kill before the call; at last the daemon is killed all the same."""
    thread, name, number = call
    wait(lambda: world.status() is not None or not world.daemon_runs(), 10)
    trace = Strace(world, thread, [name], f'inject={name}:signal=SIGKILL:when={number}')
    try:
        if pass_time(world, UNMET, TASKS):
            return RANDOM_MOMENT
        trace.process.wait(20)  # it writes the last line
        calls = [line for line in trace.text().splitlines() if f' {name}(' in line]
        return f'{name} of the {thread}, {step_of(calls[-1])}' if calls else RANDOM_MOMENT
    finally:
        trace.end()


def live_once(world, kill, batch, outcome):
    """From a start to a kill: where that met the daemon, and how many tasks were on their way."""
    if batch.down:
        world.add(batch.titles)
    world.start_daemon()
    if not batch.down:
        world.add(batch.titles)
    ran = pass_time(world, kill.seconds, kill.ended)
    where = kill_at_call(world, kill.call) if ran and kill.call else RANDOM_MOMENT
    ended = world.end_daemon(signal.SIGKILL)
    outcome.expect(ended == -signal.SIGKILL, f'the daemon was not killed but ended with {ended}')
    return where, len(world.names('claimed'))


# --- a storm ---

def judge(world, titles, kills, outcome):
    outcome.expect(wait(lambda: world.is_at_rest(titles), AT_REST), f'not at rest after {AT_REST} s: {world.phases()}')
    time.sleep(PAUSE)  # what would come twice comes now
    for title in titles:
        judge_task(world, title, outcome)
    lost = [name for place in ENDED for name in world.tasks(place) if not name.startswith('storm-task-')]
    outcome.expect(not lost, f'what nobody added: {lost}')
    outcome.expect(wait(lambda: not world.left_over(), 5), f'left over: {world.left_over()}')
    most = kills * world.sessions
    outcome.expect(outcome.places['held'] <= most, f'{outcome.places["held"]} held by {kills} kills')
    starts = len(world.agent_events('start'))
    outcome.expect(starts == world.sessions, f'{starts} agents were started for {world.sessions} sessions')
    outcome.expect(world.daemon_runs(), f'the restarted daemon ended by itself: {world.daemon.poll()}')


class Storm:
    def __init__(self, options, seed):
        self.options, self.seed, chance = options, seed, random.Random(seed)
        self.kills = drawn_kills(chance, options.kills, options.sessions)
        self.batches = drawn_batches(chance, options.tasks, options.kills)
        self.outcome, self.met, self.reasons = Outcome(None), collections.Counter(), collections.Counter()
        self.on_the_way = 0  # tasks, over all kills
        self.seconds = 0.0

    def pass_over(self, world):
        world.end_daemon(signal.SIGKILL)
        for kill, batch in zip(self.kills, self.batches):
            where, on_the_way = live_once(world, kill, batch, self.outcome)
            self.met[where] += 1
            self.on_the_way += on_the_way
        world.start_daemon()
        judge(world, [title for batch in self.batches for title in batch.titles], len(self.kills), self.outcome)
        self.outcome.expect(self.on_the_way > 0, 'no kill met a task on its way')
        self.reasons.update(world.result('held', name).get('reason') for name in world.tasks('held'))

    def play(self):
        began = time.monotonic()
        world = StormWorld(self.options.bin, self.options.sessions)
        try:
            self.pass_over(world)
        except (RuntimeError, OSError, ValueError, KeyError, IndexError) as error:
            self.outcome.faults.append(repr(error))
        finally:
            self.outcome.log = world.told() if self.outcome.faults else ''
            world.remove()
        self.seconds = time.monotonic() - began

    def tell(self):
        for fault in self.outcome.faults:
            print(f'FAILED: {fault}')
        print(self.outcome.log, end='')
        for where, count in self.met.most_common():
            print(f'{count:>6} killed at {where}')
        for reason, count in self.reasons.most_common():
            print(f'{count:>6} held: {reason}')
        places = self.outcome.places
        print(f'seed {self.seed}: {self.options.tasks} tasks on {self.options.sessions} sessions, '
              f'{sum(self.met.values())} kills with {self.on_the_way} tasks on their way: {places["done"]} done, '
              f'{places["failed"]} failed, {places["held"]} held with a reason, '
              f'{self.outcome.not_begun} of these not begun; {self.outcome.begun_twice} begun twice; '
              f'{len(self.outcome.faults)} faults; {self.seconds:.0f} s', flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('bin')
    parser.add_argument('--tasks', type=int, default=TASKS)
    parser.add_argument('--kills', type=int, default=0, help=f'{KILLS}, with --long four times as many')
    parser.add_argument('--rounds', type=int, default=0, help='storms, each in a world of its own')
    parser.add_argument('--sessions', type=int, default=AGENTS)
    parser.add_argument('--long', action='store_true')
    parser.add_argument('--seed', type=int, default=None, help='of the first round; the next ones count on')
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the world is removed
    trouble = why_no_strace()
    if trouble:
        print(f'queue_storm: skipped: {trouble}')
        return SKIPPED
    whole = options.long or bool(os.environ.get('CF_TEST_LONG'))
    options.kills = options.kills or KILLS * (4 if whole else 1)
    seed = random.SystemRandom().randrange(1_000_000) if options.seed is None else options.seed
    print(f'seed {seed}', flush=True)
    failed = 0
    for number in range(options.rounds or (5 if whole else 1)):
        storm = Storm(options, seed + number)
        storm.play()
        storm.tell()
        failed += bool(storm.outcome.faults)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
