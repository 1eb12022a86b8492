#!/usr/bin/env python3
"""What watching costs: processor time of the daemon, its tmux clients and the tmux server for one look, against a shell
loop of `tmux capture-pane`.

Full screens of 200x50 in a private tmux server; in some of them one row changes once a second, at different instants.
A look is what one second needs: every screen that changed is read once; the shell loop has to read all of them. In each
round there take turns: nobody looks (what the output alone costs the server), the daemon, again nobody, the loop. The
server's share is net of what it uses before and after. Shown are medians of all rounds. The daemon is measured from ten
seconds after its first look at all on, when it knows which programs draw on and on.

The full look is made by a daemon with `quota.poll_interval: 1s` while nothing changes: that reads every screen each
second, changed or not, as the start does, without a start's other work (accounts, queue, state file). How many screens
were read is counted by a hook in the tmux server (after-capture-pane), before the rounds; a look is as many as there
are panes. A daemon that has only the plain poll needs `--poll 1` to read each change.

usage: watching.py BUILD_BIN [--panes N] [--changing PERCENT] [--seconds S] [--rounds R] [--poll S]
                             [--control-mode BOOL] [--judge]
Without --panes: 50 with 20 %, 200 and 20 with 10 %, and the full look of 50; what has a bar has it with --panes, too.
"""
import os
import subprocess
import sys
import time

from drawn_panes import Printing
from readings import Bars, cpu, cpu_of_children, median, ratio, table
from watched_panes import AT_REST, AT_WORK, WatchedPanes, arguments, ended_by_signals

LOOPS = 3
STANDARD = [(50, 20), (200, 10), (20, 10), (50, 0)]  # panes, percent of them that change; 0: the full look
BARS = {(50, 20): 40, (200, 10): 100, (50, 0): 15}
HEADS = ['panes', 'change/s', 'reads/s', 'daemon ms', 'clients ms', 'server ms', 'look ms', 'loop clients ms',
         'loop server ms', 'loop ms', 'loop/look']


def cpu_of_shell(command):
    """Seconds of a bash that runs this, and of all that it waits for."""
    shell = subprocess.Popen(['bash', '-c', command], stderr=subprocess.DEVNULL)
    try:
        _, shell.returncode, usage = os.wait4(shell.pid, 0)
        return usage.ru_utime + usage.ru_stime
    finally:
        if shell.returncode is None:
            shell.kill()
            shell.wait()


class Cost:
    """Milliseconds of one look: by the daemon or the loop itself, by its tmux clients, net by the server."""

    def __init__(self, own, clients, server):
        self.own, self.clients, self.server = own, clients, server
        self.total = own + clients + server


class Round:
    def __init__(self, look, loop):
        self.look, self.loop = look, loop

    def part(self):
        return ratio(self.loop.total, self.look.total)


class Scenario:
    """`percent` 0: the full look."""

    def __init__(self, options, panes, percent, poll):
        self.options, self.panes, self.poll = options, panes, poll
        self.changing = [f'bench-{number}' for number in range(panes * percent // 100)]
        self.reads = 0.0
        self.rounds = []

    def run(self):
        with WatchedPanes(self.options.bin, self.options.control_mode, self.poll) as self.world:
            names = [f'bench-{number}' for number in range(self.panes)]
            if self.changing:
                self.world.panes.add(self.changing, AT_WORK)
            self.world.panes.add(names[len(self.changing):], AT_REST)
            with Printing([self.world.panes.terminals[name] for name in self.changing]):
                self.reads = self.count_reads()
                self.rounds = [self.round() for _ in range(self.options.rounds)]
        return self

    def count_reads(self):
        """Screens read in a second."""
        tmux = self.world.panes.tmux
        time.sleep(1.1)  # tmux tells to the second when something was written
        self.world.start_watching(settle=10)
        tmux('set-option', '-g', '@reads', '0')
        tmux('set-hook', '-g', 'after-capture-pane', 'set-option -gF @reads "#{e|+:#{@reads},1}"')
        began = time.monotonic()
        time.sleep(max(10, self.options.seconds))
        reads = int(tmux('show-options', '-gv', '@reads')) / (time.monotonic() - began)
        tmux('set-hook', '-gu', 'after-capture-pane')
        self.world.stop_watching()
        return reads

    def looks_per_second(self):
        return 1.0 if self.changing else self.reads / self.panes

    def round(self):
        before = self.alone()
        used = self.look()
        after = self.alone()
        alone = (before + after) / 2  # what else the machine does changes from minute to minute
        return Round(self.net(used, alone), self.loop(after))

    def alone(self):
        """The server's share while nobody looks."""
        server = self.world.panes.server
        began, used = time.monotonic(), cpu(server)
        time.sleep(self.options.seconds)
        return (cpu(server) - used) / (time.monotonic() - began)

    def look(self):
        """The shares of the daemon, its clients and the server while the daemon looks."""
        self.world.start_watching(settle=10)
        server, daemon = self.world.panes.server, self.world.daemon.pid
        began, before = time.monotonic(), (cpu(daemon), cpu_of_children(daemon), cpu(server))
        time.sleep(self.options.seconds)
        after, seconds = (cpu(daemon), cpu_of_children(daemon), cpu(server)), time.monotonic() - began
        self.world.stop_watching()
        return [(late - early) / seconds for late, early in zip(after, before)]

    def net(self, used, alone):
        own, clients, theirs = used
        return Cost(*(1000 * ratio(share, self.looks_per_second()) for share in (own, clients, theirs - alone)))

    def loop(self, alone):
        server, panes = self.world.panes.server, self.world.panes
        command = ''.join(f'tmux -S {panes.socket} capture-pane -p -t ={name}: >/dev/null\n' for name in panes.terminals)
        began, used, clients = time.monotonic(), cpu(server), 0.0
        for _ in range(LOOPS):
            clients += cpu_of_shell(command)
        theirs = cpu(server) - used - alone * (time.monotonic() - began)
        return Cost(0.0, 1000 * clients / LOOPS, 1000 * theirs / LOOPS)

    # --- medians of the rounds ---

    def of(self, what):
        return median([what(one) for one in self.rounds])

    def part(self):
        """The loop's cost over the look's: both of the same round."""
        return self.of(Round.part)

    def own_over_server(self):
        return self.of(lambda one: ratio(one.look.own, one.look.server))

    def per_changed_pane(self):
        return self.of(lambda one: ratio(one.look.total, len(self.changing)))

    def row(self):
        shares = [self.of(share) for share in (
            lambda one: one.look.own, lambda one: one.look.clients, lambda one: one.look.server,
            lambda one: one.look.total, lambda one: one.loop.clients, lambda one: one.loop.server,
            lambda one: one.loop.total)]
        what = len(self.changing) or 'full look'
        return [self.panes, what, f'{self.reads:.1f}', *(f'{share:.2f}' for share in shares), f'{self.part():.0f}']


def judge_one(bars, scenario, bar):
    panes, changing = scenario.panes, len(scenario.changing)
    if bar:
        bars.at_least(f'{panes} panes, {changing or "none"} changing: the loop over a look', scenario.part(), bar)
    if changing:
        bars.at_most(f'{panes} panes: the daemon\'s own share over the server\'s', scenario.own_over_server(), 0.25)
        bars.holds(f'{panes} panes: each change was read ({scenario.reads:.1f} reads a second)',
                   scenario.reads >= 0.9 * changing)


def main():
    ended_by_signals()
    parser = arguments(__doc__)
    parser.add_argument('--panes', type=int)
    parser.add_argument('--changing', type=int, default=20, metavar='PERCENT', help='0: the full look')
    parser.add_argument('--seconds', type=float, default=30)
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--poll', type=int, default=30)
    options = parser.parse_args()
    wanted = STANDARD if not options.panes else [(options.panes, options.changing)]
    done = []
    for panes, percent in wanted:
        bar = BARS.get((panes, percent))
        done.append((Scenario(options, panes, percent, options.poll if percent else 1).run(), bar))
        rounds = ' '.join(f'{one.part():.0f}' for one in done[-1][0].rounds)
        print(f'{panes} panes, {percent} % changing: the loop over a look in each round: {rounds}', file=sys.stderr)
    print(f'One look, medians of {options.rounds} rounds of {options.seconds:g} s, the server net of the output alone')
    table(HEADS, [scenario.row() for scenario, _ in done])
    bars = Bars()
    for scenario, bar in done:
        judge_one(bars, scenario, bar)
    if not options.panes:
        many, few = done[1][0], done[2][0]
        bars.at_most('a changed pane among 200 over one among 20',
                     ratio(many.per_changed_pane(), few.per_changed_pane()), 1.5)
    return bars.exit_code(options.judge)


if __name__ == '__main__':
    sys.exit(main())
