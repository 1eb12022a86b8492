#!/usr/bin/env python3
"""One play with the real agent, inside of a network namespace that has loopback alone: it is given a task, its account
meets the 5-hour wall in the middle of the turn, the daemon moves to the spare account, and the task ends in the same
conversation. Started by `run`.

usage: play.py VERSION AGENT DAEMON ROOT
"""
import fcntl
import json
import os
import re
import socket
import struct
import subprocess
import sys
import time

import judge
from mock_api import Account, MockApi

MARK = '/queue/claimed/task.md.'  # stands in the line that points the agent at its task
TASK = 'Read the file notes.txt here and tell in one sentence what it says.'
TOOL_USE = 'toolu_of_main_1'
ANSWER = 'The notes say that the lighthouse is painted in the spring.'
SECONDS = {'start': 80, 'wall': 40, 'end': 90, 'idle': 20}  # together less than what `run` waits


def raise_loopback():
    """SIOCSIFFLAGS: up and running."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack('16sH14x', b'lo', 0x1 | 0x40))


class Model:
    """What the mock says in the place of a model."""

    def __init__(self, queue):
        self.queue = queue

    def path(self, asked, folder):
        """The path in a folder of the queue that the task's prompt names."""
        return re.search(re.escape(f'{self.queue}/{folder}/') + r'[\w.-]*\w', json.dumps(asked['messages'])).group()

    def begin_task(self, _, asked):
        return [{'type': 'text', 'text': 'I read the task first.'},
                {'type': 'tool_use', 'id': TOOL_USE, 'name': 'Read',
                 'input': {'file_path': self.path(asked, 'claimed')}}]

    def end_task(self, number, asked):
        """Gives the sign that the prompt asks for, then says so."""
        if number > 1:
            return [{'type': 'text', 'text': ANSWER}]
        return [{'type': 'tool_use', 'id': 'toolu_of_spare_1', 'name': 'Bash',
                 'input': {'command': f'touch {self.path(asked, "signals")}', 'description': 'Tell of the end'}}]


def wait(condition, seconds):
    end = time.monotonic() + seconds
    while True:
        got = condition()
        if got or time.monotonic() >= end:
            return got
        time.sleep(0.5)


class Fleet:
    def __init__(self, agent, daemon, root):
        self.agent, self.program, self.root = agent, daemon, root
        self.link, self.log = f'{root}/claude', f'{root}/api.jsonl'
        self.daemon = self.api = None
        for folder in ('home', 'work', 'projects', 'accounts/main', 'accounts/spare'):
            os.makedirs(f'{root}/{folder}')
        self.write('work/notes.txt', 'The lighthouse is painted in the spring.\n')
        for number, name in enumerate(('main', 'spare'), 1):
            self.log_in(name, number)
        os.symlink(f'{root}/accounts/main', self.link)
        self.write('config.yaml', self.configuration())

    def write(self, name, text):
        with open(f'{self.root}/{name}', 'w', encoding='utf-8') as file:
            file.write(text)
        os.chmod(f'{self.root}/{name}', 0o600)

    def token(self, name):
        return f'made-up-token-of-{name}'

    def log_in(self, name, number):
        """A login that no server but the mock knows, and what a person has clicked away on the first start."""
        tomorrow = int(time.time() + 86400) * 1000
        self.write(f'accounts/{name}/.credentials.json', json.dumps({'claudeAiOauth': {
            'accessToken': self.token(name), 'refreshToken': f'made-up-refresh-token-of-{name}', 'expiresAt': tomorrow,
            'scopes': ['user:inference', 'user:profile'], 'subscriptionType': 'max',
            'rateLimitTier': 'default_claude_max_20x'}}))
        self.write(f'accounts/{name}/.claude.json', json.dumps({
            'hasCompletedOnboarding': True, 'lastOnboardingVersion': '9.9.9', 'theme': 'dark', 'autoUpdates': False,
            'effortCalloutDismissed': True, 'effortCalloutV2Dismissed': True, 'hasSeenAutoDefaultNudge': True,
            'oauthAccount': {'accountUuid': f'00000000-0000-4000-8000-00000000000{number}',
                             'organizationUuid': f'00000000-0000-4000-8000-0000000000a{number}',
                             'emailAddress': f'{name}@example.org'},
            'projects': {f'{self.root}/work': {'hasTrustDialogAccepted': True,
                                               'hasCompletedProjectOnboarding': True}}}))
        self.write(f'accounts/{name}/settings.json', json.dumps({'permissions': {
            'defaultMode': 'acceptEdits', 'allow': ['Read', 'Bash(touch:*)'],
            'additionalDirectories': [f'{self.root}/queue']}}))
        os.symlink(f'{self.root}/projects', f'{self.root}/accounts/{name}/projects')  # as share-history leaves it

    def configuration(self):
        return f'''accounts:
  - {{name: main, config_dir: {self.root}/accounts/main}}
  - {{name: spare, config_dir: {self.root}/accounts/spare}}
tmux: {{socket: {self.root}/tmux.sock, start_server: true}}
sessions:
  command: [{self.agent}]
  start_timeout: 60s
  pool: {{size: 1, prefix: pool-, workdir: {self.root}/work}}
quota: {{poll_interval: 2s}}
switch: {{link: {self.link}, recovery_deadline: 40s}}
watcher: {{quiet: 10s}}
dispatcher: {{queue: {self.root}/queue}}
http: {{listen: ""}}
state: {{dir: {self.root}/state, runtime: {self.root}/run}}
log: {{format: json, level: debug}}
'''

    def environment(self):
        """Nothing of the caller's but where programs lie: no login, no key, no proxy can come in."""
        return {'PATH': os.environ['PATH'], 'HOME': f'{self.root}/home', 'LANG': 'C.UTF-8', 'TERM': 'xterm-256color',
                'SHELL': '/bin/sh', 'TZ': 'UTC', 'TMPDIR': self.root, 'ANTHROPIC_BASE_URL': self.api.url,
                'DISABLE_AUTOUPDATER': '1', 'DISABLE_TELEMETRY': '1', 'DISABLE_ERROR_REPORTING': '1',
                'CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC': '1'}

    def start(self):
        model = Model(f'{self.root}/queue')
        self.api = MockApi({self.token('main'): Account('main', 1, model.begin_task),
                            self.token('spare'): Account('spare', 1000, model.end_task)}, MARK, self.log, 2 * 3600)
        with open(f'{self.root}/daemon.log', 'ab') as log:
            self.daemon = subprocess.Popen([self.program, 'run', '--config', f'{self.root}/config.yaml'],
                                           stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment())

    def output(self, *words):
        return subprocess.run(words, capture_output=True, text=True, errors='replace', check=False, timeout=20,
                              stdin=subprocess.DEVNULL, env=self.environment()).stdout

    def status(self):
        try:
            return json.loads(self.output(self.program, 'status', '--json', '--config', f'{self.root}/config.yaml'))
        except (ValueError, subprocess.TimeoutExpired):
            return {}

    def session(self):
        return next(iter(self.status().get('sessions', [])), {})

    def screen(self):
        return self.output('tmux', '-u', '-N', '-S', f'{self.root}/tmux.sock', 'capture-pane', '-p', '-t', '=pool-1:')

    def add_task(self):
        self.write('queue/tmp/task.md', TASK + '\n')
        os.rename(f'{self.root}/queue/tmp/task.md', f'{self.root}/queue/pending/task.md')

    def tasks(self, place):
        return [name for name in os.listdir(f'{self.root}/queue/{place}') if not name.endswith('.result.json')]

    def is_over(self):
        return self.tasks('done') or self.tasks('failed') or self.tasks('held') or self.session().get('phase') == 'held'

    def end(self):
        self.daemon.terminate()
        try:
            self.daemon.wait(15)
        except subprocess.TimeoutExpired:
            self.daemon.kill()
            self.daemon.wait()
        self.output('tmux', '-u', '-N', '-S', f'{self.root}/tmux.sock', 'kill-server')
        self.api.end()


def play(fleet):
    """What went wrong; nothing when all is as it should be."""
    if not wait(lambda: fleet.session().get('phase') == 'idle', SECONDS['start']):
        return ['the agent did not come up']
    fleet.add_task()
    if not wait(lambda: judge.refusals(fleet.log, 'main'), SECONDS['wall']):
        return ['the agent did not meet the wall']
    if not wait(fleet.is_over, SECONDS['end']):
        return ['the task did not come to its end']
    wait(lambda: fleet.session().get('phase') == 'idle', SECONDS['idle'])  # the sign comes before the last words
    return judge.faults(fleet, MARK, TOOL_USE, ANSWER)


def evidence(fleet):
    with open(f'{fleet.root}/daemon.log', encoding='utf-8', errors='replace') as log:
        daemon = [line.rstrip() for line in log if '"level":"debug"' not in line][-60:]
    requests = [json.dumps(row) for row in judge.json_lines(fleet.log) if row['what'] != 'other'][-20:]
    return '\n'.join(['--- screen', fleet.screen().rstrip(), '--- status', json.dumps(fleet.status()),
                      '--- daemon', *daemon, '--- requests', *requests])


def main():
    version, agent, daemon, root = sys.argv[1:]
    raise_loopback()
    fleet = Fleet(agent, daemon, root)
    began = time.monotonic()
    fleet.start()
    try:
        wrong = play(fleet)
        if wrong:
            print(evidence(fleet))
        said = '; '.join(wrong) if wrong else judge.summary(fleet)
    finally:
        fleet.end()
    print(f'{version}: {"FAILED" if wrong else "passed"} in {time.monotonic() - began:.0f} s: {said}', flush=True)
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
