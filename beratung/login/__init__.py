"""Who is this? Password, lock-out, second factor, and the district's own identity provider."""
