"""Words that have no place in the tree: notes of unfinished work, tests that check nothing, paths of one machine."""
import re

import tree

# Put together from pieces, so that this file does not hold what it looks for.
UNFINISHED = re.compile(r'\b(?:' + '|'.join(('TO' 'DO', 'FIX' 'ME', 'X' 'XX', 'not imple' 'mented')) + r')\b')
EMPTY_TEST = re.compile('|'.join((r'\bSUCC' r'EED\(\)', r'\b(?:REQUIRE|CHECK)\((?:tr' r'ue|!fal' r'se)\)', r'\[\.[\w-]*\]',
                                  r'\[!(?:may' r'fail|should' r'fail)\]')))
ONE_MACHINE = re.compile('|'.join((r'(?<![\w.~/-])/wo' r'rk/', r'(?<![\w.~-])/fa' r'rm\b', r'\.libr' r'ary\b',
                                   r'\.\./sha' r'red\b', r'/tmp/c' r'f/')))

PROOF = [
    ['bad', 'core/x.cpp', 'a note of unfinished work', '// TO' 'DO: later\n'],
    ['bad', 'README.md', 'another one', 'FIX' 'ME\n'],
    ['bad', 'core/x.cpp', 'a third one', '// X' 'XX\n'],
    ['bad', 'core/x.cpp', 'a part left out', 'fail("not imple' 'mented");\n'],
    ['bad', 'test/core/x_test.cpp', 'a test that checks nothing', 'CHECK(tr' 'ue);\n'],
    ['bad', 'test/core/x_test.cpp', 'a hidden test', 'TEST_CASE("x", "[.' 'slow]")\n'],
    ['bad', 'test/core/x_test.cpp', 'a test that may fail', 'TEST_CASE("x", "[!may' 'fail]")\n'],
    ['bad', 'test/data/x.txt', "a path of one machine", 'cwd: /wo' 'rk/project\n'],
    ['good', 'test/data/x.txt', 'captured text may say what it likes', '# TO' 'DO in a captured screen\n'],
    ['good', 'packaging/x', 'a template of a temporary name', 'mktemp -d cf.X' 'XXXXX\n'],
    ['good', 'core/x.cpp', 'CHECK with something to check', 'CHECK(true_name == 1); a[0].b; /home/alice/work/x\n'],
]


def check(path, text):
    found = []

    def look(pattern, what):
        for match in pattern.finditer(text):
            found.append((text.count('\n', 0, match.start()) + 1, f'{what}: {match.group()}'))

    if not path.startswith('test/data/'):
        look(UNFINISHED, 'unfinished work belongs in an issue')
    if path.startswith('test/') and path.endswith(('.cpp', '.hpp')):
        look(EMPTY_TEST, 'a test that cannot fail or does not run')
    look(ONE_MACHINE, 'a path of one machine')
    return found


tree.run(check, tree.files(), PROOF)
