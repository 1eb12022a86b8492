"""The queue of a world as its writer and its reader see it: files that are put in, and where they lie with what result."""
import json
import os
import time

ENDED = ('done', 'failed', 'held')
PLACES = ('pending', 'claimed') + ENDED
RESULT = '.result.json'


class QueueFiles:
    def __init__(self, path):
        self.path = path

    def put(self, title, text, keys=''):
        """Whole, then into its place by rename; written some time before, so that it need not settle. `keys`: lines of
        its front matter."""
        written = f'{self.path}/tmp/{title}'
        with open(written, 'w', encoding='utf-8') as file:
            file.write(f'---\n{keys}---\n{text}' if keys else text)
        os.utime(written, (time.time() - 60,) * 2)
        os.rename(written, f'{self.path}/pending/{title}')

    def names(self, place):
        try:
            return os.listdir(f'{self.path}/{place}')
        except OSError:
            return []

    def lies_in(self, title):
        """Place and name of each file that is this task."""
        return [(place, name) for place in PLACES for name in self.names(place)
                if (name == title or name.startswith(title + '.')) and not name.endswith(RESULT)]

    def results(self):
        """Of each ended task by its title; of one that ended more than once the count is in `files`."""
        found = {}
        for place in ENDED:
            for name in self.names(place):
                if name.endswith(RESULT):
                    with open(f'{self.path}/{place}/{name}', encoding='utf-8') as file:
                        result = json.load(file)
                    files = found.get(result['title'], {}).get('files', 0) + 1
                    found[result['title']] = dict(result, place=place, files=files)
        return found
