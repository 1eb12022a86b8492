#!/usr/bin/env python3
"""Damages a real state file in every way, and starts twenty daemons on one state directory.

The file comes from a fleet that has just made a swap. It is cut at each byte, and each bit of it is flipped; `status`
looks at each (as saved, no daemon runs), and the daemon starts on some: nothing crashes, and what is shown is the saved
state, or that of the backup, or a named refusal, never anything else. A file of a newer version stops the start with 78
and keeps its bytes. Of twenty daemons at once one lives, and the others name it.

usage: state_faults.py BUILD_BIN [--long] [--looks N] [--starts N] [--jobs N] [--seed N]
"""
import argparse
import concurrent.futures
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from world import World, wait

LOCKED, CONFIGURATION, DEFECT = 75, 78, 70
AT_ONCE = 20


def content(path):
    with open(path, 'rb') as file:
        return file.read()


# --- a real state, and one saved before it ---

def real_states(bin_dir):
    """(the bytes after a swap, those from before it)"""
    world = World(bin_dir, 'link')
    try:
        world.stop_at_the_wall()
        time.sleep(1.5)
        before = content(f'{world.state}/state.json')
        world.command('account', 'enable', 'spare')
        if not wait(lambda: len(world.tasks('done')) == 2, 60):
            raise RuntimeError('the fleet did not come to its end')
        world.end_daemon(signal.SIGTERM)
        return content(f'{world.state}/state.json'), before
    finally:
        world.remove()


def crc64(data):
    """CRC-64/XZ, as state files have it."""
    value = 0xFFFFFFFFFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ (0xC96C5795D7870F42 if value & 1 else 0)
    return f'{value ^ 0xFFFFFFFFFFFFFFFF:016x}'


def as_schema(state, schema):
    """The same state as a whole, sound file of another version."""
    body = json.dumps(dict(json.loads(state)['body'], schema=schema), separators=(',', ':')).encode()
    body = b'{"schema":%d,' % schema + body[1:] if not body.startswith(b'{"schema":') else body
    return b'{"schema":%d,"crc":"%s","body":%s}\n' % (schema, crc64(body).encode(), body)


# --- a place to look at it ---

class Place:
    """Accounts, link and configuration without a tmux server: a daemon that finds nothing to do."""

    def __init__(self, bin_dir):
        self.bin = os.path.abspath(bin_dir)
        self.root = tempfile.mkdtemp(prefix='cf-state-')
        self.state = f'{self.root}/state'
        os.mkdir(self.state)
        for name in ('main', 'spare'):
            os.makedirs(f'{self.root}/accounts/{name}')
            with open(f'{self.root}/accounts/{name}/.credentials.json', 'w', encoding='utf-8') as file:
                file.write('{}\n')
        self.lead_to('spare')
        with open(f'{self.root}/config.yaml', 'w', encoding='utf-8') as file:
            file.write(f'''accounts:
  - {{name: main, config_dir: {self.root}/accounts/main}}
  - {{name: spare, config_dir: {self.root}/accounts/spare}}
tmux: {{socket: {self.root}/tmux.sock, start_server: false}}
sessions: {{pool: {{size: 2, prefix: pool-, workdir: {self.root}}}}}
switch: {{link: {self.root}/claude}}
dispatcher: {{queue: {self.root}/queue}}
http: {{listen: ""}}
state: {{dir: {self.state}, runtime: {self.root}/run}}
log: {{format: json}}
''')

    def lead_to(self, account):
        if os.path.lexists(f'{self.root}/claude'):
            os.unlink(f'{self.root}/claude')
        os.symlink(f'{self.root}/accounts/{account}', f'{self.root}/claude')

    def lay(self, state, backup):
        for entry in os.scandir(self.state):
            if not entry.is_dir():
                os.unlink(entry.path)
        for name, text in (('state.json', state), ('state.json.bak', backup)):
            if text is not None:
                with open(f'{self.state}/{name}', 'wb') as file:
                    file.write(text)

    def environment(self):
        return {'PATH': os.environ.get('PATH', '/usr/bin:/bin'), 'HOME': self.root, 'LC_ALL': 'C.UTF-8'}

    def run(self, *words):
        return subprocess.run([f'{self.bin}/claude-failover', *words, '--config', f'{self.root}/config.yaml'],
                              capture_output=True, check=False, stdin=subprocess.DEVNULL, env=self.environment())

    def daemon(self, log):
        return subprocess.Popen([f'{self.bin}/claude-failover', 'run', '--config', f'{self.root}/config.yaml'],
                                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment())

    def shown(self):
        """(exit code, what `status` shows of accounts, sessions and swaps, or nothing)"""
        result = self.run('status', '--json')
        try:
            return result.returncode, told_of(json.loads(result.stdout)), result.stderr
        except ValueError:
            return result.returncode, None, result.stderr

    def remove(self):
        shutil.rmtree(self.root, ignore_errors=True)


def told_of(status):
    """Without what changes with the clock alone."""
    def still(value):
        if isinstance(value, dict):
            return {key: still(inner) for key, inner in value.items() if not key.endswith('age_s')}
        return [still(inner) for inner in value] if isinstance(value, list) else value

    return still({key: status.get(key) for key in ('state_version', 'active_account', 'accounts', 'sessions', 'swaps',
                                                   'holding', 'brake', 'queue', 'outbox', 'counters')})


# --- damage ---

def damages(size):
    """All of them: ('cut', length) and ('flip', bit)."""
    return [('cut', length) for length in range(size)] + [('flip', bit) for bit in range(8 * size)]


def damaged(state, damage):
    kind, at = damage
    if kind == 'cut':
        return state[:at]
    changed = bytearray(state)
    changed[at // 8] ^= 1 << at % 8
    return bytes(changed)


def crashed(code):
    return code < 0 or code == DEFECT


def look_at(bin_dir, state, backup, list_of_damages):
    """Faults found by `status`, half of the time beside a backup."""
    place, faults = Place(bin_dir), []
    refused = 0
    try:
        place.lay(state, None)
        whole = place.shown()[1]
        place.lay(backup, None)
        former = place.shown()[1]
        if not whole or not former or whole == former:
            return ['the two saved states are not told apart'], 0
        for number, damage in enumerate(list_of_damages):
            with_backup = number % 2 == 1
            place.lay(damaged(state, damage), backup if with_backup else None)
            code, shown, error = place.shown()
            if crashed(code):
                faults.append(f'{damage}: `status` ended with {code}: {error[-300:]!r}')
            elif shown == whole:
                pass
            elif with_backup and shown != former:
                faults.append(f'{damage}: neither the state nor its backup is shown: {shown}')
            elif not with_backup and (shown is not None or code == 0 or not error.strip()):
                faults.append(f'{damage}: no named refusal: {code}, {shown}, {error!r}')
            else:
                refused += 1
        return faults, refused
    finally:
        place.remove()


def start_on(bin_dir, state, backup, list_of_damages):
    """Faults found by starting the daemon."""
    place, faults = Place(bin_dir), []
    try:
        for number, damage in enumerate(list_of_damages):
            linked = ('spare', 'main')[number % 2]
            text, beside = damaged(state, damage), backup if number % 3 else None
            place.lead_to(linked)
            place.lay(text, beside)
            with open(f'{place.root}/daemon.log', 'wb') as log:
                daemon = place.daemon(log)
            came = wait(lambda: b'"ready"' in content(f'{place.root}/daemon.log') or daemon.poll() is not None, 10)
            came = came and daemon.poll() is None
            status = json.loads(place.run('status', '--json').stdout or b'{}') if came else {}
            daemon.terminate()
            code = daemon.wait(20)
            log = content(f'{place.root}/daemon.log')
            aside = [name for name in os.listdir(place.state) if name.startswith('state.json.corrupt-')]
            kept = [content(f'{place.state}/{name}') for name in aside]
            if not came or code != 0:
                faults.append(f'{damage}: the daemon did not start: {code}: {log[-500:]!r}')
            elif status.get('active_account') != linked:
                faults.append(f'{damage}: active is {status.get("active_account")}, the link leads to {linked}')
            elif kept != [text] or aside[0].encode() not in log:
                faults.append(f'{damage}: the damaged file is not kept aside, or nothing is said of it: {aside}')
            elif beside and b'continued from' not in log:
                faults.append(f'{damage}: the backup is not used')
        return faults
    finally:
        place.remove()


# --- a newer version, and twenty at once ---

def newer_version(bin_dir, state):
    place, faults = Place(bin_dir), []
    try:
        place.lay(as_schema(state, 1), None)
        if place.shown()[1] is None:
            faults.append('a file made as the daemon makes it is refused: ' + repr(place.shown()))
        text = as_schema(state, 2)
        place.lay(text, state)
        result = place.run('run')
        same = content(f'{place.state}/state.json') == text
        if result.returncode != CONFIGURATION or b'newer version' not in result.stderr or not same:
            faults.append(f'newer version: exit {result.returncode}, bytes kept: {same}, {result.stderr[-300:]!r}')
        return faults
    finally:
        place.remove()


def many_at_once(bin_dir, state):
    """(faults, seconds of the slowest refusal)"""
    place, faults = Place(bin_dir), []
    daemons = []
    try:
        place.lay(state, None)
        began = time.monotonic()
        for number in range(AT_ONCE):
            with open(f'{place.root}/log.{number}', 'wb') as log:
                daemons.append(place.daemon(log))
        ended = {}

        def one_is_left():
            for number, daemon in enumerate(daemons):
                if number not in ended and daemon.poll() is not None:
                    ended[number] = time.monotonic() - began
            return len(ended) == AT_ONCE - 1

        wait(one_is_left, 20)
        time.sleep(0.5)
        one_is_left()
        alive = [daemon.pid for daemon in daemons if daemon.poll() is None]
        if len(alive) != 1:
            return [f'{len(alive)} daemons live on one state'], 0
        for number in ended:
            said = content(f'{place.root}/log.{number}').decode(errors='replace')
            if daemons[number].returncode != LOCKED or f'pid {alive[0]})' not in said:
                faults.append(f'the daemon at once with pid {alive[0]} ended with {daemons[number].returncode}: {said}')
        # Twenty starts at once share the processors; one alone tells how long a refusal takes.
        alone = []
        for _ in range(3):
            began = time.monotonic()
            code = place.run('run').returncode
            alone.append(time.monotonic() - began)
            if code != LOCKED:
                faults.append(f'a second daemon ended with {code}')
        if min(alone) >= 1:
            faults.append(f'a second daemon took {min(alone):.2f} s to refuse')
        return faults, max(ended.values())
    finally:
        for daemon in daemons:
            if daemon.poll() is None:
                daemon.terminate()
                daemon.wait(20)
        place.remove()


def shares(items, count):
    return [share for share in (items[first::count] for first in range(count)) if share]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('bin')
    parser.add_argument('--long', action='store_true')
    parser.add_argument('--looks', type=int, default=400)
    parser.add_argument('--starts', type=int, default=8)
    parser.add_argument('--jobs', type=int, default=os.cpu_count() or 1)
    parser.add_argument('--seed', type=int, default=1)
    options = parser.parse_args()
    whole = options.long or bool(os.environ.get('CF_TEST_LONG'))
    state, backup = real_states(options.bin)
    chance = random.Random(options.seed)
    every = damages(len(state))
    looks = every if whole else chance.sample(every, min(options.looks, len(every)))
    starts = chance.sample(every, options.starts * (10 if whole else 1))
    faults = newer_version(options.bin, state)
    several, slowest = many_at_once(options.bin, state)
    faults += several
    refused = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for found, count in pool.map(lambda some: look_at(options.bin, state, backup, some), shares(looks, options.jobs)):
            faults += found
            refused += count
        for found in pool.map(lambda some: start_on(options.bin, state, backup, some), shares(starts, options.jobs)):
            faults += found
    for fault in faults[:40]:
        print('FAILED', fault)
    print(f'a state of {len(state)} bytes: {len(looks)} of {len(every)} damages looked at, {refused} refused; '
          f'{len(starts)} starts on one; {AT_ONCE} daemons at once: the last refusal after {slowest:.2f} s; '
          f'{len(faults)} faults')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
