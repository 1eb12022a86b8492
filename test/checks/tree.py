"""What every check shares: the files of the project, the cases that prove a check, and how it reports."""
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SKIPPED = 77  # ctest reports it as skipped


def files():
    """Paths of the project's own files, from its root: what git knows or would add; without git, what lies there."""
    listing = subprocess.run(
        ['git', '-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
        cwd=ROOT, capture_output=True, check=False) if os.path.exists(os.path.join(ROOT, '.git')) else None
    if listing and listing.returncode == 0:
        paths = [os.fsdecode(path) for path in listing.stdout.split(b'\0') if path]
    else:
        paths = []
        for folder, folders, names in os.walk(ROOT):
            folders[:] = [f for f in folders if f not in ('build', '.git')]
            paths += [os.path.relpath(os.path.join(folder, name), ROOT) for name in names]
    return sorted(path for path in set(paths) if os.path.isfile(os.path.join(ROOT, path)))


def sources(*folders):
    return [path for path in files() if path.endswith(('.cpp', '.hpp')) and path.split('/')[0] in folders]


def read(path):
    with open(os.path.join(ROOT, path), encoding='utf-8', errors='replace') as file:
        return file.read()


def cases(path):
    """Cases of a file: `==== bad PATH: what` or `==== good PATH: what`, then the text until the next."""
    found = []
    for line in read(path).splitlines(keepends=True):
        if line.startswith('==== '):
            kind, _, rest = line[5:].partition(' ')
            name, _, what = rest.partition(': ')
            found.append([kind, name, what.strip(), ''])
        elif found:
            found[-1][3] += line
    return found


def run(check, paths, proof):
    """Proves on `proof` that `check(path, text) -> [(line, message)]` can fail and can pass, then checks the tree."""
    wrong = []
    for kind, name, what, text in proof:
        failed = bool(check(name, text))
        if failed != (kind == 'bad'):
            wrong.append(f'the check itself is broken: "{what}" ({name}) should be {kind}')
    if {kind for kind, *_ in proof} != {'good', 'bad'}:
        wrong.append('the check itself is broken: it has no good or no bad case')
    if not paths:
        wrong.append('the check itself is broken: it found no file to look at')
    for path in paths:
        wrong += [f'{path}:{line}: {message}' for line, message in check(path, read(path))]
    for line in wrong:
        print(line)
    print(f'{len(proof)} cases, {len(paths)} files, {len(wrong)} findings')
    sys.exit(1 if wrong else 0)
