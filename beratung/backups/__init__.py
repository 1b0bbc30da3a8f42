"""How is everything kept in one file, and how does a file become the same database again? See docs/backup.md."""
