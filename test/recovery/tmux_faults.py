#!/usr/bin/env python3
"""Kills, stops and replaces the tmux server while the real daemon brings sessions back, and brings twenty back at once.

Sessions stand at their wall; the second account becomes free; some time after the flip the fault comes:

  killed    the server is killed, and the daemon may start another one
  stopped   the server is stopped for some seconds (a minute with CF_TEST_LONG) and goes on
  replaced  the server is killed, and another one stands there at once, whose panes have the same ids and belong to
            somebody else; each writes down every byte that it gets
  frozen    the server is stopped, then killed and replaced as above while commands wait for it

Then no byte has come to a pane of somebody else, no agent was told twice to continue, no conversation was lost or begun
anew, and each session works, rests or is held with a reason.

usage: tmux_faults.py BUILD_BIN [--only WORDS] [--jobs N]
"""
import argparse
import concurrent.futures
import itertools
import os
import signal
import sys
import time

from fleet import STOPPED, Fleet, wait

VERSIONS = ('2.0.77', '2.1.330')
MOMENTS = (0.0, 0.4, 0.8, 1.4)  # seconds after the flip
SESSIONS = 4
STOPPED_FOR = 60 if os.environ.get('CF_TEST_LONG') else 8
SLACK = 2  # the half minute is for a machine that does nothing else
FAULTS = {}


def fault(function):
    FAULTS[function.__name__] = function
    return function


class Outcome:
    def __init__(self, *what):
        self.what, self.faults, self.told = ' '.join(map(str, what)), [], ''
        self.resumed = self.held = 0
        self.seconds = 0.0

    def expect(self, holds, text):
        if not holds:
            self.faults.append(text)


# --- what happens to the server ---

def server_pid(fleet):
    return int(fleet.tmux('display-message', '-p', '#{pid}'))


def start_canaries(fleet):
    """Sessions of somebody else, a pane for each that the fleet had and some more; retried, for a server may still be on
    its way out. The daemon may be faster and have sessions of its own there: that is what the guard is for."""
    canary = 'stty raw -echo; exec cat >{}'
    for number in range(SESSIONS + 2):
        words = ('new-session', '-d', '-x', '120', '-y', '40', '-s', f'theirs-{number}',
                 canary.format(f'{fleet.root}/canary.{number}'))
        wait(lambda: fleet.tmux_starts(*words), 5)


def bytes_of_canaries(fleet):
    found = {}
    for number in range(SESSIONS + 2):
        with open(f'{fleet.root}/canary.{number}', 'rb') as file:
            found[number] = file.read()
    return {number: text for number, text in found.items() if text}


@fault
def killed(fleet):
    os.kill(server_pid(fleet), signal.SIGKILL)


@fault
def stopped(fleet):
    pid = server_pid(fleet)
    os.kill(pid, signal.SIGSTOP)
    time.sleep(STOPPED_FOR)
    os.kill(pid, signal.SIGCONT)


@fault
def replaced(fleet):
    os.kill(server_pid(fleet), signal.SIGKILL)
    start_canaries(fleet)


@fault
def frozen(fleet):
    pid = server_pid(fleet)
    os.kill(pid, signal.SIGSTOP)
    time.sleep(3)
    os.kill(pid, signal.SIGKILL)
    start_canaries(fleet)


# --- one of them ---

def at_the_wall(fleet, names):
    for name in names:
        fleet.reaches(name, ['idle'])
        fleet.type(name, f'Build {name}.')
    for name in names:
        fleet.reaches(name, ['blocked(quota)'])


def log_has(fleet, message):
    return any(line.get('msg') == message for line in fleet.daemon_log())


def try_fault(fleet, outcome, kind, moment, names):
    at_the_wall(fleet, names)
    before = {name: fleet.conversations(name) for name in names}
    fleet.fail_over()
    wait(lambda: log_has(fleet, 'swap flipped'), 10)
    time.sleep(moment)
    FAULTS[kind](fleet)
    began = time.monotonic()

    def settled():
        return all(fleet.phase(name) in ('idle', 'held') for name in names)

    outcome.expect(wait(settled, 90), f'not settled: {[(name, fleet.phase(name)) for name in names]}')
    outcome.seconds = time.monotonic() - began
    time.sleep(3)  # for what comes late
    for name in names:
        session = fleet.session(name)
        held = session.get('phase') == 'held'
        outcome.held += held
        outcome.resumed += not held
        outcome.expect(not held or session.get('hold_reason'), f'{name} is held without a reason')
        outcome.expect(session.get('phase') not in STOPPED, f'{name} is {session.get("phase")}')
        outcome.expect(fleet.continued(name) <= 1, f'{name} was told to continue {fleet.continued(name)} times')
        outcome.expect(fleet.conversations(name) == before[name], f'{name}: conversations {fleet.conversations(name)}')
        outcome.expect(held or fleet.continued(name) == 1 or fleet.events_of(name, 'done'),
                       f'{name} is {session.get("phase")}, but was never told to continue:\n{fleet.screen(name)}')
    if kind in ('replaced', 'frozen'):
        outcome.expect(not bytes_of_canaries(fleet), f'bytes for somebody else: {bytes_of_canaries(fleet)}')


def run_fault(bin_dir, kind, version, moment):
    outcome = Outcome(kind, version, f'{moment:g} s')
    names = [f'worker-{number}' for number in range(SESSIONS)]
    try:
        with Fleet(bin_dir, {name: {'version': version} for name in names}) as fleet:
            try_fault(fleet, outcome, kind, moment, names)
            outcome.told = fleet.told() if outcome.faults else ''
    except (RuntimeError, OSError, ValueError, KeyError) as error:
        outcome.faults.append(f'{type(error).__name__}: {error}')
    return outcome


# --- twenty at once ---

def in_flight(fleet):
    """(most recoveries side by side, most of them before the first was proved), by the daemon's log"""
    now = most = first = proved = 0
    for line in fleet.daemon_log():
        if line.get('msg') == 'session changed' and line.get('to') == 'recovering':
            now += 1
        elif line.get('msg') == 'session changed' and line.get('from') == 'recovering':
            now -= 1
            proved += 1
        most = max(most, now)
        first = max(first, now) if not proved else first
    return most, first


def twenty(bin_dir, version):
    outcome = Outcome('twenty sessions', version)
    names = [f'worker-{number}' for number in range(20)]
    try:
        with Fleet(bin_dir, {name: {'version': version} for name in names}) as fleet:
            at_the_wall(fleet, names)
            fleet.fail_over()
            wait(lambda: log_has(fleet, 'swap flipped'), 10)
            began = time.monotonic()
            wait(lambda: all(fleet.recovered(name) for name in names), 120)
            outcome.seconds = time.monotonic() - began
            outcome.resumed = sum(bool(fleet.recovered(name)) for name in names)
            most, first = in_flight(fleet)
            print(f'twenty sessions, {version}: all at work {outcome.seconds:.1f} s after the flip, '
                  f'{first} recoveries side by side at first, {most} at most', flush=True)
            wait(lambda: len(fleet.agent_events('done')) == len(names), 30)
            told = {name: fleet.continued(name) for name in names}
            outcome.expect(outcome.seconds <= 30 * SLACK, f'{outcome.seconds:.1f} s')
            outcome.expect(first <= 2, f'{first} side by side at first')
            outcome.expect(set(told.values()) == {1}, f'told to continue: {told}')
            outcome.expect(outcome.resumed == len(names), f'{outcome.resumed} recovered')
            outcome.told = fleet.told() if outcome.faults else ''
    except (RuntimeError, OSError, ValueError, KeyError) as error:
        outcome.faults.append(f'{type(error).__name__}: {error}')
    return outcome


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('bin')
    parser.add_argument('--jobs', type=int, default=2 * (os.cpu_count() or 1))
    parser.add_argument('--only', default='', help='words that the fault must have, as "replaced 2.0.77"')
    options = parser.parse_args()
    began = time.monotonic()
    wanted = options.only.split()
    cases = [case for case in itertools.product(FAULTS, VERSIONS, MOMENTS)
             if all(word in f'{case[0]} {case[1]} {case[2]:g}' for word in wanted)]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        outcomes = list(pool.map(lambda case: run_fault(options.bin, *case), cases))
    for version in VERSIONS:
        if all(word in f'twenty {version}' for word in wanted):
            outcomes.append(twenty(options.bin, version))
    for outcome in outcomes:
        for text in outcome.faults:
            print(f'FAILED {outcome.what}: {text}')
        if outcome.faults:
            print(outcome.told)
    print(f'{"fault, version, moment":<30}{"resumed":>8}{"held":>6}{"seconds":>9}')
    for outcome in outcomes:
        print(f'{outcome.what:<30}{outcome.resumed:>8}{outcome.held:>6}{outcome.seconds:>9.1f}'
              f'{"  FAILED" if outcome.faults else ""}')
    failed = sum(bool(outcome.faults) for outcome in outcomes)
    print(f'{len(outcomes)} cases, {failed} failed, {time.monotonic() - began:.0f} s in all')
    return 1 if failed or not outcomes else 0


if __name__ == '__main__':
    sys.exit(main())
