#!/usr/bin/env python3
"""What watching silent panes costs, against supervisord with as many silent children in the same minute.

Fifty full screens, nothing written to any of them. Of the daemon, its tmux clients, the tmux server and supervisord:
sleeps that something ended in a second (voluntary context switches of all threads), processor time a minute, memory.
The tmux server's figures have no bar: it has a timer of its own. Clients that came and went in between count with their
time only.

supervisord is Debian's package `supervisor`; --supervisord names another program file, run by this machine's python3 or
as it is. It gets a private configuration, runs in the foreground and listens to nothing.

usage: silence.py BUILD_BIN [--panes N] [--seconds S] [--supervisord PROGRAM] [--control-mode BOOL]
Exit code 77 with --judge when no bar was missed and there was no supervisord to compare with.
"""
import os
import shutil
import signal
import subprocess
import sys
import time

from readings import Bars, children, cpu, cpu_of_ended_children, memory, table, wake_ups
from watched_panes import WatchedPanes, arguments, ended_by_signals, wait

SKIPPED = 77
MISSING = 'there is no supervisord: apt-get install supervisor (Debian starts it at once; only the program is needed)'
HEADS = ['', 'wake-ups/s', 'CPU ms/min', 'RSS MB', 'PSS MB']


class Supervised:
    """supervisord with so many children that sleep; `process` is None where there is no such program."""

    def __init__(self, program, root, count):
        self.process, self.count = None, count
        if not program:
            return
        os.makedirs(f'{root}/supervised')
        with open(f'{root}/supervised/supervisord.conf', 'w', encoding='utf-8') as file:
            file.write(f'''[supervisord]
nodaemon=true
user={os.getuid()}
logfile={root}/supervised/supervisord.log
pidfile={root}/supervised/supervisord.pid
childlogdir={root}/supervised
[program:sleeper]
command=sleep infinity
numprocs={count}
process_name=%(program_name)s-%(process_num)d
stdout_logfile=NONE
stderr_logfile=NONE
''')
        self.process = subprocess.Popen([program, '-c', f'{root}/supervised/supervisord.conf'], cwd=root,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def is_up(self):
        return self.process.poll() is None and len(children(self.process.pid)) == self.count

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process is None or self.process.poll() is not None:
            return
        sleepers = children(self.process.pid)
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            for pid in sleepers:
                os.kill(pid, signal.SIGKILL)


class Watched:
    """Readings of some processes between two instants."""

    def __init__(self, name, pids):
        self.name, self.pids = name, pids
        self.began, self.first = time.monotonic(), self.read()
        self.switches = self.milliseconds = self.rss = self.pss = 0.0

    def read(self):
        return sum(map(wake_ups, self.pids)), sum(map(cpu, self.pids))

    def end(self, more_seconds=0.0):
        seconds, last = time.monotonic() - self.began, self.read()
        self.switches = (last[0] - self.first[0]) / seconds
        self.milliseconds = 1000 * (last[1] - self.first[1] + more_seconds) / seconds * 60
        self.rss, self.pss = (sum(values) for values in zip(*map(memory, self.pids))) if self.pids else (0.0, 0.0)

    def row(self):
        return [self.name, f'{self.switches:.2f}', f'{self.milliseconds:.2f}', f'{self.rss:.1f}', f'{self.pss:.1f}']


def measure(options, program):
    with WatchedPanes(options.bin, options.control_mode, options.poll) as world:
        with Supervised(program, world.root, options.panes) as supervised:
            world.panes.add([f'bench-{number}' for number in range(options.panes)])
            if program and not wait(supervised.is_up, 60):
                raise SystemExit('supervisord did not start its children')
            world.start_watching(settle=10)
            daemon = world.daemon.pid
            ended = cpu_of_ended_children(daemon)
            watched = [Watched('claude-failover', [daemon]), Watched('its tmux clients', children(daemon)),
                       Watched('tmux server', [world.panes.server])]
            if program:
                watched.append(Watched('supervisord', [supervised.process.pid]))
            time.sleep(options.seconds)
            for one in watched:
                one.end(cpu_of_ended_children(daemon) - ended if one.name == 'its tmux clients' else 0.0)
            return watched


def main():
    ended_by_signals()
    parser = arguments(__doc__)
    parser.add_argument('--panes', type=int, default=50)
    parser.add_argument('--seconds', type=float, default=60)
    parser.add_argument('--poll', type=int, default=30)
    parser.add_argument('--supervisord', default=shutil.which('supervisord'))
    options = parser.parse_args()
    watched = measure(options, options.supervisord)
    print(f'{options.panes} silent panes, {options.seconds:g} s')
    table(HEADS, [one.row() for one in watched])
    daemon, bars = watched[0], Bars()
    bars.at_most(f'RSS with {options.panes} panes', daemon.rss, 12, ' MB')
    if not options.supervisord:
        print(MISSING)
        return (bars.exit_code(True) or SKIPPED) if options.judge else 0
    other = watched[-1]
    bars.at_most('wake-ups, half of supervisord\'s', daemon.switches, other.switches / 2, '/s')
    bars.at_most('CPU, half of supervisord\'s', daemon.milliseconds, other.milliseconds / 2, ' ms/min')
    return bars.exit_code(options.judge)


if __name__ == '__main__':
    sys.exit(main())
