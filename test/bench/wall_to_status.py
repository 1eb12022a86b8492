#!/usr/bin/env python3
"""How long after an agent met its five-hour wall /status shows the session as blocked, by its screen alone.

Fifty panes: some hold the fake agent, which is given a prompt again and again and meets its wall each time; the others
show drawn screens, silent in the first part and printing four times a second in the second. The agents' own log says
when a wall was met, a moment before it is drawn; a client that asks for /status every 5 ms says when it was shown. The
agents keep their files in a directory that belongs to no account, and no hooks are installed: the daemon can neither
read their transcripts nor hear from them, so only the screen tells. The second account is disabled, so nothing is ever
moved.

A thread that only sleeps tells what the machine itself adds. A daemon that has only the plain poll is as slow as its
`--poll`.

usage: wall_to_status.py BUILD_BIN [--walls N] [--agents N] [--panes N] [--poll S] [--control-mode BOOL]
"""
import json
import os
import random
import sys
import time

from drawn_panes import Printing
from readings import Bars, BareTimer, percentile, table
from watched_panes import AT_REST, AT_WORK, StatusWatch, WatchedPanes, arguments, ended_by_signals, wait

BLOCKED = 'blocked(quota)'


class Walls(WatchedPanes):
    def __init__(self, options):
        super().__init__(options.bin, options.control_mode, options.poll)
        self.patience = options.poll + 15
        self.agents = [f'bench-agent-{number}' for number in range(options.agents)]
        self.drawn = options.panes - options.agents
        self.write('script.json', json.dumps({'turns': [{'do': 'wall_five_hour', 'seconds': 1.0}]}))

    def start_agents(self):
        self.panes.add([f'bench-{number}' for number in range(self.drawn)], AT_WORK)
        os.mkdir(f'{self.root}/elsewhere')
        for name in self.agents:
            place = os.path.join(self.root, 'work', name)
            os.mkdir(place)
            self.panes.tmux('new-session', '-d', '-s', name, '-x', '200', '-y', '50', '-c', place, 'env',
                            f'CLAUDE_CONFIG_DIR={self.root}/elsewhere', f'FAKE_AGENT_SCRIPT={self.root}/script.json',
                            f'FAKE_AGENT_LOG={self.root}/{name}.log', f'HOME={self.root}', f'{self.bin}/fake-agent')
            if not wait(lambda n=name: '❯' in self.panes.show(n), 20):
                raise SystemExit(f'{name} did not start')

    def met(self, name):
        """Instants of the walls that this agent met."""
        return [line['t'] for line in self.lines(f'{name}.log') if line['event'] == 'wall']

    def hit(self, name, watch, number):
        """Seconds from the wall to /status; nothing when it was not shown."""
        before = len(self.met(name))
        began = time.time()
        text = f'please build part {number}.'
        self.panes.tmux('send-keys', '-t', f'={name}:', '-l', text)
        if not wait(lambda: text in self.panes.show(name), 20):
            raise SystemExit(f'{name} did not take its prompt:\n{self.panes.show(name)}')
        self.panes.tmux('send-keys', '-t', f'={name}:', 'Enter')
        if not wait(lambda: len(self.met(name)) > before, 20):
            raise SystemExit(f'{name} met no wall:\n{self.panes.show(name)}')
        met = self.met(name)[before]
        shown = wait(lambda: watch.first(name, BLOCKED, began), self.patience)
        return shown - met if shown else None


def measure(options, busy):
    with Walls(options) as walls:
        walls.start_agents()
        walls.start_watching(settle=0)
        walls.command('account', 'disable', 'spare')
        with StatusWatch(f'{walls.root}/run/control.sock') as watch, BareTimer() as timer:
            calm = lambda: all(watch.phases.get(name) == AT_REST for name in walls.agents)
            if not wait(calm, 60 + options.poll):
                raise SystemExit(f'the daemon did not see the agents: {watch.phases}\n{walls.told()}')
            terminals = list(walls.panes.terminals.values()) if busy else []
            with Printing(terminals, 4):
                delays = []
                for number in range(options.walls):
                    delays.append(walls.hit(walls.agents[number % options.agents], watch, number))
                    time.sleep(random.uniform(0.2, 1.2))  # so that no period of the daemon's is met each time
        return delays, timer.late


def row(what, values):
    return [what, len(values), *(f'{1000 * percentile(values, share):.1f}' for share in (0.5, 0.99, 1))]


def main():
    ended_by_signals()
    parser = arguments(__doc__)
    parser.add_argument('--walls', type=int, default=60)
    parser.add_argument('--agents', type=int, default=10)
    parser.add_argument('--panes', type=int, default=50)
    parser.add_argument('--poll', type=int, default=30)
    options = parser.parse_args()
    rows, measured = [], {}
    for kind, busy in (('others silent', False), ('others print 4/s', True)):
        delays, late = measure(options, busy)
        shown = [delay for delay in delays if delay is not None]
        measured[kind] = shown if len(shown) == len(delays) else []
        rows += [row(f'wall to /status, {kind}', shown), row('  bare timer, lateness', late)]
        if len(shown) < len(delays):
            rows.append([f'  never shown: {len(delays) - len(shown)}', '', '', '', ''])
    table([f'{options.panes} panes', 'count', 'median ms', 'p99 ms', 'max ms'], rows)
    bars = Bars()
    for kind, shown in measured.items():
        bars.at_most(f'median, {kind}', 1000 * percentile(shown, 0.5), 150, ' ms')
        bars.at_most(f'p99, {kind}', 1000 * percentile(shown, 0.99), 500, ' ms')
    return bars.exit_code(options.judge)


if __name__ == '__main__':
    sys.exit(main())
