"""SVG drawings. `currentColor` is filled in by the theme; the tray icons bring their own colours."""
