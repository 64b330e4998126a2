#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: people_fill.py FILE|postgres://… [--audit 1000000] [--conversations 100000] [--visitors 100000] [--products 10000]

Fills a store that `chatelaine init` has made with as much as an administrator of a large installation has: prints the environment
that holds it, as JSON. The rows are like those that the server writes; on PostgreSQL they go through psql's COPY."""
import argparse
import csv
import hashlib
import io
import json
import random
import sqlite3
import subprocess
import sys
import time

DAY = 24 * 3600 * 1000
random.seed(7)
WORDS = ('order invoice account balance card delivery refund password address contract meter reading tariff bill payment '
         'appointment opening hours return exchange warranty repair subscription cancel change update mobile number').split()
NAMES = 'Ada Grace Alan Edsger Barbara Donald Frances Dennis Radia Ken Margaret Niklaus Joan Tony Hedy Claude Shafi Leslie'.split()
FAMILY = 'Lovelace Hopper Turing Dijkstra Liskov Knuth Allen Ritchie Perlman Thompson Hamilton Wirth Clarke Hoare Lamarr Shannon'.split()
TOOLS = ['get_balance', 'freeze_card', 'list_orders', 'cancel_order', 'send_invoice', 'book_appointment', 'rarely_used']


def identifier(prefix, ms, number):
    """As id_new makes them: a UUIDv7, rising with time."""
    tail = hashlib.sha256(f'{prefix}{number}'.encode()).hexdigest()[:16]
    return f'{prefix}_{ms:012x}7{number & 0xfff:03x}8{tail[:15]}'


class Sqlite:
    def __init__(self, path):
        self.database = sqlite3.connect(path)
        self.database.execute('PRAGMA synchronous = OFF')

    def put(self, table, columns, rows):
        marks = ','.join('?' * len(columns))
        self.database.executemany(f'INSERT INTO {table} ({",".join(columns)}) VALUES ({marks})', rows)

    def finish(self):
        self.database.commit()
        self.database.close()


class Postgres:
    def __init__(self, url):
        self.url = url

    def put(self, table, columns, rows):
        child = subprocess.Popen(['psql', '-qX', self.url, '-c', f"\\copy {table} ({','.join(columns)}) from stdin with (format csv, null 'NULL')"],
                                 stdin=subprocess.PIPE, text=True)
        for row in rows:
            line = io.StringIO()
            csv.writer(line, quoting=csv.QUOTE_MINIMAL).writerow(['NULL' if value is None else value for value in row])
            child.stdin.write(line.getvalue())
        child.stdin.close()
        if child.wait() != 0:
            sys.exit(1)

    def finish(self):
        subprocess.run(['psql', '-qX', self.url, '-c', 'ANALYZE'], check=True)


def suffixes(text):
    words = text.lower().split()
    return {' '.join(words[i:])[:64] for i in range(min(len(words), 7))}


def fill(store, size):
    now = int(time.time() * 1000)
    begin = now - 80 * DAY
    environments = [identifier('env', begin, i) for i in range(size.products)]
    products = [identifier('prod', begin, i) for i in range(size.products)]
    columns = dict(p='id,name,created_at', e='id,product_id,name,config,version,created_at,updated_at')
    store.put('products', columns['p'].split(','), ((products[i], f'product-{i:05d}', begin) for i in range(size.products)))
    config = json.dumps({'origins': ['https://acme.example'], 'signIn': {'enforcement': 'optional', 'issuers': []}})
    store.put('environments', columns['e'].split(','),
              ((environments[i], products[i], 'live', config, 1, begin, begin) for i in range(size.products)))
    home = environments[0]

    visitors = []
    for i in range(size.visitors):
        at = begin + i * 79 * DAY // size.visitors
        is_verified = i % 2 == 0
        name = f'{random.choice(NAMES)} {random.choice(FAMILY)}' if is_verified else None
        visitors.append((identifier('vis', at, i), at, f'user-{i:06d}' if is_verified else None, name))
    store.put('visitors', 'environment_id,id,issuer,subject,resume_hash,created_at'.split(','),
              ((home, v[0], 'login' if v[2] else None, v[2], None if v[2] else hashlib.sha256(v[0].encode()).hexdigest(), v[1]) for v in visitors))
    store.put('visitor_profiles', 'environment_id,visitor_id,name,email,seen_at'.split(','),
              ((home, v[0], v[3], f'{v[2]}@acme.example' if v[2] else None, v[1] + DAY) for v in visitors))
    store.put('search_words', 'environment_id,kind,word,id'.split(','),
              ((home, 'visitor', word, v[0]) for v in visitors if v[2] for word in {v[2], f'{v[2]}@acme.example'} | suffixes(v[3])))

    conversations = []
    for i in range(size.conversations):
        at = begin + i * 79 * DAY // size.conversations
        # One visitor in a hundred talks all the time.
        visitor = visitors[i % 10] if i % 10 == 0 else visitors[random.randrange(len(visitors))]
        conversations.append((identifier('conv', at, i), visitor, ' '.join(random.sample(WORDS, 5)), at))
    store.put('conversations', 'environment_id,id,visitor_id,title,created_at,updated_at,last_position'.split(','),
              ((home, c[0], c[1][0], c[2], c[3], c[3] + 60000, 2) for c in conversations))
    store.put('search_words', 'environment_id,kind,word,id'.split(','),
              ((home, 'conversation', word, c[0]) for c in conversations for word in suffixes(c[2])))
    store.put('messages', 'environment_id,conversation_id,position,id,role,subject,issuer,text,parts,state,created_at'.split(','),
              ((home, c[0], p, identifier('msg', c[3], i * 2 + p), 'visitor' if p == 1 else 'assistant', c[1][2], 'login' if c[1][2] else None,
                c[2], None, 'answered', c[3]) for i, c in enumerate(conversations) for p in (1, 2)))
    store.put('visitor_sessions',
              'environment_id,id,visitor_id,issuer,token,token_ends_at,client,started_at,seen_at,ended_at'.split(','),
              ((home, identifier('ses', c[3], i), c[1][0], 'login', f'jti-{i}', c[3] + 300000, 'Firefox on Linux', c[3], c[3] + 60000, c[3] + 60000)
               for i, c in enumerate(conversations) if c[1][2]))

    def audit():
        for i in range(size.audit):
            at = begin + i * 79 * DAY // size.audit
            visitor = visitors[i % 10 * 2] if i % 5 == 0 else visitors[random.randrange(len(visitors) // 2) * 2]
            kind = i % 20
            outcome, reason = ('failed', 'timed-out') if kind == 3 else ('refused', 'claim-missing') if kind in (5, 6) else ('allowed', None)
            if i % 50000 == 17:
                outcome, reason = 'failed', 'too-large'
            action = 'visitor.identify' if kind < 8 else 'tool.call' if kind < 19 else 'environment.set-config'
            tool = None if action != 'tool.call' else 'rarely_used' if i % 100000 == 9 else TOOLS[i % 6]
            actor = f'admin:adm_{i % 7}' if kind == 19 else None
            yield (home, identifier('aud', at, i), at, action, actor, None if actor else visitor[0], None if actor else visitor[2],
                   None if actor else 'login', tool, '["account"]' if tool else None, f'jti-{i}', outcome, reason, 41000)
    store.put('audit', 'environment_id,id,at,action,actor,visitor_id,subject,issuer,tool,parameters,token,outcome,reason,duration_us'.split(','), audit())

    def figures():
        for step, kept in ((300, 80), (3600, 80), (86400, 80)):
            first = begin // (step * 1000) * step * 1000
            for at in range(first, now, step * 1000):
                for name, label in (('messages', 'verified'), ('messages', 'anonymous'), ('verifications', 'ok'),
                                    ('verifications', 'expired/exp-passed'), ('tool-calls', 'allowed'), ('required', 'missing-token/token-absent')):
                    yield (home, step, at, name, label, 10 + at // 1000 % 7, 0)
                for bucket in range(40, 70):
                    yield (home, step, at, 'latency', str(bucket), 2, 40000)
    store.put('statistics', 'environment_id,step,at,name,label,counted,total'.split(','), figures())
    return dict(environment=home, visitor=visitors[0][0], subject=visitors[0][2], conversation=conversations[-1][0],
                begin=begin, middle=begin + 40 * DAY, now=now)


def main():
    options = argparse.ArgumentParser()
    options.add_argument('store')
    for name, default in (('audit', 1_000_000), ('conversations', 100_000), ('visitors', 100_000), ('products', 10_000)):
        options.add_argument(f'--{name}', type=int, default=default)
    size = options.parse_args()
    store = Postgres(size.store) if size.store.startswith('postgres') else Sqlite(size.store)
    told = fill(store, size)
    store.finish()
    print(json.dumps(told))


main()
