"""A small fleet of its own in a temporary folder: two accounts, the switch link, a queue, a private tmux server, the fake
agent, and the real program as the daemon. The first account has no turn left; the second has plenty."""
import contextlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'support'))
from json_lines import json_lines  # noqa: E402

SESSIONS = 2


def wait(condition, seconds):
    """What the condition gave as soon as it was something, else its last answer."""
    end = time.monotonic() + seconds
    while True:
        got = condition()
        if got or time.monotonic() >= end:
            return got
        time.sleep(0.02)


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__('localhost', timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def is_running(pid):
    try:
        with open(f'/proc/{pid}/stat', encoding='utf-8', errors='replace') as file:
            return file.read().rpartition(')')[2].split()[0] != 'Z'
    except (OSError, IndexError):
        return False


class World:
    SCRIPT = {'turn_seconds': 0.4, 'turns': []}  # what its agents do

    def __init__(self, bin_dir, mode):
        self.bin, self.mode = os.path.abspath(bin_dir), mode
        self.root = tempfile.mkdtemp(prefix='cf-faults-')
        self.link, self.state = f'{self.root}/claude', f'{self.root}/state'
        self.daemon = None
        for folder in ('work', 'projects'):
            os.mkdir(f'{self.root}/{folder}')
        for name, turns in (('main', 0), ('spare', 1000)):
            place = self.account(name)
            os.makedirs(place)
            os.symlink(f'{self.root}/projects', f'{place}/projects')  # as `accounts share-history` leaves it
            self.write(f'accounts/{name}/.credentials.json', '{}\n')
            self.write(f'accounts/{name}/fake-account.json', json.dumps(
                {'name': name, 'limit': turns, 'used': 0, 'window': 'five_hour', 'resets_in': 3600}))
        os.symlink(self.account('main'), self.link)
        self.write('script.json', json.dumps(self.SCRIPT))
        self.write('config.yaml', self.configuration())

    def account(self, name):
        return f'{self.root}/accounts/{name}'

    def write(self, name, text):
        with open(f'{self.root}/{name}', 'w', encoding='utf-8') as file:
            file.write(text)

    def configuration(self):
        return f'''accounts:
  - {{name: main, config_dir: {self.account("main")}}}
  - {{name: spare, config_dir: {self.account("spare")}}}
tmux: {{socket: {self.root}/tmux.sock, start_server: true, sweep: 1s}}
sessions:
  command: [{self.bin}/fake-agent]
  pool: {{size: {SESSIONS}, prefix: pool-, workdir: {self.root}/work}}
quota: {{poll_interval: 500ms, settle: 1s, reactivate_cooldown: 1s}}
switch: {{mode: {self.mode}, link: {self.link}, recovery_deadline: 6s}}
watcher: {{quiet: 5s}}
dispatcher: {{queue: {self.root}/queue, rescan: 1s}}
http: {{listen: ""}}
state: {{dir: {self.state}, runtime: {self.root}/run}}
log: {{format: json}}
'''

    def environment(self):
        leads_out = ('TMUX', 'TMUX_PANE', 'CLAUDE_CONFIG_DIR', 'NOTIFY_SOCKET')
        kept = {name: value for name, value in os.environ.items()
                if name not in leads_out and not name.startswith('XDG_') and not name.endswith('_DIRECTORY')}
        return dict(kept, HOME=self.root, FAKE_AGENT_SCRIPT=f'{self.root}/script.json',
                    FAKE_AGENT_LOG=f'{self.root}/agent.log')

    def start_daemon(self):
        with open(f'{self.root}/daemon.log', 'ab') as log:
            self.daemon = subprocess.Popen([f'{self.bin}/claude-failover', 'run', '--config',
                                            f'{self.root}/config.yaml'], stdin=subprocess.DEVNULL, stdout=log,
                                           stderr=log, env=self.environment())

    def daemon_runs(self):
        return self.daemon is not None and self.daemon.poll() is None

    def end_daemon(self, number):
        """Its exit code, negative when a signal ended it."""
        if self.daemon is None:
            return 0
        if self.daemon.poll() is None:
            self.daemon.send_signal(number)
        try:
            return self.daemon.wait(20)
        except subprocess.TimeoutExpired:
            self.daemon.kill()
            return self.daemon.wait()

    def command(self, *words):
        return subprocess.run([f'{self.bin}/claude-failover', *words, '--config', f'{self.root}/config.yaml'],
                              capture_output=True, text=True, errors='replace', check=False, env=self.environment(),
                              stdin=subprocess.DEVNULL)

    def status(self):
        """What /status answers, nothing while no daemon answers."""
        connection = UnixConnection(f'{self.root}/run/control.sock', 2)
        try:
            connection.request('GET', '/status', headers={'Accept': 'application/json'})
            reply = connection.getresponse()
            return json.loads(reply.read()) if reply.status == 200 else None
        except (OSError, ValueError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def phases(self):
        status = self.status() or {}
        return sorted(session.get('phase') for session in status.get('sessions', []))

    def add_task(self, name):
        """As a writer of tasks does: whole, then into its place by rename."""
        place = f'{self.root}/queue'
        with open(f'{place}/tmp/{name}', 'w', encoding='utf-8') as file:
            file.write(f'Work on {name}.\n')
        os.rename(f'{place}/tmp/{name}', f'{place}/pending/{name}')

    def tasks(self, place):
        try:
            return [name for name in os.listdir(f'{self.root}/queue/{place}') if not name.endswith('.result.json')]
        except OSError:
            return []

    def agent_events(self, kind):
        return [line for line in json_lines(f'{self.root}/agent.log') if line.get('event') == kind]

    def daemon_log(self):
        return json_lines(f'{self.root}/daemon.log')

    def told(self):
        """The end of the daemon's log and what the agents noted, indented."""
        with open(f'{self.root}/daemon.log', encoding='utf-8', errors='replace') as log:
            text = ''.join(f'    {line}' for line in log.readlines()[-60:])
        events = self.agent_events('start') + self.agent_events('prompt')
        return text + ''.join(f'    {event}\n' for event in events)

    def linked(self):
        return os.path.basename(os.readlink(self.link))

    def saved_state(self):
        """The body of state.json; an exception when it is no whole JSON."""
        with open(f'{self.state}/state.json', encoding='utf-8') as file:
            return json.load(file)['body']

    def stop_at_the_wall(self):
        """Both sessions stand at their wall, and the daemon has nowhere to go until `spare` is enabled."""
        self.start_daemon()
        if not wait(lambda: self.phases() == ['idle'] * SESSIONS, 30):
            raise RuntimeError('the sessions did not come up')
        self.command('account', 'disable', 'spare')
        # Both tasks go out in one step: behind a wall that the first one met the second would wait.
        self.command('brake', 'on')
        for number in range(SESSIONS):
            self.add_task(f'task-{number}.md')
        if not wait(lambda: (self.status() or {}).get('queue', {}).get('counts', {}).get('pending') == SESSIONS, 30):
            raise RuntimeError('the daemon did not see its tasks')
        self.command('brake', 'off')
        if not wait(lambda: self.phases() == ['blocked(quota)'] * SESSIONS, 30):
            raise RuntimeError(f'the sessions did not meet their wall: {self.phases()}')

    def tmux(self, *words):
        return subprocess.run(['tmux', '-u', '-N', '-S', f'{self.root}/tmux.sock', *words], capture_output=True,
                              text=True, errors='replace', check=False).stdout

    def lost_servers(self):
        """tmux servers of this world that still run: one that ends may take the socket of the next one with it."""
        found = []
        for name in filter(str.isdigit, os.listdir('/proc')):
            with contextlib.suppress(OSError), open(f'/proc/{name}/cmdline', 'rb') as file:
                words = file.read().decode(errors='replace').split('\0')
                if words[0].startswith('tmux') and f'{self.root}/tmux.sock' in words:
                    found.append(int(name))
        return found

    def remove(self):
        self.end_daemon(signal.SIGKILL)
        agents = [int(pid) for pid in self.tmux('list-panes', '-a', '-F', '#{pane_pid}').split()]
        self.tmux('kill-server')
        for pid in self.lost_servers():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        # An agent that is just ending writes its log, and would make the folder anew.
        wait(lambda: not any(is_running(pid) for pid in agents), 5)
        shutil.rmtree(self.root, ignore_errors=True)
        wait(lambda: not os.path.exists(self.root) or shutil.rmtree(self.root, ignore_errors=True), 2)
