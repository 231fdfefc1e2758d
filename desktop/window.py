"""The main window: navigation at the left, one page at the right."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.app_state import AppState
from desktop.headline import headline_of
from desktop.os_glue.remembered import Remembered
from desktop.widgets.parts import make_button, make_label, plain_tooltip, set_tone, spaced
from desktop.widgets.theme import TONE_OF, Theme, draw_svg, mark_icon, mark_svg
from engine.api.schema import Activity

NAVIGATION_WIDTH = 160
ENTRY_PADDING = 20  # at both sides together, as the theme has it
FIRST_SIZE = QSize(1040, 720)
SMALLEST_SIZE = QSize(760, 480)


class Page:
    """A page that is there, or is made when it is first opened or asked for."""

    def __init__(self, page: QWidget | Callable[[], QWidget], name: str, text: str, icon: str) -> None:
        """`name` is its entry's in the navigation, `text` what people read there, `icon` one in
        `resources/icons`.
        """
        self._made, self._make = (page, None) if isinstance(page, QWidget) else (None, page)
        self.name, self.text, self.icon = name, text, icon

    @property
    def is_made(self) -> bool:
        return self._made is not None

    @property
    def widget(self) -> QWidget:
        if self._made is None:
            self._made = self._make()
        return self._made


class Window(QMainWindow):
    """The pages in their order, each with a key of its own: Ctrl+1, Ctrl+2, …

    `closed` when the user closes it; what that means is decided elsewhere.
    """

    closed = Signal()
    quit = Signal()

    def __init__(self, theme: Theme, state: AppState, remembered: Remembered, pages: Sequence[Page]) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("Potluck"))
        self.setObjectName("window")
        self._theme, self._state, self._remembered = theme, state, remembered
        self._offered = pages
        self._pages = QStackedWidget(objectName="pages")
        self._navigation = _Navigation(theme, state)
        for page in pages:
            self._add_page(page)
        self._navigation.chosen.connect(self._show_page)
        self._show_page(0)
        self._notice = _Notice(theme)
        self._banners = spaced(QVBoxLayout(), 0, 0)
        QShortcut(QKeySequence.StandardKey.Quit, self, activated=self.quit.emit)
        self._lay_out()
        self.resize(FIRST_SIZE)
        self.setMinimumSize(SMALLEST_SIZE)
        remembered.restore_geometry(self)
        state.changed.connect(self._show)
        self._drawn: Activity | None = None
        self._show()

    @property
    def page(self) -> QWidget:
        return self._pages.currentWidget()

    def open_page(self, page: QWidget) -> None:
        """Show the window with this page, in front."""
        made = (at for at, offered in enumerate(self._offered) if offered.is_made and offered.widget is page)
        self._navigation.choose(next(made))
        self.show()
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.raise_()
        self.activateWindow()
        page.setFocus()

    def add_banner(self, banner: QWidget) -> None:
        """Above all pages, and before them for the Tab key."""
        self._banners.addWidget(banner)
        *_, before = self._navigation.findChildren(QAbstractButton)
        for button in banner.findChildren(QAbstractButton):
            self.setTabOrder(before, button)
            before = button

    def say(self, text: str) -> None:
        """Something to be read once, until it is put away."""
        self._notice.say(text)

    def offer_quit(self, offered: bool) -> None:
        """A Quit of the window's own, for desktops without a tray."""
        self._navigation.offer_quit(offered, self.quit.emit)

    def remember(self) -> None:
        self._remembered.save_geometry(self)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.remember()
        if QGuiApplication.instance().isSavingSession():  # logging out: do not stand in the way
            self.quit.emit()
            return
        event.ignore()
        self.closed.emit()

    def _show_page(self, index: int) -> None:
        page, place = self._offered[index].widget, self._pages.widget(index)
        if place is not page:
            page.setAccessibleName(self._offered[index].text)
            self._pages.insertWidget(index, page)
            self._pages.removeWidget(place)
            place.deleteLater()
        self._pages.setCurrentIndex(index)

    def _add_page(self, page: Page) -> None:
        index = self._pages.addWidget(QWidget())  # until it is opened
        key = f"Ctrl+{index + 1}"
        self._navigation.add(index, page, key)
        QShortcut(QKeySequence(key), self, activated=lambda: self._navigation.choose(index))

    def _lay_out(self) -> None:
        middle = QWidget()
        row = spaced(QHBoxLayout(middle), 0, 0)
        row.addWidget(self._navigation)
        column = spaced(QVBoxLayout(), 0, 0)
        column.addLayout(self._banners)
        column.addWidget(self._notice)
        column.addWidget(self._pages, 1)
        row.addLayout(column, 1)
        self.setCentralWidget(middle)

    def _show(self) -> None:
        where = self._state.elsewhere
        self.setWindowTitle(self.tr("Potluck on {name}").format(name=where) if where else self.tr("Potluck"))
        if self._state.activity is not self._drawn:
            self._drawn = self._state.activity
            self.setWindowIcon(mark_icon(self._drawn))


class _Navigation(QWidget):
    """One entry per page; below, the state at a glance on every page."""

    chosen = Signal(int)

    def __init__(self, theme: Theme, state: AppState) -> None:
        super().__init__()
        self.setObjectName("navigation")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(NAVIGATION_WIDTH)
        self._theme, self._state = theme, state
        self._group = QButtonGroup(self)
        self._icons: list[tuple[QToolButton, str]] = []
        self._mark = QLabel()
        self._quit: QPushButton | None = None
        self._column = spaced(QVBoxLayout(self), 12, theme.space("tight"))
        self._entries = spaced(QVBoxLayout(), 0, theme.space("tight"))
        self._status = make_label(theme, size="small", wrap=True, name="navigationStatus")
        self._column.addLayout(self._make_brand())
        self._column.addSpacing(theme.space("small"))
        self._column.addLayout(self._entries)
        self._column.addStretch()
        self._column.addWidget(self._status)
        self._status.hide()
        theme.changed.connect(self._draw)
        state.changed.connect(self._draw)
        self._draw()

    def add(self, index: int, page: Page, key: str) -> None:
        tip = f"{page.text} ({key})"
        button = QToolButton(objectName=page.name, text=page.text, checkable=True, toolTip=tip)
        button.setProperty("navigation", True)
        button.setAccessibleName(page.text)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setIconSize(QSize(28, 20))  # with room around it
        button.clicked.connect(lambda: self.choose(index))
        self._group.addButton(button, index)
        self._icons.append((button, page.icon))
        self._entries.addWidget(button)
        self._make_room(button)
        button.setChecked(index == 0)
        self._draw()

    def _make_room(self, entry: QToolButton) -> None:
        """Longer words, as other languages have them, are read in whole, too."""
        margins = self._column.contentsMargins()
        room = entry.iconSize().width() + entry.fontMetrics().horizontalAdvance(entry.text()) + ENTRY_PADDING
        self.setFixedWidth(max(self.minimumWidth(), margins.left() + room + margins.right()))

    def offer_quit(self, offered: bool, action: Callable[[], None]) -> None:
        if self._quit is None:
            self._quit = make_button(self.tr("Quit"), "quit", action)
            self._column.addWidget(self._quit)
        self._quit.setVisible(offered)

    def choose(self, index: int) -> None:
        self._group.button(index).setChecked(True)
        self._status.setVisible(index != 0)  # Home says it larger
        self.chosen.emit(index)

    def _make_brand(self) -> QHBoxLayout:
        brand = spaced(QHBoxLayout(), 4, self._theme.space("small"))
        brand.addWidget(self._mark)
        brand.addWidget(make_label(self._theme, self.tr("Potluck"), bold=True))
        brand.addStretch()
        return brand

    def _draw(self) -> None:
        activity = self._state.activity
        self._mark.setPixmap(draw_svg(mark_svg(activity), 24, self.devicePixelRatio()))
        for button, icon in self._icons:
            button.setIcon(self._theme.icon(icon))
        self._status.setText(headline_of(self._state.sentence).point)
        self._status.setToolTip(plain_tooltip(self._state.sentence))
        set_tone(self._status, TONE_OF[activity])


class _Notice(QWidget):
    """One sentence above the page, with a button that puts it away."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._label = make_label(theme, wrap=True, name="notice")
        row = spaced(QHBoxLayout(self), 12, theme.space("medium"))
        row.addWidget(self._label, 1)
        row.addWidget(make_button(self.tr("OK"), "noticeRead", self.hide))
        self.hide()

    def say(self, text: str) -> None:
        self._label.setText(text)
        self.show()
