"""daemon -> adapters -> core, and nothing the other way; core is pure; heavy headers stay out of ours."""
import re

import cpp_text
import tree

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)

# Standard headers through which core could meet the world, the clock of it, or another thread.
IMPURE_HEADERS = {
    'barrier', 'condition_variable', 'csignal', 'ctime', 'filesystem', 'fstream', 'future', 'iostream', 'latch', 'mutex',
    'random', 'regex', 'semaphore', 'shared_mutex', 'stop_token', 'syncstream', 'thread',
}
IMPURE_CODE = [
    (re.compile(r'\b(?:system_clock|steady_clock|high_resolution_clock|utc_clock)\s*::\s*now\b'), 'reads a clock'),
    (re.compile(r'(?<![\w.>])(?:std::|::)?(?:time|clock|gettimeofday|clock_gettime|localtime|localtime_r|gmtime)\s*\('),
     'reads a clock or a time zone'),
    (re.compile(r'\brandom_device\b'), 'draws chance'),
    (re.compile(r'\b(?:getenv|setlocale|system)\s*\('), 'asks the environment'),
    (re.compile(r'\b(?:fopen|freopen|popen|tmpfile)\s*\('), 'opens files'),
    (re.compile(r'\bstd\s*::\s*(?:thread|jthread|mutex|async|atomic)\b'), 'knows threads'),
    (re.compile(r'\bco_(?:await|return|yield)\b'), 'waits'),
]
FORMAT_HEADERS = re.compile(r'boost/(?:json|beast|asio/ssl)|yaml-cpp/|openssl/')


def check(path, text):
    found = []
    layer = path.split('/')[0]

    def say(at, message):
        found.append((text.count('\n', 0, at) + 1, message))

    for match in INCLUDE.finditer(cpp_text.without_comments(text)):
        system, header = match.group(1) == '<', match.group(2)
        at = match.start(2)
        if layer == 'core' and system and (not re.fullmatch(r'[a-z_0-9]+', header) or header in IMPURE_HEADERS):
            say(at, f'core is pure, <{header}> is not for it')
        if layer == 'core' and not system and not header.startswith('core/'):
            say(at, f'core includes only core, not "{header}"')
        if layer == 'adapters' and header.startswith('daemon/'):
            say(at, f'adapters do not know the daemon ("{header}")')
        if layer != 'test' and header.startswith('test/'):
            say(at, f'the program does not know its tests ("{header}")')
        if layer in ('adapters', 'daemon') and header in ('regex', 'iostream'):
            say(at, f'<{header}> is not for the daemon: it recurses on hostile text or pulls in static streams')
        if layer in ('core', 'adapters', 'daemon') and path.endswith('.hpp') and FORMAT_HEADERS.match(header):
            say(at, f'<{header}> belongs in a .cpp: a header of ours shows nothing of JSON, YAML, Beast or TLS')
        if header == 'boost/asio.hpp':
            say(at, 'include what is used of Asio, not all of it')
    if layer == 'core':
        code = cpp_text.without_literals(text)
        for pattern, what in IMPURE_CODE:
            for match in pattern.finditer(code):
                say(match.start(), f'core {what}: {match.group().strip()}')
    return found


tree.run(check, tree.sources('core', 'adapters', 'daemon', 'test'), tree.cases('test/checks/layering.cases'))
