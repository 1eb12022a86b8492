"""The systemd units keep what the daemon's promises rest on; where systemd-analyze is, it reads them too."""
import configparser
import os
import re
import shutil
import subprocess
import tempfile

import tree

SYSTEM, USER = 'packaging/systemd/claude-failover@.service', 'packaging/systemd/user/claude-failover.service'

# What must stand in [Service] of both units.
WANTED = {
    'Type': r'notify',
    'NotifyAccess': r'main',
    'KillMode': r'process',  # stopping the daemon never stops tmux or an agent
    'WatchdogSec': r'30s',
    'ExecStart': r'/usr/bin/claude-failover run\b.*',
    'ExecReload': r'/bin/kill -HUP \$MAINPID',
    'Restart': r'on-failure',
    'RestartPreventExitStatus': r'64 77 78',
    'TimeoutStopSec': r'(?:1[1-9]|[2-9]\d)s',  # a stop may take 10 s
    'LimitNOFILE': r'\d{4,}',
    'NoNewPrivileges': r'yes',
    'UMask': r'0077',
}
# What would break the daemon, by the value that does.
HARMFUL = {
    'PrivateTmp': r'(?!no$).*',  # tmux's socket lies in /tmp
    'ProtectHome': r'(?!no$).*',  # the link and the conversations lie in a home
    'ProtectSystem': r'strict',  # homes, queue and work directories may lie anywhere
    'PrivateUsers': r'(?!no$).*',  # tmux and the control socket look at the peer's uid
    'PrivatePIDs': r'(?!no$).*',
    'DynamicUser': r'(?!no$).*',
    'ProtectProc': r'(?!default$).*',
    'RootDirectory': r'.*',
}


class Keys(configparser.RawConfigParser):
    def __init__(self):
        super().__init__(strict=False, delimiters=('=',), comment_prefixes=('#', ';'), interpolation=None)
        self.optionxform = str


def check(path, text):
    unit = Keys()
    try:
        unit.read_string(text)
    except configparser.Error as error:
        return [(1, f'cannot be read: {error}')]
    service = dict(unit['Service']) if unit.has_section('Service') else {}
    wanted = dict(WANTED)
    if '@' in path:
        wanted['User'] = r'%i'
    found = [(1, f'[Service] wants {key}={value}, not {service.get(key)!r}') for key, value in wanted.items()
             if not re.fullmatch(value, service.get(key, ''))]
    found += [(1, f'[Service] {key}={service[key]} breaks the daemon') for key, value in HARMFUL.items()
              if key in service and re.fullmatch(value, service[key])]
    if 'StartLimitIntervalSec' in service or not unit.has_option('Unit', 'StartLimitIntervalSec'):
        found.append((1, 'StartLimitIntervalSec belongs in [Unit]'))
    return found + analyze(path, text)


def analyze(path, text):
    program = shutil.which('systemd-analyze')
    if not program:
        return []
    # The program need not be installed for its unit to be right.
    text = re.sub(r'^ExecStart=\S+', 'ExecStart=/bin/true', text, flags=re.MULTILINE)
    with tempfile.TemporaryDirectory() as folder:
        place = os.path.join(folder, os.path.basename(path).replace('@.', '@alice.'))
        with open(place, 'w', encoding='utf-8') as file:
            file.write(text)
        scope = '--user' if '/user/' in path else '--system'
        environment = dict(os.environ, XDG_RUNTIME_DIR=folder)
        run = subprocess.run([program, 'verify', '--man=no', '--recursive-errors=no', scope, place], env=environment,
                             capture_output=True, encoding='utf-8', check=False)
    said = [line for line in run.stderr.splitlines() if os.path.basename(place) in line or run.returncode != 0]
    return [(1, 'systemd-analyze: ' + line.replace(folder + '/', '')) for line in said]


def proof():
    for path in (SYSTEM, USER):
        text = tree.read(path)
        yield ['good', path, 'as it is', text]
        for key in WANTED:
            yield ['bad', path, f'without {key}', re.sub(rf'^{key}=.*\n', '', text, flags=re.MULTILINE)]
        for key, value in (('PrivateTmp', 'yes'), ('ProtectHome', 'read-only'), ('ProtectSystem', 'strict')):
            text_so = re.sub(rf'^{key}=.*\n', '', text, flags=re.MULTILINE)
            yield ['bad', path, f'with {key}={value}', text_so.replace('[Service]\n', f'[Service]\n{key}={value}\n')]
    if shutil.which('systemd-analyze'):
        yield ['bad', SYSTEM, 'with an unknown key', tree.read(SYSTEM).replace('[Service]\n', '[Service]\nWatchdog=1\n')]


tree.run(check, [SYSTEM, USER], list(proof()))
