"""Keep the window's translations complete: `resources/translations/potluck_*.ts`, and what Qt loads of them.

    .venv/bin/python packaging/translations.py update    take up new texts, drop old ones, make the .qm files
    .venv/bin/python packaging/translations.py check     say what is missing

A translator fills in the .ts file, with Qt Linguist (`.venv/bin/pyside6-linguist`) or any editor, between two
updates. A further language begins with a `potluck_it.ts` that holds `<TS version="2.1"/>`, and with a line in
`desktop/os_glue/language.py`. Texts stand in `desktop/`; those that the engine says and the window translates
are read from the engine's own tables, and the templates of its sentences from the calls of `said` and
`counted` in its code.
"""

import ast
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import PySide6
from PySide6.QtCore import QTranslator

from engine.api.condition_schema import SENTENCE_OF
from engine.api.sentences import has_words
from engine.preferences.declared import DECLARED

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "resources" / "translations"
TOOLS = Path(PySide6.__file__).parent
SAME_ON_BOTH_SIDES = re.compile(r"\{\w*(?=\}|:)|%n|%\d|&(?=\w)|\n")  # what code fills in, and menus' letters
SENTENCES, SAID, COUNTED = "engine.api.sentences", "said", "counted"  # their first or second argument is it

Text = tuple[str, str]  # context, English


class NotLiteral(Exception):
    """A template does not stand where it is used, so that nobody can translate it."""


@dataclass(frozen=True)
class Translation:
    """`forms`: one, or one for each number where the language has several."""

    forms: tuple[str, ...]
    finished: bool


def declared_texts() -> Iterator[Text]:
    """What the engine says in English of each setting."""
    for declaration in DECLARED:
        form = declaration.kind.form()
        options = [option.text for option in form.options]
        for text in (declaration.short, declaration.long, form.none, form.unit, *options):
            if text:
                yield "Declared", text


def templates_in(code: str) -> Iterator[tuple[str, bool]]:
    """Of the sentences that the code composes; whether they are of a number. Raises NotLiteral."""
    nodes = [*ast.walk(ast.parse(code))]
    taken_from = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module == SENTENCES]
    known = {name.name for imported in taken_from for name in imported.names}
    composing = {SAID, COUNTED} & (known | {node.name for node in nodes if isinstance(node, ast.FunctionDef)})
    for call in nodes:
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in composing:
            of_number = call.func.id == COUNTED
            template = call.args[of_number]
            if not isinstance(template, ast.Constant):
                raise NotLiteral(f"line {call.lineno}: {ast.unparse(call)}")
            yield template.value, of_number


def templates() -> dict[str, bool]:
    """Of all sentences of the engine; whether they are of a number."""
    code = (path.read_text(encoding="utf-8") for path in sorted((ROOT / "engine").rglob("*.py")))
    found = {template: of_number for text in code for template, of_number in templates_in(text)}
    return dict.fromkeys(SENTENCE_OF.values(), False) | {
        template: of_number for template, of_number in found.items() if has_words(template)
    }


def engine_calls() -> Iterator[str]:
    """What the engine says and the window translates, as code that Qt's own tool reads."""
    for context, text in declared_texts():
        yield f"translate({_quoted(context)}, {_quoted(text)})"
    for template, of_number in templates().items():
        yield f'translate("Said", {_quoted(template)}{", None, 2" if of_number else ""})'


def take_up(ts: Path) -> None:
    """Bring the file up to the texts that there are now. Raises CalledProcessError."""
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "engine_texts.py"
        said.write_text("\n".join(engine_calls()), encoding="utf-8")
        sources = [*sorted((ROOT / "desktop").rglob("*.py")), said]
        _run("lupdate", *sources, "-no-obsolete", "-locations", "none", "-silent", *_languages(ts), "-ts", ts)


def _languages(ts: Path) -> tuple[str, ...]:
    return "-source-language", "en", "-target-language", ts.stem.removeprefix("potluck_")


def compiled(ts: Path) -> Path:
    return ts.with_suffix(".qm")


def read(ts: Path) -> dict[Text, Translation]:
    return {
        (context.findtext("name", ""), message.findtext("source", "")): _translation(message)
        for context in ElementTree.parse(ts).getroot().iter("context")
        for message in context.iter("message")
    }


def complaints(wanted: Iterable[Text], found: Mapping[Text, Translation]) -> Iterator[str]:
    """One line for each text that is missing, not translated, not used any more or not filled in alike."""
    for context, text in sorted({*wanted} ^ {*found}):
        yield f"{'not used any more' if (context, text) in found else 'missing'}: {context}: {text!r}"
    for (context, text), translation in found.items():
        if not translation.finished or not all(translation.forms):
            yield f"not translated: {context}: {text!r}"
        elif any(_fixed_parts(form) != _fixed_parts(text) for form in translation.forms):
            yield f"other parts to fill in: {context}: {text!r} and {translation.forms[0]!r}"


def stale(qm: Path, found: Mapping[Text, Translation]) -> Iterator[str]:
    """Texts of which Qt would load something else than the .ts file says."""
    translator = QTranslator()
    if not translator.load(str(qm)):
        yield f"{qm.name} cannot be loaded"
        return
    for (context, text), translation in found.items():
        if translator.translate(context, text) not in translation.forms:
            yield f"not compiled: {context}: {text!r}"


def check(ts: Path) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / ts.name
        take_up(fresh)
        wanted = read(fresh)
    found = read(ts)
    return [*complaints(wanted, found), *stale(compiled(ts), found)]


def update(ts: Path) -> None:
    take_up(ts)
    _run("lrelease", ts, "-silent", "-qm", compiled(ts))


def translations() -> list[Path]:
    return sorted(FOLDER.glob("potluck_*.ts"))


def _translation(message: ElementTree.Element) -> Translation:
    element = message.find("translation")
    if element is None:
        return Translation((), finished=False)
    forms = [form.text or "" for form in element.iter("numerusform")] or [element.text or ""]
    return Translation(tuple(forms), finished=element.get("type") is None)


def _fixed_parts(text: str) -> Counter[str]:
    return Counter(SAME_ON_BOTH_SIDES.findall(text))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _run(tool: str, *arguments: str | Path) -> None:
    subprocess.run([TOOLS / tool, *arguments], check=True)


def main(arguments: Sequence[str]) -> int:
    if [*arguments] == ["update"]:
        for ts in translations():
            update(ts)
    elif [*arguments] != ["check"]:
        print(__doc__)
        return 2
    faults = [f"{ts.name}: {fault}" for ts in translations() for fault in check(ts)]
    print("\n".join(faults) or "Every text is translated.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
