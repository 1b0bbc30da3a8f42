"""What does a visitor get while the database is away or the disk is full? A plain page, until both are back."""
