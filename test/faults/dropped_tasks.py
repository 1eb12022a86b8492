"""A world into whose queue tasks are dropped, and what became of each: where it lies, whether it is as it was dropped, and
how often an agent began it with exactly its prompt."""
import collections
import json
import os
import re
import time

from queue_faults import QueueWorld
from world import wait

PLACES = ('pending', 'claimed', 'done', 'failed', 'held')
Lies = collections.namedtuple('Lies', 'place name')


class DroppedTasks(QueueWorld):
    def __init__(self, bin_dir):
        self.dropped = {}  # what stands in the tasks, by their titles
        super().__init__(bin_dir)
        os.mkdir(f'{self.root}/staging')

    def drop(self, title, content=None, name=None, queue=None):
        """As a writer of tasks does: whole, some time ago, into its place by rename. The moment of that."""
        content = f'Work on {title}.\n'.encode() if content is None else content
        self.dropped[title] = content
        written = f'{self.root}/staging/task'
        with open(written, 'wb') as file:
            file.write(content)
        os.utime(written, (time.time() - 60,) * 2)
        os.rename(written, f'{queue or self.queue()}/pending/{name or title}')
        return time.monotonic()

    def queue(self):
        return f'{self.root}/queue'

    def files_of(self, title):
        return [Lies(place, name) for place, name in self.lies_in(title) if '.failover-' not in name]

    def content(self, lies):
        with open(f'{self.queue()}/{lies.place}/{lies.name}', 'rb') as file:
            return file.read()

    def prompts(self, title):
        """(so often it was begun, so often with exactly the prompt that it must be)"""
        head = f'Read the file {self.queue()}/claimed/{title}.'
        texts = [event['text'] for event in self.agent_events('prompt') if event['text'].startswith(head)]
        exact = 0
        for text in texts:
            ids = re.match(r'([0-9A-Za-z_-]{1,64})\.([0-9A-Z]{26}) ', text[len(head):])
            exact += bool(ids) and text == self.prompt(title, *ids.groups())
        return len(texts), exact

    def prompt(self, title, task, claim):
        sign = f'{self.queue()}/signals/{task}.{claim}'
        return (f'Read the file {self.queue()}/claimed/{title}.{task}.{claim} and carry out the task in it. When all of it '
                f'is finished, create the empty file {sign}.done - or {sign}.failed with the reason in it if it cannot be '
                'done.')

    def why_not(self, title, place):
        """What is wrong with this task, which should lie in the place; empty when nothing is."""
        files = self.files_of(title)
        if [lies.place for lies in files] != [place]:
            return f'lies in {files or "no place"}, not in {place}'
        begun, exact = self.prompts(title)
        ended = place in ('done', 'held')
        if begun != exact or begun > 1 or (place == 'done' and not begun) or (not ended and begun):
            return f'was begun {begun} times, {exact} times with its prompt'
        if place == 'done' and self.content(files[0]) != self.dropped[title]:
            return 'is not as it was dropped'
        result = self.result(*files[0])
        if place in ('done', 'failed', 'held') and (result.get('state') != place or not result.get('reason')):
            return f'has the result {result}'
        return ''

    def ends_in(self, title, place, seconds):
        """As why_not(), as soon as nothing is wrong."""
        wait(lambda: not self.why_not(title, place), seconds)
        return self.why_not(title, place)

    def broken_lines(self):
        """Lines of the daemon's log and journal that are no JSON in UTF-8; the last of a file may be half-written."""
        found = []
        for name in ('daemon.log', 'state/events.jsonl'):
            try:
                with open(f'{self.root}/{name}', 'rb') as file:
                    lines = file.read().split(b'\n')[:-1]
            except OSError:
                continue
            found += [line for line in lines if not is_json(line)]
        return found


def is_json(line):
    try:
        return isinstance(json.loads(line.decode()), dict)
    except ValueError:
        return False
