"""The manual page of the queue renders without a warning, and names what the program has and nothing else: keys of a
task, fields of a result, words, places, orders, exit codes and settings, as the sources have them. Where groff is
missing only the names are compared, and the check counts as skipped."""
import re
import shutil
import subprocess
import sys

import tree

PAGE = 'packaging/man/claude-failover-queue.7'
GROFF = shutil.which('groff')


def part(text, begin, end):
    return text.partition(begin)[2].partition(end)[0]


def function(path, head):
    """Its text, to the brace that closes it."""
    return part(tree.read(path), head, '\n}')


def words(text, pattern):
    return set(re.findall(pattern, text))


def settings():
    """`part` and `part.key` of the configuration."""
    found, name = set(), ''
    for line in tree.read('conf/configuration.md').splitlines():
        heading, row = re.match(r'## `([\w.]+)', line), re.match(r'\| `(\w+)` \|', line)
        name = heading.group(1) if heading else name
        found |= {name} if heading else {f'{name}.{row.group(1)}'} if row else set()
    return found


RESULT, COMPLETION = 'adapters/queue_moves.cpp', 'core/completion.cpp'
SIGNS = (words(function(COMPLETION, 'string_view end_sign('), r'"([a-z_]+)"') |
         words(tree.read(COMPLETION), r'"(signal|timeout)\b') |
         words(tree.read('core/task_orders.cpp'), r'with_reason\("(\w+)"'))

# Section of the page, what its items look like, what the sources have.
COMPLETE = [
    ('KEYS', r'^\.It Ic (\w+)', words(tree.read('adapters/task_keys.cpp'), r'\{"(\w+)", take_\w+\}')),
    ('RESULT FILES', r'^\.It Va (\w+)', words(function(RESULT, 'result_json('), r'object\["(\w+)"\] =') |
     words(function(RESULT, 'json::value tokens('), r'\{"(\w+)", use->')),
    ('WHAT A TASK WAITS FOR', r'^\.It Sy (\w+)', words(function('core/dispatch.cpp', 'dispatch_gate('), r'"(\w+)"') |
     words(tree.read('core/fitting.cpp'), r'"([a-z_]+):?"')),
    ('HOW A TASK ENDS', r'^\.It Li (\w+)', SIGNS),
    ('PLACES', r'^\.It Pa (\w+)/', words(part(tree.read('adapters/queue_places.cpp'), ' places{', '}'), r'"(\w+)"')),
    ('COMMANDS', r'\bqueue Cm (\w+)', words(tree.read('core/task.cpp'), r'TaskOrder::\w+, "(\w+)"')),
]
# Section, '' for all of them, how a name is mentioned, which there are.
KNOWN = [
    ('KEYS', r'^\.Ic (\w+)$', COMPLETE[0][2]),
    ('', r'^\.Va (\w+)', COMPLETE[1][2]),
    ('EXIT STATUS', r'^\.It (\d+)', words(tree.read('daemon/exit_code.hpp'), r'= (\d+)')),
    ('', r'^\.(?:Pq )?Ql ([a-z]+(?:\.[a-z_]+)+)(?![\w.])', settings()),
]


def section(text, name):
    return part(text, f'\n.Sh {name}\n', '\n.Sh ') if name else text


def compare(text):
    found = []
    for name, pattern, wanted in COMPLETE:
        listed = re.findall(pattern, section(text, name), re.MULTILINE)
        found += [f'{name}: no {word!r}, which the sources have' for word in sorted(wanted - set(listed))]
        found += [f'{name}: {word!r}, which the sources do not have' for word in sorted(set(listed) - wanted)]
        found += [f'{name}: {word!r} twice' for word in sorted(set(listed)) if listed.count(word) > 1]
        found += [] if wanted else [f'the check itself is broken: the sources have nothing for {name}']
    for name, pattern, known in KNOWN:
        mentioned = set(re.findall(pattern, section(text, name), re.MULTILINE))
        found += [f'{name or "page"}: {word!r}, which is not there' for word in sorted(mentioned - known)]
        found += [] if mentioned else [f'the check itself is broken: {name or "the page"} mentions nothing']
    return found


def render(text):
    """What groff says of it."""
    run = subprocess.run([GROFF, '-ww', '-mandoc', '-Tutf8', '-z'], input=text, capture_output=True, encoding='utf-8',
                         check=False)
    said = run.stderr.strip().splitlines()
    return said or ([f'groff ends with {run.returncode}'] if run.returncode else [])


def check(_, text):
    return [(1, message) for message in compare(text) or (render(text) if GROFF else [])]


def proof():
    text = tree.read(PAGE)
    yield ['good', PAGE, 'as it is', text]
    for name, pattern, _ in COMPLETE:
        item = re.search(pattern, section(text, name), re.MULTILINE)
        for what, line in (('without', '.It No'), ('with', item.group(0) + '\n' + item.group(0)),
                           ('with another word for', item.group(0).replace(item.group(1), 'made_up'))):
            changed = section(text, name).replace(item.group(0), line, 1)
            yield ['bad', PAGE, f'{name} {what} {item.group(1)}', text.replace(section(text, name), changed)]
    yield ['bad', PAGE, 'a mention of a key that is not there', text.replace('\n.Ic session\n', '\n.Ic pane\n')]
    yield ['bad', PAGE, 'a setting that is not there', text.replace('Ql watcher.quiet', 'Ql watcher.silence')]
    yield ['bad', PAGE, 'an exit code that is not there', text.replace('.It 75', '.It 76')]
    if GROFF:
        yield ['bad', PAGE, 'an unknown macro', text + '.Xyz\n']
        yield ['bad', PAGE, 'a list without an end', text + '.Bl -bullet\n.It\nx\n']


if not GROFF:
    print('skipped: groff is not installed, so nobody looks how the page renders')
try:
    tree.run(check, [PAGE], list(proof()))
except SystemExit as end:
    sys.exit(end.code or (0 if GROFF else tree.SKIPPED))
