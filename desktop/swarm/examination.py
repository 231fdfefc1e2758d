"""What the doctor found about this computer's connection, and what to do about it."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.sentences import in_words
from desktop.swarm.wording import reach_of
from desktop.widgets.parts import clear, make_button, make_label, spaced
from desktop.widgets.theme import Theme
from engine.api.doctor_schema import Diagnosis, Finding, Grade

GRADE_WIDTH = 120
TONES = {Grade.GOOD: "giving", Grade.HINT: "waiting", Grade.BAD: "problem"}


class Examination(QWidget):
    """`cancel` gives a running examination up, `again` starts another one, `leave` goes back to the map."""

    def __init__(
        self,
        theme: Theme,
        cancel: Callable[[], object],
        again: Callable[[], object],
        leave: Callable[[], object],
    ) -> None:
        super().__init__()
        self.setObjectName("examination")
        self._theme = theme
        self._heading = make_label(theme, bold=True, wrap=True, name="examined")
        self._cancel = make_button(self.tr("Cancel"), "cancelExamination", cancel)
        self._again = make_button(self.tr("Examine again"), "examineAgain", again)
        self._leave = make_button(self.tr("Back to the map"), "backToMap", leave)
        self._findings = spaced(QVBoxLayout(), 0, theme.space("medium"))
        self._lay_out()

    def _lay_out(self) -> None:
        scrolled = QWidget(objectName="scrolled")
        inner = spaced(QVBoxLayout(scrolled), 0, self._theme.space("medium"))
        inner.addWidget(self._heading)
        inner.addLayout(self._findings)
        buttons = spaced(QHBoxLayout(), 0, self._theme.space("small"))
        for button in (self._cancel, self._again, self._leave):
            buttons.addWidget(button)
        buttons.addStretch()
        inner.addLayout(buttons)
        inner.addStretch()
        area = QScrollArea(frameShape=QFrame.Shape.NoFrame, widgetResizable=True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(scrolled)
        spaced(QVBoxLayout(self), 0, 0).addWidget(area)

    def show_busy(self) -> None:
        self._become(self.tr("Asking other computers how they see this one. This takes some seconds …"), True)

    def show_trouble(self, sentence: str) -> None:
        self._become(sentence, False)

    def show_diagnosis(self, diagnosis: Diagnosis) -> None:
        heading = self.tr("How others reach this computer: {reach}")
        self._become(heading.format(reach=reach_of(diagnosis.reach)), False)
        for finding in diagnosis.findings:
            self._findings.addWidget(self._make_finding(finding))

    def _become(self, heading: str, busy: bool) -> None:
        clear(self._findings)
        self._heading.setText(heading)
        self._cancel.setVisible(busy)
        self._again.setVisible(not busy)
        self._leave.setVisible(not busy)

    def _make_finding(self, finding: Finding) -> QWidget:
        part = QWidget()
        row = spaced(QHBoxLayout(part), 0, self._theme.space("medium"))
        words = {
            Grade.GOOD: self.tr("Good"),
            Grade.HINT: self.tr("Could be better"),
            Grade.BAD: self.tr("Problem"),
        }
        grade = make_label(self._theme, words[finding.grade], tone=TONES[finding.grade], name="grade")
        widths = (grade.fontMetrics().horizontalAdvance(word) for word in words.values())
        grade.setMinimumWidth(max(GRADE_WIDTH, *widths))
        row.addWidget(grade, 0, Qt.AlignmentFlag.AlignTop)
        column = spaced(QVBoxLayout(), 0, self._theme.space("tight"))
        column.addWidget(make_label(self._theme, in_words(finding.sentence), wrap=True, name="finding"))
        if finding.advice:
            column.addWidget(
                make_label(
                    self._theme,
                    in_words(finding.advice),
                    size="small",
                    tone="muted",
                    wrap=True,
                    name="advice",
                )
            )
        row.addLayout(column, 1)
        return part
