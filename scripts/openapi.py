#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: scripts/openapi.py OUTPUT.json [OUTPUT.S OUTPUT.d]

Merges src/admin_api/openapi/base.json and the parts beside it into the admin API's OpenAPI document, and, for the binary,
writes an assembly file that includes it, with a list of what both were made from. A part is {"tags", "paths", "schemas",
"parameters", "responses", "headers"}, each of which may be left out. What stands twice, refers to nothing, or says too little, is an error.
"""
import json
import pathlib
import re
import sys

FOLDER = pathlib.Path(__file__).resolve().parent.parent / 'src' / 'admin_api' / 'openapi'
METHODS = ('get', 'post', 'put', 'patch', 'delete')
COMPONENTS = ('schemas', 'parameters', 'responses', 'headers')
problems = []


def without_duplicates(pairs):
    value = {}
    for name, member in pairs:
        if name in value:
            problems.append(f'{reading}: "{name}" stands twice')
        value[name] = member
    return value


def read(path):
    global reading
    reading = path.name
    return json.loads(path.read_text(encoding='utf-8'), object_pairs_hook=without_duplicates)


def merge(document, part, name):
    for kind in part:
        if kind not in ('paths', 'tags') and kind not in COMPONENTS:
            problems.append(f'{name}: there is no "{kind}" in a part')
    for tag in part.get('tags', []):
        if tag['name'] not in [one['name'] for one in document['tags']]:
            document['tags'].append(tag)
    for path, item in part.get('paths', {}).items():
        if path in document['paths']:
            problems.append(f'{name}: {path} stands in two parts')
        document['paths'][path] = item
    for kind in COMPONENTS:
        for key, value in part.get(kind, {}).items():
            if key in document['components'].setdefault(kind, {}):
                problems.append(f'{name}: {kind}/{key} stands in two parts')
            document['components'][kind][key] = value


def resolve(document, reference):
    value = document
    for step in reference.removeprefix('#/').split('/'):
        step = step.replace('~1', '/').replace('~0', '~')
        if not isinstance(value, dict) or step not in value:
            return None
        value = value[step]
    return value


def check_references(document, value, place):
    if isinstance(value, dict):
        reference = value.get('$ref')
        if isinstance(reference, str) and (not reference.startswith('#/') or resolve(document, reference) is None):
            problems.append(f'{place}: {reference} refers to nothing')
        for name, member in value.items():
            if name not in ('example', 'examples', 'default', 'const', 'enum'):
                check_references(document, member, f'{place}/{name}')
    elif isinstance(value, list):
        for index, member in enumerate(value):
            check_references(document, member, f'{place}/{index}')


def check_operation(document, path, item, method, known):
    operation = item[method]
    place = f'{method.upper()} {path}'
    for member in ('operationId', 'summary', 'tags', 'responses'):
        if not operation.get(member):
            problems.append(f'{place}: {member} is missing')
    if operation.get('operationId') in known:
        problems.append(f'{place}: operationId {operation["operationId"]} stands twice')
    known.add(operation.get('operationId'))
    for tag in operation.get('tags', []):
        if tag not in [one['name'] for one in document['tags']]:
            problems.append(f'{place}: the tag {tag} is described nowhere')
    parameters = [resolve(document, one['$ref']) if '$ref' in one else one for one in item.get('parameters', []) + operation.get('parameters', [])]
    declared = {one['name'] for one in parameters if one and one['in'] == 'path'}
    if declared != set(re.findall(r'{(\w+)}', path)):
        problems.append(f'{place}: its parameters in the path are not those that are declared: {sorted(declared)}')
    statuses = operation.get('responses', {})
    if not any(status == 'default' or status.startswith(('4', '5')) for status in statuses):
        problems.append(f'{place}: no problem is described')
    if not any(status.startswith(('2', '3')) for status in statuses):
        problems.append(f'{place}: no success is described')


def main():
    if len(sys.argv) not in (2, 4):
        sys.exit(__doc__.splitlines()[0])
    document = read(FOLDER / 'base.json')
    document.setdefault('paths', {})
    for path in sorted(FOLDER.glob('*.json')):
        if path.name != 'base.json':
            merge(document, read(path), path.name)
    check_references(document, document, '#')
    known = set()
    for path, item in document['paths'].items():
        for method in item:
            if method in METHODS:
                check_operation(document, path, item, method, known)
            elif method not in ('parameters', 'summary', 'description'):
                problems.append(f'{path}: {method} is no method')
    if problems:
        sys.exit('\n'.join(problems))
    output = pathlib.Path(sys.argv[1])
    output.write_text(json.dumps(document, ensure_ascii=False, separators=(',', ':')), encoding='utf-8')
    if len(sys.argv) == 4:
        pathlib.Path(sys.argv[2]).write_text(f'''/* SPDX-License-Identifier: Apache-2.0 */
/* Generated by scripts/openapi.py: the admin API's OpenAPI document, where src/admin_api/openapi.c finds it. */
    .section .rodata
    .globl admin_api_document_text
    .hidden admin_api_document_text
admin_api_document_text: .incbin "{output.resolve()}"
    .byte 0
    .balign 8
    .globl admin_api_document_len
    .hidden admin_api_document_len
admin_api_document_len: .quad {output.stat().st_size}
    .section .note.GNU-stack, "", %progbits
''', encoding='utf-8')
        made_from = [FOLDER, *sorted(FOLDER.glob('*.json'))] # the folder: a part that is new changes it
        pathlib.Path(sys.argv[3]).write_text(f'{sys.argv[1]} {sys.argv[2]}: {" ".join(map(str, made_from))}\n', encoding='utf-8')


main()
