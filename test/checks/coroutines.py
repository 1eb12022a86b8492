"""co_await stands only at the start of a statement, its arguments are named locals, no coroutine has captures.

g++ 12 miscompiles the other forms without a warning: wrong results, double frees (CONTRIBUTING.md has the table).
Allowed: `co_await x;`, `y = co_await x;`, `T y = co_await x;`, `co_return co_await x;`, `(void)co_await x;`, and an
`if` or `switch` that only begins with such a declaration: `if (auto y = co_await x; y.ok())`.
"""
import cpp_text
import tree

OPEN, CLOSE = {'(': ')', '[': ']', '{': '}'}, {')', ']', '}'}
CONTROL = {'if', 'for', 'while', 'switch', 'catch'}
NAMED_BLOCK = {'struct', 'class', 'union', 'enum', 'namespace', 'extern'}
BEFORE_BLOCK = {None, ';', '{', '}', ')', ']', ':', 'else', 'do', 'try', 'const', 'noexcept', 'override', 'final', 'mutable'}
CHRONO = {'hours', 'minutes', 'seconds', 'milliseconds', 'microseconds', 'nanoseconds', 'Duration'}
CURE = 'make it a statement of its own with named locals'


def is_word(token):
    return token is not None and (token[0].isalnum() or token[0] == '_')


def matching(code, at):
    """The index of the bracket that closes the one at `at`; the end where there is none."""
    depth = 0
    for i in range(at, len(code)):
        if code[i] in OPEN:
            depth += 1
        elif code[i] in CLOSE:
            depth -= 1
            if depth == 0:
                return i
    return len(code) - 1


def is_lambda(code, at):
    """Whether the `[` at `at` begins a lambda: no subscript, no attribute, no binding."""
    before = code[at - 1] if at else None
    if is_word(before) and before not in ('return', 'co_return', 'co_await', 'co_yield'):
        return False
    if before in (')', ']', '&', '&&') or (before == '[') or code[at + 1:at + 2] == ['[']:
        return False
    after = matching(code, at) + 1
    return after < len(code) and code[after] in ('(', '{', 'mutable', '->', '<')


def has_captures(code, at):
    return matching(code, at) > at + 1


def lambda_body(code, at):
    """The indices of `{` and `}` of the lambda whose `[` stands at `at`, and the tokens of its head."""
    head = matching(code, at) + 1
    i = head
    while i < len(code) and code[i] != '{':
        i = matching(code, i) + 1 if code[i] in ('(', '[') else i + 1
    return i, matching(code, min(i, len(code) - 1)), code[head:i]


def lambda_findings(code):
    for i, token in enumerate(code):
        if token == '[' and is_lambda(code, i) and has_captures(code, i):
            begin, end, head = lambda_body(code, i)
            if '->' in head and ('awaitable' in head or 'Async' in head):
                yield token.line, 'a lambda with captures is no coroutine: the captures die with the lambda'
            elif own_code_waits(code, begin, end):
                yield token.line, 'a lambda with captures waits: the captures die with the lambda'
        if token == 'co_spawn' and code[i + 1:i + 2] == ['(']:
            second = second_argument(code, i + 1)
            if code[second] == '[' and is_lambda(code, second) and has_captures(code, second):
                yield token.line, 'co_spawn of a lambda with captures: pass a coroutine function its parameters by value'


def own_code_waits(code, begin, end):
    i = begin + 1
    while i < end:
        if code[i] == '[' and is_lambda(code, i):
            i = lambda_body(code, i)[1]
        elif code[i] in ('co_await', 'co_return', 'co_yield'):
            return True
        i += 1
    return False


def second_argument(code, at):
    end, i = matching(code, at), at + 1
    while i < end and code[i] != ',':
        i = matching(code, i) + 1 if code[i] in OPEN else i + 1
    return min(i + 1, end)


class Bracket:
    def __init__(self, kind, statement, keyword=None, at=0):
        self.kind, self.statement, self.keyword, self.at = kind, statement, keyword, at


def brace_kind(code, i, around):
    """Whether the `{` at i opens a block of statements or an initialiser."""
    before = code[i - 1] if i else None
    if around.kind == 'init':
        return 'init'
    statement = code[around.statement:i]
    if around.kind == 'block' and (any(word in NAMED_BLOCK for word in statement) or '->' in statement[-12:]):
        return 'block'
    if around.kind != 'block' and '->' in code[max(0, i - 12):i]:
        return 'block'  # a lambda's body after its result type
    return 'block' if before in BEFORE_BLOCK else 'init'


def await_findings(code):
    stack = [Bracket('block', 0)]
    for i, token in enumerate(code):
        top = stack[-1]
        if token == '{':
            stack.append(Bracket(brace_kind(code, i, top), i + 1))
        elif token in ('(', '['):
            before = code[i - 1] if i else None
            if before == 'constexpr' and i > 1:
                before = code[i - 2]
            keyword = before if token == '(' and before in CONTROL else None
            stack.append(Bracket('control' if keyword else 'plain', i + 1, keyword, i))
        elif token in CLOSE and len(stack) > 1:
            closed = stack.pop()
            top = stack[-1]
            if closed.kind == 'control' or (closed.kind == 'block' and top.kind == 'block'):
                top.statement = i + 1
        elif token == ';' or token in ('else', 'do') or (token == ':' and is_label(code, top, i)):
            top.statement = i + 1
        elif token == 'co_await':
            yield from place_findings(code, i, top)
            yield from argument_findings(code, i)


def is_label(code, top, i):
    statement = code[top.statement:i]
    return top.kind == 'block' and statement[:1] in (['case'], ['default']) and '?' not in statement


def place_findings(code, i, top):
    before = code[top.statement:i]
    line = code[i].line
    if top.kind == 'control':
        opened = matching(code, top.at)
        declares = before[-1:] == ['='] and top.keyword in ('if', 'switch')
        if declares and ';' in code[i:opened] and ';' not in code[top.at:i]:
            return
        yield line, f'co_await in the condition of {top.keyword}: {CURE}'
    elif top.kind != 'block':
        yield line, f'co_await inside an expression: {CURE}'
    elif before in ([], ['co_return'], ['(', 'void', ')']):
        return
    elif before[-1] != '=' or '?' in before or before[0] in ('return', 'co_return'):
        yield line, f'co_await inside an expression: {CURE}'


def argument_findings(code, at):
    """What stands in the awaited expression, up to the end of its statement."""
    depth, i = 0, at + 1
    while i < len(code):
        token = code[i]
        if token == '[' and is_lambda(code, i):
            if has_captures(code, i):
                yield token.line, 'a lambda with captures inside an awaited expression: name it first, move it in'
            i = lambda_body(code, i)[1] + 1
            continue
        if token == '{':
            if not is_plain_duration(code, i):
                yield token.line, 'a braced temporary inside an awaited expression: name it first, move it in'
            i = matching(code, i) + 1
            continue
        if token in OPEN:
            depth += 1
        elif token in CLOSE:
            depth -= 1
        elif token == '?':
            yield token.line, f'a choice around co_await or in its arguments: {CURE}'
        if depth < 0 or (token == ';' and depth == 0):
            return
        i += 1


def is_plain_duration(code, i):
    return code[i - 1] in CHRONO and matching(code, i) == i + 2


def check(_, text):
    code = cpp_text.tokens(text)
    return sorted(set(await_findings(code)) | set(lambda_findings(code)))


tree.run(check, tree.sources('adapters', 'daemon', 'test'), tree.cases('test/checks/coroutines.cases'))
