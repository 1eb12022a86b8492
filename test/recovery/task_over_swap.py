#!/usr/bin/env python3
"""Gives the real daemon a task whose session meets its account's wall, and looks how the task goes on.

Each cell is a world of its own, the fake agent as three versions, with `switch.mode` link and per_session:

  next_account   the daemon goes to the other account, and the session goes on there
  killed         the daemon is killed while the session stands at its wall, started again, and then finds the account
  all_spent      the other account is spent as well: the fleet is held, and goes back when the first one resets
  same_account   nobody else is there: it goes on with its own account after the reset, without a switch
  by_itself      as before, but today's agent continues by itself before the daemon would say so

Then the task is done, once: its prompt was typed once, the session was told to continue once for each stop, in one and
the same conversation, and the result tells the accounts, the switches, one attempt, and times in their order. A second
task on the same session is done as well.

usage: task_over_swap.py BUILD_BIN [--jobs N] [--only WORDS]
"""
import argparse
import concurrent.futures
import json
import os
import signal
import sys
import time
from datetime import datetime

from fleet import Fleet, leave, wait
from task_files import QueueFiles

VERSIONS = ('1.0.128', '2.0.77', '2.1.330')
TODAY = VERSIONS[-1]
WORKER, TITLE = 'worker', 'tower.md'
LINK, PER_SESSION = 'link', 'per_session'
TIMEOUT = 20  # seconds of the task's own; those at the wall do not count
SHORT_RESET = 40  # seconds; the daemon waits for a minute, for walls tell their end to the minute
PATIENCE = 100  # seconds until a task that stood at a wall is done
WAITING = ('all_spent', 'same_account', 'by_itself')  # for their first account's reset
SCENARIOS = {}


def scenario(function):
    SCENARIOS[function.__name__] = function
    return function


class TaskFleet(Fleet):
    def __init__(self, bin_dir, cell):
        self.chosen = cell.mode
        soon = 2 if cell.name == 'by_itself' else 300
        super().__init__(bin_dir, {WORKER: {'version': cell.version, 'auto_continue_delay': soon}},
                         switch=', dwell: 5s')
        self.spend('main', SHORT_RESET if cell.name in WAITING else 3600)
        self.queue = QueueFiles(f'{self.root}/queue')

    def configuration(self):
        return super().configuration().replace('mode: link', f'mode: {self.chosen}')

    def spend(self, account, resets_in):
        """It has used the turns that it has between two resets."""
        self.write(f'accounts/{account}/fake-account.json', json.dumps(
            {'name': account, 'limit': 9, 'used': 9, 'window': 'five_hour', 'resets_in': resets_in}))

    def give_task(self):
        """Gives it and waits until its session stands at the wall; when that was."""
        self.reaches(WORKER, ['idle'])
        self.queue.put(TITLE, 'Build the tower.\n', f'session: {WORKER}\ntimeout: {TIMEOUT}s\n')
        self.reaches(WORKER, ['blocked(quota)'])
        return time.time()

    def begun(self, title):
        return sum(f'/claimed/{title}.' in event['text'] for event in self.events_of(WORKER, 'prompt', 'queued'))

    def starts(self):
        return len(self.events_of(WORKER, 'start'))

    def times_held(self):
        return sum('holding' in line.get('msg', '') for line in self.daemon_log())


class Cell:
    def __init__(self, name, version, mode):
        self.name, self.version, self.mode = name, version, mode
        self.way, self.accounts, self.seconds, self.faults = '', [], 0.0, []

    def words(self):
        return f'{self.name} {self.version} {self.mode}'

    def restarts(self):
        """Whether it takes another account by a restart alone."""
        return self.mode == PER_SESSION or not self.version.startswith('2.1')

    def expect(self, holds, text):
        if not holds:
            self.faults.append(text)


def seconds_of(text):
    return datetime.fromisoformat(text.replace('Z', '+00:00')).timestamp() if text else 0.0


def judge_times(fleet, cell, result, stood_at):
    """Times of the result are whole seconds: claimed, given, at the wall, gone on, ended."""
    claimed, given, ended = (seconds_of(result[key]) for key in ('claimed_at', 'given_at', 'ended_at'))
    went_on = fleet.events_of(WORKER, 'prompt', 'auto_continue')[-1]['t']
    cell.expect(0 < claimed <= given <= stood_at and int(went_on) <= ended <= time.time(),
                f'claimed {claimed}, given {given}, at the wall {stood_at}, went on {went_on}, ended {ended}')


def judge_task(fleet, cell, accounts, stood_at):
    done = wait(lambda: fleet.queue.results().get(TITLE), PATIENCE)
    if not done:
        raise RuntimeError(f'the task lies in {fleet.queue.lies_in(TITLE)}, its session is {fleet.phase(WORKER)}')
    cell.accounts = done['accounts']
    # The result is written first, and the file follows.
    places = wait(lambda: [place for place, _ in fleet.queue.lies_in(TITLE) if place != 'claimed'], 10)
    cell.expect(places == ['done'] and done['files'] == 1, f'it lies in {places}, with {done["files"]} results')
    told = {key: done[key] for key in ('state', 'reason', 'session', 'account', 'accounts', 'swaps', 'attempts')}
    right = {'state': 'done', 'reason': 'signal', 'session': WORKER, 'account': accounts[-1], 'accounts': accounts,
             'swaps': len(accounts) - 1, 'attempts': 1}
    cell.expect(told == right, f'its result tells {told} and not {right}')
    cell.expect({done['conversation']} == fleet.conversations(WORKER),
                f'conversation {done["conversation"]} of {fleet.conversations(WORKER)}')
    judge_times(fleet, cell, done, stood_at)


def judge(fleet, cell, accounts, stood_at, told=None, holds=(1,)):
    """`told`: so often to continue; without it once for each stop."""
    began, moves = time.monotonic(), len(accounts) - 1
    judge_task(fleet, cell, accounts, stood_at)
    cell.seconds = time.monotonic() - began
    # What would come twice comes now.
    time.sleep(1.5)
    told = moves if told is None else told
    cell.way = fleet.recovered(WORKER)
    cell.expect(fleet.begun(TITLE) == 1, f'its prompt was typed {fleet.begun(TITLE)} times')
    cell.expect(fleet.continued(WORKER) == told, f'told to continue {fleet.continued(WORKER)} times, not {told}')
    starts = 1 + (moves if cell.restarts() else 0)
    cell.expect(fleet.starts() == starts, f'its agent was started {fleet.starts()} times, not {starts}')
    done = fleet.events_of(WORKER, 'done')
    cell.expect(len(done) == 1 and TITLE in done[0]['text'] and done[0]['account'] == accounts[-1],
                f'done: {[(one["account"], one["text"]) for one in done]}')
    cell.expect(fleet.times_held() in holds, f'the fleet was held {fleet.times_held()} times')
    swaps = sum(line.get('msg') == 'swap done' for line in fleet.daemon_log())
    cell.expect(swaps == moves, f'{swaps} switches were made, not {moves}')
    takes_another(fleet, cell)


def takes_another(fleet, cell):
    fleet.queue.put('next.md', 'Build the next one.\n', f'session: {WORKER}\n')
    done = wait(lambda: fleet.queue.results().get('next.md'), 40) or {}
    told = [done.get(key) for key in ('state', 'swaps', 'attempts')]
    cell.expect(told == ['done', 0, 1] and fleet.begun('next.md') == 1, f'the next task tells {done}')


# --- how it goes on ---

@scenario
def all_spent(fleet, cell):
    fleet.spend('spare', 3600)
    fleet.fail_over()
    stood_at = fleet.give_task()
    cell.expect(wait(fleet.times_held, 40), f'not held: {fleet.phase(WORKER)}')
    judge(fleet, cell, ['main', 'spare', 'main'], stood_at)


@scenario
def same_account(fleet, cell):
    stood_at = fleet.give_task()
    judge(fleet, cell, ['main'], stood_at, told=1)


@scenario
def by_itself(fleet, cell):
    stood_at = fleet.give_task()
    judge(fleet, cell, ['main'], stood_at, told=0)
    cell.expect(fleet.counts()['auto_continue'] == 1, f'{fleet.counts()["auto_continue"]} times it continued by itself')


@scenario
def next_account(fleet, cell):
    stood_at = fleet.give_task()
    fleet.fail_over()
    judge(fleet, cell, ['main', 'spare'], stood_at)


@scenario
def killed(fleet, cell):
    stood_at = fleet.give_task()
    cell.expect(fleet.end_daemon(signal.SIGKILL) == -signal.SIGKILL, 'the daemon was not killed but ended')
    fleet.start_daemon()
    if not wait(lambda: fleet.status() is not None, 20):
        raise RuntimeError('the daemon does not answer after its kill')
    fleet.reaches(WORKER, ['blocked(quota)'])
    fleet.fail_over()
    # That it holds may not have been saved yet.
    judge(fleet, cell, ['main', 'spare'], stood_at, holds=(1, 2))


# --- all of them ---

def cells():
    """Those that wait a minute come first. What an account's return means does not hang on the mode, so once."""
    for name in SCENARIOS:
        for mode in (LINK, PER_SESSION):
            for version in VERSIONS:
                waits = name in WAITING
                rare = mode == PER_SESSION and (name != 'all_spent' or version != TODAY)
                if not (waits and rare) and (name != 'by_itself' or version == TODAY):
                    yield Cell(name, version, mode)


def play(bin_dir, cell):
    try:
        with TaskFleet(bin_dir, cell) as fleet:
            SCENARIOS[cell.name](fleet, cell)
            if cell.faults:
                print(fleet.told(), flush=True)
    except (RuntimeError, OSError, ValueError, KeyError, IndexError) as error:
        cell.faults.append(f'{type(error).__name__}: {error}')
    return cell


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('bin')
    parser.add_argument('--jobs', type=int, default=4 * (os.cpu_count() or 1))
    parser.add_argument('--only', default='', help='words that the cell must have, as "killed 2.0.77 link"')
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, leave)
    began = time.monotonic()
    chosen = [cell for cell in cells() if all(word in cell.words().split() for word in options.only.split())]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        played = list(pool.map(lambda cell: play(options.bin, cell), chosen))
    print(f'{"scenario":<14}{"version":<9}{"mode":<13}{"seconds":>8}  {"recovered by":<13}accounts')
    for cell in played:
        for fault in cell.faults:
            print(f'FAILED {cell.words()}: {fault}')
        print(f'{cell.name:<14}{cell.version:<9}{cell.mode:<13}{cell.seconds:>8.1f}  {cell.way or "-":<13}'
              f'{" ".join(cell.accounts)}')
    failed = sum(bool(cell.faults) for cell in played)
    print(f'{len(played)} tasks over a switch, {failed} failed, {time.monotonic() - began:.0f} s in all')
    return 1 if failed or not played else 0


if __name__ == '__main__':
    sys.exit(main())
