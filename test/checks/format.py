"""Every source is as clang-format 14 leaves it; other versions format differently, so the check then skips itself."""
import os
import shutil
import subprocess
import sys

import tree


def is_formatted(program, *arguments, text=None):
    run = subprocess.run([program, '--dry-run', '-Werror', '--style=file', *arguments], cwd=tree.ROOT, input=text,
                         capture_output=True, encoding='utf-8', check=False)
    sys.stdout.write(run.stderr)
    return run.returncode == 0


program = shutil.which('clang-format-14')
if not program:
    print('skipped: clang-format-14 is not installed')
    sys.exit(tree.SKIPPED)

devnull, sys.stdout = sys.stdout, open(os.devnull, 'w', encoding='utf-8')
proven = is_formatted(program, '--assume-filename=a.cpp', text='int const a = 1;\n') and not is_formatted(
    program, '--assume-filename=a.cpp', text='const int  a=1;\n')
sys.stdout = devnull
if not proven:
    sys.exit('the check itself is broken: clang-format-14 does not tell well formatted text from badly formatted text')

paths = tree.sources('core', 'adapters', 'daemon', 'test')
sys.exit(0 if paths and is_formatted(program, *paths) else 1)
