"""One fault of the queue's directories in a world of its own: what is dropped, found and said."""
import contextlib
import os
import signal
import time

from dropped_tasks import DroppedTasks
from world import wait

PATIENCE = 60  # with a slow machine
PLACES = ('tmp', 'pending', 'claimed', 'done', 'failed', 'held', 'signals')
LATE = 3  # seconds for which a fault goes on
MOST_TRIES = 10  # of claims meanwhile: something else may hint at a scan


class Places(DroppedTasks):
    SCRIPT = {'turn_seconds': 0.4, 'turns': [{'match': 'slow', 'do': 'answer', 'seconds': 5}]}

    def configuration(self):
        return super().configuration().replace('rescan: 1s, ', '')  # the daemon's own

    def place(self, name=''):
        return os.path.join(self.queue(), name)

    def make(self, *names):
        for name in names:
            os.makedirs(self.place(name), 0o700)

    def set_mode(self, mode, *names):
        for name in names:
            os.chmod(self.place(name), mode)


class Case:
    """One fault in a world, and what was seen of it."""

    def __init__(self, name):
        self.name, self.world = name, None
        self.fault, self.found, self.told, self.ends = '', {}, [], {}
        self.since = 0.0

    @staticmethod
    def expect(holds, text):
        if not holds:
            raise RuntimeError(text)

    # --- tasks ---

    def drop(self, *titles, queue=None):
        for title in titles:
            self.ends[title] = 'done'
            self.world.drop(title, queue=queue)

    def not_begun(self, titles):
        return [title for title in titles if not self.world.prompts(title)[0]]

    def drop_and_begin(self, *titles):
        self.drop(*titles)
        self.expect(wait(lambda: not self.not_begun(titles), PATIENCE), f'{titles} are not begun before the fault')

    def drop_and_end(self, title):
        self.drop(title)
        self.expect(not self.world.ends_in(title, 'done', PATIENCE), f'{title} is not done before the fault')

    def is_over(self):
        self.since = time.monotonic()

    def finds(self, when, *titles):
        """All are begun; the last of them so many seconds after the fault was over."""
        begun = wait(lambda: not self.not_begun(titles), PATIENCE)
        self.expect(begun, f'not begun in {PATIENCE} s: {self.not_begun(titles)}')
        self.found[when] = time.monotonic() - self.since

    def find_one_more(self):
        """The fault is forgotten: what is dropped now is seen as it comes."""
        self.is_over()
        self.drop('after.md')
        self.finds('after', 'after.md')

    # --- what the daemon says ---

    def says(self, message, detail):
        def line():
            return next((f'{one["msg"]}: {one["detail"]}' for one in self.world.daemon_log()
                         if one['msg'] == message and detail in one.get('detail', '')), '')

        told = wait(line, PATIENCE)
        self.expect(told, f'the log does not say "{message}" with "{detail}"')
        self.told.append(told.replace(f'{self.world.root}/', ''))

    def says_unreadable(self, detail):
        self.says('cannot read the queue', detail)
        self.expect(self.readable_is(False), '/status shows a queue that can be read')

    def sees_waiting(self):
        counts = wait(lambda: self.world.status()['queue']['counts']['pending'] == 1, PATIENCE)
        self.expect(counts, 'the daemon does not count the task that waits')

    def bears_it(self):
        """The fault goes on for a while, and what cannot be done is not tried over and over."""
        time.sleep(LATE)
        tries = sum(one['msg'] == 'task not claimed' for one in self.world.daemon_log())
        self.told.append(f'{tries} claims failed in {LATE} s')
        self.expect(tries <= MOST_TRIES, f'{tries} claims were tried in {LATE} s')

    def readable_is(self, value):
        return wait(lambda: ((self.world.status() or {}).get('queue') or {}).get('readable') is value, PATIENCE)

    def judge(self):
        for title, place in self.ends.items():
            why = self.world.ends_in(title, place, PATIENCE)
            self.expect(not why, f'{title} {why}')
        self.expect(self.readable_is(True), '/status still shows a queue that cannot be read')
        self.expect(self.world.daemon_runs(), f'the daemon ended by itself: {self.world.daemon.poll()}')
        self.expect(not self.world.broken_lines(), f'lines that are no JSON: {self.world.broken_lines()[:3]}')


@contextlib.contextmanager
def stopped(pid):
    def state():
        with open(f'/proc/{pid}/stat', encoding='utf-8', errors='replace') as file:
            return file.read().rpartition(')')[2].split()[0]

    os.kill(pid, signal.SIGSTOP)
    try:
        wait(lambda: state() == 'T', 10)
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
