"""Files that come with the program: icons, themes, translations."""
