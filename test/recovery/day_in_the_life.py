#!/usr/bin/env python3
"""A day in the life of a fleet, compressed into two and a half minutes: three accounts whose quotas spend and reset, eight sessions,
two hundred tasks, the real daemon, killed now and then, and a tmux server that nobody touches.

The tasks differ in priority, order (`after`), time (`not_before`), session, timeout and retries. Some turns end in a
server error, some take longer than their task may or hang, some quote limits; some agents say by their hook that a task
cannot be done; some files are no tasks. A person frees a session that hangs, and tries a task again whose prompt a
killed daemon left unsent.

The story of the day is told from the daemon's log and the tasks' results alone, and printed. Then it is judged: each
task ended where and why the plan says, each prompt was begun as often as the plan says, no swap goes straight back or
comes too soon, nothing is claimed in a hold, and the story's figures are those that the agents logged themselves.

usage: day_in_the_life.py BUILD_BIN [--seed N] [--keep]
"""
import argparse
import collections
import random
import shutil
import signal
import sys
import time

from day_plan import ACCOUNTS, COOLDOWN, DWELL, SESSIONS, DayWorld, planned
from day_story import Story, seconds_of
from fleet import leave

LONGEST = 400  # seconds; a machine that does something else as well takes longer than two and a half minutes
LATE = 0.1  # seconds; a line of the log is written a little after what it tells was decided
KILLS = ('tasks', 'hold', 'swap', 'tasks again')


class Faults(list):
    def expect(self, holds, text):
        if not holds:
            self.append(text)


# --- the day ---

class Killer:
    """Kills the daemon at four moments of its day and starts it again."""

    def __init__(self, world):
        self.world, self.done = world, []

    def moment_has_come(self):
        log = [line.get('msg') for line in self.world.daemon_log()]
        ended, planned_now = log.count('task ended'), log.count('swap planned') > log.count('swap done')
        return {'tasks': ended >= 25, 'hold': 'holding: no account left' in log, 'swap': planned_now,
                'tasks again': ended >= 170}[KILLS[len(self.done)]]

    def look(self):
        if len(self.done) == len(KILLS) or not self.moment_has_come():
            return
        ended = self.world.end_daemon(signal.SIGKILL)
        self.done.append(ended == -signal.SIGKILL)
        self.world.start_daemon()


def live(world, plan):
    """Until every task has ended; the moments at which the daemon was killed."""
    killer, end = Killer(world), time.monotonic() + LONGEST
    late = [task for task in plan if task.late]
    while time.monotonic() < end:
        killer.look()
        world.be_the_person()
        results = world.queue.results()
        if late and len(results) > 60:
            world.put(late)
            late = []
        if not late and len(results) == len(plan) and not world.queue.names('claimed') + world.queue.names('pending'):
            break
        time.sleep(0.2)
    # What would come twice comes now.
    time.sleep(2)
    return killer.done


# --- what is judged ---

def judge_tasks(world, plan, story, faults):
    for task in plan:
        files, result = world.queue.lies_in(task.title), story.results.get(task.title)
        if result is None or len(files) != 1 or result['files'] != 1:
            faults.append(f'{task.title} lies in {files}, with result {result}')
            continue
        begun = world.begun(task.title)
        faults.expect(result['place'] == task.place and task.reason in result['reason'],
                      f'{task.title} is {result["place"]} ({result["reason"]}), not {task.place} ({task.reason})')
        faults.expect(begun == task.begun, f'{task.title} was begun {begun} times, not {task.begun}')
        faults.expect(result['attempts'] == task.attempts,
                      f'{task.title} tells {result["attempts"]} attempts, not {task.attempts}')
        faults.expect(not task.session or result['session'] == task.session,
                      f'{task.title} ran in {result["session"]}, not in {task.session}')


def judge_order(plan, story, faults):
    """What comes after another task, or not before a time, was not claimed sooner."""
    ended = {result['id']: seconds_of(result['ended_at']) for result in story.results.values()}
    for task in plan:
        claimed = (story.results.get(task.title) or {}).get('claimed_at')
        earliest = max([ended.get(id_, 0) for id_ in task.after] + [task.not_before])
        faults.expect(not claimed or seconds_of(claimed) >= int(earliest), f'{task.title} was claimed too soon')


def judge_swaps(story, faults):
    swaps = story.swaps()
    faults.expect(len(swaps) >= 3, f'only {len(swaps)} swaps')
    faults.expect(story.holds(), 'never were all accounts spent')
    for (earlier, _, left, _), (later, _, _, to) in zip(swaps, swaps[1:]):
        faults.expect(later - earlier >= COOLDOWN - LATE, f'two swaps within {later - earlier:.1f} s')
        faults.expect(to != left or later - earlier >= DWELL, f'straight back to {to} after {later - earlier:.1f} s')
    for line in story.lines('task claimed'):
        at = story.at(line)
        faults.expect(not any(begin < at < end for begin, end in story.holds()), f'claimed in a hold: {line}')
        faults.expect(not any(0 < at - swap[0] < COOLDOWN - LATE for swap in swaps), f'claimed after a swap: {line}')
    for name in ('swap aborted', 'switching is frozen', 'unrecognised wording', 'task not moved'):
        faults.expect(not story.lines(name), f'{name}: {story.lines(name)}')


def turns_by_task(events):
    """What the agents logged of each task: its turns' ends as (event, account), by the title; a conversation works on one
    task until it is given the next."""
    found, at_work = collections.defaultdict(list), {}
    for event in events:
        words = event['text'].split('/claimed/')
        if event['event'] == 'prompt' and len(words) == 2:
            at_work[event['session_id']] = words[1].split('.md.')[0] + '.md'
        if event['event'] in ('done', 'wall') and event['session_id'] in at_work:
            found[at_work[event['session_id']]].append((event['event'], event['account']))
    return found


def without_repeats(names):
    return [name for number, name in enumerate(names) if number == 0 or names[number - 1] != name]


def judge_accounts(turns, story, faults):
    """On which accounts each task ran. Of a prompt that was on its way during a switch, nobody can tell on which side it
    arrived: it is one of the two."""
    done = collections.Counter()
    for title, result in story.results.items():
        if result['place'] != 'done':
            continue
        accounts = without_repeats([account for _, account in turns[title]])
        between = story.given_over_swap(result['id'])
        right = set(accounts + result['accounts']) <= set(between) if between else accounts == result['accounts']
        faults.expect(right, f'{title} ran on {result["accounts"]}; its agent says {turns[title]}')
        done[result['account'] if between else (accounts or ['nobody'])[-1]] += 1
    faults.expect(done == story.done_on(), f'done on {dict(story.done_on())}; the agents say {dict(done)}')


def judge_figures(world, story, faults):
    """The story's figures against the agents' own log."""
    events = sorted(world.all_events(), key=lambda event: event['t'])
    turns = turns_by_task(events)
    judge_accounts(turns, story, faults)
    for title, result in story.results.items():
        given = story.given()[result['id']]
        faults.expect(given == world.begun(title), f'{title} was given {given} times, and begun {world.begun(title)}')
    counts = collections.Counter(event['event'] for event in events)
    continued = sum(event['event'] == 'prompt' and event['text'] == 'continue' for event in events)
    restarted = story.recovered()['restart']
    faults.expect(continued == story.recovered()['nudge'] + restarted,
                  f'recovered {story.recovered()}; told to continue {continued} times')
    faults.expect(counts['wall'] == len(story.stops()), f'{len(story.stops())} stops at a wall; the agents say '
                                                        f'{counts["wall"]}')
    walls = without_repeats([event['account'] for event in events if event['event'] == 'wall'])
    faults.expect(walls == story.spent(), f'spent {story.spent()}; the agents say {walls}')
    faults.expect(len(story.lines('session created')) == SESSIONS and counts['start'] == SESSIONS + restarted,
                  f'{counts["start"]} agents for {SESSIONS} sessions, of which {restarted} were restarted')


# --- all of it ---

def judge(world, plan, kills, faults):
    story = Story(world.daemon_log(), world.queue.results())
    print(story.told(), flush=True)
    judge_tasks(world, plan, story, faults)
    judge_order(plan, story, faults)
    judge_swaps(story, faults)
    judge_figures(world, story, faults)
    faults.expect(kills == [True] * len(KILLS) and story.starts() == 1 + len(KILLS), f'kills: {kills}')
    faults.expect(world.server_pid() == world.server, 'the tmux server is another one')
    faults.expect(sorted(set(story.done_on())) == sorted(ACCOUNTS), f'done on {story.done_on()} alone')
    faults.expect(world.daemon_runs(), 'the daemon does not run any more')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('bin')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--keep', action='store_true', help='leave the folder with all logs')
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, leave)
    began, faults = time.monotonic(), Faults()
    world = DayWorld(options.bin)
    try:
        world.begin()
        plan = planned(random.Random(options.seed))
        world.put([task for task in plan if not task.late])
        kills = live(world, plan)
        judge(world, plan, kills, faults)
        print(f'a person freed {world.freed} sessions and tried {world.tried_again} tasks again')
    finally:
        if options.keep:
            shutil.copytree(world.root, f'{world.root}.kept', symlinks=True, ignore=shutil.ignore_patterns('*.sock'))
            print(f'{world.root}.kept')
        world.remove()
    for fault in faults:
        print(f'FAILED {fault}')
    print(f'{len(plan)} tasks in {time.monotonic() - began:.0f} s, {len(faults)} faults')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
