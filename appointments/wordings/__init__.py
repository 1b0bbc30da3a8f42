"""How does each foreign language say a rule? One module a language; `describe` chooses."""
