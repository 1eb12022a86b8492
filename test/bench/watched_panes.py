"""What most benches begin with: drawn panes in a private tmux server, and the real daemon that has adopted them."""
import argparse
import contextlib
import http.client
import json
import os
import pathlib
import signal
import sys
import threading
import time

for folder in ('support', 'faults'):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / folder))
from drawn_panes import AT_REST, AT_WORK, Panes  # noqa: E402
from json_lines import json_lines  # noqa: E402
from world import UnixConnection, World, is_running, wait  # noqa: E402

__all__ = ['AT_REST', 'AT_WORK', 'StatusWatch', 'WatchedPanes', 'arguments', 'ended_by_signals', 'is_running', 'wait']


def arguments(text):
    """What every bench understands."""
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('bin', help='where claude-failover and fake-agent are')
    parser.add_argument('--control-mode', choices=('true', 'false'), help='tmux.control_mode; else left out')
    parser.add_argument('--judge', action='store_true', help='exit 1 when a bar is missed')
    return parser


def ended_by_signals():
    """A bench that is told to end leaves nothing behind: its `finally` and `with` are heard."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))


class WatchedPanes(World):
    """`poll`: quota.poll_interval in seconds; `pool`: sessions of the daemon's own; `more`: lines of configuration."""

    def __init__(self, bin_dir, control_mode=None, poll=30, pool=0):
        self.control_mode, self.poll, self.pool = control_mode, poll, pool
        super().__init__(bin_dir, 'link')
        os.remove(f'{self.account("main")}/fake-account.json')
        self.panes = Panes(f'{self.root}/tmux.sock', self.environment())

    def configuration(self):
        transport = f', control_mode: {self.control_mode}' if self.control_mode else ''
        return f'''accounts:
  - {{name: main, config_dir: {self.account("main")}}}
  - {{name: spare, config_dir: {self.account("spare")}}}
tmux: {{socket: {self.root}/tmux.sock{transport}}}
sessions:
  adopt: ["bench-*"]
  command: [{self.bin}/fake-agent]
  pool: {{size: {self.pool}, prefix: pool-, workdir: {self.root}/work}}
quota: {{poll_interval: {self.poll}s}}
switch: {{link: {self.link}}}
dispatcher: {{queue: {self.root}/queue}}
http: {{listen: ""}}
state: {{dir: {self.state}, runtime: {self.root}/run}}
log: {{format: json}}
'''

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.panes.server:
            with contextlib.suppress(OSError):
                os.kill(self.panes.server, signal.SIGCONT)
        self.remove()
        if self.panes.server and not wait(lambda: not is_running(self.panes.server), 5):
            os.kill(self.panes.server, signal.SIGKILL)

    def seen(self):
        """How many of the drawn panes the daemon has read."""
        return sum(session['phase'] in (AT_REST, AT_WORK) for session in (self.status() or {}).get('sessions', [])
                   if session['name'] in self.panes.terminals)

    def start_watching(self, settle=3.0):
        """Returns when the daemon has read every pane and its start is over."""
        self.start_daemon()
        panes = len(self.panes.terminals)
        wait(lambda: self.seen() == panes or not self.daemon_runs(), 60 + panes / 5)
        if self.seen() != panes:
            raise SystemExit(f'the daemon has read {self.seen()} of {panes} panes\n{self.told()}')
        time.sleep(settle)

    def lines(self, name):
        return json_lines(f'{self.root}/{name}')

    def stop_watching(self):
        self.end_daemon(signal.SIGTERM)

    def slow_turns(self):
        """Turns of the loop over 100 ms, also those of earlier daemons of this world; 0 when it does not tell."""
        connection = UnixConnection(f'{self.root}/run/control.sock', 5)
        try:
            connection.request('GET', '/metrics')
            for line in connection.getresponse().read().decode().splitlines():
                if line.startswith('claude_failover_slow_loop_turns_total'):
                    return int(float(line.split()[-1]))
        except (OSError, ValueError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        return 0


class StatusWatch(threading.Thread):
    """Asks for /status every 5 ms over one connection. `latencies`: [(instant, seconds)]; `changes`: [(instant, name,
    phase)] of sessions and [(instant, 'tmux', up)] as they became visible, by the wall clock."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path, self.going = path, True
        self.latencies, self.changes, self.phases, self.failures = [], [], {}, 0
        self.body = b''

    def run(self):
        connection = UnixConnection(self.path, 10)
        while self.going:
            began = time.time()
            try:
                connection.request('GET', '/status', headers={'Accept': 'application/json'})
                body = connection.getresponse().read()
                self.latencies.append((began, time.time() - began))
                self.take(body)
            except (OSError, ValueError, http.client.HTTPException):
                self.failures += 1
                connection.close()  # the next request connects anew
            time.sleep(max(0.0, began + 0.005 - time.time()))
        connection.close()

    def take(self, body):
        if body == self.body:
            return
        at, self.body = time.time(), body
        status = json.loads(body)
        now = {session['name']: session['phase'] for session in status['sessions']}
        now['tmux'] = status['tmux']['up']
        self.changes += [(at, name, phase) for name, phase in now.items() if self.phases.get(name) != phase]
        self.phases = now

    def latencies_between(self, begin, end):
        return [seconds for at, seconds in list(self.latencies) if begin <= at < end]

    def first(self, name, phase, since):
        """When this was seen first, not before `since`; nothing while it was not."""
        return next((at for at, whose, what in list(self.changes) if at >= since and (whose, what) == (name, phase)),
                    None)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.going = False
        self.join()
