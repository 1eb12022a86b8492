#!/usr/bin/env python3
"""Does the daemon grow, leave processes behind or stall while hundreds of panes come, print and go?

Drawn panes in a private tmux server; each second one tenth of them rewrites a row, one twentieth draws its whole screen
anew, and some sessions end while as many new ones, with names that were never there, begin. Every ten seconds: the
daemon's descriptors and RSS, children that live and those that nobody waited for, and turns of its loop over 100 ms
beside a bare timer's own wake-ups that came more than 100 ms late in the same ten seconds: those are the machine's. At
the end a table, and a line for what grew.

Growth is the least of the last third over the least of the second third (the first is for filling up), for what is used
while screens are read is given back: by more than 3 descriptors, or by more than 2 % and 0.5 MB of RSS. Zombies count
that are there in the last reading but one and in the last.

usage: endurance.py BUILD_BIN [--panes N] [--minutes M] [--churn PER_SECOND] [--poll S] [--control-mode BOOL]
"""
import itertools
import random
import sys
import time

from drawn_panes import Printing
from readings import Bars, BareTimer, children, descriptors, is_zombie, median, memory, table
from watched_panes import AT_REST, AT_WORK, WatchedPanes, arguments, ended_by_signals

PERIOD = 10.0
NOISE = {'descriptors': (3, 0.0), 'RSS MB': (0.5, 0.02)}  # by so much, and by such a part
READ = ('descriptors', 'RSS MB', 'zombies', 'living children', 'sessions known', 'slow turns', 'timer stalls')


class Endurance:
    def __init__(self, options, world, timer):
        self.options, self.world, self.timer = options, world, timer
        self.numbers = itertools.count()
        self.readings = []

    def new_names(self, count):
        return [f'bench-{next(self.numbers)}' for _ in range(count)]

    def fill(self):
        """A tenth is at work and stays; the others are those that come and go."""
        self.busy = self.new_names(max(1, self.options.panes // 10))
        self.world.panes.add(self.busy, AT_WORK)
        self.world.panes.add(self.new_names(self.options.panes - len(self.busy)), AT_REST)

    def churn(self):
        """The oldest of those that are not always busy end, new ones begin, and one in twenty begins or ends a turn."""
        panes = self.world.panes
        leaving = [name for name in panes.terminals if name not in self.busy][:self.options.churn]
        panes.add(self.new_names(self.options.churn), AT_REST)
        panes.end(leaving)
        others = [name for name in panes.terminals if name not in self.busy]
        for name in random.sample(others, self.options.panes // 20):
            panes.draw(name, random.choice((AT_WORK, AT_REST)))

    def read(self):
        daemon = self.world.daemon.pid
        alive = children(daemon)
        zombies = sum(map(is_zombie, alive))
        sessions = (self.world.status() or {}).get('sessions', [])
        return dict(zip(READ, (descriptors(daemon), memory(daemon)[0], zombies, len(alive) - zombies, len(sessions),
                               self.world.slow_turns(), self.timer.stalls)))

    def run(self):
        began, due = time.monotonic(), time.monotonic()
        end = began + 60 * self.options.minutes
        before = self.read()
        while time.monotonic() < end:
            due += 1.0
            self.churn()
            time.sleep(max(0.0, due - time.monotonic()))
            if time.monotonic() - began >= PERIOD * (len(self.readings) + 1):
                self.note(before, time.monotonic() - began)
        if not self.world.daemon_runs():
            raise SystemExit(f'the daemon ended\n{self.world.told()}')

    def note(self, before, seconds):
        now = self.read()
        for what in ('slow turns', 'timer stalls'):  # since the start of the churn
            now[what] -= before[what]
        self.readings.append(now)
        print(f'{seconds:5.0f} s  ' + '  '.join(f'{what} {value:.4g}' for what, value in now.items()), flush=True)

    # --- at the end ---

    def series(self, what):
        return [reading[what] for reading in self.readings]

    def growth(self, what):
        """(the least of the second third, of the last); nothing when it did not grow beyond noise."""
        values = self.series(what)
        third = max(1, len(values) // 3)
        early, late = min(values[third:2 * third] or values), min(values[-third:])
        by, part = NOISE[what]
        return (early, late) if late - early > max(by, part * early) else None

    def beyond_the_timer(self):
        """Slow turns of those ten seconds in which the bare timer had fewer stalls."""
        pairs = [(0, 0), *zip(self.series('slow turns'), self.series('timer stalls'))]
        return sum(max(0, (slow - slow_before) - (stalls - stalls_before))
                   for (slow_before, stalls_before), (slow, stalls) in zip(pairs, pairs[1:]))


def report(endurance, options):
    rows = [[what, *(f'{value:.4g}' for value in (values[0], median(values), values[-1], max(values)))]
            for what, values in ((what, endurance.series(what)) for what in READ)]
    print(f'{options.panes} panes, {options.minutes:g} min, {options.churn} sessions a second end and begin')
    table(['', 'first', 'median', 'last', 'max'], rows)
    bars = Bars()
    for what in NOISE:
        grown = endurance.growth(what)
        said = f'grew from {grown[0]:.4g} to {grown[1]:.4g}' if grown else 'no growth beyond noise'
        bars.holds(f'{what}: {said}', not grown)
    lasting = min(endurance.series('zombies')[-2:])
    bars.holds(f'zombies: {lasting} in both of the last readings', lasting == 0)
    bars.at_most('slow turns beyond the timer\'s stalls of the same ten seconds', endurance.beyond_the_timer(), 0)
    return bars.exit_code(options.judge)


def main():
    ended_by_signals()
    parser = arguments(__doc__)
    parser.add_argument('--panes', type=int, default=500)
    parser.add_argument('--minutes', type=float, default=10)
    parser.add_argument('--churn', type=int, default=5, metavar='PER_SECOND')
    parser.add_argument('--poll', type=int, default=30)
    options = parser.parse_args()
    with WatchedPanes(options.bin, options.control_mode, options.poll) as world, BareTimer() as timer:
        endurance = Endurance(options, world, timer)
        endurance.fill()
        world.start_watching()
        with Printing([world.panes.terminals[name] for name in endurance.busy]):
            endurance.run()
    if not endurance.readings:
        raise SystemExit(f'too short: a reading takes {PERIOD:g} s')
    return report(endurance, options)


if __name__ == '__main__':
    sys.exit(main())
