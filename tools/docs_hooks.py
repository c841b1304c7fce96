"""What MkDocs does not do by itself for docs/ (mkdocs.yml names this file).

- A link that leaves docs/ leads to a copy of its file in the site: Markdown as a page, anything else as text, a folder as a list.
- The name of a page in a sentence (docs/security.md, `formats/srs.md`) becomes a link to it.
- Pictures of docs/pictures/ stand inside the page, so that they follow its colours.
- Lists may follow a line of text and be indented by two or three spaces, as on GitHub.
- The marks of tests/e2e_docs.py are left out.
"""
import os
import pathlib
import posixpath
import re

import markdown
from mkdocs.structure.files import File, InclusionLevel

ROOT = pathlib.Path(__file__).resolve().parent.parent
COPIES = "repository"  # the folder of the site for files from outside docs/
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(([^()\s]+)\)")
NAMED = re.compile(r"(?<![\w/(\[.<])`?((?:\.\./|docs/)?(?:[\w-]+/)*[\w-]+\.md)`?(?![\w/\]])")
FENCE = re.compile(r"^(```|~~~)")


class ListsAsOnGitHub(markdown.extensions.Extension):
    """Python-Markdown's own rule is four spaces."""

    def extendMarkdown(self, md):  # noqa: N802 (the name that Python-Markdown calls)
        md.tab_length = 2
        md.build_parser()  # its parts have taken the number before; this extension stands first, so nothing is lost


def on_config(config):
    config.markdown_extensions.insert(0, ListsAsOnGitHub())
    return config


def outside_fences(text: str, change) -> str:
    """`change` on every run of lines that is in no fence."""
    out, run, fenced = [], [], False
    for line in text.split("\n"):
        if FENCE.match(line):
            if not fenced:
                out.append(change("\n".join(run)))
                run = []
            fenced = not fenced
            out.append(line)
        elif fenced:
            out.append(line)
        else:
            run.append(line)
    return "\n".join([*out, change("\n".join(run))] if run else out)


def source_of(src_uri: str) -> str:
    """Where a page of the site stands in the repository."""
    return src_uri.removeprefix(f"{COPIES}/") if src_uri.startswith(f"{COPIES}/") else f"docs/{src_uri}"


def uri_of(path: str) -> str:
    """Where a file of the repository stands in the site."""
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    if (ROOT / path).is_dir():
        return f"{COPIES}/{path}/index.md"
    return f"{COPIES}/{path}" if pathlib.Path(path).suffix in (".md", ".svg", ".png", ".json") else f"{COPIES}/{path}.txt"


def is_local(target: str) -> bool:
    return not re.match(r"[a-z]+:|#|/", target)


def targets_of(text: str, source: str) -> set[str]:
    """Files outside docs/ that a page links to."""
    found = set()

    def look(run):
        for _, _, target in LINK.findall(re.sub(r"`[^`\n]*`", "", run)):
            if is_local(target):
                path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target.split("#")[0]))
                if not path.startswith("docs/") or (ROOT / path).is_dir():
                    found.add(path)
        return run

    outside_fences(text, look)
    return found


def on_files(files, config):
    waiting = [(file.src_uri, pathlib.Path(file.abs_src_path).read_text(encoding="utf-8")) for file in files.documentation_pages()]
    done = set()
    while waiting:
        uri, text = waiting.pop()
        for path in sorted(targets_of(text, source_of(uri))):
            file = ROOT / path
            if path in done or not file.exists():  # one that is not there stays a broken link, and strict mode says so
                continue
            done.add(path)
            if file.is_dir():
                names = sorted(p.name + "/" * p.is_dir() for p in file.iterdir() if not p.name.startswith((".", "__")))
                content = f"# `{path}/`\n\n" + "\n".join(f"- [{name}]({name})" if path.startswith("docs/") and name.endswith(".md") else f"- {name}" for name in names) + "\n"
            else:
                content = file.read_text(encoding="utf-8")
            new = File.generated(config, uri_of(path) if not path.startswith("docs/") else f"{COPIES}/{path}/index.md", content=content,
                                 inclusion=InclusionLevel.NOT_IN_NAV)
            files.append(new)
            if file.suffix == ".md":
                waiting.append((new.src_uri, content))
    deps = pathlib.Path(os.environ.get("LATENTLEDGER_DEPS") or ROOT / ".deps")
    shim = (deps / "docs-search/node_modules/iframe-worker/shim/index.js").read_text(encoding="utf-8")
    files.append(File.generated(config, "search/iframe-worker.js", content=shim))
    return files


def on_page_markdown(text, page, config, files):
    here = page.file.src_uri
    source = source_of(here)

    def relative(uri: str) -> str:
        return posixpath.relpath(uri, posixpath.dirname(here) or ".")

    def link(match):
        image, label, target = match.groups()
        if not is_local(target):
            return match[0]
        path, hash_sign, anchor = target.partition("#")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        uri = f"{COPIES}/{path}/index.md" if (ROOT / path).is_dir() else uri_of(path)
        if image and path.startswith("docs/pictures/") and path.endswith(".svg"):
            drawing = (ROOT / path).read_text(encoding="utf-8")
            return '<figure class="picture">' + re.sub(r"\n\s*", "\n", drawing[drawing.index("<svg"):]).strip() + "</figure>"
        return f"{image}[{label}]({relative(uri)}{hash_sign}{anchor})"

    def named(match):
        name = match[1]
        for path in (name, f"docs/{name}", posixpath.join(posixpath.dirname(source), name)):
            path = posixpath.normpath(path)
            if path.startswith("docs/") and (ROOT / path).is_file() and path != source:
                return f"[{name}]({relative(uri_of(path))})"
        return match[0]

    def change(run):
        run = re.sub(r"<!--.*?-->\n?", "", run, flags=re.DOTALL)
        # Links as they are; between them, names of pages. Inline code stays code unless it is exactly a name.
        parts, at = [], 0
        for match in re.finditer(LINK.pattern + r"|`[^`\n]*`|<[^<>\n]*>", run):
            parts.append(NAMED.sub(named, run[at:match.start()]))
            whole = match[0]
            parts.append(link(match) if match[3] else NAMED.sub(named, whole) if NAMED.fullmatch(whole) else whole)
            at = match.end()
        run = "".join([*parts, NAMED.sub(named, run[at:])])
        run = re.sub(r"^(> (?!- ).*)\n(?=> - )", r"\1\n>\n", run, flags=re.MULTILINE)
        return re.sub(r"^((?! *(?:[-*]|\d+\.) )(?!\s*$)(?![ |#>]).*)\n(?=(?:[-*]|\d+\.) )", r"\1\n\n", run, flags=re.MULTILINE)

    return outside_fences(text, change)
