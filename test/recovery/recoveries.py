#!/usr/bin/env python3
"""Plays what stops a session, with the fake agent as each of four versions, and looks how the real daemon brings it back.

Each cell of the table is a world of its own. A session is recovered in its own conversation (by `nudge`, the prompt typed
into the running agent, or by `restart`, the prompt on the command line of a new one) or held with the reason that fits;
the continue prompt is delivered exactly once, counted by the agent; no key chooses anything in a menu, a permission
prompt or a trust dialog; nothing is typed into a shell.

usage: recoveries.py BUILD_BIN [--jobs N] [--only WORDS]
"""
import argparse
import concurrent.futures
import os
import re
import sys
import time

from fleet import JUDGED, Fleet, is_running, wait

EARLY, TODAY = '2.1.100', '2.1.330'
VERSIONS = ('1.0.128', '2.0.77', EARLY, TODAY)
WORKER, OTHER = 'worker', 'other'
# Nobody but a person does these.
ONLY_BY_HAND = ('menu_pick', 'swallowed', 'permission_enter', 'permission_refused', 'trust_enter', 'auto_continue')
SCENARIOS = {}
# What the daemon does wrong, and is not mended yet. Such a cell fails when it comes out right.
KNOWN = {}


def takes_new_login(version):
    return version.startswith('2.1')


def by_nudge_or_restart(version):
    return 'nudge' if takes_new_login(version) else 'restart'


def scenario(function):
    SCENARIOS[function.__name__] = function
    return function


class Cell:
    def __init__(self, name, version):
        self.name, self.version = name, version
        self.result, self.seconds = '', 0.0
        self.faults, self.known = [], []

    def verdict(self):
        return 'FAILED ' if self.faults else 'KNOWN FAULT ' if self.known else ''

    def expect(self, holds, text):
        if not holds:
            self.faults.append(text)


def stop_worker(fleet, prompt='Build the tower.'):
    fleet.reaches(WORKER, ['idle'])
    fleet.type(WORKER, prompt)
    fleet.reaches(WORKER, ['blocked(quota)'])


def outcome(fleet, name):
    """Waits for the end of a recovery: how it was recovered, or why it is held."""
    def ended():
        session = fleet.session(name)
        return fleet.recovered(name) or (session.get('phase') == 'held' and f'held ({session.get("hold_reason", "")})')

    return wait(ended, 40) or f'neither recovered nor held: {fleet.phase(name)}'


def recovers(fleet, cell, expected, name=WORKER):
    """Fails over and judges the session: which way, in the same conversation, told once, done with the new account."""
    began = time.monotonic()
    fleet.fail_over()
    cell.result = outcome(fleet, name)
    cell.seconds = time.monotonic() - began
    cell.expect(cell.result == expected, f'expected {expected}')
    if expected.startswith('held'):
        time.sleep(1.5)
        cell.expect(fleet.continued(name) == 0, f'told to continue {fleet.continued(name)} times, although it is held')
        return
    cell.expect(wait(lambda: fleet.events_of(name, 'done'), 20), 'its turn was not done')
    # A second prompt would come now.
    time.sleep(1.5)
    cell.expect(fleet.continued(name) == 1, f'told to continue {fleet.continued(name)} times')
    done = fleet.events_of(name, 'done')
    cell.expect(len(done) == 1 and done[0]['account'] == 'spare', f'done: {[(one["account"], one["text"]) for one in done]}')
    cell.expect(len(fleet.conversations(name)) == 1, f'conversations: {fleet.conversations(name)}')
    cell.expect(fleet.phase(name) == 'idle', f'is {fleet.phase(name)} afterwards')


def nothing_was_chosen(fleet, cell, but=()):
    counts = fleet.counts()
    for event in ONLY_BY_HAND:
        cell.expect(event in but or counts[event] == 0, f'{counts[event]} times {event}')


# --- what stops a session ---

@scenario
def five_hour_wall(bin_dir, cell):
    fleet = Fleet(bin_dir, {WORKER: {'version': cell.version}})
    with fleet:
        stop_worker(fleet)
        recovers(fleet, cell, by_nudge_or_restart(cell.version))
        nothing_was_chosen(fleet, cell)


@scenario
def weekly_wall_menu(bin_dir, cell):
    """Today's version opens its menu by itself; a person opens that of 2.0 and early 2.1; 1.0 has none."""
    fleet = Fleet(bin_dir, {WORKER: {'version': cell.version}}, wall=('seven_day', 3 * 86400))
    with fleet:
        stop_worker(fleet)
        if cell.version in ('2.0.77', EARLY):
            fleet.type(WORKER, '/rate-limit-options')
        menu = cell.version != '1.0.128'
        cell.expect(wait(lambda: ('What do you want to do?' in fleet.screen(WORKER)) == menu, 5), 'its menu is not open')
        recovers(fleet, cell, by_nudge_or_restart(cell.version))
        nothing_was_chosen(fleet, cell)


@scenario
def armed_auto_continue(bin_dir, cell):
    """The limit resets soon after the fail-over: today's version would go on by itself, a second time."""
    resets_in = 25
    fleet = Fleet(bin_dir, {WORKER: {'version': cell.version, 'auto_continue_delay': 2}}, wall=('five_hour', resets_in))
    with fleet:
        stop_worker(fleet)
        met = time.monotonic()
        armed = 'Continuing automatically' in fleet.screen(WORKER)
        cell.expect(armed == (cell.version == TODAY), f'armed: {armed}')
        recovers(fleet, cell, by_nudge_or_restart(cell.version))
        time.sleep(max(0.0, met + resets_in + 5 - time.monotonic()))
        nothing_was_chosen(fleet, cell)
        cell.expect(fleet.continued(WORKER) == 1, f'told to continue {fleet.continued(WORKER)} times after the reset')


@scenario
def beside_permission_prompt(bin_dir, cell):
    """The wall comes while the other session asks for permission: that one is left alone, and goes on when a person says
    Yes."""
    fleet = Fleet(bin_dir, {WORKER: {'version': cell.version},
                            OTHER: {'version': cell.version, 'turns': [{'match': 'ask', 'do': 'permission'}]}})
    fleet.set_limit(1)
    with fleet:
        fleet.reaches(OTHER, ['idle'])
        fleet.type(OTHER, 'ask me')
        fleet.reaches(OTHER, ['waiting_permission'])
        stop_worker(fleet)
        recovers(fleet, cell, by_nudge_or_restart(cell.version))
        cell.expect(fleet.phase(OTHER) == 'waiting_permission', f'the other session is {fleet.phase(OTHER)}')
        nothing_was_chosen(fleet, cell)
        fleet.press(OTHER, 'Enter')
        cell.expect(wait(lambda: fleet.events_of(OTHER, 'done'), 10), 'the other session did not go on')
        cell.expect(fleet.continued(OTHER) == 0, 'the other session was told to continue')
        cell.expect(len(fleet.events_of(OTHER, 'start')) == 1, 'the other session was restarted')


@scenario
def asks_for_permission_then(bin_dir, cell):
    """The turn that goes on asks for permission: that proves it, and no key answers."""
    turns = [{'match': 'continue', 'do': 'permission'}]
    fleet = Fleet(bin_dir, {WORKER: {'version': cell.version, 'turns': turns}})
    with fleet:
        stop_worker(fleet)
        began = time.monotonic()
        fleet.fail_over()
        cell.result = outcome(fleet, WORKER)
        cell.seconds = time.monotonic() - began
        cell.expect(cell.result == by_nudge_or_restart(cell.version), f'expected {by_nudge_or_restart(cell.version)}')
        fleet.reaches(WORKER, ['waiting_permission'])
        time.sleep(8)  # longer than a recovery's deadline
        cell.expect(fleet.phase(WORKER) == 'waiting_permission', f'is {fleet.phase(WORKER)}')
        nothing_was_chosen(fleet, cell)
        cell.expect(fleet.continued(WORKER) == 1, f'told to continue {fleet.continued(WORKER)} times')


@scenario
def half_typed_draft(bin_dir, cell):
    fleet = Fleet(bin_dir, {WORKER: {'version': cell.version}})
    draft = 'and paint it bl'
    with fleet:
        stop_worker(fleet)
        fleet.type(WORKER, draft, enter=False)
        recovers(fleet, cell, 'held (a draft stands in its input box)')
        cell.expect(draft in fleet.screen(WORKER), f'the draft is gone:\n{fleet.screen(WORKER)}')
        cell.expect(len(fleet.events_of(WORKER, 'start')) == 1, 'it was restarted over the draft')
        nothing_was_chosen(fleet, cell)


@scenario
def beside_trust_dialog(bin_dir, cell):
    fleet = Fleet(bin_dir, {WORKER: {'version': cell.version}, OTHER: {'version': cell.version, 'start': 'trust_dialog'}})
    with fleet:
        fleet.reaches(OTHER, ['dialog'])
        stop_worker(fleet)
        recovers(fleet, cell, by_nudge_or_restart(cell.version))
        cell.expect(fleet.phase(OTHER) == 'dialog', f'the other session is {fleet.phase(OTHER)}')
        nothing_was_chosen(fleet, cell)


@scenario
def trust_dialog_on_new_account(bin_dir, cell):
    """Only the first account trusts the directory. An agent that runs on does not ask; a new one does."""
    fleet = Fleet(bin_dir, {WORKER: {'version': cell.version, 'start': 'trust_dialog'}})
    fleet.trust('main', WORKER)
    with fleet:
        stop_worker(fleet)
        recovers(fleet, cell, 'nudge' if takes_new_login(cell.version) else 'held (a dialog waits for you)')
        nothing_was_chosen(fleet, cell)


@scenario
def lost_enter(bin_dir, cell):
    """The first Enter of the continue prompt does nothing; the person's own were not counted."""
    fleet = Fleet(bin_dir, {WORKER: {'version': cell.version, 'lost_enters': 1}})
    with fleet:
        fleet.reaches(WORKER, ['idle'])
        fleet.type(WORKER, 'Build the tower.')
        if takes_new_login(cell.version):
            wait(lambda: fleet.counts()['lost_enter'], 5)
        time.sleep(0.2)
        fleet.press(WORKER, 'Enter')
        fleet.reaches(WORKER, ['blocked(quota)'])
        recovers(fleet, cell, by_nudge_or_restart(cell.version))


@scenario
def agent_killed_at_its_wall(bin_dir, cell):
    """Ours: the agent is gone, tmux keeps the pane. It comes back in its conversation."""
    fleet = Fleet(bin_dir, {WORKER: {'version': cell.version}})
    with fleet:
        stop_worker(fleet)
        pid = fleet.tmux('list-panes', '-t', f'={WORKER}:', '-F', '#{pane_pid}').strip()
        os.kill(int(pid), 9)
        wait(lambda: not is_running(int(pid)), 5)
        cell.expect(wait(lambda: len(fleet.events_of(WORKER, 'start')) == 2, 20), 'it was not started again')
        began = time.monotonic()
        fleet.fail_over()
        cell.expect(wait(lambda: fleet.phase(WORKER) in ('idle', 'held'), 20), f'is {fleet.phase(WORKER)}')
        time.sleep(3)
        cell.seconds = time.monotonic() - began
        cell.result = fleet.recovered(WORKER) or fleet.phase(WORKER)
        cell.expect(len(fleet.conversations(WORKER)) == 1, f'conversations: {fleet.conversations(WORKER)}')
        cell.expect(fleet.continued(WORKER) <= 1, f'told to continue {fleet.continued(WORKER)} times')
        nothing_was_chosen(fleet, cell)


@scenario
def conversation_lost(bin_dir, cell):
    """Its transcript is gone: the agent refuses to resume it. One that must be restarted to move begins anew with a
    briefing; of the others the agent is killed, and begins anew without a prompt."""
    fleet = Fleet(bin_dir, {WORKER: {'version': cell.version}})
    with fleet:
        stop_worker(fleet)
        lost = fleet.lose_conversations(WORKER)
        cell.expect(len(lost) == 1, f'conversations: {lost}')
        began = time.monotonic()
        moves_by_restart = not takes_new_login(cell.version)
        if not moves_by_restart:
            os.kill(int(fleet.tmux('list-panes', '-t', f'={WORKER}:', '-F', '#{pane_pid}').strip()), 9)
            cell.expect(wait(lambda: fleet.phase(WORKER) == 'idle', 40), f'is {fleet.phase(WORKER)}')
        fleet.fail_over()
        if moves_by_restart:
            cell.result = outcome(fleet, WORKER)
            cell.expect(cell.result == 'fresh', 'expected fresh')
            cell.expect(wait(lambda: fleet.events_of(WORKER, 'done'), 20), 'its turn was not done')
        time.sleep(2)
        cell.seconds = time.monotonic() - began
        cell.result = cell.result or fleet.phase(WORKER)
        begun = fleet.conversations(WORKER)
        cell.expect(not begun & lost, f'is still in {begun}')
        cell.expect(fleet.phase(WORKER) == 'idle', f'is {fleet.phase(WORKER)} afterwards')
        refusals = [line for line in fleet.daemon_log() if 'does not have its conversation' in line.get('msg', '')]
        cell.expect(len(refusals) == 1, f'{len(refusals)} conversations were given up')
        prompts = [event['text'] for event in fleet.events_of(WORKER, 'prompt', 'queued')]
        cell.expect(len(prompts) == (1 if moves_by_restart else 0), f'prompts: {prompts}')
        if moves_by_restart and prompts:
            text, mode = fleet.briefing(begun.pop())
            cell.expect(prompts[0].startswith('Read ') and prompts[0].endswith('the work described there.'), prompts[0])
            cell.expect('> Build the tower.' in text and lost <= set(text.replace(',', ' ').split()), text)
            cell.expect(mode == 0o600, f'briefing has mode {mode:o}')
        nothing_was_chosen(fleet, cell)


@scenario
def agent_dead_in_a_live_shell(bin_dir, cell):
    """A person's own session: at the wall the agent ended, and its shell shows a prompt like an agent's, below the wall."""
    fleet = Fleet(bin_dir, {}, adopt='mine')
    with fleet:
        fleet.start_shell('mine', cell.version)
        fleet.reaches('mine', ['idle'])
        fleet.type('mine', 'Build the tower.')
        fleet.reaches('mine', ['blocked(quota)'])
        pane = fleet.tmux('list-panes', '-t', '=mine:', '-F', '#{pane_pid}').strip()
        agent = fleet.child_of(int(pane))
        os.kill(agent, 15)
        wait(lambda: not is_running(agent), 5)
        began = time.monotonic()
        fleet.fail_over()
        wait(lambda: fleet.phase('mine') not in ('blocked(quota)', 'recovering'), 30)
        cell.seconds = time.monotonic() - began
        time.sleep(3)
        session = fleet.session('mine')
        cell.result = f'{session.get("phase")} ({session.get("hold_reason", "")})'
        cell.expect(cell.result == 'dead (its agent ended; a shell has the terminal)', 'expected dead')
        commands = fleet.commands_of_shell('mine')
        cell.expect(len(commands) == 1, f'the shell ran {commands[1:]}')
        last = [row for row in fleet.screen('mine').splitlines() if row.strip()][-1]
        cell.expect(re.fullmatch(r'❯\s*', last), f'typed into the shell: {last!r}')
        fleet.run_agent('mine')
        cell.expect(wait(lambda: fleet.phase('mine') == 'idle', 20), f'is {fleet.phase("mine")} with its next agent')


# --- all of them ---

def run(bin_dir, name, version):
    cell = Cell(name, version)
    JUDGED.faults = cell.faults
    try:
        SCENARIOS[name](bin_dir, cell)
    except (RuntimeError, OSError, ValueError, KeyError) as error:
        cell.faults.append(f'{type(error).__name__}: {error}')
    if name in KNOWN:
        cell.known, cell.faults = cell.faults, [] if cell.faults else ['came out right: take it out of KNOWN']
    return cell


def print_table(cells):
    print(f'{"scenario":<28}{"version":<9}{"seconds":>8}  result')
    for cell in cells:
        print(f'{cell.name:<28}{cell.version:<9}{cell.seconds:>8.1f}  {cell.verdict()}{cell.result}')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('bin')
    parser.add_argument('--jobs', type=int, default=2 * (os.cpu_count() or 1))
    parser.add_argument('--only', default='', help='words that the cell must have, as "draft 2.0.77"')
    options = parser.parse_args()
    began = time.monotonic()
    cells = [(name, version) for name in SCENARIOS for version in VERSIONS
             if all(word in f'{name} {version}' for word in options.only.split())]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = list(pool.map(lambda cell: run(options.bin, *cell), cells))
    for cell in results:
        for fault in cell.faults:
            print(f'FAILED {cell.name} {cell.version}: {cell.result}: {fault}')
        for fault in cell.known:
            print(f'KNOWN {cell.name} {cell.version}: {fault} ({KNOWN[cell.name]})')
    print_table(results)
    failed = sum(bool(cell.faults) for cell in results)
    print(f'{len(results)} recoveries, {failed} failed, {time.monotonic() - began:.0f} s in all')
    return 1 if failed or not results else 0


if __name__ == '__main__':
    sys.exit(main())
