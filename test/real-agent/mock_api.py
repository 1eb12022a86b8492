"""The provider's API as far as the agent needs it, on a loopback port: answers of /v1/messages, streamed or whole, and
after an account's budget the refusal that a 5-hour wall is made of.

Only requests of the conversation are counted: those that offer tools and hold the conversation's mark. What the agent
asks beside it (titles, warm-ups, a probe of its quota) is answered in a word, or refused once the account is spent.
"""
import http.server
import json
import threading
import time

MODEL = 'claude-sonnet-4-5-20250929'


def blocks_of(message):
    content = message.get('content')
    return [{'type': 'text', 'text': content}] if isinstance(content, str) else content or []


def events_of(message):
    """The message as the events of a stream."""
    yield {'type': 'message_start', 'message': dict(message, content=[], stop_reason=None)}
    for index, block in enumerate(message['content']):
        if block['type'] == 'text':
            empty, delta = {'type': 'text', 'text': ''}, {'type': 'text_delta', 'text': block['text']}
        else:
            empty = dict(block, input={})
            delta = {'type': 'input_json_delta', 'partial_json': json.dumps(block['input'])}
        yield {'type': 'content_block_start', 'index': index, 'content_block': empty}
        yield {'type': 'content_block_delta', 'index': index, 'delta': delta}
        yield {'type': 'content_block_stop', 'index': index}
    yield {'type': 'message_delta', 'delta': {'stop_reason': message['stop_reason'], 'stop_sequence': None},
           'usage': {'output_tokens': 20}}
    yield {'type': 'message_stop'}


class Account:
    def __init__(self, name, budget, answer):
        """`answer(number, asked)` gives the content of its number-th answer in the conversation."""
        self.name, self.budget, self.answer = name, budget, answer
        self.given = 0


class MockApi:
    """Serves in threads of its own until `end`; `accounts` by bearer token, `log` gets a JSON line for each request."""

    def __init__(self, accounts, mark, log, resets_in):
        self.accounts, self.mark = accounts, mark
        self.resets_at = int(time.time()) + resets_in
        self.lock = threading.Lock()
        self.requests = 0
        self.log = open(log, 'a', encoding='utf-8', buffering=1)
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def log_message(self, *_):
                pass

            def do_GET(self):
                api.note(self, None, status=200, what='other')
                self.reply(200, {})

            do_HEAD = do_GET

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
                path = self.path.partition('?')[0]
                if path == '/v1/messages/count_tokens':
                    api.note(self, None, status=200, what='other')
                    self.reply(200, {'input_tokens': 100})
                elif path != '/v1/messages':
                    api.note(self, None, status=404, what='other')
                    self.reply(404, error('not_found_error', 'not found'))
                else:
                    self.message(json.loads(body))

            def message(self, asked):
                status, answer = api.answer(self, asked)
                headers = api.limit_headers(status == 429)
                if status != 200 or not asked.get('stream'):
                    return self.reply(status, answer, headers)
                self.send_response(200)
                headers.update({'Content-Type': 'text/event-stream', 'Connection': 'close'})
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                for event in events_of(answer):
                    self.wfile.write(f'event: {event["type"]}\ndata: {json.dumps(event)}\n\n'.encode())
                self.close_connection = True

            def reply(self, status, value, headers=None):
                text = json.dumps(value).encode()
                self.send_response(status)
                for name, item in (headers or {}).items():
                    self.send_header(name, item)
                self.send_header('Content-Type', 'application/json')
                self.send_header('Content-Length', str(len(text)))
                self.end_headers()
                if self.command != 'HEAD':
                    self.wfile.write(text)

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.daemon_threads = True
        self.url = f'http://127.0.0.1:{self.server.server_port}'
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def end(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def account_of(self, handler):
        kind, _, token = (handler.headers.get('Authorization') or '').partition(' ')
        return self.accounts.get(token) if kind == 'Bearer' else None

    def answer(self, handler, asked):
        """The status and the body."""
        account = self.account_of(handler)
        if account is None:
            self.note(handler, asked, status=401, what='unknown login')
            return 401, error('authentication_error', 'Invalid bearer token')
        counted = bool(asked.get('tools')) and self.mark in json.dumps(asked.get('messages', []))
        with self.lock:
            self.requests += 1
            number = self.requests
            spent = account.given >= account.budget
            if counted and not spent:
                account.given += 1
            given = account.given
        status = 429 if spent else 200
        self.note(handler, asked, status=status, what='conversation' if counted else 'beside it')
        if spent:
            return 429, error('rate_limit_error', "This request would exceed your account's rate limit.")
        content = account.answer(given, asked) if counted else [{'type': 'text', 'text': 'Ready.'}]
        uses_tool = any(block['type'] == 'tool_use' for block in content)
        return 200, {'id': f'msg_{account.name}_{number}', 'type': 'message', 'role': 'assistant',
                     'model': asked.get('model', MODEL), 'content': content,
                     'stop_reason': 'tool_use' if uses_tool else 'end_turn', 'stop_sequence': None,
                     'usage': {'input_tokens': 100, 'output_tokens': 1}}

    def limit_headers(self, rejected):
        prefix = 'anthropic-ratelimit-unified-'
        resets = str(self.resets_at)
        headers = {'status': 'rejected' if rejected else 'allowed', 'reset': resets,
                   'representative-claim': 'five_hour', '5h-status': 'rejected' if rejected else 'allowed',
                   '5h-reset': resets, '5h-utilization': '1.0' if rejected else '0.4'}
        found = {prefix + name: value for name, value in headers.items()}
        return dict(found, **{'retry-after': str(self.resets_at - int(time.time()))}) if rejected else found

    def note(self, handler, asked, **facts):
        """Never a token: the account's name alone."""
        account = self.account_of(handler)
        row = dict(time=round(time.time(), 3), method=handler.command, path=handler.path,
                   account=account.name if account else None, **facts)
        if asked is not None:
            blocks = [block for message in asked.get('messages', []) for block in blocks_of(message)]
            row['messages'] = len(asked.get('messages', []))
            row['tools'] = len(asked.get('tools') or [])
            row['tool_uses'] = [block['id'] for block in blocks if block.get('type') == 'tool_use']
            texts = [block['text'] for block in blocks if block.get('type') == 'text']
            row['prompts'] = [text[:600] for text in texts if not text.startswith('<system-reminder>')]
        with self.lock:
            self.log.write(json.dumps(row) + '\n')


def error(kind, message):
    return {'type': 'error', 'error': {'type': kind, 'message': message}}
