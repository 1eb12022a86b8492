"""C++ text as the checks see it: without comments, literals blanked, cut into tokens with their lines."""
import re

_SKIP = re.compile(
    r'''(?P<comment>//(?:[^\n\\]|\\.|\\\n)*|/\*.*?\*/)'''
    r'''|R"(?P<tag>[^()\\\s]{0,16})\(.*?\)(?P=tag)"'''
    r'''|"(?:\\.|[^"\\\n])*"'''
    r'''|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+\'''',
    re.DOTALL,
)
_DIRECTIVE = re.compile(r'^[ \t]*#(?:[^\n\\]|\\.|\\\n)*', re.MULTILINE)
_TOKEN = re.compile(r'\w+|->|::|==|!=|<=|>=|&&|\|\||[-+*/%&|^]=|\S')


def _spaces(text):
    return re.sub(r'[^\n]', ' ', text)


def without_comments(text):
    """The same text, same lines, comments blanked; literals stay."""
    return _SKIP.sub(lambda m: _spaces(m.group()) if m.group('comment') else m.group(), text)


def without_literals(text):
    """The same text, same lines, comments and the insides of literals blanked."""
    def blank(match):
        whole = match.group()
        if match.group('comment'):
            return _spaces(whole)
        return whole[-1] + _spaces(whole[1:-1]) + whole[-1]
    return _SKIP.sub(blank, text)


class Token(str):
    """A token that knows its line."""
    line = 0


def tokens(text):
    """The tokens of the code proper: no comments, no directives, literals as bare quotes."""
    code = _DIRECTIVE.sub(lambda m: _spaces(m.group()), without_literals(text))
    found, line, at = [], 1, 0
    for match in _TOKEN.finditer(code):
        line += code.count('\n', at, match.start())
        at = match.start()
        token = Token(match.group())
        token.line = line
        found.append(token)
    return found
