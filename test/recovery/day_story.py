"""The story of a day, from nothing but the daemon's JSON log and the results beside the tasks."""
import collections
import statistics
from datetime import datetime

FREED = 'account available again'


def seconds_of(text):
    return datetime.fromisoformat(text.replace('Z', '+00:00')).timestamp()


def median_and_most(values):
    return f'median {statistics.median(values):.1f} s, most {max(values):.1f} s' if values else 'none'


class Story:
    def __init__(self, log, results):
        self.log = [line for line in log if 'time' in line and 'msg' in line]
        self.results = results
        self.began = seconds_of(self.log[0]['time'])

    def lines(self, message):
        return [line for line in self.log if line['msg'] == message]

    @staticmethod
    def at(line):
        return seconds_of(line['time'])

    # --- figures ---

    def starts(self):
        return len(self.lines('starting'))

    def swaps(self):
        """Each that was made: (when it was decided, when the account was changed, from, to)."""
        decided = {line['swap']: self.at(line) for line in reversed(self.lines('swap planned'))}
        return [(decided[line['swap']], self.at(line), line['from'], line['to']) for line in self.lines('swap flipped')]

    def spent(self):
        """Accounts in the order in which they were spent. A daemon that is killed may find it out again."""
        found, open_ = [], set()
        for line in self.log:
            if line['msg'] == FREED:
                open_.discard(line['account'])
            if line['msg'] == 'account exhausted' and line['account'] not in open_:
                open_.add(line['account'])
                found.append(line['account'])
        return found

    def holds(self):
        """(begin, end) of each time that no account was left. A daemon that is started anew says it again."""
        found, begun = [], None
        for line in self.log:
            if line['msg'] == 'holding: no account left' and begun is None:
                begun = self.at(line)
            if line['msg'] == 'hold ended' and begun is not None:
                found.append((begun, self.at(line)))
                begun = None
        return found + ([(begun, self.at(self.log[-1]))] if begun is not None else [])

    def recovered(self):
        return collections.Counter(line['by'] for line in self.lines('session recovered'))

    def given(self):
        """So often each task was given, by its id: once for a claim, for a daemon that is killed may find it out again."""
        found, open_ = collections.Counter(), set()
        for line in self.log:
            if line['msg'] == 'task claimed':
                open_.add(line['task'])
            if line['msg'] == 'task given' and line['task'] in open_:
                open_.discard(line['task'])
                found[line['task']] += 1
        return found

    def outcomes(self):
        return collections.Counter(result['place'] for result in self.results.values())

    def done_on(self):
        return collections.Counter(result['account'] for result in self.results.values() if result['place'] == 'done')

    def survivors(self):
        return [result for result in self.results.values() if result['swaps']]

    def given_over_swap(self, task):
        """The two accounts of a switch between its last claim and the moment at which it was known to be given."""
        claimed = max((self.at(line) for line in self.lines('task claimed') if line['task'] == task), default=0)
        given = max((self.at(line) for line in self.lines('task given') if line['task'] == task), default=0)
        return next(((left, to) for _, at, left, to in self.swaps() if claimed <= at <= given), ())

    def stops(self):
        """(begin, end) of each time that a session stood at a wall; one that goes on and meets another stops twice."""
        since, found = {}, []
        for line in self.lines('session changed'):
            if line['to'] == 'blocked(quota)':
                since.setdefault(line['session'], self.at(line))
            elif line['to'] in ('working', 'idle') and line['session'] in since:
                found.append((since.pop(line['session']), self.at(line)))
        return found + [(begin, self.at(self.log[-1])) for begin in since.values()]

    # --- in words ---

    def told(self):
        return '\n'.join(self.timeline() + [''] + self.summary())

    def timeline(self):
        """A line an event; of sessions and tasks that follow each other only how many."""
        rows, crowd = [], collections.Counter()
        for line in self.log:
            kind = self.kind_in_crowd(line)
            if kind:
                crowd[kind] += 1
            event = self.event(line)
            if event:
                rows += self.crowd_row(crowd) + [f'{self.at(line) - self.began:7.1f}  {event}']
        return rows + self.crowd_row(crowd)

    @staticmethod
    def kind_in_crowd(line):
        if line['msg'] == 'task ended':
            return 'tasks back in the queue' if line['place'] == 'pending' else f'tasks {line["place"]}'
        if line['msg'] == 'session recovered':
            return f'sessions went on by {line["by"]}'
        stops = line['msg'] == 'session changed' and line['to'] == 'blocked(quota)'
        return 'sessions stopped at a wall' if stops else ''

    @staticmethod
    def crowd_row(crowd):
        text = ', '.join(f'{count} {kind}' for kind, count in crowd.items())
        crowd.clear()
        return [f'{"":>9}{text}'] if text else []

    def event(self, line):
        clock = line.get('until', '')[11:19]
        return {
            'starting': 'the daemon starts',
            'account exhausted': f'{line.get("account")} is spent ({line.get("window")}), until {clock}',
            FREED: f'{line.get("account")} is available again',
            'swap planned': f'swap {line.get("swap")}: {line.get("from")} -> {line.get("to")}, for {line.get("cause")}',
            'swap done': f'swap {line.get("swap")} is done, took {line.get("took")}',
            'swap aborted': f'swap {line.get("swap")} is aborted: {line.get("detail")}',
            'holding: no account left': f'HOLD: no account is left until {clock}',
            'hold ended': 'the hold is over',
        }.get(line['msg'])

    def summary(self):
        reasons = collections.Counter((result['place'], plain(result['reason'])) for result in self.results.values())
        claimed = [result for result in self.results.values() if result['given_at']]
        took = [seconds_of(result['ended_at']) - seconds_of(result['claimed_at']) for result in claimed]
        on_their_way = sum(bool(self.given_over_swap(result['id'])) for result in claimed)
        holds = [end - begin for begin, end in self.holds()]
        rows = [f'{len(self.results)} tasks: ' + ', '.join(f'{count} {place}' for place, count in
                                                          sorted(self.outcomes().items()))]
        rows += [f'    {count:>4} {place:<7}{reason}' for (place, reason), count in sorted(reasons.items())]
        rows += [f'done on {account}: {count}; spent {self.spent().count(account)} times'
                 for account, count in sorted(self.done_on().items())]
        at_walls = [end - begin for begin, end in self.stops()]
        rows += [f'{len(self.swaps())} swaps; {len(self.survivors())} tasks went over one, {on_their_way} prompts were on '
                 f'their way in one; {len(holds)} holds, {sum(holds):.0f} s; {self.starts() - 1} starts after a kill',
                 'sessions went on: ' + ', '.join(f'{count} by {way}' for way, count in sorted(self.recovered().items())),
                 f'{len(at_walls)} times at a wall: {median_and_most(at_walls)}',
                 f'from claimed to ended: {median_and_most(took)}']
        return rows


def plain(reason):
    """Without what differs from task to task."""
    return reason.split(': ')[0] if reason.startswith('signal: ') else reason
