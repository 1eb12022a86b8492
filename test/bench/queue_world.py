"""What the queue's benches stand on: idle sessions of the pool with agents whose turns are short, and the real daemon."""
import json
import os
import sys
import time

from watched_panes import World, wait

PLACES = ('pending', 'claimed', 'done', 'failed', 'held')
RESULT = '.result.json'


class QueueWorld(World):
    """`sessions` of the pool; a turn takes `turn` seconds. Every other key has its default, but for the paths."""

    def __init__(self, bin_dir, sessions, turn):
        self.sessions = sessions
        super().__init__(bin_dir, 'link')
        self.write('accounts/main/fake-account.json', json.dumps({'name': 'main'}))
        self.write('script.json', json.dumps({'turn_seconds': turn, 'turns': []}))

    def configuration(self):
        return f'''accounts:
  - {{name: main, config_dir: {self.account("main")}}}
  - {{name: spare, config_dir: {self.account("spare")}}}
tmux: {{socket: {self.root}/tmux.sock, start_server: true}}
sessions:
  command: [{self.bin}/fake-agent]
  pool: {{size: {self.sessions}, prefix: pool-, workdir: {self.root}/work}}
switch: {{link: {self.link}}}
dispatcher: {{queue: {self.root}/queue}}
http: {{listen: ""}}
state: {{dir: {self.state}, runtime: {self.root}/run}}
log: {{format: json}}
'''

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()

    def start(self):
        """Returns when every session is free."""
        self.start_daemon()
        if not wait(self.is_free, 60):
            die(self, f'the sessions did not come up: {self.phases()}')

    def is_free(self):
        """No task is on its way and every session shows its prompt."""
        status = self.status()
        if not status or status['queue']['in_flight'] or not status['queue']['counts']:
            return False
        counts = status['queue']['counts']
        return counts['pending'] + counts['claimed'] == 0 and self.phases() == ['idle'] * self.sessions

    def control_socket(self):
        return os.path.join(self.root, 'run', 'control.sock')

    def place(self, name):
        return os.path.join(self.root, 'queue', name)

    def write_task(self, title):
        """In tmp/, as `queue add` does: its time is set back, so that the rename is seen to be later than the writing."""
        path = f'{self.place("tmp")}/{title}'
        with open(path, 'w', encoding='utf-8') as file:
            file.write(f'Work on {title}.\n')
        os.utime(path, (time.time() - 0.02,) * 2)

    def move_in(self, title):
        os.rename(f'{self.place("tmp")}/{title}', f'{self.place("pending")}/{title}')

    def whereabouts(self):
        """{title: [places in which a file of that title lies]}"""
        found = {}
        for place in PLACES:
            for name in os.listdir(self.place(place)):
                if not name.endswith(RESULT):
                    found.setdefault(title_of(name), []).append(place)
        return found


def title_of(name):
    """The author's name in a name of claimed/, done/, failed/ or held/."""
    title, end, _ = name.partition('.md')
    return title + end


def die(world, text):
    """Ends the bench with this and the end of the daemon's log."""
    sys.exit('\n'.join([text, *(f'    {line}'[:300] for line in world.daemon_log()[-30:])]))
