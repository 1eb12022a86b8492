"""What is put into pending/ to trouble the daemon, and what must become of each."""
import collections
import os
import socket
import stat
import time

DEVICE = os.makedev(1, 5)  # zeros without end
ANOTHER_USER = 65534

# `place`: where it ends; pending for what is left alone. `title`: what the daemon calls it, where that is not its name.
Thing = collections.namedtuple('Thing', 'label name make place reason title for_root', defaults=('', '', False))


def named(label, name, title='', place='done'):
    """A good task with a bad name."""
    return Thing(label, name, file_with(f'Work on {label}.\n'.encode()), place, title=title)


def refused(label, make, reason, end='.md', for_root=False):
    return Thing(label, label.replace(' ', '-') + end, make, 'failed', reason, '', for_root)


def taken(label, content, end='.md'):
    """Something strange in a good file."""
    return Thing(label, label.replace(' ', '-') + end, file_with(content), 'done')


# --- how things are made ---

def file_with(content):
    def make(world, path):
        written = f'{world.root}/staging/task'
        with open(written, 'wb') as file:
            file.write(content)
        os.utime(written, (time.time() - 60,) * 2)
        os.rename(written, path)
        return content
    return make


def link_to(target):
    return lambda world, path: os.symlink(target.format(root=world.root), path)


def hard_link(world, path):
    os.link(f'{world.root}/outside/linked', path)


def directory(world, path):
    os.mkdir(path)
    with open(f'{path}/inner.md', 'wb') as file:
        file.write(b'Not to be run.\n')


def unix_socket(world, path):
    """Bound beside the queue, where a path is shorter, and moved in."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as made:
        made.bind(f'{world.root}/staging/s')
    os.rename(f'{world.root}/staging/s', path)


def sparse(world, path):
    file_with(b'x')(world, path)
    os.truncate(path, 10 << 30)


def of_another(world, path):
    file_with(b'Work.\n')(world, path)
    os.chown(path, ANOTHER_USER, ANOTHER_USER)


def half_written(world, path):
    """Open for writing until all others are done."""
    file = open(path, 'wb')  # closed by finish_half_written()
    file.write(b'Work on half of')
    file.flush()
    world.half_written = file
    return b'Work on half of it, and on the other half.\n'


def finish_half_written(world):
    world.half_written.write(b' it, and on the other half.\n')
    world.half_written.close()


# --- what must become of them ---

THINGS = [
    named('newline', b'a\nb.md', 'a_b.md'),
    named('newline and a word', b'a.md\ncontinue\n.md', 'a.md_continue_.md'),
    named('carriage return', b'a\rcontinue\r.md', 'a_continue_.md'),
    named('invalid UTF-8', b'\xff\xfe\xc3.md', '___.md'),
    named('overlong UTF-8', b'\xc0\xafx.md', '__x.md'),
    named('an option', b'-rf.md'),
    named('a semicolon', b';touch pwned;.md'),
    named('tmux runs', b'#(touch pwned).md'),
    named('the shell runs', b'$(touch pwned).md'),
    named('backquotes', b'`touch pwned`.md'),
    named('a redirection', b'x>pwned.md'),
    named('a tmux format', b'#{pane_id}.md'),
    named('a tmux style', b'#[fg=red]#D#S.md'),
    named('quotes', b'it\'s "so" \\n \\.md'),
    named('a variable', b'$HOME~${IFS}%s%n.md'),
    named('a pattern', b'*?[a-z]{1,2}!.md'),
    named('a mention', b'@canary.md'),
    named('255 bytes', b'n' * 252 + b'.md', 'n' * 97 + '.md'),
    named('255 bytes of UTF-8', 'ü'.encode() * 126 + b'.md', 'ü' * 48 + '.md'),
    named('only spaces', b'   .md'),
    named('a space after the end', b'x.md ', place='pending'),
    named('bidi override', 'evil\u202edm.exe\u2066.md'.encode(), 'evil_dm.exe_.md'),
    named('of no width', 'a\u200bb\ufeff.md'.encode(), 'a_b_.md'),
    named('escape sequences', b'\x1b[2J\x1b]0;x\x07.md', '_[2J_]0;x_.md'),
    named('keys of a terminal', b'\x03\x04\x15\x1a\x1b[201~.md', '_____[201~.md'),
    named('letters of the world', 'Straße-日本-🚀.md'.encode()),
    named('two ends', b'x.result.json.md'),
    named('a result\'s name', b'x.md.result.json', place='pending'),
    named('hidden', b'.hidden.md', place='pending'),
    named('as if up', b'..up.md', place='pending'),
    named('only dots', b'....md', place='pending'),
    named('a backup', b'backup.md~', place='pending'),
    named('being made', b'x.md.tmp', place='pending'),
    named('no task\'s name', b'notes.md.old', place='pending'),
    named('no end', b'README', place='pending'),

    refused('symlink', link_to('{root}/outside/secret'), 'a symlink'),
    refused('dangling symlink', link_to('nowhere'), 'a symlink'),
    refused('symlink to directory', link_to('{root}/outside'), 'a symlink'),
    refused('symlink to itself', link_to('symlink-to-itself.md'), 'a symlink'),
    refused('hard link', hard_link, 'hard link'),
    refused('FIFO', lambda world, path: os.mkfifo(path), 'a FIFO'),
    refused('socket', unix_socket, 'a socket'),
    refused('device', lambda world, path: os.mknod(path, stat.S_IFCHR | 0o600, DEVICE), 'a device',
            for_root=True),
    refused('directory', directory, 'a directory'),
    refused('of another user', of_another, f'belongs to user {ANOTHER_USER}', for_root=True),
    refused('10 GB sparse', sparse, '10737418240 bytes'),
    refused('a byte too large', file_with(b'x' * ((1 << 20) + 1)), '1048577 bytes'),
    refused('empty', file_with(b''), 'empty'),
    refused('only blank lines', file_with(b' \n\t\n'), 'empty'),
    refused('unknown key', file_with(b'---\nprioritty: 1\n---\nx\n'), "2:1: "),
    refused('key twice', file_with(b'---\npriority: 1\npriority: 2\n---\nx\n'),
            "3:1: 'priority' is written twice: it stands in line 2 already"),
    refused('not closed', file_with(b'---\npriority: 1\nx\n'), '1:1: '),
    refused('an id that leads out', file_with(b'---\nid: ../../outside/secret\n---\nx\n'), '2:5: '),
    Thing('a session that is none', 'nobodys.md',
          file_with(b'---\nsession: "$(touch pwned)#(touch pwned)"\n---\nx\n'), 'pending'),
    refused('a session of two lines', file_with(b'---\nsession: "a\\nb"\n---\nx\n'), '2:10: '),
    refused('yaml that is its own part', file_with(b'prompt: &a [*a]\n'), '1:', '.yaml'),
    refused('yaml that grows', file_with(b'a: &a [x, x]\nb: &b [*a, *a]\nprompt: [*b, *b]\n'), '1:', '.yaml'),
    refused('yaml in invalid UTF-8', file_with(b'prompt: \xff\xfe\n'), 'not UTF-8', '.yaml'),
    refused('yaml without prompt', file_with(b'priority: 1\n'), "'prompt'", '.yaml'),

    taken('binary', bytes(range(256)) * 16),
    taken('escape sequences inside',
          b'\x1b[2J\x1b]0;x\x07\x1b[201~continue\r\n$(touch pwned)`touch pwned`#(touch pwned)\n'),
    taken('invalid UTF-8 inside', b'Work \xff\xfe\xc3\x28.\n'),
    taken('the largest', b'x' * (1 << 20)),
    taken('byte order mark', b'\xef\xbb\xbf---\r\npriority: 3\r\n---\r\nWork.\r\n'),
    taken('yaml', b'prompt: |\n  $(touch pwned)\n  #(touch pwned)\n', '.yaml'),
    Thing('half-written', 'half-written.md', half_written, 'done'),
]
