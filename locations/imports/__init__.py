"""What happens to a file on its way into the database? One way for every kind: read, compare, report, write or not."""
