"""What happens on the day: the fleet, its accounts and agents, the tasks with the end that each must come to, and what a
person does meanwhile."""
import collections
import json
import os
import re
import time

from fleet import Fleet, wait
from task_files import QueueFiles

SESSIONS, TASKS = 8, 200
COOLDOWN, DWELL = 3, 10  # seconds
ACCOUNTS = {'main': ('five_hour', 45), 'spare': ('five_hour', 40), 'third': ('seven_day', 35)}
RESETS_IN = 50  # seconds; the daemon waits for a minute, for walls tell their end to the minute
QUOTE = "It says: You've hit your 5-hour limit · resets 3am (UTC). And: Claude usage limit reached. That is the log."

# In the words of a task's file, so that the agent does as planned.
TURNS = [
    {'match': 'kind: overload', 'do': 'error_529', 'seconds': 1, 'retries': 2, 'times': 1},
    {'match': 'kind: broken', 'do': 'error_500', 'seconds': 1, 'retries': 2},
    {'match': 'kind: slow', 'do': 'answer', 'seconds': 9},
    {'match': 'kind: hang', 'do': 'hang'},
    {'match': 'kind: quoting', 'do': 'answer', 'seconds': 0.8, 'text': QUOTE},
]
# What an agent's hook may do: a task of this kind cannot be done.
HOOK = r'''id=$(sed -n 's/.*claimed\/refuse-[0-9]*\.md\.\([0-9A-Za-z_-]*\)\..*/\1/p')
[ -z "$id" ] || exec {program} queue fail "$id" --reason 'the ground is too soft' --config {config}
'''

Task = collections.namedtuple('Task', 'title text keys place reason begun attempts session after not_before late')


def task(title, text='', place='done', reason='signal', begun=1, refunded=0, session='', after=(), not_before=0.0, late=False, **keys):
    """One with its end, and how often it is begun, and how many of these do not count; `keys`: more of its front matter."""
    kind = re.sub(r'-\d+\.md$', '', title)
    if session:
        keys['session'] = session
    if after:
        keys['after'] = f'[{", ".join(after)}]'
    if not_before:
        keys['not_before'] = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(not_before))
    return Task(title, text or f'Build {title}.\nkind: {kind}\n', keys, place, reason, begun, begun - refunded, session,
                tuple(after), float(int(not_before)), late)


def exceptional():
    """They come first, so that no wall meets them: behind one an agent goes on with another turn."""
    found = [task(f'overload-{n}.md', begun=2, refunded=1, session=f'pool-{n}', priority=100) for n in range(1, 5)]
    found += [task(f'broken-{n}.md', place='held', reason='server_error, and it may not be tried again',
                   session=f'pool-{n + 4}', retries=0, priority=100) for n in range(1, 3)]
    found += [task(f'slow-{n}.md', place='held', reason='timeout after', timeout='3s', priority=90) for n in range(1, 4)]
    found += [task(f'hang-{n}.md', place='held', reason='timeout after', session=f'pool-{n + 6}', timeout='4s',
                   priority=100) for n in range(1, 3)]
    found += [task(f'refuse-{n}.md', place='failed', reason='the ground is too soft, attempt 1 of 1', retries=0,
                   priority=80) for n in range(1, 3)]
    found += [task(f'refuse-{n}.md', place='failed', reason='the ground is too soft, attempt 2 of 2', begun=2, retries=1,
                   priority=80) for n in range(3, 5)]
    found += [task(f'malformed-{n}.md', place='failed', reason='unknown key', begun=0, colour='blue') for n in range(1, 3)]
    return found


def planned(chance):
    found = exceptional()
    found += [task(f'quoting-{n}.md', text=f'kind: quoting\n{QUOTE}\n', priority=chance.randint(-5, 5))
              for n in range(1, 11)]
    found += [task(f'named-{n}.md', session=f'pool-{chance.randint(1, SESSIONS)}') for n in range(1, 13)]
    found += [task(f'later-{n}.md', not_before=time.time() + chance.uniform(10, 60)) for n in range(1, 11)]
    chains = [task(f'chain-{n}.md', id=f'chain-{n}', after=[f'chain-{n - 1}'] if n % 4 != 1 else [],
                   priority=chance.randint(0, 5)) for n in range(1, 21)]
    joined = [task(f'joined-{n}.md', after=[f'chain-{m}' for m in chance.sample(range(1, 21), 3)]) for n in range(1, 5)]
    found += chains + joined
    rest = TASKS - len(found)
    return found + [task(f'plain-{n}.md', late=2 * n > rest, priority=chance.randint(-5, 5),
                         timeout=f'{chance.randint(30, 90)}s') for n in range(rest)]


class DayWorld(Fleet):
    def __init__(self, bin_dir):
        super().__init__(bin_dir, {})
        os.mkdir(self.account('third'))
        os.symlink(f'{self.root}/projects', f'{self.account("third")}/projects')
        self.write('accounts/third/.credentials.json', '{}\n')
        self.write('script.json', json.dumps({'turn_seconds': 0.8, 'turns': TURNS}))
        self.write('hook.sh', HOOK.format(program=f'{self.bin}/claude-failover', config=f'{self.root}/config.yaml'))
        hooks = {'UserPromptSubmit': [{'hooks': [{'type': 'command', 'command': f'sh {self.root}/hook.sh'}]}]}
        for name, (window, limit) in ACCOUNTS.items():
            self.write(f'accounts/{name}/settings.json', json.dumps({'hooks': hooks}))
            self.write(f'accounts/{name}/fake-account.json', json.dumps(
                {'name': name, 'limit': limit, 'used': 0, 'window': window, 'resets_in': RESETS_IN}))
        self.queue = QueueFiles(f'{self.root}/queue')
        self.server = 0
        self.freed = self.tried_again = 0
        self.seen = set()

    def configuration(self):
        accounts = ''.join(f'  - {{name: {name}, config_dir: {self.account(name)}}}\n' for name in ACCOUNTS)
        return f'''accounts:
{accounts}tmux: {{socket: {self.root}/tmux.sock, start_server: true, sweep: 1s}}
sessions:
  command: [{self.bin}/fake-agent]
  pool: {{size: {SESSIONS}, prefix: pool-, workdir: {self.root}/work}}
quota: {{poll_interval: 500ms, settle: 1s, reactivate_cooldown: {COOLDOWN}s}}
switch: {{mode: link, link: {self.link}, recovery_deadline: 10s, dwell: {DWELL}s, max_per_hour: 60, max_per_day: 100}}
watcher: {{quiet: 3s, timeout: 5m, on_timeout: hold}}
dispatcher: {{queue: {self.root}/queue, rescan: 2s}}
http: {{listen: ""}}
state: {{dir: {self.state}, runtime: {self.root}/run}}
log: {{format: json}}
'''

    def begin(self):
        self.start_daemon()
        if not wait(lambda: self.phases() == ['idle'] * SESSIONS, 40):
            raise RuntimeError(f'the sessions did not come up: {self.phases()}')
        self.server = self.server_pid()

    def server_pid(self):
        return int(self.tmux('display-message', '-p', '#{pid}'))

    def put(self, tasks):
        for one in tasks:
            self.queue.put(one.title, one.text, ''.join(f'{key}: {value}\n' for key, value in one.keys.items()))

    def begun(self, title):
        return sum(f'/claimed/{title}.' in event['text'] for event in self.agent_events('prompt'))

    # --- the person ---

    def be_the_person(self):
        """Frees each session that a held task left in the middle of something, once."""
        for title, result in self.queue.results().items():
            key = (title, result['ended_at'])
            if result['place'] != 'held' or key in self.seen:
                continue
            self.seen.add(key)
            if title.startswith('hang-'):
                self.press(result['session'], 'Escape')
                self.empty_box(result['session'])
                self.freed += 1
            elif 'its prompt was' in result['reason'] and not self.begun(title):
                if 'unsent in the session' in result['reason']:
                    self.empty_box(result['session'])
                self.command('queue', 'retry', result['id'])
                self.tried_again += 1

    def empty_box(self, name):
        """The agent puts the prompt of an interrupted turn back into its box."""
        wait(lambda: '/claimed/' in self.screen(name).replace('\n', ''), 5)
        self.press(name, 'C-u')
