"""The private swarm that this computer belongs to: make one, invite, join, leave."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.engine_link.calls import Calls
from desktop.settings.copying import CopyField
from desktop.settings.engine import SettingsEngine
from desktop.widgets.asking import ask_whether
from desktop.widgets.parts import make_button, make_label, spaced
from desktop.widgets.theme import Theme
from engine.api.membership_schema import CreateOrder, Invitation, JoinOrder
from engine.api.schema import Snapshot

_Answer = TypeVar("_Answer")


class PrivateSwarm(QWidget):
    """What it says comes with the snapshot; a link is asked for, shown, and forgotten with the page."""

    def __init__(self, theme: Theme, engine: Callable[[], SettingsEngine]) -> None:
        super().__init__()
        self._engine = engine
        self._calls = Calls(self)
        self._name: str | None = None
        self._says = make_label(theme, wrap=True, name="swarmMembership")
        self._trouble = make_label(theme, size="small", tone="problem", wrap=True, name="swarmTrouble")
        self._outside, self._inside = _Outside(theme), _Inside(theme)
        column = spaced(QVBoxLayout(self), 0, theme.space("small"))
        column.addWidget(make_label(theme, self.tr("Private swarm")))
        for part in (self._says, self._outside, self._inside, self._trouble):
            column.addWidget(part)
        self._trouble.hide()
        self._connect()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        name = snapshot.swarm.name
        if name == self._name:
            return
        self._name = name
        self._inside.forget_link()
        self._outside.setVisible(not name)
        self._inside.setVisible(bool(name))
        self._says.setText(
            self.tr("This computer belongs to “{name}”. Only its members take part.").format(name=name)
            if name
            else self.tr(
                "Among friends, only those with an invite link take part. While this computer belongs to a "
                "private swarm, it serves nobody else."
            )
        )

    def _connect(self) -> None:
        self._calls.failed.connect(self._complain)
        self._outside.create.clicked.connect(lambda: self._begin(self._create(), self._done))
        self._outside.join.clicked.connect(lambda: self._begin(self._join(), self._done))
        self._inside.invite.clicked.connect(lambda: self._begin(self._invite(), self._inside.show_link))
        self._inside.leave.clicked.connect(self._ask_before_leaving)

    def _begin(self, call: Coroutine[Any, Any, _Answer], done: Callable[[_Answer], object]) -> None:
        self._trouble.hide()
        self._calls.start(call, done)

    async def _create(self) -> Snapshot:
        return await self._engine().create_swarm(CreateOrder(name=self._outside.name.text().strip()))

    async def _join(self) -> Snapshot:
        return await self._engine().join_swarm(JoinOrder(link=self._outside.link.text().strip()))

    async def _invite(self) -> Invitation:
        return await self._engine().invite()

    async def _leave(self) -> Snapshot:
        return await self._engine().leave_swarm()

    def _done(self, snapshot: Snapshot) -> None:
        self._outside.clear()
        self.show_snapshot(snapshot)

    def _ask_before_leaving(self) -> None:
        ask_whether(
            self,
            self.tr("Leave “{name}”?").format(name=self._name or ""),
            self.tr("This computer forgets the swarm's key: only an invite link leads back."),
            self.tr("Leave"),
            "askLeave",
            lambda: self._begin(self._leave(), self._done),
        )

    def _complain(self, sentence: str) -> None:
        self._trouble.setText(sentence)
        self._trouble.show()


class _Outside(QWidget):
    """For who belongs to none."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.name = self._make_field("swarmName", self.tr("Name of the new swarm"))
        self.link = self._make_field("inviteLink", self.tr("Invite link: potluck://join/…"))
        self.link.setEchoMode(QLineEdit.EchoMode.PasswordEchoOnEdit)
        self.create = make_button(self.tr("Create"), "createSwarm")
        self.join = make_button(self.tr("Join"), "joinSwarm")
        column = spaced(QVBoxLayout(self), 0, theme.space("small"))
        for field, button in ((self.name, self.create), (self.link, self.join)):
            button.setEnabled(False)
            button.setMinimumWidth(96)
            field.textChanged.connect(lambda text, button=button: button.setEnabled(bool(text.strip())))
            field.returnPressed.connect(button.click)
            row = spaced(QHBoxLayout(), 0, theme.space("small"))
            row.addWidget(field, 1)
            row.addWidget(button)
            column.addLayout(row)

    def clear(self) -> None:
        self.name.clear()
        self.link.clear()

    def _make_field(self, name: str, hint: str) -> QLineEdit:
        field = QLineEdit(objectName=name, placeholderText=hint)
        field.setAccessibleName(hint)
        return field


class _Inside(QWidget):
    """For a member."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.invite = make_button(self.tr("Show the invite link"), "showInvite")
        self.leave = make_button(self.tr("Leave"), "leaveSwarm")
        self._link = CopyField(theme, self.tr("Invite link"), "inviteToCopy", secret=True)
        self._warning = make_label(theme, size="small", tone="waiting", wrap=True, name="inviteWarning")
        row = spaced(QHBoxLayout(), 0, theme.space("small"))
        row.addWidget(self.invite)
        row.addWidget(self.leave)
        row.addStretch(1)
        column = spaced(QVBoxLayout(self), 0, theme.space("small"))
        column.addLayout(row)
        column.addWidget(self._link)
        column.addWidget(self._warning)
        self.forget_link()

    def show_link(self, invitation: Invitation) -> None:
        self._link.show_text(invitation.link)
        says = self.tr(
            "Whoever has this link is in: send it to nobody else, and where others cannot read it."
        )
        if invitation.only_here:
            says += " " + self.tr("It leads to this computer alone: no other computer can use it yet.")
        self._warning.setText(says)
        for part in (self._link, self._warning):
            part.show()

    def forget_link(self) -> None:
        self._link.show_text("")
        for part in (self._link, self._warning):
            part.hide()
