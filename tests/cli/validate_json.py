"""Validates JSON documents against a schema: one line of output a document, "valid" or what is wrong.

usage: validate_json.py SCHEMA FILE…   (a FILE.ndjson holds a document a line)
"""
import json
import sys

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)
for path in sys.argv[2:]:
    with open(path, encoding="utf-8") as file:
        documents = [json.loads(line) for line in file] if path.endswith(".ndjson") else [json.load(file)]
    for document in documents:
        error = best_match(validator.iter_errors(document))
        print("valid" if error is None else f"{path}: {error.json_path}: {error.message}")
