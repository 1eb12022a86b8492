#!/usr/bin/env python3
"""How long after an agent met its five-hour wall the daemon had its verdict, by source, beside a bare timer.

Sessions of the toy agent in a private tmux server hit their walls one after another; the daemon watches (a dry run, so
that nothing moves). The agent's log says when a wall was met, the daemon's log when each source's report was ruled on.
A thread that only sleeps tells what the machine itself adds. Prints a table; judges nothing.

usage: detection_delay.py BUILD_BIN [--sessions N] [--poll SECONDS]
"""
import argparse
import datetime
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'support'))
from json_lines import json_lines  # noqa: E402
from readings import BareTimer, percentile  # noqa: E402


class Fleet:
    def __init__(self, bin_dir, sessions, poll):
        self.bin, self.sessions = os.path.abspath(bin_dir), [f'bench-{i}' for i in range(sessions)]
        self.root = tempfile.mkdtemp(prefix='cf-bench-')
        for folder in ('accounts/main', 'run', 'state'):
            os.makedirs(f'{self.root}/{folder}')
        self.write('accounts/main/.credentials.json', '{}')
        os.symlink(f'{self.root}/accounts/main', f'{self.root}/claude')
        self.write('script.json', json.dumps({'turns': [{'do': 'wall_five_hour', 'seconds': 0.2}]}))
        self.write('config.yaml', f'''accounts:
  - {{name: main, config_dir: {self.root}/accounts/main}}
tmux: {{socket: {self.root}/tmux.sock}}
sessions: {{adopt: ["bench-*"], pool: {{size: 0}}}}
quota: {{poll_interval: {poll}s}}
switch: {{link: {self.root}/claude}}
dispatcher: {{queue: {self.root}/queue}}
http: {{listen: ""}}
state: {{dir: {self.root}/state, runtime: {self.root}/run}}
log: {{format: json}}
''')
        self.daemon = None

    def write(self, name, text):
        with open(f'{self.root}/{name}', 'w', encoding='utf-8') as file:
            file.write(text)

    def tmux(self, *words):
        subprocess.run(['tmux', '-u', '-f', '/dev/null', '-S', f'{self.root}/tmux.sock', *words], check=True,
                       capture_output=True, env=dict(os.environ, TERM='xterm-256color'))

    def screen(self, session):
        return subprocess.run(['tmux', '-S', f'{self.root}/tmux.sock', 'capture-pane', '-p', '-t', f'={session}:'],
                              capture_output=True, text=True, check=False).stdout

    def start(self):
        for session in self.sessions:
            work = f'{self.root}/panes/{session}'
            os.makedirs(work)
            self.tmux('new-session', '-d', '-s', session, '-x', '120', '-y', '40', '-c', work, 'env',
                      f'CLAUDE_CONFIG_DIR={self.root}/claude', f'FAKE_AGENT_SCRIPT={self.root}/script.json',
                      f'FAKE_AGENT_LOG={self.root}/agent.log', f'HOME={self.root}', f'{self.bin}/fake-agent')
        with open(f'{self.root}/daemon.log', 'wb') as log:
            self.daemon = subprocess.Popen([f'{self.bin}/claude-failover', 'run', '--dry-run', '--config',
                                            f'{self.root}/config.yaml'], stderr=log, stdout=log)

    def lines(self, name):
        return json_lines(f'{self.root}/{name}')

    def end(self):
        if self.daemon:
            self.daemon.terminate()
            self.daemon.wait(15)
        subprocess.run(['tmux', '-S', f'{self.root}/tmux.sock', 'kill-server'], capture_output=True, check=False)
        time.sleep(0.5)
        shutil.rmtree(self.root, ignore_errors=True)


def wait(condition, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def instant(text):
    return datetime.datetime.fromisoformat(text.replace('Z', '+00:00')).timestamp()


def hit_walls(fleet):
    for session in fleet.sessions:
        fleet.tmux('send-keys', '-t', f'={session}:', '-l', f'please build the part {session}')
        if not wait(lambda s=session: f'part {s}' in fleet.screen(s), 20):
            raise SystemExit(f'{session} did not take its prompt')
        fleet.tmux('send-keys', '-t', f'={session}:', 'Enter')
        time.sleep(0.3)


def measure(bin_dir, sessions, poll, hooks):
    fleet = Fleet(bin_dir, sessions, poll)
    try:
        if hooks:
            subprocess.run([f'{fleet.bin}/claude-failover', 'install-hooks', '--config', f'{fleet.root}/config.yaml'],
                           check=True, capture_output=True)
        fleet.start()
        if not wait(lambda: all('❯' in fleet.screen(s) for s in fleet.sessions), 60):
            raise SystemExit('the agents did not start')
        idle = lambda: sum(1 for line in fleet.lines('daemon.log')
                           if line.get('msg') == 'session changed' and line.get('to') == 'idle')
        if not wait(lambda: idle() >= sessions, 60):
            raise SystemExit('the daemon did not see the sessions')
        with BareTimer() as timer:
            hit_walls(fleet)
            wait(lambda: len({line['trigger_session'] for line in fleet.lines('daemon.log')
                              if line.get('msg') == 'quota wall'}) >= sessions, poll + 30)
            time.sleep(1)
        return delays(fleet), timer.late
    finally:
        fleet.end()


def delays(fleet):
    met = {}
    for line in fleet.lines('agent.log'):
        if line.get('event') == 'wall':
            met.setdefault(line['session_id'], line['t'])
    names = {}
    by_source = {}
    log = fleet.lines('daemon.log')
    for line in log:
        if line.get('msg') == 'conversation recognised':
            names[line['session']] = line['conversation']
    for line in log:
        if line.get('msg') != 'quota wall' or line.get('verdict') not in ('confirmed', 'joined'):
            continue
        conversation = names.get(line['trigger_session'])
        if conversation in met:
            by_source.setdefault(line['source'], []).append(instant(line['time']) - met[conversation])
    return by_source


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('bin')
    parser.add_argument('--sessions', type=int, default=20)
    parser.add_argument('--poll', type=int, default=30)
    options = parser.parse_args()
    print(f'{"source":<28}{"walls":>6}{"median ms":>11}{"p99 ms":>9}')
    for hooks in (False, True):
        by_source, late = measure(options.bin, options.sessions, options.poll, hooks)
        for source, values in sorted(by_source.items()):
            what = source + (' (hooks installed)' if hooks else '')
            print(f'{what:<28}{len(values):>6}{1000 * percentile(values, 0.5):>11.0f}'
                  f'{1000 * percentile(values, 0.99):>9.0f}')
        print(f'{"bare timer, lateness":<28}{len(late):>6}{1000 * percentile(late, 0.5):>11.1f}'
              f'{1000 * percentile(late, 0.99):>9.1f}')


if __name__ == '__main__':
    main()
