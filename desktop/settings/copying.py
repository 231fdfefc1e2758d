"""Text that is copied with one press, and says so."""

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from desktop.widgets.parts import make_button, make_label, spaced
from desktop.widgets.theme import Theme

COPIED_MILLISECONDS = 2000


class CopyButton(QPushButton):
    """`text` gives what is copied when it is pressed."""

    def __init__(self, label: str, name: str) -> None:
        super().__init__(label)
        self.setObjectName(name)
        self._label = label
        self._timer = QTimer(self, singleShot=True, interval=COPIED_MILLISECONDS)
        self._timer.timeout.connect(lambda: self.setText(self._label))

    def copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.setText(self.tr("Copied"))
        self._timer.start()


class CopyField(QWidget):
    """A label, a text that cannot be edited, and a button that copies it; a secret is shown on demand."""

    def __init__(self, theme: Theme, label: str, name: str, secret: bool = False) -> None:
        super().__init__()
        self._field = QLineEdit(objectName=name, readOnly=True)
        self._field.setAccessibleName(label)
        self._copy = CopyButton(self.tr("Copy"), f"{name}Copy")
        self._copy.setAccessibleName(self.tr("Copy: {what}").format(what=label))
        self._copy.clicked.connect(lambda: self._copy.copy(self._field.text()))
        row = spaced(QHBoxLayout(self), 0, theme.space("small"))
        title = make_label(theme, label)
        title.setMinimumWidth(96)
        row.addWidget(title)
        row.addWidget(self._field, 1)
        if secret:
            self._show = make_button(self.tr("Show"), f"{name}Show", self._toggle)
            row.addWidget(self._show)
            self._field.setEchoMode(QLineEdit.EchoMode.Password)
        row.addWidget(self._copy)

    def show_text(self, text: str) -> None:
        if self._field.text() != text:
            self._field.setText(text)
            self._field.setCursorPosition(0)

    def _toggle(self) -> None:
        hidden = self._field.echoMode() is QLineEdit.EchoMode.Password
        self._field.setEchoMode(QLineEdit.EchoMode.Normal if hidden else QLineEdit.EchoMode.Password)
        self._show.setText(self.tr("Hide") if hidden else self.tr("Show"))
