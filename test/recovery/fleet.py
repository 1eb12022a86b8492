"""A fleet at its wall: sessions with an agent of one version each, two accounts, a private tmux server, the real daemon.

The first account has no turn left and the second is disabled, so whoever is given a prompt stops at the wall and stays
there until `fail_over()` lets the daemon go on. A person types into panes through tmux as everybody else."""
import collections
import json
import os
import pathlib
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'faults'))
from world import World, is_running, wait  # noqa: E402

__all__ = ['JUDGED', 'Fleet', 'is_running', 'leave', 'wait']

CONTINUE = 'continue'
STOPPED = ('blocked(quota)', 'blocked(auth)', 'recovering')
OPEN = []  # fleets that are not removed yet
LEAVING = threading.Event()
JUDGED = threading.local()  # .faults: what was found wrong with this thread's fleet


def leave(*_):
    """For SIGTERM: ends at once, whatever other threads do, and leaves no fleet behind."""
    LEAVING.set()
    for fleet in list(OPEN):
        fleet.remove()
    os._exit(143)


class Fleet(World):
    """`scripts`: what the agent of each dedicated session does, by the session's name. `adopt`: sessions of a person's own.
    `wall`: window and length of the first account's limit. `switch`: more keys of that part of the configuration."""

    def __init__(self, bin_dir, scripts, wall=('five_hour', 3600), adopt='', switch=''):
        if LEAVING.is_set():
            raise RuntimeError('ended by a signal')
        self.scripts, self.adopt, self.switch = scripts, adopt, switch
        super().__init__(bin_dir, 'link')
        OPEN.append(self)
        self.write('accounts/main/fake-account.json', json.dumps(
            {'name': 'main', 'limit': 0, 'used': 0, 'window': wall[0], 'resets_in': wall[1]}))
        for name, script in scripts.items():
            self.write(f'{name}.json', json.dumps(dict({'turn_seconds': 1.2}, **script)))
            os.mkdir(f'{self.place(name)}')

    def configuration(self):
        dedicated = ''.join(
            f'    - {{name: {name}, workdir: {self.place(name)}, command: [env, '
            f'FAKE_AGENT_SCRIPT={self.root}/{name}.json, {self.bin}/fake-agent, --permission-mode, default]}}\n'
            for name in self.scripts)
        return f'''accounts:
  - {{name: main, config_dir: {self.account("main")}}}
  - {{name: spare, config_dir: {self.account("spare")}}}
tmux: {{socket: {self.root}/tmux.sock, start_server: true, sweep: 1s}}
sessions:
  command: [{self.bin}/fake-agent]
  adopt: [{self.adopt}]
  pool: {{size: 0, prefix: pool-, workdir: {self.root}/work}}
  dedicated:
{dedicated or "    []"}
quota: {{poll_interval: 500ms, settle: 1s, reactivate_cooldown: 1s}}
switch: {{mode: link, link: {self.link}, recovery_deadline: 6s{self.switch}}}
dispatcher: {{queue: {self.root}/queue, rescan: 1s}}
http: {{listen: ""}}
state: {{dir: {self.state}, runtime: {self.root}/run}}
log: {{format: json}}
'''

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, kind, error, trace):
        if kind or getattr(JUDGED, 'faults', []) or os.environ.get('RECOVERY_SHOW'):
            print(self.told(), flush=True)
        self.remove()
        OPEN.remove(self)

    def set_limit(self, turns):
        """So many turns the first account has left."""
        path = f'{self.account("main")}/fake-account.json'
        with open(path, encoding='utf-8') as file:
            account = json.load(file)
        self.write('accounts/main/fake-account.json', json.dumps(dict(account, limit=turns)))

    def trust(self, account, name):
        projects = {f'{self.place(name)}': {'hasTrustDialogAccepted': True}}
        self.write(f'accounts/{account}/.claude.json', json.dumps({'projects': projects}))

    def place(self, name):
        """The directory in which the session's agent works."""
        return os.path.join(self.root, 'work', name)

    # --- the daemon ---

    def session(self, name):
        status = self.status() or {}
        return next((one for one in status.get('sessions', []) if one['name'] == name), {})

    def phase(self, name):
        return self.session(name).get('phase', '')

    def reaches(self, name, phases, seconds=30):
        if wait(lambda: self.phase(name) in phases, seconds):
            return
        raise RuntimeError(f'{name} is {self.phase(name)} instead of {" or ".join(phases)}')

    def start_daemon(self):
        if LEAVING.is_set():
            raise RuntimeError('ended by a signal')
        super().start_daemon()

    def start(self):
        """Every dedicated session shows its prompt, and the daemon has nowhere to go."""
        self.start_daemon()
        if not wait(lambda: self.status() is not None, 20):
            raise RuntimeError('the daemon does not answer')
        self.command('account', 'disable', 'spare')

    def fail_over(self):
        self.command('account', 'enable', 'spare')

    def recovered(self, name):
        """How it was brought back, and in what time by the daemon's count; empty when it was not."""
        for line in self.daemon_log():
            if line.get('msg') == 'session recovered' and line.get('session') == name:
                return line['by']
        return ''

    # --- a person at the keyboard ---

    def type(self, name, text, enter=True):
        """Types, waits until the screen shows it, presses Enter."""
        self.tmux('send-keys', '-t', f'={name}:', '-l', text)
        if not wait(lambda: text in self.screen(name), 10):
            raise RuntimeError(f'{name} does not show "{text}":\n{self.screen(name)}')
        if enter:
            time.sleep(0.1)
            self.press(name, 'Enter')

    def press(self, name, key):
        self.tmux('send-keys', '-t', f'={name}:', key)

    def screen(self, name):
        return self.tmux('capture-pane', '-p', '-J', '-t', f'={name}:')

    # --- a session of a person's own: a shell that notes each command, and an agent in it ---

    def start_shell(self, name, version):
        os.mkdir(f'{self.place(name)}')
        self.write(f'{name}.json', json.dumps({'turn_seconds': 1.2, 'version': version}))
        self.write(f'{name}.rc', f"PS1='❯ '\ntrap 'echo \"$BASH_COMMAND\" >>{self.root}/{name}.commands' DEBUG\n")
        self.tmux_server('new-session', '-d', '-x', '120', '-y', '40', '-s', name, '-c', f'{self.place(name)}',
                         f'bash --rcfile {self.root}/{name}.rc -i')
        wait(lambda: '❯' in self.screen(name), 10)
        self.run_agent(name)

    def run_agent(self, name):
        """The person runs the agent in his shell."""
        self.type(name, f'FAKE_AGENT_SCRIPT={self.root}/{name}.json CLAUDE_CONFIG_DIR={self.link} {self.bin}/fake-agent')

    def tmux_server(self, *words):
        """As tmux(), and starts a server where there is none."""
        subprocess.run(['tmux', '-u', '-f', '/dev/null', '-S', f'{self.root}/tmux.sock', *words], check=True,
                       env=self.environment(), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def tmux_starts(self, *words):
        """As tmux_server(), and whether it went well."""
        try:
            self.tmux_server(*words)
        except subprocess.CalledProcessError:
            return False
        return True

    def commands_of_shell(self, name):
        try:
            with open(f'{self.root}/{name}.commands', encoding='utf-8') as file:
                return file.read().splitlines()
        except OSError:
            return []

    @staticmethod
    def child_of(pid):
        with open(f'/proc/{pid}/task/{pid}/children', encoding='ascii') as file:
            return int(file.read().split()[0])

    # --- what the agents noted ---

    def events_of(self, name, *kinds):
        """A session's agents are known by the prompt that only it was given, so by their conversations."""
        ids = self.conversations(name)
        return [line for line in self.events() if line['session_id'] in ids and line['event'] in kinds]

    def events(self):
        return sorted((line for line in self.all_events()), key=lambda line: line['t'])

    def all_events(self):
        kinds = ('start', 'prompt', 'queued', 'auto_continue', 'done', 'wall', 'interrupt', 'menu', 'menu_pick', 'swallowed',
                 'permission_enter', 'permission_refused', 'trust_enter', 'escape', 'lost_enter', 'die', 'exit', 'error')
        return [line for kind in kinds for line in self.agent_events(kind)]

    def project(self, name):
        slug = ''.join(char if char.isascii() and char.isalnum() else '-' for char in f'{self.place(name)}')
        return f'{self.root}/projects/{slug}'

    def conversations(self, name):
        """Every conversation that was ever begun in the session's directory, also in an old one's stead."""
        try:
            return {file[:-6] for file in os.listdir(self.project(name)) if file.endswith('.jsonl')}
        except OSError:
            return set()

    def lose_conversations(self, name):
        """Removes the transcripts, as an agent's own cleaning does; which conversations they were. An agent whose turn
        ended writes the last row after its hooks have run, and would make the file anew."""
        wait(lambda: self.turn_is_written(name), 10)
        lost = self.conversations(name)
        for folder, _, files in os.walk(self.root):
            for file in files:
                if file[:-6] in lost and file.endswith('.jsonl'):
                    os.remove(os.path.join(folder, file))
        return lost

    def turn_is_written(self, name):
        for conversation in self.conversations(name):
            with open(f'{self.project(name)}/{conversation}.jsonl', encoding='utf-8') as file:
                if json.loads(file.read().splitlines()[-1])['type'] != 'last-prompt':
                    return False
        return True

    def briefing(self, conversation):
        """Text and mode of what a conversation was begun with."""
        for folder, _, files in os.walk(self.root):
            if f'{conversation}.md' in files:
                path = os.path.join(folder, f'{conversation}.md')
                with open(path, encoding='utf-8') as file:
                    return file.read(), os.stat(path).st_mode & 0o777
        return '', 0

    def continued(self, name):
        """So often the agents of this session were told to continue."""
        return sum(event['text'].strip() == CONTINUE for event in self.events_of(name, 'prompt', 'queued'))

    def counts(self):
        return collections.Counter(event['event'] for event in self.all_events())
