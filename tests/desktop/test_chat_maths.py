"""Formulas as people read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.chat.maths import readable, with_readable_maths


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (r"V = \pi r^2 h", "V = π r² h"),
        (r"\frac{1}{n} \sum_{i=1}^{n} x_i", "1/n ∑ᵢ₌₁ⁿ xᵢ"),
        (r"\frac{a+b}{\frac{c}{2}}", "(a+b)/(c/2)"),
        (r"\frac{\sqrt{a^2+b^2}}{2a}", "√(a²+b²)/2a"),
        (r"\sqrt[3]{x+1} \cdot \sqrt{2}", "∛(x+1) ⋅ √2"),
        (r"\left( x \right) \in \mathbb{R}", "( x ) ∈ ℝ"),
        (r"9{,}048 \text{ cm}^3", "9,048 cm³"),
        (r"e^{i\pi} + 1 = 0", "e^(iπ) + 1 = 0"),
        (r"\sin x \to 0", "sin x → 0"),
        (r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}", "a b ; c d"),
        (r"\nosuchthing{x}", r"\nosuchthingx"),
    ],
)
def test_a_formula_is_readable(formula: str, text: str) -> None:
    assert readable(formula) == text


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("It costs $5 and $10.", "It costs $5 and $10."),
        ("$HOME and $PATH", "$HOME and $PATH"),
        ("`$x_1$` and ``a ` $y$``", "`$x_1$` and ``a ` $y$``"),
        ("with $x_1$, \\(a^2\\) and $n$", "with x₁, a² and n"),
        ("so $a * b = c$", "so a \\* b = c"),
        ("- so $$x^2$$ it is", "- so x² it is"),
        ("so:\n\n$$x^2$$\n\nend", "so:\n\n\n\n> x²\n\n\n\nend"),
        ("so:\n\n\\[\nx^2\n\\]", "so:\n\n\n\n> x²\n\n"),
        ("an open $x = 1", "an open $x = 1"),
        ("escaped \\$x = 1$", "escaped \\$x = 1$"),
    ],
)
def test_only_formulas_change(source: str, shown: str) -> None:
    assert with_readable_maths(source) == shown


@given(st.text(alphabet="$\\{}[]()^_`ab1 =\n", max_size=60))
def test_whatever_a_model_writes_is_shown(source: str) -> None:
    assert isinstance(with_readable_maths(source), str)
    if not set("$\\") & set(source):
        assert with_readable_maths(source) == source
