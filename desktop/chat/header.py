"""Above the open chat: its title, what can be done with it, and who answers."""

from collections.abc import Callable, Sequence

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from desktop.chat.records import Setup
from desktop.widgets.parts import ElidedLabel, IconButton, spaced
from desktop.widgets.theme import Theme


class ChatHeader(QWidget):
    """`list_button` shows and hides the list of chats, `setup_button` the setup of this one."""

    def __init__(
        self,
        theme: Theme,
        picker: QWidget,
        actions: Sequence[QAction],
        show_list: Callable[[bool], object],
        show_setup: Callable[[bool], object],
    ) -> None:
        super().__init__()
        self.setObjectName("chatHeader")
        self._title = ElidedLabel(theme, "conversationTitle", bold=True)
        self.list_button = _switch(theme, "sidebar", self.tr("List of chats (Ctrl+B)"), "showList", show_list)
        self.setup_button = _switch(
            theme, "tune", self.tr("System prompt and sampling (Ctrl+T)"), "setup", show_setup
        )
        self.menu = QMenu(self)
        self.menu.addActions(list(actions))
        self._menu_button = IconButton(
            theme, "more", self.tr("What to do with this chat"), "conversationMenu", lambda: None
        )
        self._menu_button.setMenu(self.menu)
        self._menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        row = spaced(QHBoxLayout(self), 12, theme.space("small"))
        row.setContentsMargins(theme.space("medium"), 12, theme.space("large"), 12)
        row.addWidget(self.list_button)
        row.addWidget(self._title, 1)
        for part in (self._menu_button, self.setup_button, picker):
            row.addWidget(part)

    def show_title(self, title: str | None) -> None:
        """None: of a chat that has not begun."""
        self._title.show_text(self.tr("New chat") if title is None else title)
        self._menu_button.setEnabled(title is not None)

    def show_setup(self, setup: Setup) -> None:
        """Whether this chat is answered otherwise than its model would by itself."""
        changed = setup != Setup()
        self.setup_button.set_tone("accent" if changed else "muted")
        self.setup_button.set_label(
            self.tr("System prompt and sampling, changed for this chat (Ctrl+T)")
            if changed
            else self.tr("System prompt and sampling (Ctrl+T)")
        )


def _switch(theme: Theme, icon: str, label: str, name: str, switched: Callable[[bool], object]) -> IconButton:
    button = IconButton(theme, icon, label, name, lambda: switched(button.isChecked()))
    button.setCheckable(True)
    return button
