"""Links in answers: a model may write any address, so the reader sees it before it is opened."""

from PySide6.QtCore import QCoreApplication, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox, QWidget

translate = QCoreApplication.translate


def ask_before_opening(url: QUrl, parent: QWidget) -> None:
    if url.scheme() not in ("http", "https", "mailto"):
        return
    title = translate("Chat", "Open link")
    box = QMessageBox(QMessageBox.Icon.NoIcon, title, url.toDisplayString(), parent=parent)
    box.setObjectName("openLink")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(translate("Chat", "The model wrote this address. Open it in your browser?"))
    box.setStandardButtons(QMessageBox.StandardButton.Open | QMessageBox.StandardButton.Cancel)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.accepted.connect(lambda: QDesktopServices.openUrl(url))
    box.open()
