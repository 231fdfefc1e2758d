"""Over the chat while files are dragged across it: that they may be dropped, and what becomes of them."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from desktop.widgets.parts import make_label, spaced
from desktop.widgets.theme import Theme


class DropSign(QFrame):
    """Covers `over`; what is dragged goes through it to what lies below."""

    def __init__(self, theme: Theme, over: QWidget) -> None:
        super().__init__(over)
        self.setObjectName("dropSign")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        label = make_label(theme, self.tr("Drop files to attach them"), size="title", wrap=True)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        spaced(QVBoxLayout(self), theme.space("large"), 0).addWidget(label)
        self.hide()

    def show_sign(self, shown: bool) -> None:
        if shown:
            self.setGeometry(self.parentWidget().rect())
            self.raise_()
        self.setVisible(shown)
