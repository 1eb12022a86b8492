"""A private tmux server whose panes show an agent's screen that this script draws: a full one of 200x50, at rest or at
work. The text is written to the pane's terminal from outside, as the program in it would; that program only sleeps."""
import multiprocessing
import os
import random
import signal
import subprocess
import time

COLUMNS, ROWS = 200, 50
SPINNER_ROW = ROWS - 5
AT_WORK, AT_REST = 'working', 'idle'  # as /status calls the phases

FORK = multiprocessing.get_context('fork')


def prose(row):
    words = 'the parser reads each row once and hands the parts to whoever asked for them in order'.split()
    text = ' '.join(words[(row * 5 + number) % len(words)] for number in range(28))
    return ('● ' if row % 6 == 0 else '  ') + text[:130 + row % 40]


def spinner(seconds):
    return f'✻ Deliberating… ({seconds}s · ↓ {seconds % 90 + 10} tokens · esc to interrupt)'


def screen(name, state):
    """No two panes show the same text, as no two agents do."""
    rule = '─' * COLUMNS
    rows = [' ▐▛███▛█   Claude Code v2.1.330', '▝▜██████▀  Opus 5.5 · Claude Max', f' ▝▝   ▝▝   /home/dev/{name}', '',
            '❯ please build the next part', '']
    rows += [prose(row) for row in range(SPINNER_ROW - 2 - len(rows))] + ['']
    rows += [spinner(0) if state == AT_WORK else '✻ Crunched for 10s · done 7:23 PM', '', rule, '❯ ', rule]
    rows += ['  ⏵⏵ auto mode on (shift+tab to cycle)' + (' · esc to interrupt' if state == AT_WORK else '')]
    # A row that fills its line needs no end of line, and the last one must not scroll.
    return '\x1b[H\x1b[2J' + ''.join(f'\x1b[{number + 1};1H{row}' for number, row in enumerate(rows)) + '\x1b[48;3H'


def write_to(terminal, text):
    """Whether the terminal was still there. Not kept open: an open terminal outlives its pane."""
    try:
        descriptor = os.open(terminal, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        os.write(descriptor, text.encode())
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)


def new_session(name):
    return f'new-session -d -x {COLUMNS} -y {ROWS} -s {name} sleep infinity'


class Panes:
    """The first session starts the server, in this environment. `terminals`: by the session's name."""

    def __init__(self, socket, environment):
        self.socket, self.environment = socket, dict(environment, TERM='xterm-256color')
        self.terminals, self.server = {}, 0

    def tmux(self, *words, text=''):
        done = subprocess.run(['tmux', '-u', '-f', '/dev/null', '-S', self.socket, *words], input=text,
                              capture_output=True, encoding='utf-8', env=self.environment, check=False)
        if done.returncode:
            raise SystemExit(f'tmux {" ".join(words)} failed ({done.returncode}): {done.stderr.strip()}\n{text[:500]}')
        return done.stdout

    def add(self, names, state=AT_REST):
        """Makes and draws a session for each name."""
        begun = 0
        if not self.server:
            self.tmux(*new_session(names[0]).split())
            self.server = int(self.tmux('display-message', '-p', '#{pid}'))
            begun = 1
        self.tmux('source-file', '-', text='\n'.join(new_session(name) for name in names[begun:]))
        found = dict(line.split() for line in
                     self.tmux('list-panes', '-a', '-F', '#{session_name} #{pane_tty}').splitlines())
        for name in names:
            self.terminals[name] = found[name]
            self.draw(name, state)

    def end(self, names):
        for name in names:
            del self.terminals[name]
        self.tmux('source-file', '-', text=''.join(f'kill-session -t ={name}\n' for name in names))

    def draw(self, name, state):
        text = screen(name, state).encode()
        descriptor = os.open(self.terminals[name], os.O_WRONLY | os.O_NOCTTY)
        try:
            while text:
                text = text[os.write(descriptor, text):]
        finally:
            os.close(descriptor)

    def show(self, name):
        return self.tmux('capture-pane', '-p', '-t', f'={name}:')


class Printing:
    """Rewrites the spinner's row of each terminal so many times a second, spread evenly, in a process of its own."""

    def __init__(self, terminals, per_second=1.0):
        self.process = FORK.Process(target=self.go_on, args=(list(terminals), per_second, os.getpid()), daemon=True)

    @staticmethod
    def go_on(terminals, per_second, parent):
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if not terminals:
            return
        random.shuffle(terminals)
        due, number = time.monotonic(), 0
        while os.getppid() == parent:
            write_to(terminals[number % len(terminals)],
                     f'\x1b7\x1b[{SPINNER_ROW + 1};1H\x1b[K{spinner(number // len(terminals))}\x1b8')
            number += 1
            due += 1 / per_second / len(terminals)
            time.sleep(max(0.0, due - time.monotonic()))

    def __enter__(self):
        self.process.start()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.join()
