"""The JSON Schemas of docs/formats/schemas against files that the command wrote: each is valid; with a field missing, of another
type, or one too many, schema and reader both refuse it. Run with the Python of tools/python-tests.lock."""
import copy
import hashlib
import json
import pathlib

import jsonschema

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "docs" / "formats"


def validator(name):
    schema = json.loads((FOLDER / "schemas" / f"{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def every_schema_is_named_in_a_page():
    pages = "".join(page.read_text() for page in FOLDER.glob("*.md"))
    names = [path.name for path in (FOLDER / "schemas").iterdir()]
    assert len(names) >= 7
    for name in names:
        assert f"schemas/{name}" in pages, name


def sealed(value):
    """With the checksum that its content gives, so that a reader comes to the field that is wrong."""
    if "checksum" in value:
        body = {k: v for k, v in value.items() if k != "checksum"}
        text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        value = value | {"checksum": hashlib.sha256(text.encode()).hexdigest()}
    if "content_sha256" in value:
        body = {k: v for k, v in value.items() if k != "content_sha256"}
        value["content_sha256"] = hashlib.sha256(json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()
    return value


def other_type(value):
    return {str: 5, int: "5", bool: 0, list: {}, dict: [], type(None): []}[type(value)]


def damaged(value, free=()):
    """(what was done, value) for each field of the object and of the objects in it; `free`: objects with keys of any name."""
    places = [()] + [(k,) for k, v in value.items() if isinstance(v, dict) and k not in free]
    for place in places:
        inside = value
        for key in place:
            inside = inside[key]
        for key in [*inside, None]:
            for what in ("missing", "of another type") if key is not None else ("one too many",):
                changed = copy.deepcopy(value)
                target = changed
                for step in place:
                    target = target[step]
                if what == "missing":
                    del target[key]
                elif key is None:
                    target["surplus"] = 1
                else:
                    target[key] = other_type(target[key])
                own = key in ("checksum", "content_sha256")  # sealing would mend it
                yield ".".join([*place, key or "surplus"]) + " " + what, changed if own else sealed(changed)


def check(name, path, refuses=None, free=(), every=1, optional=()):
    """The file is valid; damaged in any one place it is not, and `refuses(path)`, a reader run on it, exits with 4. Of the places
    each `every`-th is taken."""
    schema, value, kept = validator(name), json.loads(path.read_text()), path.read_bytes()
    schema.validate(value)
    assert refuses is None or sealed(copy.deepcopy(value)) == value, f"{path}: the checksum is not what the page says"
    places = [(what, changed) for what, changed in damaged(value, free)
              if not (what.endswith(" missing") and what.split()[0] in optional)][::every]
    for what, changed in places:
        assert not schema.is_valid(changed), f"{name}: the schema takes {what}"
        if refuses is None:
            continue
        path.write_text(json.dumps(changed))
        run = refuses(path)
        assert run.code == 4, f"{name}: {what}: exit 4 expected\n{run}"
    path.write_bytes(kept)
    return len(places)
