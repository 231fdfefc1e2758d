"""Formulas as text that people read: TeX between its marks becomes Unicode where that can be done. Pure."""

import re
from functools import lru_cache

_CODE = r"(?P<code>(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`))"
_DISPLAY = r"\$\$(?P<display>[^$]+?)\$\$|\\\[(?P<bracket>.+?)\\\]"
_INLINE = r"\\\((?P<paren>.+?)\\\)|(?<![\\$\w])\$(?P<inline>(?=[^\s$])[^$\n]{0,400}?(?<=[^\s\\$]))\$(?![\d$])"
_FORMULA = re.compile(f"{_CODE}|{_DISPLAY}|{_INLINE}", re.DOTALL)
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")  # to Markdown
_DEEPEST = 20  # braces in braces

_GROUP = r"\{((?:[^{}]|\{[^{}]*\})*)\}"
_FRACTION = re.compile(r"\\[dt]?frac\s*" + _GROUP + r"\s*" + _GROUP)
_ROOT = re.compile(r"\\sqrt\s*(?:\[([^\]]*)\])?\s*" + _GROUP)
_TEXT = re.compile(r"\\(?:text|mathrm|mathbf|mathit|operatorname|textbf|mbox|boxed)\*?\s*" + _GROUP)
_DROPPED = re.compile(
    r"\\(?:left|right|bigl?|bigr?|Bigl?|Bigr?|displaystyle|limits)(?![a-zA-Z])\.?"
    r"|\\begin\{[a-z*]+\}|\\end\{[a-z*]+\}"
)
_LEFT_OVER = re.compile(r"([_^])\{([^{}]{2,})\}")  # an index that Unicode has no letters for
_SPACES = re.compile(r"\\[,;:! ]|\\q?quad(?![a-z])|~")
_WORDS = re.compile(
    r"\\(sin|cos|tan|log|ln|exp|lim|max|min|det|gcd|arg|deg|dim|ker|sup|inf|mod|Pr)(?![a-zA-Z])"
)


def with_readable_maths(source: str) -> str:
    """Markdown with its formulas as plain text; prices and code stay as they are."""
    if "$" not in source and "\\(" not in source and "\\[" not in source:
        return source
    return _FORMULA.sub(_shown, source)


def _shown(found: re.Match[str]) -> str:
    if found["code"]:
        return found[0]
    display = found["display"] or found["bracket"]
    formula = display or found["paren"] or found["inline"]
    if found["inline"] and not _is_formula(formula):
        return found[0]
    text = _SPECIAL.sub(r"\\\1", readable(formula))
    return f"\n\n> {text}\n\n" if display and "\n" not in text and _stands_alone(found) else text


def _stands_alone(found: re.Match[str]) -> bool:
    """A formula in lines of its own, not in a list or a table."""
    line = found.string[: found.start()].rpartition("\n")[2]
    rest = found.string[found.end() :].partition("\n")[0]
    return not line.strip() and not rest.strip(" .,;")


def _is_formula(text: str) -> bool:
    """Between two prices there are words."""
    return "\\" in text or any(mark in text for mark in "=^_+<>/") or len(text.split()) == 1


@lru_cache(maxsize=4096)  # what streams is shown again with each paragraph, and each formula takes its time
def readable(formula: str) -> str:
    """A formula without its commands."""
    text = formula
    for _ in range(_DEEPEST):
        simpler = _simplified(text)
        if simpler == text:
            break
        text = simpler
    text = _WORDS.sub(r"\1", _DROPPED.sub("", text))
    text = _SPACES.sub(" ", text.replace("\\\\", "; ").replace("&", " "))
    text = _LEFT_OVER.sub(r"\1(\2)", _unicode(text))
    return " ".join(re.sub(r"[{}]", "", text).split())


def _simplified(text: str) -> str:
    text = _TEXT.sub(r"\1", text)
    text = _ROOT.sub(lambda found: _root(found[1] or "", found[2]), text)
    return _FRACTION.sub(lambda found: f"{_in_brackets(found[1])}/{_in_brackets(found[2])}", text)


def _root(degree: str, inside: str) -> str:
    sign = {"": "√", "2": "√", "3": "∛", "4": "∜"}.get(degree, f"{degree}√")
    return sign + _in_brackets(inside)


def _in_brackets(text: str) -> str:
    """Only where it is more than one thing."""
    one_thing = re.fullmatch(r"\s*(?:√?[\w.,∞]+|√\([^()]*\)|\\[a-zA-Z]+|\w[_^](?:\w|\{\w+\}))\s*", text)
    return text.strip() if one_thing else f"({text.strip()})"


def _unicode(text: str) -> str:
    from unicodeit import replace  # here: only a chat with formulas pays for its tables

    return str(replace(text))
