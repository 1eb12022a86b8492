#!/usr/bin/env python3
"""A stand-in for Codex, Gemini CLI or opencode, drawn plainly after their captures in test/data/corpus.

usage: other_agent.py codex|gemini|opencode [the agent's own arguments]

It takes a prompt by keys, bracketed paste and Enter, or as the last argument after `resume ID` or `--resume ID`; works
for OTHER_AGENT_SECONDS (1); then answers, or meets the limit that the account of its start has in its
`fake-account.json` (test/fake_agent/README.md). It goes on with that account to its end. What happens is noted in
$FAKE_AGENT_LOG, one JSON line an event: start (its arguments), prompt, done, wall. A turn that goes well creates every
file that the prompt, or a file that it names, calls by an absolute path ending in `.done`; not where one of them says
"forget the file".
"""

import fcntl
import json
import os
import re
import select
import signal
import sys
import termios
import time
import tty

LOOK = sys.argv[1]
VARIABLE = {'codex': 'CODEX_HOME', 'gemini': 'GEMINI_CLI_HOME', 'opencode': 'XDG_DATA_HOME'}[LOOK]
SECONDS = float(os.environ.get('OTHER_AGENT_SECONDS', '1'))
GREY, PLAIN = '\x1b[2m', '\x1b[0m'


def cut(text, width):
    return [text[i:i + width] for i in range(0, len(text), width)]


class Account:
    def __init__(self):
        self.folder = os.path.realpath(os.environ[VARIABLE]) if VARIABLE in os.environ else ''

    def has_a_turn(self):
        """Takes one; whether there was one left."""
        if not self.folder:
            return 'OTHER_AGENT_SPENT' not in os.environ
        with open(self.folder + '/fake-account.json', 'r+', encoding='utf-8') as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            quota = json.load(file)
            if quota['used'] >= quota['limit']:
                return False
            quota['used'] += 1
            file.seek(0)
            json.dump(quota, file)
            file.truncate()
        return True


class Agent:
    def __init__(self):
        self.account = Account()
        self.turns = []  # rows, top to bottom
        self.typed = ''
        self.pasting = False
        self.ends = None  # of the turn that runs
        self.prompt = ''

    def note(self, event, text=''):
        line = {'t': time.time(), 'pid': os.getpid(), 'session_id': '', 'event': event, 'text': text,
                'account': os.path.basename(self.account.folder)}
        with open(os.environ['FAKE_AGENT_LOG'], 'a', encoding='utf-8') as log:
            log.write(json.dumps(line) + '\n')

    def draw(self):
        columns, rows = os.get_terminal_size()
        lines = {'codex': self.codex, 'gemini': self.gemini, 'opencode': self.opencode}[LOOK](columns)
        lines = lines[-rows:]
        sys.stdout.write('\x1b[2J\x1b[H' + '\r\n'.join(lines))
        sys.stdout.flush()

    def codex(self, _columns):
        lines = ['>_ OpenAI Codex (v0.158.0)', ''] + self.turns
        if self.ends:
            lines += ['• Working (%ds • esc to interrupt)' % max(0, SECONDS - (self.ends - time.time())), '']
        box = self.typed or GREY + 'Ask Codex to do anything' + PLAIN
        return lines + ['', '› ' + box, '', GREY + '  gpt-5.6-sol default · ~/work · Context 93% left' + PLAIN]

    def gemini(self, columns):
        wide = columns - 2
        lines = ['', ' > GEMINI', ''] + self.turns
        if self.ends:
            lines += ['⠏ Reading the files (esc to cancel, 1s)', '']
        pen = PLAIN if self.typed else GREY
        box = cut(self.typed or 'Type your message or @path/to/file', wide - 6)
        inside = [(' >   ' if i == 0 else '     ') + pen + row + PLAIN + ' ' * (wide - 5 - len(row))
                  for i, row in enumerate(box)]
        return lines + ['', '╭' + '─' * wide + '╮'] + ['│' + row + '│' for row in inside] + [
            '╰' + '─' * wide + '╯', ' ~/work (main*)      no sandbox      gemini-3-pro (88% context left)']

    def opencode(self, columns):
        lines = [''] + self.turns
        foot = '  48.1K  24%                   ctrl+p commands'
        if self.ends:
            foot = '   ■■■⬝⬝⬝⬝⬝  esc interrupt                         tab agents  ctrl+p commands'
        box = ['┃  ' + row for row in cut(self.typed, columns - 6)] if self.typed else ['┃']
        if not self.typed and not self.turns:
            box = ['┃  ' + GREY + 'Ask anything... "Fix broken tests"' + PLAIN]
        return lines + ['┃'] + box + ['┃', '┃  Build  GLM-5.2  OpenCode Go', '╹' + '▀' * (columns - 1), foot]

    def submit(self):
        if not self.typed or self.ends:
            return
        self.prompt, self.typed = self.typed, ''
        self.note('prompt', self.prompt)
        mark = {'codex': ['› ' + self.prompt, ''], 'gemini': ['> ' + self.prompt, ''],
                'opencode': ['┃', '┃  ' + self.prompt, '┃', '']}[LOOK]
        self.turns += mark
        self.ends = time.time() + SECONDS

    def finish(self):
        self.ends = None
        if self.account.has_a_turn():
            self.obey()
            self.turns += {'codex': ['• It is done.', ''], 'gemini': ['✦ It is done.', ''],
                           'opencode': ['   It is done.', '', '   ▣  Build · glm-5.2 · 2s', '']}[LOOK]
            self.note('done', self.prompt)
        else:
            self.turns += {
                'codex': ["■ You've hit your usage limit. Upgrade to Pro (https://chatgpt.com/explore/pro) or try again "
                          'in 3 hours 5 minutes.', ''],
                'gemini': ['⚠ Individual quota reached. Contact your administrator to enable overages. Resets in '
                           '4h28m14s.', ''],
                'opencode': ['┃  5 hour usage limit reached. It will reset in 2 hours 7 minutes.', '']}[LOOK]
            self.note('wall', self.prompt)

    def obey(self):
        texts = [self.prompt]
        for path in re.findall(r'/[^\s"`]+', self.prompt):
            if os.path.isfile(path):
                with open(path, encoding='utf-8') as file:
                    texts.append(file.read())
        if any('forget the file' in text for text in texts):
            return
        for text in texts:
            for path in re.findall(r'/[^\s"`]+\.done', text):
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))

    def keys(self, text):
        for part in re.split(r'(\x1b\[20[01]~|\r|\x1b|\x03|\x15)', text):
            if part == '\x1b[200~':
                self.pasting = True
            elif part == '\x1b[201~':
                self.pasting = False
            elif part == '\r' and not self.pasting:
                self.submit()
            elif part == '\x15':
                self.typed = ''
            elif part not in ('\x1b', '\x03'):
                self.typed += part.replace('\r', ' ').replace('\n', ' ')

    def run(self):
        self.note('start', ' '.join(sys.argv[2:]))
        sys.stdout.write('\x1b[?2004h')
        signal.signal(signal.SIGWINCH, lambda *_: None)
        arguments = sys.argv[2:]
        if len(arguments) > 2 and arguments[-3] in ('resume', '--resume'):
            self.typed = arguments[-1]
            self.submit()
        while True:
            self.draw()
            wait = max(0.01, self.ends - time.time()) if self.ends else None
            if select.select([sys.stdin], [], [], wait and min(wait, 0.3))[0]:
                got = os.read(sys.stdin.fileno(), 65536)
                if not got:
                    return
                self.keys(got.decode(errors='replace'))
            if self.ends and time.time() >= self.ends:
                self.finish()


def main():
    before = termios.tcgetattr(sys.stdin)
    tty.setraw(sys.stdin)
    try:
        Agent().run()
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


main()
