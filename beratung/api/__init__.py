"""What can other programs read? The same rows as the pages, in the field's own languages."""
