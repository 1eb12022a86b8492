"""Every bash script parses, stops at a failure or hands over by exec, and may be executed."""
import os
import re
import subprocess

import tree


def is_script(path):
    return tree.read(path).startswith('#!/bin/bash')


def check(path, text):
    found = []
    parsed = subprocess.run(['bash', '-n'], input=text, capture_output=True, encoding='utf-8', check=False)
    if parsed.returncode != 0:
        found.append((1, parsed.stderr.strip()))
    if not re.search(r'^set -euo pipefail$|^exec ', text, re.MULTILINE):
        found.append((1, 'goes on after a failure: `set -euo pipefail`'))
    place = os.path.join(tree.ROOT, path)
    if os.path.exists(place) and not os.access(place, os.X_OK):
        found.append((1, 'is not executable'))
    return found


PROOF = [
    ['bad', 'x', 'an open quotation', '#!/bin/bash\nset -euo pipefail\necho "\n'],
    ['bad', 'x', 'a script that ignores failures', '#!/bin/bash\nfalse\ntrue\n'],
    ['bad', 'LICENSE', 'a script that cannot be executed', '#!/bin/bash\nset -euo pipefail\n'],
    ['good', 'x', 'a sound script', '#!/bin/bash\nset -euo pipefail\necho "$@"\n'],
]

tree.run(check, [path for path in tree.files() if is_script(path)], PROOF)
