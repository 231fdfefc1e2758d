"""The Chat page in its states, for the set of screenshots."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from PySide6.QtCore import QBuffer, QIODevice, QMimeData, QPoint, QSize, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QImage, QLinearGradient, QPainter
from PySide6.QtWidgets import QApplication

from desktop.app_state import Trouble
from desktop.chat.question_view import QuestionView
from desktop.chat.records import MessageState, NewAttachment, Setup
from desktop.main import Desktop
from desktop.window import SMALLEST_SIZE
from engine.api.openai_schema import ChatChunk
from engine.api.schema import AnswerStatus, Reason
from tests.desktop.fake_engine import REPORT, TINY, WIDE, FakeEngine, make_chunk, make_snapshot
from tests.desktop.told import NO_FIT

Scene = Callable[[Desktop, FakeEngine], Awaitable[None]]
NARROW = QSize(760, 560)
MATHS = r"""For a pot of radius $r$ and height $h$ the volume is $V = \pi r^2 h$. With $r = 12$ cm and
$h = 20$ cm:

$$V = \pi \cdot 12^2 \cdot 20 \approx 9{,}048 \text{ cm}^3$$

- The mean of $n$ tastings is $\bar{x} = \frac{1}{n} \sum_{i=1}^{n} x_i$
- It holds that $\alpha \le \beta$ and $x_0 \in \mathbb{R}$
- It costs $5 and $10 as before

> A quote with $\sqrt{2}$ inside.
"""


async def settle(seconds: float = 0.25) -> None:
    await asyncio.sleep(seconds)


async def ask(desktop: Desktop, engine: FakeEngine, question: str, answer: str = "Gladly.") -> None:
    desktop.window.open_page(desktop.chat)
    engine.pieces = (answer,)
    while not desktop.state.models:
        await settle(0.05)
    await settle()
    desktop.chat.composer.text.setPlainText(question)
    desktop.chat.composer.findChild(object, "send").click()
    await settle()


def narrow(scene: Scene) -> Scene:
    async def play(desktop: Desktop, engine: FakeEngine) -> None:
        desktop.window.resize(NARROW)
        await scene(desktop, engine)

    return play


async def branched(desktop: Desktop, engine: FakeEngine) -> None:
    await ask(desktop, engine, "How do I make a good vegetable stock for four people?")
    [question, _] = desktop.store.branch(desktop.chat.conversation)
    desktop.conductor.edit(question.id, "How do I make a good stock for four people, quickly?", TINY.name)
    await settle()
    await ask(desktop, engine, "And for a crowd?", "Take a larger pot, and twice the time.")


async def editing(desktop: Desktop, engine: FakeEngine) -> None:
    await branched(desktop, engine)
    desktop.chat.messages.findChildren(QuestionView)[0].edit()


async def maths(desktop: Desktop, engine: FakeEngine) -> None:
    await ask(desktop, engine, "How much fits into my pot?", MATHS)


async def routed(desktop: Desktop, engine: FakeEngine) -> None:
    await ask(desktop, engine, "Who answered this?", "Two computers did.")
    desktop.chat.findChild(object, "servers").click()


async def repairing(desktop: Desktop, engine: FakeEngine) -> None:
    status = make_chunk("").model_copy(update={"potluck_status": AnswerStatus(repairing=((8, 16),))})

    async def chat(_: object) -> Sequence[ChatChunk]:  # type: ignore[misc]
        yield make_chunk("A stock is the base of a soup. ")
        yield status
        await asyncio.Event().wait()

    engine.chat = chat  # type: ignore[method-assign, assignment]
    await ask(desktop, engine, "How do I make a good stock?")


async def stopped(desktop: Desktop, engine: FakeEngine) -> None:
    """With what had been reported of it, opened."""
    engine.hold, engine.so_far = True, REPORT.model_copy(update={"tokens": 12})
    await ask(desktop, engine, "How do I make a good stock?", "A stock is the base of a soup. It begins with")
    desktop.chat.composer.findChild(object, "send").click()
    await settle()
    desktop.chat.findChild(object, "servers").click()


async def closed_in_mid_answer(desktop: Desktop, engine: FakeEngine) -> None:
    """As it looks at the next start."""
    store, text = desktop.store, "A stock is the base of a soup. It begins with"
    conversation = store.create("How do I make a good stock?")
    answer = store.begin_answer(store.add_question(conversation, None, "How do I make one?"), TINY.name)
    store.end_answer(answer, text, MessageState.CLOSED, "", 12, REPORT)
    desktop.conductor.listed.emit()
    desktop.window.open_page(desktop.chat)
    desktop.chat.open(conversation)


async def list_asked_for(desktop: Desktop, engine: FakeEngine) -> None:
    """Where there is no room for it beside the chat."""
    await grouped(desktop, engine)
    desktop.window.resize(SMALLEST_SIZE)
    await settle()
    desktop.chat.findChild(object, "showList").click()


async def set_up(desktop: Desktop, engine: FakeEngine) -> None:
    await ask(desktop, engine, "How do I make a good stock?")
    system = "You are a patient cook. Answer in a few short sentences, with amounts in grams."
    desktop.store.keep_setup(desktop.chat.conversation, Setup(system=system, temperature=0.7, seed=42))
    desktop.chat.open(desktop.chat.conversation)
    desktop.chat.findChild(object, "setup").click()


async def set_up_wrongly(desktop: Desktop, engine: FakeEngine) -> None:
    await set_up(desktop, engine)
    desktop.chat.setup.findChild(object, "temperature").setText("hot")
    await settle(0.4)


def photo(width: int, height: int) -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    shade = QLinearGradient(0, 0, width, height)
    shade.setColorAt(0, QColor("#D98E4A"))
    shade.setColorAt(1, QColor("#4F6B3A"))
    painter.fillRect(image.rect(), shade)
    painter.setBrush(QColor("#F4E3C1"))
    painter.drawEllipse(image.rect().center(), width // 4, height // 4)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return buffer.data().data()


def attach(desktop: Desktop) -> None:
    shelf, conversation = desktop.store.attachments, desktop.chat.conversation
    for name, width in (("soup.png", 128), ("tall pot.png", 60)):
        picture = photo(width, 96)
        shelf.add_to_draft(conversation, NewAttachment(name, "image", "png", picture, picture))
    for name in ("recipe.md", "a very long name of a file with shopping lists for next week.csv"):
        shelf.add_to_draft(conversation, NewAttachment(name, "text", "txt", b"500 g bones"))
    desktop.chat.attaching.changed.emit()


async def attached(desktop: Desktop, engine: FakeEngine) -> None:
    desktop.window.open_page(desktop.chat)
    await settle(0.1)
    attach(desktop)
    await ask(desktop, engine, "What is missing in this recipe?", "Salt, and a bay leaf.")
    attach(desktop)
    desktop.chat.composer.text.setPlainText("And now?")


async def not_attached(desktop: Desktop, engine: FakeEngine) -> None:
    desktop.window.open_page(desktop.chat)
    await settle(0.1)
    desktop.chat.composer.show_trouble("film.mkv is larger than 20 MB: attach a smaller one.")


async def cut(desktop: Desktop, engine: FakeEngine) -> None:
    store = desktop.store
    conversation = store.create("A long evening of soups")
    first = store.add_question(conversation, None, "What did grandmother put in?")
    store.end_answer(store.begin_answer(first, "tiny-chat"), "Lovage.", MessageState.DONE, "", 3, REPORT)
    parent = store.branch(conversation)[-1].id
    second = store.add_question(conversation, parent, "And in the other one?")
    answer = store.begin_answer(second, "tiny-chat")
    store.end_answer(answer, "Marjoram.", MessageState.DONE, "", 3, REPORT, sent_from=second)
    desktop.conductor.listed.emit()
    desktop.window.open_page(desktop.chat)
    desktop.chat.open(conversation)


async def grouped(desktop: Desktop, engine: FakeEngine) -> None:
    store = desktop.store
    titles = (
        "Names for a sourdough starter", "Trip to the lake", "Explain attention like a recipe",
        "Tax return, part 2", "Letter to the landlord", "A birthday speech for Ada",
    )  # fmt: skip
    ids = [store.create(title) for title in titles]
    store.pin(ids[:1], True)
    store.put_into(ids[1:3], "Leisure")
    store.put_into(ids[3:5], "Paperwork")
    desktop.conductor.listed.emit()
    await ask(desktop, engine, "Hi! Can you help me cook?")


async def found(desktop: Desktop, engine: FakeEngine) -> None:
    await grouped(desktop, engine)
    await ask(desktop, engine, "How much water for 1.5 kg of bones?", "First roast them. Then three litres.")
    await ask(desktop, engine, "And how long should roasted bones simmer?", "Four hours, barely simmering.")
    desktop.chat.findChild(object, "searchChats").setText("bones")


async def several_deleted(desktop: Desktop, engine: FakeEngine) -> None:
    await grouped(desktop, engine)
    ids = [each.id for each in desktop.store.conversations()][:3]
    desktop.conductor.delete(ids)
    desktop.chat.pane.forget(ids, "")


async def bubbles(desktop: Desktop, engine: FakeEngine) -> None:
    await ask(desktop, engine, "Hi!")
    await ask(desktop, engine, "A question of a middling length, about soup?")
    await ask(desktop, engine, "A longer one, " + "that goes on and on about the soup of the day, " * 4)


async def scrolled_up(desktop: Desktop, engine: FakeEngine) -> None:
    await bubbles(desktop, engine)
    await ask(desktop, engine, "More", MATHS * 2)
    desktop.chat.messages.verticalScrollBar().setValue(150)


async def right_to_left(desktop: Desktop, engine: FakeEngine) -> None:
    desktop.window.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    await branched(desktop, engine)
    attach(desktop)


async def smallest(desktop: Desktop, engine: FakeEngine) -> None:
    """The window as small as it goes, and much to say beside the page."""
    desktop.window.resize(SMALLEST_SIZE)
    desktop.window.open_page(desktop.chat)
    engine.become(make_snapshot(Reason.NOT_ENOUGH_MEMORY, None, detail=NO_FIT))


async def dragged_over(desktop: Desktop, engine: FakeEngine) -> None:
    await bubbles(desktop, engine)
    files = QMimeData()
    files.setUrls([QUrl.fromLocalFile("/recipe.md")])
    event = QDragEnterEvent(
        QPoint(5, 5), Qt.DropAction.CopyAction, files, Qt.MouseButton.LeftButton, Qt.KeyboardModifier(0)
    )
    QApplication.sendEvent(desktop.chat, event)


async def lost(desktop: Desktop, engine: FakeEngine) -> None:
    await ask(desktop, engine, "How do I make a good stock?")
    desktop.state.lost(Trouble("Potluck's engine crashed: the graphics driver was lost."))
    desktop.chat.composer.text.setPlainText("Are you still there?")


async def incomplete(desktop: Desktop, engine: FakeEngine) -> None:
    """Nobody serves some layers of the only model."""
    desktop.window.open_page(desktop.chat)
    engine.become(
        make_snapshot(
            Reason.MISSING_LAYERS, missing=8, ranges="9–16", model=WIDE.name, n_layers=32
        ).model_copy(update={"models": (WIDE,)})
    )
    desktop.chat.composer.text.setPlainText("Is anybody there?")


async def without_model(desktop: Desktop, engine: FakeEngine) -> None:
    desktop.window.open_page(desktop.chat)
    engine.become(make_snapshot(Reason.NEVER_STARTED, None).model_copy(update={"models": ()}))
    desktop.chat.composer.text.setPlainText("Is anybody there?")


CHAT_SCENES: dict[str, Scene] = {
    "chat-branched": branched,
    "chat-editing": editing,
    "chat-maths": maths,
    "chat-routed": routed,
    "chat-repairing": repairing,
    "chat-stopped": stopped,
    "chat-closed": closed_in_mid_answer,
    "chat-list-asked-for": list_asked_for,
    "chat-smallest": smallest,
    "chat-set-up": set_up,
    "chat-set-up-wrongly": set_up_wrongly,
    "chat-set-up-narrow": narrow(set_up),
    "chat-attached": attached,
    "chat-attached-narrow": narrow(attached),
    "chat-not-attached": not_attached,
    "chat-dragged-over": dragged_over,
    "chat-lost": lost,
    "chat-incomplete": incomplete,
    "chat-without-model": without_model,
    "chat-cut": cut,
    "chat-grouped": grouped,
    "chat-found": found,
    "chat-found-narrow": narrow(found),
    "chat-several-deleted": several_deleted,
    "chat-bubbles": bubbles,
    "chat-bubbles-narrow": narrow(bubbles),
    "chat-routed-narrow": narrow(routed),
    "chat-scrolled-up": scrolled_up,
    "chat-right-to-left": right_to_left,
}
