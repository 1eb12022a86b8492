#!/usr/bin/env python3
"""What a tmux server that hangs or dies does to /status, and how soon the daemon knows.

A session of the daemon's own works on a task that outlasts the run; drawn panes stand beside it in the same private
server. A client asks for /status every 5 ms all the time, and a thread that only sleeps tells what the machine adds.

  before   nothing is wrong
  stopped  the server gets SIGSTOP for some seconds; the daemon's living children are counted every 20 ms
  after    SIGCONT, and at once one pane draws another screen: until tmux is up again in /status, and until that
           screen is in it
  killed   the server gets SIGKILL: until /status says that tmux is down

The bar of the latency is twice that of before, and as much more as the bare timer was later than before. The children
are the most that lived at one time, a lasting one (a control client) among them. The task must not have ended and no
account been changed at any time; the daemon may not start a server of its own here.

usage: wedged_server.py BUILD_BIN [--panes N] [--seconds S] [--poll S] [--control-mode BOOL]
"""
import json
import math
import os
import signal
import sys
import time

from readings import Bars, BareTimer, children, is_zombie, percentile, ratio, table
from watched_panes import AT_WORK, StatusWatch, WatchedPanes, arguments, ended_by_signals, wait

CHANGED = 'bench-0'


class Wedged(WatchedPanes):
    def __init__(self, options):
        super().__init__(options.bin, options.control_mode, options.poll, pool=1)
        self.options = options
        self.write('script.json', json.dumps({'turn_seconds': 36000}))

    def set_to_work(self):
        """The task is claimed and its agent at work."""
        self.panes.add([f'bench-{number}' for number in range(self.options.panes)])
        self.start_watching()
        self.add_task('task.md')
        if not wait(lambda: self.tasks('claimed') and AT_WORK in self.phases(), 30 + self.options.poll):
            raise SystemExit(f'the task is not worked on: {self.phases()}\n{self.told()}')
        time.sleep(3)

    def unharmed(self):
        """What ended or moved though it should not have; empty when nothing did."""
        status = self.status() or {}
        wrong = [f'the task is {place}' for place in ('pending', 'done', 'failed', 'held') if self.tasks(place)]
        if not self.tasks('claimed'):
            wrong.append('the task is not claimed')
        if status.get('active_account') != 'main' or status.get('swaps'):
            wrong.append(f'the account is {status.get("active_account")}, swaps {status.get("swaps")}')
        return wrong

    def living_children(self):
        daemon = self.daemon.pid
        return sum(not is_zombie(child) for child in children(daemon))

    def most_children(self, seconds):
        most, end = 0, time.monotonic() + seconds
        while time.monotonic() < end:
            most = max(most, self.living_children())
            time.sleep(0.02)
        return most


class Phase:
    """One part of the run, by the wall clock."""

    def __init__(self, name, watch, timer):
        self.name, self.watch, self.timer = name, watch, timer
        self.began, self.timer_began = time.time(), len(timer.late)
        self.most = self.latencies = self.late = self.unharmed = None

    def end(self, most, unharmed):
        self.latencies = self.watch.latencies_between(self.began, time.time())
        self.most, self.unharmed, self.late = most, unharmed, self.timer.late[self.timer_began:]
        return self

    def p99(self):
        return percentile(self.latencies, 0.99)

    def row(self):
        milliseconds = [1000 * percentile(*of) for of in ((self.latencies, 0.5), (self.latencies, 0.99), (self.late, 0.99))]
        return [self.name, len(self.latencies), *(f'{value:.2f}' for value in milliseconds), self.most,
                '; '.join(self.unharmed) or 'unharmed']


def seen_after(watch, name, what, since, seconds):
    """Seconds from `since`; nan when it was not seen in time."""
    at = wait(lambda: watch.first(name, what, since), seconds)
    return at - since if at else float('nan')


def go_through(world, options, watch, timer):
    phases, patience = [], 30 + options.poll
    phase = Phase('before', watch, timer)
    phases.append(phase.end(world.most_children(options.seconds), world.unharmed()))

    phase, stopped = Phase('stopped', watch, timer), time.time()
    os.kill(world.panes.server, signal.SIGSTOP)
    most = world.most_children(options.seconds)
    known_hung = watch.first('tmux', False, stopped)
    phases.append(phase.end(most, world.unharmed()))

    phase, continued = Phase('after', watch, timer), time.time()
    os.kill(world.panes.server, signal.SIGCONT)
    world.panes.draw(CHANGED, AT_WORK)
    up = seen_after(watch, 'tmux', True, continued, patience) if known_hung else 0.0
    read = seen_after(watch, CHANGED, AT_WORK, continued, patience)
    phases.append(phase.end(world.most_children(5), world.unharmed()))

    phase, killed = Phase('killed', watch, timer), time.time()
    os.kill(world.panes.server, signal.SIGKILL)
    world.panes.server = 0  # its number may be another's soon
    down = seen_after(watch, 'tmux', False, killed, patience)
    phases.append(phase.end(world.most_children(10), world.unharmed()))
    return phases, known_hung - stopped if known_hung else float('nan'), up, read, down


def main():
    ended_by_signals()
    parser = arguments(__doc__)
    parser.add_argument('--panes', type=int, default=50)
    parser.add_argument('--seconds', type=float, default=30)
    parser.add_argument('--poll', type=int, default=30)
    options = parser.parse_args()
    with Wedged(options) as world, BareTimer() as timer:
        world.set_to_work()
        with StatusWatch(f'{world.root}/run/control.sock') as watch:
            phases, known_hung, up, read, down = go_through(world, options, watch, timer)
    table(['server', 'asked', 'median ms', 'p99 ms', 'timer p99 ms', 'children', 'task and account'],
          [one.row() for one in phases])
    hung = 'not noticed' if math.isnan(known_hung) else f'known after {known_hung:.2f} s'
    print(f'stopped: {hung}; continued: up after {up:.2f} s, the changed screen in /status '
          f'after {read:.2f} s; killed: known after {down:.2f} s; requests without an answer: {watch.failures}')
    before, stopped = phases[:2]
    machine = max(1.0, ratio(percentile(stopped.late, 0.99), percentile(before.late, 0.99)))
    bars = Bars()
    bars.at_most('p99 of /status while the server is stopped, over before', ratio(stopped.p99(), before.p99()), 2 * machine)
    bars.at_most('living children while it is stopped', stopped.most, 1)
    bars.at_most('tmux is up again after SIGCONT', up, 3, ' s')
    bars.at_most('the changed screen is in /status after SIGCONT', read, 3, ' s')
    bars.at_most('down is known after SIGKILL', down, 1, ' s')
    bars.holds('no task ended, no account was changed', not any(one.unharmed for one in phases))
    bars.holds('every request was answered', not watch.failures)
    return bars.exit_code(options.judge)


if __name__ == '__main__':
    sys.exit(main())
